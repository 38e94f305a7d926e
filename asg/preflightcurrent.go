package asg

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/mirror"
)

// PreflightCurrentAPI is what [PreflightCurrent] calls.
type PreflightCurrentAPI interface {
	PreflightAPI
	autoscaling.DescribeLaunchConfigurationsAPIClient
	autoscaling.DescribeWarmPoolAPIClient
}

// PreflightCurrentEC2API is the EC2 half of it.
type PreflightCurrentEC2API interface {
	RefreshCurrentEC2API
	CheckLaunchAPI
	ec2.DescribeImagesAPIClient
}

var (
	_ PreflightCurrentAPI    = (*autoscaling.Client)(nil)
	_ PreflightCurrentEC2API = (*ec2.Client)(nil)
)

// PreflightCurrentResult is what [RefreshCurrent] would meet.
type PreflightCurrentResult struct {
	PreflightResult
	// Current is what the group launches now.
	Current []CurrentLaunch
	// Outdated are the instances, also those of a warm pool, that run something else.
	// Empty: RefreshCurrent would start no refresh.
	Outdated []string
}

// PreflightCurrent checks what [RefreshCurrent] would meet, before a refresh is
// started, and writes nothing. Its findings are those of [Preflight] that do not
// depend on a desired configuration, and those of [CheckLaunch] for each template and
// image that the group launches now. Also, [FindingSSMImage] blocks if SkipMatching is
// set and a template names a parameter, which AWS refuses, and
// [FindingRollbackUnavailable] is always there, without blocking: AWS cannot roll back
// such a refresh.
//
// The error joins one [Error] for each finding that blocks; the result comes with it.
// Without a result the check itself has failed: the errors of RefreshCurrent before
// it starts a refresh, and refusals to read.
//
// AWS calls: DescribeAutoScalingGroups, DescribeInstanceRefreshes, what RefreshCurrent
// reads, DescribeImages, and those of CheckLaunch. IAM: as their names, and as those
// functions.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
func PreflightCurrent(ctx context.Context, api PreflightCurrentAPI, ec2api PreflightCurrentEC2API, in RefreshCurrentInput, optFns ...func(*Options)) (*PreflightCurrentResult, error) {
	const op = "asg.PreflightCurrent"
	o := newOptions(api, optFns)
	if err := in.check(op, o); err != nil {
		return nil, err
	}
	groups, err := describe(ctx, api, op, []string{in.Group}, o)
	if err != nil {
		return nil, err
	}
	active, err := activeRefresh(ctx, api, in.Group)
	if err != nil {
		return nil, refused(ctx, api, op, in.Group, err, o)
	}
	p := preflight{
		op: op, o: o, PreflightResult: PreflightResult{Group: groups[0]},
		in: RefreshInput{Group: in.Group, Preferences: in.Preferences, OnConflict: in.OnConflict},
	}
	p.group(active)
	p.find(Finding{Code: FindingRollbackUnavailable, Detail: "the refresh has no desired configuration"})
	out := &PreflightCurrentResult{}
	reader := currentReader{api: api, ec2api: ec2api, op: op, o: o}
	if out.Current, err = reader.launches(ctx, p.Group); err != nil {
		return nil, err
	}
	if out.Outdated, err = reader.outdated(ctx, p.Group, out.Current); err != nil {
		return nil, err
	}
	if err := p.current(ctx, ec2api, out.Current); err != nil {
		return nil, err
	}
	ready, err := p.result()
	out.PreflightResult = *ready
	return out, err
}

// current checks each template and image that the group launches now.
func (p *preflight) current(ctx context.Context, api PreflightCurrentEC2API, all []CurrentLaunch) error {
	var checked []CurrentLaunch
	for _, l := range all {
		l.InstanceType = "" // CheckLaunch looks at those of all overrides
		if slices.Contains(checked, l) {
			continue
		}
		checked = append(checked, l)
		image, err := p.currentImage(ctx, api, l.ImageID)
		if err != nil {
			return err
		}
		if image == nil {
			p.find(Finding{Code: FindingImageUnavailable, Blocks: true, IDs: []string{l.ImageID}, Detail: l.String() + ", which does not exist or is not shared with this account"})
			continue
		}
		if l.LaunchConfiguration != "" {
			if image.State != ec2types.ImageStateAvailable {
				p.find(Finding{Code: FindingImageUnavailable, Blocks: true, IDs: []string{l.ImageID}, Detail: "it is " + string(image.State)})
			}
			continue
		}
		if err := p.checkCurrent(ctx, api, l, *image); err != nil {
			return err
		}
	}
	return nil
}

// currentImage reads an image in whatever state it is; nil: there is none.
func (p *preflight) currentImage(ctx context.Context, api ec2.DescribeImagesAPIClient, id string) (*ec2types.Image, error) {
	pages := ec2.NewDescribeImagesPaginator(api, &ec2.DescribeImagesInput{
		Filters: []ec2types.Filter{{Name: new("image-id"), Values: []string{id}}}, IncludeDeprecated: new(true), IncludeDisabled: new(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.Call(p.op, p.o.place(), id, err)
		}
		for i := range page.Images {
			return &page.Images[i], nil
		}
	}
	return nil, nil
}

// checkCurrent has a template that exists checked as one that would be made.
func (p *preflight) checkCurrent(ctx context.Context, api PreflightCurrentEC2API, l CurrentLaunch, image ec2types.Image) error {
	t := l.Template.send()
	data, err := p.version(ctx, api, t)
	if err != nil {
		return err
	}
	if name := aws.ToString(data.ImageId); strings.HasPrefix(name, ssmPrefix) && p.in.Preferences != nil && aws.ToBool(p.in.Preferences.SkipMatching) {
		p.find(Finding{Code: FindingSSMImage, Blocks: true, IDs: []string{name}, Detail: l.Template.String() + ": AWS refuses SkipMatching"})
	}
	plan := &ec2types.RequestLaunchTemplateData{}
	if err := mirror.Assign(plan, data); err != nil {
		return err
	}
	c := launchCheck{api: api, op: p.op, o: p.o, in: CheckLaunchInput{
		Image: image, Data: plan, Group: p.Group, Template: &l.Template,
		Source: &ec2types.LaunchTemplateVersion{LaunchTemplateId: t.LaunchTemplateId, LaunchTemplateName: t.LaunchTemplateName, VersionNumber: &l.Version, LaunchTemplateData: data},
	}}
	if err := c.run(ctx); err != nil {
		return err
	}
	for _, f := range append(c.done.Findings, c.warnings...) {
		p.find(f)
	}
	return nil
}
