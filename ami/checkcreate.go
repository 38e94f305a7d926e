package ami

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// CheckCreateAPI is what [CheckCreate] and [CheckCreateStopped] call.
type CheckCreateAPI interface {
	ec2.DescribeInstancesAPIClient
	ec2.DescribeImagesAPIClient
}

var _ CheckCreateAPI = (*ec2.Client)(nil)

// CheckCreate refuses an instance that [Create] would refuse. It reads the instance
// once, writes nothing and waits for nothing: an instance that is stopping passes.
//
// Errors: [ErrInvalidInput], [ErrNotFound], [ErrInstanceState] and [ErrUnsupported],
// as Create has them.
//
// AWS calls: DescribeInstances, and DescribeImages if Mappings name a device that
// EC2 does not list. IAM: ec2:DescribeInstances, ec2:DescribeImages.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
func CheckCreate(ctx context.Context, api CheckCreateAPI, in CreateInput, optFns ...func(*Options)) error {
	return in.checkHost(ctx, api, "ami.CheckCreate", resolve(api, optFns), false)
}

// CheckCreateStopped is [CheckCreate] for [CreateStopped]: it also refuses to stop an
// instance that an Auto Scaling group would replace.
//
// Errors: those of CheckCreate, and [ErrGroupMember].
//
// AWS calls: those of CheckCreate, and DescribeAutoScalingInstances for an instance of
// an Auto Scaling group. IAM: autoscaling:DescribeAutoScalingInstances besides.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingInstances.html
func CheckCreateStopped(ctx context.Context, api CheckCreateAPI, in CreateInput, optFns ...func(*Options)) error {
	return in.checkHost(ctx, api, "ami.CheckCreateStopped", resolve(api, optFns), true)
}

func (in CreateInput) checkHost(ctx context.Context, api hostAPI, op string, o Options, stop bool) error {
	if err := in.check(op, o.place()); err != nil {
		return err
	}
	i := in.host(api, op, o)
	var last types.InstanceStateName
	found, err := i.read(ctx)
	if err == nil {
		last = state(found)
		switch {
		case !lives(last):
			err = &Error{Kind: ErrInstanceState}
		case stop && last == types.InstanceStateNameRunning:
			err = i.expendable(ctx, found)
		}
		if err == nil {
			err = i.suits(ctx, found)
		}
	}
	if err == nil {
		return nil
	}
	e, ours := err.(*Error)
	if !ours {
		e = refused(ctx, "", fault.Place{}, "", err)
	}
	e.Op, e.Account, e.Region, e.ID, e.State = op, o.place().Account, o.place().Region, in.InstanceID, string(last)
	return e
}
