package release

import (
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// before is what a group launched before the release, whoever asks and whenever.
func (p *Protocol) before(place *facts.Place, g *facts.Group) []plan.Launch {
	out := make([]plan.Launch, len(g.Launch))
	newest := g.Newest()
	spellings := p.recorded(place, g)
	for i, l := range g.Launch {
		out[i].Template, out[i].Floating = l.Template, l.Spelling
		if spellings != "" {
			out[i].Floating = facts.Spelling(spellings[i])
		}
		if l.Template < 0 {
			continue
		}
		t := &place.Templates[l.Template]
		n := t.Resolve(l)
		if p.has(BeforeFromHistory) && newest != nil && i < len(newest.Desired) && newest.Desired[i].Template == l.Template {
			if d := newest.Desired[i].Version; t.MarkOf(d).Kind == facts.MarkRelease {
				n = d
			}
		}
		out[i].Version = origin(t, n)
	}
	return out
}

// origin is the version that a version of the release goes back to. One that is not
// the release's goes back to itself.
func origin(t *facts.Template, number int64) int64 {
	for range t.Versions {
		m := t.MarkOf(number)
		if m.Kind == facts.MarkNone {
			break
		}
		number = m.Source
	}
	return number
}

// recorded are the letters of a group in the pin record: empty if the record does
// not count, or has nothing that fits.
func (p *Protocol) recorded(place *facts.Place, g *facts.Group) string {
	if !place.Record.Complete && p.has(RecordComplete) {
		return ""
	}
	letters := place.Record.Spellings[facts.RecordKey(g.Name)]
	if len(letters) != len(g.Launch) {
		return ""
	}
	return letters
}

// defaultBefore and latestBefore are the numbers of these versions before the
// release.
func defaultBefore(t *facts.Template) int64 {
	if v := t.FirstMarked(); v != nil {
		return v.Mark.Default
	}
	return t.Default
}

func latestBefore(t *facts.Template) int64 {
	if v := t.FirstMarked(); v != nil {
		return v.Number - 1
	}
	return t.Latest
}
