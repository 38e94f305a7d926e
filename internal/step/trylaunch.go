package step

import (
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/release"
)

// tryLaunch asks EC2, by a dry run of RunInstances, whether it would launch the source
// version with the new image: before there is a version, which would be $Latest. It
// asks for one group of those that launch the version.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
func (e *Env) tryLaunch(ctx context.Context, w release.Write) error {
	at, c := e.facts(w), e.clients(w)
	t := &at.Templates[w.Template]
	in := &ec2.RunInstancesInput{
		DryRun: aws.Bool(true), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), ImageId: &at.Image.ID,
		LaunchTemplate: &ec2types.LaunchTemplateSpecification{
			LaunchTemplateId: &t.ID, Version: aws.String(strconv.FormatInt(w.Source, 10)),
		},
	}
	group := ""
	for i := range e.place(w).Groups {
		g, now := &e.place(w).Groups[i], &at.Groups[i]
		for k, l := range g.Launch {
			if group == "" && l.Template == w.Template && l.Version == w.Source {
				group = g.Name
				e.where(in, now, k, t.Version(w.Source))
			}
		}
	}
	_, err := c.EC2.RunInstances(ctx, in)
	if err == nil || fault.Is(err, "DryRunOperation") {
		return nil
	}
	out := fault.Call("readyami.Apply", fault.Place(c.Target), group, err)
	out.Account, out.IDs = c.Target.Account, []string{t.ID, at.Image.ID}
	if out.Kind == nil {
		out.Kind = asg.ErrLaunchRefused
	}
	return out
}

// where adds what the group brings to a launch: a subnet, unless the template names
// network interfaces, and the instance type of an override.
func (e *Env) where(in *ec2.RunInstancesInput, g *facts.Group, launch int, source *facts.Version) {
	if subnet, _, _ := strings.Cut(aws.ToString(g.Raw.VPCZoneIdentifier), ","); subnet != "" && !(source != nil && source.Interfaces) {
		in.SubnetId = aws.String(strings.TrimSpace(subnet))
	}
	for _, o := range facts.Overrides(g.Raw.MixedInstancesPolicy) {
		if o.InstanceType != nil && (launch == 0) == (o.LaunchTemplateSpecification == nil) {
			in.InstanceType = ec2types.InstanceType(*o.InstanceType)
			return
		}
	}
}
