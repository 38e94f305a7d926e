package awstest_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// spoil overwrites every string that an image shares with its maker.
func spoil(images []ec2types.Image) {
	for _, i := range images {
		*i.Name, *i.ImageId, *i.CreationDate = "spoiled", "spoiled", "spoiled"
		for n := range i.Tags {
			*i.Tags[n].Key, *i.Tags[n].Value = "spoiled", "spoiled"
		}
		for n, m := range i.BlockDeviceMappings {
			*m.DeviceName, *m.Ebs.SnapshotId, *m.Ebs.VolumeSize = "spoiled", "spoiled", 0
			i.BlockDeviceMappings[n] = ec2types.BlockDeviceMapping{}
		}
	}
}

func TestWhatIsPassedInAndOutIsNotShared(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	seed := awstest.ImageSeed{Name: "golden", Tags: map[string]string{"app": "web"}, SharedWith: []string{stranger}, DataGiB: []int32{5}}
	id := region.OwnImage(seed)
	seed.Tags["app"], seed.SharedWith[0], seed.DataGiB[0] = "spoiled", "spoiled", 0
	labels := map[string]string{"by": "hand"}
	prepared := region.PreparedInstance(awstest.InstanceSeed{Tags: labels})
	labels["by"] = "spoiled"
	assert.Equal(t, "hand", *readInstance(t, client, prepared).Tags[0].Value)
	network := region.Network()
	groups := []string{network.SecurityGroups[0]}
	in := ec2.RunInstancesInput{ImageId: &id, MinCount: new(int32(1)), MaxCount: new(int32(1)), SecurityGroupIds: groups,
		TagSpecifications:   tags("instance", "app", "web"),
		BlockDeviceMappings: device("/dev/sdz", &ec2types.EbsBlockDevice{VolumeSize: new(int32(5))})}
	out, err := client.RunInstances(t.Context(), &in)
	require.NoError(t, err)
	instance := *out.Instances[0].InstanceId
	want, _ := region.Image(id)
	wantInstance := readInstance(t, client, instance)
	wantSnapshots := region.Snapshots()

	groups[0] = "spoiled"
	*in.TagSpecifications[0].Tags[0].Value = "spoiled"
	*in.BlockDeviceMappings[0].Ebs.VolumeSize = 0
	*out.Instances[0].InstanceId = "spoiled"
	network.Subnets[0], network.Zones[0], network.KeyPairs[0] = "spoiled", "spoiled", "spoiled"
	got, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{})
	require.NoError(t, err)
	spoil(got.Images)
	spoil(region.Images())
	for _, s := range region.Snapshots() {
		*s.SnapshotId, *s.StartTime = "spoiled", s.StartTime.AddDate(1, 0, 0)
	}
	for _, i := range region.Instances() {
		*i.InstanceId, i.State.Name, *i.Tags[0].Value = "spoiled", "spoiled", "spoiled"
	}

	image, _ := region.Image(id)
	assert.Equal(t, want, image)
	assert.Equal(t, wantInstance, readInstance(t, client, instance))
	assert.Equal(t, wantSnapshots, region.Snapshots())
	assert.NotContains(t, region.Network().Subnets, "spoiled")
}

// everything calls each EC2 operation of this cloud at least once.
func everything(t *testing.T, cloud *awstest.Cloud, account, region, name string) {
	ctx := t.Context()
	client := ec2.NewFromConfig(cloud.Account(account).Config(region))
	r := cloud.Account(account).Region(region)
	instance := r.PreparedInstance(awstest.InstanceSeed{Tags: map[string]string{"by": name}})
	must := func(err error) {
		t.Helper()
		assert.NoError(t, err)
	}
	made, err := client.CreateImage(ctx, &ec2.CreateImageInput{InstanceId: &instance, Name: &name})
	if !assert.NoError(t, err) {
		return
	}
	id := made.ImageId
	one, err := client.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{*id}})
	must(err)
	assert.Equal(t, name, *one.Images[0].Name)
	_, err = client.DescribeImages(ctx, &ec2.DescribeImagesInput{Filters: []ec2types.Filter{{Name: new("name"), Values: []string{name}}}})
	must(err)
	copied, err := client.CopyImage(ctx, &ec2.CopyImageInput{Name: new(name + " copy"), SourceImageId: id, SourceRegion: &region})
	must(err)
	ran, err := client.RunInstances(ctx, &ec2.RunInstancesInput{ImageId: copied.ImageId, MinCount: new(int32(1)), MaxCount: new(int32(1))})
	must(err)
	ids := []string{*ran.Instances[0].InstanceId}
	_, err = client.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: ids})
	must(err)
	_, err = client.StopInstances(ctx, &ec2.StopInstancesInput{InstanceIds: ids})
	must(err)
	_, err = client.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{})
	must(err)
	_, err = client.StartInstances(ctx, &ec2.StartInstancesInput{InstanceIds: ids})
	must(err)
	_, err = client.CreateTags(ctx, &ec2.CreateTagsInput{Resources: append(ids, *id), Tags: tags("", "k", "v")[0].Tags})
	must(err)
	_, err = client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: ids})
	must(err)
	_, err = client.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: id, DeprecateAt: new(cloud.Now().AddDate(1, 0, 0))})
	must(err)
	_, err = client.DisableImageDeprecation(ctx, &ec2.DisableImageDeprecationInput{ImageId: id})
	must(err)
	_, err = client.DisableImage(ctx, &ec2.DisableImageInput{ImageId: id})
	must(err)
	_, err = client.EnableImage(ctx, &ec2.EnableImageInput{ImageId: id})
	must(err)
	_, err = client.DescribeSubnets(ctx, nil)
	must(err)
	_, err = client.DescribeAvailabilityZones(ctx, nil)
	must(err)
	_, err = client.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: id, DeleteAssociatedSnapshots: new(true)})
	must(err)
	r.Images()
	r.Instances()
	r.Snapshots()
}

func TestManyGoroutines(t *testing.T) {
	cloud := awstest.Start(t)
	var wg sync.WaitGroup
	for n := range 50 {
		wg.Go(func() {
			account := []string{awstest.DefaultAccount, stranger}[n%2]
			region := []string{home, away, "eu-west-2"}[n%3]
			everything(t, cloud, account, region, fmt.Sprintf("image-%d", n))
		})
	}
	wg.Wait()
	images := 0
	for _, account := range []string{awstest.DefaultAccount, stranger} {
		for _, region := range []string{home, away, "eu-west-2"} {
			images += len(cloud.Account(account).Region(region).Images())
		}
	}
	assert.Equal(t, 50, images, "each has left its copy")
}

func TestIDsDoNotDependOnOtherRegions(t *testing.T) {
	ids := func(before string) (out []string) {
		cloud := awstest.Start(t)
		if before != "" {
			everything(t, cloud, awstest.DefaultAccount, before, "before")
		}
		everything(t, cloud, awstest.DefaultAccount, home, "image")
		for _, i := range cloud.Region(home).Images() {
			out = append(out, *i.ImageId)
		}
		for _, i := range cloud.Region(home).Instances() {
			out = append(out, *i.InstanceId)
		}
		return out
	}
	assert.Equal(t, ids(""), ids(away))
	assert.NotEqual(t, ids(""), ids(home))
}
