package ami

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
)

// ApplyLifecycleInput says which plan is applied, and how far.
type ApplyLifecycleInput struct {
	// Rules are those that the plan was made by. Required.
	Rules Lifecycle
	// Plan as [PlanLifecycle] made it; decisions may have been taken out of it.
	// Required.
	Plan *LifecyclePlan
	// Max is how many images are disabled or deregistered at most, the oldest
	// first, those that are gone and have left snapshots counted with them; what
	// is beyond is skipped. Required where the plan has such.
	Max int
	// Record keeps what an image was shared with before it is disabled, which
	// AWS forgets then; [Reenable] takes it back. It is called for all images first:
	// if it fails for one, none is disabled. It is called again for an image whose
	// permissions have changed when its turn comes: if that fails, this image and
	// those after it are not disabled. Required where the plan disables.
	Record func(context.Context, SharingRecord) error
}

// ApplyLifecycleResult is what became of one decision of a plan.
type ApplyLifecycleResult struct {
	ImageID string
	Action  Action
	// Done says that it is so now.
	Done bool
	// Skipped is why nothing was done, in words for people; empty: something was.
	Skipped string
	// Snapshots are what became of those of a removed image.
	Snapshots []SnapshotResult
	// Err is why it could not be done; nil: it could, or was skipped.
	Err error
}

// SnapshotResult is what became of one snapshot of a removed image.
type SnapshotResult struct {
	SnapshotID string
	// Deleted says that it is gone.
	Deleted bool
	// Kept is why it is not: AWS's code, such as "missing-permissions" or
	// "InvalidSnapshot.InUse", or that it is not ours to delete.
	Kept string
}

// ApplyLifecycleAPI is what [ApplyLifecycle] calls.
type ApplyLifecycleAPI interface {
	PlanLifecycleAPI
	permissionsAPI
	DeregisterAPI
	CreateTags(context.Context, *ec2.CreateTagsInput, ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error)
	EnableImageDeprecation(context.Context, *ec2.EnableImageDeprecationInput, ...func(*ec2.Options)) (*ec2.EnableImageDeprecationOutput, error)
	DisableImage(context.Context, *ec2.DisableImageInput, ...func(*ec2.Options)) (*ec2.DisableImageOutput, error)
	DeleteSnapshot(context.Context, *ec2.DeleteSnapshotInput, ...func(*ec2.Options)) (*ec2.DeleteSnapshotOutput, error)
}

var _ ApplyLifecycleAPI = (*ec2.Client)(nil)

// ApplyLifecycle does what a plan says. It plans again first, and does only what
// the new plan says as well: an image that has come into use, that has been
// tagged or changed by others, or that is gone, is skipped. Whether an image is in
// use is checked once more right before it is disabled or deregistered.
//
// Before an image is deregistered, its snapshots that go with it are tagged with
// [TagRetired]; those that a crash or a refusal of AWS leaves behind are found
// by it and removed by the next plan. One image that fails stops no other. The
// end of ctx and expired credentials stop all.
//
// The results are in the order of the plan, but for those that it keeps. The
// error joins theirs.
//
// Errors: [ErrInvalidInput]; [ErrRecordFailed]; [ErrSnapshotsLeft], with the ids of the
// snapshots that AWS did not delete. What is beyond Max is skipped, and is none.
//
// Calls and IAM actions: those of [PlanLifecycle], ec2:DescribeSnapshotAttribute,
// ec2:CreateTags, ec2:EnableImageDeprecation, ec2:DisableImage,
// ec2:DeregisterImage, ec2:DeleteSnapshot.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/disable-an-ami.html
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/deregister-ami.html
func ApplyLifecycle(ctx context.Context, api ApplyLifecycleAPI, in ApplyLifecycleInput, optFns ...func(*Options)) ([]ApplyLifecycleResult, error) {
	const op = "ami.ApplyLifecycle"
	o := resolve(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	a := &applying{planning: &planning{api: api, op: op, o: o, rules: in.Rules, now: now()}, api: api, in: in}
	fresh, err := a.plan(ctx)
	if err != nil {
		return nil, err
	}
	steps := a.agreed(fresh)
	a.record(ctx, steps)
	var errs []error
	out := make([]ApplyLifecycleResult, len(steps))
	for i := range steps {
		s := &steps[i]
		switch {
		case s.Err != nil || s.Skipped != "":
		case ctx.Err() != nil:
			s.Skipped = "the context has ended"
		case s.Action == ActionDisable && a.unrecorded:
			s.Skipped = unrecorded
		case a.stopped:
			s.Skipped = "the credentials have expired"
		default:
			a.do(ctx, s)
			a.stopped = errors.Is(s.Err, ErrCredentialsExpired)
		}
		out[i] = s.ApplyLifecycleResult
		errs = append(errs, s.Err)
	}
	if ended := ctx.Err(); ended != nil {
		errs = append(errs, refused(ctx, op, o.place(), "", ended))
	}
	return out, errors.Join(errs...)
}

func (in *ApplyLifecycleInput) check(op string, at fault.Place) error {
	if err := in.Rules.check(op, at); err != nil {
		return err
	}
	if in.Plan == nil {
		return fault.Invalid(op, at, "Plan is missing")
	}
	if !same(in.Plan.Region, at.Region) || !same(in.Plan.Account, at.Account) {
		return fault.Invalid(op, at, "Plan: it is of %s", strings.TrimSpace(in.Plan.Account+" "+in.Plan.Region))
	}
	for _, d := range in.Plan.Decisions {
		if d.Action == ActionDisable && in.Record == nil {
			return fault.Invalid(op, at, "Record is missing, and %s is to be disabled", d.ImageID)
		}
		if d.Action.removes() && in.Max < 1 {
			return fault.Invalid(op, at, "Max: %d, and %s is to be removed", in.Max, d.ImageID)
		}
	}
	return nil
}

// applying is one call of ApplyLifecycle.
type applying struct {
	*planning
	api     ApplyLifecycleAPI
	in      ApplyLifecycleInput
	stopped bool
	// unrecorded says that Record has failed on the way.
	unrecorded bool
}

// step is one decision on its way.
type step struct {
	ApplyLifecycleResult
	now    Decision
	record SharingRecord
}

// agreed are the decisions that the plan and the new one share.
func (a *applying) agreed(fresh *LifecyclePlan) []step {
	current := map[string]Decision{}
	for _, d := range fresh.Decisions {
		current[d.ImageID] = d
	}
	var steps []step
	removals := 0
	for _, d := range a.in.Plan.Decisions {
		if d.Action == ActionKeep {
			continue
		}
		s := step{now: current[d.ImageID]}
		s.ImageID, s.Action = d.ImageID, d.Action
		switch {
		case s.now.ImageID == "":
			s.Skipped = "the rules do not find it any more"
		case slices.Contains(follows[d.Action], s.now.Action):
			s.Action = s.now.Action // an earlier run did the first half
		case s.now.Action != d.Action:
			s.Skipped = "changed since the plan: " + s.now.Reason
		}
		if s.Skipped == "" && s.Action.removes() {
			if removals++; removals > a.in.Max {
				s.Skipped = "more removals than allowed"
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// follows are what is left of an action after a crash in the middle.
var follows = map[Action][]Action{
	ActionDisable:    {ActionStamp},
	ActionDeregister: {ActionCollect},
}
