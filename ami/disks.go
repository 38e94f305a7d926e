package ami

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// disks are the snapshots that an image is registered from, one's own or others'
// that one may read.
type disks struct {
	api  ec2.DescribeSnapshotsAPIClient
	op   string
	at   fault.Place
	ids  []string
	poll Schedule
}

// completed waits until all snapshots are. One that AWS does not show is given
// the grace: it may have been made a moment ago.
func (d disks) completed(ctx context.Context) error {
	var lastErr error
	open, progress := d.ids, ""
	fail := func(elapsed time.Duration, e *Error) error {
		e.Op, e.Account, e.Region, e.Elapsed = d.op, d.at.Account, d.at.Region, elapsed
		if e.ID == "" {
			e.IDs, e.State, e.Progress = open, string(types.SnapshotStatePending), progress
		}
		return e
	}
	d.poll.Gate = 0
	for elapsed, err := range poll.Ticks(ctx, d.poll) {
		if err != nil {
			return fail(elapsed, &Error{Err: after(err, lastErr)})
		}
		found, err := readable(ctx, d.api, d.ids)
		if err != nil {
			if ctx.Err() == nil && fault.Transient(err) {
				lastErr = err
				continue
			}
			return fail(elapsed, refused(ctx, "", fault.Place{}, "", err))
		}
		lastErr, open = nil, nil
		var words []string
		for _, id := range d.ids {
			n, shown := found[id]
			switch {
			case !shown && elapsed >= d.poll.Grace:
				return fail(elapsed, &Error{ID: id, Kind: ErrNotFound})
			case n.State == types.SnapshotStateError:
				return fail(elapsed, &Error{ID: id, State: string(n.State), Kind: ErrFailed, Reason: aws.ToString(n.StateMessage), Hint: hint("", aws.ToString(n.StateMessage))})
			case n.State != types.SnapshotStateCompleted:
				open = append(open, id)
				words = append(words, strings.TrimSpace(id+" "+aws.ToString(n.Progress)))
			}
		}
		if progress = join(words); len(open) == 0 {
			return nil
		}
	}
	panic("unreachable: Ticks ends only with an error")
}

// readable are those snapshots that the caller may read, whoever owns them.
func readable(ctx context.Context, api ec2.DescribeSnapshotsAPIClient, ids []string) (map[string]types.Snapshot, error) {
	list, err := describeSnapshotsOf(ctx, api, nil, "snapshot-id", ids)
	found := make(map[string]types.Snapshot, len(list))
	for _, n := range list {
		found[aws.ToString(n.SnapshotId)] = n
	}
	return found, err
}
