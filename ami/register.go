package ami

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// RegisterInput says which disks an image is made of, and what they run on.
// Nothing of that is taken over from the image that the disks came from.
type RegisterInput struct {
	// Name, Description, Tags and Revision are as in [CreateInput], but that only
	// the image is tagged: its snapshots are there already.
	Name, Description string
	Tags              map[string]string
	Revision          string
	// Architecture such as "x86_64" or "arm64". Required: AWS would take i386.
	Architecture types.ArchitectureValues
	// RootDeviceName is the device to boot from, as in "/dev/xvda"; its mapping
	// needs a snapshot. Required.
	RootDeviceName string
	// Mappings are the disks. A volume of a snapshot is encrypted as that is, with
	// the same key, and names neither. Required.
	Mappings []types.BlockDeviceMapping
	// BootMode of the instances. Empty: that of their type.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html
	BootMode types.BootModeValues
	// UefiData are the variables of a UEFI boot, as AWS encodes them. Empty: none.
	UefiData string
	// TpmSupport gives instances a NitroTPM. It requires BootMode uefi; AWS
	// refuses uefi-preferred. Optional.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/enable-nitrotpm-prerequisites.html
	TpmSupport types.TpmSupportValues
	// ImdsSupport has instances require IMDSv2 by default. Empty: it does not.
	ImdsSupport types.ImdsSupportValues
	// WithoutENA says that the system cannot drive an Elastic Network Adapter,
	// which all current instance types have. False: it can.
	WithoutENA bool
	// Family and Predecessor are as in [CreateInput].
	Family, Predecessor string
}

// RegisterAPI is what [Register] calls.
type RegisterAPI interface {
	ec2.DescribeImagesAPIClient
	ec2.DescribeSnapshotsAPIClient
	DeregisterAPI
	RegisterImage(context.Context, *ec2.RegisterImageInput, ...func(*ec2.Options)) (*ec2.RegisterImageOutput, error)
}

var _ RegisterAPI = (*ec2.Client)(nil)

// Register makes an image of snapshots, once: where an image of this name and
// intent stands already, finished or not, that one is returned. It returns as
// soon as AWS has given the id; [Wait] tells when the image is available. The
// intent is a hash of all of the input but the description and the tags. The
// virtualization is hvm.
//
// Snapshots that are pending are waited for. They stay the caller's: a failed
// image of the same name and intent is deregistered first, without them.
//
// AWS does not take over what an operating system is billed by: for one that is
// paid by use, make the image of an instance.
//
// Errors: [ErrInvalidInput]; [ErrNameTaken], also where the image is the same
// but disabled; [ErrNotFound]: AWS does not show a snapshot; [ErrFailed]: one
// has failed, with AWS's reason. All of these come before the first write.
//
// Calls and IAM actions: ec2:DescribeImages, ec2:DescribeSnapshots,
// ec2:RegisterImage, ec2:CreateTags; with a failed predecessor also
// ec2:DeregisterImage.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html
func Register(ctx context.Context, api RegisterAPI, in RegisterInput, optFns ...func(*Options)) (*CreateResult, error) {
	const op = "ami.Register"
	o := resolve(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	intent := in.intent()
	call := in.call()
	disks := disks{api: api, op: op, at: o.place(), ids: in.snapshots(), poll: o.Poll}
	return claim{
		op: op, at: o.place(), name: in.Name, intent: intent, poll: o.Poll, keep: true, ready: disks.completed,
		write: func(ctx context.Context, _ []string) (string, error) {
			out, err := api.RegisterImage(ctx, call)
			if err != nil {
				return "", err
			}
			return aws.ToString(out.ImageId), nil
		},
	}.make(ctx, api)
}

func (in *RegisterInput) call() *ec2.RegisterImageInput {
	call := &ec2.RegisterImageInput{
		Name:                &in.Name,
		Architecture:        in.Architecture,
		VirtualizationType:  new(string(types.VirtualizationTypeHvm)),
		EnaSupport:          new(!in.WithoutENA),
		RootDeviceName:      &in.RootDeviceName,
		BlockDeviceMappings: in.Mappings,
		BootMode:            in.BootMode,
		TpmSupport:          in.TpmSupport,
		ImdsSupport:         in.ImdsSupport,
		TagSpecifications:   tagSpecs(in.Tags, in.ownTags())[:1], // the image
	}
	if in.Description != "" {
		call.Description = &in.Description
	}
	if in.UefiData != "" {
		call.UefiData = &in.UefiData
	}
	return call
}

func (in *RegisterInput) intent() string {
	return digest("register", string(in.Architecture), in.RootDeviceName, byDevice(in.Mappings), string(in.BootMode),
		in.UefiData, string(in.TpmSupport), string(in.ImdsSupport), in.WithoutENA, in.Revision)
}

func (in *RegisterInput) ownTags() ownTags {
	return ownTags{in.intent(), in.root(), in.Family, in.Predecessor}
}

// byDevice is mappings in the order of their devices: theirs says nothing.
func byDevice(all []types.BlockDeviceMapping) []types.BlockDeviceMapping {
	return slices.SortedFunc(slices.Values(all), func(a, b types.BlockDeviceMapping) int {
		return strings.Compare(aws.ToString(a.DeviceName), aws.ToString(b.DeviceName))
	})
}

// snapshots are those that the image is made of, each once.
func (in *RegisterInput) snapshots() []string {
	return snapshotsOf(&types.Image{BlockDeviceMappings: in.Mappings})
}

// root is the snapshot to boot from.
func (in *RegisterInput) root() string {
	for _, m := range in.Mappings {
		if aws.ToString(m.DeviceName) == in.RootDeviceName && m.Ebs != nil {
			return aws.ToString(m.Ebs.SnapshotId)
		}
	}
	return ""
}

// Check refuses, as [Register] does first, what no image can be made of; it
// makes no call.
//
// Errors: [ErrInvalidInput].
func (in RegisterInput) Check(region string) error {
	return in.check("ami.Register", fault.Place{Region: region})
}

func (in *RegisterInput) check(op string, at fault.Place) error {
	if err := checkName(op, at, in.Name, in.Description); err != nil {
		return err
	}
	switch {
	case !slices.Contains(in.Architecture.Values(), in.Architecture):
		return fault.Invalid(op, at, "Architecture: %q is none that AWS knows", in.Architecture)
	case in.BootMode != "" && !slices.Contains(in.BootMode.Values(), in.BootMode):
		return fault.Invalid(op, at, "BootMode: %q is none that AWS knows", in.BootMode)
	case in.TpmSupport != "" && !slices.Contains(in.TpmSupport.Values(), in.TpmSupport):
		return fault.Invalid(op, at, "TpmSupport: %q is none that AWS knows", in.TpmSupport)
	case in.TpmSupport != "" && in.BootMode != types.BootModeValuesUefi:
		return fault.Invalid(op, at, "BootMode must be %q if TpmSupport is set, not %q", types.BootModeValuesUefi, in.BootMode)
	case in.ImdsSupport != "" && !slices.Contains(in.ImdsSupport.Values(), in.ImdsSupport):
		return fault.Invalid(op, at, "ImdsSupport: %q is none that AWS knows", in.ImdsSupport)
	case in.RootDeviceName == "":
		return fault.Invalid(op, at, "RootDeviceName is missing")
	}
	seen := map[string]bool{}
	for i, m := range in.Mappings {
		if wrong := wrongDisk(m, seen); wrong != "" {
			return fault.Invalid(op, at, "Mappings[%d]: %s", i, wrong)
		}
	}
	if in.root() == "" {
		return fault.Invalid(op, at, "Mappings: %s, the root device, has no snapshot", in.RootDeviceName)
	}
	return in.ownTags().check(op, at, in.Tags)
}

// wrongDisk says what is wrong with a mapping of an image that is registered.
func wrongDisk(m types.BlockDeviceMapping, seen map[string]bool) string {
	device := aws.ToString(m.DeviceName)
	switch {
	case device == "":
		return "DeviceName is missing"
	case seen[device]:
		return device + " is given twice"
	case m.Ebs == nil && m.VirtualName == nil && m.NoDevice == nil:
		return device + " is given no disk"
	}
	seen[device] = true
	if m.Ebs == nil || m.Ebs.SnapshotId == nil {
		return ""
	}
	switch {
	case !snapshotID.MatchString(*m.Ebs.SnapshotId):
		return device + ": \"" + *m.Ebs.SnapshotId + "\" is no snapshot id"
	case m.Ebs.Encrypted != nil || m.Ebs.KmsKeyId != nil:
		return device + ": a volume is encrypted as its snapshot is; copy that with another key"
	}
	return ""
}
