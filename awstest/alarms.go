package awstest

import (
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// AlarmState is the state of a CloudWatch alarm.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
type AlarmState string

// The states of an alarm.
const (
	AlarmOK               AlarmState = "OK"
	AlarmRaised           AlarmState = "ALARM"
	AlarmInsufficientData AlarmState = "INSUFFICIENT_DATA"
)

// SetAlarm makes a CloudWatch alarm, or moves one to another state. An instance
// refresh that watches it fails, or rolls back where it was told to, when the
// alarm is raised, and replaces nothing while it has insufficient data.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh-monitor-alarms.html
func (r *Region) SetAlarm(name string, state AlarmState) {
	r.meanwhile(func(s *store) {
		if s.alarms == nil {
			s.alarms = map[string]AlarmState{}
		}
		s.alarms[name] = state
		for _, g := range s.groups.order {
			if n := g.active; n != nil {
				n.resume()
				n.heed()
				g.wake()
			}
		}
	})
}

// alarmIn is the first alarm that the refresh watches and that is in a state,
// empty for none.
func (r *refresh) alarmIn(state AlarmState) string {
	if r.prefs.AlarmSpecification != nil && r.back == nil {
		for _, name := range r.prefs.AlarmSpecification.Alarms {
			if r.group.alarms[name] == state {
				return name
			}
		}
	}
	return ""
}

// heed fails the refresh when an alarm is raised.
func (r *refresh) heed() {
	switch r.status {
	case astypes.InstanceRefreshStatusInProgress, astypes.InstanceRefreshStatusBaking:
		if name := r.alarmIn(AlarmRaised); name != "" {
			r.fail("The CloudWatch alarm " + name + " is in the ALARM state.")
		}
	}
}

// checkAlarms refuses alarms that a refresh cannot begin with.
func (s *store) checkAlarms(spec *astypes.AlarmSpecification) error {
	if spec == nil {
		return nil
	}
	if len(spec.Alarms) > 10 {
		return validation("AlarmSpecification must not have more than 10 alarms")
	}
	for _, name := range spec.Alarms {
		switch state, ok := s.alarms[name]; {
		case !ok:
			return validation("The CloudWatch alarm '%s' does not exist", name)
		case state != AlarmOK:
			return validation("The CloudWatch alarm '%s' is in the state %s: it must be OK to start an instance refresh", name, state)
		}
	}
	return nil
}
