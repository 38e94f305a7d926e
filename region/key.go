package region

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/readyami/readyami/internal/fault"
)

// key is the ARN of a target's key, which is given by its id, alias or ARN;
// empty is the Region's default for EBS. A key that cannot encrypt volumes is
// [ErrKeyUnusable]: AWS accepts a copy with it, and fails it later with words that do
// not mention the key.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
func key(ctx context.Context, clients *ClientSet, name string) (arn string, err error) {
	e := &Error{Op: "region.Copy", Account: clients.Target.Account, Region: clients.Target.Region, ID: name, Kind: ErrKeyUnusable}
	if name == "" {
		out, err := clients.EC2.GetEbsDefaultKmsKeyId(ctx, &ec2.GetEbsDefaultKmsKeyIdInput{})
		if err != nil {
			return "", err
		}
		name = aws.ToString(out.KmsKeyId)
		e.ID = name
	}
	out, err := kms.NewFromConfig(clients.Config).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
	switch {
	case fault.Is(err, "NotFoundException", "InvalidArnException", "ValidationException"):
		e.Err = err
		return "", e
	case fault.Is(err, "AccessDeniedException"):
		e.Err, e.Hint = err, "a copy needs kms:DescribeKey for the caller, in its policies and in that of the key"
		return "", e
	case err != nil:
		return "", err
	}
	k := out.KeyMetadata
	e.State = string(k.KeyState)
	switch {
	case k.KeyState != kmstypes.KeyStateEnabled:
		e.Reason = "the key is not enabled"
		return "", e
	case k.KeySpec != "" && k.KeySpec != kmstypes.KeySpecSymmetricDefault:
		e.Reason = "volumes need a symmetric key, not " + string(k.KeySpec)
		return "", e
	}
	return aws.ToString(k.Arn), nil
}
