package asg

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
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
		data, err := p.version(ctx, api, l.template)
		if err != nil {
			if fault.NotFound(err) {
				p.refused(l, err)
				continue
			}
			return "", err
		}
		if image := aws.ToString(data.ImageId); strings.HasPrefix(image, ssmPrefix) {
			p.find(Finding{Code: FindingSSMImage, Detail: specOf(l.template).String(), IDs: []string{image}, Blocks: true})
			continue
		}
		p.try(ctx, api, l, data)
	}
	own := templatesOf(p.Group.MixedInstancesPolicy)
	if p.Group.LaunchTemplate != nil {
		own = append(own, p.Group.LaunchTemplate)
	}
	for _, t := range own {
		data, err := p.version(ctx, api, t)
		switch {
		case fault.NotFound(err):
			return "version is gone: " + specOf(t).String(), nil
		case err != nil:
			return "", err
		}
		if image := aws.ToString(data.ImageId); strings.HasPrefix(image, ssmPrefix) {
			return "image is " + image, nil
		}
	}
	return "", nil
}

// try has EC2 say, by a dry run, whether it would make a launch.
func (p *preflight) try(ctx context.Context, api dryRunAPI, l newLaunch, data *ec2types.ResponseLaunchTemplateData) {
	in, err := l.request(data, firstSubnet(p.Group))
	if err == nil && in == nil {
		p.find(Finding{Code: FindingLaunchNotTried, Detail: specOf(l.template).String() + " has InstanceRequirements, with which RunInstances launches nothing"})
		return
	}
	if err == nil {
		err = dryRun(ctx, api, in)
	}
	if err != nil {
		p.refused(l, err)
	}
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
		if key := specOf(l.template).String() + " " + aws.ToString(l.image); !known[key] {
			known[key] = true
			out = append(out, l)
		}
	}
	return out
}

// version is the data of a template version, which is read once.
func (p *preflight) version(ctx context.Context, api ec2.DescribeLaunchTemplateVersionsAPIClient, t *types.LaunchTemplateSpecification) (*ec2types.ResponseLaunchTemplateData, error) {
	key := specOf(t).String()
	if p.versions[key] == nil {
		data, err := templateData(ctx, api, t)
		if err != nil {
			return nil, fault.Call(p.op, p.o.place(), cmp.Or(aws.ToString(t.LaunchTemplateId), aws.ToString(t.LaunchTemplateName)), err)
		}
		if p.versions == nil {
			p.versions = map[string]*ec2types.ResponseLaunchTemplateData{}
		}
		p.versions[key] = data
	}
	return p.versions[key], nil
}

// templateData is the data of a template version as a group names it; it is empty
// if AWS answers with none.
func templateData(ctx context.Context, api ec2.DescribeLaunchTemplateVersionsAPIClient, t *types.LaunchTemplateSpecification) (*ec2types.ResponseLaunchTemplateData, error) {
	in := &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: t.LaunchTemplateId, Versions: []string{versionOrDefault(aws.ToString(t.Version))},
	}
	if t.LaunchTemplateId == nil {
		in.LaunchTemplateName = t.LaunchTemplateName
	}
	out, err := api.DescribeLaunchTemplateVersions(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, v := range out.LaunchTemplateVersions {
		if v.LaunchTemplateData != nil {
			return v.LaunchTemplateData, nil
		}
	}
	return &ec2types.ResponseLaunchTemplateData{}, nil
}
