package awstest_test

// casesToCome are the operations whose fields nobody has written cases of yet.
// An operation with one case needs cases of all of its fields, and so does each
// that is new.
var casesToCome = map[string]bool{
	"autoscaling.CreateAutoScalingGroupInput":              true,
	"autoscaling.CreateLaunchConfigurationInput":           true,
	"autoscaling.DeleteAutoScalingGroupInput":              true,
	"autoscaling.DeleteLaunchConfigurationInput":           true,
	"autoscaling.DescribeAutoScalingGroupsInput":           true,
	"autoscaling.DescribeAutoScalingInstancesInput":        true,
	"autoscaling.DescribeLaunchConfigurationsInput":        true,
	"autoscaling.DescribeScalingActivitiesInput":           true,
	"autoscaling.SetInstanceHealthInput":                   true,
	"autoscaling.SetInstanceProtectionInput":               true,
	"autoscaling.StartInstanceRefreshInput":                true,
	"autoscaling.TerminateInstanceInAutoScalingGroupInput": true,
	"autoscaling.UpdateAutoScalingGroupInput":              true,
}
