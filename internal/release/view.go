package release

import (
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// view is a plan beside what a look has read of its world.
type view struct {
	Protocol
	plan *plan.Plan
	look *facts.Look
}

// group is one group of a view.
type group struct {
	*view
	place, index int
	at           *facts.Place
	was          *plan.Group // Before
	now          *facts.Group
}

func (v *view) group(place, index int) group {
	return group{
		view: v, place: place, index: index, at: &v.look.Places[place],
		was: &v.plan.Places[place].Groups[index], now: &v.look.Places[place].Groups[index],
	}
}

// same reports whether two versions of a template count as one.
func (v *view) same(t *facts.Template, a, b int64) bool {
	if a == b || !v.has(DataCountsAsOne) {
		return a == b
	}
	x, y := t.Version(a), t.Version(b)
	return x != nil && y != nil && x.Data == y.Data
}

// equal reports whether two versions have equal data.
func equal(t *facts.Template, a, b int64) bool {
	x, y := t.Version(a), t.Version(b)
	return a == b || x != nil && y != nil && x.Data == y.Data
}

// ofAttempt reports whether a mark is that of a version with the image of the
// release, made in this attempt.
func (v *view) ofAttempt(m facts.Mark) bool {
	return m.Kind == facts.MarkRelease && m.Attempt == v.plan.Attempt
}

// versionFrom is this attempt's version made from a source version, 0 if there is
// none.
func (v *view) versionFrom(t *facts.Template, source int64) int64 {
	for i := range t.Versions {
		n := &t.Versions[i]
		if !v.ofAttempt(n.Mark) {
			continue
		}
		if n.Mark.Source == source || !v.has(OneVersionPerSource) && equal(t, n.Mark.Source, source) {
			return n.Number
		}
	}
	return 0
}

// anyVersion reports whether a template has a version of this attempt.
func (v *view) anyVersion(t *facts.Template) bool {
	for i := range t.Versions {
		if v.ofAttempt(t.Versions[i].Mark) {
			return true
		}
	}
	return false
}

// after are the versions that a group is to launch. made is false if one of them
// does not exist yet.
func (g *group) after() (numbers []int64, made bool) {
	numbers, made = make([]int64, len(g.was.Launch)), true
	at := &g.plan.Places[g.place]
	for i, l := range g.was.Launch {
		if s := at.Templates[l.Template].Source(l.Version); s != nil && s.Unchanged {
			numbers[i] = l.Version
			continue
		}
		numbers[i] = g.versionFrom(&g.at.Templates[l.Template], l.Version)
		made = made && numbers[i] != 0
	}
	return numbers, made
}

// before are the versions that the group launched before the release.
func (g *group) before() []int64 {
	numbers := make([]int64, len(g.was.Launch))
	for i, l := range g.was.Launch {
		numbers[i] = l.Version
	}
	return numbers
}

// shaped reports whether the group still names the launch templates of the plan.
func (g *group) shaped() bool {
	if len(g.now.Launch) != len(g.was.Launch) {
		return false
	}
	for i := range g.now.Launch {
		if g.now.Launch[i].Template != g.was.Launch[i].Template {
			return false
		}
	}
	return true
}

// launches reports whether the group launches these versions, or equal ones.
func (g *group) launches(numbers []int64) bool {
	if !g.shaped() {
		return false
	}
	for i, l := range g.now.Launch {
		t := &g.at.Templates[l.Template]
		if !g.same(t, t.Resolve(l), numbers[i]) {
			return false
		}
	}
	return true
}

// others are the instances that were launched from none of these versions, nor from
// an equal one.
func (g *group) others(numbers []int64) []facts.Instance {
	var out []facts.Instance
	for _, i := range g.now.Instances {
		if !g.from(i, numbers) {
			out = append(out, i)
		}
	}
	return out
}

func (g *group) from(i facts.Instance, numbers []int64) bool {
	if i.Template < 0 {
		return false
	}
	for k, l := range g.was.Launch {
		if l.Template == i.Template && g.same(&g.at.Templates[l.Template], i.Version, numbers[k]) {
			return true
		}
	}
	return false
}

// runs reports whether every instance was launched from these versions.
func (g *group) runs(numbers []int64) bool {
	for _, i := range g.now.Instances {
		if !g.from(i, numbers) {
			return false
		}
	}
	return true
}

// atBefore reports whether the group launches and runs what it did before.
func (g *group) atBefore() bool {
	b := g.before()
	return g.launches(b) && g.runs(b)
}

// marked reports whether a refresh is to a version of the release, of whatever
// attempt, and ours whether it is to one of this attempt.
func (g *group) marked(r *facts.Refresh) bool {
	return g.desires(r, func(m facts.Mark) bool { return m.Kind == facts.MarkRelease })
}

func (g *group) ours(r *facts.Refresh) bool { return g.desires(r, g.ofAttempt) }

func (g *group) desires(r *facts.Refresh, is func(facts.Mark) bool) bool {
	for _, l := range r.Desired {
		if l.Template >= 0 && is(g.at.Templates[l.Template].MarkOf(l.Version)) {
			return true
		}
	}
	return false
}

// undoes reports whether a refresh is to what the group launched before, and began
// since the release, in whatever attempt, had made a version for the group: what is
// older is somebody else's.
func (g *group) undoes(r *facts.Refresh) bool {
	if len(r.Desired) == 0 || len(r.Desired) != len(g.was.Launch) || !g.since(r) {
		return false
	}
	for i, l := range r.Desired {
		b := g.was.Launch[i]
		if l.Template != b.Template || !equal(&g.at.Templates[b.Template], l.Version, b.Version) {
			return false
		}
	}
	return true
}

func (g *group) since(r *facts.Refresh) bool {
	for _, l := range g.was.Launch {
		for _, v := range g.at.Templates[l.Template].Versions {
			if v.Mark.Kind == facts.MarkRelease && v.Mark.Source == l.Version && !r.Start.Before(v.Created) {
				return true
			}
		}
	}
	return false
}
