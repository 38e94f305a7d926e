package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(modifyImageAttribute, "ImageId", "Attribute", "Description", "ImdsSupport", "LaunchPermission", "OperationType",
		"OrganizationArns", "OrganizationalUnitArns", "UserGroups", "UserIds", "Value")
	handle(resetImageAttribute, "ImageId", "Attribute")
}

// The attributes of an image that can be modified, each in a call of its own.
const (
	attributeDescription = "description"
	attributeIMDS        = "imdsSupport"
	attributeLaunch      = "launchPermission"
)

// modifyImageAttribute takes either of two shapes: the attribute's own
// structure, or its name with a value or an operation and grantees.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html
func modifyImageAttribute(r *request, in *ec2.ModifyImageAttributeInput) (*ec2.ModifyImageAttributeOutput, error) {
	attribute, err := modified(in)
	if err != nil {
		return nil, err
	}
	i, err := r.ownImage(*in.ImageId)
	if err != nil {
		return nil, err
	}
	switch attribute {
	case attributeDescription:
		err = r.describeAs(i, newValue(in, in.Description))
	case attributeIMDS:
		err = r.requireIMDSv2(i, newValue(in, in.ImdsSupport))
	default:
		var change grantChange
		if change, err = imageGrants(in); err == nil {
			err = r.share(i, change)
		}
	}
	if err != nil {
		return nil, err
	}
	return &ec2.ModifyImageAttributeOutput{}, nil
}

// modified is the one attribute that a call is about.
func modified(in *ec2.ModifyImageAttributeInput) (string, error) {
	var names []string
	for name, set := range map[string]bool{
		attributeDescription:       in.Description != nil,
		attributeIMDS:              in.ImdsSupport != nil,
		attributeLaunch:            in.LaunchPermission != nil,
		aws.ToString(in.Attribute): aws.ToString(in.Attribute) != "",
	} {
		if set {
			names = append(names, name)
		}
	}
	listed := in.OperationType != "" || len(in.UserIds)+len(in.UserGroups)+len(in.OrganizationArns)+len(in.OrganizationalUnitArns) > 0
	switch {
	case len(names) > 1:
		return "", apiError("InvalidParameterCombination", "Only one attribute can be modified at a time.")
	case len(names) == 0 && listed:
		return "", apiError("MissingParameter", "The request must contain the parameter LaunchPermission")
	case len(names) == 0:
		return "", apiError("MissingParameter", "The request must contain the parameter attribute")
	case !slices.Contains([]string{attributeDescription, attributeIMDS, attributeLaunch}, names[0]):
		return "", apiError("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", names[0])
	case listed && names[0] != attributeLaunch:
		return "", apiError("InvalidParameterCombination", "An operation and its grantees go with launchPermission only.")
	case in.Value != nil && names[0] == attributeLaunch:
		return "", apiError("InvalidParameterCombination", "The parameter value goes with description and imdsSupport only.")
	case listed && in.LaunchPermission != nil:
		return "", apiError("InvalidParameterCombination", "Launch permissions must be given in one way only.")
	}
	return names[0], nil
}

// newValue is the value of either shape; nil: there is none.
func newValue(in *ec2.ModifyImageAttributeInput, v *ec2types.AttributeValue) *string {
	if v != nil {
		return v.Value
	}
	return in.Value
}

// modifiable refuses to change an image that is still being made or has gone
// wrong.
func (i *image) modifiable() error {
	if i.state == ec2types.ImageStateAvailable || i.state == ec2types.ImageStateDisabled {
		return nil
	}
	return i.unavailable()
}

func (r *request) describeAs(i *image, text *string) error {
	if text == nil {
		return apiError("MissingParameter", "The request must contain the parameter value")
	}
	if err := checkDescription(text); err != nil {
		return err
	}
	if err := i.modifiable(); err != nil {
		return err
	}
	if err := r.checked(); err != nil {
		return err
	}
	i.description = *text
	return nil
}

// requireIMDSv2 cannot be undone: there is no other value to set.
func (r *request) requireIMDSv2(i *image, version *string) error {
	if aws.ToString(version) != string(ec2types.ImdsSupportValuesV20) {
		return apiError("InvalidParameterValue", "Value (%s) for parameter imdsSupport is invalid. The only valid value is v2.0.", aws.ToString(version))
	}
	if err := i.modifiable(); err != nil {
		return err
	}
	if err := r.checked(); err != nil {
		return err
	}
	i.imds = *version
	return nil
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetImageAttribute.html
func resetImageAttribute(r *request, in *ec2.ResetImageAttributeInput) (*ec2.ResetImageAttributeOutput, error) {
	if in.Attribute != ec2types.ResetImageAttributeNameLaunchPermission {
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", in.Attribute)
	}
	i, err := r.ownImage(*in.ImageId)
	if err != nil {
		return nil, err
	}
	if err := i.modifiable(); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	i.permissions = launchPermissions{}
	return &ec2.ResetImageAttributeOutput{}, nil
}
