package conformance

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	createImage    = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html"
	describeImages = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html"
	errorCodes     = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
)

var imageCases = []Case{
	{"image/pending first", "A new image is pending.", createImage, func(l *lab) {
		id, _ := l.image(nil)
		images := l.byFilter(l.home, "image-id", id)
		l.that(len(images) == 1 && images[0].State == types.ImageStatePending, "state is %v", states(images))
	}},
	{"image/source", "An image names the instance it was made of, and that instance's image.", describeImages, func(l *lab) {
		image := l.available(nil)
		l.that(aws.ToString(image.SourceInstanceId) == l.env.InstanceID, "SourceInstanceId is %q", aws.ToString(image.SourceInstanceId))
		l.that(aws.ToString(image.SourceImageId) != "", "SourceImageId is empty")
	}},
	{"image/location", "The location of an image is its owner and its name.", createImage, func(l *lab) {
		image := l.available(nil)
		want := aws.ToString(image.OwnerId) + "/" + aws.ToString(image.Name)
		l.that(aws.ToString(image.ImageLocation) == want, "ImageLocation is %q, want %q", aws.ToString(image.ImageLocation), want)
	}},
	{"image/root device", "The root device of an image of an EBS-backed instance is an EBS volume.", describeImages, func(l *lab) {
		image := l.available(nil)
		l.that(image.RootDeviceType == types.DeviceTypeEbs, "RootDeviceType is %q", image.RootDeviceType)
		l.that(strings.HasPrefix(aws.ToString(image.RootDeviceName), "/dev/"), "RootDeviceName is %q", aws.ToString(image.RootDeviceName))
	}},
	{"image/tags of image and snapshots", "CreateImage tags the image and its snapshots.", createImage, func(l *lab) {
		image := l.available(func(in *ec2.CreateImageInput) {
			in.TagSpecifications = []types.TagSpecification{
				{ResourceType: types.ResourceTypeImage, Tags: []types.Tag{{Key: new("part"), Value: new("image")}}},
				{ResourceType: types.ResourceTypeSnapshot, Tags: []types.Tag{{Key: new("part"), Value: new("disk")}}},
			}
		})
		l.that(tag(image.Tags, "part") == "image", "tags of the image are %v", image.Tags)
		for _, id := range snapshots(image) {
			l.that(tag(l.snapshot(id).Tags, "part") == "disk", "tags of snapshot %s are %v", id, l.snapshot(id).Tags)
		}
	}},
	{"image/new volume", "CreateImage adds the empty volumes that are asked for.", createImage, func(l *lab) {
		image := l.available(func(in *ec2.CreateImageInput) {
			in.BlockDeviceMappings = []types.BlockDeviceMapping{{DeviceName: new("/dev/sdf"), Ebs: &types.EbsBlockDevice{VolumeSize: new(int32(3))}}}
		})
		found := false
		for _, m := range image.BlockDeviceMappings {
			found = found || aws.ToString(m.DeviceName) == "/dev/sdf" && aws.ToInt32(m.Ebs.VolumeSize) == 3
		}
		l.that(found, "mappings are %v", devices(image))
	}},
	{"image/name twice", "A name belongs to one image of an account in a Region.", errorCodes, func(l *lab) {
		_, name := l.image(nil)
		l.refused(l.imageNamed(name), "InvalidAMIName.Duplicate")
	}},
	{"image/name malformed", "A name has 3 to 128 letters, digits and a few signs.", createImage, func(l *lab) {
		for _, name := range []string{"x", "with:colon"} {
			l.refused(l.imageNamed(name), "InvalidAMIName.Malformed")
		}
	}},
	{"image/instance unknown", "An instance that does not exist cannot be imaged.", errorCodes, func(l *lab) {
		_, err := l.home.CreateImage(l.ctx, &ec2.CreateImageInput{InstanceId: new("i-0123456789abcdef0"), Name: new(l.name())})
		l.refused(err, "InvalidInstanceID.NotFound")
	}},
	{"image/instance malformed", "An instance id that is none is told from one that is unknown.", errorCodes, func(l *lab) {
		_, err := l.home.CreateImage(l.ctx, &ec2.CreateImageInput{InstanceId: new("web"), Name: new(l.name())})
		l.refused(err, "InvalidInstanceID.Malformed")
	}},
	{"image/dry run", "A dry run makes nothing and answers an error of its own.", createImage, func(l *lab) {
		name := l.name()
		_, err := l.home.CreateImage(l.ctx, &ec2.CreateImageInput{InstanceId: &l.env.InstanceID, Name: &name, DryRun: new(true)})
		l.refused(err, "DryRunOperation")
		l.that(len(l.byFilter(l.home, "name", name)) == 0, "the image is there")
	}},
}

var imageQueryCases = []Case{
	{"images/id unknown", "DescribeImages refuses an unknown id.", errorCodes, func(l *lab) {
		_, err := l.home.DescribeImages(l.ctx, &ec2.DescribeImagesInput{ImageIds: []string{"ami-0123456789abcdef0"}})
		l.refused(err, "InvalidAMIID.NotFound")
	}},
	{"images/id malformed", "DescribeImages refuses an id that is none.", errorCodes, func(l *lab) {
		_, err := l.home.DescribeImages(l.ctx, &ec2.DescribeImagesInput{ImageIds: []string{"ami-zzz"}})
		l.refused(err, "InvalidAMIID.Malformed")
	}},
	{"images/one id of two unknown", "One unknown id fails the whole call.", errorCodes, func(l *lab) {
		id, _ := l.image(nil)
		_, err := l.home.DescribeImages(l.ctx, &ec2.DescribeImagesInput{ImageIds: []string{id, "ami-0123456789abcdef0"}})
		l.refused(err, "InvalidAMIID.NotFound")
	}},
	{"images/filter by unknown id", "A filter by an unknown id finds nothing and is no error.", describeImages, func(l *lab) {
		l.that(len(l.byFilter(l.home, "image-id", "ami-0123456789abcdef0")) == 0, "found something")
	}},
	{"images/filter by name", "Filters understand * and ?.", "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html", func(l *lab) {
		_, name := l.image(nil)
		for _, pattern := range []string{name, name[:len(name)-1] + "?", name[:len(name)-3] + "*"} {
			l.that(len(l.byFilter(l.home, "name", pattern)) == 1, "%q does not find %q", pattern, name)
		}
	}},
	{"images/filter by source instance", "Images are found by the instance that they were made of.", describeImages, func(l *lab) {
		id, _ := l.image(nil)
		l.that(contains(l.byFilter(l.home, "source-instance-id", l.env.InstanceID), id), "not found by its instance")
		l.that(!contains(l.byFilter(l.home, "source-instance-id", "i-0123456789abcdef0"), id), "found by another instance")
	}},
	{"images/filter by source image", "Images are found by the image that their instance was launched from.", describeImages, func(l *lab) {
		image := l.available(nil)
		l.that(contains(l.byFilter(l.home, "source-image-id", aws.ToString(image.SourceImageId)), *image.ImageId), "not found by its source")
		l.that(!contains(l.byFilter(l.home, "source-image-id", "ami-0123456789abcdef0"), *image.ImageId), "found by another source")
	}},
	{"images/filter by creation date", "Images are found by the date that they were made on.", describeImages, func(l *lab) {
		id, _ := l.image(nil)
		l.that(contains(l.byFilter(l.home, "creation-date", "2*"), id), "not found by its century")
		l.that(!contains(l.byFilter(l.home, "creation-date", "19*"), id), "found by another century")
	}},
	{"images/filter by snapshot", "Images are found by a snapshot that they use.", describeImages, func(l *lab) {
		image := l.available(nil)
		l.that(contains(l.byFilter(l.home, "block-device-mapping.snapshot-id", snapshots(image)[0]), *image.ImageId), "not found by its snapshot")
		l.that(!contains(l.byFilter(l.home, "block-device-mapping.snapshot-id", "snap-0123456789abcdef0"), *image.ImageId), "found by another snapshot")
	}},
	{"images/filter by root device", "Images are found by the type of their root device.", describeImages, func(l *lab) {
		id, _ := l.image(nil)
		l.that(contains(l.byFilter(l.home, "root-device-type", "ebs"), id), "not found by ebs")
		l.that(!contains(l.byFilter(l.home, "root-device-type", "instance-store"), id), "found by instance-store")
	}},
	{"images/filter unknown", "A filter that does not exist is refused.", describeImages, func(l *lab) {
		_, err := l.home.DescribeImages(l.ctx, &ec2.DescribeImagesInput{
			Owners: []string{"self"}, Filters: []types.Filter{{Name: new("no-such-filter"), Values: []string{"x"}}},
		})
		l.refused(err, "InvalidParameterValue", "InvalidFilter")
	}},
}

// imageNamed asks for an image that should not be made. One that is made is
// removed at the end.
func (l *lab) imageNamed(name string) error {
	out, err := l.home.CreateImage(l.ctx, &ec2.CreateImageInput{
		InstanceId: &l.env.InstanceID, Name: &name, NoReboot: new(true), TagSpecifications: l.tagged(nil, ofImage...),
	})
	if err == nil {
		l.discard(l.home, *out.ImageId)
	}
	return err
}

func states(images []types.Image) (out []types.ImageState) {
	for _, i := range images {
		out = append(out, i.State)
	}
	return out
}

func devices(image types.Image) (out []string) {
	for _, m := range image.BlockDeviceMappings {
		out = append(out, aws.ToString(m.DeviceName))
	}
	return out
}

// snapshots are the ids of those that an image uses.
func snapshots(image types.Image) (out []string) {
	for _, m := range image.BlockDeviceMappings {
		if m.Ebs != nil && m.Ebs.SnapshotId != nil {
			out = append(out, *m.Ebs.SnapshotId)
		}
	}
	return out
}

func contains(images []types.Image, id string) bool {
	for _, i := range images {
		if aws.ToString(i.ImageId) == id {
			return true
		}
	}
	return false
}

func tag(tags []types.Tag, key string) string {
	for _, t := range tags {
		if aws.ToString(t.Key) == key {
			return aws.ToString(t.Value)
		}
	}
	return ""
}
