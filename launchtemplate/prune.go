package launchtemplate

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
)

// PlanPruneAPI is what [PlanPrune] calls.
type PlanPruneAPI interface {
	UsesAPI
	ec2.DescribeLaunchTemplateVersionsAPIClient
}

// PruneAPI is what [Prune] calls.
type PruneAPI interface {
	PlanPruneAPI
	DeleteLaunchTemplateVersions(context.Context, *ec2.DeleteLaunchTemplateVersionsInput, ...func(*ec2.Options)) (*ec2.DeleteLaunchTemplateVersionsOutput, error)
}

var (
	_ PlanPruneAPI = (*ec2.Client)(nil)
	_ PruneAPI     = (*ec2.Client)(nil)
)

// PruneInput says which versions of a template may go.
type PruneInput struct {
	// Template to prune; required.
	Template Ref
	// Keep is how many of the newest versions stay whatever uses them, at least
	// 1; required.
	Keep int
	// Protect are versions that stay, such as rollback targets.
	Protect []int64
	// Users find what uses the template besides instances; see [Uses]. With
	// none, versions that only a group uses are deleted and the group cannot
	// launch any more, so at least one is required.
	Users []UsesFunc
	// Foreign lets versions go that this package did not make. False: they stay.
	Foreign bool
	// Plan limits [Prune] to what this plan says, for a plan that somebody has
	// looked at. Nil: no such limit.
	Plan *PrunePlan
}

// PrunePlan says what pruning would do.
type PrunePlan struct {
	Template Template
	Delete   []int64       // oldest first
	Kept     []KeptVersion // oldest first
}

// KeptVersion is a version that stays, and why.
type KeptVersion struct {
	Version int64
	Why     []string
}

// PruneResult says what pruning did. It comes with an error too.
type PruneResult struct {
	Plan    PrunePlan
	Deleted []int64 // by this call, or by somebody else since the plan
	Failed  []int64 // still there, or not known: the error says why
}

// PlanPrune says which versions [Prune] would delete, and writes nothing. These
// stay: the default version, the latest, the newest Keep, those in Protect,
// those that anything found by [Uses] uses, and, unless Foreign, those that this
// package did not make.
//
// Errors: [ErrInvalidInput], [ErrNotFound], and [ErrUsesUnknown], where one of
// Users failed.
//
// AWS calls: DescribeLaunchTemplates, DescribeLaunchTemplateVersions, one for
// each 200 versions, DescribeInstances, and those of Users. IAM:
// ec2:DescribeLaunchTemplates, ec2:DescribeLaunchTemplateVersions,
// ec2:DescribeInstances.
func PlanPrune(ctx context.Context, api PlanPruneAPI, in PruneInput, optFns ...func(*Options)) (*PrunePlan, error) {
	return planPrune(ctx, api, "launchtemplate.PlanPrune", in, newOptions(api, optFns))
}

func planPrune(ctx context.Context, api PlanPruneAPI, op string, in PruneInput, o Options) (*PrunePlan, error) {
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	// The versions are read before what uses them: one that is made in between
	// is not in the plan.
	t, err := describeOne(ctx, api, op, in.Template, o)
	if err != nil {
		return nil, err
	}
	if p := in.Plan; p != nil && p.Template.ID != t.ID {
		return nil, fault.Invalid(op, o.place(), "Plan is for %s, not for %s", p.Template.ID, t.ID)
	}
	var versions []*Version
	walk(ctx, api, op, o, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &t.ID, MaxResults: new(int32(200))}, func(v *Version, e error) bool {
		err = e
		versions = append(versions, v)
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(versions, func(a, b *Version) int { return int(a.Number - b.Number) })
	used, err := uses(ctx, api, op, t, in.Users, o)
	if err != nil {
		return nil, err
	}
	plan := &PrunePlan{Template: *t}
	for i, v := range versions {
		if why := in.keeps(t, v, len(versions)-i, used); len(why) > 0 {
			plan.Kept = append(plan.Kept, KeptVersion{Version: v.Number, Why: why})
		} else {
			plan.Delete = append(plan.Delete, v.Number)
		}
	}
	return plan, nil
}

// keeps says why a version stays; age 1 is the newest.
func (in *PruneInput) keeps(t *Template, v *Version, age int, used []Use) (why []string) {
	keep := func(is bool, because string) {
		if is && !slices.Contains(why, because) {
			why = append(why, because)
		}
	}
	keep(v.Default || v.Number == t.Default, "default")
	keep(age == 1 || v.Number >= t.Latest, "latest")
	keep(age <= in.Keep, "newest "+number(int64(in.Keep)))
	keep(slices.Contains(in.Protect, v.Number), "protected")
	keep(!in.Foreign && !strings.Contains(v.Description, markOpen), "not made by this package")
	keep(in.Plan != nil && !slices.Contains(in.Plan.Delete, v.Number), "not in the plan")
	for _, u := range used {
		keep(u.Number == v.Number, u.By+" "+u.ID)
	}
	return why
}

// versionsPerCall is how many versions one call may delete.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
const versionsPerCall = 200

// Prune deletes old versions of a template: those that [PlanPrune] says, planned
// anew at the time of the call. A plan made before can be given as the limit.
//
// AWS answers a call of which nothing came to pass like one that worked; what it
// tells about single versions is looked at. A version that somebody else has
// deleted is a success. Any other is an [Error] with Kind [ErrNotDeleted], the
// version in its IDs and AWS's code and words as its Reason; several are joined.
// A call that fails as a whole ends the pruning. The result comes with the error.
//
// Versions are gone for good. Other errors: those of [PlanPrune].
//
// AWS calls: those of [PlanPrune], and DeleteLaunchTemplateVersions, one for each
// 200 versions, and one more, after another DescribeLaunchTemplates, where the
// default has moved to one of them since. IAM: as [PlanPrune], and
// ec2:DeleteLaunchTemplateVersions.
func Prune(ctx context.Context, api PruneAPI, in PruneInput, optFns ...func(*Options)) (*PruneResult, error) {
	const op = "launchtemplate.Prune"
	o := newOptions(api, optFns)
	plan, err := planPrune(ctx, api, op, in, o)
	if err != nil {
		return nil, err
	}
	done := &PruneResult{Plan: *plan}
	var errs []error
	for batch := range slices.Chunk(plan.Delete, versionsPerCall) {
		out, err := deleteBatch(ctx, api, op, &plan.Template, batch, o)
		if err != nil {
			e := fault.Call(op, o.place(), plan.Template.ID, err)
			e.IDs = numbers(batch)
			done.Failed = append(done.Failed, batch...)
			return done, errors.Join(append(errs, e)...)
		}
		gone, failures := deletions(op, o.place(), out)
		done.Deleted = append(done.Deleted, gone...)
		for _, n := range batch {
			if slices.Contains(gone, n) {
				continue
			}
			e := failures[n]
			if e == nil { // AWS did not say what became of it
				e = notDeleted(op, o.place(), plan.Template.ID, n)
			}
			done.Failed, errs = append(done.Failed, n), append(errs, e)
		}
	}
	return done, errors.Join(errs...)
}

func (in *PruneInput) check(op string, at fault.Place) error {
	switch {
	case in.Keep < 1:
		return fault.Invalid(op, at, "Keep %d is not at least 1", in.Keep)
	case len(in.Users) == 0 || slices.ContainsFunc(in.Users, func(fn UsesFunc) bool { return fn == nil }):
		return fault.Invalid(op, at, "Users has no function that finds the groups that use the template")
	}
	return in.Template.check(op, at)
}
