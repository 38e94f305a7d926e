package ami

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// Status is what a watch knows of one image. Each is a value of its own: a
// caller may keep it.
type Status struct {
	ImageID string
	// State as AWS says; empty while AWS does not show the image.
	State types.ImageState
	// Image as last read; nil while AWS does not show it.
	Image *types.Image
	// Progress of its snapshots in percent, weighted by their sizes. It is read
	// with Options.Progress only, and for an image that has failed. Zero also
	// where AWS does not say.
	Progress int
	// Elapsed since the watch began.
	Elapsed time.Duration
	// Done says that nothing more will come of this image.
	Done bool
	// LastErr is why the latest read failed, where the watch goes on
	// nevertheless; nil after a read that succeeded.
	LastErr error
	// Err is why the image will not become available; nil while it may, and
	// when it is.
	Err error
}

// subject is a Status in the making.
type subject struct {
	Status
	changed bool          // since it was last yielded
	known   bool          // AWS has shown it
	missing int           // reads in a row that did not show it
	bare    time.Duration // since when it is available without all snapshot ids

	measuring      bool   // a change of Progress is news
	snapshots      string // their progress in words
	snapshotReason string // why one of them failed
}

// retried notes an error that the watch outlasts. Another error of the same
// code is no news.
func (s *subject) retried(err error, elapsed time.Duration) {
	if s.LastErr == nil || fault.Code(s.LastErr) != fault.Code(err) {
		s.changed = true
	}
	s.LastErr, s.Elapsed = err, elapsed
}

// saw takes in what AWS shows of the image.
func (s *subject) saw(ctx context.Context, img *types.Image, elapsed time.Duration, w *watch) {
	s.changed = s.changed || !s.known || s.State != img.State
	s.known, s.missing = true, 0
	s.State, s.Image, s.Elapsed, s.LastErr = img.State, img, elapsed, nil
	switch img.State {
	case types.ImageStateAvailable:
		if s.bare == 0 {
			s.bare = max(elapsed, 1)
		}
		// A copy may be available a moment before its snapshots are listed. A
		// volume that was added empty never has one.
		if complete(img) || elapsed-s.bare >= w.opts.Poll.Grace {
			s.done(nil)
		}
	case types.ImageStateFailed, types.ImageStateError, types.ImageStateInvalid:
		w.measure(ctx, []*subject{s})
		s.done(w.failed(s, ErrFailed))
	case types.ImageStateDisabled:
		s.done(w.failed(s, ErrDisabled))
	case types.ImageStateDeregistered:
		s.done(w.failed(s, ErrDeregistered))
	}
}

// lost takes in that a read did not show the image.
func (s *subject) lost(elapsed time.Duration) {
	s.missing++
	s.Elapsed, s.LastErr = elapsed, nil
}

func (s *subject) done(err error) {
	s.Done, s.Err, s.changed = true, err, true
}

// complete reports whether every EBS volume has its snapshot.
func complete(img *types.Image) bool {
	for _, m := range img.BlockDeviceMappings {
		if m.Ebs != nil && aws.ToString(m.Ebs.SnapshotId) == "" {
			return false
		}
	}
	return true
}

// failed is the error of an image that ended in a state that is not available.
func (w *watch) failed(s *subject, kind error) *Error {
	e := &Error{Op: w.op, Account: w.opts.Account, Region: w.opts.Region, ID: s.ImageID, State: string(s.State), Elapsed: s.Elapsed, Kind: kind}
	if s.Image != nil && s.Image.StateReason != nil {
		code, message := aws.ToString(s.Image.StateReason.Code), aws.ToString(s.Image.StateReason.Message)
		e.Reason, e.Hint = joined(code, message), hint(code, message)
	}
	e.Progress = s.snapshots
	if e.Hint == "" {
		e.Hint = hint("", s.snapshotReason)
	}
	return e
}

func joined(code, message string) string {
	if code == "" || message == "" {
		return code + message
	}
	return code + ": " + message
}
