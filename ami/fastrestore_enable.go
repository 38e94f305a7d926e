package ami

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// FastSnapshotRestoreResult is how the snapshots stand in the zones.
type FastSnapshotRestoreResult struct {
	// ImageID is that of the input; empty if snapshots were named.
	ImageID string `json:"imageId,omitempty"`
	// Restores are the snapshots in the zones, as last read.
	Restores []FastSnapshotRestore `json:"restores"`
	// Written is how many of them this call has changed.
	Written int `json:"written"`
}

// EnableFastSnapshotRestoreAPI is what [EnableFastSnapshotRestore] calls.
type EnableFastSnapshotRestoreAPI interface {
	ec2.DescribeImagesAPIClient
	ec2.DescribeFastSnapshotRestoresAPIClient
	EnableFastSnapshotRestores(context.Context, *ec2.EnableFastSnapshotRestoresInput, ...func(*ec2.Options)) (*ec2.EnableFastSnapshotRestoresOutput, error)
}

var _ EnableFastSnapshotRestoreAPI = (*ec2.Client)(nil)

// EnableFastSnapshotRestore enables fast snapshot restore for the snapshots of an
// image in Availability Zones: volumes that are created there have their full
// performance at once, where others load each block at its first use. It returns
// when AWS shows all of them as being enabled. [WaitFastSnapshotRestore] waits
// until they are, which takes AWS an hour for each TiB of a snapshot.
//
// The price is high: AWS bills for each snapshot in each zone, by the minute and
// for an hour at least, from now on until [DisableFastSnapshotRestore], whether
// volumes are created or not. In us-east-1 that is $0.75 an hour, so that an image
// of two snapshots in three zones costs about $3,300 a month. Enable it before a
// rollout, for the zones of the groups, and disable it afterwards. It is billed to
// the account that enables it, also for a snapshot that is shared with it.
// https://aws.amazon.com/ebs/pricing/
//
// Each volume takes a credit, of which a snapshot in a zone has none at first and
// then gains 1024 / size in GiB an hour, at most 10. A volume without a credit
// loads its blocks as if fast snapshot restore were not enabled.
// https://docs.aws.amazon.com/ebs/latest/userguide/volume-creation-credits.html
//
// What is enabled already stays so, and what is being disabled is waited for. An
// image that is pending is waited for as well. AWS has a quota of 5 snapshots in
// each Region, and disables fast snapshot restore itself when a snapshot is
// deleted or is no longer shared.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-fast-snapshot-restore.html
//
// Errors: [ErrInvalidInput]; [ErrNotFastRestored]: AWS refused some of them, with
// AWS's code and reason for each; [ErrNotFound]: AWS does not show a snapshot;
// [ErrFailed], [ErrDisabled] and [ErrDeregistered], of the image. Error.IDs are the
// snapshots that AWS bills for. The result is not nil once anything may be
// enabled, also with an error.
//
// Calls and IAM actions: ec2:DescribeImages, ec2:DescribeFastSnapshotRestores,
// ec2:EnableFastSnapshotRestores.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableFastSnapshotRestores.html
func EnableFastSnapshotRestore(ctx context.Context, api EnableFastSnapshotRestoreAPI, in FastSnapshotRestoreInput, optFns ...func(*Options)) (*FastSnapshotRestoreResult, error) {
	const op = "ami.EnableFastSnapshotRestore"
	o := resolve(api, optFns)
	if err := in.check(op, o.place(), true); err != nil {
		return nil, err
	}
	ids, err := in.restorable(ctx, api, op, o)
	if err != nil {
		return nil, err
	}
	s := fastSwitch{api: api, ids: ids, zones: in.Zones, on: true, call: func(ctx context.Context, ids, names, zoneIDs []string) (out []refusal, err error) {
		answer, err := api.EnableFastSnapshotRestores(ctx, &ec2.EnableFastSnapshotRestoresInput{
			SourceSnapshotIds: ids, AvailabilityZones: names, AvailabilityZoneIds: zoneIDs,
		})
		if err != nil {
			return nil, err
		}
		for _, failed := range answer.Unsuccessful {
			for _, e := range failed.FastSnapshotRestoreStateErrors {
				r := refusalOf(failed.SnapshotId, e.AvailabilityZone, e.AvailabilityZoneId)
				if e.Error != nil {
					r.code, r.message = aws.ToString(e.Error.Code), aws.ToString(e.Error.Message)
				}
				out = append(out, r)
			}
		}
		return out, nil
	}}
	return s.run(ctx, op, in, o)
}

// DisableFastSnapshotRestoreAPI is what [DisableFastSnapshotRestore] calls.
type DisableFastSnapshotRestoreAPI interface {
	ec2.DescribeImagesAPIClient
	ec2.DescribeFastSnapshotRestoresAPIClient
	DisableFastSnapshotRestores(context.Context, *ec2.DisableFastSnapshotRestoresInput, ...func(*ec2.Options)) (*ec2.DisableFastSnapshotRestoresOutput, error)
}

var _ DisableFastSnapshotRestoreAPI = (*ec2.Client)(nil)

// DisableFastSnapshotRestore disables what [EnableFastSnapshotRestore] has enabled
// and ends its price. If Zones is empty, it disables it in all zones. It returns
// when AWS shows all of them as disabling or disabled, and writes nothing for
// what is disabled already. The image may be in any state; if AWS does not show
// it any more, name the snapshots.
//
// Errors: [ErrInvalidInput]; [ErrDeregistered]: AWS does not show the image; AWS's code
// and reason for each that it refused. Error.IDs are the snapshots that AWS
// still bills for. The result is not nil once anything was read, also with an
// error.
//
// Calls and IAM actions: ec2:DescribeImages, ec2:DescribeFastSnapshotRestores,
// ec2:DisableFastSnapshotRestores.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableFastSnapshotRestores.html
func DisableFastSnapshotRestore(ctx context.Context, api DisableFastSnapshotRestoreAPI, in FastSnapshotRestoreInput, optFns ...func(*Options)) (*FastSnapshotRestoreResult, error) {
	const op = "ami.DisableFastSnapshotRestore"
	o := resolve(api, optFns)
	if err := in.check(op, o.place(), false); err != nil {
		return nil, err
	}
	ids := uniq(in.SnapshotIDs)
	if in.ImageID != "" {
		image, err := patiently(ctx, o.Poll, func(ctx context.Context) (*types.Image, error) { return byID(ctx, api, in.ImageID) })
		switch {
		case err != nil:
			return nil, refused(ctx, op, o.place(), in.ImageID, err)
		case image == nil:
			return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.ImageID, Kind: ErrDeregistered, Hint: "name its snapshots in SnapshotIDs"}
		}
		ids = snapshotsOf(image)
	}
	s := fastSwitch{api: api, ids: ids, zones: in.Zones, found: len(in.Zones) == 0, call: func(ctx context.Context, ids, names, zoneIDs []string) (out []refusal, err error) {
		answer, err := api.DisableFastSnapshotRestores(ctx, &ec2.DisableFastSnapshotRestoresInput{
			SourceSnapshotIds: ids, AvailabilityZones: names, AvailabilityZoneIds: zoneIDs,
		})
		if err != nil {
			return nil, err
		}
		for _, failed := range answer.Unsuccessful {
			for _, e := range failed.FastSnapshotRestoreStateErrors {
				r := refusalOf(failed.SnapshotId, e.AvailabilityZone, e.AvailabilityZoneId)
				if e.Error != nil {
					r.code, r.message = aws.ToString(e.Error.Code), aws.ToString(e.Error.Message)
				}
				out = append(out, r)
			}
		}
		return out, nil
	}}
	return s.run(ctx, op, in, o)
}
