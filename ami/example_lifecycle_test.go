package ami_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// A plan says what would become of each image, and why; it writes nothing.
func ExamplePlanLifecycle() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	for days, name := range map[int]string{100: "web-1", 40: "web-2", 35: "web-3", 1: "web-4"} {
		cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: name, Age: time.Duration(days) * 24 * time.Hour})
	}
	plan, err := ami.PlanLifecycle(ctx, api, ami.Lifecycle{
		Query:          ami.Query{Owners: []string{ami.Self}, Name: "web-*"},
		Family:         func(types.Image) string { return "web" }, // Packer made them
		Keep:           2,
		Until:          ami.ActionDeregister,
		DeprecateAfter: 90 * 24 * time.Hour, DisableAfter: 30 * 24 * time.Hour, DeregisterAfter: 30 * 24 * time.Hour,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range plan.Decisions {
		fmt.Println(d.Name, d.Action, "-", d.Reason)
	}
	fmt.Println("days until web-2 is gone:", plan.Decisions[1].GoneAt().Sub(plan.At).Round(time.Hour).Hours()/24)
	fmt.Println("not looked at:", plan.Unchecked[1])
	fmt.Println("writes:", len(cloud.Writes()))
	// Output:
	// web-1 deprecate - it is active for 100 days
	// web-2 keep - too young: active for 40 days of 90 days
	// web-3 keep - among the newest 2 images of web
	// web-4 keep - among the newest 2 images of web
	// days until web-2 is gone: 110
	// not looked at: launch configurations
	// writes: 0
}

// Disabling wipes the sharing of an image: it is recorded first.
func ExampleApplyLifecycle() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	const year = 365 * 24 * time.Hour
	old := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{
		Name: "web-1", SharedWith: []string{"210987654321"}, Age: 3 * year, Public: true, // deprecated a year ago
	})
	cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web-2"})
	rules := ami.Lifecycle{
		Query:        ami.Query{Owners: []string{ami.Self}},
		Family:       func(types.Image) string { return "web" },
		Until:        ami.ActionDisable,
		DisableAfter: 30 * 24 * time.Hour,
		Usage:        ami.UsageRules{StaleAfter: 90 * 24 * time.Hour},
	}
	plan, err := ami.PlanLifecycle(ctx, api, rules)
	if err != nil {
		fmt.Println(err)
		return
	}
	done, err := ami.ApplyLifecycle(ctx, api, ami.ApplyLifecycleInput{
		Rules: rules,
		Plan:  plan, // after somebody has looked at it
		Max:   5,
		Record: func(_ context.Context, r ami.SharingRecord) error {
			text, err := json.Marshal(r.Permissions)
			fmt.Println("to keep:", string(text))
			return err
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range done {
		fmt.Println(d.ImageID == old, d.Action, d.Done)
	}
	// Output:
	// to keep: {"accounts":["210987654321"],"public":true}
	// true disable true
}

// What a disabled image was shared with comes back from its record.
func ExampleReenable() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	record := ami.SharingRecord{
		ImageID:     cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web-1"}),
		Permissions: ami.Permissions{Accounts: []string{"210987654321"}},
	}
	if _, err := api.DisableImage(ctx, &ec2.DisableImageInput{ImageId: &record.ImageID}); err != nil {
		fmt.Println(err)
		return
	}
	done, err := ami.Reenable(ctx, api, record, often)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(done.Image.State, done.Permissions.Accounts)
	// Output: available [210987654321]
}

// Is an image still in use? EC2 sees no Auto Scaling groups: a hook adds them.
func ExampleReferences() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	image := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web-1"})
	groups := ami.ReferenceHook{
		Type:   "autoscaling:Group",
		Covers: []ami.Unchecked{ami.UncheckedGroups},
		Find: func(context.Context, []string) (map[string][]string, error) {
			return map[string][]string{image: {"web"}}, nil
		},
	}
	used, err := ami.References(ctx, api, []string{image}, ami.UsageRules{Hooks: []ami.ReferenceHook{groups}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("in use:", used[0].InUse)
	for _, r := range used[0].References {
		fmt.Println(r)
	}
	// Output:
	// in use: true
	// autoscaling:Group web
}

// AWS counts what other accounts have of images, on request. Without such a
// report a plan says that it has not looked at them.
func ExampleReportUsage() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	const consumer = "210987654321"
	var images []string
	for _, name := range []string{"web-1", "web-2"} {
		images = append(images, cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: name, SharedWith: []string{consumer}}))
	}
	theirs := ec2.NewFromConfig(cloud.Account(consumer).Config("eu-west-1"))
	_, err := theirs.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String("web"), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: &images[0]},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		reports, err := ami.ReportUsage(ctx, api, ami.ReportUsageInput{ImageIDs: images}, often)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("reports:", len(reports), "of earlier:", reports[0].Adopted && reports[1].Adopted)
	}
	used, err := ami.References(ctx, api, images, ami.UsageRules{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(used[0].References[0])
	fmt.Println(len(used[1].References), "references to the other")
	// Output:
	// reports: 2 of earlier: false
	// reports: 2 of earlier: true
	// 1 × ec2:LaunchTemplate in account 210987654321
	// 0 references to the other
}
