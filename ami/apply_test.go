package ami_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// One image in its whole life, looked at every day: a month active, a month
// deprecated, a month disabled, and gone with its snapshots.
func TestLifecycleMovesThroughItsStages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{0})
		old := g.images[0]
		gone := g.snapshotsOf(old)
		rules := monthly()
		rules.Keep, rules.Usage.StaleAfter = 1, 30*day
		began := time.Now()
		at := map[string]int{} // the day on which something was first so
		for d := range 120 {
			if d == 10 {
				g.image("web 2", 0, nil)
			}
			g.run(rules)
			img, ok := g.cloud.Region(here).Image(old)
			note := func(what string, is bool) {
				if _, seen := at[what]; is && !seen {
					at[what] = d
				}
			}
			note("deprecated", ok && img.DeprecationTime != nil)
			note("disabled", ok && img.State == types.ImageStateDisabled)
			note("gone", !ok)
			time.Sleep(day)
		}
		assert.Equal(t, 120*day, time.Since(began).Truncate(day))
		assert.Equal(t, map[string]int{"deprecated": 30, "disabled": 61, "gone": 91}, at)
		require.Len(t, g.records, 1)
		assert.Equal(t, []string{consumer}, g.records[0].Permissions.Accounts)
		for _, s := range snapshots(t, g.cloud, here) {
			assert.NotContains(t, gone, *s.SnapshotId)
		}
		assert.Len(t, held(t, g.cloud, here), 1, "the newest is as it was")
	})
}

// atOnce has an image to deprecate, one to disable and one to deregister.
func atOnce(t *testing.T, opts ...awstest.Option) (*grown, ami.Lifecycle) {
	g := grow(t, []int{300, 200, 100, 2, 1}, opts...)
	g.disabledSince(g.images[0], 40)
	g.deprecated(g.images[1])
	rules := monthly()
	rules.DisableAfter, rules.Usage.StaleAfter = 0, 30*day
	return g, rules
}

func TestApplyDoesWhatThePlanSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		snapshots := g.snapshotsOf(g.images[0])
		done := g.run(rules)
		require.Len(t, done, 3)
		for i, a := range []ami.Action{ami.ActionDeregister, ami.ActionDisable, ami.ActionDeprecate} {
			assert.Equal(t, g.images[i], done[i].ImageID)
			assert.Equal(t, a, done[i].Action)
			assert.True(t, done[i].Done)
		}
		assert.ElementsMatch(t, []ami.SnapshotResult{
			{SnapshotID: snapshots[0], Deleted: true}, {SnapshotID: snapshots[1], Deleted: true},
		}, done[0].Snapshots)
		assert.Equal(t, types.ImageStateDeregistered, g.state(g.images[0]))
		assert.Equal(t, types.ImageStateDisabled, g.state(g.images[1]))
		img, _ := g.cloud.Region(here).Image(g.images[2])
		assert.Regexp(t, "^deprecated 2", ami.Tag(img.Tags, ami.TagStage))

		g.cloud.ForgetCalls()
		assert.Empty(t, g.run(rules), "all is as young in its stage as it may be")
		assert.Empty(t, g.cloud.Writes())
	})
}

// Nobody learns what a disabled image was shared with, but from the record.
func TestApplyDisablesNothingThatIsNotRecorded(t *testing.T) {
	for _, failing := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			g, rules := atOnce(t)
			rules.Keep = 0
			g.deprecated(g.images[2])
			plan := g.plan(rules)
			calls, broken := 0, errors.New("disk full")
			done, err := ami.ApplyLifecycle(t.Context(), g.api, ami.ApplyLifecycleInput{Rules: rules, Plan: plan, Max: 10, Record: func(context.Context, ami.SharingRecord) error {
				if calls++; calls == failing {
					return broken
				}
				return nil
			}})
			require.ErrorIs(t, err, ami.ErrRecordFailed)
			require.ErrorIs(t, err, broken)
			assert.Zero(t, g.cloud.Count("DisableImage")-1, "but for that of the test itself")
			for _, d := range done {
				if d.Action == ami.ActionDisable {
					assert.False(t, d.Done)
				}
			}
			assert.True(t, done[0].Done, "what needs no record goes on")
		})
	}
}

// Who got the image between the record and its disabling is recorded as well.
func TestApplyRecordsWhatChangedSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		plan := g.plan(rules)
		done := 0
		_, err := ami.ApplyLifecycle(t.Context(), g.api, ami.ApplyLifecycleInput{Rules: rules, Plan: plan, Max: 10, Record: func(ctx context.Context, r ami.SharingRecord) error {
			g.records = append(g.records, r)
			if done++; done == 1 {
				g.cloud.Region(here).Share(r.ImageID, another)
			}
			return nil
		}})
		require.NoError(t, err)
		require.Len(t, g.records, 2)
		assert.ElementsMatch(t, []string{consumer, another}, g.records[1].Permissions.Accounts)
		assert.Len(t, g.records[1].Snapshots, 2)
		assert.Equal(t, here, g.records[1].Region)
	})
}

// A record that fails on the way ends the disabling: those that come after would
// hardly be recorded either.
func TestApplyDisablesNothingAfterARecordThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		g.deprecated(g.images[2])
		rules.Keep = 1
		plan := g.plan(rules)
		calls, broken := 0, errors.New("disk full")
		done, err := ami.ApplyLifecycle(t.Context(), g.api, ami.ApplyLifecycleInput{Rules: rules, Plan: plan, Max: 10, Record: func(_ context.Context, r ami.SharingRecord) error {
			switch calls++; calls {
			case 1:
				g.cloud.Region(here).Share(r.ImageID, another)
			case 3:
				return broken
			}
			return nil
		}})
		require.ErrorIs(t, err, ami.ErrRecordFailed)
		require.ErrorIs(t, err, broken)
		assert.Equal(t, 3, calls)
		require.ErrorIs(t, done[1].Err, ami.ErrRecordFailed)
		assert.Equal(t, ami.ActionDisable, done[2].Action)
		assert.Equal(t, "the permissions of another image were not recorded", done[2].Skipped)
		for _, id := range g.images[1:3] {
			assert.Equal(t, types.ImageStateAvailable, g.state(id))
		}
	})
}

func TestApplyRemovesAtMostMax(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		plan := g.plan(rules)
		done, err := ami.ApplyLifecycle(t.Context(), g.api, ami.ApplyLifecycleInput{Rules: rules, Plan: plan, Max: 1, Record: g.record})
		require.NoError(t, err)
		assert.True(t, done[0].Done, "the oldest")
		assert.Equal(t, "more removals than allowed", done[1].Skipped)
		assert.Equal(t, types.ImageStateAvailable, g.state(g.images[1]))
		assert.True(t, done[2].Done, "a deprecation removes nothing")
	})
}

// What is collected is removed too.
func TestApplyCollectsAtMostMax(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{400, 300, 2, 1})
		var own []string
		for _, id := range g.images[:2] {
			own = append(own, g.snapshotsOf(id)...)
			g.disabledSince(id, 40)
		}
		g.cloud.Inject(keepSnapshots("missing-permissions", own))
		_, err := g.apply(t.Context(), monthly(), g.plan(monthly()))
		require.ErrorIs(t, err, ami.ErrSnapshotsLeft)
		plan := g.plan(monthly())
		require.Len(t, actions(plan), 2)

		_, err = ami.ApplyLifecycle(t.Context(), g.api, ami.ApplyLifecycleInput{Rules: monthly(), Plan: plan})
		require.ErrorIs(t, err, ami.ErrInvalidInput)
		done, err := ami.ApplyLifecycle(t.Context(), g.api, ami.ApplyLifecycleInput{Rules: monthly(), Plan: plan, Max: 1})
		require.NoError(t, err)
		assert.True(t, done[0].Done)
		assert.Equal(t, ami.ActionCollect, done[1].Action)
		assert.Equal(t, "more removals than allowed", done[1].Skipped)
		assert.Len(t, actions(g.plan(monthly())), 1)
	})
}

func TestApplyRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		plan := g.plan(rules)
		assert.Equal(t, []string{awstest.DefaultAccount, here}, []string{plan.Account, plan.Region})
		g.cloud.ForgetCalls()
		for name, in := range map[string]ami.ApplyLifecycleInput{
			"no plan":           {Rules: rules, Max: 1, Record: g.record},
			"no record":         {Rules: rules, Plan: plan, Max: 1},
			"no bound":          {Rules: rules, Plan: plan, Record: g.record},
			"of another Region": {Rules: rules, Plan: &ami.LifecyclePlan{Region: there}, Max: 1, Record: g.record},
			"another account's": {Rules: rules, Plan: &ami.LifecyclePlan{Account: consumer, Region: here}, Max: 1, Record: g.record},
		} {
			_, err := ami.ApplyLifecycle(t.Context(), g.api, in)
			require.ErrorIs(t, err, ami.ErrInvalidInput, name)
		}
		assert.Empty(t, g.cloud.Calls())
	})
}

// A plan grows old: what it says is looked at again.
func TestApplySkipsWhatChangedSinceThePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		plan := g.plan(rules)
		rules.Kept = []string{g.images[0]}
		_, err := client(g.cloud, here).RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &g.images[1], MinCount: new(int32(1)), MaxCount: new(int32(1)), InstanceType: types.InstanceTypeM5Large})
		require.NoError(t, err)
		_, err = client(g.cloud, here).DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &g.images[2]})
		require.NoError(t, err)
		done, err := g.apply(t.Context(), rules, plan)
		require.NoError(t, err)
		assert.Equal(t, "changed since the plan: the caller keeps it", done[0].Skipped)
		assert.Contains(t, done[1].Skipped, "changed since the plan: in use by ec2:Instance ")
		assert.Equal(t, "the rules do not find it any more", done[2].Skipped)
		assert.Empty(t, g.records)
	})
}

// Snapshots that are not ours, or that back another image, stay.
func TestApplyDeletesOnlyItsOwnSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{300, 2, 1})
		old, api := g.images[0], client(g.cloud, here)
		own := g.snapshotsOf(old)
		foreign := own[1]
		_, err := api.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: []string{foreign}})
		require.NoError(t, err)
		sibling, err := api.RegisterImage(t.Context(), &ec2.RegisterImageInput{
			Name: new("sibling"), RootDeviceName: new("/dev/xvda"),
			BlockDeviceMappings: []types.BlockDeviceMapping{{DeviceName: new("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: &own[0]}}},
		})
		require.NoError(t, err)
		// A disabled image needs its snapshots too.
		_, err = api.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: sibling.ImageId})
		require.NoError(t, err)
		g.disabledSince(old, 40)
		rules := monthly()
		plan := g.plan(rules)
		assert.Empty(t, plan.Decisions[0].Snapshots)
		assert.ElementsMatch(t, own, plan.Decisions[0].Spared)
		assert.Zero(t, plan.Frees)

		rules.Snapshots = func(s types.Snapshot) bool { return *s.SnapshotId == foreign }
		plan = g.plan(rules)
		assert.Equal(t, []string{foreign}, plan.Decisions[0].Snapshots, "the caller names it")
		assert.Equal(t, int64(20)<<30, plan.Frees)
		done, err := g.apply(t.Context(), rules, plan)
		require.NoError(t, err)
		assert.ElementsMatch(t, []ami.SnapshotResult{
			{SnapshotID: own[0], Kept: "not seen to be ours, or used by another image"}, {SnapshotID: foreign, Deleted: true},
		}, done[0].Snapshots)
		assert.Equal(t, types.ImageStateDeregistered, g.state(old))
	})
}

// AWS says of each snapshot what became of it. What it kept is named, and gone
// after the next run.
func TestApplyNamesWhatAWSKeptAndTheNextRunCollectsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{300, 2, 1})
		old := g.images[0]
		own := g.snapshotsOf(old)
		g.disabledSince(old, 40)
		g.cloud.Inject(keepSnapshots("missing-permissions", own))
		done, err := g.apply(t.Context(), monthly(), g.plan(monthly()))
		require.ErrorIs(t, err, ami.ErrSnapshotsLeft)
		e, _ := errors.AsType[*ami.Error](err)
		assert.Equal(t, own, e.IDs)
		assert.Equal(t, []ami.SnapshotResult{{SnapshotID: own[0], Kept: "missing-permissions"}, {SnapshotID: own[1], Kept: "missing-permissions"}}, done[0].Snapshots)
		assert.Equal(t, types.ImageStateDeregistered, g.state(old))

		plan := g.plan(monthly())
		assert.Equal(t, map[string]ami.Action{old: ami.ActionCollect}, actions(plan))
		assert.Equal(t, int64(28)<<30, plan.Frees)
		g.run(monthly())
		for _, s := range snapshots(t, g.cloud, here) {
			assert.NotContains(t, own, *s.SnapshotId)
		}
		assert.Empty(t, actions(g.plan(monthly())))
	})
}

// keepSnapshots lets DeregisterImage keep these snapshots, with this code.
func keepSnapshots(code types.SnapshotReturnCodes, ids []string) awstest.Fault {
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		in, ok := call.Input.(*ec2.DeregisterImageInput)
		if !ok {
			return next(ctx)
		}
		in.DeleteAssociatedSnapshots = new(false)
		out, err := next(ctx)
		if err != nil {
			return out, err
		}
		for _, id := range ids {
			o := out.(*ec2.DeregisterImageOutput)
			o.DeleteSnapshotResults = append(o.DeleteSnapshotResults, types.DeleteSnapshotReturnCode{SnapshotId: &id, ReturnCode: code})
		}
		return out, nil
	}
}
