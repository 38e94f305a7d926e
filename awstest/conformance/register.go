package conformance

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const registerImage = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html"

// registerInput is the registration of an image's root snapshot as another
// image.
func (l *lab) registerInput(of types.Image) *ec2.RegisterImageInput {
	in := &ec2.RegisterImageInput{
		Name:               new(l.name()),
		Architecture:       of.Architecture,
		VirtualizationType: new("hvm"),
		EnaSupport:         new(true),
		RootDeviceName:     of.RootDeviceName,
		TagSpecifications:  l.tagged(nil, types.ResourceTypeImage),
	}
	for _, m := range of.BlockDeviceMappings {
		if aws.ToString(m.DeviceName) == aws.ToString(of.RootDeviceName) && m.Ebs != nil {
			in.BlockDeviceMappings = []types.BlockDeviceMapping{{
				DeviceName: m.DeviceName, Ebs: &types.EbsBlockDevice{SnapshotId: m.Ebs.SnapshotId},
			}}
		}
	}
	return in
}

// register registers an image; only its own registration is removed at the end.
func (l *lab) register(in *ec2.RegisterImageInput) (id string) {
	out, err := l.home.RegisterImage(l.ctx, in)
	l.do(err)
	id = *out.ImageId
	l.later(func(ctx context.Context) error {
		_, err := l.home.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: &id})
		return err
	})
	return id
}

var registerCases = []Case{
	{"register/of a snapshot", "An image is registered of a snapshot, and is what the call says.", registerImage, func(l *lab) {
		from := l.available(nil)
		made := l.settled(l.home, l.register(l.registerInput(from)))
		l.that(made.Architecture == from.Architecture, "Architecture is %q", made.Architecture)
		l.that(aws.ToBool(made.EnaSupport), "EnaSupport is lost")
		l.that(aws.ToString(made.RootDeviceName) == aws.ToString(from.RootDeviceName), "RootDeviceName is %q", aws.ToString(made.RootDeviceName))
		l.that(len(snapshots(made)) == 1 && snapshots(made)[0] == snapshots(from)[0], "snapshots are %v", snapshots(made))
		l.that(made.SourceImageId == nil, "SourceImageId is %q", aws.ToString(made.SourceImageId))
	}},
	{"register/tags", "RegisterImage tags the image in the same call.", registerImage, func(l *lab) {
		in := l.registerInput(l.available(nil))
		in.TagSpecifications = l.tagged([]types.TagSpecification{
			{ResourceType: types.ResourceTypeImage, Tags: []types.Tag{{Key: new("part"), Value: new("image")}}},
		}, types.ResourceTypeImage)
		made := l.settled(l.home, l.register(in))
		l.that(tag(made.Tags, "part") == "image", "tags are %v", made.Tags)
	}},
	{"register/name twice", "An image cannot be registered under a name that is taken.", errorCodes, func(l *lab) {
		from := l.available(nil)
		in := l.registerInput(from)
		in.Name = from.Name
		out, err := l.home.RegisterImage(l.ctx, in)
		if err == nil {
			l.discard(l.home, *out.ImageId)
		}
		l.refused(err, "InvalidAMIName.Duplicate")
	}},
	{"snapshot/of two images", "A snapshot that another image uses is skipped when one of them is deregistered with its snapshots.", deregisterImage, func(l *lab) {
		from := l.available(nil)
		other := l.settled(l.home, l.register(l.registerInput(from)))
		for _, id := range snapshots(from) {
			l.later(l.deleteSnapshot(id))
		}
		out, err := l.home.DeregisterImage(l.ctx, &ec2.DeregisterImageInput{ImageId: from.ImageId, DeleteAssociatedSnapshots: new(true)})
		l.do(err)
		shared := snapshots(other)[0]
		found := slices.ContainsFunc(out.DeleteSnapshotResults, func(r types.DeleteSnapshotReturnCode) bool {
			return aws.ToString(r.SnapshotId) == shared && r.ReturnCode == types.SnapshotReturnCodesWarnSkipped
		})
		l.that(found, "%s was not skipped: %v", shared, out.DeleteSnapshotResults)
		l.snapshot(shared)
		_, err = l.home.DeregisterImage(l.ctx, &ec2.DeregisterImageInput{ImageId: other.ImageId})
		l.do(err)
	}},
	{"snapshot/shared", "An account may be given the right to make volumes of a snapshot, and lose it again.",
		"https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html", func(l *lab) {
			id := snapshots(l.available(nil))[0]
			change := func(op types.OperationType) (after int) {
				_, err := l.home.ModifySnapshotAttribute(l.ctx, &ec2.ModifySnapshotAttributeInput{
					SnapshotId: &id, Attribute: types.SnapshotAttributeNameCreateVolumePermission, OperationType: op, UserIds: []string{l.env.Grantee},
				})
				l.do(err)
				out, err := l.home.DescribeSnapshotAttribute(l.ctx, &ec2.DescribeSnapshotAttributeInput{
					SnapshotId: &id, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
				})
				l.do(err)
				return len(out.CreateVolumePermissions)
			}
			l.that(change(types.OperationTypeAdd) == 1, "it is not shared")
			l.that(change(types.OperationTypeRemove) == 0, "it is still shared")
		}},
}
