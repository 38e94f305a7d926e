package ami

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// DeregisterAPI is what [Deregister] calls.
type DeregisterAPI interface {
	DeregisterImage(context.Context, *ec2.DeregisterImageInput, ...func(*ec2.Options)) (*ec2.DeregisterImageOutput, error)
}

var _ DeregisterAPI = (*ec2.Client)(nil)

// Deregister removes an image together with its snapshots, in whatever state
// the image is; the creation of a pending one is cancelled. It asks nobody
// whether the image is still in use, and AWS does not either.
//
// The results say for each snapshot what became of it. AWS keeps one that
// another image uses ("skipped"), which is no error. Where it kept one for any
// other reason the error is [ErrSnapshotsLeft], and names those; the image is
// gone then. An image that is gone already is no error and has no results.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html
//
// Errors: [ErrInvalidInput]; [ErrSnapshotsLeft], with the ids of the snapshots in
// Error.IDs; and AWS's own, such as of an image with deregistration protection.
//
// Calls and IAM actions: ec2:DeregisterImage; ec2:DeleteSnapshot.
func Deregister(ctx context.Context, api DeregisterAPI, id string, optFns ...func(*Options)) ([]types.DeleteSnapshotReturnCode, error) {
	const op = "ami.Deregister"
	o := resolve(api, optFns)
	at := o.place()
	if err := checkImageID(op, at, "id", id); err != nil {
		return nil, err
	}
	results, err := patiently(ctx, o.Poll, func(ctx context.Context) ([]types.DeleteSnapshotReturnCode, error) {
		return deregister(ctx, api, id, true)
	})
	if err != nil {
		return nil, refused(ctx, op, at, id, err)
	}
	left := survivors(results)
	if len(left) == 0 {
		return results, nil
	}
	e := &Error{Op: op, Account: at.Account, Region: at.Region, ID: id, Kind: ErrSnapshotsLeft}
	var why []error
	for _, r := range left {
		e.IDs = append(e.IDs, aws.ToString(r.SnapshotId))
		why = append(why, errors.New(aws.ToString(r.SnapshotId)+": "+string(r.ReturnCode)))
	}
	e.Err = errors.Join(why...)
	return results, e
}

func deregister(ctx context.Context, api DeregisterAPI, id string, snapshots bool) ([]types.DeleteSnapshotReturnCode, error) {
	out, err := api.DeregisterImage(ctx, &ec2.DeregisterImageInput{
		ImageId:                   &id,
		DeleteAssociatedSnapshots: &snapshots,
	})
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return out.DeleteSnapshotResults, nil
}

// survivors are the snapshots that should have been deleted and were not.
func survivors(results []types.DeleteSnapshotReturnCode) []types.DeleteSnapshotReturnCode {
	var left []types.DeleteSnapshotReturnCode
	for _, r := range results {
		switch r.ReturnCode {
		case types.SnapshotReturnCodesSuccess, types.SnapshotReturnCodesWarnSkipped:
		default:
			left = append(left, r)
		}
	}
	return left
}
