package readyami

import (
	"context"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// checkShareable finds copies that could not be shared because of the key that
// encrypts them.
func checkShareable(ctx context.Context, w *world, _ *facts.Look, place int) ([]plan.Finding, error) {
	d := w.delivery
	if d.Attributes == nil || d.Attributes.Share.IsZero() || d.Source.IsZero() || place == w.home || place >= len(d.Targets) {
		return nil, nil
	}
	t := d.Targets[place]
	return blockers(region.CheckShareable(ctx, w.client.pool, []region.Destination{{
		Target: w.targets[place], Encrypted: t.Encrypted, KMSKeyID: t.KMSKeyID, UseRegionDefaultKey: t.UseRegionDefaultKey,
	}}))
}
