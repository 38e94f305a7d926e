package plan

import "slices"

// Report is what came of a plan: plain data, for people and programs. Nothing reads
// it to decide what to do.
type Report struct {
	// Schema is the version of the shape, the constant of that name.
	Schema int `json:"schema"`
	// Outcome is how the release stands.
	Outcome Outcome `json:"outcome"`
	// Plan says what stood before and what was to stand.
	Plan *Plan `json:"plan"`
	// Results say how far each step is.
	Results []Result `json:"results"`
	// Wrote are the steps that this run has written for, in the order of their first
	// write. It is empty if there was nothing to do.
	Wrote []StepID `json:"wrote,omitempty"`
	// Error is why the release is not delivered.
	Error *Error `json:"error,omitempty"`
}

// Result finds the result of a step. It returns false if there is none.
func (r *Report) Result(id StepID) (Result, bool) {
	i := slices.IndexFunc(r.Results, func(res Result) bool { return res.Step == id })
	if i < 0 {
		return Result{}, false
	}
	return r.Results[i], true
}

// GroupReport is what stood and stands in one group.
type GroupReport struct {
	// Account of the group.
	Account string `json:"account"`
	// Region of the group.
	Region string `json:"region"`
	// Name of the group.
	Name string `json:"name"`
	// Before is what the group launched before the release.
	Before LaunchReport `json:"before"`
	// After is what the group launches if the release is delivered.
	After LaunchReport `json:"after"`
	// State of the group's refresh step.
	State State `json:"state"`
	// Result of the refresh step. Nil if there is none.
	Result *GroupResult `json:"result,omitempty"`
}

// LaunchReport is what a group launches: its own launch template's version.
type LaunchReport struct {
	// Template is the id of the launch template.
	Template string `json:"template"`
	// Version is its number. Zero if it does not exist yet.
	Version int64 `json:"version,omitempty"`
	// Floating is "$Latest" or "$Default" if the group does not name the number.
	Floating string `json:"floating,omitempty"`
	// Image of the version. Empty if it does not exist yet.
	Image string `json:"image,omitempty"`
}

// Groups are the groups of the report, in the order of the plan.
func (r *Report) Groups() []GroupReport {
	byID := map[StepID]*Result{}
	for i := range r.Results {
		byID[r.Results[i].Step] = &r.Results[i]
	}
	var out []GroupReport
	for i := range r.Plan.Places {
		at := &r.Plan.Places[i]
		image := at.Image.ID
		if res := byID[r.Plan.imageID(i)]; res != nil && res.Image != nil {
			image = res.Image.ID
		}
		for j := range at.Groups {
			g := &at.Groups[j]
			report := GroupReport{Account: at.Account, Region: at.Region, Name: g.Name, State: StateWaiting}
			if len(g.Launch) > 0 && g.Launch[0].Template >= 0 {
				l := g.Launch[0]
				t := &at.Templates[l.Template]
				report.Before = LaunchReport{Template: t.ID, Version: l.Version, Floating: l.Floating}
				if s := t.Source(l.Version); s != nil {
					report.Before.Image = s.Image
				}
				report.After = LaunchReport{Template: t.ID, Image: image, Floating: l.Floating}
			}
			if res := byID[r.Plan.RefreshID(i, j)]; res != nil {
				report.State, report.Result = res.State, res.Group
				if res.Group != nil {
					report.After.Version = res.Group.To
				}
			}
			out = append(out, report)
		}
	}
	return out
}
