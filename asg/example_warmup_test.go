package asg_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// How fast the images of a group are is measured while their instances are there.
func ExampleMeasureWarmup() {
	ctx := context.Background()
	cloud, templateID := exampleCloud(awstest.WithTiming(awstest.Timing{InstanceStart: 38 * time.Second}))
	client := exampleGroup(cloud, templateID)
	exampleRefresh(client, templateID)
	cloud.Advance(10 * time.Minute) // the refresh ends

	w, err := asg.MeasureWarmup(ctx, client, ec2.NewFromConfig(cloud.Config("eu-west-1")), asg.MeasureWarmupInput{Group: "my-asg"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("of an image that never ran:", w.Of("ami-0") == nil)
	for _, image := range w.Images {
		fmt.Printf("%d launch: median %v, nine of ten within %v\n", len(image.Launches), image.Median, image.P90)
	}
	fmt.Println("unclear:", len(w.Unclear), "gone:", len(w.Gone))
	// Output:
	// of an image that never ran: true
	// 1 launch: median 38s, nine of ten within 38s
	// 1 launch: median 38s, nine of ten within 38s
	// unclear: 0 gone: 0
}

// What a ready-to-use image buys, in one line; what nobody can know any more is
// unknown.
func ExampleCompareWarmup() {
	w := &asg.MeasureWarmupResult{Images: []asg.ImageWarmup{
		{ImageID: "ami-2", Median: 38 * time.Second},
		{ImageID: "ami-1", Median: 4*time.Minute + 10*time.Second},
	}}
	c := asg.CompareWarmup(w, "ami-2", "ami-1")
	gain, known := c.Gain()
	fmt.Println(c)
	fmt.Println("faster by", gain, known)
	fmt.Println(asg.CompareWarmup(w, "ami-2", "ami-0"))
	// Output:
	// in service in 38 s; the one before in 4 min 10 s
	// faster by 3m32s true
	// in service in 38 s; the one before unknown
}

func ExampleRecommendWarmup() {
	measured := &asg.ImageWarmup{
		ImageID: "ami-2", Median: 38 * time.Second, P90: 44 * time.Second,
		Launches: []asg.Launch{{Took: 38 * time.Second}, {Took: 44 * time.Second}},
	}
	s, err := asg.RecommendWarmup(measured)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("warm-up", s.DefaultInstanceWarmup)
	fmt.Println("cooldown", s.DefaultCooldown.Value, "grace period", s.HealthCheckGracePeriod.Value)

	_, err = asg.RecommendWarmup(nil)
	fmt.Println(err)
	// Output:
	// warm-up 50 s: nine of ten of 2 launches of ami-2 were in service within 44 s; a new instance is not counted before the next one could be in service
	// cooldown 50s grace period 50s
	// asg.RecommendWarmup: how long instances of the image take is unknown
}

// The group gets the recommended times; what it has already is not written again.
func ExampleApplyWarmup() {
	ctx := context.Background()
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)

	settings := asg.WarmupSettings{
		DefaultInstanceWarmup: asg.WarmupSetting{Value: 50 * time.Second},
		DefaultCooldown:       asg.WarmupSetting{Value: 50 * time.Second},
	}
	for range 2 {
		done, err := asg.ApplyWarmup(ctx, client, "my-asg", settings)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("changed", done.Changed)
	}
	// Output:
	// changed true
	// changed false
}

// Where a warm-up keeps AWS's own record from telling when an instance came into
// service, the lifecycle states tell who watches.
func ExampleWatchLaunches() {
	ctx := context.Background()
	cloud, templateID := exampleCloud(awstest.WithTiming(awstest.Timing{InstanceStart: 300 * time.Millisecond}))
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	if _, err := asg.Create(ctx, client, asg.CreateInput{
		Name: "my-asg", Template: &asg.TemplateSpec{ID: templateID, Version: "1"}, MinSize: 1, MaxSize: 1,
		Subnets: cloud.Region("eu-west-1").Network().Subnets[:1],
	}); err != nil {
		fmt.Println(err)
		return
	}
	for s, err := range asg.WatchLaunches(ctx, client, []string{"my-asg"}, quickly) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("an instance of", s.Group, "is", types.LifecycleStateInService, s.InService.After(s.Pending))
		break
	}
	// Output: an instance of my-asg is InService true
}
