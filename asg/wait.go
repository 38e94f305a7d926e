package asg

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// Wait is [Watch] to its end: it returns when every refresh has ended, with the
// refreshes as AWS showed them last, in the order of the keys. One that AWS never
// showed is the zero InstanceRefresh.
//
// The error joins one error for each refresh that did not end Successful or that
// left instances as they were, which is [ErrNotReplaced], and the one that ended
// the wait itself; the refreshes come with it. ctx is the only deadline.
//
// AWS calls and IAM: those of [Watch].
func Wait(ctx context.Context, api WatchAPI, keys []RefreshKey, optFns ...func(*Options)) ([]types.InstanceRefresh, error) {
	last := make(map[RefreshKey]*Status, len(keys))
	var watchErr error
	o := newOptions(api, optFns)
	for s, err := range watch(ctx, api, "asg.Wait", keys, o) {
		if err != nil {
			watchErr = err
			break
		}
		if o.OnStatus != nil {
			o.OnStatus(s)
		}
		last[s.RefreshKey] = s
	}
	refreshes := make([]types.InstanceRefresh, len(keys))
	var errs []error
	for i, key := range keys {
		s := last[key]
		if s == nil {
			continue
		}
		if s.Refresh != nil {
			refreshes[i] = *s.Refresh
		}
		if s.Err != nil {
			errs = append(errs, s.Err)
		} else if err := s.left("asg.Wait", o.place()); err != nil {
			errs = append(errs, err)
		}
	}
	return refreshes, errors.Join(append(errs, watchErr)...)
}
