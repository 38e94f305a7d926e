package readyami

import (
	"context"
	"fmt"
	"strings"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/plan"
)

// checkAlias finds launch templates that take their image from a parameter.
func checkAlias(_ context.Context, _ *world, look *facts.Look, place int) ([]plan.Finding, error) {
	var out []plan.Finding
	at := &look.Places[place]
	for i := range at.Groups {
		for _, l := range at.Groups[i].Launch {
			if l.Template < 0 {
				continue
			}
			t := &at.Templates[l.Template]
			v := t.Version(t.Resolve(l))
			if v == nil || !strings.HasPrefix(v.Image, "resolve:") {
				continue
			}
			out = append(out, plan.Finding{
				Code: fault.CodeOf(ErrUnsupportedGroup), Severity: plan.SeverityBlocker, Resource: at.Groups[i].Name,
				Detail: fmt.Sprintf("version %d of %s takes its image from %s: AWS refuses a refresh with a desired configuration", v.Number, t.ID, v.Image),
			})
			break
		}
	}
	return out, nil
}
