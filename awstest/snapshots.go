package awstest

import (
	"slices"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// snapshots are the EBS snapshots that an account owns in a Region.
type snapshots struct {
	order []*snapshot
}

// snapshot is one EBS snapshot.
type snapshot struct {
	sight
	fresh
	place
	id          string
	volumeID    string
	description string
	sizeGiB     int32
	encrypted   bool
	keyID       string // ARN
	state       ec2types.SnapshotState
	message     string // StateMessage, of an error
	started     time.Time
	takes       time.Duration // from started to completed
	completed   time.Time     // zero: not yet
	tags        accountTags
	permissions launchPermissions
	codes       []string // product codes of the Marketplace
	usedBy      []*image // those that it backs
	madeFor     *image   // whose transitions it shares; nil: it has its own, if any
	within      int32    // the minutes that a time-based copy was asked for; zero: it is none
}

// addSnapshot puts a new snapshot into its owner's store.
func (s *store) addSnapshot(n *snapshot) {
	n.place = s.place
	n.id = s.newID("snap-")
	n.started = s.now
	s.made(&n.fresh)
	s.snapshots.order = append(s.snapshots.order, n)
	s.catalogue.snapshots[n.id] = n
	s.catalogue.snapshotOrder = append(s.catalogue.snapshotOrder, n)
}

// findSnapshot finds a snapshot that the account of s may read.
func (s *store) findSnapshot(id string) (*snapshot, error) {
	if !wellFormed("snap-", id) {
		return nil, malformedSnapshotID(id)
	}
	n := s.catalogue.snapshots[id]
	if n == nil || !s.reads(n) || s.unseen(&n.fresh) {
		return nil, missingSnapshot(id)
	}
	return n, nil
}

func malformedSnapshotID(id string) error {
	return apiError("InvalidSnapshotID.Malformed", "Invalid id: \"%s\" (expecting \"snap-...\")", id)
}

func missingSnapshot(id string) error {
	return apiError("InvalidSnapshot.NotFound", "The snapshot '%s' does not exist.", id)
}

// end completes a snapshot or, for a reason, lets it fail.
func (n *snapshot) end(now time.Time, reason string) {
	if reason != "" {
		n.state, n.message = ec2types.SnapshotStateError, reason
		return
	}
	n.state, n.completed = ec2types.SnapshotStateCompleted, now
}

// dropSnapshot takes a snapshot that nothing uses out of its owner's store,
// into the Recycle Bin where a rule keeps it.
func (s *store) dropSnapshot(n *snapshot) {
	is := func(o *snapshot) bool { return o == n }
	delete(s.catalogue.snapshots, n.id)
	s.catalogue.snapshotOrder = slices.DeleteFunc(s.catalogue.snapshotOrder, is)
	s.snapshots.order = slices.DeleteFunc(s.snapshots.order, is)
	s.loseFastRestores(n)
	s.binSnapshot(n)
}
