package readyami_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// A group that launches $Latest of its template would launch a new version before
// anything has proven it. Pinned, it launches what it did until its refresh has
// succeeded, and $Latest again afterwards.
func ExampleClient_Deliver_pinned() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1")
	launchLatest(cloud)

	delivery := storefront(instanceID, "eu-west-1")
	delivery.Pin = true
	report, err := readyami.New(region.OneAccount(cloud.Config("eu-west-1"))).Deliver(ctx, delivery)
	if err != nil {
		log.Fatal(err)
	}
	groups, err := asg.Describe(ctx, autoscaling.NewFromConfig(cloud.Config("eu-west-1")), []string{"storefront"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Outcome)
	for _, id := range report.Wrote {
		fmt.Println(short(string(id)))
	}
	fmt.Println("the group launches", *groups[0].LaunchTemplate.Version)
	fmt.Println("its instances run version", *groups[0].Instances[0].LaunchTemplate.Version)
	// Output:
	// delivered
	// create-image/123456789012/eu-west-1
	// pin/123456789012/eu-west-1
	// template-version/123456789012/eu-west-1/lt-…/1
	// refresh/123456789012/eu-west-1/storefront
	// unpin/123456789012/eu-west-1
	// the group launches $Latest
	// its instances run version 2
}

// The image of every target is shared and protected before any of its groups is
// refreshed.
func ExampleClient_Deliver_attributes() {
	cloud, instanceID := preparedFleet("eu-west-1", "us-east-1")
	delivery := storefront(instanceID, "eu-west-1", "us-east-1")
	delivery.Attributes = &plan.Attributes{
		Share:      plan.Permissions{Accounts: []string{"222222222222"}},
		Protection: plan.ProtectionWithCooldown,
	}

	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))
	report, err := client.Deliver(context.Background(), delivery)
	if err != nil {
		log.Fatal(err)
	}
	for _, g := range report.Groups() {
		image, _ := cloud.Region(g.Region).Image(g.After.Image)
		_, seen := cloud.Account("222222222222").Region(g.Region).Image(g.After.Image)
		fmt.Println(g.Region, *image.DeregistrationProtection, "shared:", seen)
	}
	// Output:
	// eu-west-1 enabled-with-cooldown shared: true
	// us-east-1 enabled-with-cooldown shared: true
}

// After a failure the policy decides how far the release is undone: here both groups
// get back what they ran, although only the second has failed.
func ExampleClient_Deliver_rollBackRelease() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1", "us-east-1")
	delivery := storefront(instanceID, "eu-west-1", "us-east-1")
	delivery.Rollout.OnFailure = plan.OnFailureRollBackRelease
	cloud.NeverHealthy(awstest.ImageMatch{Region: "us-east-1", Name: "storefront-2"})

	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))
	report, err := client.Deliver(ctx, delivery)
	fmt.Println(report.Outcome, errors.Is(err, readyami.ErrRejected))
	decision, _ := report.Result(report.Plan.RejectID())
	fmt.Println("because of", decision.Decision.Code, "in", decision.Decision.Step)
	for _, g := range report.Groups() {
		groups, err := asg.Describe(ctx, autoscaling.NewFromConfig(cloud.Config(g.Region)), []string{g.Name})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(g.Region, g.Name, "runs version", *groups[0].LaunchTemplate.Version)
	}
	// Output:
	// rolled-back true
	// because of asg.RefreshFailed in refresh/123456789012/us-east-1/storefront
	// eu-west-1 storefront runs version 1
	// us-east-1 storefront runs version 1
}
