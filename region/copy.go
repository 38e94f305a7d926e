package region

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/fanout"
)

const defaultLimit = 16

// Options say how an image is copied.
type Options struct {
	// Poll says when waits read; the zero value is the default of package ami.
	Poll ami.Schedule
	// Limit is how many copies are being started at the same time; those that
	// run do not count. Zero: 16.
	Limit int
	// Progress has events tell how far the snapshots of pending copies are, which
	// takes one further call a tick and target. False: events do not tell.
	Progress bool
	// OnEvent is called for each change of each image: one call at a time, in a
	// goroutine of its own, and for the last time before the function returns. It
	// may take its time and call AWS: no copy waits for it. Optional.
	OnEvent func(Event)
}

// Queued is the state of a copy that is waiting for its turn: for other copies
// into the same target to be done, or for AWS to allow more of them. It is none
// of AWS's states; AWS does not know of the copy yet.
const Queued types.ImageState = "queued"

// Event is a change of the image of one target.
type Event struct {
	Target  Target
	ImageID string
	// State as AWS says, or [Queued]; empty while AWS does not show the image.
	State types.ImageState
	// Progress of its snapshots in percent, as in [ami.Status].
	Progress int
	// Elapsed since the copy was called.
	Elapsed time.Duration
	// Err is an error that the wait outlasts, or what the target failed of;
	// nil: neither.
	Err error
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
	// Leftover are snapshots of a failed copy that this one took the place of,
	// which AWS did not delete. One of before AWS took the copy has no code.
	Leftover []types.DeleteSnapshotReturnCode
	// Skipped says that the account has not enabled the Region and nothing was
	// tried. It is no failure.
	Skipped bool
	// Removed says that the copy, which this call had made, was removed again
	// with its snapshots, as [FailurePolicyAllOrNothing] asks for.
	Removed bool
	// Err is why the target has no image that is available; nil: it has one, or
	// was skipped.
	Err error
}

// Copy gives each target an image of the source: a copy of its own, or the
// source itself where it is in that target already, which costs nothing. It
// returns when every image is available or has failed. No target waits for
// another, and the failure of one stops no other, unless the policy says so.
//
// The source may be pending: its copies start when it is available. Copies that
// stand already, configured or not, are adopted as in [ami.Copy], so that the
// same call again, by another process too, goes on with what is missing.
//
// Before the first write it finds out, for all targets, that their Regions are
// enabled, that no other image has the name, and that the keys can be used; and
// that the source can be copied. A copy of an encrypted source is encrypted
// always. An encrypted copy is read back when it is available, and is a failure
// where its key is another.
//
// AWS copies a limited number of snapshots into a Region at a time. A pool
// starts so many copies as its limit allows, an image counting once for each
// volume, and goes on trying where AWS allows fewer. What waits for that is
// [Queued] in events; only ctx ends it.
//
// The results are in the order of the targets, and the error joins theirs. Where
// something is refused beforehand there are no results.
//
// Errors: [ErrInvalidInput]; [ErrRegionNotEnabled], [ErrWrongAccount];
// [ErrKeyUnusable]; [ami.ErrUnsupported]; [ErrRemoved]; [ami.ErrDiffers]; and those of
// ami.Copy and [ami.Wait].
//
// Calls and IAM actions: those of [ClientPool.Preflight], ami.Copy and ami.Wait; for
// encrypted copies kms:DescribeKey and ec2:DescribeSnapshots, with a default key
// ec2:GetEbsDefaultKmsKeyId; under FailurePolicyAllOrNothing ec2:DeregisterImage and
// ec2:DeleteSnapshot.
func Copy(ctx context.Context, pool *ClientPool, in CopyInput, optFns ...func(*Options)) ([]CopyResult, error) {
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
	c := &copying{in: in, pool: pool, opts: o, start: time.Now(), starts: make(chan struct{}, o.Limit)}
	c.events = fanout.NewSink(o.OnEvent)
	defer c.events.Close()
	if err := c.survey(ctx); err != nil {
		return nil, err
	}
	results := c.run(ctx)
	errs := make([]error, len(results))
	for i, r := range results {
		errs[i] = r.Err
	}
	return results, errors.Join(errs...)
}
