package awstest_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

func init() {
	fields(func(w *fieldWorld) *ec2.DescribeVolumesInput {
		w.leftVolumes()
		return &ec2.DescribeVolumesInput{}
	}, fieldValues{
		"VolumeIds":  made("other"),
		"Filters":    filter("status", "in-use"),
		"MaxResults": 1,
		"NextToken":  nextOf(&ec2.DescribeVolumesInput{MaxResults: new(int32(1))}),
	})
	fields(func(w *fieldWorld) *ec2.DeleteVolumeInput {
		return &ec2.DeleteVolumeInput{VolumeId: new(w.leftVolumes())}
	}, fieldValues{"VolumeId": made("other")})

	fields(func(w *fieldWorld) *ec2.CreateVolumeInput {
		w.ids["snapshot"] = w.snapshot(6)
		w.do(&ec2.CreateVolumeInput{AvailabilityZone: new(home + "a"), Size: new(int32(5)), ClientToken: new("used")})
		return &ec2.CreateVolumeInput{AvailabilityZone: new(home + "a"), Size: new(int32(8))}
	}, fieldValues{
		"AvailabilityZone":   home + "b",
		"AvailabilityZoneId": refused{"InvalidParameterCombination", "euw1-az1"},
		"Size":               9,
		"SnapshotId":         made("snapshot"),
		"VolumeType":         "gp3",
		"Encrypted":          true,
		"TagSpecifications":  tags(ec2types.ResourceTypeVolume, "app", "web"),
		"ClientToken":        refused{"IdempotentParameterMismatch", "used"},
	})
	fields(func(w *fieldWorld) *ec2.CreateVolumeInput {
		w.ids["key"] = w.region.Key(awstest.KeySeed{})
		return &ec2.CreateVolumeInput{AvailabilityZoneId: new("euw1-az1"), Size: new(int32(8)), VolumeType: "gp3", Encrypted: new(true)}
	}, fieldValues{"AvailabilityZoneId": "euw1-az2", "Iops": 4000, "Throughput": 200, "KmsKeyId": made("key")})
	fields(func(w *fieldWorld) *ec2.AttachVolumeInput {
		w.ids["other"], w.ids["instance"] = w.freeVolume(5), w.region.PreparedInstance(awstest.InstanceSeed{})
		return &ec2.AttachVolumeInput{VolumeId: new(w.freeVolume(6)), InstanceId: new(w.region.PreparedInstance(awstest.InstanceSeed{})), Device: new("/dev/sdf")}
	}, fieldValues{"VolumeId": made("other"), "InstanceId": made("instance"), "Device": "/dev/sdg"})
	fields(func(w *fieldWorld) *ec2.DetachVolumeInput {
		i := w.region.PreparedInstance(awstest.InstanceSeed{DataGiB: []int32{2}})
		v := w.freeVolume(6)
		w.do(&ec2.AttachVolumeInput{VolumeId: &v, InstanceId: &i, Device: new("/dev/sdf")})
		w.cloud.Advance(time.Hour)
		for _, o := range w.region.Volumes() {
			if *o.Size == 2 {
				w.ids["other"] = *o.VolumeId
			}
		}
		return &ec2.DetachVolumeInput{VolumeId: &v}
	}, fieldValues{
		"VolumeId":   made("other"),
		"InstanceId": refused{"InvalidAttachment.NotFound", unknownInstance},
		"Device":     refused{"InvalidAttachment.NotFound", "/dev/sdg"},
	})
}

// freeVolume is one that no instance has, in the first zone.
func (w *fieldWorld) freeVolume(gib int32) string {
	made := w.do(&ec2.CreateVolumeInput{AvailabilityZone: new(home + "a"), Size: &gib}).(*ec2.CreateVolumeOutput)
	w.cloud.Advance(time.Hour) // it is available
	return *made.VolumeId
}

// leftVolumes makes two volumes that have outlived their instance: it answers
// the first and notes the other.
func (w *fieldWorld) leftVolumes() string {
	keep := func(device string) ec2types.BlockDeviceMapping {
		return ec2types.BlockDeviceMapping{DeviceName: &device, Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(7)), DeleteOnTermination: new(false)}}
	}
	ran := w.do(&ec2.RunInstancesInput{ImageId: new(w.image("leaves")), MinCount: new(int32(1)), MaxCount: new(int32(1)),
		BlockDeviceMappings: []ec2types.BlockDeviceMapping{keep("/dev/sdb"), keep("/dev/sdc")}}).(*ec2.RunInstancesOutput)
	w.cloud.Advance(time.Hour) // it runs
	w.do(&ec2.TerminateInstancesInput{InstanceIds: []string{*ran.Instances[0].InstanceId}})
	w.cloud.Advance(2 * time.Hour)
	var left []string
	for _, v := range w.region.Volumes() {
		left = append(left, *v.VolumeId)
	}
	w.ids["other"] = left[1]
	return left[0]
}
