package awstest

import (
	"maps"
	"slices"
	"strings"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// fastRestore is fast snapshot restore of one snapshot in one Availability Zone,
// for the account that has enabled it.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-fast-snapshot-restore.html
type fastRestore struct {
	sight
	fresh
	snapshot *snapshot
	zone     zone
	state    ec2types.FastSnapshotRestoreStateCode
	reason   string
	entered  map[ec2types.FastSnapshotRestoreStateCode]time.Time // the last time
	changes  int                                                 // a move that is overtaken does nothing

	credits float64 // as of the time
	asOf    time.Time
}

// fastRestores are those of an account in a Region, in the order that they were
// first enabled. AWS does not say how long it lists a disabled one; here it
// stays.
type fastRestores []*fastRestore

// maxFastRestoreGiB is the size of the largest snapshot that can have it.
const maxFastRestoreGiB = 16 << 10

// The reasons for a state, as AWS words them.
const (
	fastRestoreByUser = "Client.UserInitiated"
	fastRestoreByLife = "Client.UserInitiated - Lifecycle state transition"
)

// on is true while the pair counts for the quota and on the bill.
func (f *fastRestore) on() bool {
	switch f.state {
	case ec2types.FastSnapshotRestoreStateCodeEnabling, ec2types.FastSnapshotRestoreStateCodeOptimizing,
		ec2types.FastSnapshotRestoreStateCodeEnabled:
		return true
	}
	return false
}

// find returns the pair, nil if it never was enabled.
func (all fastRestores) find(snapshotID, zoneName string) *fastRestore {
	at := slices.IndexFunc(all, func(f *fastRestore) bool { return f.snapshot.id == snapshotID && f.zone.name == zoneName })
	if at < 0 {
		return nil
	}
	return all[at]
}

// snapshots counts the snapshots with a pair that is on.
func (all fastRestores) snapshots() int {
	ids := map[string]bool{}
	for _, f := range all {
		if f.on() {
			ids[f.snapshot.id] = true
		}
	}
	return len(ids)
}

func (s *store) enterFastRestore(f *fastRestore, state ec2types.FastSnapshotRestoreStateCode, reason string) {
	f.state, f.reason = state, reason
	f.changes++
	f.entered[state] = s.now
}

// moveFastRestore lets a pair enter its next state when d has passed, unless it
// is told otherwise in the meantime.
func (s *store) moveFastRestore(f *fastRestore, d time.Duration, next ec2types.FastSnapshotRestoreStateCode, then func()) {
	at := f.changes
	s.transition(&f.sight, s.jitter(d, f.snapshot.id+"/"+f.zone.name+"/"+string(next)), func() {
		if f.changes != at {
			return
		}
		s.enterFastRestore(f, next, fastRestoreByLife)
		then()
	})
}

// enableFastRestore begins to enable a pair. Optimizing takes as long as the
// snapshot is large.
func (s *store) enableFastRestore(n *snapshot, z zone) *fastRestore {
	f := s.fastRestores.find(n.id, z.name)
	if f == nil {
		f = &fastRestore{snapshot: n, zone: z}
		s.fastRestores = append(s.fastRestores, f)
		s.made(&f.fresh)
	}
	f.entered = map[ec2types.FastSnapshotRestoreStateCode]time.Time{}
	s.enterFastRestore(f, ec2types.FastSnapshotRestoreStateCodeEnabling, fastRestoreByUser)
	optimizing := time.Duration(n.sizeGiB) * s.timing.FastRestorePerTiB / 1024
	s.moveFastRestore(f, s.timing.FastRestoreChange, ec2types.FastSnapshotRestoreStateCodeOptimizing, func() {
		s.moveFastRestore(f, optimizing, ec2types.FastSnapshotRestoreStateCodeEnabled, func() { f.credits, f.asOf = 0, s.now })
	})
	return f
}

func (s *store) disableFastRestore(f *fastRestore) {
	s.enterFastRestore(f, ec2types.FastSnapshotRestoreStateCodeDisabling, fastRestoreByUser)
	s.moveFastRestore(f, s.timing.FastRestoreChange, ec2types.FastSnapshotRestoreStateCodeDisabled, func() {})
}

// loseFastRestores disables fast snapshot restore of a snapshot in every account
// that cannot read it any more, because it was deleted or is no longer shared.
// https://docs.aws.amazon.com/ebs/latest/userguide/manage-fsr-enable.html
func (c *Cloud) loseFastRestores(n *snapshot) {
	deleted := c.regional[n.region].snapshots[n.id] == nil
	byAccount := func(a, b place) int { return strings.Compare(a.account, b.account) }
	for _, p := range slices.SortedFunc(maps.Keys(c.stores), byAccount) {
		s := c.stores[p]
		if p.region != n.region || !deleted && s.reads(n) {
			continue
		}
		for _, f := range s.fastRestores {
			if f.snapshot == n && f.on() {
				s.disableFastRestore(f)
			}
		}
	}
}

// heldByFastRestore is the pair that keeps a snapshot from being deleted, if AWS
// refuses that; nil: none does.
func (s *store) heldByFastRestore(n *snapshot) *fastRestore {
	if !s.unconfirmed.FastRestoreHoldsSnapshot {
		return nil
	}
	for _, f := range s.fastRestores {
		if f.snapshot == n && f.on() {
			return f
		}
	}
	return nil
}

// fastRestored takes a volume creation credit for a new volume of a snapshot in
// a zone. A volume that gets none is loaded lazily, as all others are.
// https://docs.aws.amazon.com/ebs/latest/userguide/volume-creation-credits.html
func (s *store) fastRestored(snapshotID, zoneName string) bool {
	f := s.fastRestores.find(snapshotID, zoneName)
	if f == nil || f.state != ec2types.FastSnapshotRestoreStateCodeEnabled {
		return false
	}
	perHour := min(10, 1024/float64(f.snapshot.sizeGiB))
	f.credits = min(max(1, perHour), f.credits+perHour*s.now.Sub(f.asOf).Hours())
	f.asOf = s.now
	if f.credits < 1 {
		return false
	}
	f.credits--
	return true
}
