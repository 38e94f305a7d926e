package region

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/internal/fault"
)

const defaultLimit = 16

// Options say how an image is copied.
type Options struct {
	// Poll says when waits read; the zero value is the default of package ami.
	Poll ami.Schedule
	// Limit is how many copies are being started at the same time; those that
	// run do not count. Zero: 16.
	Limit int
	// OnEvent is told of each change of each image, one call at a time. Nil: nobody is.
	OnEvent func(Event)
}

// Event is a change of the image of one target.
type Event struct {
	Target  Target
	ImageID string
	// State as AWS says; empty while AWS does not show the image.
	State types.ImageState
	// Elapsed since the copy was called.
	Elapsed time.Duration
	// Err is an error that the wait outlasts, or what the target failed of;
	// nil: neither.
	Err error
}

// CopyInput says which image is copied, and where to.
type CopyInput struct {
	// Source is where the image is. Required, like the next two.
	Source        Target
	SourceImageID string
	// Name of each copy, as in [ami.CopyInput].
	Name string
	// Description of each copy, at most 255 characters. Empty: none.
	Description string
	// Targets that shall have the image, each once. Either all targets and the
	// source name their account, or none does. Required.
	Targets []Destination
	// CopyTags puts the tags of the source on the copies and their snapshots
	// too, except those of AWS and of this module; Tags win over them.
	CopyTags bool
	// Tags of the copies and their snapshots, as in [ami.CopyInput].
	Tags map[string]string
	// Revision tells copies of the same image apart, as in [ami.CopyInput].
	Revision string
}

// Destination is a target and how the copy in it is encrypted.
type Destination struct {
	Target
	// Encrypted, KMSKeyID and UseRegionDefaultKey are as in [ami.CopyInput]. A
	// copy of an encrypted image is encrypted always and needs one of the last
	// two. The target of the source gets no copy and may set none of them.
	Encrypted           bool
	KMSKeyID            string
	UseRegionDefaultKey bool
}

// CopyResult is what one target has.
type CopyResult struct {
	Target Target
	// ImageID is empty where no copy was made.
	ImageID string
	// Image as last read; nil while AWS has not shown it.
	Image *types.Image
	// Adopted says that the image stood already.
	Adopted bool
	// Err is why the target has no image that is available; nil: it has one.
	Err error
}

// Copy gives each target an image of the source: a copy of its own, or the
// source itself where it is in that target already, which costs nothing. It
// returns when every image is available or has failed. No target waits for
// another, and the failure of one stops no other.
//
// The source may be pending: its copies start when it is available. Copies that
// stand already, finished or not, are adopted as in [ami.Copy], so that the
// same call again, by another process too, goes on with what is missing. Where
// AWS answers a call that it has seen before with an image that is deregistered
// since, the copy is made anew.
//
// The results are in the order of the targets, and the error joins theirs. A
// source that is not available makes no results.
//
// Errors: [ErrInvalidInput], and those of [ami.Copy] and [ami.Wait].
//
// Calls and IAM actions: those of ami.Copy and ami.Wait.
func Copy(ctx context.Context, pool *Pool, in CopyInput, optFns ...func(*Options)) ([]CopyResult, error) {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.Limit < 1 {
		o.Limit = defaultLimit
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	c := &copying{in: in, pool: pool, opts: o, start: time.Now(), slots: make(chan struct{}, o.Limit)}
	if err := c.source(ctx); err != nil {
		return nil, err
	}
	results := fanout.Map(in.Targets, len(in.Targets), func(d Destination) CopyResult { return c.to(ctx, d) })
	errs := make([]error, len(results))
	for i, r := range results {
		errs[i] = r.Err
	}
	return results, errors.Join(errs...)
}

func (in *CopyInput) check() error {
	const op = "region.Copy"
	if err := in.Source.check(op); err != nil {
		return err
	}
	if len(in.Targets) == 0 {
		return fault.Invalid(op, "", "Targets: none is given")
	}
	given := make(map[Target]bool, len(in.Targets))
	for _, d := range in.Targets {
		if err := d.check(op); err != nil {
			return err
		}
		switch {
		case given[d.Target]:
			return fault.Invalid(op, d.Region, "Targets: %s is given twice", d.Target)
		case (d.Account == "") != (in.Source.Account == ""):
			return fault.Invalid(op, d.Region, "Targets: %s: name the account of the source and of all targets, or of none", d.Target)
		case d.Target == in.Source && (d.Encrypted || d.KMSKeyID != ""):
			return fault.Invalid(op, d.Region, "Targets: %s has the source itself, which cannot be encrypted", d.Target)
		}
		given[d.Target] = true
		if d.Target == in.Source {
			continue
		}
		if err := in.of(d).Check(d.Region); err != nil {
			return at(err, d.Target)
		}
	}
	return nil
}

// of is what is copied into one target.
func (in *CopyInput) of(d Destination) ami.CopyInput {
	return ami.CopyInput{
		SourceImageID: in.SourceImageID,
		SourceRegion:  in.Source.Region,
		Name:          in.Name,
		Description:   in.Description,
		Encrypted:     d.Encrypted,
		KMSKeyID:      d.KMSKeyID,
		Tags:          in.Tags,
		Revision:      in.Revision,
	}
}
