//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/internal/emulator"
	"github.com/readyami/readyami/internal/fault"
)

// difference is one thing that an emulator does in another way than AWS. Its
// probe makes the calls with the SDK alone and reports whether the emulator did
// as AWS does. Where it has come to, the test fails: take the entry out, and the
// adapter of that name with it.
type difference struct {
	name  string
	asAWS func(probe) bool
}

func stillDiffers(t *testing.T, e emulator.Emulator, list []difference) {
	t.Helper()
	for _, d := range list {
		t.Run(d.name, func(t *testing.T) {
			assert.False(t, d.asAWS(newProbe(t, e)), "the emulator does as AWS does: take this entry out of the list")
		})
	}
	var names []string
	for _, d := range list {
		assert.NotContains(t, names, d.name, "twice")
		names = append(names, d.name)
	}
	assert.Subset(t, names, e.Adapters(), "an adapter goes with its difference")
}

// probe is an emulator in the home Region as the probes of the differences use
// it: by clients that nothing adapts and that try once.
type probe struct {
	world
	ec2 *ec2.Client
	asg *autoscaling.Client
}

func newProbe(t *testing.T, e emulator.Emulator) probe {
	w := startOn(t, e)
	cfg := w.Config(home)
	cfg.RetryMaxAttempts = 1
	return probe{world: w, ec2: ec2.NewFromConfig(cfg), asg: autoscaling.NewFromConfig(cfg)}
}

func (p probe) createImage(name string, with func(*ec2.CreateImageInput)) (id string, err error) {
	p.t.Helper()
	in := &ec2.CreateImageInput{InstanceId: new(p.instance(home)), Name: &name}
	if with != nil {
		with(in)
	}
	out, err := p.ec2.CreateImage(p.t.Context(), in)
	if err != nil {
		return "", err
	}
	return aws.ToString(out.ImageId), nil
}

func (p probe) image(name string) string { return p.world.image(home, name) }

// copyImage copies an image of another Region.
func (p probe) copyImage(source, name string, with func(*ec2.CopyImageInput)) string {
	p.t.Helper()
	in := &ec2.CopyImageInput{SourceImageId: &source, SourceRegion: new("us-east-1"), Name: &name}
	with(in)
	out, err := p.ec2.CopyImage(p.t.Context(), in)
	require.NoError(p.t, err)
	return aws.ToString(out.ImageId)
}

// register makes an image of a new snapshot.
func (p probe) register(with func(*ec2.RegisterImageInput)) string {
	p.t.Helper()
	in := &ec2.RegisterImageInput{
		Name: new("registered"), RootDeviceName: new("/dev/xvda"),
		BlockDeviceMappings: []types.BlockDeviceMapping{{DeviceName: new("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: new(p.snapshot(home))}}},
	}
	with(in)
	out, err := p.ec2.RegisterImage(p.t.Context(), in)
	require.NoError(p.t, err)
	return aws.ToString(out.ImageId)
}

// imagesBy lists images, of which there is one, by a filter.
func (p probe) imagesBy(filter, value string) error {
	p.t.Helper()
	p.image("filtered")
	_, err := p.ec2.DescribeImages(p.t.Context(), &ec2.DescribeImagesInput{
		Filters: []types.Filter{{Name: &filter, Values: []string{value}}},
	})
	return err
}

// version makes a version of a template with another image.
func (p probe) version(template, source string, with func(*ec2.CreateLaunchTemplateVersionInput)) (*ec2.CreateLaunchTemplateVersionOutput, error) {
	in := &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &template, SourceVersion: &source,
		LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: new("ami-0fedcba9876543210"), InstanceType: types.InstanceTypeT2Micro},
	}
	if with != nil {
		with(in)
	}
	return p.ec2.CreateLaunchTemplateVersion(p.t.Context(), in)
}

// group makes a group and the launch configuration that it launches from.
func (p probe) group(name, configuration string) {
	p.t.Helper()
	require.NoError(p.t, p.createGroup(name, p.configuration(home, configuration, baseImage)))
}

func (p probe) createGroup(name, configuration string) error {
	p.t.Helper()
	subnet, _ := p.network(home)
	_, err := p.asg.CreateAutoScalingGroup(p.t.Context(), &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: &name, LaunchConfigurationName: &configuration,
		MinSize: new(int32(1)), MaxSize: new(int32(2)), VPCZoneIdentifier: &subnet,
	})
	return err
}

func isValidationError(err error) bool { return fault.Is(err, "ValidationError") }
