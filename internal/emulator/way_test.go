//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/launchtemplate"
	"github.com/readyami/readyami/region"
)

// The whole way, from an instance to groups in three Regions that launch its
// image. Each step is read back with the SDK alone.
func TestFromAnInstanceToGroupsInThreeRegions(t *testing.T) {
	w := start(t)
	regions := []string{home, "us-east-1", "ap-south-1"}
	before := map[string]fleet{}
	for _, r := range regions {
		before[r] = w.fleet(r)
	}

	image := w.makeImage()
	copies := w.copyTo(image, regions)

	for _, r := range regions {
		version := w.nextVersion(r, before[r].template, copies[r])
		w.updateGroup(r, before[r], version)
		w.scaleOut(r, before[r], copies[r])
	}
}

// fleet is a group in one Region that runs the base image.
type fleet struct{ template, group string }

func (w world) fleet(name string) fleet {
	w.t.Helper()
	c := w.clients(name)
	subnet, security := w.network(name)
	template, err := launchtemplate.Create(w.t.Context(), c.EC2, launchtemplate.CreateInput{
		Name:        "my-launch-template",
		Description: "v1",
		Data: &types.RequestLaunchTemplateData{
			ImageId:          new(baseImage),
			InstanceType:     types.InstanceTypeT2Micro,
			KeyName:          new("my-key"),
			SecurityGroupIds: []string{security},
			MetadataOptions:  &types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: types.LaunchTemplateHttpTokensStateRequired},
			Monitoring:       &types.LaunchTemplatesMonitoringRequest{Enabled: new(true)},
			BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMappingRequest{{
				DeviceName: new("/dev/sdf"),
				Ebs:        &types.LaunchTemplateEbsBlockDeviceRequest{VolumeSize: new(int32(20)), VolumeType: types.VolumeTypeGp3},
			}},
		},
	})
	require.NoError(w.t, err)
	group, err := asg.Create(w.t.Context(), c.AutoScaling, asg.CreateInput{
		Name:     "my-asg",
		Template: &asg.TemplateSpec{ID: template.TemplateID, Version: "1"},
		MinSize:  1, MaxSize: 5, Desired: new(int32(2)),
		Subnets: []string{subnet},
	})
	require.NoError(w.t, err)

	read := w.readGroup(name, group.Name)
	assert.Equal(w.t, group.ARN, aws.ToString(read.AutoScalingGroupARN))
	assert.Equal(w.t, subnet, aws.ToString(read.VPCZoneIdentifier))
	assert.Equal(w.t, []string{baseImage, baseImage}, w.imagesOf(name, read))
	return fleet{template.TemplateID, group.Name}
}

// makeImage images an instance in the home Region.
func (w world) makeImage() string {
	w.t.Helper()
	instance := w.instance(home)
	in := ami.CreateInput{
		InstanceID:  instance,
		Name:        "MyReadyToUseAMI",
		Description: "web 42",
		Reboot:      ami.NoReboot,
		Tags:        map[string]string{"app": "web"},
	}
	made, err := ami.Create(w.t.Context(), w.clients(home).EC2, in)
	require.NoError(w.t, err)
	_, err = ami.Wait(w.t.Context(), w.clients(home).EC2, []string{made.ImageID})
	require.NoError(w.t, err)

	read := w.readImage(home, made.ImageID)
	assert.Equal(w.t, types.ImageStateAvailable, read.State)
	assert.Equal(w.t, "MyReadyToUseAMI", aws.ToString(read.Name))
	assert.Equal(w.t, "web 42", aws.ToString(read.Description))
	tags := tagsOf(read.Tags)
	assert.Equal(w.t, "web", tags["app"])
	assert.Equal(w.t, instance, tags[ami.TagSource])
	assert.NotEmpty(w.t, tags[ami.TagIntent])

	again, err := ami.Create(w.t.Context(), w.clients(home).EC2, in)
	require.NoError(w.t, err)
	assert.True(w.t, again.Adopted)
	assert.Equal(w.t, made.ImageID, again.ImageID)
	assert.Equal(w.t, 1, w.images(home))
	return made.ImageID
}

// copyTo gives each Region its image; that of the home Region is the source.
func (w world) copyTo(image string, regions []string) map[string]string {
	w.t.Helper()
	in := region.CopyInput{
		Source:        region.Target{Region: home},
		SourceImageID: image,
		Name:          "MyReadyToUseAMI",
		CopyTags:      true,
	}
	for _, r := range regions {
		in.Targets = append(in.Targets, region.Destination{Target: region.Target{Region: r}})
	}
	results, err := region.Copy(w.t.Context(), w.pool(), in)
	require.NoError(w.t, err)

	copies := map[string]string{}
	for i, r := range results {
		name := regions[i]
		require.Equal(w.t, name, r.Target.Region)
		copies[name] = r.ImageID
		read := w.readImage(name, r.ImageID)
		assert.Equal(w.t, types.ImageStateAvailable, read.State)
		assert.Equal(w.t, "MyReadyToUseAMI", aws.ToString(read.Name))
		assert.Equal(w.t, "web", tagsOf(read.Tags)["app"])
		if name != home {
			assert.Equal(w.t, home+"/"+image, tagsOf(read.Tags)[ami.TagSource])
		}
	}
	assert.Equal(w.t, image, copies[home])

	again, err := region.Copy(w.t.Context(), w.pool(), in)
	require.NoError(w.t, err)
	for i, r := range again {
		assert.True(w.t, r.Adopted)
		assert.Equal(w.t, copies[regions[i]], r.ImageID)
		assert.Equal(w.t, 1, w.images(regions[i]))
	}
	return copies
}

// nextVersion makes version 2 of the fleet's template, with the image.
func (w world) nextVersion(name, template, image string) int64 {
	w.t.Helper()
	in := launchtemplate.NextVersionInput{Template: launchtemplate.Ref{ID: template}, Source: 1, ImageID: image}
	next, err := launchtemplate.NextVersion(w.t.Context(), w.clients(name).EC2, in)
	require.NoError(w.t, err)
	require.Equal(w.t, int64(2), next.Version.Number)

	versions := w.readVersions(name, template)
	require.Len(w.t, versions, 2)
	want := *versions[0].LaunchTemplateData
	want.ImageId = &image
	assert.Equal(w.t, &want, versions[1].LaunchTemplateData, "all but the image is as it was")
	assert.True(w.t, aws.ToBool(versions[0].DefaultVersion), "the default has not moved")

	again, err := launchtemplate.NextVersion(w.t.Context(), w.clients(name).EC2, in)
	require.NoError(w.t, err)
	assert.True(w.t, again.Adopted)
	assert.Len(w.t, w.readVersions(name, template), 2)
	return next.Version.Number
}

// updateGroup has the group launch the version from now on.
func (w world) updateGroup(name string, f fleet, version int64) {
	w.t.Helper()
	in := asg.UpdateInput{Group: f.group, Template: &asg.TemplateSpec{ID: f.template, Version: "2"}}
	done, err := asg.Update(w.t.Context(), w.clients(name).AutoScaling, in)
	require.NoError(w.t, err)
	assert.True(w.t, done.Changed)
	assert.Equal(w.t, "1", done.Before.Template.Version)

	read := w.readGroup(name, f.group)
	assert.Equal(w.t, f.template, aws.ToString(read.LaunchTemplate.LaunchTemplateId))
	assert.Equal(w.t, "2", aws.ToString(read.LaunchTemplate.Version))
	assert.Equal(w.t, []string{baseImage, baseImage}, w.imagesOf(name, read), "an update replaces nothing")

	again, err := asg.Update(w.t.Context(), w.clients(name).AutoScaling, in)
	require.NoError(w.t, err)
	assert.False(w.t, again.Changed)

	moved, err := launchtemplate.SetDefault(w.t.Context(), w.clients(name).EC2, launchtemplate.Ref{ID: f.template}, version)
	require.NoError(w.t, err)
	assert.Equal(w.t, &launchtemplate.SetDefaultResult{Before: 1, After: 2}, moved)
	assert.True(w.t, aws.ToBool(w.readVersions(name, f.template)[1].DefaultVersion))
}

// scaleOut shows what a new instance of the group runs.
func (w world) scaleOut(name string, f fleet, image string) {
	w.t.Helper()
	_, err := w.asg(name).SetDesiredCapacity(w.t.Context(), &autoscaling.SetDesiredCapacityInput{
		AutoScalingGroupName: &f.group, DesiredCapacity: new(int32(3)),
	})
	require.NoError(w.t, err)
	assert.ElementsMatch(w.t, []string{baseImage, baseImage, image}, w.imagesOf(name, w.readGroup(name, f.group)))
}
