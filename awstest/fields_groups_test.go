package awstest_test

import (
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/readyami/readyami/awstest"
)

func init() {
	ignored["autoscaling.SetDesiredCapacityInput.HonorCooldown"] = "no scaling policy runs here, so that no cooldown ever does"

	fields(func(w *fieldWorld) *autoscaling.SetDesiredCapacityInput {
		w.ids["other"] = w.group("other").Name
		return &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: new(w.group("web").Name), DesiredCapacity: new(int32(3))}
	}, fieldValues{
		"AutoScalingGroupName": made("other"),
		"DesiredCapacity":      2,
	})
}

// group is a group of two instances, which may grow to four.
func (w *fieldWorld) group(name string) awstest.SeededGroup {
	return w.region.Group(awstest.GroupSeed{Name: name, Size: 2})
}
