package awstest_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
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
