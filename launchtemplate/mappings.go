package launchtemplate

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// change is what a next version is asked to be.
type change struct {
	send *types.RequestLaunchTemplateData  // on top of the source version
	want *types.ResponseLaunchTemplateData // what the version must then hold
}

// Devices that are for the root disk and for nothing else; which of the two it
// is differs by image.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
var rootDevices = []string{"/dev/sda1", "/dev/xvda"}

// changeImage plans another image on top of what source holds. image is nil
// where it has not been read.
//
// AWS leaves the snapshot ids of inherited block device mappings out. That is
// right for a disk that the image brings, whose old snapshot belongs to the old
// image; any other disk would come up empty, so its mapping is sent again.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
func changeImage(source *Version, imageID string, image, old *types.Image) (*change, *Error) {
	want := *source.Data
	want.ImageId = &imageID
	c := &change{send: &types.RequestLaunchTemplateData{ImageId: &imageID}, want: &want}
	if image != nil {
		if device := missedRoot(source.Data.BlockDeviceMappings, image, old); device != "" {
			return nil, &Error{
				Kind:   ErrRootDevice,
				Reason: "the version sets up " + device + ", the root device of " + imageID + " is " + value(image.RootDeviceName),
			}
		}
	}

	var pinned []string
	for _, m := range source.Data.BlockDeviceMappings {
		if pins(m) {
			pinned = append(pinned, value(m.DeviceName))
		}
	}
	switch {
	case len(pinned) == 0:
		return c, nil
	case image == nil:
		return nil, &Error{
			Kind:   ErrPinnedSnapshot,
			Reason: "version " + number(source.Number) + " pins " + strings.Join(pinned, ", "),
			Hint:   "give the image, so that its own disks can be told from others",
		}
	}

	kept := false
	want.BlockDeviceMappings = slices.Clone(want.BlockDeviceMappings)
	for i := range want.BlockDeviceMappings {
		m := &want.BlockDeviceMappings[i]
		switch {
		case !pins(*m):
		case brings(image, value(m.DeviceName)):
			ebs := *m.Ebs
			ebs.SnapshotId = nil
			m.Ebs = &ebs
		default:
			kept = true
		}
	}
	if kept {
		if err := convert(&c.send.BlockDeviceMappings, want.BlockDeviceMappings); err != nil {
			return nil, &Error{Kind: ErrPinnedSnapshot, Reason: "BlockDeviceMappings", Err: err}
		}
	}
	return c, nil
}

func pins(m types.LaunchTemplateBlockDeviceMapping) bool {
	return m.Ebs != nil && value(m.Ebs.SnapshotId) != ""
}

// brings reports whether the image has data of its own for a device.
func brings(image *types.Image, device string) bool {
	if device == value(image.RootDeviceName) {
		return true
	}
	return slices.ContainsFunc(image.BlockDeviceMappings, func(m types.BlockDeviceMapping) bool {
		return value(m.DeviceName) == device && m.Ebs != nil && value(m.Ebs.SnapshotId) != ""
	})
}

// missedRoot is a device that the template sets up as root and that is not the
// root of the image: empty when there is none.
//
// The root of the old image is one for certain, whatever its name and even where
// the new image has another disk there.
func missedRoot(mappings []types.LaunchTemplateBlockDeviceMapping, image, old *types.Image) string {
	root := value(image.RootDeviceName)
	if root == "" {
		return ""
	}
	was := ""
	if old != nil {
		was = value(old.RootDeviceName)
	}
	for _, m := range mappings {
		device := value(m.DeviceName)
		switch {
		case m.Ebs == nil || device == root || device == "":
		case device == was, slices.Contains(rootDevices, device) && !brings(image, device):
			return device
		}
	}
	return ""
}
