package region

import (
	"context"
	"slices"
)

// RetryFailed is [Copy] for those targets of the input that have no image after
// an earlier Copy, which returned before: the failed ones and the removed ones.
// In targets that have theirs nothing is called, and their results stay as they
// were. Targets that before does not name count as failed. The input is
// otherwise that of the earlier call, or what has been mended in it.
//
// The results are in the order of the targets, and the error joins theirs. Where
// something is refused beforehand they are as before, and the error is that.
//
// Errors, calls and IAM actions: those of Copy.
func RetryFailed(ctx context.Context, pool *ClientPool, in CopyInput, before []CopyResult, optFns ...func(*Options)) ([]CopyResult, error) {
	if err := in.check(); err != nil {
		return slices.Clone(before), err
	}
	results := make([]CopyResult, len(in.Targets))
	var open []int
	retry := in
	retry.Targets = nil
	for i, d := range in.Targets {
		at := slices.IndexFunc(before, func(r CopyResult) bool { return r.Target == d.Target })
		if at >= 0 {
			results[i] = before[at]
		}
		if at < 0 || before[at].Err != nil {
			open = append(open, i)
			retry.Targets = append(retry.Targets, d)
		}
	}
	if len(open) == 0 {
		return results, nil
	}
	again, err := Copy(ctx, pool, retry, optFns...)
	if again == nil {
		return slices.Clone(before), err
	}
	for n, i := range open {
		results[i] = again[n]
	}
	return results, err
}
