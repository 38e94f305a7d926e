package asg

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Devices that are for the root volume and for nothing else; which of the two it
// is differs by image.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
var rootDevices = []string{"/dev/sda1", "/dev/xvda"}

// filterValues is how many values AWS takes in the filters of one call.
const filterValues = 200

// volumes checks the template's volumes against what they are created from.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsBlockDevice.html
func (c *launchCheck) volumes(ctx context.Context) error {
	var from []volumeOf // those whose snapshots have to be read
	for _, m := range c.in.Data.BlockDeviceMappings {
		device := aws.ToString(m.DeviceName)
		root := device != "" && device == aws.ToString(c.in.Image.RootDeviceName)
		brought := c.brings(device)
		switch {
		case m.NoDevice != nil && root:
			c.blocks(FindingRootDevice, []string{device}, "the template leaves out the root device %s", device)
		case m.NoDevice != nil, m.Ebs == nil:
		case !root && brought == nil && slices.Contains(rootDevices, device) && aws.ToString(c.in.Image.RootDeviceName) != "":
			c.blocks(FindingRootDevice, []string{device}, "the template sets up %s, and the root device of the image is %s", device, *c.in.Image.RootDeviceName)
		default:
			if snapshot := c.volume(m, brought, root); snapshot != "" {
				from = append(from, volumeOf{snapshot, m})
			}
		}
	}
	if len(from) == 0 {
		return nil
	}
	sizes, err := c.snapshotSizes(ctx, from)
	if err != nil {
		return err
	}
	for _, v := range from {
		size, known := sizes[v.snapshot]
		switch {
		case !known:
			c.find(Finding{Code: FindingNotChecked, IDs: []string{v.snapshot}, Detail: "the size of the snapshot of " + aws.ToString(v.DeviceName)})
		case v.Ebs.VolumeSize != nil && *v.Ebs.VolumeSize < size:
			c.blocks(FindingVolumeSize, []string{v.snapshot}, "%s has %d GiB, and its snapshot %d GiB", aws.ToString(v.DeviceName), *v.Ebs.VolumeSize, size)
		}
	}
	return nil
}

// volumeOf is a volume of the template and the snapshot that it is created from.
type volumeOf struct {
	snapshot string
	ec2types.LaunchTemplateBlockDeviceMappingRequest
}

// brings is what the image has for a device; nil: nothing.
func (c *launchCheck) brings(device string) *ec2types.EbsBlockDevice {
	for _, m := range c.in.Image.BlockDeviceMappings {
		if aws.ToString(m.DeviceName) == device && m.Ebs != nil {
			return m.Ebs
		}
	}
	return nil
}

// volume checks one volume, and returns the snapshot whose size has to be read;
// empty: none.
func (c *launchCheck) volume(m ec2types.LaunchTemplateBlockDeviceMappingRequest, brought *ec2types.EbsBlockDevice, root bool) (snapshot string) {
	device, pinned := aws.ToString(m.DeviceName), aws.ToString(m.Ebs.SnapshotId)
	var own string
	if brought != nil {
		own = aws.ToString(brought.SnapshotId)
	}
	switch {
	case root && pinned != "" && pinned != own:
		c.blocks(FindingVolume, []string{pinned}, "the template names %s for the root device %s, whose snapshot is the image's", pinned, device)
		return ""
	case pinned == "" && brought == nil && m.Ebs.VolumeSize == nil:
		c.blocks(FindingVolume, []string{device}, "%s has neither a size nor a snapshot", device)
		return ""
	case pinned == "" && brought != nil && aws.ToBool(brought.Encrypted) && m.Ebs.Encrypted != nil && !*m.Ebs.Encrypted:
		c.blocks(FindingVolume, []string{device}, "%s has Encrypted false, and the image's snapshot is encrypted", device)
		return ""
	case pinned != "" && pinned != own:
		return pinned // it has to be there, too
	case own == "" || m.Ebs.VolumeSize == nil || brought.VolumeSize != nil && *m.Ebs.VolumeSize >= *brought.VolumeSize:
		return "" // the image's volume is as large as its snapshot, or larger
	}
	return own
}

// snapshotSizes are the sizes in GiB of the snapshots that the caller can see.
func (c *launchCheck) snapshotSizes(ctx context.Context, from []volumeOf) (map[string]int32, error) {
	sizes := map[string]int32{}
	var ids []string
	for _, v := range from {
		if !slices.Contains(ids, v.snapshot) {
			ids = append(ids, v.snapshot)
		}
	}
	for batch := range slices.Chunk(ids, filterValues) {
		pages := ec2.NewDescribeSnapshotsPaginator(c.api, &ec2.DescribeSnapshotsInput{
			Filters: []ec2types.Filter{{Name: new("snapshot-id"), Values: batch}}, // an unknown id is left out
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return sizes, c.unread(err, "the sizes of snapshots")
			}
			for _, s := range page.Snapshots {
				sizes[aws.ToString(s.SnapshotId)] = aws.ToInt32(s.VolumeSize)
			}
		}
	}
	return sizes, nil
}
