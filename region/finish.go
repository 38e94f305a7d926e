package region

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/internal/fault"
)

// Finishing is what the image of one target shall have besides what it is made
// of. Each target has an image id of its own.
type Finishing struct {
	Target
	ami.FinishInput
}

// FinishResult is what one target's image has.
type FinishResult struct {
	Target  Target
	ImageID string
	// Finished as in [ami.Finish]; nil where nothing was read.
	Finished *ami.Finished
	// Err is why the image is not finished; nil: it is.
	Err error
}

// Finish gives each image, in its own target and with the clients of that, what
// its input says, as [ami.Finish] does. First all images are checked: while one
// of them is refused, nothing is written anywhere. Then the failure of one stops
// no other, and the same call again does what is missing.
//
// The results are in the order of the input, and the error joins theirs.
//
// Errors: [ErrInvalidInput], and those of ami.Finish.
//
// Calls and IAM actions: those of ami.Finish and [ami.CheckFinish].
func Finish(ctx context.Context, pool *ClientPool, images []Finishing, optFns ...func(*Options)) ([]FinishResult, error) {
	const op = "region.Finish"
	f, err := newFinishing(op, pool, images, optFns)
	if err != nil {
		return nil, err
	}
	checked := f.all(ctx, func(c *ClientSet, in ami.FinishInput) (*ami.Finished, error) {
		return nil, ami.CheckFinish(ctx, c.EC2, kms.NewFromConfig(c.Config), in, f.waiting)
	})
	if err := joined(checked); err != nil {
		f.tell(checked)
		return checked, err
	}
	done := f.all(ctx, func(c *ClientSet, in ami.FinishInput) (*ami.Finished, error) {
		return ami.Finish(ctx, c.EC2, kms.NewFromConfig(c.Config), in, f.waiting)
	})
	f.tell(done)
	return done, joined(done)
}

// Unfinish takes back in each target what [Finish] with the same input has
// given, as [ami.Unfinish] does.
//
// The results are in the order of the input, and the error joins theirs.
//
// Errors: [ErrInvalidInput], and those of ami.Unfinish.
//
// Calls and IAM actions: those of ami.Unfinish.
func Unfinish(ctx context.Context, pool *ClientPool, images []Finishing, optFns ...func(*Options)) ([]FinishResult, error) {
	const op = "region.Unfinish"
	f, err := newFinishing(op, pool, images, optFns)
	if err != nil {
		return nil, err
	}
	done := f.all(ctx, func(c *ClientSet, in ami.FinishInput) (*ami.Finished, error) {
		return ami.Unfinish(ctx, c.EC2, in, f.waiting)
	})
	f.tell(done)
	return done, joined(done)
}

// CheckShareable tells for each destination of a copy that is to be shared, and
// before the first write, whether it can be, as [ami.CheckShareable] does. A
// source that is encrypted makes copies that are: say Encrypted for these too.
//
// The error joins one for each destination that cannot.
//
// Errors: [ErrInvalidInput], and those of ami.CheckShareable.
//
// Calls and IAM actions: those of ami.CheckShareable.
func CheckShareable(ctx context.Context, pool *ClientPool, to []Destination, optFns ...func(*Options)) error {
	const op = "region.CheckShareable"
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.Limit < 1 {
		o.Limit = defaultLimit
	}
	for _, d := range to {
		if err := d.check(op); err != nil {
			return err
		}
	}
	return errors.Join(fanout.Map(to, o.Limit, func(d Destination) error {
		clients, err := pool.Clients(ctx, d.Target)
		if err == nil {
			err = ami.CheckShareable(ctx, clients.EC2, kms.NewFromConfig(clients.Config), ami.KeyUse{Encrypted: d.Encrypted, KMSKeyID: d.KMSKeyID})
		}
		return err
	})...)
}

// finishing is one call of Finish or Unfinish.
type finishing struct {
	pool   *ClientPool
	images []Finishing
	opts   Options
	start  time.Time
}

func newFinishing(op string, pool *ClientPool, images []Finishing, optFns []func(*Options)) (*finishing, error) {
	f := &finishing{pool: pool, images: images, start: time.Now()}
	for _, fn := range optFns {
		fn(&f.opts)
	}
	if f.opts.Limit < 1 {
		f.opts.Limit = defaultLimit
	}
	type key struct {
		Target
		id string
	}
	given := make(map[key]bool, len(images))
	for _, in := range images {
		if err := in.Target.check(op); err != nil {
			return nil, err
		}
		if err := in.FinishInput.Check(in.Region); err != nil {
			return nil, at(err, in.Target)
		}
		k := key{in.Target, in.ImageID}
		if given[k] {
			return nil, fault.Invalid(op, fault.Place(in.Target), "images: %s in %s is given twice", in.ImageID, in.Target)
		}
		given[k] = true
	}
	return f, nil
}

func (f *finishing) waiting(o *ami.Options) { o.Poll = f.opts.Poll }

func (f *finishing) all(ctx context.Context, do func(*ClientSet, ami.FinishInput) (*ami.Finished, error)) []FinishResult {
	return fanout.Map(f.images, f.opts.Limit, func(in Finishing) FinishResult {
		r := FinishResult{Target: in.Target, ImageID: in.ImageID}
		clients, err := f.pool.Clients(ctx, in.Target)
		if err == nil {
			r.Finished, err = do(clients, in.FinishInput)
		}
		r.Err = err
		return r
	})
}

// tell tells of each image once, in the order of the input.
func (f *finishing) tell(results []FinishResult) {
	if f.opts.OnEvent == nil {
		return
	}
	for _, r := range results {
		e := Event{Target: r.Target, ImageID: r.ImageID, Elapsed: time.Since(f.start), Err: r.Err}
		if r.Finished != nil {
			e.State = r.Finished.Image.State
		}
		f.opts.OnEvent(e)
	}
}

func joined(results []FinishResult) error {
	errs := make([]error, len(results))
	for i, r := range results {
		errs[i] = r.Err
	}
	return errors.Join(errs...)
}
