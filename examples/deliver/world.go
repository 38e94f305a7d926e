package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
	"github.com/readyami/readyami/plan"
)

// pace is how long one step takes here. On AWS steps take minutes.
var pace = time.Second

func timing() awstest.Timing {
	return awstest.Timing{
		Jitter:        0.3,
		Call:          pace / 200,
		Image:         2 * pace,
		ImageCopy:     3 * pace,
		InstanceStart: pace,
		InstanceStop:  pace,
		HealthCheck:   pace / 2,
		RefreshStart:  pace / 2,
		RefreshStall:  8 * pace,
		Retry:         pace,
	}
}

const (
	group    = "storefront"
	oldImage = "storefront-1"
	newImage = "storefront-2"
)

var regions = []string{"eu-west-1", "us-east-1", "ap-southeast-2"}

// world is what stands before the delivery, and the delivery.
type world struct {
	config   aws.Config
	delivery plan.Delivery
	schedule readyami.Schedule
}

// worldOverHTTP is what stands in the awstest-server that AWS_ENDPOINT_URL
// names: a group in each Region, and a prepared instance in the first. Nothing
// here knows that it is no AWS but for how often it looks.
func worldOverHTTP(ctx context.Context) (*world, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	cfg.Region = regions[0]
	prepared, err := ec2.NewFromConfig(cfg).DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{
		{Name: new("tag:Name"), Values: []string{"prepared"}},
		{Name: new("instance-state-name"), Values: []string{"running"}},
	}})
	if err != nil {
		return nil, err
	}
	if len(prepared.Reservations) != 1 {
		return nil, fmt.Errorf("%d instances in %s are tagged prepared", len(prepared.Reservations), regions[0])
	}
	w := &world{config: cfg, schedule: readyami.Schedule{Min: pace / 5, Max: pace / 2},
		delivery: delivery(*prepared.Reservations[0].Instances[0].InstanceId)}
	for _, name := range regions {
		w.delivery.Targets = append(w.delivery.Targets, plan.Target{Region: name, Groups: []string{group}})
	}
	return w, nil
}

// delivery is that of an image of an instance, without targets.
func delivery(instanceID string) plan.Delivery {
	return plan.Delivery{
		Name: newImage,
		Source: plan.Source{Instance: &plan.InstanceSource{
			Region:     regions[0],
			InstanceID: instanceID,
			Reboot:     plan.NoReboot,
		}},
		Preferences: &plan.Preferences{
			MinHealthyPercentage: new(int32(100)),
			MaxHealthyPercentage: new(int32(150)),
			InstanceWarmup:       new(int32(pace / time.Second)),
		},
	}
}

// newWorld has a fleet of two instances in each Region on the old image, and an
// instance that is prepared for the new one. A broken one becomes an image
// whose instances never pass a health check.
func newWorld(ctx context.Context, broken bool) (*world, error) {
	cloud := awstest.New(awstest.WithTiming(timing()))
	w := &world{
		config:   cloud.Config(regions[0]),
		schedule: readyami.Schedule{Min: pace / 5, Max: pace / 2},
		delivery: delivery(cloud.Region(regions[0]).PreparedInstance(awstest.InstanceSeed{})),
	}
	for _, name := range regions {
		if err := fleet(ctx, cloud.Region(name)); err != nil {
			return nil, fmt.Errorf("fleet in %s: %w", name, err)
		}
		w.delivery.Targets = append(w.delivery.Targets, plan.Target{Region: name, Groups: []string{group}})
	}
	cloud.Advance(time.Minute) // the fleets are in service
	if broken {
		cloud.NeverHealthy(awstest.ImageMatch{Name: newImage})
	}
	return w, nil
}

// fleet makes a group of two instances on the old image.
func fleet(ctx context.Context, r *awstest.Region) error {
	template, err := launchtemplate.Create(ctx, ec2.NewFromConfig(r.Config()), launchtemplate.CreateInput{
		Name: group,
		Data: &ec2types.RequestLaunchTemplateData{
			ImageId:      new(r.OwnImage(awstest.ImageSeed{Name: oldImage})),
			InstanceType: ec2types.InstanceTypeT3Micro,
		},
	})
	if err != nil {
		return err
	}
	_, err = asg.Create(ctx, autoscaling.NewFromConfig(r.Config()), asg.CreateInput{
		Name:     group,
		Template: &asg.TemplateSpec{ID: template.TemplateID, Version: "1"},
		MinSize:  1,
		MaxSize:  5,
		Desired:  new(int32(2)),
		Subnets:  r.Network().Subnets,
	})
	return err
}
