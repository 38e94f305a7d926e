package asg

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
)

// ReferencesAPI is what [References] calls.
type ReferencesAPI interface {
	UsesAPI
	autoscaling.DescribeLaunchConfigurationsAPIClient
}

// ReferencesEC2API is the EC2 half of it.
type ReferencesEC2API interface {
	ec2.DescribeLaunchTemplateVersionsAPIClient
}

var (
	_ ReferencesAPI    = (*autoscaling.Client)(nil)
	_ ReferencesEC2API = (*ec2.Client)(nil)
)

// Reference is a [Use] that leads to an image. Its Group is empty for a launch
// configuration of no group, which is By [ByConfiguration].
type Reference struct {
	Use
	// Image that is launched. Behind $Latest, $Default or an SSM parameter it is
	// what they mean now.
	Image string
	// Version of the template; 0: there is no template on the path.
	Version int64
}

// String is the reference in a few words.
func (r Reference) String() string {
	out := r.By
	if r.Group != "" {
		out += " " + r.Group
	}
	switch {
	case r.Template != nil:
		out += " by " + r.Template.String()
	case r.LaunchConfiguration != "" && r.Group != "":
		out += " by launch configuration " + r.LaunchConfiguration
	case r.LaunchConfiguration != "":
		out += " " + r.LaunchConfiguration
	default:
		out += " by its image"
	}
	return out
}

// References finds the groups of the account in the Region that launch one of the
// images, by every path that [Uses] knows: a template version by number, $Latest,
// $Default or an SSM parameter, an override's own template or image, a launch
// configuration, and the desired configuration of an active refresh. Launch
// configurations of no group are among it too.
//
// It is made for a decision to remove an image, so it answers all or nothing: what
// cannot be read is an error. A template or version that is gone launches nothing
// and is none. Errors: [ErrInvalidInput]; [ErrSSMImage], for a parameter that is
// not resolved.
//
// AWS calls: those of [Uses]; DescribeLaunchConfigurations, one for each 100; and
// DescribeLaunchTemplateVersions, one for each version that a group names and
// another one where its image is an SSM parameter. IAM: as [Uses], and
// autoscaling:DescribeLaunchConfigurations, ec2:DescribeLaunchTemplateVersions,
// and ssm:GetParameters for parameters.
func References(ctx context.Context, api ReferencesAPI, ec2api ReferencesEC2API, imageIDs []string, optFns ...func(*Options)) ([]Reference, error) {
	const op = "asg.References"
	o := newOptions(api, optFns)
	if i := slices.IndexFunc(imageIDs, func(id string) bool { return !strings.HasPrefix(id, "ami-") }); i >= 0 {
		return nil, fault.Invalid(op, o.place(), "image id %q does not start with ami-", imageIDs[i])
	}
	if len(imageIDs) == 0 {
		return nil, nil
	}
	found, err := uses(ctx, api, op, o)
	if err != nil {
		return nil, err
	}
	configs, err := configurations(ctx, api, op, nil, o)
	if err != nil {
		return nil, err
	}
	for _, c := range configs {
		name := aws.ToString(c.LaunchConfigurationName)
		if !slices.ContainsFunc(found, func(u Use) bool { return u.LaunchConfiguration == name }) {
			found = append(found, Use{By: ByConfiguration, LaunchConfiguration: name})
		}
	}
	images := imageReader{versions: versionReader{api: ec2api, op: op, o: o}, configs: configs}
	var out []Reference
	for _, u := range found {
		r, err := images.of(ctx, u)
		if err != nil {
			return nil, err
		}
		if slices.Contains(imageIDs, r.Image) {
			out = append(out, r)
		}
	}
	return out, nil
}

// imageReader says which image a use launches.
type imageReader struct {
	versions versionReader
	configs  []types.LaunchConfiguration
}

func (r *imageReader) of(ctx context.Context, u Use) (Reference, error) {
	out := Reference{Use: u, Image: u.ImageID}
	for _, c := range r.configs {
		if u.LaunchConfiguration != "" && aws.ToString(c.LaunchConfigurationName) == u.LaunchConfiguration {
			out.Image = aws.ToString(c.ImageId)
		}
	}
	if u.Template == nil {
		return out, nil
	}
	image, err := r.versions.image(ctx, *u.Template)
	if errors.Is(err, ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Image = image
	out.Version, err = r.versions.number(ctx, *u.Template)
	return out, err
}
