package ami

import (
	"context"
	"time"

	"github.com/readyami/readyami/internal/fault"
)

// ErrRecordFailed: the Record function of the caller failed, so that neither this image
// nor any that came after it was disabled.
var ErrRecordFailed = fault.New("ami.RecordFailed", "the permissions of the image were not recorded")

// SharingRecord is what an image was shared with before it was disabled. It is plain
// data: keep it as JSON.
type SharingRecord struct {
	ImageID     string      `json:"imageId"`
	Name        string      `json:"name,omitempty"`
	Account     string      `json:"account,omitempty"` // empty: it was not known
	Region      string      `json:"region"`
	At          time.Time   `json:"at"`
	Permissions Permissions `json:"permissions"`
	// Snapshots are the permissions of each of its snapshots.
	Snapshots map[string]Permissions `json:"snapshots,omitempty"`
}

func (r SharingRecord) same(other SharingRecord) bool {
	if !r.Permissions.equal(other.Permissions) || len(r.Snapshots) != len(other.Snapshots) {
		return false
	}
	for id, p := range r.Snapshots {
		if !p.equal(other.Snapshots[id]) {
			return false
		}
	}
	return true
}

// record gives the permissions of all images that are about to be disabled to
// the caller. If one cannot be read or kept, none is disabled.
func (a *applying) record(ctx context.Context, steps []step) {
	var failure error
	for i := range steps {
		s := &steps[i]
		if s.Action != ActionDisable || s.Skipped != "" {
			continue
		}
		r, err := a.recordOf(ctx, s.ImageID, s.now.Name)
		if err != nil {
			failure = refused(ctx, a.op, a.o.place(), s.ImageID, err)
			s.Err = failure
			break
		}
		if err := a.in.Record(ctx, r); err != nil {
			failure = &Error{Op: a.op, Account: a.o.Account, Region: a.o.Region, ID: s.ImageID, Kind: ErrRecordFailed, Err: err}
			s.Err = failure
			break
		}
		s.record = r
	}
	if failure == nil {
		return
	}
	for i := range steps {
		if s := &steps[i]; s.Action == ActionDisable && s.Err == nil && s.Skipped == "" {
			s.Skipped = unrecorded
		}
	}
}

const unrecorded = "the permissions of another image were not recorded"

func (a *applying) recordOf(ctx context.Context, id, name string) (SharingRecord, error) {
	return patiently(ctx, a.o.Poll, func(ctx context.Context) (SharingRecord, error) {
		r := SharingRecord{ImageID: id, Name: name, Account: a.o.Account, Region: a.o.Region, At: now(), Snapshots: map[string]Permissions{}}
		img, err := owned(ctx, a.api, id)
		if err != nil {
			return r, err
		}
		if r.Permissions, err = launchPermissions(ctx, a.api, id); err != nil {
			return r, err
		}
		for _, snapshot := range snapshotsOf(img) {
			p, err := volumePermissions(ctx, a.api, snapshot)
			if err != nil {
				return r, err
			}
			if !p.none() {
				r.Snapshots[snapshot] = p
			}
		}
		return r, nil
	})
}
