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

// ConfigureInput says what attributes the image of one target gets. Each target has
// an image ID of its own.
type ConfigureInput struct {
	Target
	ami.ConfigureInput
}

// ConfigureResult is what one target's image has.
type ConfigureResult struct {
	Target  Target
	ImageID string
	// Result as in [ami.Configure]; nil where nothing was read.
	Result *ami.ConfigureResult
	// Err is why the image is not configured; nil: it is.
	Err error
}

// Configure gives each image, in its own target and with the clients of that, what
// its input says, as [ami.Configure] does. First all images are checked: while one
// of them is refused, nothing is written anywhere. Then the failure of one stops
// no other, and the same call again does what is missing.
//
// The results are in the order of the input, and the error joins theirs.
//
// Errors: [ErrInvalidInput], and those of ami.Configure.
//
// Calls and IAM actions: those of ami.Configure and [ami.CheckConfigure].
func Configure(ctx context.Context, pool *ClientPool, images []ConfigureInput, optFns ...func(*Options)) ([]ConfigureResult, error) {
	const op = "region.Configure"
	f, err := newConfiguring(op, pool, images, optFns)
	if err != nil {
		return nil, err
	}
	checked := f.all(ctx, func(c *ClientSet, in ami.ConfigureInput) (*ami.ConfigureResult, error) {
		return nil, ami.CheckConfigure(ctx, c.EC2, kms.NewFromConfig(c.Config), in, f.waiting)
	})
	if err := joined(checked); err != nil {
		f.tell(checked)
		return checked, err
	}
	done := f.all(ctx, func(c *ClientSet, in ami.ConfigureInput) (*ami.ConfigureResult, error) {
		return ami.Configure(ctx, c.EC2, kms.NewFromConfig(c.Config), in, f.waiting)
	})
	f.tell(done)
	return done, joined(done)
}

// Unconfigure takes back in each target what [Configure] with the same input has
// given, as [ami.Unconfigure] does.
//
// The results are in the order of the input, and the error joins theirs.
//
// Errors: [ErrInvalidInput], and those of ami.Unconfigure.
//
// Calls and IAM actions: those of ami.Unconfigure.
func Unconfigure(ctx context.Context, pool *ClientPool, images []ConfigureInput, optFns ...func(*Options)) ([]ConfigureResult, error) {
	const op = "region.Unconfigure"
	f, err := newConfiguring(op, pool, images, optFns)
	if err != nil {
		return nil, err
	}
	done := f.all(ctx, func(c *ClientSet, in ami.ConfigureInput) (*ami.ConfigureResult, error) {
		return ami.Unconfigure(ctx, c.EC2, in, f.waiting)
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

// configuring is one call of Configure or Unconfigure.
type configuring struct {
	pool   *ClientPool
	images []ConfigureInput
	opts   Options
	start  time.Time
}

func newConfiguring(op string, pool *ClientPool, images []ConfigureInput, optFns []func(*Options)) (*configuring, error) {
	f := &configuring{pool: pool, images: images, start: time.Now()}
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
		if err := in.ConfigureInput.Check(in.Region); err != nil {
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

func (f *configuring) waiting(o *ami.Options) { o.Poll = f.opts.Poll }

func (f *configuring) all(ctx context.Context, do func(*ClientSet, ami.ConfigureInput) (*ami.ConfigureResult, error)) []ConfigureResult {
	return fanout.Map(f.images, f.opts.Limit, func(in ConfigureInput) ConfigureResult {
		r := ConfigureResult{Target: in.Target, ImageID: in.ImageID}
		clients, err := f.pool.Clients(ctx, in.Target)
		if err == nil {
			r.Result, err = do(clients, in.ConfigureInput)
		}
		r.Err = err
		return r
	})
}

// tell tells of each image once, in the order of the input.
func (f *configuring) tell(results []ConfigureResult) {
	if f.opts.OnEvent == nil {
		return
	}
	for _, r := range results {
		e := Event{Target: r.Target, ImageID: r.ImageID, Elapsed: time.Since(f.start), Err: r.Err}
		if r.Result != nil {
			e.State = r.Result.Image.State
		}
		f.opts.OnEvent(e)
	}
}

func joined(results []ConfigureResult) error {
	errs := make([]error, len(results))
	for i, r := range results {
		errs[i] = r.Err
	}
	return errors.Join(errs...)
}
