package region

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
)

// VerifyCopyInput is what an encrypted copy is compared with.
type VerifyCopyInput struct {
	// Source is the image that it is a copy of, as AWS described it in its own Region.
	// Required.
	Source types.Image
	// KMSKeyID is the key that every snapshot must be encrypted with, by its id, alias
	// or ARN. If empty, the Region's default key for EBS.
	KMSKeyID string
}

// VerifyCopy compares an encrypted copy with its source, and the key of its snapshots
// with the one that was asked for. It only reads.
//
// Errors: [ami.ErrDiffers] if the copy is not what was asked for; [ErrKey].
//
// AWS calls: DescribeSnapshots, kms:DescribeKey, and for a default key
// GetEbsDefaultKmsKeyId. IAM: ec2:DescribeSnapshots, kms:DescribeKey,
// ec2:GetEbsDefaultKmsKeyId.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
func VerifyCopy(ctx context.Context, c *ClientSet, image types.Image, in VerifyCopyInput) error {
	arn, err := key(ctx, c, in.KMSKeyID)
	if err != nil {
		return at(err, c.Target)
	}
	found, err := ami.Verify(ctx, c.EC2, ami.VerifyInput{
		ImageID: aws.ToString(image.ImageId), Image: &image, Source: in.Source, Encrypted: true, KMSKeyID: arn,
	})
	if err != nil {
		return at(err, c.Target)
	}
	if len(found) == 0 {
		return nil
	}
	return &Error{
		Op: "region.VerifyCopy", Account: c.Target.Account, Region: c.Target.Region, ID: aws.ToString(image.ImageId),
		State: string(image.State), Kind: ami.ErrDiffers, Reason: differences(found),
	}
}

// CheckKey checks whether a key can encrypt the copies into a target: it exists, is
// enabled and symmetric. name is its id, alias or ARN; if empty, it is the Region's
// default key for EBS. AWS accepts a copy with a key that it cannot use, and fails it
// later.
//
// Errors: [ErrKeyUnusable]; what keeps the key from being read.
//
// AWS calls: kms:DescribeKey, and for a default key GetEbsDefaultKmsKeyId. IAM:
// kms:DescribeKey, ec2:GetEbsDefaultKmsKeyId.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
func CheckKey(ctx context.Context, c *ClientSet, name string) error {
	_, err := key(ctx, c, name)
	return at(err, c.Target)
}
