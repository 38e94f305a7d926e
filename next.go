package readyami

import (
	"fmt"
	"strings"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// next says, for a run that has failed, how to go on: what to do about each
// thing that is not as it was asked for.
func (r *run) next() []string {
	var out []string
	again := "deliver again: what stands is found, and only the rest is done"
	for _, p := range r.places {
		switch im := p.report.Image; {
		case im.Outcome != Failed || im.ID == "":
		case im.State == string(ec2types.ImageStateAvailable):
			out = append(out, fmt.Sprintf("%s: image %s is available and not all that it should be: remove the cause, then deliver again",
				p.target, im.ID))
		default:
			out = append(out, fmt.Sprintf("%s: image %s is %s: remove the cause, then deliver again; the failed image is replaced",
				p.target, im.ID, orUnknown(im.State)))
		}
		for _, g := range p.groups {
			switch rep := g.report; {
			case rep.Outcome == Interrupted && rep.RefreshID != "":
				out = append(out, fmt.Sprintf("%s: refresh %s of group %s goes on at AWS: deliver again to follow it",
					p.target, rep.RefreshID, g.name))
			case rep.Outcome == InPart:
				out = append(out, fmt.Sprintf("%s: group %s still has %s: end their protection or standby, or raise the last checkpoint, then deliver again",
					p.target, g.name, strings.Join(rep.NotReplaced, ", ")))
			case rep.Outcome == RolledBack:
				out = append(out, fmt.Sprintf("%s: group %s runs version %d of %s again: "+
					"repair the image and deliver it under a new name", p.target, g.name, rep.From, rep.TemplateID))
			case rep.Outcome == Failed && rep.RefreshID != "":
				out = append(out, fmt.Sprintf("%s: group %s still launches version %d of %s, but instances of version %d may run in it: "+
					"repair the image and deliver it under a new name, or deliver again with Retry",
					p.target, g.name, rep.From, rep.TemplateID, rep.To))
			}
		}
	}
	if len(out) == 0 && r.report.Outcome != NotStarted {
		out = append(out, again)
	}
	return out
}

func orUnknown(state string) string {
	if state == "" {
		return "in an unknown state"
	}
	return state
}

// outcomes lists the outcome of everything in the report.
func (r *Report) outcomes() []Outcome {
	var out []Outcome
	if r.Source != nil {
		out = append(out, r.Source.Outcome)
	}
	for _, t := range r.Targets {
		out = append(out, t.Image.Outcome)
		for _, l := range t.Templates {
			out = append(out, l.Outcome)
		}
		for _, g := range t.Groups {
			out = append(out, g.Outcome)
		}
	}
	return out
}
