package launchtemplate

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// UsesAPI is what [Uses] calls.
type UsesAPI interface {
	ec2.DescribeLaunchTemplatesAPIClient
	ec2.DescribeInstancesAPIClient
}

var _ UsesAPI = (*ec2.Client)(nil)

// Use is something that launches from a version, or runs from it.
type Use struct {
	// Version as the user spells it: a number, [LatestVersion] or
	// [DefaultVersion]. Empty means [DefaultVersion].
	Version string
	// Number of the version that this means now. [Uses] sets it.
	Number int64
	// By says what uses it, in plain words: "instance", "group", "override of
	// group", "instance refresh", "rollback target".
	By string
	// ID of it: an instance id, the name of a group.
	ID string
}

// UsesFunc finds uses of a template that this package knows nothing of, such as
// those of Auto Scaling groups. An error means that they cannot be known.
type UsesFunc func(ctx context.Context, template Template) ([]Use, error)

// EC2 tags what it launches from a template, and nobody else can set these tags.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html
const (
	tagTemplateID = "aws:ec2launchtemplate:id"
	tagVersion    = "aws:ec2launchtemplate:version"
)

// Uses finds what uses a template: the instances launched from it that are not
// terminated, and what the functions in more find. The first that fails ends it:
// a list that may lack something is no ground to delete by.
//
// No call of AWS tells all users. What is found here is in this account and
// Region; EC2 Fleets, Spot Fleets, managed node groups of EKS, compute
// environments of Batch and other accounts are not looked at.
//
// Errors: [ErrInvalidInput], [ErrNotFound].
//
// AWS calls: DescribeLaunchTemplates, DescribeInstances. IAM:
// ec2:DescribeLaunchTemplates, ec2:DescribeInstances.
func Uses(ctx context.Context, api UsesAPI, template Ref, more []UsesFunc, optFns ...func(*Options)) ([]Use, error) {
	const op = "launchtemplate.Uses"
	o := newOptions(api, optFns)
	t, err := describeOne(ctx, api, op, template, o)
	if err != nil {
		return nil, err
	}
	return uses(ctx, api, op, t, more, o)
}

func uses(ctx context.Context, api ec2.DescribeInstancesAPIClient, op string, t *Template, more []UsesFunc, o Options) ([]Use, error) {
	var found []Use
	pages := ec2.NewDescribeInstancesPaginator(api, &ec2.DescribeInstancesInput{
		Filters: []types.Filter{
			{Name: new("tag:" + tagTemplateID), Values: []string{t.ID}},
			{Name: new("instance-state-name"), Values: []string{"pending", "running", "shutting-down", "stopping", "stopped"}},
		},
		MaxResults: new(int32(1000)),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.Call(op, o.place(), t.ID, err)
		}
		for _, r := range page.Reservations {
			for _, i := range r.Instances {
				found = append(found, Use{Version: tag(i.Tags, tagVersion), By: "instance", ID: aws.ToString(i.InstanceId)})
			}
		}
	}
	for _, fn := range more {
		others, err := fn(ctx, *t)
		if err != nil {
			return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: t.ID, Kind: ErrUsesUnknown, Err: err}
		}
		found = append(found, others...)
	}
	for i := range found {
		u, ok := &found[i], false
		if u.Number, ok = u.number(t); !ok {
			return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: t.ID, Kind: ErrUsesUnknown, Reason: u.By + " " + u.ID + " uses version " + strconv.Quote(u.Version)}
		}
	}
	return found, nil
}

// number is the version that a use means now.
func (u Use) number(t *Template) (n int64, ok bool) {
	switch u.Version {
	case "", DefaultVersion:
		return t.Default, true
	case LatestVersion:
		return t.Latest, true
	}
	n, err := strconv.ParseInt(u.Version, 10, 64)
	return n, err == nil && n > 0
}

func tag(tags []types.Tag, key string) string {
	for _, t := range tags {
		if aws.ToString(t.Key) == key {
			return aws.ToString(t.Value)
		}
	}
	return "none" // an instance that EC2 did not tag so: not to be read as $Default
}
