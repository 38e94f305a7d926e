package launchtemplate

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Devices that are for the root disk and for nothing else; which of the two it
// is differs by image.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
var rootDevices = []string{"/dev/sda1", "/dev/xvda"}

// forImage makes the mappings of a source version fit another image: a disk that
// the image brings has its data from the image, so the snapshot of the old image
// goes; any other disk keeps its snapshot. image is nil where it has not been
// read.
func forImage(mappings []types.LaunchTemplateBlockDeviceMappingRequest, source int64, image *types.Image) *Error {
	var pinned []string
	for i := range mappings {
		m := &mappings[i]
		if m.Ebs == nil || aws.ToString(m.Ebs.SnapshotId) == "" {
			continue
		}
		pinned = append(pinned, aws.ToString(m.DeviceName))
		if image != nil && brings(image, aws.ToString(m.DeviceName)) {
			m.Ebs.SnapshotId = nil
		}
	}
	if len(pinned) > 0 && image == nil {
		return &Error{
			Kind:   ErrPinnedSnapshot,
			Reason: "version " + number(source) + " pins " + strings.Join(pinned, ", "),
			Hint:   "give the image, so that its own disks can be told from others",
		}
	}
	return nil
}

// pinsSnapshot reports whether any mapping names a snapshot. Whether a version
// inherits that from its source is told in two ways: AWS documents that it does
// not, and has been seen to do it. So such mappings are always sent.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
func pinsSnapshot(mappings []types.LaunchTemplateBlockDeviceMappingRequest) bool {
	return slices.ContainsFunc(mappings, func(m types.LaunchTemplateBlockDeviceMappingRequest) bool {
		return m.Ebs != nil && aws.ToString(m.Ebs.SnapshotId) != ""
	})
}

// brings reports whether the image has data of its own for a device.
func brings(image *types.Image, device string) bool {
	if device == aws.ToString(image.RootDeviceName) {
		return true
	}
	return slices.ContainsFunc(image.BlockDeviceMappings, func(m types.BlockDeviceMapping) bool {
		return aws.ToString(m.DeviceName) == device && m.Ebs != nil && aws.ToString(m.Ebs.SnapshotId) != ""
	})
}

// missedRoot refuses mappings that set up a root disk which is not the root of
// the image.
//
// The root of the old image is one for certain, whatever its name and even where
// the new image has another disk there.
func missedRoot(mappings []types.LaunchTemplateBlockDeviceMappingRequest, image, old *types.Image) *Error {
	if image == nil || aws.ToString(image.RootDeviceName) == "" {
		return nil
	}
	root, was := aws.ToString(image.RootDeviceName), ""
	if old != nil {
		was = aws.ToString(old.RootDeviceName)
	}
	for _, m := range mappings {
		device := aws.ToString(m.DeviceName)
		switch {
		case m.Ebs == nil || device == root || device == "":
		case device == was, slices.Contains(rootDevices, device) && !brings(image, device):
			return &Error{
				Kind:   ErrRootDevice,
				Reason: "the version sets up " + device + ", the root device of " + aws.ToString(image.ImageId) + " is " + root,
			}
		}
	}
	return nil
}
