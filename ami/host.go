package ami

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// ErrGroupMember means that an Auto Scaling group owns the instance and would
// replace it if it were stopped. Error.Reason names the group.
var ErrGroupMember = fault.New("ami.GroupMember", "instance belongs to an Auto Scaling group")

// tagGroup is on every instance that an Auto Scaling group owns. AWS removes it
// when the instance is detached.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
const tagGroup = "aws:autoscaling:groupName"

// suits refuses what no image of this instance can be made with.
func (i instance) suits(ctx context.Context, found *types.Instance) error {
	if found.RootDeviceType == types.DeviceTypeInstanceStore {
		return &Error{Kind: ErrUnsupported, Reason: "its root device is an instance store"}
	}
	return i.checkMappings(ctx, found)
}

// checkMappings refuses a mapping that changes or leaves out a device which the
// instance does not have. AWS ignores NoDevice for such a device, so that a disk
// that was to be left out under another name would be in the image.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
func (i instance) checkMappings(ctx context.Context, found *types.Instance) error {
	has := map[string]bool{}
	for _, m := range found.BlockDeviceMappings {
		has[aws.ToString(m.DeviceName)] = true
	}
	looked := false
	for n, m := range i.in.Mappings {
		device := aws.ToString(m.DeviceName)
		if m.NoDevice != nil && device == aws.ToString(found.RootDeviceName) {
			return fault.Invalid("", fault.Place{}, "Mappings[%d]: NoDevice must not name the root device %s", n, device)
		}
		if has[device] || !changes(m) {
			continue
		}
		if !looked {
			looked = true
			if err := i.instanceStore(ctx, found, has); err != nil {
				return err
			}
		}
		if !has[device] {
			return fault.Invalid("", fault.Place{}, "Mappings[%d]: invalid DeviceName %q: the instance has %s",
				n, device, strings.Join(slices.Sorted(maps.Keys(has)), ", "))
		}
	}
	return nil
}

// changes reports whether a mapping is about a device that is there already. One
// that adds a volume gives its size or its snapshot.
func changes(m types.BlockDeviceMapping) bool {
	return m.NoDevice != nil || m.VirtualName == nil && (m.Ebs == nil || m.Ebs.VolumeSize == nil && m.Ebs.SnapshotId == nil)
}

// instanceStore adds the instance store volumes of the image that the instance
// was launched from: EC2 does not list them with the instance.
func (i instance) instanceStore(ctx context.Context, found *types.Instance, has map[string]bool) error {
	image, err := byID(ctx, i.api, aws.ToString(found.ImageId))
	if err != nil || image == nil {
		return err
	}
	for _, m := range image.BlockDeviceMappings {
		if m.VirtualName != nil {
			has[aws.ToString(m.DeviceName)] = true
		}
	}
	return nil
}

// expendable refuses to stop an instance whose group would replace it.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
func (i instance) expendable(ctx context.Context, found *types.Instance) error {
	group := Tag(found.Tags, tagGroup)
	if group == "" || i.in.StopGroupMember {
		return nil
	}
	e := &Error{Kind: ErrGroupMember, Reason: group, Hint: "put the instance in standby and set AutoScaling, or set StopGroupMember"}
	if i.in.AutoScaling == nil {
		return e
	}
	p := autoscaling.NewDescribeAutoScalingInstancesPaginator(i.in.AutoScaling, &autoscaling.DescribeAutoScalingInstancesInput{InstanceIds: []string{i.in.InstanceID}})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, m := range page.AutoScalingInstances {
			if state := aws.ToString(m.LifecycleState); state != string(astypes.LifecycleStateStandby) {
				e.Reason, e.Hint = fmt.Sprintf("%s, in which it is %s", group, state), "put the instance in standby, or set StopGroupMember"
				return e
			}
		}
	}
	return nil // in standby, or detached since
}
