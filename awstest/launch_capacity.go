package awstest

import "slices"

// noCapacity is the code of a launch for which EC2 has no room.
const noCapacity = "InsufficientInstanceCapacity"

// LackCapacity makes launches of these instance types fail in the Region for
// want of capacity, until it is called again with other types or none. A group
// with a mixed instances policy goes on to its next override.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html#troubleshooting-launch-capacity
func (r *Region) LackCapacity(instanceTypes ...string) {
	r.do(func(s *store) { s.lacking = slices.Clone(instanceTypes) })
}

func (s *store) checkCapacity(p *launchPlan) error {
	if !slices.Contains(s.lacking, p.instanceType) {
		return nil
	}
	return apiError(noCapacity, "We currently do not have sufficient %s capacity in the Availability Zone you requested (%s). "+
		"Our system will be working on provisioning additional capacity.", p.instanceType, p.subnet.zone.name)
}
