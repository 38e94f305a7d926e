package awstest_test

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

func init() {
	fields(func(w *fieldWorld) *ec2.CreateSnapshotInput {
		w.ids["other"] = w.volume(w.region.PreparedInstance(awstest.InstanceSeed{RootGiB: 30}))
		return &ec2.CreateSnapshotInput{VolumeId: new(w.volume(w.region.PreparedInstance(awstest.InstanceSeed{})))}
	}, fieldValues{
		"VolumeId":          made("other"),
		"Description":       "ready",
		"TagSpecifications": tags(ec2types.ResourceTypeSnapshot, "app", "web"),
	})
	fields(func(w *fieldWorld) *ec2.CopySnapshotInput {
		w.ids["other"] = w.snapshot(9)
		return &ec2.CopySnapshotInput{SourceSnapshotId: new(w.snapshot(8)), SourceRegion: new(home)}
	}, fieldValues{
		"SourceSnapshotId":          made("other"),
		"SourceRegion":              refused{"InvalidSnapshot.NotFound", away},
		"CompletionDurationMinutes": 15,
		"Description":               "ready",
		"Encrypted":                 true,
		"KmsKeyId":                  refused{"InvalidParameterDependency", "alias/aws/ebs"},
		"PresignedUrl":              "https://ec2.eu-west-1.amazonaws.com/",
		"TagSpecifications":         tags(ec2types.ResourceTypeSnapshot, "app", "web"),
	})
	fields(func(w *fieldWorld) *ec2.CopySnapshotInput {
		w.ids["key"] = w.region.Key(awstest.KeySeed{})
		return &ec2.CopySnapshotInput{SourceSnapshotId: new(w.snapshot(8)), SourceRegion: new(home), Encrypted: new(true)}
	}, fieldValues{"KmsKeyId": made("key")})
	fields(func(w *fieldWorld) *ec2.DeleteSnapshotInput {
		for _, name := range []string{"golden", "other"} {
			volume := w.volume(w.region.PreparedInstance(awstest.InstanceSeed{}))
			w.ids[name] = *w.do(&ec2.CreateSnapshotInput{VolumeId: &volume}).(*ec2.CreateSnapshotOutput).SnapshotId
		}
		return &ec2.DeleteSnapshotInput{SnapshotId: new(w.ids["golden"])}
	}, fieldValues{"SnapshotId": made("other")})
	fields(func(w *fieldWorld) *ec2.DescribeSnapshotsInput {
		w.snapshot(8)
		w.ids["other"] = w.snapshot(9)
		w.region.ForeignImage(stranger, "foreign", true)
		return &ec2.DescribeSnapshotsInput{}
	}, fieldValues{
		"SnapshotIds":         made("other"),
		"OwnerIds":            stranger,
		"RestorableByUserIds": "all",
		"Filters":             filter("volume-size", "9"),
		"MaxResults":          1,
		"NextToken":           nextOf(&ec2.DescribeSnapshotsInput{MaxResults: new(int32(1))}),
	})
}

// volume is the root volume of an instance.
func (w *fieldWorld) volume(instance string) string {
	for _, i := range w.region.Instances() {
		if *i.InstanceId == instance {
			return *i.BlockDeviceMappings[0].Ebs.VolumeId
		}
	}
	panic("no such instance: " + instance)
}
