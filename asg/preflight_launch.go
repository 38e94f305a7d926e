package asg

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// launches has EC2 say whether the new versions can be launched, and whether the
// group's own, which a rollback comes back to, are such that AWS can: it returns
// what keeps it from that; empty: nothing.
func (p *preflight) launches(ctx context.Context, api PreflightEC2API) (ownProblem string, err error) {
	for _, l := range p.in.newLaunches() {
		image, err := p.image(ctx, api, l.template)
		if err != nil {
			if fault.NotFound(err) {
				p.refused(l, err)
				continue
			}
			return "", err
		}
		if strings.HasPrefix(image, ssmPrefix) {
			p.find(Finding{Code: FindingSSMImage, Detail: specOf(l.template).String(), IDs: []string{image}, Blocks: true})
			continue
		}
		if err := p.dryRun(ctx, api, l); err != nil {
			p.refused(l, err)
		}
	}
	own := templatesOf(p.Group.MixedInstancesPolicy)
	if p.Group.LaunchTemplate != nil {
		own = append(own, p.Group.LaunchTemplate)
	}
	for _, t := range own {
		image, err := p.image(ctx, api, t)
		switch {
		case fault.NotFound(err):
			return "version is gone: " + specOf(t).String(), nil
		case err != nil:
			return "", err
		case strings.HasPrefix(image, ssmPrefix):
			return "image is " + image, nil
		}
	}
	return "", nil
}

// refused is for a launch that EC2 would not make.
func (p *preflight) refused(l newLaunch, err error) {
	e, ours := errors.AsType[*Error](err)
	if !ours {
		e = fault.Call(p.op, p.o.place(), specOf(l.template).String(), err)
	}
	p.find(Finding{Code: FindingLaunchRefused, Detail: specOf(l.template).String(), Blocks: true, Err: e})
}

// ssmPrefix begins an image that is an SSM parameter.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html
const ssmPrefix = "resolve:ssm:"

// newLaunch is one way in which the refresh would launch.
type newLaunch struct {
	template     *types.LaunchTemplateSpecification
	instanceType *string // nil: the template's own
	image        *string // nil: the template's own
}

// newLaunches has each template of the refresh once for each image.
func (in *RefreshInput) newLaunches() []newLaunch {
	if in.Policy == nil {
		return []newLaunch{{template: in.desired().LaunchTemplate}}
	}
	base := baseTemplate(in.Policy)
	if len(overrides(in.Policy)) == 0 {
		return []newLaunch{{template: base}}
	}
	var out []newLaunch
	known := map[string]bool{}
	for _, o := range overrides(in.Policy) {
		l := newLaunch{template: o.LaunchTemplateSpecification, instanceType: o.InstanceType, image: o.ImageId}
		if l.template == nil {
			l.template = base
		}
		if key := specOf(l.template).String() + " " + value(l.image); !known[key] {
			known[key] = true
			out = append(out, l)
		}
	}
	return out
}

// image is what a template version says its image is.
func (p *preflight) image(ctx context.Context, api PreflightEC2API, t *types.LaunchTemplateSpecification) (string, error) {
	in := &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: t.LaunchTemplateId, Versions: []string{spelled(value(t.Version))},
	}
	if t.LaunchTemplateId == nil {
		in.LaunchTemplateName = t.LaunchTemplateName
	}
	out, err := api.DescribeLaunchTemplateVersions(ctx, in)
	if err != nil {
		return "", fault.Call(p.op, p.o.place(), cmp.Or(value(t.LaunchTemplateId), value(t.LaunchTemplateName)), err)
	}
	for _, v := range out.LaunchTemplateVersions {
		if v.LaunchTemplateData != nil {
			return value(v.LaunchTemplateData.ImageId), nil
		}
	}
	return "", nil
}

// dryRun asks EC2 whether it would launch one instance; nil: it would.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
func (p *preflight) dryRun(ctx context.Context, api PreflightEC2API, l newLaunch) error {
	in := &ec2.RunInstancesInput{
		DryRun: new(true), MinCount: new(int32(1)), MaxCount: new(int32(1)),
		LaunchTemplate: &ec2types.LaunchTemplateSpecification{Version: l.template.Version},
		ImageId:        l.image,
		InstanceType:   ec2types.InstanceType(value(l.instanceType)),
	}
	if l.template.LaunchTemplateId != nil {
		in.LaunchTemplate.LaunchTemplateId = l.template.LaunchTemplateId
	} else {
		in.LaunchTemplate.LaunchTemplateName = l.template.LaunchTemplateName
	}
	if subnet, _, _ := strings.Cut(value(p.Group.VPCZoneIdentifier), ","); subnet != "" {
		in.SubnetId = new(strings.TrimSpace(subnet))
	}
	_, err := api.RunInstances(ctx, in)
	if fault.Is(err, "DryRunOperation") {
		return nil
	}
	return err
}
