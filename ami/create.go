package ami

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// RebootBehavior says what becomes of an instance while its image is made. There
// is no default: AWS's own, a reboot, surprises as much as files that are
// empty in the image.
type RebootBehavior string

const (
	// Reboot lets AWS shut the instance down and start it again, so that all
	// that was written is in the image. A stopped instance stays stopped.
	Reboot RebootBehavior = "reboot"
	// NoReboot leaves the instance running: what it had not written to disk is
	// not in the image.
	NoReboot RebootBehavior = "no-reboot"
	// stopped is that of [CreateStopped].
	stopped RebootBehavior = "stopped"
)

// CreateInput says what an image is made from, and what it is called.
type CreateInput struct {
	// InstanceID of the prepared instance, running or stopped. Required.
	InstanceID string
	// Name of the image: 3 to 128 letters, digits, spaces and ()[]./-'@_ . No
	// other image of the account in the Region may have it. Required.
	Name string
	// Description of the image, at most 255 characters. Empty: none.
	Description string
	// Reboot is required by [Create] and must be empty for [CreateStopped].
	Reboot RebootBehavior
	// Mappings change which volumes AWS takes from the instance: leave one out
	// with NoDevice, set DeleteOnTermination, or add one by its size or snapshot.
	// The first two must name a device of the instance, exactly as the instance
	// names it. The default is to take all volumes unchanged.
	Mappings []types.BlockDeviceMapping
	// Tags of the image and of its snapshots, beside [TagIntent] and
	// [TagSource], which may not be among them. Nil: no more.
	Tags map[string]string
	// Revision tells images of the same instance apart: with another revision
	// an existing image is not adopted. Empty: there is one revision only.
	Revision string
	// Family is the value of [TagFamily], by which [PlanLifecycle] groups images.
	// An adopted image keeps the family that it has. If empty, the image belongs
	// to no family.
	Family string
	// Predecessor is the value of [TagPredecessor]: the ID of the image that the
	// groups of this Region run before they get this one. [PlanLifecycle] keeps
	// it as the way back. Optional.
	Predecessor string
	// AutoScaling is asked by [CreateStopped] whether an instance that an Auto
	// Scaling group owns is in standby (autoscaling:DescribeAutoScalingInstances).
	// If nil, every such instance counts as in service.
	AutoScaling autoscaling.DescribeAutoScalingInstancesAPIClient `json:"-"`
	// StopGroupMember lets [CreateStopped] stop an instance that an Auto Scaling
	// group owns and that is not in standby. The group then terminates the
	// instance, perhaps before the image is available. The default is to refuse.
	StopGroupMember bool
}

// CreateAPI is what [Create] calls.
type CreateAPI interface {
	ec2.DescribeImagesAPIClient
	ec2.DescribeInstancesAPIClient
	DeregisterAPI
	CreateImage(context.Context, *ec2.CreateImageInput, ...func(*ec2.Options)) (*ec2.CreateImageOutput, error)
}

var _ CreateAPI = (*ec2.Client)(nil)

// Create starts to make an image of an instance, once: where an image of this
// name and intent stands already, finished or not, that one is returned. It
// returns as soon as AWS has given the id; [Wait] tells when the image is
// available. The intent is a hash of the instance id, the reboot behavior, the
// mappings and the revision.
//
// A failed image of the same name and intent is deregistered first, with its
// snapshots. An instance that is stopping is waited for.
//
// Errors: [ErrInvalidInput], also if Mappings change or leave out a device that
// the instance does not have; [ErrNameTaken], also where the image is the same
// but disabled; [ErrNotFound]: no such instance; [ErrInstanceState]: it is
// booting, shutting down or terminated; [ErrUnsupported]: its root device is an
// instance store. All of these come before the first write.
//
// Calls and IAM actions: ec2:DescribeImages, ec2:DescribeInstances,
// ec2:CreateImage, ec2:CreateTags; with a failed predecessor also
// ec2:DeregisterImage and ec2:DeleteSnapshot.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
func Create(ctx context.Context, api CreateAPI, in CreateInput, optFns ...func(*Options)) (*CreateResult, error) {
	const op = "ami.Create"
	o := resolve(api, optFns)
	if in.Reboot != Reboot && in.Reboot != NoReboot {
		return nil, fault.Invalid(op, o.place(), "Reboot: %q, want %q or %q", in.Reboot, Reboot, NoReboot)
	}
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	return in.claim(api, op, o, in.host(api, op, o).imageable).make(ctx, api)
}

// Check refuses, as [Create] does first, what no image can be made of; it makes
// no call and leaves Reboot to the function that is called.
//
// Errors: [ErrInvalidInput].
func (in CreateInput) Check(region string) error {
	return in.check("ami.Create", fault.Place{Region: region})
}

func (in *CreateInput) check(op string, at fault.Place) error {
	if !instanceID.MatchString(in.InstanceID) {
		return fault.Invalid(op, at, "InstanceID: %q is no instance id", in.InstanceID)
	}
	if err := checkName(op, at, in.Name, in.Description); err != nil {
		return err
	}
	for i, m := range in.Mappings {
		if aws.ToString(m.DeviceName) == "" {
			return fault.Invalid(op, at, "Mappings[%d]: DeviceName is missing", i)
		}
	}
	return in.ownTags().check(op, at, in.Tags)
}

// Intent is what [Create] tags with [TagIntent]. It does not depend on the name.
func (in CreateInput) Intent() string {
	return digest("create", in.InstanceID, string(in.Reboot), byDevice(in.Mappings), in.Revision)
}

func (in *CreateInput) ownTags() ownTags {
	return ownTags{in.Intent(), in.InstanceID, in.Family, in.Predecessor}
}

func (in *CreateInput) claim(api CreateAPI, op string, o Options, ready func(context.Context) error) claim {
	intent := in.Intent()
	call := &ec2.CreateImageInput{
		InstanceId:          &in.InstanceID,
		Name:                &in.Name,
		BlockDeviceMappings: in.Mappings,
		NoReboot:            new(in.Reboot == NoReboot),
		TagSpecifications:   tagSpecs(in.Tags, in.ownTags()),
	}
	if in.Description != "" {
		call.Description = &in.Description
	}
	return claim{
		op: op, at: o.place(), name: in.Name, intent: intent, poll: o.Poll, ready: ready,
		write: func(ctx context.Context, _ []string) (string, error) {
			out, err := api.CreateImage(ctx, call)
			if fault.Is(err, "IncorrectState", "IncorrectInstanceState") {
				return "", &Error{Op: "CreateImage", ID: in.InstanceID, Kind: ErrInstanceState, Err: err}
			}
			if err != nil {
				return "", err
			}
			return aws.ToString(out.ImageId), nil
		},
	}
}
