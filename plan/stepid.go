package plan

import (
	"strconv"
	"strings"
)

// name are the parts of a step's id, of which n count: the kind, the place, and what
// of it the step is about.
func (p *Plan) name(s *Step) (parts [5]string, n int) {
	if s.Kind == StepGate {
		return [5]string{string(s.Kind), p.Waves[s.Wave].Name}, 2
	}
	at := &p.Places[s.Place]
	parts, n = [5]string{string(s.Kind), at.Account, at.Region}, 3
	switch s.Kind {
	case StepRefresh, StepRestoreGroup:
		parts[3], n = at.Groups[s.Group].Name, 4
	case StepSetDefault, StepRestoreTemplate, StepRestoreDefault:
		parts[3], n = at.Templates[s.Template].ID, 4
	case StepTemplateVersion:
		parts[3], parts[4], n = at.Templates[s.Template].ID, strconv.FormatInt(s.Source, 10), 5
	}
	return parts, n
}

// id is the id of a step.
func (p *Plan) id(s *Step) StepID {
	parts, n := p.name(s)
	return StepID(strings.Join(parts[:n], "/"))
}

// is reports whether an id is that of a step, without making the step's id.
func (p *Plan) is(s *Step, id StepID) bool {
	parts, n := p.name(s)
	rest, ok := strings.CutPrefix(string(id), parts[0])
	for _, part := range parts[1:n] {
		if !ok || rest == "" || rest[0] != '/' {
			return false
		}
		rest, ok = strings.CutPrefix(rest[1:], part)
	}
	return ok && rest == ""
}

// RejectID is the id of the plan's reject step, whose result carries the decision.
func (p *Plan) RejectID() StepID { return p.id(&Step{Kind: StepReject, Place: p.Home}) }

// RefreshID is the id of the refresh step of a group, by indexes.
func (p *Plan) RefreshID(place, group int) StepID {
	return p.id(&Step{Kind: StepRefresh, Place: place, Group: group})
}

// imageID is the id of the step that brings the image to a place.
func (p *Plan) imageID(place int) StepID {
	return p.id(&Step{Kind: p.Places[place].Image.Action.step(), Place: place})
}

// step is the kind of the step that an action takes.
func (a ImageAction) step() StepKind {
	switch a {
	case ImageActionCreate:
		return StepCreateImage
	case ImageActionCopy:
		return StepCopyImage
	}
	return StepUseImage
}
