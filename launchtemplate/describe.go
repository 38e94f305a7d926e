package launchtemplate

import (
	"context"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// DescribeAPI is what [Describe] calls.
type DescribeAPI interface {
	ec2.DescribeLaunchTemplatesAPIClient
}

// AllAPI is what [All] calls.
type AllAPI interface {
	ec2.DescribeLaunchTemplatesAPIClient
}

var (
	_ DescribeAPI = (*ec2.Client)(nil)
	_ AllAPI      = (*ec2.Client)(nil)
)

// Template is a launch template without its versions.
type Template struct {
	ID, Name        string
	Default, Latest int64 // the versions that $Default and $Latest mean
	Created         time.Time
	CreatedBy       string // the ARN of the principal
	Tags            map[string]string
}

// Ref names the template.
func (t *Template) Ref() Ref { return Ref{ID: t.ID} }

// Describe reads one template. It fails with [ErrNotFound] where there is none,
// and with [ErrInvalidInput].
//
// AWS calls: DescribeLaunchTemplates. IAM: ec2:DescribeLaunchTemplates.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplates.html
func Describe(ctx context.Context, api DescribeAPI, template Ref, optFns ...func(*Options)) (*Template, error) {
	return describeOne(ctx, api, "launchtemplate.Describe", template, newOptions(api, optFns))
}

func describeOne(ctx context.Context, api ec2.DescribeLaunchTemplatesAPIClient, op string, template Ref, o Options) (*Template, error) {
	if err := template.check(op, o.place()); err != nil {
		return nil, err
	}
	in := &ec2.DescribeLaunchTemplatesInput{}
	if template.ID != "" {
		in.LaunchTemplateIds = []string{template.ID}
	} else {
		in.LaunchTemplateNames = []string{template.Name}
	}
	pages := ec2.NewDescribeLaunchTemplatesPaginator(api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.Call(op, o.place(), template.String(), err)
		}
		for _, t := range page.LaunchTemplates {
			return templateOf(t), nil
		}
	}
	return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: template.String(), Kind: ErrNotFound}
}

// All walks every template of the account in the Region. The walk ends at the
// first error; a second walk reads anew.
//
// AWS calls: DescribeLaunchTemplates, one for each 200 templates. IAM:
// ec2:DescribeLaunchTemplates.
func All(ctx context.Context, api AllAPI, optFns ...func(*Options)) iter.Seq2[*Template, error] {
	return all(ctx, api, "launchtemplate.All", newOptions(api, optFns))
}

func all(ctx context.Context, api AllAPI, op string, o Options) iter.Seq2[*Template, error] {
	return func(yield func(*Template, error) bool) {
		pages := ec2.NewDescribeLaunchTemplatesPaginator(api, &ec2.DescribeLaunchTemplatesInput{MaxResults: new(int32(200))})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(nil, fault.Call(op, o.place(), "", err))
				return
			}
			for _, t := range page.LaunchTemplates {
				if !yield(templateOf(t), nil) {
					return
				}
			}
		}
	}
}

func templateOf(t types.LaunchTemplate) *Template {
	out := &Template{
		ID: aws.ToString(t.LaunchTemplateId), Name: aws.ToString(t.LaunchTemplateName),
		Default: aws.ToInt64(t.DefaultVersionNumber), Latest: aws.ToInt64(t.LatestVersionNumber),
		Created: aws.ToTime(t.CreateTime), CreatedBy: aws.ToString(t.CreatedBy),
		Tags: make(map[string]string, len(t.Tags)),
	}
	for _, tag := range t.Tags {
		out.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return out
}
