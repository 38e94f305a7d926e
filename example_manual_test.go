package readyami_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// The manual procedure, first step:
//
//	aws ec2 create-image --instance-id i-… --name "MyReadyToUseAMI" --no-reboot
func Example_createImage() {
	ctx := context.Background()
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	instanceID := cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{})

	made, err := ami.Create(ctx, client, ami.CreateInput{
		InstanceID: instanceID,
		Name:       "MyReadyToUseAMI",
		Reboot:     ami.NoReboot,
	})
	if err != nil {
		log.Fatal(err)
	}
	images, err := ami.Wait(ctx, client, []string{made.ImageID})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*images[0].Name, images[0].State, *images[0].SourceInstanceId == instanceID)
	// Output: MyReadyToUseAMI available true
}

// The second step:
//
//	aws ec2 create-launch-template --launch-template-name my-launch-template --version-description v1 \
//	  --launch-template-data '{"ImageId":"ami-…","InstanceType":"t2.micro","KeyName":"…","SecurityGroupIds":["sg-…"]}'
func Example_createLaunchTemplate() {
	ctx := context.Background()
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	network := cloud.Region("eu-west-1").Network()

	made, err := launchtemplate.Create(ctx, client, launchtemplate.CreateInput{
		Name:        "my-launch-template",
		Description: "v1",
		Data: &types.RequestLaunchTemplateData{
			ImageId:          new(cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"})),
			InstanceType:     types.InstanceTypeT2Micro,
			KeyName:          new(network.KeyPairs[0]),
			SecurityGroupIds: network.SecurityGroups[:1],
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	version, err := launchtemplate.Resolve(ctx, client, launchtemplate.Ref{ID: made.TemplateID}, "$Default")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(version.TemplateName, version.Number, version.Data.InstanceType)
	// Output: my-launch-template 1 t2.micro
}

// The third step, from a launch template:
//
//	aws autoscaling create-auto-scaling-group --auto-scaling-group-name my-asg \
//	  --launch-template LaunchTemplateName=my-launch-template,Version=1 \
//	  --min-size 1 --max-size 5 --desired-capacity 2 --vpc-zone-identifier subnet-…
func Example_createGroupFromLaunchTemplate() {
	ctx := context.Background()
	cloud := awstest.New()
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	templateID := myTemplate(cloud)

	_, err := asg.Create(ctx, client, asg.CreateInput{
		Name:     "my-asg",
		Template: &asg.TemplateSpec{ID: templateID, Version: "1"},
		MinSize:  1,
		MaxSize:  5,
		Desired:  new(int32(2)),
		Subnets:  cloud.Region("eu-west-1").Network().Subnets[:1],
	})
	if err != nil {
		log.Fatal(err)
	}
	printGroup(client)
	// Output: my-asg: 2 instances, template version 1
}

// The third step, from a launch configuration:
//
//	aws autoscaling create-auto-scaling-group --auto-scaling-group-name my-asg \
//	  --launch-configuration-name my-launch-config \
//	  --min-size 1 --max-size 5 --desired-capacity 2 --vpc-zone-identifier subnet-…
func Example_createGroupFromLaunchConfiguration() {
	ctx := context.Background()
	cloud := awstest.New()
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	launchConfiguration(cloud, "my-launch-config")

	_, err := asg.Create(ctx, client, asg.CreateInput{
		Name:                "my-asg",
		LaunchConfiguration: "my-launch-config",
		MinSize:             1,
		MaxSize:             5,
		Desired:             new(int32(2)),
		Subnets:             cloud.Region("eu-west-1").Network().Subnets[:1],
	})
	if err != nil {
		log.Fatal(err)
	}
	printGroup(client)
	// Output: my-asg: 2 instances, launch configuration my-launch-config
}

// The fourth step, to another version of the launch template. The instances that run
// stay until a refresh replaces them.
//
//	aws autoscaling update-auto-scaling-group --auto-scaling-group-name my-asg \
//	  --launch-template LaunchTemplateName=my-launch-template,Version=2
func Example_updateGroupToLaunchTemplate() {
	ctx := context.Background()
	cloud := awstest.New()
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	templateID := myGroup(cloud)
	next, err := launchtemplate.NextVersion(ctx, ec2.NewFromConfig(cloud.Config("eu-west-1")), launchtemplate.NextVersionInput{
		Template: launchtemplate.Ref{ID: templateID},
		Source:   1,
		ImageID:  cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyNextAMI"}),
	})
	if err != nil {
		log.Fatal(err)
	}

	updated, err := asg.Update(ctx, client, asg.UpdateInput{
		Group:    "my-asg",
		Template: &asg.TemplateSpec{ID: templateID, Version: fmt.Sprint(next.Version.Number)},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("changed:", updated.Changed)
	printGroup(client)
	// Output:
	// changed: true
	// my-asg: 2 instances, template version 2
}

// The fourth step, to another launch configuration:
//
//	aws autoscaling update-auto-scaling-group --auto-scaling-group-name my-asg \
//	  --launch-configuration-name my-next-launch-config
func Example_updateGroupToLaunchConfiguration() {
	ctx := context.Background()
	cloud := awstest.New()
	client := autoscaling.NewFromConfig(cloud.Config("eu-west-1"))
	myGroup(cloud)
	launchConfiguration(cloud, "my-next-launch-config")

	updated, err := asg.Update(ctx, client, asg.UpdateInput{Group: "my-asg", LaunchConfiguration: "my-next-launch-config"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("changed:", updated.Changed)
	printGroup(client)
	// Output:
	// changed: true
	// my-asg: 2 instances, launch configuration my-next-launch-config
}

func myTemplate(cloud *awstest.Cloud) (id string) {
	made, err := launchtemplate.Create(context.Background(), ec2.NewFromConfig(cloud.Config("eu-west-1")), launchtemplate.CreateInput{
		Name: "my-launch-template",
		Data: &types.RequestLaunchTemplateData{
			ImageId:      new(cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"})),
			InstanceType: types.InstanceTypeT2Micro,
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	return made.TemplateID
}

func launchConfiguration(cloud *awstest.Cloud, name string) {
	_, err := autoscaling.NewFromConfig(cloud.Config("eu-west-1")).CreateLaunchConfiguration(context.Background(),
		&autoscaling.CreateLaunchConfigurationInput{
			LaunchConfigurationName: &name,
			ImageId:                 new(cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: name})),
			InstanceType:            new("t2.micro"),
		})
	if err != nil {
		log.Fatal(err)
	}
}

func myGroup(cloud *awstest.Cloud) (templateID string) {
	templateID = myTemplate(cloud)
	_, err := asg.Create(context.Background(), autoscaling.NewFromConfig(cloud.Config("eu-west-1")), asg.CreateInput{
		Name:     "my-asg",
		Template: &asg.TemplateSpec{ID: templateID, Version: "1"},
		MinSize:  1,
		MaxSize:  5,
		Desired:  new(int32(2)),
		Subnets:  cloud.Region("eu-west-1").Network().Subnets[:1],
	})
	if err != nil {
		log.Fatal(err)
	}
	return templateID
}

func printGroup(client *autoscaling.Client) {
	groups, err := asg.Describe(context.Background(), client, []string{"my-asg"})
	if err != nil {
		log.Fatal(err)
	}
	g := groups[0]
	source := "launch configuration"
	if g.LaunchTemplate != nil {
		source = "template version " + *g.LaunchTemplate.Version
	} else {
		source += " " + *g.LaunchConfigurationName
	}
	fmt.Printf("%s: %d instances, %s\n", *g.AutoScalingGroupName, len(g.Instances), source)
}
