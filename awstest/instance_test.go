package awstest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func instanceIDs(t *testing.T, client *ec2.Client, in ec2.DescribeInstancesInput) (out []string) {
	t.Helper()
	pages := ec2.NewDescribeInstancesPaginator(client, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, r := range page.Reservations {
			for _, i := range r.Instances {
				out = append(out, *i.InstanceId)
			}
		}
	}
	return out
}

func readInstance(t *testing.T, client *ec2.Client, id string) ec2types.Instance {
	t.Helper()
	out, err := client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{id}})
	require.NoError(t, err)
	require.Len(t, out.Reservations, 1)
	return out.Reservations[0].Instances[0]
}

func TestRunInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce))
		client := ec2.NewFromConfig(cloud.Config(home))
		region := cloud.Region(home)
		image := region.OwnImage(awstest.ImageSeed{Name: "golden", DataGiB: []int32{20}})
		region.KeyPair("mine")
		group := region.SecurityGroup("web")
		network := region.Network()

		out, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{
			MinCount: new(int32(1)), MaxCount: new(int32(2)),
			ImageId: &image, InstanceType: ec2types.InstanceTypeT3Small, SubnetId: &network.Subnets[2], KeyName: new("mine"),
			SecurityGroupIds: []string{group}, ClientToken: new("once"),
			TagSpecifications: append(tags("instance", "app", "web"), tags("volume", "of", "web")...),
			BlockDeviceMappings: []ec2types.BlockDeviceMapping{
				{DeviceName: new("/dev/xvda"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(16)), VolumeType: "io2", Iops: new(int32(500))}},
				{DeviceName: new("/dev/sdb"), NoDevice: new("")},
				{DeviceName: new("/dev/sdc"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(5)), DeleteOnTermination: new(false)}},
			},
		})
		require.NoError(t, err)

		require.Len(t, out.Instances, 2)
		assert.Equal(t, ec2types.InstanceStateNamePending, out.Instances[0].State.Name)
		assert.Equal(t, int32(0), *out.Instances[0].State.Code)
		i := readInstance(t, client, *out.Instances[1].InstanceId)
		assert.Equal(t, ec2types.Instance{
			AmiLaunchIndex:          new(int32(1)),
			Architecture:            "x86_64",
			BootMode:                "uefi-preferred",
			CurrentInstanceBootMode: "uefi",
			HibernationOptions:      &ec2types.HibernationOptions{Configured: new(false)},
			BlockDeviceMappings: []ec2types.InstanceBlockDeviceMapping{
				{DeviceName: new("/dev/xvda"), Ebs: &ec2types.EbsInstanceBlockDevice{AttachTime: new(time.Now()), DeleteOnTermination: new(true),
					Status: "attached", VolumeId: i.BlockDeviceMappings[0].Ebs.VolumeId}},
				{DeviceName: new("/dev/sdc"), Ebs: &ec2types.EbsInstanceBlockDevice{AttachTime: new(time.Now()), DeleteOnTermination: new(false),
					Status: "attached", VolumeId: i.BlockDeviceMappings[1].Ebs.VolumeId}},
			},
			ClientToken:  new("once"),
			EbsOptimized: new(false),
			EnaSupport:   new(true),
			Hypervisor:   "xen",
			ImageId:      &image,
			InstanceId:   out.Instances[1].InstanceId,
			InstanceType: "t3.small",
			KeyName:      new("mine"),
			LaunchTime:   new(time.Now()),
			MetadataOptions: &ec2types.InstanceMetadataOptionsResponse{HttpEndpoint: "enabled", HttpProtocolIpv6: "disabled",
				HttpPutResponseHopLimit: new(int32(1)), HttpTokens: "optional", InstanceMetadataTags: "disabled", State: "applied"},
			Monitoring:        &ec2types.Monitoring{State: "disabled"},
			NetworkInterfaces: i.NetworkInterfaces, // see TestNetworkInterfacesOfALaunch
			Placement:         &ec2types.Placement{AvailabilityZone: new("eu-west-1c"), AvailabilityZoneId: new("euw1-az3"), GroupName: new(""), Tenancy: "default"},
			PlatformDetails:   new("Linux/UNIX"),
			PrivateDnsName:    new("ip-172-31-32-5.eu-west-1.compute.internal"),
			PrivateIpAddress:  new("172.31.32.5"),
			ProductCodes:      []ec2types.ProductCode{},
			PublicDnsName:     new(""),
			RootDeviceName:    new("/dev/xvda"),
			RootDeviceType:    "ebs",
			SecurityGroups:    []ec2types.GroupIdentifier{{GroupId: &group, GroupName: new("web")}},
			State:             &ec2types.InstanceState{Name: "running", Code: new(int32(16))},
			SubnetId:          &network.Subnets[2],
			// empty while nothing has happened to it
			StateTransitionReason: new(""),
			Tags:                  []ec2types.Tag{{Key: new("app"), Value: new("web")}},
			UsageOperation:        new("RunInstances"),
			VirtualizationType:    "hvm",
			VpcId:                 &network.VPCID,
		}, i)

		made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: i.InstanceId, Name: new("next")})
		require.NoError(t, err)
		next := readImage(t, client, *made.ImageId)
		root := next.BlockDeviceMappings[0].Ebs
		assert.Equal(t, []any{int32(16), ec2types.VolumeTypeIo2, int32(500)}, []any{*root.VolumeSize, root.VolumeType, *root.Iops})
		require.Len(t, next.BlockDeviceMappings, 2)
		assert.False(t, *next.BlockDeviceMappings[1].Ebs.DeleteOnTermination)
	})
}

func TestRunInstancesToken(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
	in := ec2.RunInstancesInput{MinCount: new(int32(2)), MaxCount: new(int32(2)), ImageId: &image, ClientToken: new("once"), InstanceType: "t3.micro"}
	run := func() *ec2.RunInstancesOutput {
		out, err := client.RunInstances(t.Context(), &in)
		require.NoError(t, err)
		return out
	}
	first, second := run(), run()
	assert.Equal(t, *first.ReservationId, *second.ReservationId)
	require.Len(t, second.Instances, 2)
	for i := range 2 {
		assert.Equal(t, *first.Instances[i].InstanceId, *second.Instances[i].InstanceId)
		assert.Equal(t, ec2types.InstanceStateNameRunning, second.Instances[i].State.Name, "as it is now")
	}
	in.MaxCount = new(int32(3))
	_, err := client.RunInstances(t.Context(), &in)
	requireCode(t, err, "IdempotentParameterMismatch", "")
	assert.Len(t, cloud.Region(home).Instances(), 2)
}

func TestRunInstancesFromATemplate(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	image := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	other := region.OwnImage(awstest.ImageSeed{Name: "other"})
	template, err := client.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new("web"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
			ImageId: &image, InstanceType: "t3.small",
			BlockDeviceMappings: []ec2types.LaunchTemplateBlockDeviceMappingRequest{
				{DeviceName: new("/dev/sdb"), Ebs: &ec2types.LaunchTemplateEbsBlockDeviceRequest{VolumeSize: new(int32(5))}}},
			TagSpecifications: []ec2types.LaunchTemplateTagSpecificationRequest{
				{ResourceType: "instance", Tags: []ec2types.Tag{{Key: new("app"), Value: new("web")}}}},
		},
	})
	require.NoError(t, err)
	id := template.LaunchTemplate.LaunchTemplateId
	in := ec2.RunInstancesInput{MinCount: new(int32(1)), MaxCount: new(int32(1)),
		LaunchTemplate: &ec2types.LaunchTemplateSpecification{LaunchTemplateId: id, Version: new("$Latest")}}

	plain, err := client.RunInstances(t.Context(), &in)
	require.NoError(t, err)
	in.ClientToken = nil // the SDK has written one into it
	in.ImageId, in.InstanceType, in.SubnetId = &other, "t3.large", &region.Network().Subnets[1]
	in.TagSpecifications = tags("instance", "app", "db")
	in.BlockDeviceMappings = []ec2types.BlockDeviceMapping{{DeviceName: new("/dev/sdb"), NoDevice: new("")}}
	over, err := client.RunInstances(t.Context(), &in)
	require.NoError(t, err)

	i := plain.Instances[0]
	assert.Equal(t, image, *i.ImageId)
	assert.Equal(t, ec2types.InstanceTypeT3Small, i.InstanceType)
	assert.Len(t, i.BlockDeviceMappings, 2)
	assert.Equal(t, []ec2types.Tag{
		{Key: new("app"), Value: new("web")},
		{Key: new("aws:ec2launchtemplate:id"), Value: id},
		{Key: new("aws:ec2launchtemplate:version"), Value: new("1")},
	}, i.Tags)
	i = over.Instances[0]
	assert.Equal(t, other, *i.ImageId)
	assert.Equal(t, ec2types.InstanceTypeT3Large, i.InstanceType)
	assert.Equal(t, "eu-west-1b", *i.Placement.AvailabilityZone)
	assert.Len(t, i.BlockDeviceMappings, 1)
	assert.Equal(t, "db", *i.Tags[0].Value)
}

func TestInstanceStatesInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{InstanceStart: 25 * time.Second, InstanceStop: 30 * time.Second}))
		client := ec2.NewFromConfig(cloud.Config(home))
		image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
		out, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &image, MinCount: new(int32(1)), MaxCount: new(int32(1))})
		require.NoError(t, err)
		ids := []string{*out.Instances[0].InstanceId}
		is := func(want ec2types.InstanceStateName) {
			t.Helper()
			assert.Equal(t, want, readInstance(t, client, ids[0]).State.Name)
		}
		becomes := func(before, after ec2types.InstanceStateName, d time.Duration) {
			t.Helper()
			is(before)
			time.Sleep(d - 1)
			is(before)
			time.Sleep(time.Nanosecond)
			is(after)
		}
		becomes("pending", "running", 25*time.Second)

		stop, err := client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: ids})
		require.NoError(t, err)
		assert.Equal(t, ec2types.InstanceStateNameRunning, stop.StoppingInstances[0].PreviousState.Name)
		assert.Equal(t, ec2types.InstanceStateNameStopping, stop.StoppingInstances[0].CurrentState.Name)
		_, err = client.StartInstances(t.Context(), &ec2.StartInstancesInput{InstanceIds: ids})
		requireCode(t, err, "IncorrectInstanceState", ids[0])
		becomes("stopping", "stopped", 30*time.Second)
		assert.Equal(t, "User initiated (2000-01-01 00:00:25 GMT)", *readInstance(t, client, ids[0]).StateTransitionReason)
		again, err := client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: ids})
		require.NoError(t, err, "a stopped one can be stopped")
		assert.Equal(t, ec2types.InstanceStateNameStopped, again.StoppingInstances[0].CurrentState.Name)

		start, err := client.StartInstances(t.Context(), &ec2.StartInstancesInput{InstanceIds: ids})
		require.NoError(t, err)
		assert.Equal(t, ec2types.InstanceStateNamePending, start.StartingInstances[0].CurrentState.Name)
		assert.Equal(t, time.Now(), *readInstance(t, client, ids[0]).LaunchTime)
		_, err = client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: ids})
		requireCode(t, err, "IncorrectInstanceState", ids[0])
		time.Sleep(10 * time.Second)
		_, err = client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: ids})
		require.NoError(t, err, "also while it is pending, which is then overtaken")
		becomes("shutting-down", "terminated", 30*time.Second)
		gone := readInstance(t, client, ids[0])
		assert.Empty(t, gone.BlockDeviceMappings)
		assert.Nil(t, gone.SubnetId)
		twice, err := client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: ids})
		require.NoError(t, err)
		assert.Equal(t, ec2types.InstanceStateNameTerminated, twice.TerminatingInstances[0].CurrentState.Name)

		time.Sleep(time.Hour)
		_, err = client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: ids})
		requireCode(t, err, "InvalidInstanceID.NotFound", ids[0])
	})
}

func TestInstanceFiltersAndPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithPageSize(1))
		client := ec2.NewFromConfig(cloud.Config(home))
		region := cloud.Region(home)
		network := region.Network()
		image := region.OwnImage(awstest.ImageSeed{Name: "golden", Architecture: ec2types.ArchitectureValuesArm64})
		region.KeyPair("mine")
		plain := region.PreparedInstance(awstest.InstanceSeed{})
		stopped := region.PreparedInstance(awstest.InstanceSeed{Stopped: true, Tags: map[string]string{"app": "web"}})
		group := region.SecurityGroup("web")
		out, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &image, MinCount: new(int32(1)), MaxCount: new(int32(1)),
			InstanceType: "t4g.nano", SubnetId: &network.Subnets[1], KeyName: new("mine"), SecurityGroupIds: []string{group}, ClientToken: new("token"),
			BlockDeviceMappings: device("/dev/sdz", &ec2types.EbsBlockDevice{VolumeSize: new(int32(1)), DeleteOnTermination: new(false)})})
		require.NoError(t, err)
		other := *out.Instances[0].InstanceId
		all := []string{plain, stopped, other}
		one, rest := []string{other}, []string{plain, stopped}

		for _, c := range []struct {
			name, value string
			want        []string
		}{
			{"architecture", "arm64", one},
			{"availability-zone", "eu-west-1b", one},
			{"availability-zone-id", "euw1-az2", one},
			{"block-device-mapping.attach-time", "2000-*", all},
			{"block-device-mapping.delete-on-termination", "false", one},
			{"block-device-mapping.device-name", "/dev/sdz", one},
			{"block-device-mapping.status", "attached", all},
			{"block-device-mapping.volume-id", *readInstance(t, client, other).BlockDeviceMappings[0].Ebs.VolumeId, one},
			{"client-token", "token", one},
			{"group-id", group, one},
			{"hypervisor", "xen", all},
			{"image-id", image, one},
			{"instance-id", stopped, []string{stopped}},
			{"instance-state-code", "80", []string{stopped}},
			{"instance-state-name", "stopped", []string{stopped}},
			{"instance-type", "t3.*", rest},
			{"instance.group-id", network.SecurityGroups[0], rest},
			{"instance.group-name", "web", one},
			{"key-name", "mine", one},
			{"launch-time", "2000-01-01*", all},
			{"monitoring-state", "disabled", all},
			{"owner-id", awstest.DefaultAccount, all},
			{"platform", "windows", nil},
			{"private-dns-name", "ip-172-31-16-4.eu-west-1.compute.internal", one},
			{"private-ip-address", "172.31.16.4", one},
			{"reason", "User initiated*", []string{stopped}},
			{"reservation-id", *out.ReservationId, one},
			{"root-device-name", "/dev/xvda", all},
			{"root-device-type", "ebs", all},
			{"subnet-id", network.Subnets[1], one},
			{"tag:app", "web", []string{stopped}},
			{"tag-key", "app", []string{stopped}},
			{"tenancy", "default", all},
			{"virtualization-type", "hvm", all},
			{"vpc-id", network.VPCID, all},
		} {
			got := instanceIDs(t, client, ec2.DescribeInstancesInput{Filters: []ec2types.Filter{{Name: &c.name, Values: []string{c.value}}}})
			assert.Equal(t, c.want, got, "%s=%s", c.name, c.value)
		}
		_, err = client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{MaxResults: new(int32(1001))})
		requireCode(t, err, "InvalidParameterValue", "1001")
	})
}

func TestReservations(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden", Windows: true})
	for _, n := range []int32{2, 3} {
		_, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &image, MinCount: &n, MaxCount: &n})
		require.NoError(t, err)
	}
	out, err := client.DescribeInstances(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, out.Reservations, 2)
	assert.Len(t, out.Reservations[0].Instances, 2)
	assert.Len(t, out.Reservations[1].Instances, 3)
	i := out.Reservations[0].Instances[0]
	assert.Equal(t, []any{ec2types.PlatformValues("windows"), "Windows", ec2types.InstanceTypeM1Small}, []any{i.Platform, *i.PlatformDetails, i.InstanceType})
}

func TestVolumesOfALaunch(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	image := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	secret := region.OwnImage(awstest.ImageSeed{Name: "secret", RootGiB: 30, Encrypted: true})
	key := region.Key(awstest.KeySeed{})
	snapshot := *readImage(t, client, secret).BlockDeviceMappings[0].Ebs.SnapshotId
	out, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &image, MinCount: new(int32(1)), MaxCount: new(int32(1)),
		BlockDeviceMappings: []ec2types.BlockDeviceMapping{
			{DeviceName: new("/dev/xvda"), Ebs: &ec2types.EbsBlockDevice{Encrypted: new(true), KmsKeyId: &key}},
			{DeviceName: new("/dev/sdb"), Ebs: &ec2types.EbsBlockDevice{SnapshotId: &snapshot}},
			{DeviceName: new("/dev/sdc"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(7)), VolumeType: "gp3", Throughput: new(int32(500))}},
			{DeviceName: new("/dev/sdd"), VirtualName: new("ephemeral0")},
		}})
	require.NoError(t, err)
	volume := *out.Instances[0].BlockDeviceMappings[2].Ebs.VolumeId
	_, err = client.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{volume, *out.Instances[0].InstanceId}, Tags: tags("", "k", "v")[0].Tags})
	require.NoError(t, err)

	source := readImage(t, client, image)
	require.Len(t, source.BlockDeviceMappings, 1, "a launch changes nothing about its image")
	assert.False(t, *source.BlockDeviceMappings[0].Ebs.Encrypted)
	made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: out.Instances[0].InstanceId, Name: new("next")})
	require.NoError(t, err)
	image2 := readImage(t, client, *made.ImageId)
	devices := image2.BlockDeviceMappings
	require.Len(t, devices, 4)
	assert.True(t, *devices[0].Ebs.Encrypted)
	assert.Equal(t, int32(30), *devices[1].Ebs.VolumeSize)
	assert.True(t, *devices[1].Ebs.Encrypted, "as its snapshot is")
	assert.NotEqual(t, snapshot, *devices[1].Ebs.SnapshotId)
	assert.Equal(t, int32(500), *devices[2].Ebs.Throughput)
	assert.Equal(t, "ephemeral0", *devices[3].VirtualName)
	image2.BlockDeviceMappings = devices[:1]
	assert.Equal(t, key, *readSnapshots(t, client, image2)[0].KmsKeyId)
}

func TestVolumesAfterTheirInstance(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
	out, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &image, MinCount: new(int32(1)), MaxCount: new(int32(1)),
		BlockDeviceMappings: device("/dev/sdb", &ec2types.EbsBlockDevice{VolumeSize: new(int32(5)), DeleteOnTermination: new(false)})})
	require.NoError(t, err)
	volumes := out.Instances[0].BlockDeviceMappings
	_, err = client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{*out.Instances[0].InstanceId}})
	require.NoError(t, err)
	tag := func(id *string) error {
		_, err := client.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{*id}, Tags: tags("", "k", "v")[0].Tags})
		return err
	}
	requireCode(t, tag(volumes[0].Ebs.VolumeId), "InvalidVolume.NotFound", *volumes[0].Ebs.VolumeId)
	assert.NoError(t, tag(volumes[1].Ebs.VolumeId))
}

func TestTagsAddUp(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	id := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
	tag := func(from, to int) error {
		in := &ec2.CreateTagsInput{Resources: []string{id}}
		for n := from; n < to; n++ {
			in.Tags = append(in.Tags, ec2types.Tag{Key: new(fmt.Sprint("k", n)), Value: new("v")})
		}
		_, err := client.CreateTags(t.Context(), in)
		return err
	}
	require.NoError(t, tag(0, 30))
	require.NoError(t, tag(10, 50), "some of them again")
	requireCode(t, tag(50, 51), "TagLimitExceeded", "")
	assert.Len(t, readImage(t, client, id).Tags, 50)
}

func TestNetworkOfARegion(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config("ap-northeast-1"))
	network := cloud.Region("ap-northeast-1").Network()
	assert.Equal(t, network, awstest.New().Region("ap-northeast-1").Network(), "the same in every cloud")
	assert.NotEqual(t, network, cloud.Account(stranger).Region("ap-northeast-1").Network())

	zones, err := client.DescribeAvailabilityZones(t.Context(), &ec2.DescribeAvailabilityZonesInput{})
	require.NoError(t, err)
	require.Len(t, zones.AvailabilityZones, 3)
	assert.Equal(t, "ap-northeast-1b", *zones.AvailabilityZones[1].ZoneName)
	assert.Equal(t, "apne1-az2", *zones.AvailabilityZones[1].ZoneId)
	zones, err = client.DescribeAvailabilityZones(t.Context(), &ec2.DescribeAvailabilityZonesInput{
		Filters: []ec2types.Filter{{Name: new("zone-name"), Values: []string{"*c"}}}})
	require.NoError(t, err)
	assert.Len(t, zones.AvailabilityZones, 1)

	subnets, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{
		Filters: []ec2types.Filter{{Name: new("vpc-id"), Values: []string{network.VPCID}}, {Name: new("default-for-az"), Values: []string{"true"}}}})
	require.NoError(t, err)
	for i, s := range subnets.Subnets {
		assert.Equal(t, network.Subnets[i], *s.SubnetId)
		assert.Equal(t, network.Zones[i], *s.AvailabilityZone)
		assert.Equal(t, []string{"172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20"}[i], *s.CidrBlock)
	}
	byID, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{SubnetIds: network.Subnets[1:2]})
	require.NoError(t, err)
	assert.Len(t, byID.Subnets, 1)
}
