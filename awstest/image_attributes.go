package awstest

import (
	"cmp"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeImageAttribute, "ImageId", "Attribute")
}

// inherited is what an image hands on to its copies and to the images of
// instances that were launched from it.
type inherited struct {
	imds  string   // "v2.0", else empty
	codes []string // product codes of the Marketplace

	virtualization string // empty: hvm
	noSriov        bool   // registered without SR-IOV networking
	tpm            string // "v2.0", else empty
	uefiData       string
}

func renderCodes(codes []string) (out []ec2types.ProductCode) {
	for _, code := range codes {
		out = append(out, ec2types.ProductCode{ProductCodeId: new(code), ProductCodeType: ec2types.ProductCodeValuesMarketplace})
	}
	return out
}

// virtualizationType is hvm but for images that were registered otherwise.
func (i inherited) virtualizationType() string {
	return cmp.Or(i.virtualization, string(ec2types.VirtualizationTypeHvm))
}

// sriov is how EC2 calls the only SR-IOV networking that it has.
func (i inherited) sriov() string {
	if i.noSriov {
		return ""
	}
	return "simple"
}

func (i inherited) codeTypes() []string {
	if len(i.codes) == 0 {
		return nil
	}
	return []string{string(ec2types.ProductCodeValuesMarketplace)}
}

// launchDelay is how long AWS takes to report the use of an image.
const launchDelay = 24 * time.Hour

// reportLaunch notes that an instance was launched from an image now.
func (s *store) reportLaunch(i *image) {
	at := s.now
	s.after(launchDelay, func() { i.lastLaunched = at })
}

// launchedAt is how EC2 writes the time of an image's last launch.
func (i *image) launchedAt() string {
	if i.lastLaunched.IsZero() {
		return ""
	}
	return i.lastLaunched.UTC().Format("2006-01-02T15:04:05Z")
}

// describeImageAttribute answers one attribute. Whom an image is shared with,
// and when it was last launched, only its owner is told.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageAttribute.html
func describeImageAttribute(r *request, in *ec2.DescribeImageAttributeInput) (*ec2.DescribeImageAttributeOutput, error) {
	find := r.findImage
	if in.Attribute == ec2types.ImageAttributeNameLaunchPermission || in.Attribute == ec2types.ImageAttributeNameLastLaunchedTime {
		find = r.ownImage
	}
	i, err := find(*in.ImageId)
	if err != nil {
		return nil, err
	}
	if i.state == ec2types.ImageStateDeregistered {
		return nil, i.unavailable()
	}
	value := func(v string) *ec2types.AttributeValue { return &ec2types.AttributeValue{Value: some(v)} }
	out := &ec2.DescribeImageAttributeOutput{ImageId: new(i.id)}
	switch in.Attribute {
	case ec2types.ImageAttributeNameDescription:
		out.Description = value(i.description)
	case ec2types.ImageAttributeNameKernel:
		out.KernelId = value("")
	case ec2types.ImageAttributeNameRamdisk:
		out.RamdiskId = value("")
	case ec2types.ImageAttributeNameLaunchPermission:
		out.LaunchPermissions = i.permissions.render()
	case ec2types.ImageAttributeNameProductCodes:
		out.ProductCodes = renderCodes(i.codes)
	case ec2types.ImageAttributeNameBlockDeviceMapping:
		return nil, apiError("AuthFailure", "Unauthorized attempt to access restricted resource")
	case ec2types.ImageAttributeNameSriovNetSupport:
		out.SriovNetSupport = value(i.sriov())
	case ec2types.ImageAttributeNameBootMode:
		out.BootMode = value(i.bootMode)
	case ec2types.ImageAttributeNameTpmSupport:
		out.TpmSupport = value(i.tpm)
	case ec2types.ImageAttributeNameUefiData:
		out.UefiData = value(i.uefiData)
	case ec2types.ImageAttributeNameLastLaunchedTime:
		out.LastLaunchedTime = value(i.launchedAt())
	case ec2types.ImageAttributeNameImdsSupport:
		out.ImdsSupport = value(i.imds)
	case ec2types.ImageAttributeNameDeregistrationProtection:
		out.DeregistrationProtection = value(i.protection.String())
	default:
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", in.Attribute)
	}
	return out, nil
}
