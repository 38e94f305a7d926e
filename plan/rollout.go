package plan

import "cmp"

// Rollout is the order in which groups are refreshed, and what a failure does.
type Rollout struct {
	// Order makes the waves. The default is [OrderCareful].
	Order Order `json:"order,omitempty"`
	// MaxFailures is how many groups of a wave may fail before the rollout stops.
	// The default is 0: the first failure stops it. A failure within the limit is
	// in the report, and the rollout goes on.
	MaxFailures int `json:"maxFailures,omitempty"`
	// OnFailure is what happens if more groups of a wave fail than MaxFailures. The
	// default is [OnFailureRollBackGroup].
	OnFailure OnFailure `json:"onFailure,omitempty"`
	// KeepLatest leaves $Latest of a launch template at the rejected version after
	// a rollback. By default the template gets one more version with the data that
	// it had before, so that groups on $Latest launch that again.
	KeepLatest bool `json:"keepLatest,omitempty"`
}

// Order is an order of waves.
type Order string

const (
	// OrderCareful refreshes one group, then the rest of its target at once, then
	// target by target.
	OrderCareful Order = "careful"
	// OrderTargetByTarget refreshes all groups of a target at once.
	OrderTargetByTarget Order = "target-by-target"
	// OrderAllAtOnce refreshes every group of every target at once.
	OrderAllAtOnce Order = "all-at-once"
)

// OnFailure is what happens when a rollout has failed.
type OnFailure string

const (
	// OnFailureRollBackGroup brings each group that failed back to what it ran before and
	// proves that on its instances. The image is rejected: no later run rolls it
	// out unless a new attempt is begun with Retry.
	OnFailureRollBackGroup OnFailure = "roll-back-group"
	// OnFailureRollBackWave does so for every group of the wave that failed.
	OnFailureRollBackWave OnFailure = "roll-back-wave"
	// OnFailureRollBackRelease does so for every group of the release.
	OnFailureRollBackRelease OnFailure = "roll-back-release"
	// OnFailureLeave stops the rollout and leaves the groups as they are, with old and new
	// instances, so that they can be inspected.
	OnFailureLeave OnFailure = "leave"
)

// Scope is how far an undo reaches.
type Scope string

const (
	// ScopeNone undoes nothing.
	ScopeNone Scope = ""
	// ScopeGroup is every group whose refresh failed in this attempt.
	ScopeGroup Scope = "group"
	// ScopeWave is every group of the wave that failed.
	ScopeWave Scope = "wave"
	// ScopeRelease is every group of the release.
	ScopeRelease Scope = "release"
)

// Scope is how far the policy undoes.
func (o OnFailure) Scope() Scope {
	switch o {
	case "", OnFailureRollBackGroup:
		return ScopeGroup
	case OnFailureRollBackWave:
		return ScopeWave
	case OnFailureRollBackRelease:
		return ScopeRelease
	}
	return ScopeNone
}

// Wave is a set of groups that are refreshed together. The gate behind it must
// pass before the next wave begins.
type Wave struct {
	// Name of the wave, unique in the plan.
	Name string `json:"name"`
	// Soak is how long the wave's groups must run well before the gate passes.
	Soak Duration `json:"soak,omitzero"`
	// Checks are the names of functions that must find nothing wrong.
	Checks []string `json:"checks,omitempty"`
	// Approval requires an approval before the next wave begins.
	Approval bool `json:"approval,omitempty"`
	// Limit is how many refreshes of the wave may run at once. Zero means no limit.
	Limit int `json:"limit,omitempty"`
	// MaxFailures is how many groups of the wave may fail.
	MaxFailures int `json:"maxFailures,omitempty"`
}

// Gated reports whether there is a gate behind the wave.
func (w Wave) Gated() bool { return w.Soak > 0 || len(w.Checks) > 0 || w.Approval }

// place and group are indexes of a group in the targets of a delivery.
type place struct{ target, group int }

// waves assigns every group to a wave, by the order that is asked for.
func (d *Delivery) waves() (waves []Wave, of map[place]int) {
	of = map[place]int{}
	order := cmp.Or(d.Rollout.Order, OrderCareful)
	add := func(name string) int {
		waves = append(waves, Wave{Name: name, MaxFailures: d.Rollout.MaxFailures})
		return len(waves) - 1
	}
	first := true
	for t, target := range d.Targets {
		if len(target.Groups) == 0 {
			continue
		}
		next := 0
		switch {
		case order == OrderCareful && first && len(target.Groups) > 1:
			of[place{t, 0}] = add("canary")
			next = 1
		case order == OrderAllAtOnce && !first:
			for g := range target.Groups {
				of[place{t, g}] = 0
			}
			continue
		}
		name := target.Region
		if target.Account != "" {
			name = target.Account + "/" + target.Region
		}
		if order == OrderAllAtOnce {
			name = "all"
		}
		wave := add(name)
		for g := next; g < len(target.Groups); g++ {
			of[place{t, g}] = wave
		}
		first = false
	}
	return waves, of
}

// Waves are the waves of the delivery, in their order.
func (d *Delivery) Waves() []Wave {
	waves, _ := d.waves()
	return waves
}

// WaveOf is the index in [Delivery.Waves] of a group, given by the indexes of its
// target and of its name there.
func (d *Delivery) WaveOf() func(target, group int) int {
	_, of := d.waves()
	return func(target, group int) int { return of[place{target, group}] }
}
