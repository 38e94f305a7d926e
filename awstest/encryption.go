package awstest

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func init() {
	handle(getEbsEncryptionByDefault)
	handle(enableEbsEncryptionByDefault)
	handle(disableEbsEncryptionByDefault)
	handle(getEbsDefaultKmsKeyId)
	handle(modifyEbsDefaultKmsKeyId, "KmsKeyId")
	handle(resetEbsDefaultKmsKeyId)
}

// encryption is how EBS encrypts for an account in a Region where a call does
// not say.
// https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html
type encryption struct {
	byDefault bool
	key       string // ARN of the default key; empty: AWS's own
}

const ebsAlias = "alias/aws/ebs"

// defaultKey is the ARN of the key that EBS encrypts with where none is named.
func (s *store) defaultKey() string { return cmp.Or(s.encryption.key, s.keyARN(ebsAlias)) }

// keyARN is the ARN that EC2 answers for a key that a call names in any of the
// forms that KMS takes. EC2 does not look whether there is such a key: what uses
// it fails later.
func (s *store) keyARN(name string) string {
	if k := s.findKey(name); k != nil {
		return k.arn()
	}
	switch {
	case strings.HasPrefix(name, "arn:"):
		return name
	case strings.HasPrefix(name, "alias/"):
		return s.arn("kms", name)
	}
	return s.arn("kms", "key/"+name)
}

func getEbsEncryptionByDefault(r *request, _ *ec2.GetEbsEncryptionByDefaultInput) (*ec2.GetEbsEncryptionByDefaultOutput, error) {
	return &ec2.GetEbsEncryptionByDefaultOutput{EbsEncryptionByDefault: new(r.encryption.byDefault)}, nil
}

func enableEbsEncryptionByDefault(r *request, _ *ec2.EnableEbsEncryptionByDefaultInput) (*ec2.EnableEbsEncryptionByDefaultOutput, error) {
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.encryption.byDefault = true
	return &ec2.EnableEbsEncryptionByDefaultOutput{EbsEncryptionByDefault: new(true)}, nil
}

func disableEbsEncryptionByDefault(r *request, _ *ec2.DisableEbsEncryptionByDefaultInput) (*ec2.DisableEbsEncryptionByDefaultOutput, error) {
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.encryption.byDefault = false
	return &ec2.DisableEbsEncryptionByDefaultOutput{EbsEncryptionByDefault: new(false)}, nil
}

func getEbsDefaultKmsKeyId(r *request, _ *ec2.GetEbsDefaultKmsKeyIdInput) (*ec2.GetEbsDefaultKmsKeyIdOutput, error) {
	return &ec2.GetEbsDefaultKmsKeyIdOutput{KmsKeyId: new(r.defaultKey())}, nil
}

func modifyEbsDefaultKmsKeyId(r *request, in *ec2.ModifyEbsDefaultKmsKeyIdInput) (*ec2.ModifyEbsDefaultKmsKeyIdOutput, error) {
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.encryption.key = r.keyARN(*in.KmsKeyId)
	return &ec2.ModifyEbsDefaultKmsKeyIdOutput{KmsKeyId: new(r.encryption.key)}, nil
}

func resetEbsDefaultKmsKeyId(r *request, _ *ec2.ResetEbsDefaultKmsKeyIdInput) (*ec2.ResetEbsDefaultKmsKeyIdOutput, error) {
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.encryption.key = ""
	return &ec2.ResetEbsDefaultKmsKeyIdOutput{KmsKeyId: new(r.defaultKey())}, nil
}
