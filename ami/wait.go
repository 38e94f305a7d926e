package ami

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Wait waits until every image is available or will not become so, and drains
// a [Watch] to do it. The images are in the order of ids and as many; one that
// AWS never showed has nothing but its id.
//
// The error joins one for each image that ended otherwise: [ErrFailed],
// [ErrDisabled], [ErrDeregistered] or [ErrNotVisible], with the state and AWS's reason. Where ctx ended,
// or a call failed with an error that does not pass by itself, it also has one
// that names the images that were not done, with their last state, the time
// waited, how far their snapshots are, the error of ctx and its cause, and the
// last error of AWS. What was waited for goes on: another Wait takes it up again.
//
// Errors: as above; [ErrInvalidInput]: an id is none.
//
// Calls and IAM actions: ec2:DescribeImages; ec2:DescribeSnapshots, if allowed.
func Wait(ctx context.Context, api ec2.DescribeImagesAPIClient, ids []string, optFns ...func(*Options)) ([]types.Image, error) {
	last := make(map[string]*Status, len(ids))
	var ended error
	newWatch("ami.Wait", api, resolve(api, optFns)).run(ctx, ids, func(s *Status, err error) bool {
		if err != nil {
			ended = err
			return false
		}
		last[s.ImageID] = s
		return true
	})
	images := make([]types.Image, len(ids))
	var errs []error
	for i, id := range ids {
		images[i].ImageId = &id
		s := last[id]
		if s == nil {
			continue
		}
		if s.Image != nil {
			images[i] = *s.Image
		}
		if s.Err != nil {
			errs = append(errs, s.Err)
			s.Err = nil // an id given twice fails once
		}
	}
	return images, errors.Join(append(errs, ended)...)
}
