package readyami_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
)

// meddler is somebody else who does something at some time. What AWS answers does not
// matter.
type meddler struct {
	name  string
	stops bool // it may stop the release, and nothing is undone then
	do    func(ctx context.Context, c *chaos, in, group string)
}

// meddlers say, each, what right is afterwards: who scales or terminates changes
// nothing; who cancels stops the release; who rolls back has it rejected; whose version
// is newer keeps $Latest.
var meddlers = []meddler{
	{"scales out", false, func(ctx context.Context, c *chaos, in, group string) {
		_, _ = c.groups(in).SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &group, DesiredCapacity: new(int32(3))})
	}},
	{"terminates an instance", false, func(ctx context.Context, c *chaos, in, group string) {
		for _, g := range c.cloud.Region(in).Groups() {
			if *g.AutoScalingGroupName == group && len(g.Instances) > 0 {
				_, _ = ec2.NewFromConfig(c.cloud.Config(in)).TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{*g.Instances[0].InstanceId}})
			}
		}
	}},
	{"cancels a refresh", true, func(ctx context.Context, c *chaos, in, group string) {
		_, _ = c.groups(in).CancelInstanceRefresh(ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: &group})
	}},
	{"rolls a refresh back", false, func(ctx context.Context, c *chaos, in, group string) {
		_, _ = c.groups(in).RollbackInstanceRefresh(ctx, &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: &group})
	}},
	{"makes a version", true, func(ctx context.Context, c *chaos, in, _ string) {
		_, _ = ec2.NewFromConfig(c.cloud.Config(in)).CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: new(c.templateID(in, "web")), SourceVersion: new("1"),
			LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: ec2types.InstanceTypeT3Small},
		})
	}},
	{"moves the default version", true, func(ctx context.Context, c *chaos, in, _ string) {
		_, _ = ec2.NewFromConfig(c.cloud.Config(in)).ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{
			LaunchTemplateId: new(c.templateID(in, "web")), DefaultVersion: new("1"),
		})
	}},
}

// groups are the calls of somebody else about groups.
func (c *chaos) groups(in string) *autoscaling.Client {
	return autoscaling.NewFromConfig(c.cloud.Config(in))
}

// meddle has the meddler do its thing at some time. ended waits until that is over.
func (c *chaos) meddle() (ended func()) {
	if c.meddler == nil {
		return func() {}
	}
	in := c.Targets[c.random.IntN(len(c.Targets))]
	group := in.Groups[c.random.IntN(len(in.Groups))]
	after := time.Duration(c.random.IntN(25*60)) * time.Second
	ctx, done := context.WithoutCancel(c.t.Context()), make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(after)
		c.meddler.do(ctx, c, in.Region, group)
	}()
	return func() { <-done }
}

// spell has a group name its version in another way.
func (c *chaos) spell(in, group, version string) {
	c.t.Helper()
	g := c.describeGroup(in, group)
	_, err := c.groups(in).UpdateAutoScalingGroup(c.t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: &group, LaunchTemplate: templateOfGroup(g.LaunchTemplate.LaunchTemplateId, version),
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func atWrite(k int, f awstest.Fault) awstest.Fault { return faulttest.At(k, true, f) }

func templateOfGroup(id *string, version string) *asgtypes.LaunchTemplateSpecification {
	return &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: id, Version: &version}
}
