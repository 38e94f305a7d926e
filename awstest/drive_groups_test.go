package awstest

import "strings"

// usualOfGroups are the values of fields that Auto Scaling takes otherwise than
// other services do.
func (d *driver) usualOfGroups(field string) []string {
	if d.service != "autoscaling" {
		return nil
	}
	switch field {
	case "ResourceId":
		return d.known("AutoScalingGroupName")
	case "ResourceType":
		return []string{"auto-scaling-group"}
	case "LifecycleTransition":
		return []string{hookLaunching, hookTerminating}
	case "DefaultResult", "LifecycleActionResult":
		return []string{resultContinue, resultAbandon}
	case "LifecycleHookName":
		return []string{"a", "b"}
	case "LifecycleActionToken":
		var out []string
		for _, a := range d.waiting() {
			out = append(out, a.Token)
		}
		return out
	case "InstanceId":
		if waiting := d.waiting(); strings.Contains(d.op, "LifecycleAction") && len(waiting) > 0 {
			return []string{waiting[d.IntN(len(waiting))].InstanceID}
		}
	case "TargetGroupARN":
		return []string{"arn:aws:elasticloadbalancing:" + d.at.region + ":" + d.at.account + ":targetgroup/web/0123456789abcdef"}
	case "TerminationPolicie":
		return []string{"Default", "OldestInstance", "NewestInstance"}
	case "HealthCheckType":
		return []string{"EC2", "ELB"}
	case "AvailabilityZoneId":
		return []string{regionCode(d.at.region) + "-az1"}
	case "WeightedCapacity":
		return []string{"1", "2", "3"}
	}
	return nil
}

// waiting are the instances that wait for a hook where the call is made.
func (d *driver) waiting() (out []LifecycleAction) {
	r := d.cloud.Account(d.at.account).Region(d.at.region)
	for _, g := range r.Groups() {
		out = append(out, r.LifecycleActions(*g.AutoScalingGroupName)...)
	}
	return out
}
