package facts

import (
	"context"
	"slices"
	"time"

	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// Query says what of a place is read.
type Query struct {
	Clients *region.ClientSet
	// Now is the time by AWS's clock.
	Now time.Time
	// Delivery and Release are what the marks are about.
	Delivery *plan.Delivery
	Release  string
	// Image is how the image of the place is found.
	Image ImageQuery
	// Groups are the names of the groups to read.
	Groups []string
	// Templates are those of a plan that has been made, in its order: every group
	// launches one of them. Nil: those that the groups launch now, in the order in
	// which they are met.
	Templates []plan.Template
	// Refreshed are the groups whose refreshes are read. Nil: those with a template
	// that has a version of the release.
	Refreshed []string
	// Known is the place with its image, if that has been read.
	Known *Place
	// Outside reads all groups of the place, to find those outside the release that
	// launch $Latest or $Default of its templates.
	Outside bool
}

// Read reads a place: the image, then refreshes and their groups, and then launch
// template versions. What has no group in the query keeps its zero value.
func Read(ctx context.Context, q Query) (*Place, error) {
	p := &Place{}
	if q.Known != nil {
		*p = *q.Known
	} else {
		image, err := ReadImage(ctx, q)
		if err != nil {
			return nil, err
		}
		*p = image
	}
	if len(q.Groups) == 0 {
		return p, nil
	}
	r := reader{query: &q, place: p, index: map[string]int{}}
	for _, t := range q.Templates {
		r.template(t.ID, t.Name)
	}
	refreshed := q.Refreshed
	if q.Templates == nil || refreshed == nil {
		if err := r.groups(ctx); err != nil {
			return nil, err
		}
	}
	if refreshed == nil {
		var err error
		if refreshed, err = r.touched(ctx); err != nil {
			return nil, err
		}
	}
	// A group is read after its refreshes: one that shows a refresh which has ended, and
	// instances from before its end, would be refreshed once more.
	found, err := r.refreshes(ctx, refreshed)
	if err != nil {
		return nil, err
	}
	if len(refreshed) > 0 || len(p.Groups) == 0 {
		if err := r.groups(ctx); err != nil {
			return nil, err
		}
	}
	if err := r.attach(ctx, found); err != nil {
		return nil, err
	}
	if err := r.versions(ctx); err != nil {
		return nil, err
	}
	if q.Outside {
		if err := r.outside(ctx); err != nil {
			return nil, err
		}
	}
	for i := range p.Groups {
		p.Groups[i].Refreshes = r.relevant(&p.Groups[i])
	}
	return p, nil
}

// reader reads the groups and templates of one place.
type reader struct {
	query *Query
	place *Place
	index map[string]int // of templates in the place, by id and by name
}

// template is the index of a launch template in the place. It adds one unless the
// templates are those of a plan.
func (r *reader) template(id, name string) int {
	if i, known := r.index[id]; known && id != "" {
		return i
	}
	if i, known := r.index["name:"+name]; known && id == "" {
		return i
	}
	if len(r.place.Templates) >= len(r.query.Templates) && r.query.Templates != nil {
		return -1
	}
	i := len(r.place.Templates)
	r.place.Templates = append(r.place.Templates, Template{ID: id, Name: name})
	r.index[id], r.index["name:"+name] = i, i
	return i
}

// touched are the groups with a template that has a version of the release.
func (r *reader) touched(ctx context.Context) ([]string, error) {
	if r.place.Image.ID == "" {
		return nil, nil
	}
	made := make([]bool, len(r.place.Templates))
	for i := range r.place.Templates {
		versions, err := r.withImage(ctx, &r.place.Templates[i], r.place.Image.ID)
		if err != nil {
			return nil, err
		}
		made[i] = slices.ContainsFunc(versions, func(v Version) bool { return v.Mark.Kind != MarkNone })
	}
	var out []string
	for _, g := range r.place.Groups {
		if slices.ContainsFunc(g.Launch, func(l Launch) bool { return l.Template >= 0 && made[l.Template] }) {
			out = append(out, g.Name)
		}
	}
	return out, nil
}

// relevant are the newest refresh of a group and those of the release.
func (r *reader) relevant(g *Group) []Refresh {
	var out []Refresh
	for i, f := range g.Refreshes {
		ours := slices.ContainsFunc(f.Desired, func(l Launch) bool {
			return l.Template >= 0 && r.place.Templates[l.Template].MarkOf(l.Version).Kind == MarkRelease
		})
		if i == 0 || ours {
			out = append(out, f)
		}
	}
	return out
}
