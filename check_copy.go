package readyami

import (
	"context"
	"errors"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/step"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// checkCopy finds a copy that AWS would refuse, or accept and then fail: of an image
// that the account of the target may not copy, without the key that the copy of an
// encrypted image needs, or with a key that cannot be used.
func checkCopy(ctx context.Context, w *world, look *facts.Look, place int) ([]plan.Finding, error) {
	d := w.delivery
	if d.Source.IsZero() || place == w.home || place >= len(d.Targets) || look.Places[place].Image.ID != "" {
		return nil, nil
	}
	t := d.Targets[place]
	if source := look.Places[w.home].Image.Raw; source != nil {
		in := step.CopyInput(d, &t, source, w.targets[w.home].Region)
		if err := errors.Join(ami.Copyable(*source, w.targets[place].Account), in.Check(w.targets[place].Region)); err != nil {
			return blockers(err)
		}
	}
	if !t.Encrypted {
		return nil, nil
	}
	return blockers(region.CheckKey(ctx, w.clients[place], t.KMSKeyID))
}

// blockers are the findings that an error stands for which AWS's refusal would be. An
// error without a sentinel is one of the check itself.
func blockers(err error) ([]plan.Finding, error) {
	if err == nil {
		return nil, nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind == nil {
		return nil, err
	}
	return []plan.Finding{{Code: e.Code(), Severity: plan.SeverityBlocker, Resource: e.ID, Detail: detailOf(e), Hint: e.Hint}}, nil
}
