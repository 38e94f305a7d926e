package readyami

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/internal/step"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// world is where a release takes place: its places with their clients.
type world struct {
	client   *Client
	delivery *plan.Delivery
	release  string
	targets  []region.Target // of the places
	clients  []*region.ClientSet
	home     int
}

// worldOf is the world of a plan.
func (c *Client) worldOf(ctx context.Context, p *plan.Plan) (*world, error) {
	w := &world{client: c, delivery: &p.Delivery, release: p.Release, home: p.Home}
	for i := range p.Places {
		w.targets = append(w.targets, region.Target{Account: p.Places[i].Account, Region: p.Places[i].Region})
	}
	return w, w.connect(ctx)
}

// places are the targets of a delivery, and after them the place of its source if
// that is no target. They have no accounts yet if the delivery names none.
func places(d *plan.Delivery) []region.Target {
	var out []region.Target
	for _, t := range d.Targets {
		out = append(out, region.Target{Account: t.Account, Region: t.Region})
	}
	if home, ok := homeOf(d); ok && !slices.Contains(out, home) {
		out = append(out, home)
	}
	return out
}

// homeOf is the place of the source. ok is false if the targets name their images.
func homeOf(d *plan.Delivery) (home region.Target, ok bool) {
	switch s := d.Source; {
	case s.Instance != nil:
		return region.Target{Account: s.Instance.Account, Region: s.Instance.Region}, true
	case s.Image != nil:
		return region.Target{Account: s.Image.Account, Region: s.Image.Region}, true
	}
	return region.Target{}, false
}

func (w *world) connect(ctx context.Context) error {
	w.clients = make([]*region.ClientSet, len(w.targets))
	errs := make([]error, len(w.targets))
	for i, t := range w.targets {
		w.clients[i], errs[i] = w.client.pool.Clients(ctx, t)
	}
	return errors.Join(errs...)
}

// scope is what of the world a look reads. The zero scope is all of it.
type scope struct {
	// places are the indexes of the places to read. Nil: all.
	places []int
	// refreshed are the groups of each place whose refreshes are read. Nil: those with
	// a template that has a version of the release.
	refreshed map[int][]string
	// outside reads the groups outside the release, too.
	outside bool
}

// look reads the world: the source image and its marks, then the places. p is nil if
// there is no plan yet.
func (w *world) look(ctx context.Context, p *plan.Plan, s scope) (*facts.Look, error) {
	began := time.Now()
	out := &facts.Look{Places: make([]facts.Place, len(w.targets))}
	home := w.query(p, w.home, nil, s)
	source, err := facts.ReadImage(ctx, home)
	if err != nil {
		return nil, at(err, w.targets[w.home])
	}
	out.Began = w.client.now().Add(-time.Since(began)) // the first answer may have shown how the clocks differ
	out.Marks = facts.ParseMarks(w.release, source.Image.Tags)
	errs := fanout.Map(w.wanted(s), w.client.o.Limit, func(i int) error {
		q := home
		q.Known = &source
		if i != w.home {
			q = w.query(p, i, &source, s)
		}
		read, err := facts.Read(ctx, q)
		if err != nil {
			return at(err, w.targets[i])
		}
		out.Places[i] = *read
		return nil
	})
	if out.Places[w.home].Image.ID == "" {
		out.Places[w.home].Image = source.Image
	}
	return out, errors.Join(errs...)
}

// wanted are the places that a scope reads.
func (w *world) wanted(s scope) []int {
	if s.places != nil {
		return s.places
	}
	all := make([]int, len(w.targets))
	for i := range all {
		all[i] = i
	}
	return all
}

// query is what is read of a place. source is the source image, nil for its own place.
func (w *world) query(p *plan.Plan, place int, source *facts.Place, s scope) facts.Query {
	d := w.delivery
	q := facts.Query{Now: w.client.now(), Clients: w.clients[place], Delivery: d, Release: w.release, Outside: s.outside}
	q.Image.Progress = w.client.o.OnEvent != nil
	target := &plan.Target{}
	if place < len(d.Targets) {
		target = &d.Targets[place]
		q.Groups = target.Groups
		q.Image.Attributes = step.AttributesInput(d.Attributes)
	}
	if s.refreshed != nil {
		q.Refreshed = s.refreshed[place]
		if q.Refreshed == nil {
			q.Refreshed = []string{}
		}
	}
	if p != nil {
		q.Templates = p.Places[place].Templates
	}
	switch {
	case d.Source.IsZero():
		q.Image.ID = target.ImageID
	case place == w.home && d.Source.Image != nil:
		q.Image.ID = d.Source.Image.ImageID
	case place == w.home:
		q.Image.Intent = step.CreateInput(d).Intent()
		if d.Source.Instance.Reboot == plan.StopFirst {
			q.Image.Instance = d.Source.Instance.InstanceID
		}
	case source != nil && source.Image.Raw != nil:
		in := step.CopyInput(d, target, source.Image.Raw, w.targets[w.home].Region)
		q.Image.Intent = in.Intent()
		for _, m := range source.Image.Raw.BlockDeviceMappings {
			if m.Ebs != nil && aws.ToString(m.Ebs.SnapshotId) != "" {
				q.Image.Devices = append(q.Image.Devices, aws.ToString(m.DeviceName))
			}
		}
		if in.Encrypted {
			q.Image.Verify = &region.VerifyCopyInput{Source: *source.Image.Raw, KMSKeyID: in.KMSKeyID}
		}
	}
	if place == w.home && !d.Source.IsZero() {
		q.Image.Share = w.share()
	}
	return q
}

// share is what the source image needs so that the other accounts can copy it.
func (w *world) share() *ami.ConfigureInput {
	var accounts []string
	own := w.targets[w.home].Account
	for _, t := range w.targets {
		if t.Account != own && !slices.Contains(accounts, t.Account) {
			accounts = append(accounts, t.Account)
		}
	}
	return step.ShareInput(&plan.Place{Image: plan.Image{ShareWith: accounts}})
}

// marks reads the marks again, at the end of a look that a write rests on.
func (w *world) marks(ctx context.Context, look *facts.Look) (facts.Marks, error) {
	id := look.Places[w.home].Image.ID
	if id == "" {
		return look.Marks, nil
	}
	tags, err := facts.ReadTags(ctx, w.clients[w.home], id)
	if err != nil {
		return facts.Marks{}, at(err, w.targets[w.home])
	}
	return facts.ParseMarks(w.release, tags), nil
}

// at names the account in an error that does not know it.
func at(err error, t region.Target) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Account == "" {
		e.Account = t.Account
	}
	return err
}
