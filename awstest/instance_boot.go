package awstest

import (
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// checkBootMode refuses an image that boots UEFI only on a type that cannot.
// https://github.com/RhinoSecurityLabs/cloudgoat/issues/247
func checkBootMode(instanceType string, i *image) error {
	if i.bootMode != string(ec2types.BootModeValuesUefi) || nitro(instanceType) {
		return nil
	}
	return apiError("InvalidParameterValue", "The %s instance type does not support an AMI with a boot mode of UEFI. Only instance types "+
		"built on the Nitro System support UEFI. Specify an instance type that supports UEFI, and try again.", instanceType)
}

// currentBootMode is how an instance has booted: UEFI where its image prefers it
// and its type can, and always on Graviton, which has nothing else.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html
func (i *instance) currentBootMode() string {
	prefers := i.image.bootMode == string(ec2types.BootModeValuesUefi) || i.image.bootMode == string(ec2types.BootModeValuesUefiPreferred)
	if architectureOf(i.spec.instanceType) == string(ec2types.ArchitectureValuesArm64) || prefers && nitro(i.spec.instanceType) {
		return string(ec2types.InstanceBootModeValuesUefi)
	}
	return string(ec2types.InstanceBootModeValuesLegacyBios)
}
