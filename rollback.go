package readyami

import (
	"context"
	"errors"
	"slices"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/region"
)

// preferences are the caller's and, where groups are rolled back, that AWS is to
// do so by itself.
func (r *run) preferences() *asgtypes.RefreshPreferences {
	if r.OnFailure != RollBack {
		return r.Preferences
	}
	var p asgtypes.RefreshPreferences
	if r.Preferences != nil {
		p = *r.Preferences
	}
	if p.AutoRollback == nil {
		p.AutoRollback = new(true)
	}
	return &p
}

// restore brings a group back that was not refreshed, as far as the delivery
// wants that, and says how it ended. cause is why the refresh failed.
func (r *run) restore(ctx context.Context, p *place, g *group, cause error) (Outcome, error) {
	if r.OnFailure != RollBack || errors.Is(cause, asg.ErrRefreshCancelled) {
		return Failed, cause // kept, or somebody else has decided
	}
	if errors.Is(cause, asg.ErrRollbackFailed) {
		return Failed, errors.Join(cause, r.reject(ctx))
	}
	before := g.spec
	before.Instances = g.standing()
	source := asg.SourceOf(before)
	var err error
	switch {
	case errors.Is(cause, asg.ErrRolledBack):
		err = asg.CheckRestored(ctx, p.clients.AutoScaling, asg.RestoredInput{
			Group: g.name, Source: source, Before: before.Instances,
		})
	case errors.Is(cause, asg.ErrRefreshStalled): // it is active still
		_, err = asg.Rollback(ctx, p.clients.AutoScaling, asg.RollbackInput{
			Group: g.name, RefreshID: g.report.RefreshID, Before: &before,
		})
	default: // the caller's preferences say that AWS is not to do it
		_, err = asg.Return(ctx, p.clients.AutoScaling, asg.ReturnInput{Group: g.name, To: source})
	}
	rejected := r.reject(ctx)
	if err != nil {
		return Failed, errors.Join(cause, err, rejected)
	}
	return RolledBack, errors.Join(cause, rejected)
}

// standing are the instances that may run in a group that was brought back: those
// that it had, but for what an earlier run's refresh has launched already.
func (g *group) standing() []asgtypes.Instance {
	old := g.others(after)
	return slices.DeleteFunc(slices.Clone(g.spec.Instances), func(i asgtypes.Instance) bool {
		return !slices.Contains(old, value(i.InstanceId))
	})
}

// reject tags the image as one that was rolled back, wherever this delivery has
// it: a copy is as bad as its source. Where the tag is, nothing is written.
func (r *run) reject(ctx context.Context) error {
	r.tagging.Lock()
	defer r.tagging.Unlock()
	var errs []error
	seen := map[string]bool{}
	tag := func(c *region.Clients, image *ec2types.Image) {
		if image == nil || seen[c.Target.String()+*image.ImageId] || ami.Tag(image.Tags, ami.TagRejected) != "" {
			return
		}
		seen[c.Target.String()+*image.ImageId] = true
		mark := ec2types.Tag{Key: new(ami.TagRejected), Value: new(r.Name)}
		_, err := c.EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{*image.ImageId}, Tags: []ec2types.Tag{mark}})
		if err != nil {
			errs = append(errs, fault.Call(opDeliver, fault.Place(c.Target), *image.ImageId, err))
			return
		}
		image.Tags = append(image.Tags, mark)
	}
	for _, p := range r.places {
		tag(p.clients, p.image)
	}
	if r.home != nil {
		tag(r.home, r.source)
	}
	return errors.Join(errs...)
}

// rejected tells whether the image of a place was rolled back somewhere.
func (r *run) rejected(p *place) bool {
	r.tagging.Lock()
	defer r.tagging.Unlock()
	return ami.Tag(p.image.Tags, ami.TagRejected) != ""
}
