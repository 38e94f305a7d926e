package awstest

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// aliasPrefix begins an image that is given as a Systems Manager parameter.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html#use-an-ssm-parameter-instead-of-an-ami-id
const aliasPrefix = "resolve:ssm:"

// resolveImage is the id of the image that a launch names, looked up now where
// it names a parameter.
func (s *store) resolveImage(id string) (string, error) {
	name, ok := strings.CutPrefix(id, aliasPrefix)
	if !ok {
		return id, nil
	}
	code := cmp.Or(s.unconfirmed.UnresolvedParameter, "InvalidParameterValue")
	found, err := s.findParameter(name)
	if err != nil {
		_, message := apiParts(err)
		return "", apiError(code, "The Systems Manager parameter '%s' cannot be resolved: %s", name, message)
	}
	if found.dataType != dataImage {
		return "", apiError(code, "The Systems Manager parameter '%s' is not of the data type %s", name, dataImage)
	}
	return found.value, nil
}

// resolveAlias shows a version's image by its id where it is given as a
// parameter.
func (s *store) resolveAlias(v *ec2types.LaunchTemplateVersion) error {
	id, err := s.resolveImage(aws.ToString(v.LaunchTemplateData.ImageId))
	if err == nil && id != "" {
		v.LaunchTemplateData.ImageId = new(id)
	}
	return err
}
