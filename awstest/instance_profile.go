package awstest

import (
	"crypto/sha256"
	"encoding/base32"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// profileName and profileARN are the forms of an instance profile's name and ARN.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
var (
	profileName = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)
	profileARN  = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:instance-profile/([\w+=,.@/-]*/)?[\w+=,.@-]{1,128}$`)
)

// instanceProfile is the profile that a launch names, nil for none. IAM is not
// modelled: there is every profile that can have the name.
// https://github.com/hashicorp/terraform-provider-aws/issues/27516 (the words)
func (s *store) instanceProfile(name, arn *string) (*ec2types.IamInstanceProfile, error) {
	n, a := aws.ToString(name), aws.ToString(arn)
	switch {
	case n == "" && a == "":
		return nil, nil
	case n != "" && a != "":
		return nil, apiError("InvalidParameterCombination", "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'")
	case n != "" && !profileName.MatchString(n):
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", n)
	case a != "" && !profileARN.MatchString(a):
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN", a)
	case n != "":
		a = "arn:" + partition(s.region) + ":iam::" + s.account + ":instance-profile/" + n
	}
	sum := sha256.Sum256([]byte(a))
	return &ec2types.IamInstanceProfile{Arn: new(a), Id: new("AIPA" + base32.StdEncoding.EncodeToString(sum[:])[:17])}, nil
}
