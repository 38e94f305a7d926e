package awstest_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/readyami/readyami/awstest"
)

// launchLag is more than block public access for images takes to change.
const launchLag = time.Hour

func init() {
	fields(plainCall(ec2.GetEbsEncryptionByDefaultInput{}), nil)
	fields(plainCall(ec2.EnableEbsEncryptionByDefaultInput{}), nil)
	fields(func(w *fieldWorld) *ec2.DisableEbsEncryptionByDefaultInput {
		w.do(&ec2.EnableEbsEncryptionByDefaultInput{})
		return &ec2.DisableEbsEncryptionByDefaultInput{}
	}, nil)
	fields(plainCall(ec2.GetEbsDefaultKmsKeyIdInput{}), nil)
	fields(func(w *fieldWorld) *ec2.ModifyEbsDefaultKmsKeyIdInput {
		w.ids["other"] = w.region.Key(awstest.KeySeed{})
		return &ec2.ModifyEbsDefaultKmsKeyIdInput{KmsKeyId: new(w.region.Key(awstest.KeySeed{}))}
	}, fieldValues{"KmsKeyId": made("other")})
	fields(func(w *fieldWorld) *ec2.ResetEbsDefaultKmsKeyIdInput {
		w.do(&ec2.ModifyEbsDefaultKmsKeyIdInput{KmsKeyId: new(w.region.Key(awstest.KeySeed{}))})
		return &ec2.ResetEbsDefaultKmsKeyIdInput{}
	}, nil)
	fields(plainCall(ec2.GetImageBlockPublicAccessStateInput{}), nil)
	fields(func(w *fieldWorld) *ec2.EnableImageBlockPublicAccessInput {
		w.do(&ec2.DisableImageBlockPublicAccessInput{})
		w.cloud.Advance(launchLag)
		return &ec2.EnableImageBlockPublicAccessInput{ImageBlockPublicAccessState: "block-new-sharing"}
	}, fieldValues{"ImageBlockPublicAccessState": refused{"InvalidParameterValue", "unblocked"}})
	fields(plainCall(ec2.DisableImageBlockPublicAccessInput{}), nil)
	fields(plainCall(ec2.GetSnapshotBlockPublicAccessStateInput{}), nil)
	fields(plainCall(ec2.EnableSnapshotBlockPublicAccessInput{State: "block-all-sharing"}), fieldValues{"State": "block-new-sharing"})
	fields(func(w *fieldWorld) *ec2.DisableSnapshotBlockPublicAccessInput {
		w.do(&ec2.EnableSnapshotBlockPublicAccessInput{State: "block-all-sharing"})
		return &ec2.DisableSnapshotBlockPublicAccessInput{}
	}, nil)

	fields(plainCall(ec2.DescribeRegionsInput{}), fieldValues{
		"AllRegions":  true,
		"RegionNames": home,
		"Filters":     filter("region-name", "eu-*"),
	})
	ignored["ec2.DescribeAvailabilityZonesInput.AllAvailabilityZones"] = "an account has all of the zones that there are here"
	fields(plainCall(ec2.DescribeAvailabilityZonesInput{}), fieldValues{
		"ZoneNames": home + "a",
		"ZoneIds":   "euw1-az1",
		"Filters":   filter("zone-name", home+"b"),
	})

	fields(func(w *fieldWorld) *kms.DescribeKeyInput {
		w.ids["other"] = w.region.Key(awstest.KeySeed{})
		return &kms.DescribeKeyInput{KeyId: new("alias/aws/ebs")}
	}, fieldValues{"KeyId": made("other")})
	fields(plainCall(sts.GetCallerIdentityInput{}), nil)
	fields(plainCall(sts.AssumeRoleInput{RoleArn: new("arn:aws:iam::222222222222:role/builder"), RoleSessionName: new("web")}), fieldValues{
		"RoleArn":         "arn:aws:iam::222222222222:role/other",
		"RoleSessionName": "other",
		"DurationSeconds": 900,
	})
	fields(func(w *fieldWorld) *sts.AssumeRoleInput {
		w.cloud.Account(stranger).RequireExternalID("builder", "ours")
		return &sts.AssumeRoleInput{RoleArn: new("arn:aws:iam::" + stranger + ":role/builder"), RoleSessionName: new("web"), ExternalId: new("ours")}
	}, fieldValues{"ExternalId": refused{"AccessDenied", "theirs"}})
}

// plainCall is a call that needs nothing.
func plainCall[In any](in In) func(*fieldWorld) *In {
	return func(*fieldWorld) *In { return new(in) }
}
