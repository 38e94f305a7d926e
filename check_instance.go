package readyami

import (
	"context"
	"errors"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/step"
	"github.com/readyami/readyami/plan"
)

// checkInstance finds an instance that no image can be created of, or that must not be
// stopped for it. It asks only while there is no image.
func checkInstance(ctx context.Context, w *world, look *facts.Look, place int) ([]plan.Finding, error) {
	source := w.delivery.Source.Instance
	if source == nil || place != w.home || look.Places[place].Image.ID != "" {
		return nil, nil
	}
	in := step.CreateInput(w.delivery)
	in.AutoScaling = w.clients[place].AutoScaling
	check := ami.CheckCreate
	if source.Reboot == plan.StopFirst {
		check = ami.CheckCreateStopped
	}
	err := check(ctx, w.clients[place].EC2, in)
	e, ours := errors.AsType[*Error](err)
	if !ours || e.Kind == nil {
		return nil, err
	}
	return []plan.Finding{{Code: e.Code(), Severity: plan.SeverityBlocker, Resource: e.ID, Detail: detailOf(e), Hint: e.Hint}}, nil
}
