package readyami_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/region"
)

// A group that follows $Latest of its template would launch a new version before
// anything has proven it. Pinned, it launches what it did until its refresh has
// succeeded, and follows $Latest again afterwards.
func ExampleDeliver_pinned() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1")
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	groups, err := asg.Describe(ctx, client, []string{"storefront"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = asg.Update(ctx, client, asg.UpdateInput{
		Group:    "storefront",
		Template: &asg.TemplateSpec{ID: *groups[0].LaunchTemplate.LaunchTemplateId, Version: "$Latest"},
	})
	if err != nil {
		log.Fatal(err)
	}

	delivery := storefront(instanceID, "eu-west-1")
	delivery.Pin = true
	report, err := readyami.Deliver(ctx, region.OneAccount(cloud.Config("eu-west-1")), delivery)
	if err != nil {
		log.Fatal(err)
	}
	groups, err = asg.Describe(ctx, client, []string{"storefront"})
	if err != nil {
		log.Fatal(err)
	}
	g := groups[0]
	fmt.Println(report.Targets[0].Groups[0].Outcome)
	fmt.Println("the group launches", *g.LaunchTemplate.Version)
	fmt.Println("its instances run version", *g.Instances[0].LaunchTemplate.Version)
	// Output:
	// delivered
	// the group launches $Latest
	// its instances run version 2
}

// The image of every target is shared and protected before a group gets it.
func ExampleDeliver_finished() {
	cloud, instanceID := preparedFleet("eu-west-1", "us-east-1")
	delivery := storefront(instanceID, "eu-west-1", "us-east-1")
	delivery.Finish = &ami.FinishInput{
		Share:   ami.Permissions{Accounts: []string{"222222222222"}},
		Protect: ami.ProtectWithCooldown,
	}

	report, err := readyami.Deliver(context.Background(), region.OneAccount(cloud.Config("eu-west-1")), delivery)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range report.Targets {
		image, _ := cloud.Region(t.Region).Image(t.Image.ID)
		fmt.Println(t.Region, t.Image.SharedWith, *image.DeregistrationProtection)
	}
	// Output:
	// eu-west-1 [222222222222] enabled-with-cooldown
	// us-east-1 [222222222222] enabled-with-cooldown
}
