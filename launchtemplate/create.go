package launchtemplate

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// CreateAPI is what [Create] calls.
type CreateAPI interface {
	ec2.DescribeLaunchTemplateVersionsAPIClient
	CreateLaunchTemplate(context.Context, *ec2.CreateLaunchTemplateInput, ...func(*ec2.Options)) (*ec2.CreateLaunchTemplateOutput, error)
}

var _ CreateAPI = (*ec2.Client)(nil)

// CreateInput says which template is made.
type CreateInput struct {
	// Name is 3 to 128 letters, digits and ().-/_ ; required.
	Name string
	// Description of version 1, at most 223 bytes; our mark follows it.
	Description string
	// Data of version 1; required.
	Data *types.RequestLaunchTemplateData
	// Tags of the template itself. Those of the instances are in Data.
	Tags map[string]string
}

// CreateResult says what [Create] made or found.
type CreateResult struct {
	TemplateID string
	Version    int64 // always 1
	Adopted    bool  // an earlier call with the same input had made it
	// Warnings are what AWS found wrong with the data; it stored them all the
	// same. Adopted: none, AWS tells them once.
	Warnings []string
}

// Name rules: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
var templateName = regexp.MustCompile(`^[a-zA-Z0-9().\-/_]{3,128}$`)

// Create makes a launch template with one version, and returns when AWS shows it,
// so that the next call can name it.
//
// It can be called again with the same input, also by another process and after
// a response that was lost: the template is then found and Adopted is true. A
// template of that name that was made in any other way, or from other input, is
// [ErrNameTaken]. Other errors: [ErrInvalidInput] before anything is written; and
// [ErrNotVisible] if AWS does not show the template within the grace period of
// the options. The result is not nil if AWS has returned an ID, also with an
// error, and Error.IDs has it.
//
// AWS calls: DescribeLaunchTemplateVersions, before and after, and
// CreateLaunchTemplate. IAM:
// ec2:DescribeLaunchTemplateVersions, ec2:CreateLaunchTemplate, and
// ec2:CreateTags where there are tags.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
func Create(ctx context.Context, api CreateAPI, in CreateInput, optFns ...func(*Options)) (*CreateResult, error) {
	const op = "launchtemplate.Create"
	o := newOptions(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	intent := intentOf("template", in.Name, in.Description, in.Data, in.Tags)

	found, err := lookUp(ctx, api, op, in.Name, intent, o)
	if found != nil || err != nil {
		return found, err
	}
	token := []any{"template", intent}
	gone := map[string]bool{}
	var made *CreateResult // as AWS has answered
	for {
		began := time.Now()
		out, err := api.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
			LaunchTemplateName: &in.Name,
			LaunchTemplateData: in.Data,
			VersionDescription: new(describe(in.Description, intent)),
			TagSpecifications:  templateTags(in.Tags),
			ClientToken:        new(tokenOf(token...)),
		})
		if fault.Is(err, "InvalidLaunchTemplateName.AlreadyExistsException") {
			return visible(ctx, api, op, in.Name, intent, made, o)
		}
		if err != nil {
			return made, knows(made, fault.Call(op, o.place(), in.Name, err))
		}
		if out.LaunchTemplate == nil {
			out.LaunchTemplate = &types.LaunchTemplate{}
		}
		made = &CreateResult{TemplateID: aws.ToString(out.LaunchTemplate.LaunchTemplateId), Version: 1, Warnings: warnings(out.Warning)}
		if replayed(out.LaunchTemplate.CreateTime, began, out.ResultMetadata) && !gone[made.TemplateID] {
			// EC2 answers a token that it has seen with what was made then, also
			// when that has been deleted since. If it has not, and only does not
			// show yet, the next call finds its name taken.
			gone[made.TemplateID] = true
			token = append(token, made.TemplateID)
			continue
		}
		if _, err := visible(ctx, api, op, in.Name, intent, made, o); err != nil {
			return made, err
		}
		return made, nil
	}
}

// visible waits until AWS shows the template that has the name, which made is, if
// AWS has answered with one. It comes back with an error too: it is there.
func visible(ctx context.Context, api CreateAPI, op, name, intent string, made *CreateResult, o Options) (*CreateResult, error) {
	found, err := lookAgain(ctx, api, op, name, intent, o)
	if found != nil {
		return found, err
	}
	if err == nil {
		err = &Error{Op: op, Account: o.Account, Region: o.Region, ID: name, Kind: ErrNotVisible, Hint: "make the same call again later"}
	}
	return made, knows(made, err)
}

// knows adds to an error the id that AWS has given.
func knows(made *CreateResult, err error) error {
	if e, ok := err.(*Error); ok && made != nil && !slices.Contains(e.IDs, made.TemplateID) {
		e.IDs = append(e.IDs, made.TemplateID)
	}
	return err
}

// lookUp finds the template by its name: ours, somebody else's (an error), or
// none (nil, nil).
func lookUp(ctx context.Context, api CreateAPI, op, name, intent string, o Options) (*CreateResult, error) {
	v, err := first(ctx, api, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateName: &name,
		Versions:           []string{"1"},
	})
	taken := &Error{Op: op, Account: o.Account, Region: o.Region, ID: name, Kind: ErrNameTaken}
	switch {
	case fault.Is(err, "InvalidLaunchTemplateId.VersionNotFound"):
		taken.Reason = "its version 1 has been deleted"
		return nil, taken
	case fault.NotFound(err):
		return nil, nil
	case err != nil:
		return nil, fault.Call(op, o.place(), name, err)
	case v == nil:
		taken.Reason = "its version 1 has been deleted"
		return nil, taken
	}
	if !madeFor(v.Description, intent) {
		taken.Reason = "its version 1 was not made from this input"
		taken.IDs = []string{v.TemplateID}
		return nil, taken
	}
	return &CreateResult{TemplateID: v.TemplateID, Version: v.Number, Adopted: true}, nil
}

// lookAgain looks until a template that AWS has can be seen; nil, nil: it cannot.
func lookAgain(ctx context.Context, api CreateAPI, op, name, intent string, o Options) (*CreateResult, error) {
	for elapsed, err := range poll.Ticks(ctx, o.Poll) {
		if err != nil {
			return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: name, Elapsed: elapsed, Err: err}
		}
		found, err := lookUp(ctx, api, op, name, intent, o)
		if found != nil || err != nil && !fault.Transient(err) {
			return found, err
		}
		if elapsed >= o.Poll.Grace {
			break
		}
	}
	return nil, nil
}

func (in *CreateInput) check(op string, at fault.Place) error {
	switch {
	case !templateName.MatchString(in.Name):
		return fault.Invalid(op, at, "Name %q is not 3 to 128 letters, digits and ().-/_", in.Name)
	case in.Data == nil:
		return fault.Invalid(op, at, "Data is missing")
	case tooLong(in.Description):
		return fault.Invalid(op, at, "Description has more than %d bytes", maxText)
	}
	for k := range in.Tags {
		if k == "" {
			return fault.Invalid(op, at, "a key of Tags is empty")
		}
	}
	return nil
}

func templateTags(tags map[string]string) []types.TagSpecification {
	if len(tags) == 0 {
		return nil
	}
	spec := types.TagSpecification{ResourceType: types.ResourceTypeLaunchTemplate}
	for k, v := range tags {
		spec.Tags = append(spec.Tags, types.Tag{Key: new(k), Value: new(v)})
	}
	slices.SortFunc(spec.Tags, func(a, b types.Tag) int {
		if *a.Key < *b.Key {
			return -1
		}
		return 1
	})
	return []types.TagSpecification{spec}
}
