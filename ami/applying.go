package ami

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

func now() time.Time { return time.Now().UTC() }

// do does one step and notes what became of it.
func (a *applying) do(ctx context.Context, s *step) {
	var err error
	switch s.Action {
	case ActionDeprecate:
		err = a.deprecate(ctx, s.ImageID)
	case ActionDisable:
		err = a.disable(ctx, s)
	case ActionStamp:
		err = a.stamp(ctx, s.ImageID, StageDisabled)
	case ActionDeregister:
		err = a.deregister(ctx, s)
	case ActionCollect:
		s.Snapshots = a.delete(ctx, s.now.Snapshots)
		err = left(s.Snapshots)
	}
	if s.Done = err == nil && s.Skipped == ""; err != nil {
		e, ours := errors.AsType[*Error](err)
		if !ours {
			e = refused(ctx, "", fault.Place{}, "", err)
		}
		e.Op, e.Account, e.Region, e.ID = a.op, a.o.Account, a.o.Region, s.ImageID
		s.Err = e
	}
}

func (a *applying) deprecate(ctx context.Context, id string) error {
	_, err := patiently(ctx, a.o.Poll, func(ctx context.Context) (*ec2.EnableImageDeprecationOutput, error) {
		at := minute(now().Add(ahead)) // of this try: a later one would find it past
		return a.api.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: &at})
	})
	if err != nil {
		return err
	}
	return a.stamp(ctx, id, StageDeprecated)
}

func (a *applying) disable(ctx context.Context, s *step) error {
	// Whoever got the image since it was recorded would be forgotten.
	r, err := a.recordOf(ctx, s.ImageID, s.now.Name)
	if err != nil {
		return err
	}
	if !r.same(s.record) {
		if err := a.in.Record(ctx, r); err != nil {
			a.unrecorded = true
			return &Error{Kind: ErrRecordFailed, Err: err}
		}
	}
	if free, err := a.free(ctx, s); !free {
		return err
	}
	_, err = patiently(ctx, a.o.Poll, func(ctx context.Context) (*ec2.DisableImageOutput, error) {
		return a.api.DisableImage(ctx, &ec2.DisableImageInput{ImageId: &s.ImageID})
	})
	if err = unless(ctx, a.api, s.ImageID, types.ImageStateDisabled, err); err != nil {
		return err
	}
	return a.stamp(ctx, s.ImageID, StageDisabled)
}

// unless forgives an error where the image is in the wanted state nevertheless:
// the answer to the call that did it may have been lost.
func unless(ctx context.Context, api ec2.DescribeImagesAPIClient, id string, want types.ImageState, err error) error {
	if err == nil || ctx.Err() != nil || fault.Code(err) == "" || fault.Expired(err) {
		return err
	}
	if img, failed := owned(ctx, api, id); failed == nil && img.State == want {
		return nil
	}
	return err
}

func (a *applying) stamp(ctx context.Context, id string, stage Stage) error {
	return a.tag(ctx, []string{id}, TagStage, stamp(stage, now()))
}

func (a *applying) tag(ctx context.Context, ids []string, key, value string) error {
	_, err := patiently(ctx, a.o.Poll, func(ctx context.Context) (*ec2.CreateTagsOutput, error) {
		return a.api.CreateTags(ctx, &ec2.CreateTagsInput{Resources: ids, Tags: []types.Tag{{Key: &key, Value: &value}}})
	})
	return err
}

// free reports whether an image is still not in use, right before it is taken
// away: a plan of many images takes a while. Else the step is skipped. An image
// that is gone is free.
func (a *applying) free(ctx context.Context, s *step) (bool, error) {
	u := references(ctx, a.api, a.op, []string{s.ImageID}, a.in.Rules.Usage, a.o)[s.ImageID]
	switch {
	case errors.Is(u.Err, ErrNotFound):
		return true, nil
	case u.Err != nil:
		return false, u.Err
	case u.InUse:
		s.Skipped = "since the plan: " + u.why()
		return false, nil
	}
	return true, nil
}

func (a *applying) deregister(ctx context.Context, s *step) error {
	if free, err := a.free(ctx, s); !free {
		return err
	}
	// AWS deletes whatever the image has: only if all of it was seen to be ours.
	whole := len(s.now.Spared) == 0
	if len(s.now.Snapshots) > 0 {
		if err := a.tag(ctx, s.now.Snapshots, TagRetired, s.ImageID); err != nil {
			return err
		}
	}
	out, err := patiently(ctx, a.o.Poll, func(ctx context.Context) (*ec2.DeregisterImageOutput, error) {
		out, err := a.api.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: &s.ImageID, DeleteAssociatedSnapshots: &whole})
		if gone(err) { // by a call of ours whose answer was lost
			return &ec2.DeregisterImageOutput{}, nil
		}
		return out, err
	})
	if err != nil {
		return err
	}
	for _, id := range s.now.Spared {
		s.Snapshots = append(s.Snapshots, SnapshotResult{SnapshotID: id, Kept: notOurs})
	}
	rest := slices.Clone(s.now.Snapshots)
	for _, r := range out.DeleteSnapshotResults {
		id := aws.ToString(r.SnapshotId)
		done := SnapshotResult{SnapshotID: id, Deleted: r.ReturnCode == types.SnapshotReturnCodesSuccess}
		if !done.Deleted {
			done.Kept = string(r.ReturnCode)
		}
		s.Snapshots = append(s.Snapshots, done)
		rest = slices.DeleteFunc(rest, func(x string) bool { return x == id })
	}
	s.Snapshots = append(s.Snapshots, a.delete(ctx, rest)...)
	return left(s.Snapshots)
}

// delete deletes snapshots one by one. One that is gone already is deleted.
func (a *applying) delete(ctx context.Context, ids []string) []SnapshotResult {
	var out []SnapshotResult
	for _, id := range ids {
		_, err := patiently(ctx, a.o.Poll, func(ctx context.Context) (*ec2.DeleteSnapshotOutput, error) {
			return a.api.DeleteSnapshot(ctx, &ec2.DeleteSnapshotInput{SnapshotId: &id})
		})
		r := SnapshotResult{SnapshotID: id, Deleted: err == nil || fault.Is(err, "InvalidSnapshot.NotFound")}
		if !r.Deleted {
			if r.Kept = fault.Code(err); r.Kept == "" {
				r.Kept = err.Error()
			}
		}
		out = append(out, r)
	}
	return out
}

// inUse are the codes of a snapshot that another image has come to use. It is
// kept, and that is as it should be.
var inUse = []string{string(types.SnapshotReturnCodesWarnSkipped), "InvalidSnapshot.InUse"}

// left names the snapshots that should be gone and are not.
func left(all []SnapshotResult) error {
	e := &Error{Kind: ErrSnapshotsLeft}
	var why []error
	for _, r := range all {
		if r.Deleted || r.Kept == notOurs || slices.Contains(inUse, r.Kept) {
			continue
		}
		e.IDs = append(e.IDs, r.SnapshotID)
		why = append(why, errors.New(r.SnapshotID+": "+r.Kept))
	}
	if len(e.IDs) == 0 {
		return nil
	}
	e.Err = errors.Join(why...)
	return e
}

const notOurs = "not seen to be ours, or used by another image"
