package emulator

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go/middleware"
)

// The adapters are for calls that could not pass through an emulator as AWS
// takes them. Each has the name of the expected difference that it is there for,
// and goes with it.

var motoAdapters = map[string]adapter{
	"CreateImage fails on tags for snapshots":                                adapt(dropSnapshotTags),
	"CopyImage drops the tags":                                               adapt(tagCopy),
	"CreateLaunchTemplateVersion ignores SourceVersion":                      adapt(mergeSource),
	"ModifySnapshotAttribute knows users and groups only by their old names": adapt(spellPermissions),
	"RegisterImage drops the tags":                                           adapt(tagRegistered),
}

var ministackAdapters = map[string]adapter{
	"ModifySnapshotAttribute knows users only by their old name": adapt(spellPermissions),
	"RegisterImage drops EnaSupport":                             adapt(supportENA),
}

// adapter makes the middleware for the clients of one server.
type adapter func(Server) middleware.InitializeMiddleware

// Adapters are the names of the adapters for an emulator, sorted.
func (e Emulator) Adapters() []string { return slices.Sorted(maps.Keys(e.adapters)) }

// Adapted is [Server.Config] with all adapters in front of every call.
func (s Server) Adapted(region string) aws.Config {
	cfg := s.Config(region)
	for _, name := range s.emulator.Adapters() {
		cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(named{s.emulator.adapters[name](s), "emulator: " + name}, middleware.After)
		})
	}
	return cfg
}

type named struct {
	middleware.InitializeMiddleware
	id string
}

func (n named) ID() string { return n.id }

// call is one call of an adapted operation. The clients of plain are not
// adapted.
type call[In, Out any] struct {
	plain *ec2.Client
	send  func(*In) (*Out, error)
}

// adapt makes a middleware that does instead of every call with an input In
// what do does. The input is a copy: do may change its fields.
func adapt[In, Out any](do func(context.Context, call[In, Out], *In) (*Out, error)) adapter {
	return func(s Server) middleware.InitializeMiddleware {
		return middleware.InitializeMiddlewareFunc("", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
			out middleware.InitializeOutput, metadata middleware.Metadata, err error,
		) {
			typed, ok := in.Parameters.(*In)
			if !ok {
				return next.HandleInitialize(ctx, in)
			}
			input := *typed
			c := call[In, Out]{
				plain: ec2.NewFromConfig(s.Config(awsmiddleware.GetRegion(ctx))),
				send: func(changed *In) (*Out, error) {
					in.Parameters = changed
					out, metadata, err = next.HandleInitialize(ctx, in)
					if err != nil {
						return nil, err
					}
					typed, ok := out.Result.(*Out)
					if !ok {
						return nil, fmt.Errorf("%T was answered with %T", changed, out.Result)
					}
					return typed, nil
				},
			}
			out.Result, err = do(ctx, c, &input)
			return out, metadata, err
		})
	}
}

// dropSnapshotTags leaves out what moto answers with an HTML page.
func dropSnapshotTags(_ context.Context, c call[ec2.CreateImageInput, ec2.CreateImageOutput], in *ec2.CreateImageInput) (*ec2.CreateImageOutput, error) {
	in.TagSpecifications = slices.DeleteFunc(slices.Clone(in.TagSpecifications), func(s types.TagSpecification) bool {
		return s.ResourceType == types.ResourceTypeSnapshot
	})
	return c.send(in)
}

// tagCopy puts the tags on the copy that moto left out: without them no later
// run could know the copy for ours.
func tagCopy(ctx context.Context, c call[ec2.CopyImageInput, ec2.CopyImageOutput], in *ec2.CopyImageInput) (*ec2.CopyImageOutput, error) {
	out, err := c.send(in)
	if err != nil {
		return nil, err
	}
	return out, tagImage(ctx, c.plain, out.ImageId, in.TagSpecifications)
}

// supportENA gives images what ministack keeps of none, and its instance types need.
func supportENA(_ context.Context, c call[ec2.DescribeImagesInput, ec2.DescribeImagesOutput], in *ec2.DescribeImagesInput) (*ec2.DescribeImagesOutput, error) {
	out, err := c.send(in)
	if err != nil {
		return nil, err
	}
	for i := range out.Images {
		out.Images[i].EnaSupport = aws.Bool(true)
	}
	return out, nil
}

// tagRegistered does the same for an image that is made of snapshots.
func tagRegistered(ctx context.Context, c call[ec2.RegisterImageInput, ec2.RegisterImageOutput], in *ec2.RegisterImageInput) (*ec2.RegisterImageOutput, error) {
	out, err := c.send(in)
	if err != nil {
		return nil, err
	}
	return out, tagImage(ctx, c.plain, out.ImageId, in.TagSpecifications)
}

func tagImage(ctx context.Context, client *ec2.Client, id *string, specifications []types.TagSpecification) error {
	for _, s := range specifications {
		if s.ResourceType != types.ResourceTypeImage {
			continue
		}
		if _, err := client.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{aws.ToString(id)}, Tags: s.Tags}); err != nil {
			return fmt.Errorf("tag %s: %w", aws.ToString(id), err)
		}
	}
	return nil
}

// spellPermissions sends what is added and what is removed as the list of users
// and groups that AWS took before it took structures.
func spellPermissions(_ context.Context, c call[ec2.ModifySnapshotAttributeInput, ec2.ModifySnapshotAttributeOutput], in *ec2.ModifySnapshotAttributeInput) (*ec2.ModifySnapshotAttributeOutput, error) {
	change := in.CreateVolumePermission
	if change == nil {
		return c.send(in)
	}
	in.CreateVolumePermission = nil
	var out *ec2.ModifySnapshotAttributeOutput
	for operation, permissions := range map[types.OperationType][]types.CreateVolumePermission{
		types.OperationTypeAdd: change.Add, types.OperationTypeRemove: change.Remove,
	} {
		if len(permissions) == 0 {
			continue
		}
		in.OperationType, in.UserIds, in.GroupNames = operation, nil, nil
		for _, p := range permissions {
			if p.UserId != nil {
				in.UserIds = append(in.UserIds, *p.UserId)
			}
			if p.Group != "" {
				in.GroupNames = append(in.GroupNames, string(p.Group))
			}
		}
		var err error
		if out, err = c.send(in); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mergeSource sends the data of the source version with the data of the call
// on top, as AWS merges them.
func mergeSource(ctx context.Context, c call[ec2.CreateLaunchTemplateVersionInput, ec2.CreateLaunchTemplateVersionOutput], in *ec2.CreateLaunchTemplateVersionInput) (*ec2.CreateLaunchTemplateVersionOutput, error) {
	if in.SourceVersion == nil {
		return c.send(in)
	}
	source, err := c.plain.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId:   in.LaunchTemplateId,
		LaunchTemplateName: in.LaunchTemplateName,
		Versions:           []string{*in.SourceVersion},
	})
	if err != nil {
		return nil, fmt.Errorf("read the source version: %w", err)
	}
	if len(source.LaunchTemplateVersions) != 1 {
		return nil, fmt.Errorf("the source version %s was answered %d times", *in.SourceVersion, len(source.LaunchTemplateVersions))
	}
	in.LaunchTemplateData, err = merge(source.LaunchTemplateVersions[0].LaunchTemplateData, in.LaunchTemplateData)
	if err != nil {
		return nil, err
	}
	in.SourceVersion = nil
	return c.send(in)
}
