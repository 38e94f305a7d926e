package ami

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// TagRestored begins the key of a tag of images that [RestoreFromS3] has made and
// of their snapshots. The key ends with a hash of the object, which is also the
// value. AWS restores the tags that an image was stored with as well, and does
// not say which of two values a tag gets: this key is not among them.
const TagRestored = "readyami:restored:"

// RestoreFromS3Input names the object to restore, and the image that it becomes.
type RestoreFromS3Input struct {
	// Bucket is an S3 bucket in the Region of the client. Required.
	Bucket string
	// ObjectKey is the object that [StoreToS3] has made, or a copy of it. Required.
	ObjectKey string
	// Name of the image, as in [CreateInput]. Required.
	Name string
	// Tags of the image and of its snapshots, beside [TagIntent], [TagSource] and
	// [TagRestored], and those that the image was stored with, [TagFamily] among
	// them. AWS does not say which value a tag gets that is stored with another.
	// Optional.
	Tags map[string]string
	// Revision tells images of the same object apart, as in [CreateInput].
	Revision string
}

// RestoreFromS3API is what [RestoreFromS3] calls.
type RestoreFromS3API interface {
	ec2.DescribeImagesAPIClient
	DeregisterAPI
	CreateRestoreImageTask(context.Context, *ec2.CreateRestoreImageTaskInput, ...func(*ec2.Options)) (*ec2.CreateRestoreImageTaskOutput, error)
}

var _ RestoreFromS3API = (*ec2.Client)(nil)

// RestoreFromS3 starts to restore an image from an object in an S3 bucket, in
// whatever partition the object was stored, once: if an image of this name was
// restored from the object already, or is being restored, that one is returned. It
// returns as soon as AWS has given the ID; [Wait] waits until the image is
// available. A failed image of the same object and name is deregistered first,
// with its snapshots.
//
// The image has the description, block devices and tags that it was stored with,
// and no launch permissions. Its snapshots are encrypted only if the account
// encrypts by default. AWS has a quota of 600 GB of snapshots that an account
// restores at the same time. Beyond it AWS refuses a task; the same call may
// succeed later.
//
// Errors: [ErrInvalidInput]; [ErrNameTaken], also if the image is the same but
// disabled. Both come before the first write. CreateResult.Intent is the value of the
// tag that begins with [TagRestored].
//
// Calls and IAM actions: ec2:DescribeImages, ec2:CreateRestoreImageTask,
// ec2:CreateTags; with a failed predecessor also ec2:DeregisterImage and
// ec2:DeleteSnapshot; AWS also needs s3:GetObject and s3:ListBucket for the bucket,
// and ebs:CompleteSnapshot, ebs:PutSnapshotBlock and ebs:StartSnapshot.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-store-restore.html
func RestoreFromS3(ctx context.Context, api RestoreFromS3API, in RestoreFromS3Input, optFns ...func(*Options)) (*CreateResult, error) {
	o := resolve(api, optFns)
	if err := in.check("ami.RestoreFromS3", o.place()); err != nil {
		return nil, err
	}
	intent := in.intent()
	call := &ec2.CreateRestoreImageTaskInput{
		Bucket: &in.Bucket, ObjectKey: &in.ObjectKey, Name: &in.Name, TagSpecifications: in.tagSpecs(intent),
	}
	return claim{
		op: "ami.RestoreFromS3", at: o.place(), name: in.Name, intent: intent, tag: restoredTag(intent), poll: o.Poll, nameless: true,
		write: func(ctx context.Context, _ []string) (string, error) {
			out, err := api.CreateRestoreImageTask(ctx, call)
			if err != nil {
				return "", err
			}
			return aws.ToString(out.ImageId), nil
		},
	}.make(ctx, api)
}

// Check refuses what [RestoreFromS3] refuses first. It makes no call.
//
// Errors: [ErrInvalidInput].
func (in RestoreFromS3Input) Check(region string) error {
	return in.check("ami.RestoreFromS3", fault.Place{Region: region})
}

func (in *RestoreFromS3Input) check(op string, at fault.Place) error {
	switch {
	case !bucketName.MatchString(in.Bucket):
		return fault.Invalid(op, at, "invalid Bucket %q", in.Bucket)
	case in.ObjectKey == "":
		return fault.Invalid(op, at, "ObjectKey is required")
	}
	if err := checkName(op, at, in.Name, ""); err != nil {
		return err
	}
	if n := len(in.Tags) + 3; n > maxTags {
		return fault.Invalid(op, at, "Tags must be at most %d: this module sets three", maxTags-3)
	}
	return checkTags(op, at, in.Tags)
}

func (in *RestoreFromS3Input) intent() string {
	return digest("restore", in.Bucket, in.ObjectKey, in.Revision)
}

// restoredTag is the key of the tag by which a restored image is recognised.
func restoredTag(intent string) string { return TagRestored + intent[:16] }

func (in *RestoreFromS3Input) tagSpecs(intent string) []types.TagSpecification {
	source := in.Bucket + "/" + in.ObjectKey
	if r := []rune(source); len(r) > maxTagValue {
		source = string(r[:maxTagValue])
	}
	specs := tagSpecs(in.Tags, ownTags{intent: intent, source: source})
	for i := range specs {
		specs[i].Tags = append(specs[i].Tags, types.Tag{Key: new(restoredTag(intent)), Value: &intent})
	}
	return specs
}
