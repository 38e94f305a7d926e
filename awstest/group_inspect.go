package awstest

import (
	"slices"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// Groups lists the Auto Scaling groups with their instances, oldest first.
func (r *Region) Groups() (out []astypes.AutoScalingGroup) {
	r.do(func(s *store) {
		out = make([]astypes.AutoScalingGroup, len(s.groups.order))
		for i, g := range s.groups.order {
			g.render(&out[i], true)
		}
	})
	return out
}

// Refreshes lists the instance refreshes of a group, newest first.
func (r *Region) Refreshes(group string) (out []astypes.InstanceRefresh) {
	r.do(func(s *store) {
		if g := s.groups.byName[group]; g != nil {
			for _, n := range slices.Backward(g.refreshes) {
				out = append(out, n.render())
			}
		}
	})
	return out
}

// Activities lists the scaling activities of a group, newest first.
func (r *Region) Activities(group string) (out []astypes.Activity) {
	r.do(func(s *store) {
		if g := s.groups.byName[group]; g != nil {
			for _, a := range slices.Backward(g.activities) {
				out = append(out, a.render())
			}
		}
	})
	return out
}

// Capacity is the instances of a group by what they count for; in units of
// capacity where the group has weights.
type Capacity struct {
	Desired   int
	Live      int // pending or in service
	InService int
	Ready     int // in service, healthy, and warmed up
	Standby   int // kept, and counted for nothing
	Warm      int // in the warm pool
}

// Capacity counts the instances of a group as they are at this instant; all
// zero for an unknown group.
func (r *Region) Capacity(group string) (out Capacity) {
	r.do(func(s *store) {
		if g := s.groups.byName[group]; g != nil {
			out = Capacity{Desired: g.desired(), Live: g.tally.live, InService: g.inService(), Ready: g.tally.ready,
				Standby: g.inStandby(), Warm: g.pool.tally().live}
		}
	})
	return out
}
