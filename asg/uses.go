package asg

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// UsesAPI is what [Uses] calls.
type UsesAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
	autoscaling.DescribeInstanceRefreshesAPIClient
}

var _ UsesAPI = (*autoscaling.Client)(nil)

// How a [Use] comes about.
const (
	ByGroup           = "group"
	ByOverride        = "override of group"
	ByRefresh         = "instance refresh"
	ByRefreshOverride = "override of instance refresh"
	ByConfiguration   = "launch configuration" // of no group
)

// Use is one way in which a group launches instances, or would when its refresh
// has succeeded. One of Template, LaunchConfiguration and ImageID says from what.
type Use struct {
	Group string
	By    string // ByGroup, ByOverride, ByRefresh or ByRefreshOverride
	// Template as the group names it: $Latest and $Default are not resolved.
	Template            *TemplateSpec
	LaunchConfiguration string
	// ImageID where an override names the image itself.
	ImageID string
}

// Uses says what every group of the account in the Region launches from, by every
// path: its own launch template, launch configuration or mixed instances policy
// with the template or image of each override, and the desired configuration of
// a refresh that is active. The group's own source is also what that refresh
// would be rolled back to. Instances are not among it.
//
// It is made for a decision to remove something, so it answers all or nothing. A
// group that goes away during the search is none. A refresh that is started
// after the search of its group has begun may be missing.
//
// AWS calls: DescribeAutoScalingGroups, two for each 100 groups, and
// DescribeInstanceRefreshes, one for each group. IAM:
// autoscaling:DescribeAutoScalingGroups, autoscaling:DescribeInstanceRefreshes.
func Uses(ctx context.Context, api UsesAPI, optFns ...func(*Options)) ([]Use, error) {
	return uses(ctx, api, "asg.Uses", newOptions(api, optFns))
}

// uses reads the refreshes of the groups before what the groups have: one that
// succeeds in between is in both, and not in neither.
func uses(ctx context.Context, api UsesAPI, op string, o Options) ([]Use, error) {
	refreshes := map[string]*types.InstanceRefresh{}
	for g, err := range all(ctx, api, op, nil, o) {
		if err != nil {
			return nil, err
		}
		name := aws.ToString(g.AutoScalingGroupName)
		active, err := newestActive(ctx, api, name)
		if err != nil {
			if err := refused(ctx, api, op, name, err, o); !errors.Is(err, ErrNotFound) {
				return nil, err
			}
			continue // deleted since it was listed
		}
		refreshes[name] = active
	}
	var out []Use
	for g, err := range all(ctx, api, op, nil, o) {
		if err != nil {
			return nil, err
		}
		name := aws.ToString(g.AutoScalingGroupName)
		out = append(out, usesOf(name, SourceOf(g), ByGroup, ByOverride)...)
		if r := refreshes[name]; r != nil && r.DesiredConfiguration != nil {
			out = append(out, usesOf(name, LaunchSource{
				Template:             specOf(r.DesiredConfiguration.LaunchTemplate),
				MixedInstancesPolicy: r.DesiredConfiguration.MixedInstancesPolicy,
			}, ByRefresh, ByRefreshOverride)...)
		}
	}
	return out, nil
}

// newestActive is the refresh of a group that has not ended; nil: none. A page
// may be empty and not the last, and the active one is on the first that is not:
// AWS lists it first.
func newestActive(ctx context.Context, api UsesAPI, group string) (*types.InstanceRefresh, error) {
	pages := autoscaling.NewDescribeInstanceRefreshesPaginator(api, &autoscaling.DescribeInstanceRefreshesInput{
		AutoScalingGroupName: &group, MaxRecords: new(int32(10)),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.InstanceRefreshes {
			if !Terminal(page.InstanceRefreshes[i].Status) {
				return &page.InstanceRefreshes[i], nil
			}
		}
		if len(page.InstanceRefreshes) > 0 {
			return nil, nil
		}
	}
	return nil, nil
}

func usesOf(group string, s LaunchSource, by, byOverride string) []Use {
	var out []Use
	switch {
	case s.Template != nil:
		out = append(out, Use{Group: group, By: by, Template: s.Template})
	case s.LaunchConfiguration != "":
		out = append(out, Use{Group: group, By: by, LaunchConfiguration: s.LaunchConfiguration})
	case baseTemplate(s.MixedInstancesPolicy) != nil:
		out = append(out, Use{Group: group, By: by, Template: specOf(baseTemplate(s.MixedInstancesPolicy))})
	}
	for _, o := range overrides(s.MixedInstancesPolicy) {
		if o.LaunchTemplateSpecification != nil {
			out = append(out, Use{Group: group, By: byOverride, Template: specOf(o.LaunchTemplateSpecification)})
		}
		if aws.ToString(o.ImageId) != "" {
			out = append(out, Use{Group: group, By: byOverride, ImageID: *o.ImageId})
		}
	}
	return out
}

// IsOf reports whether the use is of a launch template, given by id and name.
func (u Use) IsOf(templateID, templateName string) bool {
	return u.Template != nil && sameName(u.Template, &TemplateSpec{ID: templateID, Name: templateName})
}
