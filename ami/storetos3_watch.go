package ami

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// WatchStoreToS3Input names the images that are being stored.
type WatchStoreToS3Input struct {
	// ImageIDs of the images. If empty, the watch ends immediately.
	ImageIDs []string
	// Bucket that they are stored in. Required.
	Bucket string
}

// StoreTaskStatus is what a watch knows of one task. Each is a value of its own.
type StoreTaskStatus struct {
	StoreTask
	// Elapsed since the watch began.
	Elapsed time.Duration
	// Done means that the watch is over for it: it has completed, or Err is set.
	Done bool
	// LastErr is why the latest read failed if the watch goes on regardless.
	LastErr error
	// Err is why the image will not be stored; nil if it may be, or is.
	Err error
}

var _ ec2.DescribeStoreImageTasksAPIClient = (*ec2.Client)(nil)

// WatchStoreToS3 yields the newest task of each image when it is first seen and
// on every change of its state or progress, until all have completed or failed.
//
// All are read in one list of the bucket's tasks, at the pauses of Options.Poll.
// One that AWS does not list has an empty state for the schedule's grace, and is
// [ErrNotFound] after that; AWS lists tasks for 31 days.
//
// Throttling, server errors and broken connections are outlasted, and visible as
// LastErr. Every other error, and the end of ctx, which is the only deadline, is
// yielded as the error, with the images that are not done, and ends the watch.
// Leaving the loop stops watching and nothing else.
//
// Errors: [ErrInvalidInput].
//
// Calls and IAM actions: ec2:DescribeStoreImageTasks.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeStoreImageTasks.html
func WatchStoreToS3(ctx context.Context, api ec2.DescribeStoreImageTasksAPIClient, in WatchStoreToS3Input, optFns ...func(*Options)) iter.Seq2[*StoreTaskStatus, error] {
	in.ImageIDs = slices.Clone(in.ImageIDs)
	return func(yield func(*StoreTaskStatus, error) bool) {
		watchStore(ctx, "ami.WatchStoreToS3", api, in, resolve(api, optFns), yield)
	}
}

// WaitStoreToS3 waits until all images are stored, or will not be, and drains a
// [WatchStoreToS3] to do it. It returns the tasks in the order of the images.
//
// Errors: the error joins one for each image that is not stored: [ErrFailed], with
// AWS's reason, or [ErrNotFound]. If ctx ended, or a call failed with an error that
// does not pass, it also has one that names the images that were not done.
//
// Calls and IAM actions: ec2:DescribeStoreImageTasks.
func WaitStoreToS3(ctx context.Context, api ec2.DescribeStoreImageTasksAPIClient, in WatchStoreToS3Input, optFns ...func(*Options)) ([]StoreTask, error) {
	last := map[string]StoreTask{}
	var errs []error
	watchStore(ctx, "ami.WaitStoreToS3", api, in, resolve(api, optFns), func(s *StoreTaskStatus, err error) bool {
		if err != nil {
			errs = append(errs, err)
			return false
		}
		last[s.ImageID] = s.StoreTask
		if s.Err != nil {
			errs = append(errs, s.Err)
		}
		return true
	})
	out := make([]StoreTask, len(in.ImageIDs))
	for i, id := range in.ImageIDs {
		out[i] = StoreTask{ImageID: id, Bucket: in.Bucket}
		if t, ok := last[id]; ok {
			out[i] = t
		}
	}
	return out, errors.Join(errs...)
}

func watchStore(ctx context.Context, op string, api ec2.DescribeStoreImageTasksAPIClient, in WatchStoreToS3Input, o Options, yield func(*StoreTaskStatus, error) bool) {
	if !bucketName.MatchString(in.Bucket) {
		yield(nil, fault.Invalid(op, o.place(), "invalid Bucket %q", in.Bucket))
		return
	}
	var all []*StoreTaskStatus
	for _, id := range uniq(in.ImageIDs) {
		if !imageID.MatchString(id) {
			yield(nil, fault.Invalid(op, o.place(), "invalid image ID %q in ImageIDs", id))
			return
		}
		all = append(all, &StoreTaskStatus{StoreTask: StoreTask{ImageID: id, Bucket: in.Bucket}})
	}
	open := slices.Clone(all)
	if len(open) == 0 {
		return
	}
	first := true
	for elapsed, ended := range poll.Ticks(ctx, o.Poll) {
		var tasks map[string]StoreTask
		err := ended
		if err == nil {
			tasks, err = storeTasks(ctx, api, in.Bucket)
		}
		if err != nil && (ended != nil || ctx.Err() != nil || !fault.Transient(err)) {
			yield(nil, unstored(ctx, op, o.place(), open, err, elapsed))
			return
		}
		for _, s := range open {
			changed := first
			if err != nil {
				changed = changed || s.LastErr == nil || fault.Code(s.LastErr) != fault.Code(err)
			} else if t, ok := tasks[s.ImageID]; ok {
				changed = changed || t != s.StoreTask
				s.StoreTask = t
			}
			s.LastErr, s.Elapsed = err, elapsed
			if err == nil {
				s.judge(op, o)
			}
			if (changed || s.Done) && !yield(new(*s), nil) {
				return
			}
		}
		first = false
		if open = slices.DeleteFunc(open, func(s *StoreTaskStatus) bool { return s.Done }); len(open) == 0 {
			return
		}
	}
}

// judge decides whether it is over.
func (s *StoreTaskStatus) judge(op string, o Options) {
	e := &Error{Op: op, Account: o.Account, Region: o.Region, ID: s.ImageID, State: string(s.State), Reason: s.Reason, Elapsed: s.Elapsed}
	switch {
	case s.State == StoreTaskCompleted:
		s.Done = true
	case s.State == StoreTaskFailed:
		e.Kind = ErrFailed
		s.Done, s.Err = true, e
	case s.State == "" && s.Elapsed >= o.Poll.Grace:
		e.Kind = ErrNotFound
		s.Done, s.Err = true, e
	}
}

// unstored is the error of a watch that ended with images that are not stored.
func unstored(ctx context.Context, op string, at fault.Place, open []*StoreTaskStatus, err error, elapsed time.Duration) error {
	var lastErr error
	var ids, states []string
	for _, s := range open {
		ids = append(ids, s.ImageID)
		if s.State != "" {
			states = append(states, string(s.State))
		}
		if s.LastErr != nil {
			lastErr = s.LastErr
		}
	}
	if ended := poll.Ended(ctx); ended != nil {
		err = after(ended, lastErr)
	}
	e := fault.Call(op, at, "", err)
	e.IDs, e.State, e.Elapsed = ids, join(uniq(states)), elapsed
	if len(ids) == 1 {
		e.ID, e.IDs = ids[0], nil
	}
	return e
}
