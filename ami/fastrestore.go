package ami

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// ErrNotFastRestored means that fast snapshot restore is not enabled for a
// snapshot in a zone, and will not become so: AWS refused it, or it was disabled.
// Error.Reason and errors.As to smithy.APIError say why.
var ErrNotFastRestored = fault.New("ami.NotFastRestored", "fast snapshot restore is not enabled")

// FastSnapshotRestore is fast snapshot restore of one snapshot in one
// Availability Zone, for the account of the caller.
type FastSnapshotRestore struct {
	SnapshotID string `json:"snapshotId"`
	// Zone is the name of the Availability Zone, such as "eu-west-1a".
	Zone string `json:"zone,omitempty"`
	// ZoneID is its ID, such as "euw1-az1", which means the same in every account.
	ZoneID string `json:"zoneId,omitempty"`
	// State is empty if AWS lists none.
	State types.FastSnapshotRestoreStateCode `json:"state,omitempty"`
	// Reason is AWS's reason for the state.
	Reason string `json:"reason,omitempty"`
}

// Billed reports whether AWS bills for it: from the request to enable it until
// the request to disable it.
func (f FastSnapshotRestore) Billed() bool {
	switch f.State {
	case types.FastSnapshotRestoreStateCodeEnabling, types.FastSnapshotRestoreStateCodeOptimizing,
		types.FastSnapshotRestoreStateCodeEnabled:
		return true
	}
	return false
}

// FastSnapshotRestoreInput names snapshots and Availability Zones. What is done
// is done for each snapshot in each zone.
type FastSnapshotRestoreInput struct {
	// ImageID means all snapshots of an image, of whatever owner. Required unless
	// SnapshotIDs is set.
	ImageID string
	// SnapshotIDs names snapshots instead, such as those of an image that was
	// deregistered. They must be empty if ImageID is set.
	SnapshotIDs []string
	// Zones are names or IDs of Availability Zones of the Region. Required, except
	// by [DisableFastSnapshotRestore].
	Zones []string
}

var (
	zoneName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+[a-z]$`)
	zoneID   = regexp.MustCompile(`^[a-z]+[0-9]+-az[0-9]+$`)
)

// Check refuses what [EnableFastSnapshotRestore] refuses first. It makes no call.
// If region is empty, the Region of the zones is not checked.
//
// Errors: [ErrInvalidInput].
func (in FastSnapshotRestoreInput) Check(region string) error {
	return in.check("ami.EnableFastSnapshotRestore", fault.Place{Region: region}, true)
}

func (in *FastSnapshotRestoreInput) check(op string, at fault.Place, zones bool) error {
	switch {
	case in.ImageID == "" && len(in.SnapshotIDs) == 0:
		return fault.Invalid(op, at, "ImageID or SnapshotIDs is required")
	case in.ImageID != "" && len(in.SnapshotIDs) > 0:
		return fault.Invalid(op, at, "SnapshotIDs must be empty if ImageID is set")
	case in.ImageID != "" && !imageID.MatchString(in.ImageID):
		return fault.Invalid(op, at, "invalid ImageID %q", in.ImageID)
	case zones && len(in.Zones) == 0:
		return fault.Invalid(op, at, "Zones is required: AWS bills for each zone")
	}
	for _, id := range in.SnapshotIDs {
		if !snapshotID.MatchString(id) {
			return fault.Invalid(op, at, "invalid snapshot ID %q in SnapshotIDs", id)
		}
	}
	for _, z := range in.Zones {
		switch {
		case zoneID.MatchString(z):
		case !zoneName.MatchString(z):
			return fault.Invalid(op, at, "invalid zone %q in Zones", z)
		case !same(z[:len(z)-1], at.Region):
			return fault.Invalid(op, at, "zone %q in Zones must be in %s", z, at.Region)
		}
	}
	return nil
}

// restorable returns the snapshots that are meant. It waits for an image that is
// not available yet.
func (in *FastSnapshotRestoreInput) restorable(ctx context.Context, api ec2.DescribeImagesAPIClient, op string, o Options) ([]string, error) {
	if in.ImageID == "" {
		return uniq(in.SnapshotIDs), nil
	}
	var image *types.Image
	var failed error
	newWatch(op, api, o).run(ctx, []string{in.ImageID}, func(s *Status, err error) bool {
		if err == nil {
			image, err = s.Image, s.Err
		}
		failed = err
		return err == nil
	})
	if failed != nil {
		return nil, failed
	}
	ids := snapshotsOf(image)
	if len(ids) == 0 {
		return nil, fault.Invalid(op, o.place(), "image %s must have a snapshot", in.ImageID)
	}
	return ids, nil
}

// uniq is a list without what is in it twice.
func uniq(list []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// subject is what an error about the input names.
func (in *FastSnapshotRestoreInput) subject() string {
	if in.ImageID != "" {
		return in.ImageID
	}
	return strings.Join(in.SnapshotIDs, ",")
}

// in reports whether it is in a zone, by name or ID.
func (f FastSnapshotRestore) in(zone string) bool { return f.Zone == zone || f.ZoneID == zone }

// describeFastRestores reads all that the account has enabled, or had, of
// snapshots.
func describeFastRestores(ctx context.Context, api ec2.DescribeFastSnapshotRestoresAPIClient, ids []string) ([]FastSnapshotRestore, error) {
	var out []FastSnapshotRestore
	for part := range slices.Chunk(ids, batch) {
		p := ec2.NewDescribeFastSnapshotRestoresPaginator(api, &ec2.DescribeFastSnapshotRestoresInput{
			Filters:    []types.Filter{{Name: new("snapshot-id"), Values: part}},
			MaxResults: new(int32(batch)), // the most that AWS takes
		})
		for p.HasMorePages() {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, f := range page.FastSnapshotRestores {
				out = append(out, FastSnapshotRestore{
					SnapshotID: aws.ToString(f.SnapshotId), Zone: aws.ToString(f.AvailabilityZone), ZoneID: aws.ToString(f.AvailabilityZoneId),
					State: f.State, Reason: aws.ToString(f.StateTransitionReason),
				})
			}
		}
	}
	return out, nil
}

// pairs are all snapshots in all zones, as far as AWS lists them, in the order of
// the two lists.
func pairs(ids, zones []string, listed []FastSnapshotRestore) (out []FastSnapshotRestore) {
	for _, id := range ids {
		for _, z := range zones {
			f := FastSnapshotRestore{SnapshotID: id}
			at := slices.IndexFunc(listed, func(l FastSnapshotRestore) bool { return l.SnapshotID == id && l.in(z) })
			switch {
			case at >= 0:
				f = listed[at]
			case zoneID.MatchString(z):
				f.ZoneID = z
			default:
				f.Zone = z
			}
			if !slices.Contains(out, f) { // a zone may be given by name and by ID
				out = append(out, f)
			}
		}
	}
	return out
}

// zone is the zone as a caller may name it.
func (f FastSnapshotRestore) zone() string {
	if f.Zone != "" {
		return f.Zone
	}
	return f.ZoneID
}

// String is one line for people.
func (f FastSnapshotRestore) String() string { return f.SnapshotID + " in " + f.zone() }
