package ami

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/readyami/readyami/internal/fault"
)

// ErrUnshareableKey: the key that encrypts the image is AWS's own, which no
// other account can use; Error.IDs names it.
var ErrUnshareableKey = fault.New("ami.UnshareableKey", "encrypted with a key of AWS, which cannot be shared")

// DescribeKeyAPI is what KMS is asked for.
type DescribeKeyAPI interface {
	DescribeKey(context.Context, *kms.DescribeKeyInput, ...func(*kms.Options)) (*kms.DescribeKeyOutput, error)
}

var _ DescribeKeyAPI = (*kms.Client)(nil)

// KeyUse says how an image is going to be encrypted, as [CopyInput] does.
type KeyUse struct {
	// Encrypted is also to be set where the source is encrypted already. False:
	// it depends on whether the account encrypts by default.
	Encrypted bool
	// KMSKeyID is the id, alias or ARN of a key. Empty: the Region's default key
	// for EBS, if it is encrypted at all.
	KMSKeyID string
}

// CheckShareableAPI is what [CheckShareable] calls.
type CheckShareableAPI interface {
	GetEbsDefaultKmsKeyId(context.Context, *ec2.GetEbsDefaultKmsKeyIdInput, ...func(*ec2.Options)) (*ec2.GetEbsDefaultKmsKeyIdOutput, error)
	GetEbsEncryptionByDefault(context.Context, *ec2.GetEbsEncryptionByDefaultInput, ...func(*ec2.Options)) (*ec2.GetEbsEncryptionByDefaultOutput, error)
}

var _ CheckShareableAPI = (*ec2.Client)(nil)

// CheckShareable tells before an image is made or copied whether it can be
// shared afterwards. AWS refuses to share what is encrypted with its own key,
// aws/ebs, and says so only when the finished image is shared. That key is the
// Region's default unless the account has chosen another.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-with-encrypted-snapshots.html
//
// Errors: [ErrUnshareableKey]. It writes nothing.
//
// Calls and IAM actions: ec2:GetEbsEncryptionByDefault,
// ec2:GetEbsDefaultKmsKeyId, kms:DescribeKey.
func CheckShareable(ctx context.Context, api CheckShareableAPI, keys DescribeKeyAPI, use KeyUse, optFns ...func(*Options)) error {
	const op = "ami.CheckShareable"
	o := resolve(api, optFns)
	at := o.place()
	key := use.KMSKeyID
	if key == "" && !use.Encrypted {
		out, err := patiently(ctx, o.Poll, func(ctx context.Context) (*ec2.GetEbsEncryptionByDefaultOutput, error) {
			return api.GetEbsEncryptionByDefault(ctx, &ec2.GetEbsEncryptionByDefaultInput{})
		})
		if err != nil {
			return refused(ctx, op, at, "", err)
		}
		if !aws.ToBool(out.EbsEncryptionByDefault) {
			return nil
		}
	}
	if key == "" {
		out, err := patiently(ctx, o.Poll, func(ctx context.Context) (*ec2.GetEbsDefaultKmsKeyIdOutput, error) {
			return api.GetEbsDefaultKmsKeyId(ctx, &ec2.GetEbsDefaultKmsKeyIdInput{})
		})
		if err != nil {
			return refused(ctx, op, at, "", err)
		}
		key = aws.ToString(out.KmsKeyId)
	}
	managed, err := patiently(ctx, o.Poll, func(ctx context.Context) (bool, error) { return managedByAWS(ctx, keys, key) })
	if err != nil {
		return refused(ctx, op, at, key, err)
	}
	if managed {
		return &Error{Op: op, Account: at.Account, Region: at.Region, Kind: ErrUnshareableKey, IDs: []string{key}}
	}
	return nil
}

// managedByAWS reports whether a key is one of AWS's own.
func managedByAWS(ctx context.Context, keys DescribeKeyAPI, key string) (bool, error) {
	out, err := keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	if err != nil {
		return false, err
	}
	return out.KeyMetadata != nil && out.KeyMetadata.KeyManager == kmstypes.KeyManagerTypeAws, nil
}

// keyAccount is the account in the ARN of a key; empty: it is no ARN.
func keyAccount(key string) string {
	if parts := strings.SplitN(key, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[4]
	}
	return ""
}

func join(list []string) string { return strings.Join(list, ", ") }
