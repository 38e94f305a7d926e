package awstest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(listImagesInRecycleBin, "ImageIds", "MaxResults", "NextToken")
	handle(restoreImageFromRecycleBin, "ImageId")
	handle(listSnapshotsInRecycleBin, "SnapshotIds", "MaxResults", "NextToken")
	handle(restoreSnapshotFromRecycleBin, "SnapshotId")
}

// RetentionRule is a rule of the Recycle Bin: what it is about is kept for a
// time after it was deregistered or deleted, and can be restored.
type RetentionRule struct {
	Images, Snapshots bool
	// For is how long: AWS takes a day to a year.
	For time.Duration
	// Tags: what has one of these is kept. Nil: all is.
	Tags map[string]string
}

// RecycleBin adds retention rules to the account in this Region. They are
// active at once (AWS may take half an hour for the first). Where several
// match, the longest counts.
// https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin.html
func (r *Region) RecycleBin(rules ...RetentionRule) {
	for _, rule := range rules {
		if rule.For < 24*time.Hour || rule.For > 366*24*time.Hour {
			panic(fmt.Sprintf("awstest: a retention rule keeps for a day to a year, not for %s", rule.For))
		}
	}
	r.do(func(s *store) {
		for _, rule := range rules {
			rule.Tags = maps.Clone(rule.Tags)
			s.bin.rules = append(s.bin.rules, rule)
		}
	})
}

// recycleBin is that of an account in a Region.
type recycleBin struct {
	rules     []RetentionRule
	images    []binned[*image]
	snapshots []binned[*snapshot]
}

type binned[T any] struct {
	thing         T
	entered, ends time.Time
}

// inBin is the tag that AWS puts on what is in the Recycle Bin.
const inBin = "aws:recycle-bin:resource-in-bin"

// leaveBin takes that tag off again.
func leaveBin(tags *tagSet) { *tags = tags.without(func(p tagPair) bool { return p.key == inBin }) }

// keeps is how long something with these tags stays in the bin; zero: it goes
// at once.
func (b *recycleBin) keeps(tags tagSet, about func(RetentionRule) bool) (longest time.Duration) {
	for _, rule := range b.rules {
		matches := len(rule.Tags) == 0
		for key, value := range rule.Tags {
			have, ok := tags.get(key)
			matches = matches || ok && have == value
		}
		if matches && about(rule) {
			longest = max(longest, rule.For)
		}
	}
	return longest
}

// binImage puts an image that was deregistered into the bin, where a rule says
// so.
func (s *store) binImage(i *image) {
	tags := i.tags.of(i.account)
	d := s.bin.keeps(*tags, func(r RetentionRule) bool { return r.Images })
	if d == 0 {
		return
	}
	*tags = tags.with(tagPair{inBin, "true"})
	s.bin.images = append(s.bin.images, binned[*image]{i, s.now, s.now.Add(d)})
	s.after(d, func() {
		s.bin.images = slices.DeleteFunc(s.bin.images, func(b binned[*image]) bool { return b.thing == i && !s.now.Before(b.ends) })
	})
}

// binSnapshot is the same for a snapshot that was deleted.
func (s *store) binSnapshot(n *snapshot) {
	tags := n.tags.of(n.account)
	d := s.bin.keeps(*tags, func(r RetentionRule) bool { return r.Snapshots })
	if d == 0 {
		return
	}
	*tags = tags.with(tagPair{inBin, "true"})
	s.bin.snapshots = append(s.bin.snapshots, binned[*snapshot]{n, s.now, s.now.Add(d)})
	s.after(d, func() {
		s.bin.snapshots = slices.DeleteFunc(s.bin.snapshots, func(b binned[*snapshot]) bool { return b.thing == n && !s.now.Before(b.ends) })
	})
}

// binPages are the pages of both lists; maxBinIDs is how many ids they take.
var binPages = limits{def: 1000, max: 1000}

const maxBinIDs = 20

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ListImagesInRecycleBin.html
func listImagesInRecycleBin(r *request, in *ec2.ListImagesInRecycleBinInput) (*ec2.ListImagesInRecycleBinOutput, error) {
	if len(in.ImageIds) > maxBinIDs {
		return nil, apiError("InvalidParameterValue", "Up to %d image IDs can be given in one request", maxBinIDs)
	}
	for _, id := range in.ImageIds {
		if _, err := r.binnedImage(id); err != nil {
			return nil, err
		}
	}
	all := slices.Clone(r.bin.images)
	if len(in.ImageIds) > 0 {
		all = slices.DeleteFunc(all, func(b binned[*image]) bool { return !slices.Contains(in.ImageIds, b.thing.id) })
	}
	cut, next, err := page(r.store, all, binPages, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.ListImagesInRecycleBinOutput{NextToken: next}
	for _, b := range cut {
		out.Images = append(out.Images, ec2types.ImageRecycleBinInfo{
			Description: some(b.thing.description), ImageId: new(b.thing.id), Name: new(b.thing.name),
			RecycleBinEnterTime: new(b.entered), RecycleBinExitTime: new(b.ends),
		})
	}
	return out, nil
}

func (s *store) binnedImage(id string) (*image, error) {
	if !wellFormed("ami-", id) {
		return nil, malformedImageID(id)
	}
	at := slices.IndexFunc(s.bin.images, func(b binned[*image]) bool { return b.thing.id == id })
	if at < 0 {
		return nil, missingImages([]string{id})
	}
	return s.bin.images[at].thing, nil
}

// restoreImageFromRecycleBin brings an image back with all that it had, its
// sharing too. Its snapshots have to be there: those in the bin are restored
// first.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RestoreImageFromRecycleBin.html
func restoreImageFromRecycleBin(r *request, in *ec2.RestoreImageFromRecycleBinInput) (*ec2.RestoreImageFromRecycleBinOutput, error) {
	i, err := r.binnedImage(*in.ImageId)
	if err != nil {
		return nil, err
	}
	for _, id := range i.snapshotIDs() {
		if n := r.catalogue.snapshots[id]; n == nil {
			return nil, apiError(cmp.Or(r.unconfirmed.RestoreSnapshotFirst, "InvalidSnapshot.NotFound"), "The snapshot '%s' does not exist.", id)
		}
	}
	if err := r.freeName(i.name); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.bin.images = slices.DeleteFunc(r.bin.images, func(b binned[*image]) bool { return b.thing == i })
	r.catalogue.remove(i) // it may still linger
	leaveBin(i.tags.of(i.account))
	i.deregistrations++
	r.images.byName[i.name] = i
	r.images.order = append(r.images.order, i)
	r.catalogue.add(i)
	for _, id := range i.snapshotIDs() {
		r.catalogue.snapshots[id].usedBy = append(r.catalogue.snapshots[id].usedBy, i)
	}
	i.state = ec2types.ImageStatePending
	back := ec2types.ImageStateAvailable
	if i.reasonCode != "" { // it has failed before: its disks are no better for the bin
		back = ec2types.ImageStateFailed
	}
	r.transition(&i.sight, r.jitter(r.timing.Register, i.id), func() {
		if i.state == ec2types.ImageStatePending {
			i.state = back
		}
	})
	return &ec2.RestoreImageFromRecycleBinOutput{Return: new(true)}, nil
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ListSnapshotsInRecycleBin.html
func listSnapshotsInRecycleBin(r *request, in *ec2.ListSnapshotsInRecycleBinInput) (*ec2.ListSnapshotsInRecycleBinOutput, error) {
	for _, id := range in.SnapshotIds {
		if _, err := r.binnedSnapshot(id); err != nil {
			return nil, err
		}
	}
	all := slices.Clone(r.bin.snapshots)
	if len(in.SnapshotIds) > 0 {
		all = slices.DeleteFunc(all, func(b binned[*snapshot]) bool { return !slices.Contains(in.SnapshotIds, b.thing.id) })
	}
	cut, next, err := page(r.store, all, binPages, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.ListSnapshotsInRecycleBinOutput{NextToken: next}
	for _, b := range cut {
		out.Snapshots = append(out.Snapshots, ec2types.SnapshotRecycleBinInfo{
			Description: new(b.thing.description), SnapshotId: new(b.thing.id), VolumeId: new(b.thing.volumeID),
			RecycleBinEnterTime: new(b.entered), RecycleBinExitTime: new(b.ends),
		})
	}
	return out, nil
}

func (s *store) binnedSnapshot(id string) (*snapshot, error) {
	if !wellFormed("snap-", id) {
		return nil, malformedSnapshotID(id)
	}
	at := slices.IndexFunc(s.bin.snapshots, func(b binned[*snapshot]) bool { return b.thing.id == id })
	if at < 0 {
		return nil, missingSnapshot(id)
	}
	return s.bin.snapshots[at].thing, nil
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RestoreSnapshotFromRecycleBin.html
func restoreSnapshotFromRecycleBin(r *request, in *ec2.RestoreSnapshotFromRecycleBinInput) (*ec2.RestoreSnapshotFromRecycleBinOutput, error) {
	n, err := r.binnedSnapshot(*in.SnapshotId)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.bin.snapshots = slices.DeleteFunc(r.bin.snapshots, func(b binned[*snapshot]) bool { return b.thing == n })
	leaveBin(n.tags.of(n.account))
	r.snapshots.order = append(r.snapshots.order, n)
	r.catalogue.snapshots[n.id] = n
	r.catalogue.snapshotOrder = append(r.catalogue.snapshotOrder, n)
	return new(convert[ec2.RestoreSnapshotFromRecycleBinOutput](snapshotView{n, r.store}.render())), nil
}
