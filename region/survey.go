package region

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// plan is what is known of one target before anything is written in any.
type plan struct {
	skipped  bool
	account  string // of the target
	clients  *ClientSet
	input    ami.CopyInput
	surveyed bool              // AWS has said what stands
	stands   *ami.CreateResult // the copy that is there already
	key      string            // the ARN that its snapshots are to be encrypted with
	written  bool              // CopyImage was called, whatever it answered
}

// survey finds out what a copy would be refused for, in all targets. What fails
// for another reason, such as a Region that does not answer, is left to that
// target: one bad Region does not stop the others.
func (c *copying) survey(ctx context.Context) error {
	c.plans = make([]*plan, len(c.in.Targets))
	for i := range c.plans {
		c.plans[i] = &plan{}
	}
	if err := c.preflight(ctx); err != nil {
		return err
	}
	if err := c.source(ctx); err != nil {
		return err
	}
	refusals := make([]error, len(c.plans))
	fanout.Each(len(c.plans), c.opts.Limit, func(i int) { refusals[i] = c.inspect(ctx, i) })
	return errors.Join(refusals...)
}

// preflight finds out which targets can be used at all.
func (c *copying) preflight(ctx context.Context) error {
	targets := []Target{}
	for _, d := range c.in.Targets {
		targets = append(targets, d.Target)
	}
	if !slices.Contains(targets, c.in.Source) {
		targets = append(targets, c.in.Source)
	}
	full, errs := c.pool.usable(ctx, targets)
	for i := range c.plans {
		c.plans[i].account = full[i].Account
		if c.in.SkipDisabled && errors.Is(errs[i], ErrRegionNotEnabled) {
			c.plans[i].skipped, errs[i] = true, nil
		}
	}
	return errors.Join(errs...)
}

// source waits for the source, refuses what cannot be copied as soon as AWS
// shows it, and takes over its tags.
func (c *copying) source(ctx context.Context) error {
	clients, err := c.pool.Clients(ctx, c.in.Source)
	if err != nil {
		return err
	}
	first := true
	for s, err := range ami.Watch(ctx, clients.EC2, []string{c.in.SourceImageID}, c.waiting) {
		if err == nil && s.Image != nil {
			c.image = *s.Image
			err = c.copyable()
		}
		if err == nil && first && !s.Done {
			if err := c.names(ctx); err != nil {
				return err
			}
		}
		first = false
		if err == nil {
			err = s.Err
		}
		if err != nil {
			return err
		}
	}
	for _, m := range c.image.BlockDeviceMappings {
		if m.Ebs != nil && aws.ToBool(m.Ebs.Encrypted) {
			c.encrypted = true
		}
		if m.Ebs != nil && m.Ebs.SnapshotId != nil {
			c.volumes++
		}
	}
	if _, given := c.in.Tags[ami.TagFamily]; c.in.Family == "" && !given {
		c.in.Family = ami.Tag(c.image.Tags, ami.TagFamily)
	}
	if !c.in.CopyTags {
		return nil
	}
	// Not CopyImageTags: AWS does not say what it does with a tag that is given
	// twice, and leaves out the tags of a source in another account.
	tags := map[string]string{}
	for _, t := range c.image.Tags {
		k := aws.ToString(t.Key)
		if !strings.HasPrefix(k, "aws:") && !strings.HasPrefix(k, "readyami:") {
			tags[k] = aws.ToString(t.Value)
		}
	}
	maps.Copy(tags, c.in.Tags)
	c.in.Tags = tags
	return nil
}

// names finds out that another image has the name before hours are spent waiting
// for the source. What has its tag may be ours: that is looked at later.
func (c *copying) names(ctx context.Context) error {
	source := c.in.Source.Region + "/" + c.in.SourceImageID
	refusals := make([]error, len(c.plans))
	fanout.Each(len(c.plans), c.opts.Limit, func(i int) {
		t := c.in.Targets[i].Target
		if c.plans[i].skipped || t == c.in.Source {
			return
		}
		clients, err := c.pool.Clients(ctx, t)
		if err != nil {
			return
		}
		holder, err := ami.FindByName(ctx, clients.EC2, c.in.Name)
		if err == nil && holder != nil && ami.Tag(holder.Tags, ami.TagSource) != source {
			refusals[i] = &Error{
				Op: "region.Copy", Account: t.Account, Region: t.Region, ID: aws.ToString(holder.ImageId),
				State: string(holder.State), Kind: ami.ErrNameTaken, Hint: "choose another name",
			}
		}
	})
	return errors.Join(refusals...)
}

func (c *copying) copyable() error {
	for i, p := range c.plans {
		if p.skipped || c.in.Targets[i].Target == c.in.Source {
			continue
		}
		if err := ami.Copyable(c.image, p.account); err != nil {
			e := err.(*Error)
			e.Op, e.Account, e.Region = "region.Copy", c.in.Source.Account, c.in.Source.Region
			return e
		}
	}
	return nil
}

// inspect plans one target. Its error is why nothing may be copied anywhere.
func (c *copying) inspect(ctx context.Context, i int) error {
	d, p := c.in.Targets[i], c.plans[i]
	if p.skipped || d.Target == c.in.Source {
		return nil
	}
	p.input = c.in.of(d)
	if c.encrypted {
		p.input.Encrypted = true
	}
	if err := p.input.Check(d.Region); err != nil {
		if c.encrypted && !d.Encrypted {
			if e, ok := err.(*Error); ok {
				e.Hint = "the source is encrypted, and so is every copy of it"
			}
		}
		return at(err, d.Target)
	}
	var err error
	if p.clients, err = c.pool.Clients(ctx, d.Target); err != nil {
		return nil
	}
	p.stands, err = ami.FindCopy(ctx, p.clients.EC2, p.input, c.waiting)
	if errors.Is(err, ami.ErrNameTaken) {
		return err
	}
	p.surveyed = err == nil
	if p.input.Encrypted {
		// Any other error passes, or comes again as the copy is read back.
		p.key, err = key(ctx, p.clients, p.input.KMSKeyID)
		if errors.Is(err, ErrKeyUnusable) {
			return err
		}
	}
	return nil
}

// readBack finds a copy that is encrypted otherwise than it was asked to be, one
// that stood before too: an earlier call may have failed of that.
func (c *copying) readBack(ctx context.Context, p *plan, r *CopyResult) error {
	if !p.input.Encrypted {
		return nil
	}
	const op = "region.Copy"
	var found []ami.Difference
	s := c.schedule()
	for elapsed, err := range poll.Ticks(ctx, s) {
		if err != nil {
			return &Error{Op: op, Account: r.Target.Account, Region: r.Target.Region, ID: r.ImageID, State: string(r.Image.State), Err: err}
		}
		if p.key == "" {
			p.key, err = key(ctx, p.clients, p.input.KMSKeyID)
		}
		if err != nil && ctx.Err() == nil && fault.Transient(err) && elapsed < s.Grace {
			continue
		}
		if err != nil {
			return unread(ctx, r, err)
		}
		found, err = ami.Verify(ctx, p.clients.EC2, ami.VerifyInput{
			ImageID: r.ImageID, Image: r.Image, Source: c.image, Encrypted: true, KMSKeyID: p.key,
		}, c.waiting)
		if err != nil || len(found) == 0 {
			return err
		}
		if elapsed >= s.Grace || !slices.ContainsFunc(found, unseen) {
			break
		}
	}
	e := &Error{Op: op, Account: r.Target.Account, Region: r.Target.Region, ID: r.ImageID, State: string(r.Image.State), Kind: ami.ErrDiffers}
	e.Reason = differences(found)
	return e
}

// unread is why the key of a copy is not known.
func unread(ctx context.Context, r *CopyResult, err error) error {
	if errors.Is(err, ErrKeyUnusable) {
		return err
	}
	if ended := poll.Ended(ctx); ended != nil {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	e := fault.Call("region.Copy", fault.Place(r.Target), r.ImageID, err)
	e.Hint = "the copy stands, and its key was not read back"
	return e
}

// unseen is a snapshot that AWS does not show yet.
func unseen(d ami.Difference) bool { return strings.HasSuffix(d.Field, " SnapshotId") && d.Got == "" }

func differences(list []ami.Difference) string {
	words := make([]string, len(list))
	for i, d := range list {
		words[i] = fmt.Sprint(d)
	}
	return strings.Join(words, "; ")
}
