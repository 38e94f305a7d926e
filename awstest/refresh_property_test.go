package awstest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// What holds of every refresh, whatever happens to its group: a thousand random
// stories of images that are well or broken, templates, policies with weights and
// with images of their own, root volumes, preferences, scaling, losses, lifecycle
// hooks, versions that come in the middle, want of capacity, standby, protection,
// alarms, suspended processes, cancels and rollbacks. After
// every instant at which anything happens, all of it is looked at.
//
// A story that fails is told again by -run TestRefreshProperties/SEED.
func TestRefreshProperties(t *testing.T) {
	begun := time.Now()
	ends := map[astypes.InstanceRefreshStatus]int{}
	for seed := range uint64(1000) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStory(t, seed)
				s.run()
				for _, r := range s.g.refreshes {
					ends[r.status]++
				}
			})
		})
	}
	t.Logf("took %s, ended %v", time.Since(begun), ends)
	for _, status := range []astypes.InstanceRefreshStatus{
		astypes.InstanceRefreshStatusSuccessful, astypes.InstanceRefreshStatusFailed, astypes.InstanceRefreshStatusCancelled,
		astypes.InstanceRefreshStatusRollbackSuccessful, astypes.InstanceRefreshStatusRollbackFailed,
	} {
		if ends[status] < 10 && !t.Failed() {
			t.Errorf("only %d refreshes ended %s: the stories are not wild enough", ends[status], status)
		}
	}
}

// witness is what was seen of the group an instant ago.
type witness struct {
	source     string
	ready      map[*member]bool
	activities int
	heaviest   int // since the refresh began: what was taken out is missed for a while
	active     *refresh
	status     astypes.InstanceRefreshStatus
	at         map[*refresh]beginning
	stood      map[string]bool // ids of what has been in standby
}

// beginning is how things stood when a refresh was started.
type beginning struct {
	source  string
	members map[string]bool // ids
}

// look fails the test when something does not hold that always does.
func (s *story) look() {
	g := s.g
	s.lookAtTally()
	s.lookAtRefreshes()
	s.lookAtBounds()
	if g.active != s.before.active {
		s.before.heaviest = 0
	}
	s.before.heaviest = max(s.before.heaviest, g.heaviest())
	s.before.source, s.before.active, s.before.activities = describeSource(g), g.active, len(g.activities)
	if g.active != nil {
		s.before.status = g.active.status
	}
	s.noteReady()
}

func (s *story) noteReady() {
	clear(s.before.ready)
	for _, m := range s.g.members {
		if m.onStandby() {
			s.before.stood[m.id] = true
		}
		if m.ready() && s.before.ready != nil {
			s.before.ready[m] = true
		}
	}
}

// lookAtTally: capacity is conserved. What is counted is what is there.
func (s *story) lookAtTally() {
	var want tally
	ready := map[*refresh]int{}
	for _, m := range s.g.members {
		n := m.units()
		if m.live() {
			want.live, want.members = want.live+n, want.members+1
			if m.outdated {
				want.outdated, want.stale = want.outdated+n, want.stale+1
			}
		}
		if m.ready() {
			want.ready += n
			if !m.outdated {
				want.updated += n
				if m.refresh != nil {
					ready[m.refresh] += n
				}
			}
		}
		switch {
		case m.onStandby() && m.outdated:
			want.standby, want.away = want.standby+n, want.away+1
		case strings.HasPrefix(string(m.state), "Pending"), m.rooting():
			want.pending++
		case strings.HasPrefix(string(m.state), "Terminating"):
			want.ending++
			if m.outdated {
				want.leaving += n
			}
		}
		s.holds(!m.pooled() && (m.ending != nil) == strings.HasPrefix(string(m.state), "Terminating"), "%s is %s, ending %v", m.id, m.state, m.ending)
	}
	s.holds(s.g.tally == want, "counted %+v, there are %+v", s.g.tally, want)
	s.holds(s.g.held >= 0, "%d are held", s.g.held)
	if r := s.g.active; r != nil {
		s.holds(r.ready == ready[r], "counted %d ready, there are %d", r.ready, ready[r])
	}
}

// lookAtRefreshes: one at a time; the group's specification changes on success
// only, and after a rollback all is as before.
func (s *story) lookAtRefreshes() {
	g := s.g
	for n, r := range g.refreshes {
		active := r.ended.IsZero()
		s.holds(active == (r == g.active) && (!active || n == len(g.refreshes)-1), "refresh %d of %d is %s", n, len(g.refreshes), r.status)
	}
	if r := g.active; r != nil && r != s.before.active {
		b := beginning{describeSource(g), map[string]bool{}}
		for _, m := range g.everyone() {
			b.members[m.id] = true
		}
		s.before.at[r] = b
	}
	if r := g.active; r != nil {
		p := r.progress()
		s.holds((p.percentage == nil) == (r.status == astypes.InstanceRefreshStatusPending), "%s with percentage %v", r.status, p.percentage)
		s.holds(p.percentage == nil || *p.percentage >= 0 && *p.percentage <= 100 && *p.toUpdate >= 0, "percentage is out of range")
	}
	ended := s.before.active
	if ended == nil || ended.ended.IsZero() {
		s.holds(describeSource(g) == s.before.source, "the specification changed while refresh %v", g.active)
		return
	}
	began := s.before.at[ended]
	switch {
	case ended.status == astypes.InstanceRefreshStatusSuccessful && ended.desired != nil:
		s.holds(describeSource(g) == describe(ended.target), "the specification is not the desired one")
	default:
		s.holds(describeSource(g) == began.source, "the specification is not as before a refresh that ended %s", ended.status)
	}
	if ended.status == astypes.InstanceRefreshStatusRollbackSuccessful {
		for _, m := range g.everyone() {
			if s.before.stood[m.id] && ended.prefs.StandbyInstances == astypes.StandbyInstancesIgnore {
				continue // it was to be left as it is
			}
			s.holds(m.ending != nil || began.members[m.id] || g.makes(g.source(), m), "%s is of the refresh that was rolled back", m.id)
		}
	}
}

// lookAtBounds: a refresh takes no ready instance out below the floor, and
// launches none above the ceiling.
func (s *story) lookAtBounds() {
	g := s.g
	r := cmpOr(g.active, s.before.active)
	if r == nil {
		return
	}
	one := max(g.heaviest(), s.before.heaviest)
	taken, launched := 0, 0 // the heaviest taken, how many launched
	for _, a := range g.activities[s.before.activities:] {
		rooted := strings.HasPrefix(a.description, "Replacing the root volume") && a.message == ""
		if rooted || strings.Contains(a.cause, "taken out of service in response to an instance refresh") && !strings.Contains(a.description, "warm pool") {
			for m := range s.before.ready {
				if m.checked && strings.HasSuffix(a.description, m.id) { // else its health went at this very instant
					taken = max(taken, m.units())
				}
			}
		}
		if strings.Contains(a.cause, "launched in response to an instance refresh") && a.message == "" {
			launched++
		}
	}
	floor, ceiling := r.bounds(g.desired(), max(taken, 1))
	if one > 1 {
		_, ceiling = r.bounds(g.desired(), one)
		ceiling += one - 1 // the last one may be more than was missing
	}
	s.holds(taken == 0 || g.tally.ready >= floor, "%d ready, at least %d wanted, %d taken out", g.tally.ready, floor, taken)
	s.holds(launched == 0 || g.tally.live <= ceiling, "%d live, at most %d wanted, %d launched", g.tally.live, ceiling, launched)
	if s.calm && r.status == astypes.InstanceRefreshStatusInProgress {
		floor, _ = r.bounds(g.desired(), one)
		s.holds(g.tally.ready >= floor && g.tally.live <= ceiling, "%d ready and %d live, wanted %d to %d", g.tally.ready, g.tally.live, floor, ceiling)
	}
}

// lookAtTheEnd: the group is as it is to be, and activities explain every
// instance that ever was.
func (s *story) lookAtTheEnd() {
	g := s.g
	s.holds(g.active == nil, "a refresh is still %v", g.active)
	over := g.tally.live - g.desired()
	s.holds(over >= 0 && g.tally.ready == g.tally.live, "%d live and %d ready, %d desired", g.tally.live, g.tally.ready, g.desired())
	for _, m := range g.members {
		s.holds(over < m.units(), "%d live, %d desired: %s of %d is too much", g.tally.live, g.desired(), m.id, m.units())
	}
	s.holds(g.pool.tally().ready == g.poolSize(), "%d in the warm pool, wanted %d", g.pool.tally().ready, g.poolSize())
	launched, ended := map[string]int{}, map[string]int{}
	for _, a := range g.activities {
		_, id, _ := strings.Cut(a.description, ": ")
		switch {
		case a.message != "": // came to nothing
		case strings.HasPrefix(a.description, "Launching a new EC2 instance from warm pool"):
		case strings.HasPrefix(a.description, "Launching"):
			launched[id]++
		case strings.HasPrefix(a.description, "Terminating"):
			ended[id]++
		}
		s.holds(a.cause != "" && !a.ended.IsZero(), "%s: %q has not ended", a.description, a.cause)
	}
	for _, m := range g.everyone() {
		s.holds(launched[m.id] == 1 && ended[m.id] == 0, "%s is here, launched %d times, ended %d times", m.id, launched[m.id], ended[m.id])
		delete(launched, m.id)
	}
	for id, n := range launched {
		s.holds(n == 1 && ended[id] == 1, "%s is gone, launched %d times, ended %d times", id, n, ended[id])
	}
}

func (s *story) holds(ok bool, format string, args ...any) {
	if ok {
		return
	}
	s.t.Helper()
	s.t.Fatalf("at %s: %s\n%s", s.g.now.Sub(s.cloud.born), fmt.Sprintf(format, args...), strings.Join(s.told, "\n"))
}

func cmpOr(a, b *refresh) *refresh {
	if a != nil {
		return a
	}
	return b
}

func describeSource(g *group) string { return describe(g.source()) }

func describe(s specification) string {
	var all []string
	for _, t := range s.templates() {
		all = append(all, *t.LaunchTemplateId+"/"+*t.Version)
	}
	for _, c := range s.choices() {
		all = append(all, fmt.Sprint(c.instanceType, c.imageID, c.weight))
	}
	return strings.Join(all, " ")
}

// oneOf is any of the values.
func oneOf[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// chance is true once in n times.
func chance(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }

// anyOf is any of a slice's elements, false for none.
func anyOf[T any](r *rand.Rand, all []T) (v T, ok bool) {
	if len(all) == 0 {
		return v, false
	}
	return all[r.IntN(len(all))], true
}
