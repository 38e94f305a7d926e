package ami

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Format puts an image into words for people: what it is, where it is from,
// all its disks and its tags, a line each. What AWS does not say is left out.
// The text is not for programs: it may change.
func Format(img types.Image) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q\n", aws.ToString(img.ImageId), aws.ToString(img.Name))
	line := func(name string, values ...string) {
		values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
		if len(values) > 0 {
			fmt.Fprintf(&b, "  %-12s %s\n", name, strings.Join(values, ", "))
		}
	}
	line("state", string(img.State), stateReason(img))
	line("description", aws.ToString(img.Description))
	line("owner", strings.TrimSpace(aws.ToString(img.OwnerId)+" "+aws.ToString(img.ImageOwnerAlias)), visibility(img))
	line("created", aws.ToString(img.CreationDate))
	line("deprecated", aws.ToString(img.DeprecationTime))
	line("launched", aws.ToString(img.LastLaunchedTime))
	line("source", aws.ToString(img.SourceInstanceId), strings.TrimPrefix(aws.ToString(img.SourceImageRegion)+"/"+aws.ToString(img.SourceImageId), "/"))
	line("platform", string(img.Architecture), cmp.Or(aws.ToString(img.PlatformDetails), string(img.Platform)),
		string(img.VirtualizationType), string(img.BootMode))
	line("features", features(img)...)
	line("protection", aws.ToString(img.DeregistrationProtection))
	for _, c := range img.ProductCodes {
		line("product", aws.ToString(c.ProductCodeId)+" of "+string(c.ProductCodeType))
	}
	line("root", string(img.RootDeviceType), aws.ToString(img.RootDeviceName))
	for _, m := range img.BlockDeviceMappings {
		line("disk", append([]string{aws.ToString(m.DeviceName)}, disk(m)...)...)
	}
	tags := slices.SortedFunc(slices.Values(img.Tags), func(a, b types.Tag) int {
		return strings.Compare(aws.ToString(a.Key), aws.ToString(b.Key))
	})
	for _, t := range tags {
		line("tag", aws.ToString(t.Key)+"="+aws.ToString(t.Value))
	}
	return b.String()
}

func stateReason(img types.Image) string {
	if img.StateReason == nil {
		return ""
	}
	return joined(aws.ToString(img.StateReason.Code), aws.ToString(img.StateReason.Message))
}

func visibility(img types.Image) string {
	switch {
	case img.Public == nil:
		return ""
	case *img.Public:
		return "public"
	}
	return "not public"
}

func features(img types.Image) []string {
	var list []string
	if aws.ToBool(img.EnaSupport) {
		list = append(list, "ENA")
	}
	if img.SriovNetSupport != nil {
		list = append(list, "SR-IOV "+*img.SriovNetSupport)
	}
	if img.TpmSupport != "" {
		list = append(list, "TPM "+string(img.TpmSupport))
	}
	if img.ImdsSupport != "" {
		list = append(list, "IMDS "+string(img.ImdsSupport))
	}
	return list
}

// disk is one device of an image in words.
func disk(m types.BlockDeviceMapping) []string {
	if m.Ebs == nil {
		if m.NoDevice != nil {
			return []string{"none"}
		}
		return []string{"instance store " + aws.ToString(m.VirtualName)}
	}
	e := m.Ebs
	var list []string
	if e.VolumeSize != nil {
		list = append(list, fmt.Sprintf("%d GiB", *e.VolumeSize))
	}
	list = append(list, string(e.VolumeType))
	if e.Iops != nil {
		list = append(list, fmt.Sprintf("%d IOPS", *e.Iops))
	}
	if e.Throughput != nil {
		list = append(list, fmt.Sprintf("%d MiB/s", *e.Throughput))
	}
	switch {
	case e.SnapshotId != nil:
		list = append(list, *e.SnapshotId)
	default:
		list = append(list, "empty")
	}
	if aws.ToBool(e.Encrypted) {
		list = append(list, "encrypted "+aws.ToString(e.KmsKeyId))
	}
	if e.DeleteOnTermination != nil && !*e.DeleteOnTermination {
		list = append(list, "kept on termination")
	}
	for i, s := range list {
		list[i] = strings.TrimSpace(s)
	}
	return list
}
