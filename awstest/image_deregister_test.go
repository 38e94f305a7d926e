package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestDeregisteredImagesLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{Linger: time.Minute}))
		client := ec2.NewFromConfig(cloud.Config(home))
		region := cloud.Region(home)
		id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
		deregister := func() error {
			_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
			return err
		}
		read := func(in ec2.DescribeImagesInput) ([]ec2types.Image, error) {
			out, err := client.DescribeImages(t.Context(), &in)
			if err != nil {
				return nil, err
			}
			return out.Images, nil
		}
		byID := ec2.DescribeImagesInput{ImageIds: []string{id}}
		byFilter := ec2.DescribeImagesInput{Filters: []ec2types.Filter{{Name: new("image-id"), Values: []string{id}}}}

		require.NoError(t, deregister())
		for _, in := range []ec2.DescribeImagesInput{byID, byFilter, {Owners: []string{"self"}}} {
			images, err := read(in)
			require.NoError(t, err)
			assert.Empty(t, images)
		}
		requireCode(t, deregister(), "InvalidAMIID.Unavailable", "no longer available")
		_, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &id, MinCount: new(int32(1)), MaxCount: new(int32(1))})
		requireCode(t, err, "InvalidAMIID.Unavailable", id)
		_, err = client.CopyImage(t.Context(), &ec2.CopyImageInput{Name: new("copy"), SourceImageId: &id, SourceRegion: new(home)})
		requireCode(t, err, "InvalidAMIID.Unavailable", id)
		_, err = client.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{id}, Tags: tags("", "k", "v")[0].Tags})
		requireCode(t, err, "InvalidAMIID.Unavailable", id)
		_, err = client.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &id})
		requireCode(t, err, "InvalidAMIID.Unavailable", id)
		_, err = client.EnableImageDeprecation(t.Context(), &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: new(time.Now().Add(time.Hour))})
		requireCode(t, err, "InvalidAMIID.Unavailable", id)
		_, err = client.DisableImageDeprecation(t.Context(), &ec2.DisableImageDeprecationInput{ImageId: &id})
		requireCode(t, err, "InvalidAMIID.Unavailable", id)
		assert.Empty(t, region.Images())
		assert.Len(t, region.Snapshots(), 1, "kept unless asked for")

		time.Sleep(time.Minute)
		_, err = read(byID)
		requireCode(t, err, "InvalidAMIID.NotFound", id)
		requireCode(t, deregister(), "InvalidAMIID.NotFound", id)
		images, err := read(byFilter)
		require.NoError(t, err)
		assert.Empty(t, images)
	})
}

func TestDeregisteredAtOnce(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	id := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
	for _, code := range []string{"", "InvalidAMIID.NotFound"} {
		_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
		if code == "" {
			require.NoError(t, err)
		} else {
			requireCode(t, err, code, id)
		}
	}
}

func TestDeregisterReportsEachSnapshot(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	other := region.OwnImage(awstest.ImageSeed{Name: "other"})
	shared := *readImage(t, client, other).BlockDeviceMappings[0].Ebs.SnapshotId
	foreign := region.ForeignImage(stranger, "foreign", true)
	theirs := *readImage(t, client, foreign).BlockDeviceMappings[0].Ebs.SnapshotId
	instance := region.PreparedInstance(awstest.InstanceSeed{})
	create := func(name string) string {
		out, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: &name,
			BlockDeviceMappings: append(device("/dev/sdy", &ec2types.EbsBlockDevice{SnapshotId: &shared}),
				device("/dev/sdz", &ec2types.EbsBlockDevice{SnapshotId: &theirs})...)})
		require.NoError(t, err)
		return *out.ImageId
	}
	deregister := func(id string) map[string]ec2types.SnapshotReturnCodes {
		out, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id, DeleteAssociatedSnapshots: new(true)})
		require.NoError(t, err)
		assert.True(t, *out.Return)
		results := map[string]ec2types.SnapshotReturnCodes{}
		for _, r := range out.DeleteSnapshotResults {
			results[*r.SnapshotId] = r.ReturnCode
		}
		return results
	}
	id := create("mixed")
	own := *readImage(t, client, id).BlockDeviceMappings[0].Ebs.SnapshotId
	require.Len(t, region.Snapshots(), 2)

	assert.Equal(t, map[string]ec2types.SnapshotReturnCodes{
		own:    ec2types.SnapshotReturnCodesSuccess,
		shared: ec2types.SnapshotReturnCodesWarnSkipped,
		theirs: ec2types.SnapshotReturnCodesWarnSkipped, // it backs their image
	}, deregister(id))
	assert.Len(t, region.Snapshots(), 1)

	id = create("again")
	assert.Equal(t, ec2types.SnapshotReturnCodesWarnSkipped, deregister(other)[shared], "the new image is on it")
	_, err := ec2.NewFromConfig(cloud.Account(stranger).Config(home)).DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &foreign})
	require.NoError(t, err)
	results := deregister(id)
	assert.Equal(t, ec2types.SnapshotReturnCodesSuccess, results[shared])
	assert.Equal(t, ec2types.SnapshotReturnCodesErrorMissingPermissions, results[theirs])
	assert.Empty(t, region.Snapshots())
}

func TestDeregisterEndsTheMaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		client := ec2.NewFromConfig(cloud.Config(home))
		region := cloud.Region(home)
		instance := region.PreparedInstance(awstest.InstanceSeed{})
		create := func() string {
			out, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("golden")})
			require.NoError(t, err)
			return *out.ImageId
		}
		first := create()
		_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &first})
		require.NoError(t, err)
		second := create() // the name is free

		time.Sleep(10 * time.Minute)

		images := region.Images()
		require.Len(t, images, 1)
		assert.Equal(t, second, *images[0].ImageId)
		for _, s := range region.Snapshots() {
			assert.Equal(t, ec2types.SnapshotStateCompleted, s.State)
		}
		assert.Len(t, region.Snapshots(), 2)
	})
}

func TestDeregisteredBeforeItWasAvailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{Image: time.Minute, Linger: time.Hour}))
		client := ec2.NewFromConfig(cloud.Config(home))
		instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
		out, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("golden")})
		require.NoError(t, err)
		_, err = client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: out.ImageId})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		assert.Empty(t, names(t, client, ec2.DescribeImagesInput{ImageIds: []string{*out.ImageId}}), "it does not come back")
	})
}

func TestInstancesOutliveTheirImage(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	instance := region.PreparedInstance(awstest.InstanceSeed{ImageID: id})
	_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
	require.NoError(t, err)

	out, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("next")})

	require.NoError(t, err)
	assert.Equal(t, id, *readImage(t, client, *out.ImageId).SourceImageId)
}

// A deregistered image is listed for a while, then left out, and unknown when
// its last instance is terminated.
func TestDeregisteredImageFadesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{Listed: time.Minute, Linger: time.Hour}))
		client := ec2.NewFromConfig(cloud.Config(home))
		region := cloud.Region(home)
		id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
		instance := region.PreparedInstance(awstest.InstanceSeed{ImageID: id})
		_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
		require.NoError(t, err)
		read := func() (states []string, err error) {
			out, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
			if err != nil {
				return nil, err
			}
			for _, i := range out.Images {
				states = append(states, string(i.State))
			}
			return states, nil
		}
		for _, c := range []struct {
			after time.Duration
			want  []string
		}{{0, []string{"deregistered"}}, {59 * time.Second, []string{"deregistered"}}, {time.Second, nil}, {24 * time.Hour, nil}} {
			time.Sleep(c.after)
			states, err := read()
			require.NoError(t, err)
			assert.Equal(t, c.want, states)
		}
		_, err = client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{instance}})
		require.NoError(t, err)
		_, err = read()
		requireCode(t, err, "InvalidAMIID.NotFound", id)
	})
}
