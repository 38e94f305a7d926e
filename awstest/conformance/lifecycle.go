package conformance

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	deprecateImage  = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html"
	disableImage    = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/disable-an-ami.html"
	protectImage    = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html"
	deregisterImage = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html"
)

var lifecycleCases = []Case{
	{"lifecycle/deprecate", "A deprecation time is rounded to the minute, and can be taken back.", deprecateImage, func(l *lab) {
		id := *l.available(nil).ImageId
		at := time.Now().Add(48 * time.Hour).Truncate(time.Minute).Add(10 * time.Second)
		_, err := l.home.EnableImageDeprecation(l.ctx, &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: &at})
		l.do(err)
		got := aws.ToString(l.byFilter(l.home, "image-id", id)[0].DeprecationTime)
		l.that(got == at.Truncate(time.Minute).UTC().Format("2006-01-02T15:04:05.000Z"), "DeprecationTime is %q for %s", got, at)
		_, err = l.home.DisableImageDeprecation(l.ctx, &ec2.DisableImageDeprecationInput{ImageId: &id})
		l.do(err)
		l.that(l.byFilter(l.home, "image-id", id)[0].DeprecationTime == nil, "DeprecationTime is still set")
	}},
	{"lifecycle/deprecate in the past", "A deprecation time in the past is refused.", deprecateImage, func(l *lab) {
		id := *l.available(nil).ImageId
		_, err := l.home.EnableImageDeprecation(l.ctx, &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: new(time.Now().Add(-time.Hour))})
		l.refused(err)
	}},
	{"lifecycle/disable", "A disabled image is hidden unless asked for, and has lost its launch permissions.", disableImage, func(l *lab) {
		id := *l.available(nil).ImageId
		l.share(id, l.env.Grantee)
		_, err := l.home.DisableImage(l.ctx, &ec2.DisableImageInput{ImageId: &id})
		l.do(err)
		out, err := l.home.DescribeImages(l.ctx, &ec2.DescribeImagesInput{
			Owners: []string{"self"}, Filters: []types.Filter{{Name: new("image-id"), Values: []string{id}}},
		})
		l.do(err)
		l.that(len(out.Images) == 0, "it is listed")
		l.that(l.byFilter(l.home, "image-id", id)[0].State == types.ImageStateDisabled, "it is not listed as disabled")
		_, err = l.home.EnableImage(l.ctx, &ec2.EnableImageInput{ImageId: &id})
		l.do(err)
		l.that(len(l.permissions(l.home, id)) == 0, "enabling brought the permissions back")
	}},
	{"lifecycle/protect", "An image that is protected cannot be deregistered.", protectImage, func(l *lab) {
		id := *l.available(nil).ImageId
		_, err := l.home.EnableImageDeregistrationProtection(l.ctx, &ec2.EnableImageDeregistrationProtectionInput{ImageId: &id})
		l.do(err)
		_, err = l.home.DeregisterImage(l.ctx, &ec2.DeregisterImageInput{ImageId: &id})
		l.refused(err)
		_, err = l.home.DisableImageDeregistrationProtection(l.ctx, &ec2.DisableImageDeregistrationProtectionInput{ImageId: &id})
		l.do(err)
		_, err = l.home.DeregisterImage(l.ctx, &ec2.DeregisterImageInput{ImageId: &id, DeleteAssociatedSnapshots: new(true)})
		l.do(err)
	}},
	{"lifecycle/deregister with snapshots", "Deregistering with the snapshots says what became of each.", deregisterImage, func(l *lab) {
		image := l.available(nil)
		ids := snapshots(image)
		out, err := l.home.DeregisterImage(l.ctx, &ec2.DeregisterImageInput{ImageId: image.ImageId, DeleteAssociatedSnapshots: new(true)})
		l.do(err)
		l.that(len(out.DeleteSnapshotResults) == len(ids), "%d results for %d snapshots", len(out.DeleteSnapshotResults), len(ids))
		_, err = l.home.DescribeSnapshots(l.ctx, &ec2.DescribeSnapshotsInput{SnapshotIds: ids[:1]})
		l.refused(err, "InvalidSnapshot.NotFound")
	}},
	{"lifecycle/deregister twice", "An image that was deregistered is unavailable, and then unknown.", errorCodes, func(l *lab) {
		image := l.available(nil)
		for _, id := range snapshots(image) {
			l.later(l.deleteSnapshot(id))
		}
		_, err := l.home.DeregisterImage(l.ctx, &ec2.DeregisterImageInput{ImageId: image.ImageId})
		l.do(err)
		_, err = l.home.DeregisterImage(l.ctx, &ec2.DeregisterImageInput{ImageId: image.ImageId})
		l.refused(err, "InvalidAMIID.Unavailable", "InvalidAMIID.NotFound")
	}},
	{"lifecycle/deregister unknown", "An image that does not exist cannot be deregistered.", errorCodes, func(l *lab) {
		_, err := l.home.DeregisterImage(l.ctx, &ec2.DeregisterImageInput{ImageId: new("ami-0123456789abcdef0")})
		l.refused(err, "InvalidAMIID.NotFound")
	}},
	{"lifecycle/tag unknown", "What does not exist cannot be tagged.", errorCodes, func(l *lab) {
		_, err := l.home.CreateTags(l.ctx, &ec2.CreateTagsInput{
			Resources: []string{"ami-0123456789abcdef0"}, Tags: []types.Tag{{Key: new("k"), Value: new("v")}},
		})
		l.refused(err, "InvalidAMIID.NotFound")
	}},
}
