package ami

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// FastSnapshotRestoreStatus is what a watch knows of one snapshot in one zone.
// Each is a value of its own.
type FastSnapshotRestoreStatus struct {
	FastSnapshotRestore
	// Elapsed since the watch began.
	Elapsed time.Duration
	// Done means that the watch is over for it: it is enabled, or Err is set.
	Done bool
	// LastErr is why the latest read failed if the watch goes on regardless.
	LastErr error
	// Err is why it will not be enabled; nil if it may be, or is.
	Err error
}

// WatchFastSnapshotRestoreAPI is what [WatchFastSnapshotRestore] calls.
type WatchFastSnapshotRestoreAPI interface {
	ec2.DescribeImagesAPIClient
	ec2.DescribeFastSnapshotRestoresAPIClient
}

var _ WatchFastSnapshotRestoreAPI = (*ec2.Client)(nil)

// WatchFastSnapshotRestore yields the status of each snapshot in each zone when it
// is first seen and on every change, until all are enabled or will not be. AWS
// takes an hour for each TiB of a snapshot, in the state optimizing.
//
// All are read in one call for every 200 snapshots, at the pauses of
// Options.Poll. One that AWS does not list has an empty state for the schedule's
// grace, and is not enabled ([ErrNotFastRestored]) after that. One that is
// disabling or disabled is not enabled at once.
//
// Throttling, server errors and broken connections are outlasted, and visible as
// LastErr. Every other error, and the end of ctx, which is the only deadline, is
// yielded as the error, with the snapshots that are not done, and ends the watch.
// Leaving the loop stops watching and nothing else: AWS goes on, and bills.
//
// Errors: [ErrInvalidInput]; those of the image as of [Wait].
//
// Calls and IAM actions: ec2:DescribeImages, ec2:DescribeFastSnapshotRestores.
// https://docs.aws.amazon.com/ebs/latest/userguide/view-fsr-enabled-snapshots.html
func WatchFastSnapshotRestore(ctx context.Context, api WatchFastSnapshotRestoreAPI, in FastSnapshotRestoreInput, optFns ...func(*Options)) iter.Seq2[*FastSnapshotRestoreStatus, error] {
	in.SnapshotIDs, in.Zones = slices.Clone(in.SnapshotIDs), slices.Clone(in.Zones)
	return func(yield func(*FastSnapshotRestoreStatus, error) bool) {
		watchFastRestore(ctx, "ami.WatchFastSnapshotRestore", api, in, resolve(api, optFns), yield)
	}
}

// WaitFastSnapshotRestore waits until all snapshots are enabled in all zones, or
// will not be, and drains a [WatchFastSnapshotRestore] to do it. It returns them
// in the order of the snapshots and zones, as last read.
//
// Errors: the error joins one [ErrNotFastRestored] for each that is not enabled.
// If ctx ended, or a call failed with an error that does not pass, it also has one
// that names the snapshots that were not done.
//
// Calls and IAM actions: as of WatchFastSnapshotRestore.
func WaitFastSnapshotRestore(ctx context.Context, api WatchFastSnapshotRestoreAPI, in FastSnapshotRestoreInput, optFns ...func(*Options)) ([]FastSnapshotRestore, error) {
	var all []FastSnapshotRestore
	var errs []error
	watchFastRestore(ctx, "ami.WaitFastSnapshotRestore", api, in, resolve(api, optFns), func(s *FastSnapshotRestoreStatus, err error) bool {
		if err != nil {
			errs = append(errs, err)
			return false
		}
		at := slices.IndexFunc(all, func(f FastSnapshotRestore) bool {
			return f.SnapshotID == s.SnapshotID && (f.in(s.Zone) && s.Zone != "" || f.in(s.ZoneID) && s.ZoneID != "")
		})
		if at < 0 {
			all = append(all, s.FastSnapshotRestore)
		} else {
			all[at] = s.FastSnapshotRestore
		}
		if s.Err != nil {
			errs = append(errs, s.Err)
		}
		return true
	})
	return all, errors.Join(errs...)
}

func watchFastRestore(ctx context.Context, op string, api WatchFastSnapshotRestoreAPI, in FastSnapshotRestoreInput, o Options, yield func(*FastSnapshotRestoreStatus, error) bool) {
	if err := in.check(op, o.place(), true); err != nil {
		yield(nil, err)
		return
	}
	ids, err := in.restorable(ctx, api, op, o)
	if err != nil {
		yield(nil, err)
		return
	}
	var all []*FastSnapshotRestoreStatus
	for elapsed, ended := range poll.Ticks(ctx, o.Poll) {
		var listed []FastSnapshotRestore
		err := ended
		if err == nil {
			listed, err = describeFastRestores(ctx, api, ids)
		}
		if err != nil && (ended != nil || ctx.Err() != nil || !fault.Transient(err)) {
			yield(nil, unfinished(ctx, op, o.place(), in, all, err, elapsed))
			return
		}
		now := pairs(ids, in.Zones, listed)
		if all == nil {
			all = make([]*FastSnapshotRestoreStatus, len(now))
		}
		open := false
		for i := range all {
			s, changed := all[i], false
			if s == nil {
				s, changed = &FastSnapshotRestoreStatus{FastSnapshotRestore: now[i]}, true
				all[i] = s
			}
			if s.Done {
				continue
			}
			if err != nil {
				changed = changed || s.LastErr == nil || fault.Code(s.LastErr) != fault.Code(err)
			} else {
				f := s.among(now)
				changed = changed || s.State != f.State
				s.FastSnapshotRestore = f
				s.judge(op, o, elapsed)
			}
			s.LastErr, s.Elapsed = err, elapsed
			open = open || !s.Done
			if (changed || s.Done) && !yield(new(*s), nil) {
				return
			}
		}
		if !open {
			return
		}
	}
}

// among is the same pair as now read: a zone that was given by its ID has a name
// once AWS lists it.
func (s *FastSnapshotRestoreStatus) among(now []FastSnapshotRestore) FastSnapshotRestore {
	at := slices.IndexFunc(now, func(f FastSnapshotRestore) bool { return f.SnapshotID == s.SnapshotID && f.in(s.zone()) })
	if at < 0 {
		return FastSnapshotRestore{SnapshotID: s.SnapshotID, Zone: s.Zone, ZoneID: s.ZoneID}
	}
	return now[at]
}

// judge decides whether it is over.
func (s *FastSnapshotRestoreStatus) judge(op string, o Options, elapsed time.Duration) {
	switch {
	case s.State == types.FastSnapshotRestoreStateCodeEnabled:
		s.Done = true
	case s.Billed() || s.State == "" && elapsed < o.Poll.Grace:
	default:
		s.Done = true
		s.Err = &Error{
			Op: op, Account: o.Account, Region: o.Region, ID: s.SnapshotID, State: strings.TrimSpace(string(s.State) + " in " + s.zone()), Reason: s.Reason,
			Elapsed: elapsed, Kind: ErrNotFastRestored,
		}
	}
}

// unfinished is the error of a watch that ended with snapshots that are not done.
func unfinished(ctx context.Context, op string, at fault.Place, in FastSnapshotRestoreInput, all []*FastSnapshotRestoreStatus, err error, elapsed time.Duration) error {
	var lastErr error
	var states []string
	var open []string
	for _, s := range all {
		if s.Done {
			continue
		}
		open = append(open, s.SnapshotID)
		states = append(states, strings.TrimSpace(string(s.State)+" in "+s.zone()))
		if s.LastErr != nil {
			lastErr = s.LastErr
		}
	}
	if poll.Ended(ctx) != nil {
		err = after(poll.Ended(ctx), lastErr)
	}
	e := fault.Call(op, at, in.subject(), err)
	e.IDs, e.State, e.Elapsed = uniq(open), join(uniq(states)), elapsed
	return e
}
