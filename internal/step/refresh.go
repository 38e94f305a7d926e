package step

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/plan"
)

// refresh starts the instance refresh that brings a group to numbered versions: those
// with the image of the place, or those from before.
func (e *Env) refresh(ctx context.Context, w release.Write) error {
	g := &e.facts(w).Groups[w.Group]
	before := &e.place(w).Groups[w.Group]
	in := asg.RefreshInput{Group: g.Name, OnConflict: asg.ConflictAdoptSame, Preferences: Preferences(&e.Plan.Delivery)}
	if w.Kind == release.WriteRestoreGroup {
		in.Preferences = asg.RevertPreferences()
	}
	if policy := g.Raw.MixedInstancesPolicy; policy != nil {
		in.Policy = policyWith(policy, func(i int) string { return strconv.FormatInt(w.Numbers[i], 10) })
		n := 0
		for i := range in.Policy.LaunchTemplate.Overrides {
			o := &in.Policy.LaunchTemplate.Overrides[i]
			if o.ImageId == nil {
				continue
			}
			image := e.facts(w).Image.ID
			if w.Kind == release.WriteRestoreGroup && n < len(before.Images) {
				image = before.Images[n]
			}
			o.ImageId = &image
			n++
		}
	} else {
		in.TemplateID, in.Version = e.place(w).Templates[before.Launch[0].Template].ID, w.Numbers[0]
	}
	_, err := asg.StartRefresh(ctx, e.clients(w).AutoScaling, in)
	return err
}

// Preferences are those of a delivery. AWS rolls a failed refresh back by itself, even
// if the program is gone, unless the delivery leaves failed groups as they are.
func Preferences(d *plan.Delivery) *asgtypes.RefreshPreferences {
	var p asgtypes.RefreshPreferences
	if d.Preferences != nil {
		p = asgtypes.RefreshPreferences(*d.Preferences)
	}
	if p.AutoRollback == nil && d.Rollout.OnFailure != plan.OnFailureLeave {
		p.AutoRollback = new(true)
	} else if d.Preferences == nil {
		return nil
	}
	return &p
}

// cancel ends somebody else's refresh, as the delivery asks for. The call names the
// group only; the look that it rests on has shown which refresh is active.
func (e *Env) cancel(ctx context.Context, w release.Write) error {
	g := &e.facts(w).Groups[w.Group]
	_, err := e.clients(w).AutoScaling.CancelInstanceRefresh(ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: &g.Name})
	return called(e.clients(w), "readyami.Apply", g.Name, err)
}

// rollback has AWS roll the active refresh of a group back.
func (e *Env) rollback(ctx context.Context, w release.Write) error {
	g := &e.facts(w).Groups[w.Group]
	_, err := asg.StartRollback(ctx, e.clients(w).AutoScaling, asg.RollbackInput{Group: g.Name, RefreshID: w.Refresh})
	return err
}
