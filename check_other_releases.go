package readyami

import (
	"context"
	"fmt"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/plan"
)

// checkOtherReleases finds an image that another release was rolled back from.
func checkOtherReleases(_ context.Context, w *world, look *facts.Look, place int) ([]plan.Finding, error) {
	by := look.Places[place].Image.Rejected
	if by == "" || by == w.delivery.Name {
		return nil, nil
	}
	return []plan.Finding{{
		Code: fault.CodeOf(ErrRejected), Severity: plan.SeverityBlocker, Resource: look.Places[place].Image.ID,
		Detail: fmt.Sprintf("the release %q was rolled back from this image", by),
	}}, nil
}
