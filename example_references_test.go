package readyami_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// Images that only a group would launch, with no instance of it running, are in
// use too.
func ExampleGroupReferences() {
	ctx := context.Background()
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	group := region.Group(awstest.GroupSeed{Name: "storefront", ImageID: region.OwnImage(awstest.ImageSeed{Name: "storefront-1"})})
	ec2api, groups := ec2.NewFromConfig(region.Config()), autoscaling.NewFromConfig(region.Config())

	usage, err := ami.References(ctx, ec2api, []string{group.ImageID}, ami.UsageRules{
		Hooks: []ami.ReferenceHook{readyami.GroupReferences(groups, ec2api)},
	})
	if err != nil {
		fmt.Println("not known, so it stays:", err)
		return
	}
	for _, r := range usage[0].References {
		if r.Type == "autoscaling:Group" {
			fmt.Println(r.ID == "group storefront by "+group.TemplateID+" version 1")
		}
	}
	// Output:
	// true
}

// Pruning a template asks the groups of the Region first.
func ExampleTemplateUses() {
	ctx := context.Background()
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	group := region.Group(awstest.GroupSeed{Name: "storefront"}) // launches version 1
	ec2api := ec2.NewFromConfig(region.Config())
	template := launchtemplate.Ref{ID: group.TemplateID}
	for n := int64(1); n < 4; n++ {
		if _, err := launchtemplate.NextVersion(ctx, ec2api, launchtemplate.NextVersionInput{
			Template: template, Source: n, ImageID: region.OwnImage(awstest.ImageSeed{Name: fmt.Sprint("storefront-", n)}),
		}); err != nil {
			fmt.Println(err)
			return
		}
	}
	if _, err := launchtemplate.SetDefault(ctx, ec2api, template, 4); err != nil {
		fmt.Println(err)
		return
	}

	done, err := launchtemplate.Prune(ctx, ec2api, launchtemplate.PruneInput{
		Template: template,
		Keep:     1,
		Foreign:  true,
		Users:    []launchtemplate.UsesFunc{readyami.TemplateUses(autoscaling.NewFromConfig(region.Config()))},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("deleted:", done.Deleted)
	for _, k := range done.Plan.Kept {
		fmt.Println("kept:", k.Version, k.Why[len(k.Why)-1])
	}
	// Output:
	// deleted: [2 3]
	// kept: 1 group storefront
	// kept: 4 newest 1
}

// A group of a launch configuration gets a launch template that launches the
// same. Nothing that runs is touched, and the second call finds it done.
func ExampleMigrate() {
	ctx := context.Background()
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	groups, ec2api := autoscaling.NewFromConfig(region.Config()), ec2.NewFromConfig(region.Config())
	if _, err := groups.CreateLaunchConfiguration(ctx, &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("storefront-2019"),
		ImageId:                 new(region.OwnImage(awstest.ImageSeed{Name: "storefront-1"})),
		InstanceType:            new("t3.small"),
	}); err != nil {
		fmt.Println(err)
		return
	}
	region.Group(awstest.GroupSeed{Name: "storefront", Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
		in.LaunchTemplate, in.LaunchConfigurationName = nil, new("storefront-2019")
	}})

	for range 2 {
		done, err := readyami.Migrate(ctx, groups, ec2api, readyami.MigrateInput{Group: "storefront", TemplateName: "storefront-migrated"})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("changed", done.Changed, "to version", done.Source.Template.Version)
	}
	fmt.Println("refreshes:", len(region.Refreshes("storefront")))
	// Output:
	// changed true to version 1
	// changed false to version 1
	// refreshes: 0
}
