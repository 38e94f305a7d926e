package readyami

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/plan"
)

// checkName finds a name that is taken by an image which is not the release's.
func checkName(ctx context.Context, w *world, look *facts.Look, place int) ([]plan.Finding, error) {
	d := w.delivery
	if d.Source.IsZero() || d.Source.Image != nil && place == w.home || place >= len(d.Targets) && d.Source.Instance == nil {
		return nil, nil
	}
	if look.Places[place].Image.ID != "" {
		return nil, nil
	}
	holder, err := ami.FindByName(ctx, w.clients[place].EC2, d.Name)
	if err != nil || holder == nil || place != w.home && ami.Tag(holder.Tags, ami.TagDelivery) == d.Name && look.Places[w.home].Image.ID == "" {
		return nil, err
	}
	return []plan.Finding{{
		Code: fault.CodeOf(ami.ErrNameTaken), Severity: plan.SeverityBlocker, Resource: aws.ToString(holder.ImageId),
		Detail: fmt.Sprintf("an image named %q exists, is %s, and is not of this release", d.Name, holder.State), Hint: "choose another name",
	}}, nil
}
