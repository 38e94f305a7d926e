package ami

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

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

// Compare lists the attributes in which an image differs from its source, of
// those that AWS copies. It compares architecture, virtualization, platform and
// billing code, product codes, watermarks, boot mode, TPM, IMDS, ENA, SR-IOV and
// the root device. For each device it compares the kind of disk. For each EBS
// volume it also compares size, type, IOPS, throughput, DeleteOnTermination, EBS
// card and whether the volume has a snapshot. Encryption differs only if the
// source is encrypted and the image is not. The differences are in this order,
// then by device. Compare makes no call.
//
// A gp3 volume that does not state its IOPS or throughput has 3,000 IOPS and 125
// MiB/s.
// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
func Compare(source, image types.Image) []Difference {
	var c comparison
	c.field("Architecture", source.Architecture, image.Architecture)
	c.field("VirtualizationType", source.VirtualizationType, image.VirtualizationType)
	c.field("Hypervisor", source.Hypervisor, image.Hypervisor)
	c.field("ImageType", source.ImageType, image.ImageType)
	c.field("Platform", source.Platform, image.Platform)
	c.field("PlatformDetails", aws.ToString(source.PlatformDetails), aws.ToString(image.PlatformDetails))
	c.field("UsageOperation", aws.ToString(source.UsageOperation), aws.ToString(image.UsageOperation))
	c.field("ProductCodes", productCodes(source), productCodes(image))
	c.watermarks(source, image)
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
	c.field(device+" Ebs", presence(w.Ebs != nil), presence(g.Ebs != nil))
	c.field(device+" VirtualName", aws.ToString(w.VirtualName), aws.ToString(g.VirtualName))
	c.field(device+" NoDevice", presence(w.NoDevice != nil), presence(g.NoDevice != nil))
	if w.Ebs == nil || g.Ebs == nil {
		return
	}
	c.field(device+" VolumeSize", gib(w.Ebs), gib(g.Ebs))
	c.field(device+" VolumeType", w.Ebs.VolumeType, g.Ebs.VolumeType)
	c.field(device+" Iops", performance(w.Ebs, w.Ebs.Iops, baseIops), performance(g.Ebs, g.Ebs.Iops, baseIops))
	c.field(device+" Throughput", performance(w.Ebs, w.Ebs.Throughput, baseThroughput), performance(g.Ebs, g.Ebs.Throughput, baseThroughput))
	c.field(device+" DeleteOnTermination", aws.ToBool(w.Ebs.DeleteOnTermination), aws.ToBool(g.Ebs.DeleteOnTermination))
	c.field(device+" EbsCardIndex", aws.ToInt32(w.Ebs.EbsCardIndex), aws.ToInt32(g.Ebs.EbsCardIndex))
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

// Performance of a gp3 volume that does not state its own.
const (
	baseIops       = 3000
	baseThroughput = 125
)

// performance is the IOPS or the throughput of a volume. Empty: AWS derives it
// from the size of the volume.
func performance(e *types.EbsBlockDevice, stated *int32, base int32) string {
	if stated == nil && e.VolumeType == types.VolumeTypeGp3 {
		stated = &base
	}
	if stated == nil {
		return ""
	}
	return strconv.Itoa(int(*stated))
}

// watermarks finds those of the source that the image lacks: AWS copies them,
// and an image may get further ones.
func (c *comparison) watermarks(source, image types.Image) {
	for _, w := range source.ImageWatermarks {
		key := aws.ToString(w.WatermarkKey)
		if !slices.ContainsFunc(image.ImageWatermarks, func(g types.ImageWatermark) bool { return aws.ToString(g.WatermarkKey) == key }) {
			c.field("ImageWatermarks", key, "")
		}
	}
}

func productCodes(img types.Image) string {
	var codes []string
	for _, p := range img.ProductCodes {
		codes = append(codes, aws.ToString(p.ProductCodeId))
	}
	slices.Sort(codes)
	return strings.Join(codes, ", ")
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
