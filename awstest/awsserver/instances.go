package awsserver

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// maxInstances is how many instances one call may ask for. The cloud itself has
// no such limit unless it is given AWS's, but its memory is that of a machine that
// others use: a number that was mistyped must not take all of it. A warm pool
// grows to what its group may.
const maxInstances = 10_000

// tooMany refuses a call that asks for more instances than there is room for, as
// AWS refuses what is over a quota.
func tooMany(input any) error {
	over := func(numbers ...*int32) bool {
		for _, n := range numbers {
			if aws.ToInt32(n) > maxInstances {
				return true
			}
		}
		return false
	}
	switch in := input.(type) {
	case *ec2.RunInstancesInput:
		if over(in.MinCount, in.MaxCount) {
			return refusal("InstanceLimitExceeded", fmt.Sprintf("You have requested more instances than your current instance limit of %d allows.", maxInstances))
		}
		return nil
	case *autoscaling.CreateAutoScalingGroupInput:
		if !over(in.MinSize, in.MaxSize, in.DesiredCapacity) {
			return nil
		}
	case *autoscaling.UpdateAutoScalingGroupInput:
		if !over(in.MinSize, in.MaxSize, in.DesiredCapacity) {
			return nil
		}
	case *autoscaling.SetDesiredCapacityInput:
		if !over(in.DesiredCapacity) {
			return nil
		}
	case *autoscaling.PutWarmPoolInput:
		if !over(in.MinSize, in.MaxGroupPreparedCapacity) {
			return nil
		}
	default:
		return nil
	}
	return refusal("ValidationError", fmt.Sprintf("A group of this server has at most %d instances.", maxInstances))
}
