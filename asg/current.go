package asg

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// CurrentLaunch is one way in which a group launches an instance at one moment.
type CurrentLaunch struct {
	// Template and Version, the number that Template means. Empty for a launch
	// configuration.
	Template TemplateSpec
	Version  int64
	// LaunchConfiguration is its name; empty for a template.
	LaunchConfiguration string
	// InstanceType of an override. Empty: any.
	InstanceType string
	// ImageID that is launched, also if the template names a parameter.
	ImageID string
}

// String is the launch in a few words.
func (l CurrentLaunch) String() string {
	from := "launch configuration " + l.LaunchConfiguration
	if l.LaunchConfiguration == "" {
		from = TemplateSpec{ID: l.Template.ID, Name: l.Template.Name, Version: strconv.FormatInt(l.Version, 10)}.String()
	}
	if l.InstanceType != "" {
		from = l.InstanceType + " of " + from
	}
	return from + " with " + l.ImageID
}

// currentAPI and currentEC2API are what is read to know what a group means now.
type currentAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
	autoscaling.DescribeLaunchConfigurationsAPIClient
	autoscaling.DescribeWarmPoolAPIClient
}

type currentEC2API interface {
	ec2.DescribeLaunchTemplateVersionsAPIClient
	ec2.DescribeInstancesAPIClient
}

// currentReader reads what groups mean now. Each use reads anew.
type currentReader struct {
	api    currentAPI
	ec2api currentEC2API
	op     string
	o      Options
}

// launches is what the launch source of a group means at this moment.
func (r *currentReader) launches(ctx context.Context, g types.AutoScalingGroup) ([]CurrentLaunch, error) {
	if name := aws.ToString(g.LaunchConfigurationName); name != "" {
		found, err := configurations(ctx, r.api, r.op, []string{name}, r.o)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if aws.ToString(c.LaunchConfigurationName) == name {
				return []CurrentLaunch{{LaunchConfiguration: name, ImageID: aws.ToString(c.ImageId)}}, nil
			}
		}
		return nil, &Error{Op: r.op, Account: r.o.Account, Region: r.o.Region, ID: name, Kind: ErrNotFound}
	}
	versions := versionReader{api: r.ec2api, op: r.op, o: r.o}
	var out []CurrentLaunch
	for _, l := range sourceLaunches(g) {
		spec := *specOf(l.template)
		spec.Name = nameUnless(spec.ID, spec.Name)
		number, err := versions.number(ctx, spec)
		if err != nil {
			return nil, err
		}
		c := CurrentLaunch{Template: spec, Version: number, InstanceType: aws.ToString(l.instanceType), ImageID: aws.ToString(l.image)}
		if c.ImageID == "" {
			if c.ImageID, err = versions.image(ctx, spec); err != nil {
				return nil, err
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// nameUnless is the name of a template that has no id.
func nameUnless(id, name string) string {
	if id != "" {
		return ""
	}
	return name
}

// sourceLaunches are all ways in which a group's own source launches.
func sourceLaunches(g types.AutoScalingGroup) []newLaunch {
	if g.LaunchTemplate != nil {
		return []newLaunch{{template: g.LaunchTemplate}}
	}
	base := baseTemplate(g.MixedInstancesPolicy)
	if base == nil {
		return nil
	}
	if len(overrides(g.MixedInstancesPolicy)) == 0 {
		return []newLaunch{{template: base}}
	}
	var out []newLaunch
	for _, o := range overrides(g.MixedInstancesPolicy) {
		l := newLaunch{template: o.LaunchTemplateSpecification, instanceType: o.InstanceType, image: o.ImageId}
		if l.template == nil {
			l.template = base
		}
		out = append(out, l)
	}
	return out
}

// outdated are the instances of a group and of its warm pool, by id, that none of
// the launches would launch: of another version, configuration, type or image.
// Those on their way out do not count.
func (r *currentReader) outdated(ctx context.Context, g types.AutoScalingGroup, now []CurrentLaunch) ([]string, error) {
	all := slices.Clone(g.Instances)
	if g.WarmPoolConfiguration != nil {
		pool, err := warmPool(ctx, r.api, r.op, aws.ToString(g.AutoScalingGroupName), r.o)
		if err != nil {
			return nil, err
		}
		all = append(all, pool.Instances...)
	}
	all = slices.DeleteFunc(all, func(i types.Instance) bool { return !stays(i) })
	images, err := r.images(ctx, all)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, i := range all {
		runs := func(l CurrentLaunch) bool { return l.launched(i) && l.ImageID == images[aws.ToString(i.InstanceId)] }
		if !slices.ContainsFunc(now, runs) {
			ids = append(ids, aws.ToString(i.InstanceId))
		}
	}
	return ids, nil
}

// launched reports whether an instance is of the launch, its image aside.
func (l CurrentLaunch) launched(i types.Instance) bool {
	if l.LaunchConfiguration != "" {
		return aws.ToString(i.LaunchConfigurationName) == l.LaunchConfiguration
	}
	if l.InstanceType != "" && l.InstanceType != aws.ToString(i.InstanceType) {
		return false
	}
	spec := TemplateSpec{ID: l.Template.ID, Name: l.Template.Name, Version: strconv.FormatInt(l.Version, 10)}
	return sameNumber(spec.send(), i.LaunchTemplate)
}

// images are the images of instances, as EC2 tells.
func (r *currentReader) images(ctx context.Context, all []types.Instance) (map[string]string, error) {
	out := make(map[string]string, len(all))
	for batch := range slices.Chunk(all, instancesPerCall) {
		ids := make([]string, len(batch))
		for i, instance := range batch {
			ids[i] = aws.ToString(instance.InstanceId)
		}
		pages := ec2.NewDescribeInstancesPaginator(r.ec2api, &ec2.DescribeInstancesInput{
			Filters: []ec2types.Filter{{Name: new("instance-id"), Values: ids}}, // one that is gone is left out
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fault.Call(r.op, r.o.place(), strings.Join(ids, " "), err)
			}
			for _, reservation := range page.Reservations {
				for _, i := range reservation.Instances {
					out[aws.ToString(i.InstanceId)] = aws.ToString(i.ImageId)
				}
			}
		}
	}
	return out, nil
}
