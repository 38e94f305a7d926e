package awstest

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func init() {
	handle(describeKey, "KeyId")
}

// describeKey answers what a key is. Who may use it, KMS tells nobody here.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
func describeKey(r *request, in *kms.DescribeKeyInput) (*kms.DescribeKeyOutput, error) {
	k := r.findKey(*in.KeyId)
	switch {
	case k == nil || k.region != r.region:
		return nil, &kmstypes.NotFoundException{Message: new(r.noKey(r.keyARN(*in.KeyId)))}
	case k.account != r.account && (k.managed || !k.admits(r.account)):
		return nil, apiError("AccessDeniedException", "User: %s is not authorized to perform: kms:DescribeKey on resource: %s "+
			"because no resource-based policy allows the kms:DescribeKey action", r.caller.arn, k.arn())
	}
	return &kms.DescribeKeyOutput{KeyMetadata: k.render()}, nil
}

// noKey is how KMS says that there is no such key in a Region.
func (s *store) noKey(arn string) string {
	switch parts := strings.SplitN(arn, ":", 6); {
	case len(parts) == 6 && parts[3] != s.region:
		return "Invalid arn " + parts[3]
	case strings.Contains(arn, ":alias/"):
		return "Alias " + arn + " is not found."
	}
	return "Key '" + arn + "' does not exist"
}

func (k *key) render() *kmstypes.KeyMetadata {
	out := &kmstypes.KeyMetadata{
		AWSAccountId: new(k.account),
		Arn:          new(k.arn()),
		CreationDate: new(k.created),
		//lint:ignore SA1019 AWS still answers it, beside KeySpec
		CustomerMasterKeySpec: kmstypes.CustomerMasterKeySpecSymmetricDefault,
		Description:           new(k.description),
		Enabled:               !k.disabled,
		EncryptionAlgorithms:  []kmstypes.EncryptionAlgorithmSpec{kmstypes.EncryptionAlgorithmSpecSymmetricDefault},
		KeyId:                 new(k.id),
		KeyManager:            kmstypes.KeyManagerTypeCustomer,
		KeySpec:               kmstypes.KeySpecSymmetricDefault,
		KeyState:              kmstypes.KeyStateEnabled,
		KeyUsage:              kmstypes.KeyUsageTypeEncryptDecrypt,
		MultiRegion:           new(false),
		Origin:                kmstypes.OriginTypeAwsKms,
	}
	if k.managed {
		out.KeyManager = kmstypes.KeyManagerTypeAws
	}
	if k.disabled {
		out.KeyState = kmstypes.KeyStateDisabled
	}
	return out
}
