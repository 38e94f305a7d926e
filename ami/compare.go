package ami

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Difference is one thing in which an image is not what it should be. Empty
// stands for what is not there.
type Difference struct {
	// Field is AWS's name of it, after the device or the tag that it belongs to:
	// "BootMode", "/dev/sdb VolumeSize", "team Tags".
	Field string `json:"field"`
	Want  string `json:"want"`
	Got   string `json:"got"`
}

func (d Difference) String() string { return fmt.Sprintf("%s is %q, want %q", d.Field, d.Got, d.Want) }

// Compare lists in which of the things that copying keeps an image differs from
// its source: architecture, virtualization, platform, boot mode, TPM, IMDS, ENA
// and root device; and for each device its size, type, whether it has a snapshot
// and whether it is encrypted, where the source is. More encryption than the
// source has is no difference. The order is that of this list, then by device.
// It makes no call.
func Compare(source, image types.Image) []Difference {
	var c comparison
	c.field("Architecture", source.Architecture, image.Architecture)
	c.field("VirtualizationType", source.VirtualizationType, image.VirtualizationType)
	c.field("Platform", source.Platform, image.Platform)
	c.field("BootMode", source.BootMode, image.BootMode)
	c.field("TpmSupport", source.TpmSupport, image.TpmSupport)
	c.field("ImdsSupport", source.ImdsSupport, image.ImdsSupport)
	c.field("EnaSupport", aws.ToBool(source.EnaSupport), aws.ToBool(image.EnaSupport))
	c.field("SriovNetSupport", aws.ToString(source.SriovNetSupport), aws.ToString(image.SriovNetSupport))
	c.field("RootDeviceType", source.RootDeviceType, image.RootDeviceType)
	c.field("RootDeviceName", aws.ToString(source.RootDeviceName), aws.ToString(image.RootDeviceName))

	want, got := devices(source), devices(image)
	all := maps.Clone(want)
	maps.Copy(all, got)
	for _, device := range slices.Sorted(maps.Keys(all)) {
		c.disk(device, want, got)
	}
	return c.found
}

type comparison struct{ found []Difference }

func (c *comparison) field(name string, want, got any) {
	if want != got {
		c.found = append(c.found, Difference{Field: name, Want: fmt.Sprint(want), Got: fmt.Sprint(got)})
	}
}

// disk compares one device.
func (c *comparison) disk(device string, want, got map[string]types.BlockDeviceMapping) {
	w, wanted := want[device]
	g, there := got[device]
	if !wanted || !there {
		c.field(device, presence(wanted), presence(there))
		return
	}
	if w.Ebs == nil || g.Ebs == nil {
		c.field(device+" VirtualName", aws.ToString(w.VirtualName), aws.ToString(g.VirtualName))
		return
	}
	c.field(device+" VolumeSize", gib(w.Ebs), gib(g.Ebs))
	c.field(device+" VolumeType", w.Ebs.VolumeType, g.Ebs.VolumeType)
	c.field(device+" SnapshotId", presence(aws.ToString(w.Ebs.SnapshotId) != ""), presence(aws.ToString(g.Ebs.SnapshotId) != ""))
	if aws.ToBool(w.Ebs.Encrypted) {
		c.field(device+" Encrypted", true, aws.ToBool(g.Ebs.Encrypted))
	}
}

func devices(img types.Image) map[string]types.BlockDeviceMapping {
	all := make(map[string]types.BlockDeviceMapping, len(img.BlockDeviceMappings))
	for _, m := range img.BlockDeviceMappings {
		all[aws.ToString(m.DeviceName)] = m
	}
	return all
}

func presence(there bool) string {
	if there {
		return "there"
	}
	return ""
}

func gib(e *types.EbsBlockDevice) string {
	if e.VolumeSize == nil {
		return ""
	}
	return strconv.Itoa(int(*e.VolumeSize)) + " GiB"
}
