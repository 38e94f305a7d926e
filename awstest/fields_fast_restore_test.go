package awstest_test

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

func init() {
	fields(func(w *fieldWorld) *ec2.EnableFastSnapshotRestoresInput {
		w.ids["other"] = w.snapshot(9)
		return &ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{w.snapshot(8)}, AvailabilityZones: []string{home + "a"}}
	}, fieldValues{
		"SourceSnapshotIds":   made("other"),
		"AvailabilityZones":   home + "b",
		"AvailabilityZoneIds": refused{"InvalidParameterCombination", "euw1-az2"},
	})
	fields(func(w *fieldWorld) *ec2.EnableFastSnapshotRestoresInput {
		return &ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{w.snapshot(8)}, AvailabilityZoneIds: []string{"euw1-az1"}}
	}, fieldValues{"AvailabilityZoneIds": "euw1-az2"})
	fields(func(w *fieldWorld) *ec2.DisableFastSnapshotRestoresInput {
		w.ids["other"] = w.fastRestores(w.snapshot(9))
		return &ec2.DisableFastSnapshotRestoresInput{SourceSnapshotIds: []string{w.fastRestores(w.snapshot(8))}, AvailabilityZones: []string{home + "a"}}
	}, fieldValues{
		"SourceSnapshotIds":   made("other"),
		"AvailabilityZones":   home + "b",
		"AvailabilityZoneIds": refused{"InvalidParameterCombination", "euw1-az2"},
	})
	fields(func(w *fieldWorld) *ec2.DisableFastSnapshotRestoresInput {
		return &ec2.DisableFastSnapshotRestoresInput{SourceSnapshotIds: []string{w.fastRestores(w.snapshot(8))}, AvailabilityZoneIds: []string{"euw1-az1"}}
	}, fieldValues{"AvailabilityZoneIds": "euw1-az2"})
	fields(func(w *fieldWorld) *ec2.DescribeFastSnapshotRestoresInput {
		w.fastRestores(w.snapshot(8))
		return &ec2.DescribeFastSnapshotRestoresInput{}
	}, fieldValues{
		"Filters":    filter("availability-zone-id", "euw1-az2"),
		"MaxResults": 1,
		"NextToken":  nextOf(&ec2.DescribeFastSnapshotRestoresInput{MaxResults: new(int32(1))}),
	})

	fields(func(w *fieldWorld) *ec2.CreateStoreImageTaskInput {
		w.region.Bucket("images")
		w.region.Bucket("archive")
		w.ids["other"] = w.image("other")
		return &ec2.CreateStoreImageTaskInput{ImageId: new(w.image("golden")), Bucket: new("images")}
	}, fieldValues{
		"ImageId": made("other"),
		"Bucket":  "archive",
	})
	fields(func(w *fieldWorld) *ec2.CreateStoreImageTaskInput {
		w.region.Bucket("images")
		return &ec2.CreateStoreImageTaskInput{ImageId: new(w.image("golden")), Bucket: new("images"),
			S3ObjectTags: []ec2types.S3ObjectTag{{Key: new("app"), Value: new("web")}}}
	}, fieldValues{"S3ObjectTags.Key": "team", "S3ObjectTags.Value": "db"}, func(w *fieldWorld) any { return w.region.StoredImages("images") })
	fields(func(w *fieldWorld) *ec2.DescribeStoreImageTasksInput {
		w.stored("golden")
		w.ids["other"] = w.stored("other")
		return &ec2.DescribeStoreImageTasksInput{}
	}, fieldValues{
		"ImageIds":   made("other"),
		"Filters":    filter("bucket", "archive"),
		"MaxResults": 1,
		"NextToken":  nextOf(&ec2.DescribeStoreImageTasksInput{MaxResults: new(int32(1))}),
	})
	fields(func(w *fieldWorld) *ec2.CreateRestoreImageTaskInput {
		key := w.stored("golden") + ".bin"
		w.ids["other"] = w.stored("other") + ".bin"
		w.region.Bucket("archive")
		w.region.CopyStoredImage("images", w.ids["other"], w.region, "archive")
		return &ec2.CreateRestoreImageTaskInput{Bucket: new("images"), ObjectKey: &key, Name: new("restored")}
	}, fieldValues{
		"Bucket":            refused{"InvalidParameter", "archive"},
		"ObjectKey":         made("other"),
		"Name":              "again",
		"TagSpecifications": tags("image", "app", "web"),
	})
}

// snapshots that have fast snapshot restore in two zones.
func (w *fieldWorld) fastRestores(id string) string {
	w.do(&ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{id}, AvailabilityZones: []string{home + "a", home + "b"}})
	return id
}

// stored is an image that is stored in the bucket "images".
func (w *fieldWorld) stored(name string) string {
	w.region.Bucket("images")
	id := w.region.OwnImage(awstest.ImageSeed{Name: name, DataGiB: []int32{20}})
	w.do(&ec2.CreateStoreImageTaskInput{ImageId: &id, Bucket: new("images")})
	w.cloud.Advance(storeTime)
	return id
}
