package asg_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
)

const home = "eu-west-1"

// fleet is a cloud with one launch template of two versions, the first the
// default, and clients.
type fleet struct {
	*awstest.Cloud
	*autoscaling.Client
	t          testing.TB
	ec2        *ec2.Client
	templateID string
	subnets    []string
	images     map[string]string // by name, where a test keeps them
	large      string            // the second template of a policy; empty before the first
	stuck      asg.RefreshKey    // that removeAfterStart began
	before     asg.LaunchSource  // that RevertTo reverts to
}

// timing is quick and of round numbers; a refresh takes a while.
var timing = awstest.Timing{
	InstanceStart: 20 * time.Second,
	HealthCheck:   10 * time.Second,
	InstanceStop:  10 * time.Second,
	RefreshStart:  5 * time.Second,
	RefreshStall:  time.Hour,
	Retry:         time.Minute,
}

func start(t *testing.T, opts ...awstest.Option) *fleet {
	t.Helper()
	cloud := awstest.Start(t, append([]awstest.Option{awstest.WithInputs(), awstest.WithTiming(timing)}, opts...)...)
	f := &fleet{
		Cloud: cloud, t: t,
		Client:  autoscaling.NewFromConfig(faulttest.Config(cloud, home)),
		ec2:     ec2.NewFromConfig(faulttest.Config(cloud, home)),
		subnets: cloud.Region(home).Network().Subnets,
	}
	f.templateID = cloud.Region(home).Template(awstest.TemplateSeed{Name: "web", Data: launchData(cloud, "one")})
	f.addVersion("two")
	f.ForgetCalls()
	return f
}

func launchData(cloud *awstest.Cloud, image string) *ec2types.RequestLaunchTemplateData {
	return &ec2types.RequestLaunchTemplateData{
		ImageId:      new(cloud.Region(home).OwnImage(awstest.ImageSeed{Name: image})),
		InstanceType: ec2types.InstanceTypeT3Micro,
	}
}

func (f *fleet) addVersion(image string) {
	f.t.Helper()
	_, err := f.ec2.CreateLaunchTemplateVersion(f.t.Context(), &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &f.templateID, LaunchTemplateData: launchData(f.Cloud, image),
	})
	require.NoError(f.t, err)
}

// input is a group of the first template version.
func (f *fleet) input(name string) asg.CreateInput {
	return asg.CreateInput{
		Name: name, Template: &asg.TemplateSpec{ID: f.templateID, Version: "1"},
		MinSize: 1, MaxSize: 5, Desired: new(int32(2)), Subnets: f.subnets[:2],
	}
}

// group makes a group, lets its instances come up, and forgets the calls.
func (f *fleet) group(name string) {
	f.t.Helper()
	_, err := asg.Create(f.t.Context(), f, f.input(name))
	require.NoError(f.t, err)
	f.Advance(5 * time.Minute)
	f.ForgetCalls()
}

func (f *fleet) read(name string) types.AutoScalingGroup {
	f.t.Helper()
	groups, err := asg.Describe(f.t.Context(), f, []string{name})
	require.NoError(f.t, err)
	return groups[0]
}

// restart is a client of another process.
func (f *fleet) restart() *autoscaling.Client {
	return autoscaling.NewFromConfig(faulttest.Config(f.Cloud, home))
}

// configuration makes a launch configuration.
func (f *fleet) configuration(name string) {
	f.t.Helper()
	_, err := f.CreateLaunchConfiguration(f.t.Context(), &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: &name,
		ImageId:                 new(f.Cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "image of " + name})),
		InstanceType:            new("t3.micro"),
	})
	require.NoError(f.t, err)
}

// failure is the error as this package's own.
func failure(t *testing.T, err error) *asg.Error {
	t.Helper()
	require.Error(t, err)
	e, ok := errors.AsType[*asg.Error](err)
	require.True(t, ok, "%v", err)
	return e
}

// alter changes what every call of an operation answers.
func alter[Out any](operation string, change func(*Out)) awstest.Fault {
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		if call.Operation == operation && err == nil {
			change(out.(*Out))
		}
		return out, err
	}
}

// removeImage deregisters the image of a template version.
func (f *fleet) removeImage(version string) (id string) {
	f.t.Helper()
	id = f.image(version)
	_, err := f.ec2.DeregisterImage(f.t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
	require.NoError(f.t, err)
	return id
}

// alterInput changes what every call of an operation asks for.
func alterInput[In any](change func(*In)) awstest.Fault {
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if in, ok := call.Input.(*In); ok {
			change(in)
		}
		return next(ctx)
	}
}

// removeAfterStart starts a refresh of group web to a version, and takes its
// image away.
func (f *fleet) removeAfterStart(version string) {
	f.t.Helper()
	f.stuck = asg.RefreshKey{Group: "web", ID: f.start(f.refresh()).RefreshID}
	f.removeImage(version)
}
