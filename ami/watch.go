package ami

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// batch is how many values the filters of one call may have.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
const batch = 200

var _ ec2.DescribeImagesAPIClient = (*ec2.Client)(nil)

// Watch yields the status of each image when it is first seen and on every
// change, until all are done: available with all snapshots listed, or failed,
// error, invalid, disabled, deregistered or gone, which is an error in that
// image's Status. Images of any owner, deprecated ones too, can be watched.
//
// All images that are not done are read in one call for every 200 of them,
// at the pauses of Options.Poll. An image that AWS does not show yet has the
// empty state for the schedule's grace; then one read by its id decides whether
// it is there. If not, it is [ErrNotVisible]. One that was seen and vanishes is
// gone ([ErrDeregistered]). An
// image with an EBS volume that has no snapshot, as one that was added empty,
// is done when it has been available for the grace.
//
// Throttling, server errors and broken connections are outlasted, and visible
// as Status.LastErr. Every other error, and the end of ctx, which is the only
// deadline, is yielded as the error, with the ids that were not done, and ends
// the watch. Leaving the loop stops watching and nothing else. Each range over
// the result is a watch of its own.
//
// An error has how far the snapshots of a failed or unfinished image are, where
// api can read them ([ec2.DescribeSnapshotsAPIClient]), as a client can. That
// is one more call, of at most 5 s when ctx has ended, and may fail or be
// refused without a trace.
//
// Without ids the watch ends at once. An id that is none is [ErrInvalidInput].
//
// Calls and IAM actions: ec2:DescribeImages; ec2:DescribeSnapshots, if allowed.
func Watch(ctx context.Context, api ec2.DescribeImagesAPIClient, ids []string, optFns ...func(*Options)) iter.Seq2[*Status, error] {
	ids = slices.Clone(ids)
	return func(yield func(*Status, error) bool) {
		newWatch("ami.Watch", api, resolve(api, optFns)).run(ctx, ids, yield)
	}
}

type watch struct {
	op   string
	api  ec2.DescribeImagesAPIClient
	opts Options
	open []*subject // not done, in input order
}

func newWatch(op string, api ec2.DescribeImagesAPIClient, o Options) *watch {
	return &watch{op: op, api: api, opts: o}
}

func (w *watch) run(ctx context.Context, ids []string, yield func(*Status, error) bool) {
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if err := checkImageID(w.op, w.opts.place(), "ids", id); err != nil {
			yield(nil, err)
			return
		}
		if !seen[id] {
			seen[id] = true
			w.open = append(w.open, &subject{Status: Status{ImageID: id}, changed: true, measuring: w.opts.Progress})
		}
	}
	if len(w.open) == 0 {
		return
	}
	for elapsed, err := range poll.Ticks(ctx, w.opts.Poll) {
		if err != nil {
			yield(nil, w.ended(ctx, err, elapsed))
			return
		}
		for part := range slices.Chunk(w.open, batch) {
			if err := w.read(ctx, part, elapsed); err != nil {
				yield(nil, err)
				return
			}
			if w.opts.Progress {
				w.measure(ctx, pending(part))
			}
			for _, s := range part {
				if !s.changed {
					continue
				}
				s.changed = false
				if !yield(new(s.Status), nil) {
					return
				}
			}
		}
		w.open = slices.DeleteFunc(w.open, func(s *subject) bool { return s.Done })
		if len(w.open) == 0 {
			return
		}
	}
}

// read brings one batch up to date. Its error ends the watch.
func (w *watch) read(ctx context.Context, part []*subject, elapsed time.Duration) error {
	ids := make([]string, len(part))
	for i, s := range part {
		ids[i] = s.ImageID
	}
	// By the filter, since asking for ids fails as a whole for one unknown.
	images, err := describe(ctx, w.api, &ec2.DescribeImagesInput{
		Filters:           []types.Filter{{Name: new("image-id"), Values: ids}},
		IncludeDeprecated: new(true),
		IncludeDisabled:   new(true),
		MaxResults:        new(int32(pageSize)),
	})
	if err != nil {
		return w.outlast(ctx, part, err, elapsed)
	}
	shown := make(map[string]*types.Image, len(images))
	for i := range images {
		shown[aws.ToString(images[i].ImageId)] = &images[i]
	}
	for _, s := range part {
		if img := shown[s.ImageID]; img != nil {
			s.saw(ctx, img, elapsed, w)
			continue
		}
		s.lost(elapsed)
		// One read may be of an older state than the one before it.
		if s.known && s.missing < 2 || !s.known && elapsed < w.opts.Poll.Grace {
			continue
		}
		img, err := byID(ctx, w.api, s.ImageID)
		switch {
		case err != nil:
			if err := w.outlast(ctx, []*subject{s}, err, elapsed); err != nil {
				return err
			}
		case img != nil:
			s.saw(ctx, img, elapsed, w)
		case !s.known:
			s.done(w.failed(s, ErrNotVisible))
		default:
			s.done(w.failed(s, ErrDeregistered))
		}
	}
	return nil
}

// pending are the images whose snapshots are being made.
func pending(list []*subject) (out []*subject) {
	for _, s := range list {
		if s.State == types.ImageStatePending {
			out = append(out, s)
		}
	}
	return out
}

// outlast notes an error that passes by itself, and returns any other.
func (w *watch) outlast(ctx context.Context, part []*subject, err error, elapsed time.Duration) error {
	if ended := poll.Ended(ctx); ended != nil {
		return w.ended(ctx, ended, elapsed)
	}
	if !fault.Transient(err) {
		return w.over(fault.Call(w.op, w.opts.place(), "", err), elapsed)
	}
	for _, s := range part {
		s.retried(err, elapsed)
	}
	return nil
}

// ended reports the end of ctx, with the last error of AWS if there was one and
// how far the snapshots are, which a call of its own tells.
func (w *watch) ended(ctx context.Context, err error, elapsed time.Duration) error {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWord)
	defer cancel()
	w.measure(bounded, pending(w.open))
	for _, s := range w.open {
		if s.LastErr != nil {
			err = after(err, s.LastErr)
			break
		}
	}
	return w.over(&Error{Op: w.op, Account: w.opts.Account, Region: w.opts.Region, Err: err}, elapsed)
}

// over names in e the images that were not done, and how far they were.
func (w *watch) over(e *Error, elapsed time.Duration) error {
	var order []string
	in := map[string][]string{}
	for _, s := range w.open {
		if s.Done {
			continue
		}
		state := string(s.State)
		if state == "" {
			state = "not visible"
		}
		if in[state] == nil {
			order = append(order, state)
		}
		in[state] = append(in[state], s.ImageID)
		e.IDs = append(e.IDs, s.ImageID)
	}
	e.State, e.Elapsed, e.Progress = strings.Join(order, ""), elapsed, w.progress()
	if len(order) > 1 {
		for i, state := range order {
			order[i] = state + " " + strings.Join(in[state], " ")
		}
		e.State = strings.Join(order, ", ")
	}
	if len(e.IDs) == 1 {
		e.ID, e.IDs = e.IDs[0], nil
	}
	return e
}
