package asg_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// running is a cloud in which a refresh has begun and goes on: its instances
// take a minute to start.
func running() (cloud *awstest.Cloud, client *autoscaling.Client, templateID string, s asg.RefreshKey) {
	cloud, templateID = exampleCloud(awstest.WithTiming(awstest.Timing{InstanceStart: time.Minute, RefreshStall: time.Hour}))
	client = exampleGroup(cloud, templateID)
	return cloud, client, templateID, exampleRefresh(client, templateID)
}

// A refresh is stopped where it is; the group launches what it launched before.
func ExampleCancel() {
	_, client, _, s := running()

	ended, err := asg.Cancel(context.Background(), client, asg.CancelInput{Group: s.Group, RefreshID: s.ID, NoWait: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ended.Status)
	// Output: Cancelled
}

// The refresh is active, so that AWS can roll it back; StartRollback returns when
// it has begun.
func ExampleStartRollback() {
	_, client, _, s := running()

	began, err := asg.StartRollback(context.Background(), client, asg.RollbackInput{Group: s.Group, RefreshID: s.ID})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("back to version", began.Source.Template.Version)
	// Output: back to version 1
}

// A refresh that rests at a checkpoint is rolled back, and the result proven on
// the group and its instances.
func ExampleRollback() {
	ctx := context.Background()
	cloud, templateID := exampleCloud(awstest.WithTiming(awstest.SeenOnce))
	client := exampleGroup(cloud, templateID)
	s := exampleRefresh(client, templateID)

	done, err := asg.Rollback(ctx, client, asg.RollbackInput{Group: s.Group, RefreshID: s.ID}, quickly)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(done.Refresh.Status, "on version", done.Source.Template.Version)
	// Output: RollbackSuccessful on version 1
}

// The refresh has ended, and the version turns out to be bad: AWS cannot roll it
// back any more, so that the group returns by a refresh of its own.
func ExampleRevertTo() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	groups, err := asg.Describe(ctx, client, []string{"my-asg"})
	if err != nil {
		fmt.Println(err)
		return
	}
	before := asg.SourceOf(groups[0])
	if _, err := asg.Wait(ctx, client, []asg.RefreshKey{exampleRefresh(client, templateID)}); err != nil {
		fmt.Println(err)
		return
	}

	if _, err := asg.RevertTo(ctx, client, asg.RevertToInput{Group: "my-asg", To: before}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("returned to version", before.Template.Version)
	// Output: returned to version 1
}

// A group is as it was when it launches what it launched before, and all its
// instances came from there.
func ExampleVerifyRollback() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	source := asg.LaunchSource{Template: &asg.TemplateSpec{ID: templateID, Name: "my-launch-template", Version: "1"}}
	check := func() bool {
		err := asg.VerifyRollback(ctx, client, asg.VerifyRollbackInput{Group: "my-asg", Source: source})
		return !errors.Is(err, asg.ErrRollbackIncomplete)
	}
	fmt.Println("as it was:", check())

	if _, err := asg.Wait(ctx, client, []asg.RefreshKey{exampleRefresh(client, templateID)}); err != nil {
		fmt.Println(err)
		return
	}
	source.Template.Version = "2"
	fmt.Println("all of the next version:", check())
	// Output:
	// as it was: true
	// all of the next version: true
}

// Instances are told apart by the version that they were launched from.
func ExampleOutdatedInstances() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	groups, err := asg.Describe(ctx, client, []string{"my-asg"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, version := range []string{"1", "2"} {
		source := asg.LaunchSource{Template: &asg.TemplateSpec{ID: templateID, Version: version}}
		fmt.Printf("version %s: %d of %d are from elsewhere\n", version,
			len(asg.OutdatedInstances(source, groups[0].Instances)), len(groups[0].Instances))
	}
	// Output:
	// version 1: 0 of 1 are from elsewhere
	// version 2: 1 of 1 are from elsewhere
}

// What a refresh of the only instance would do to the service, before it is
// started, and how preferences change it.
func ExamplePreflight() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)

	for _, p := range []*types.RefreshPreferences{nil, asg.LaunchBeforeTerminate()} {
		ready, err := asg.Preflight(ctx, client, ec2.NewFromConfig(cloud.Config("eu-west-1")), asg.RefreshInput{
			Group: "my-asg", TemplateID: templateID, Version: 2, Preferences: p,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("in service at least:", ready.MinInService)
		for _, f := range ready.Findings {
			fmt.Println(f.Code)
		}
	}
	// Output:
	// in service at least: 0
	// asg.NoneInService
	// in service at least: 1
}

// Never fewer healthy instances than there should be.
func ExampleLaunchBeforeTerminate() {
	p := asg.LaunchBeforeTerminate()
	p.BakeTime = new(int32(600)) // further fields at will
	fmt.Println(*p.MinHealthyPercentage, *p.MaxHealthyPercentage, "accepted", asg.CheckPreferences(p) == nil)
	// Output: 100 110 accepted true
}

// The way back is the fast one: as many new instances at once as there are old.
func ExampleRevertPreferences() {
	p := asg.RevertPreferences()
	fmt.Println(*p.MinHealthyPercentage, *p.MaxHealthyPercentage, *p.SkipMatching)
	// Output: 100 200 true
}

// A policy keeps everything but the versions of its templates.
func ExampleWithVersions() {
	policy := &types.MixedInstancesPolicy{LaunchTemplate: &types.LaunchTemplate{
		LaunchTemplateSpecification: &types.LaunchTemplateSpecification{LaunchTemplateId: new("lt-0123456789abcdef0"), Version: new("$Default")},
		Overrides: []types.LaunchTemplateOverrides{
			{InstanceType: new("m7i.large"), WeightedCapacity: new("2")},
			{InstanceType: new("m7g.large"), LaunchTemplateSpecification: &types.LaunchTemplateSpecification{
				LaunchTemplateId: new("lt-0fedcba9876543210"), Version: new("4"),
			}},
		},
	}}
	next := map[string]int64{"lt-0123456789abcdef0": 8, "lt-0fedcba9876543210": 5}

	changed, err := asg.WithVersions(policy, func(t asg.TemplateSpec) (int64, error) { return next[t.ID], nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*changed.LaunchTemplate.LaunchTemplateSpecification.Version,
		*changed.LaunchTemplate.Overrides[1].LaunchTemplateSpecification.Version,
		*changed.LaunchTemplate.Overrides[0].WeightedCapacity)
	// Output: 8 5 2
}

// A scaling activity tells only in words why a launch failed.
func ExampleDiagnoseActivity() {
	d := asg.DiagnoseActivity("The AMI ID ami-0123456789abcdef0 does not exist. Launching EC2 instance failed.")
	fmt.Println(d.ImageID, d.Hint)
	// Output: ami-0123456789abcdef0 the image is gone, or is not shared with this account
}

// What RefreshVerified would refuse is known without a call.
func ExampleCheckVerify() {
	in := asg.RefreshVerifiedInput{
		RefreshInput: asg.RefreshInput{
			Group: "my-asg", TemplateID: "lt-0123456789abcdef0", Version: 2,
			Preferences: &types.RefreshPreferences{CheckpointPercentages: []int32{50, 100}, CheckpointDelay: new(int32(300))},
		},
		Verify: func(context.Context, []string) error { return nil },
		Budget: 10 * time.Minute, // AWS would go on after five
	}
	fmt.Println(errors.Is(asg.CheckVerify(in), asg.ErrInvalidInput))
	in.Budget = 2 * time.Minute
	fmt.Println("accepted:", asg.CheckVerify(in) == nil)
	// Output:
	// true
	// accepted: true
}

// The instances that a pool keeps ready are settings of AWS's, passed on; what is
// there already is not written again.
func ExamplePutWarmPool() {
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	in := asg.PutWarmPoolInput{Group: "my-asg", State: types.WarmPoolStateStopped, MinSize: new(int32(2))}
	for range 2 {
		changed, err := asg.PutWarmPool(context.Background(), client, in)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("changed", changed)
	}
	// Output:
	// changed true
	// changed false
}

// The pool's instances are none of the group's; which of them are of an older
// version is asked in the same way.
func ExampleDescribeWarmPool() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	if _, err := asg.PutWarmPool(ctx, client, asg.PutWarmPoolInput{Group: "my-asg", MaxGroupPreparedCapacity: new(int32(3))}); err != nil {
		fmt.Println(err)
		return
	}
	cloud.Advance(10 * time.Minute) // its instances are made ready

	pool, err := asg.DescribeWarmPool(ctx, client, "my-asg")
	if err != nil {
		fmt.Println(err)
		return
	}
	next := asg.LaunchSource{Template: &asg.TemplateSpec{ID: templateID, Version: "2"}}
	fmt.Printf("%d instances, %d not of version 2\n", len(pool.Instances), len(asg.OutdatedInstances(next, pool.Instances)))
	// Output: 2 instances, 2 not of version 2
}

// The caller has the last word while the refresh bakes. Here it says no, and the
// group comes back to what it ran.
func ExampleRefreshVerified() {
	cloud, templateID := exampleCloud(awstest.WithTiming(awstest.Timing{InstanceStart: time.Millisecond, RefreshStall: time.Hour}))
	client := exampleGroup(cloud, templateID)

	_, err := asg.RefreshVerified(context.Background(), client, asg.RefreshVerifiedInput{
		RefreshInput: asg.RefreshInput{
			Group: "my-asg", TemplateID: templateID, Version: 2,
			Preferences: &types.RefreshPreferences{BakeTime: new(int32(600))},
		},
		Verify: func(_ context.Context, newInstanceIDs []string) error {
			fmt.Println("looking at", len(newInstanceIDs), "new instance")
			return errors.New("the checkout page is broken")
		},
		Budget: time.Minute,
	}, quickly)
	fmt.Println(errors.Is(err, asg.ErrVerifyFailed), errors.Is(err, asg.ErrRolledBack))
	// Output:
	// looking at 1 new instance
	// true true
}
