package readyami

import (
	"context"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
)

// placeCheck finds what would go wrong in a place, by index. It only reads. Its
// findings need no account and Region: they get those of the place.
type placeCheck func(ctx context.Context, w *world, look *facts.Look, place int) ([]plan.Finding, error)

// placeChecks are the checks of a place, in the order of their findings. Each is in a
// file of its own.
var placeChecks = []placeCheck{
	checkInstance,
	checkName,
	checkGroups,
	checkCopy,
	checkShareable,
	checkEncryption,
	checkAlias,
	checkOtherReleases,
}

// findings are what the checks of all places find.
func (w *world) findings(ctx context.Context, look *facts.Look) ([]plan.Finding, error) {
	var out []plan.Finding
	for i := range w.targets {
		for _, check := range placeChecks {
			found, err := check(ctx, w, look, i)
			if err != nil {
				return nil, at(err, w.targets[i])
			}
			for _, f := range found {
				f.Account, f.Region = w.targets[i].Account, w.targets[i].Region
				out = append(out, f)
			}
		}
	}
	return out, nil
}
