package awstest

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeSnapshots, "SnapshotIds", "OwnerIds", "RestorableByUserIds", "Filters", "MaxResults", "NextToken")
}

// snapshotView is a snapshot as one account sees it.
type snapshotView struct {
	*snapshot
	s *store // the viewer's
}

func (v snapshotView) visibleTags() tagSet { return v.tags.seenBy(v.s.account, v.account) }

// progress goes with time from the start of a snapshot to its end.
func (v snapshotView) progress() string {
	switch {
	case v.state == ec2types.SnapshotStateCompleted:
		return "100%"
	case v.state != ec2types.SnapshotStatePending || v.takes <= 0 || v.s.timing.SeenOnce:
		return "0%"
	}
	return strconv.Itoa(int(min(99, 100*v.s.now.Sub(v.started)/v.takes))) + "%"
}

// transfer tells a copy that was asked for within a time.
func (v snapshotView) transfer() ec2types.TransferType {
	if v.within > 0 {
		return ec2types.TransferTypeTimeBased
	}
	return ec2types.TransferTypeStandard
}

func (v snapshotView) alias() string {
	if amazonAccounts[v.account] {
		return "amazon"
	}
	return ""
}

var snapshotFilters = filterTable[snapshotView]{
	values: map[string]func(snapshotView) []string{
		"description":   one(func(v snapshotView) string { return v.description }),
		"encrypted":     one(func(v snapshotView) string { return yesNo(v.encrypted) }),
		"owner-alias":   one(snapshotView.alias),
		"owner-id":      one(func(v snapshotView) string { return v.account }),
		"progress":      one(snapshotView.progress),
		"snapshot-id":   one(func(v snapshotView) string { return v.id }),
		"start-time":    one(func(v snapshotView) string { return stamp(v.started) }),
		"status":        one(func(v snapshotView) string { return string(v.state) }),
		"storage-tier":  one(func(snapshotView) string { return "standard" }),
		"transfer-type": one(func(v snapshotView) string { return string(v.transfer()) }),
		"volume-id":     one(func(v snapshotView) string { return v.volumeID }),
		"volume-size":   one(func(v snapshotView) string { return strconv.Itoa(int(v.sizeGiB)) }),
	},
	tags: snapshotView.visibleTags,
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html
func describeSnapshots(r *request, in *ec2.DescribeSnapshotsInput) (*ec2.DescribeSnapshotsOutput, error) {
	match, err := snapshotFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Concat(in.OwnerIds, in.RestorableByUserIds) {
		if id != "self" && id != "all" && id != "amazon" && !isAccount(id) {
			return nil, apiError("InvalidUserID.Malformed", "Invalid user id: \"%s\"", id)
		}
	}
	from := r.catalogue.snapshotOrder
	if len(in.SnapshotIds) > 0 {
		if from, err = r.namedSnapshots(in.SnapshotIds); err != nil {
			return nil, err
		}
	}
	var all []*snapshot
	for _, n := range from {
		v := snapshotView{n, r.store}
		if r.reads(n) && v.ownedBy(in.OwnerIds) && v.restorableBy(in.RestorableByUserIds) && match(v) && !r.unseen(&n.fresh) {
			all = append(all, n)
		}
	}
	cut, next, err := page(r.store, all, limits{}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeSnapshotsOutput{NextToken: next}
	for _, n := range cut {
		r.show(&n.sight)
		if n.madeFor != nil {
			r.show(&n.madeFor.sight)
		}
		out.Snapshots = append(out.Snapshots, snapshotView{n, r.store}.render())
	}
	return out, nil
}

// namedSnapshots finds snapshots by id. One that exists and may not be read is
// left out by the caller; one that does not exist fails the call.
func (s *store) namedSnapshots(ids []string) ([]*snapshot, error) {
	var out []*snapshot
	for _, id := range ids {
		if !wellFormed("snap-", id) {
			return nil, malformedSnapshotID(id)
		}
		n := s.catalogue.snapshots[id]
		if n == nil || s.unseen(&n.fresh) {
			return nil, missingSnapshot(id)
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

func (v snapshotView) ownedBy(owners []string) bool {
	return len(owners) == 0 || slices.ContainsFunc(owners, func(o string) bool {
		return o == v.account || o == "self" && v.account == v.s.account || o == "amazon" && v.alias() == o
	})
}

func (v snapshotView) restorableBy(users []string) bool {
	return len(users) == 0 || slices.ContainsFunc(users, func(u string) bool {
		switch u {
		case "all":
			return v.s.isPublic(v.snapshot)
		case "self":
			u = v.s.account
		}
		return v.account == u || v.permissions.users[u] || v.s.isPublic(v.snapshot)
	})
}

func (v snapshotView) render() ec2types.Snapshot {
	out := ec2types.Snapshot{
		Description:  new(v.description),
		Encrypted:    new(v.encrypted),
		KmsKeyId:     some(v.keyID),
		OwnerAlias:   some(v.alias()),
		OwnerId:      new(v.account),
		Progress:     new(v.progress()),
		SnapshotId:   new(v.id),
		StartTime:    new(v.started),
		State:        v.state,
		StateMessage: some(v.message),
		StorageTier:  ec2types.StorageTierStandard,
		Tags:         v.visibleTags().ec2(),
		TransferType: v.transfer(),
		VolumeId:     new(v.volumeID),
		VolumeSize:   new(v.sizeGiB),
	}
	if v.within > 0 {
		out.CompletionDurationMinutes = new(v.within)
	}
	if !v.completed.IsZero() {
		out.CompletionTime = new(v.completed)
	}
	return out
}
