package readyami_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// An image of a prepared instance is delivered to a group in each of two Regions.
func ExampleClient_Deliver() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1", "us-east-1") // stands in for AWS
	cfg := cloud.Config("eu-west-1")                             // in production: config.LoadDefaultConfig(ctx)

	client := readyami.New(region.OneAccount(cfg))
	report, err := client.Deliver(ctx, plan.Delivery{
		Name: "storefront-2",
		Source: plan.Source{Instance: &plan.InstanceSource{
			Region:     "eu-west-1",
			InstanceID: instanceID,
			Reboot:     plan.NoReboot,
		}},
		Targets: []plan.Target{
			{Region: "eu-west-1", Groups: []string{"storefront"}},
			{Region: "us-east-1", Groups: []string{"storefront"}},
		},
	})
	if err != nil {
		log.Fatal(err) // what failed, and what to do about it
	}
	fmt.Println(report.Outcome)
	for _, g := range report.Groups() {
		fmt.Printf("%s: %s runs version %d instead of %d\n", g.Region, g.Name, g.After.Version, g.Before.Version)
	}
	// Output:
	// delivered
	// eu-west-1: storefront runs version 2 instead of 1
	// us-east-1: storefront runs version 2 instead of 1
}

// Delivering the same again finds everything and writes nothing.
func ExampleClient_Deliver_again() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1")
	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))

	first, err := client.Deliver(ctx, storefront(instanceID, "eu-west-1"))
	if err != nil {
		log.Fatal(err)
	}
	cloud.ForgetCalls()
	second, err := client.Deliver(ctx, storefront(instanceID, "eu-west-1"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("first: ", first.Outcome, "with writes for", len(first.Wrote), "steps")
	fmt.Println("second:", second.Outcome, "with writes for", len(second.Wrote), "steps and", len(cloud.Writes()), "calls that write")
	fmt.Println("same image:", first.Groups()[0].After.Image == second.Groups()[0].After.Image)
	// Output:
	// first:  delivered with writes for 3 steps
	// second: delivered with writes for 0 steps and 0 calls that write
	// same image: true
}

// The instances of a bad image never become healthy. The first group catches it and
// is rolled back; the second is never touched. The release is rejected, and running
// it again changes nothing.
func ExampleClient_Deliver_failing() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1", "us-east-1")
	cloud.NeverHealthy(awstest.ImageMatch{Name: "storefront-2"})

	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))
	report, err := client.Deliver(ctx, storefront(instanceID, "eu-west-1", "us-east-1"))

	fmt.Println(report.Outcome)
	fmt.Println("rejected:", errors.Is(err, readyami.ErrRejected), "rolled back:", errors.Is(err, asg.ErrRolledBack))
	for _, g := range report.Groups() {
		fmt.Printf("%s: %s %s, version %d before\n", g.Region, g.Name, g.State, g.Before.Version)
	}
	if e, ok := errors.AsType[*readyami.Error](err); ok {
		fmt.Println(e.Hint)
	}
	// Output:
	// rolled-back
	// rejected: true rolled back: true
	// eu-west-1: storefront failed, version 1 before
	// us-east-1: storefront waiting, version 1 before
	// repair the image and deliver it under a new name, or begin a new attempt with Retry
}

// A client tells of every step while it works.
func ExampleNew() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1")

	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")), func(o *readyami.Options) {
		o.OnEvent = func(_ context.Context, e readyami.Event) {
			if e.Result.State == plan.StateSucceeded {
				fmt.Println(e.Region, e.Step.Kind)
			}
		}
	})
	if _, err := client.Deliver(ctx, storefront(instanceID, "eu-west-1")); err != nil {
		log.Fatal(err)
	}
	// Output:
	// eu-west-1 create-image
	// eu-west-1 template-version
	// eu-west-1 refresh
}

// An event is logged as attributes of a record.
func ExampleEvent_LogValue() {
	event := readyami.Event{ // as the client makes it
		Step:   plan.Step{ID: "refresh/123456789012/eu-west-1/storefront"},
		Result: plan.Result{State: plan.StateRunning, Group: &plan.GroupResult{RefreshID: "08b91cf7", Status: "InProgress", Percentage: 50}},
	}
	fmt.Println(event.LogValue()) // as slog.Info("delivery", "event", event) does
	// Output:
	// [step=refresh/123456789012/eu-west-1/storefront state=running refresh=08b91cf7 status=InProgress percentage=50]
}

// A plan shows what is going to happen. Planning only reads.
func ExampleClient_Plan() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1", "us-east-1")
	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))

	p, err := client.Plan(ctx, storefront(instanceID, "eu-west-1", "us-east-1"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(short(p.String()))
	fmt.Println("written:", len(cloud.Writes()))
	// Output:
	// storefront-2: delivery, release 2a78e2a67c, attempt 1
	// 2 places, 2 groups, 2 waves in account 123456789012
	//
	// Images
	//   + create-image  eu-west-1  storefront-2 of i-…, without a reboot
	//   + copy-image    us-east-1  storefront-2 of the image in eu-west-1
	//
	// Wave 1 of 2: eu-west-1
	//   + template-version  eu-west-1  lt-… (storefront) 1 → 2
	//   ~ refresh           eu-west-1  storefront lt-… 1 → 2, at least 1 of 2 in service
	//
	// Wave 2 of 2: us-east-1
	//   + template-version  us-east-1  lt-… (storefront) 1 → 2
	//   ~ refresh           us-east-1  storefront lt-… 1 → 2, at least 1 of 2 in service
	//
	// If a group fails, the groups that failed are rolled back
	//   + reject            eu-west-1  marks the source image, so that no later run rolls it out
	//   ~ restore-group     eu-west-1  storefront lt-… 2 → 1
	//   + restore-template  eu-west-1  lt-… (storefront): a version with the data of 1, for $Latest
	//   ~ restore-group     us-east-1  storefront lt-… 2 → 1
	//   + restore-template  us-east-1  lt-… (storefront): a version with the data of 1, for $Latest
	//
	// Plan: 2 images to create, 2 template versions to create, 2 groups to refresh, 0 unchanged.
	// written: 0
}

// What is known to go wrong is a blocker, found before anything is written.
func ExampleClient_Plan_blockers() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1")
	launchLatest(cloud)
	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))

	p, err := client.Plan(ctx, storefront(instanceID, "eu-west-1"))
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range p.Blockers() {
		fmt.Println(short(f.String()))
	}
	// Output:
	// asg.RollbackUnavailable 123456789012 eu-west-1 storefront: the group's own version of lt-… is $Latest
	// readyami.FloatingVersion 123456789012 eu-west-1 storefront: the group launches $Latest of lt-… (set the group to a numbered version, or choose Pin)
}

// A plan is made and reviewed, and applied later: by this process or, as a file, by
// another one.
func ExampleClient_Apply() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1")
	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))

	p, err := client.Plan(ctx, storefront(instanceID, "eu-west-1"))
	if err != nil {
		log.Fatal(err)
	}
	if len(p.Blockers()) > 0 {
		log.Fatal(p.Blockers())
	}
	file, err := json.Marshal(p)
	if err != nil {
		log.Fatal(err)
	}

	p, err = plan.Decode(bytes.NewReader(file)) // by another process, after the review
	if err != nil {
		log.Fatal(err)
	}
	report, err := client.Apply(ctx, p)
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range report.Wrote {
		fmt.Println(short(string(id)))
	}
	fmt.Println(report.Outcome)
	// Output:
	// create-image/123456789012/eu-west-1
	// template-version/123456789012/eu-west-1/lt-…/1
	// refresh/123456789012/eu-west-1/storefront
	// delivered
}

// A plan is not applied if somebody has changed a group since it was made.
func ExampleClient_Apply_stale() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1")
	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))
	p, err := client.Plan(ctx, storefront(instanceID, "eu-west-1"))
	if err != nil {
		log.Fatal(err)
	}

	launchLatest(cloud)
	cloud.ForgetCalls()
	_, err = client.Apply(ctx, p)

	fmt.Println("stale:", errors.Is(err, readyami.ErrStale))
	fmt.Println("written:", len(cloud.Writes()))
	// Output:
	// stale: true
	// written: 0
}

// Any process can find out how far a release is, without writing anything.
func ExampleClient_Status() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1", "us-east-1")
	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))
	p, err := client.Plan(ctx, storefront(instanceID, "eu-west-1", "us-east-1"))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Step(ctx, p, p.Ready(nil)...); err != nil { // the first step: create the image
		log.Fatal(err)
	}

	other := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))
	results, err := other.Status(ctx, p)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range results {
		if r.State != plan.StateIdle {
			fmt.Println(short(string(r.Step)), r.State)
		}
	}
	fmt.Println(p.Outcome(results))
	// Output:
	// create-image/123456789012/eu-west-1 succeeded
	// copy-image/123456789012/us-east-1 waiting
	// template-version/123456789012/eu-west-1/lt-…/1 waiting
	// template-version/123456789012/us-east-1/lt-…/1 waiting
	// refresh/123456789012/eu-west-1/storefront waiting
	// refresh/123456789012/us-east-1/storefront waiting
	// in-progress
}

// A workflow engine, a queue or a cron job can drive a release instead of Apply. It
// needs no memory: what is ready follows from the plan and from AWS.
func ExampleClient_Step() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1")
	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))
	p, err := client.Plan(ctx, storefront(instanceID, "eu-west-1"))
	if err != nil {
		log.Fatal(err)
	}

	for {
		results, err := client.Status(ctx, p)
		if err != nil {
			log.Fatal(err)
		}
		ready := p.Ready(results)
		if len(ready) == 0 {
			fmt.Println(p.Outcome(results))
			break
		}
		results, err = client.Step(ctx, p, ready...)
		if err != nil {
			log.Fatal(err)
		}
		var next time.Time // when it is worth looking again
		for _, r := range results {
			if r.Wrote {
				fmt.Println(short(string(r.Step)))
			}
			if !r.Next.IsZero() && (next.IsZero() || r.Next.Before(next)) {
				next = r.Next
			}
		}
		time.Sleep(time.Until(next)) // an engine sets a timer
	}
	if err := client.Leave(ctx, p); err != nil {
		log.Fatal(err)
	}
	// Output:
	// create-image/123456789012/eu-west-1
	// template-version/123456789012/eu-west-1/lt-…/1
	// refresh/123456789012/eu-west-1/storefront
	// delivered
}

// Whoever drives a release by Step leaves it at the end. The next process then does
// not wait until the mark of this one has grown old.
func ExampleClient_Leave() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1")
	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))
	delivery := storefront(instanceID, "eu-west-1")
	p, err := client.Plan(ctx, delivery)
	if err != nil {
		log.Fatal(err)
	}
	results, err := client.Step(ctx, p, p.Ready(nil)...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(short(string(results[0].Step)), "runners:", runners(cloud, delivery))

	if err := client.Leave(ctx, p); err != nil { // errors.Is(err, readyami.ErrNotOver) if something runs
		log.Fatal(err)
	}
	fmt.Println("left, runners:", runners(cloud, delivery))
	// Output:
	// create-image/123456789012/eu-west-1 runners: 1
	// left, runners: 0
}

// A release that was rejected is not tried again by itself. Retry begins a new
// attempt once the cause is gone, here a health check that was wrong.
func ExampleClient_Retry() {
	ctx := context.Background()
	cloud, instanceID := preparedFleet("eu-west-1")
	cloud.NeverHealthy(awstest.ImageMatch{Name: "storefront-2"})
	client := readyami.New(region.OneAccount(cloud.Config("eu-west-1")))
	delivery := storefront(instanceID, "eu-west-1")
	p, err := client.Plan(ctx, delivery)
	if err != nil {
		log.Fatal(err)
	}
	first, err := client.Apply(ctx, p)
	fmt.Println("attempt", first.Plan.Attempt, first.Outcome, errors.Is(err, readyami.ErrRejected))

	cloud.Region("eu-west-1").Behave(first.Groups()[0].After.Image, awstest.Behavior{}) // the cause is gone
	if err := client.Retry(ctx, p); err != nil {
		log.Fatal(err)
	}
	second, err := client.Deliver(ctx, delivery)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("attempt", second.Plan.Attempt, second.Outcome)
	fmt.Println("version", second.Groups()[0].After.Version)
	// Output:
	// attempt 1 rolled-back true
	// attempt 2 delivered
	// version 4
}

// preparedFleet has a group "storefront" in each Region and a prepared instance
// in the first.
func preparedFleet(regions ...string) (cloud *awstest.Cloud, instanceID string) {
	readyami.Hurry()
	cloud = awstest.New()
	for _, name := range regions {
		cloud.Region(name).Group(awstest.GroupSeed{Name: "storefront", Size: 2})
	}
	return cloud, cloud.Region(regions[0]).PreparedInstance(awstest.InstanceSeed{})
}

func storefront(instanceID string, regions ...string) plan.Delivery {
	d := plan.Delivery{
		Name: "storefront-2",
		Source: plan.Source{Instance: &plan.InstanceSource{
			Region: regions[0], InstanceID: instanceID, Reboot: plan.NoReboot,
		}},
	}
	for _, name := range regions {
		d.Targets = append(d.Targets, plan.Target{Region: name, Groups: []string{"storefront"}})
	}
	return d
}

// launchLatest sets the group in eu-west-1 to $Latest of its launch template.
func launchLatest(cloud *awstest.Cloud) {
	ctx, client := context.Background(), autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
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
}

// runners counts the marks of processes on the release's image.
func runners(cloud *awstest.Cloud, d plan.Delivery) (n int) {
	for _, image := range cloud.Region("eu-west-1").Images() {
		for _, tag := range image.Tags {
			if strings.HasPrefix(*tag.Key, "readyami:"+d.Release()+":runner:") {
				n++
			}
		}
	}
	return n
}

// short leaves the digits of ids out, for Examples.
func short(s string) string { return ids.ReplaceAllString(s, "$1-…") }

var ids = regexp.MustCompile(`\b(lt|ami|i|snap)-[0-9a-f]{8,17}\b`)
