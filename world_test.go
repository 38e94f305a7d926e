package readyami_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

var threeRegions = []string{"eu-west-1", "us-east-1", "ap-southeast-2"}

// world is a cloud with fleets in it and what is to be delivered to them.
type world struct {
	t     *testing.T
	cloud *awstest.Cloud
	plan.Delivery
	configs region.ConfigFunc

	via      deliverer // what delivers
	recorder *recorder
	acts     []act // of the scenario, that are to come
	cut      bool  // the last act has been
	optFns   []func(*readyami.Options)
}

// deliverer is a way of delivering, as [deliver] is one.
type deliverer func(context.Context, region.ConfigFunc, plan.Delivery, ...func(*readyami.Options)) (*plan.Report, error)

// newWorld has the group "web" of two instances in each of three Regions, and
// an instance in the first that is prepared for the image "web-2".
func newWorld(t *testing.T, opts ...awstest.Option) *world {
	w := &world{t: t, via: deliver, recorder: &recorder{t: t}}
	w.cloud = awstest.Start(t, append([]awstest.Option{
		awstest.WithFault(w.recorder.sees), awstest.WithTiming(awstest.Realistic),
	}, opts...)...)
	w.recorder.names = newNames(w.cloud)
	w.inject() // behind the faults that are among the options
	w.configs = region.OneAccount(ours(w.cloud.Config(threeRegions[0])))
	w.Delivery = plan.Delivery{
		Name: "web-2",
		Source: plan.Source{Instance: &plan.InstanceSource{
			Region:     threeRegions[0],
			InstanceID: w.cloud.Region(threeRegions[0]).PreparedInstance(awstest.InstanceSeed{DataGiB: []int32{20}}),
			Reboot:     plan.NoReboot,
		}},
		Preferences: &plan.Preferences{
			MinHealthyPercentage: new(int32(100)),
			MaxHealthyPercentage: new(int32(200)),
			InstanceWarmup:       new(int32(30)),
		},
	}
	for _, name := range threeRegions {
		w.group(name, "web", w.template(name, "web"), "1")
		w.Targets = append(w.Targets, plan.Target{Region: name, Groups: []string{"web"}})
	}
	w.settle()
	return w
}

// settle lets the fleets come into service and forgets how they came to be.
func (w *world) settle() {
	time.Sleep(10 * time.Minute) // not by the cloud's own clock: that of AWS and the local one go together
	w.cloud.ForgetCalls()
}

// template makes a template whose version 1 launches an image of the name's
// first release, and returns its id.
func (w *world) template(in, name string) string {
	w.t.Helper()
	r := w.cloud.Region(in)
	made, err := launchtemplate.Create(w.t.Context(), ec2.NewFromConfig(r.Config()), launchtemplate.CreateInput{
		Name: name,
		Data: &ec2types.RequestLaunchTemplateData{
			ImageId:      new(r.OwnImage(awstest.ImageSeed{Name: name + "-1"})),
			InstanceType: ec2types.InstanceTypeT3Micro,
			UserData:     new("IyEvYmluL3NoCg=="),
		},
	})
	require.NoError(w.t, err)
	return made.TemplateID
}

func (w *world) group(in, name, templateID, version string) {
	w.t.Helper()
	r := w.cloud.Region(in)
	_, err := asg.Create(w.t.Context(), autoscaling.NewFromConfig(r.Config()), asg.CreateInput{
		Name:     name,
		Template: &asg.TemplateSpec{ID: templateID, Version: version},
		MinSize:  1,
		MaxSize:  6,
		Desired:  new(int32(2)),
		Subnets:  r.Network().Subnets,
	})
	require.NoError(w.t, err)
}

// deliver is one process: it shares nothing with the one before.
func (w *world) deliver(ctx context.Context, optFns ...func(*readyami.Options)) (*plan.Report, error) {
	return w.via(ctx, w.configs, w.Delivery, append(slices.Clip(w.optFns), optFns...)...)
}

// inject puts faults behind those that are there, and what tells whether a call
// arrives behind them all.
func (w *world) inject(faults ...awstest.Fault) {
	for _, f := range append(faults, arrives) {
		w.cloud.Inject(f)
	}
}

// onEvent is an option of deliver.
func onEvent(fn func(readyami.Event)) func(*readyami.Options) {
	return func(o *readyami.Options) { o.OnEvent = func(_ context.Context, e readyami.Event) { fn(e) } }
}

// describeGroup reads a group as anybody would.
func (w *world) describeGroup(in, name string) asgtypes.AutoScalingGroup {
	w.t.Helper()
	groups, err := asg.Describe(context.WithoutCancel(w.t.Context()), autoscaling.NewFromConfig(w.cloud.Config(in)), []string{name})
	require.NoError(w.t, err)
	return groups[0]
}

// versions reads all versions of a template, newest first.
func (w *world) versions(in, templateID string) []ec2types.LaunchTemplateVersion {
	w.t.Helper()
	out, err := ec2.NewFromConfig(w.cloud.Config(in)).DescribeLaunchTemplateVersions(w.t.Context(),
		&ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &templateID})
	require.NoError(w.t, err)
	return out.LaunchTemplateVersions
}

// templateID finds a template by its name.
func (w *world) templateID(in, name string) string {
	w.t.Helper()
	templates := w.cloud.Region(in).Templates()
	i := slices.IndexFunc(templates, func(t ec2types.LaunchTemplate) bool { return *t.LaunchTemplateName == name })
	require.NotEqual(w.t, -1, i, name)
	return *templates[i].LaunchTemplateId
}

// imageOf is the image that an instance runs.
func (w *world) imageOf(in, instanceID string) string {
	w.t.Helper()
	out, err := ec2.NewFromConfig(w.cloud.Config(in)).DescribeInstances(w.t.Context(),
		&ec2.DescribeInstancesInput{InstanceIds: []string{instanceID}})
	require.NoError(w.t, err)
	return *out.Reservations[0].Instances[0].ImageId
}

// named lists the images of a Region that have a name, whatever their state.
func (w *world) named(in, name string) []ec2types.Image {
	var out []ec2types.Image
	for _, i := range w.cloud.Region(in).Images() {
		if *i.Name == name {
			out = append(out, i)
		}
	}
	return out
}

// requireDelivered checks the world itself, not the report: one image in each
// Region, one new version of each template, all instances on it.
func (w *world) requireDelivered() {
	w.t.Helper()
	for _, t := range w.Targets {
		images := w.named(t.Region, w.Name)
		require.Len(w.t, images, 1, t.Region)
		require.Equal(w.t, ec2types.ImageStateAvailable, images[0].State)
		for _, name := range t.Groups {
			g := w.describeGroup(t.Region, name)
			require.Equal(w.t, "2", *g.LaunchTemplate.Version, "%s %s", t.Region, name)
			require.Len(w.t, w.versions(t.Region, *g.LaunchTemplate.LaunchTemplateId), 2)
			require.Len(w.t, g.Instances, int(*g.DesiredCapacity))
			for _, i := range g.Instances {
				require.Equal(w.t, asgtypes.LifecycleStateInService, i.LifecycleState)
				require.Equal(w.t, *images[0].ImageId, w.imageOf(t.Region, *i.InstanceId))
			}
		}
	}
}

// deliver plans and applies, in a process of its own.
func deliver(ctx context.Context, configs region.ConfigFunc, d plan.Delivery, optFns ...func(*readyami.Options)) (*plan.Report, error) {
	return readyami.New(configs, optFns...).Deliver(ctx, d)
}

// retry begins a new attempt, in a process of its own.
func (w *world) retry() {
	w.t.Helper()
	c := readyami.New(w.configs)
	p, err := c.Plan(w.t.Context(), w.Delivery)
	require.NoError(w.t, err)
	require.NoError(w.t, c.Retry(w.t.Context(), p))
}

// templateOf is the template "web" of a Region.
func (w *world) templateOf(in string) template {
	w.t.Helper()
	g := w.describeGroup(in, "web")
	versions := w.versions(in, *g.LaunchTemplate.LaunchTemplateId)
	t := template{LaunchTemplateId: g.LaunchTemplate.LaunchTemplateId}
	for _, v := range versions {
		if *v.DefaultVersion {
			t.DefaultVersionNumber = v.VersionNumber
		}
	}
	return t
}

type template ec2types.LaunchTemplate

func (t template) id() string { return *t.LaunchTemplateId }
