package awstest

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
)

func init() {
	handle(describeAccountLimits)
}

// describeAccountLimits answers AWS's quotas where the cloud has none.
func describeAccountLimits(r *request, _ *autoscaling.DescribeAccountLimitsInput) (*autoscaling.DescribeAccountLimitsOutput, error) {
	return &autoscaling.DescribeAccountLimitsOutput{
		MaxNumberOfAutoScalingGroups:    new(int32(cmp.Or(r.quotas.Groups, AWSQuotas.Groups))),
		MaxNumberOfLaunchConfigurations: new(int32(cmp.Or(r.quotas.LaunchConfigurations, AWSQuotas.LaunchConfigurations))),
		NumberOfAutoScalingGroups:       new(int32(len(r.groups.order))),
		NumberOfLaunchConfigurations:    new(int32(len(r.groups.configs.order))),
	}, nil
}
