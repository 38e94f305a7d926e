package conformance

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	copyImage   = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html"
	idempotency = "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html"
)

// copyInput is a copy of an image of Home, for Away.
func (l *lab) copyInput(source string) *ec2.CopyImageInput {
	return &ec2.CopyImageInput{
		SourceImageId: &source, SourceRegion: new(l.env.Home.Region), Name: new(l.name()), TagSpecifications: l.tagged(nil, ofImage...),
	}
}

func (l *lab) copy(in *ec2.CopyImageInput) (id string) {
	out, err := l.away.CopyImage(l.ctx, in)
	l.do(err)
	l.discard(l.away, *out.ImageId)
	return *out.ImageId
}

var copyCases = []Case{
	{"copy/source", "A copy names its source and the source's Region.", copyImage, func(l *lab) {
		source := *l.available(nil).ImageId
		made := l.settled(l.away, l.copy(l.copyInput(source)))
		l.that(aws.ToString(made.SourceImageId) == source, "SourceImageId is %q", aws.ToString(made.SourceImageId))
		l.that(aws.ToString(made.SourceImageRegion) == l.env.Home.Region, "SourceImageRegion is %q", aws.ToString(made.SourceImageRegion))
	}},
	{"copy/in its Region only", "A copy is in the Region that it was copied to, under an id of its own.", copyImage, func(l *lab) {
		source := *l.available(nil).ImageId
		id := l.copy(l.copyInput(source))
		l.that(id != source, "the copy has the id of its source")
		l.that(len(l.byFilter(l.home, "image-id", id)) == 0, "the copy is in the Region of its source")
	}},
	{"copy/same token", "The same token with the same parameters gives the same image.", idempotency, func(l *lab) {
		in := l.copyInput(*l.available(nil).ImageId)
		in.ClientToken = new(l.name())
		first := l.copy(in)
		second := l.copy(in)
		l.that(first == second, "made %s and %s", first, second)
	}},
	{"copy/token with other parameters", "A token that was used with other parameters is refused.", idempotency, func(l *lab) {
		in := l.copyInput(*l.available(nil).ImageId)
		in.ClientToken = new(l.name())
		l.copy(in)
		in.Name = new(l.name())
		out, err := l.away.CopyImage(l.ctx, in)
		if err == nil {
			l.discard(l.away, *out.ImageId)
		}
		l.refused(err, "IdempotentParameterMismatch")
	}},
	{"copy/tags in the call", "CopyImage tags the copy and its snapshots.", copyImage, func(l *lab) {
		in := l.copyInput(*l.available(nil).ImageId)
		in.TagSpecifications = l.tagged([]types.TagSpecification{
			{ResourceType: types.ResourceTypeImage, Tags: []types.Tag{{Key: new("part"), Value: new("image")}}},
		}, ofImage...)
		made := l.settled(l.away, l.copy(in))
		l.that(tag(made.Tags, "part") == "image", "tags are %v", made.Tags)
	}},
	{"copy/tags of the source", "CopyImageTags copies the tags of the source, and only it does.", copyImage, func(l *lab) {
		source := *l.available(func(in *ec2.CreateImageInput) {
			in.TagSpecifications = []types.TagSpecification{
				{ResourceType: types.ResourceTypeImage, Tags: []types.Tag{{Key: new("of"), Value: new("source")}}},
			}
		}).ImageId
		in := l.copyInput(source)
		l.that(tag(l.settled(l.away, l.copy(in)).Tags, "of") == "", "copied without being asked")
		in = l.copyInput(source)
		in.CopyImageTags = new(true) // which brings the tag of all that is made, too
		in.TagSpecifications = l.tagged(nil, types.ResourceTypeSnapshot)
		l.that(tag(l.settled(l.away, l.copy(in)).Tags, "of") == "source", "not copied")
	}},
	{"copy/encrypted", "A copy can be encrypted, and all its snapshots are then.", copyImage, func(l *lab) {
		in := l.copyInput(*l.available(nil).ImageId)
		in.Encrypted = new(true)
		made := l.settled(l.away, l.copy(in))
		for _, m := range made.BlockDeviceMappings {
			l.that(m.Ebs == nil || aws.ToBool(m.Ebs.Encrypted), "%s is not encrypted", aws.ToString(m.DeviceName))
		}
	}},
	{"copy/key without encryption", "A key without Encrypted is refused.", copyImage, func(l *lab) {
		in := l.copyInput(*l.available(nil).ImageId)
		in.KmsKeyId = new("alias/aws/ebs")
		out, err := l.away.CopyImage(l.ctx, in)
		if err == nil {
			l.discard(l.away, *out.ImageId)
		}
		l.refused(err)
	}},
	{"copy/name twice", "A copy cannot have a name that is taken in its Region.", errorCodes, func(l *lab) {
		in := l.copyInput(*l.available(nil).ImageId)
		l.copy(in)
		in.ClientToken = nil // the SDK has filled in one: it is to make another
		out, err := l.away.CopyImage(l.ctx, in)
		if err == nil {
			l.discard(l.away, *out.ImageId)
		}
		l.refused(err, "InvalidAMIName.Duplicate")
	}},
	{"copy/source unknown", "An image that does not exist cannot be copied.", errorCodes, func(l *lab) {
		_, err := l.away.CopyImage(l.ctx, l.copyInput("ami-0123456789abcdef0"))
		l.refused(err, "InvalidAMIID.NotFound")
	}},
	{"copy/permissions stay behind", "A copy is shared with nobody.", copyImage, func(l *lab) {
		source := *l.available(nil).ImageId
		l.share(source, l.env.Grantee)
		id := *l.settled(l.away, l.copy(l.copyInput(source))).ImageId
		l.that(len(l.permissions(l.away, id)) == 0, "the copy is shared")
	}},
}
