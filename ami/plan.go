package ami

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// PlanLifecycleAPI is what [PlanLifecycle] calls.
type PlanLifecycleAPI interface {
	ReferencesAPI
	ec2.DescribeSnapshotsAPIClient
}

var _ PlanLifecycleAPI = (*ec2.Client)(nil)

// PlanLifecycle tells what [ApplyLifecycle] would do with these rules now: for
// each image that the query finds its action, the reason, and the bytes it
// frees, and all further actions with the time of each ([Decision.Upcoming]). It
// only reads. An image moves by one stage at a time, so that it has to stay in
// each for its minimum age.
//
// The plan names what its checks do not see (Unchecked): for shared images those
// are other accounts, and their instances and launch templates too if there is no
// recent usage report. [ReportUsage] asks AWS for one.
//
// An image that is in use, or whose use cannot be checked, is neither disabled
// nor deregistered; the decision says so, and is no error. The same holds for
// one with deregistration protection.
//
// Errors: [ErrInvalidInput]; [ErrNotOwner]: the query is not for one's own
// images.
//
// Calls and IAM actions: those of [References], ec2:DescribeSnapshots.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-lifecycle.html
func PlanLifecycle(ctx context.Context, api PlanLifecycleAPI, rules Lifecycle, optFns ...func(*Options)) (*LifecyclePlan, error) {
	const op = "ami.PlanLifecycle"
	o := resolve(api, optFns)
	if err := rules.check(op, o.place()); err != nil {
		return nil, err
	}
	return (&planning{api: api, op: op, o: o, rules: rules, now: time.Now().UTC()}).plan(ctx)
}

type planning struct {
	api   PlanLifecycleAPI
	op    string
	o     Options
	rules Lifecycle
	now   time.Time
}

func (p *planning) plan(ctx context.Context) (*LifecyclePlan, error) {
	images, err := find(ctx, p.api, p.op, p.rules.query(), p.o)
	if err != nil {
		return nil, err
	}
	images = slices.DeleteFunc(images, func(img types.Image) bool { return img.State == types.ImageStateDeregistered })
	kept, err := p.kept(ctx, images)
	if err != nil {
		return nil, refused(ctx, p.op, p.o.place(), "", err)
	}
	out := &LifecyclePlan{Account: p.o.Account, Region: p.o.Region, At: p.now, Unchecked: p.rules.Usage.blind()}
	byID := map[string]*types.Image{}
	for _, img := range images {
		byID[aws.ToString(img.ImageId)] = &img
		out.Decisions = append(out.Decisions, p.decide(&img, kept))
	}
	slices.SortFunc(out.Decisions, func(a, b Decision) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ImageID, b.ImageID))
	})
	if err := p.clear(ctx, out.Decisions); err != nil {
		return nil, refused(ctx, p.op, p.o.place(), "", err)
	}
	for i := range out.Decisions {
		d := &out.Decisions[i]
		d.Upcoming = p.upcoming(d)
		if d.Usage != nil {
			for _, b := range d.Usage.Unchecked {
				if !slices.Contains(out.Unchecked, b) {
					out.Unchecked = append(out.Unchecked, b)
				}
			}
		}
	}
	if err := p.weigh(ctx, out.Decisions, byID); err != nil {
		return nil, refused(ctx, p.op, p.o.place(), "", err)
	}
	left, err := p.leftovers(ctx)
	if err != nil {
		return nil, refused(ctx, p.op, p.o.place(), "", err)
	}
	out.Decisions = append(out.Decisions, left...)
	for _, d := range out.Decisions {
		out.Frees += d.Frees
	}
	return out, nil
}

// stages are the actions of a life in their order.
var stages = []Action{ActionDeprecate, ActionDisable, ActionDeregister}

// next is the action that ends a stage, and how long the stage lasts.
func (l *Lifecycle) next(s Stage) (Action, time.Duration) {
	switch s {
	case StageActive:
		return ActionDeprecate, l.DeprecateAfter
	case StageDeprecated:
		return ActionDisable, l.DisableAfter
	}
	return ActionDeregister, l.DeregisterAfter // disabled, failed
}

// upcoming are the actions that the rules still have for an image.
func (p *planning) upcoming(d *Decision) (out []Upcoming) {
	first, after := p.rules.next(d.Stage)
	at := p.now
	switch {
	case d.Action == ActionStamp: // its time counts from now
		out, at = append(out, Upcoming{ActionStamp, p.now}), p.now.Add(after)
	case depth[d.Action] > 0:
	case !d.Due.IsZero():
		at = d.Due
	default:
		return nil
	}
	for _, a := range stages[depth[first]-1 : depth[p.rules.Until]] {
		out = append(out, Upcoming{a, at})
		switch a {
		case ActionDeprecate:
			at = minute(at.Add(ahead)).Add(p.rules.DisableAfter) // AWS takes only times to come
		case ActionDisable:
			at = at.Add(p.rules.DeregisterAfter)
		}
	}
	return out
}

// decide is what age and family say; the use of the image comes after.
func (p *planning) decide(img *types.Image, kept map[string]string) Decision {
	d := Decision{
		ImageID: aws.ToString(img.ImageId), Name: aws.ToString(img.Name), Family: p.rules.family(*img),
		Created: created(*img), Action: ActionKeep,
	}
	d.Stage, d.Since = stageOf(img, p.now)
	keep := func(reason string) Decision { d.Reason = reason; return d }
	switch {
	case d.Stage == StagePending:
		return keep("it is " + string(img.State))
	case d.Stage == StageEnabled:
		return keep("it was taken back into use; the tag " + TagStage + " keeps it")
	case kept[d.ImageID] != "":
		return keep(kept[d.ImageID])
	case d.Family == "":
		return keep("it is of no family")
	}
	next, after := p.rules.next(d.Stage)
	switch {
	case depth[next] > depth[p.rules.Until]:
		return keep("it is " + string(d.Stage) + ", which is as far as the rules go")
	case d.Since.IsZero():
		d.Action = ActionStamp
		return keep("nobody noted since when it is " + string(d.Stage))
	case d.Since.After(p.now):
		d.Due = d.Since.Add(after)
		return keep("it becomes " + string(d.Stage) + " in " + age(d.Since.Sub(p.now)))
	case d.Since.Add(after).After(p.now):
		d.Due = d.Since.Add(after)
		return keep("too young: " + string(d.Stage) + " for " + age(p.now.Sub(d.Since)) + " of " + age(after))
	case next == ActionDeregister && strings.HasPrefix(protectionOf(img), "enabled"):
		return keep("deregistration protection is " + protectionOf(img))
	case next == ActionDeregister && strings.HasPrefix(protectionOf(img), "disabled after"):
		return keep("deregistration protection: " + protectionOf(img))
	}
	d.Action = next
	return keep("it is " + string(d.Stage) + " for " + age(p.now.Sub(d.Since)))
}

func protectionOf(img *types.Image) string { return string(protection(img)) }

// clear takes back what would hurt somebody: only what the reference check has
// cleared is disabled or deregistered. Its error ends the plan: no other check
// would succeed either.
func (p *planning) clear(ctx context.Context, all []Decision) error {
	var ids []string
	for _, d := range all {
		if depth[d.Action] >= depth[ActionDisable] {
			ids = append(ids, d.ImageID)
		}
	}
	used := references(ctx, p.api, p.op, ids, p.rules.Usage, p.o)
	for i := range all {
		d := &all[i]
		if d.Usage = used[d.ImageID]; d.Usage == nil {
			continue
		}
		if errors.Is(d.Usage.Err, ErrCredentialsExpired) {
			return d.Usage.Err
		}
		if d.Usage.InUse {
			d.Action, d.Reason = ActionKeep, d.Usage.why()
		}
	}
	return ctx.Err()
}
