package readyami

import (
	"context"
	"errors"
	"slices"
	"strconv"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
)

// group is one group of a run.
type group struct {
	name   string
	report *GroupReport
	spec   asgtypes.AutoScalingGroup
	uses   []use   // the launch templates that it names, the base first
	was    Outcome // how an earlier run left it, where that is known
	partly error   // which instances its refresh left; nil: none
}

// inspect reads, in every place, what the delivery will change, and refuses what
// it would break. Nothing has been written before it, in any place.
func (r *run) inspect(ctx context.Context) error {
	return r.each(func(p *place) error {
		return errors.Join(r.inspectName(ctx, p), r.inspectGroups(ctx, p))
	})
}

// inspectName finds a name that is taken by something that is not this
// delivery's: copies are made late, and would fail after everything else.
func (r *run) inspectName(ctx context.Context, p *place) error {
	if r.Source == (Source{}) {
		p.holder = &ec2types.Image{ImageId: &p.spec.ImageID}
		return nil
	}
	holder, err := ami.Named(ctx, p.clients.EC2, r.Name)
	if err != nil || holder == nil {
		return err
	}
	p.holder = holder
	if id := *holder.ImageId; r.Source.Image != nil && id == r.Source.Image.ImageID {
		return nil
	}
	if ami.Tag(holder.Tags, ami.TagDelivery) == r.Name {
		return nil // an earlier run's; whether it still fits, its copy or creation decides
	}
	return &Error{
		Op: opDeliver, Account: p.target.Account, Region: p.target.Region, ID: *holder.ImageId,
		State: string(holder.State), Kind: ami.ErrNameTaken, Hint: "it has the name " + strconv.Quote(r.Name),
	}
}

func (r *run) inspectGroups(ctx context.Context, p *place) error {
	if len(p.groups) == 0 {
		return nil
	}
	found, err := asg.Describe(ctx, p.clients.AutoScaling, p.spec.Groups)
	if err != nil {
		return err
	}
	var errs []error
	for i, g := range p.groups {
		g.spec = found[i]
		if err := r.inspectGroup(ctx, p, g); err != nil {
			g.report.Outcome, g.report.Error = Failed, err.Error()
			errs = append(errs, err)
		}
	}
	if r.SetDefault {
		errs = append(errs, p.oneLineEach())
	}
	if errors.Join(errs...) == nil {
		errs = append(errs, r.inspectFollowers(ctx, p))
	}
	p.report.Templates = make([]TemplateReport, len(p.lines))
	for i, l := range p.lines {
		l.report = &p.report.Templates[i]
		*l.report = TemplateReport{ID: l.from.TemplateID, Name: l.from.TemplateName, From: l.from.Number, Outcome: NotStarted}
	}
	return errors.Join(errs...)
}

func (r *run) inspectGroup(ctx context.Context, p *place, g *group) error {
	if err := r.inspectLaunches(ctx, p, g); err != nil {
		return err
	}
	if p.holder != nil && g.base().from.ImageID == *p.holder.ImageId && g.runs(before, *p.holder.ImageId) {
		return nil // delivered by an earlier run: nothing will be done to it
	}
	return r.preflight(ctx, p, g)
}

// preflight asks what a refresh of the group would meet, apart from its new
// version, which is not there yet.
func (r *run) preflight(ctx context.Context, p *place, g *group) error {
	in, err := r.refreshInput(g, before, "")
	if err != nil {
		return err
	}
	pinned := r.Pin && g.floats()
	if pinned && in.Preferences != nil { // what AWS says against a rollback now will be so no more
		back := *in.Preferences
		back.AutoRollback = nil
		in.Preferences = &back
	}
	ready, err := asg.Preflight(ctx, p.clients.AutoScaling, nil, in)
	if ready != nil {
		g.report.MinInService, g.report.NotReplaced = ready.MinInService, ready.NotReplaced
		for _, f := range ready.Findings {
			if !f.Blocks && !(pinned && f.Code == asg.FindingRollbackUnavailable) {
				g.report.Warnings = append(g.report.Warnings, f.String())
			}
		}
	}
	return err
}

// oneLineEach refuses a template that would have two new versions to choose its
// default from.
func (p *place) oneLineEach() error {
	seen := map[string]int64{}
	for _, l := range p.lines {
		if other, ok := seen[l.from.TemplateID]; ok {
			return p.refuse(l.from.TemplateID, ErrInvalidInput, "SetDefault: its groups launch from versions "+
				strconv.FormatInt(other, 10)+" and "+strconv.FormatInt(l.from.Number, 10))
		}
		seen[l.from.TemplateID] = l.from.Number
	}
	return nil
}

// inspectFollowers refuses templates that any group of the place follows by
// $Latest, the delivery's or not: a new version would reach it unproven.
func (r *run) inspectFollowers(ctx context.Context, p *place) error {
	ours := map[string]bool{}
	for _, l := range p.lines {
		ours[l.from.TemplateID], ours["name:"+l.from.TemplateName] = true, true
	}
	var errs []error
	for g, err := range asg.All(ctx, p.clients.AutoScaling) {
		if err != nil {
			return err
		}
		if r.Pin && slices.Contains(p.spec.Groups, value(g.AutoScalingGroupName)) {
			continue // it is pinned before there is a new version
		}
		for _, spec := range templatesOf(g.LaunchTemplate, g.MixedInstancesPolicy) {
			if spec.Version == "$Latest" && (ours[spec.ID] || ours["name:"+spec.Name]) {
				errs = append(errs, p.refuse(value(g.AutoScalingGroupName), ErrFloatingVersion,
					"it would launch the new version before any group has proven it"))
			}
		}
	}
	return errors.Join(errs...)
}

// refuse is the error about a resource of the place that stops the delivery
// before it writes.
func (p *place) refuse(id string, kind error, reason string) error {
	return &Error{Op: opDeliver, Account: p.target.Account, Region: p.target.Region, ID: id, Kind: kind, Reason: reason}
}

// value is the string behind a pointer, empty for nil.
func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
