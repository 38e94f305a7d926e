package launchtemplate

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"

	"github.com/readyami/readyami/internal/fault"
)

// createVersion makes a version that exists when it returns.
//
// For a token that it has seen, EC2 answers with the version that the first call
// made, also when that has been deleted since. A version that is older than the
// call is therefore looked for, and when it is gone the call is made again with a
// token that its number is part of. If that cannot be told, the answer comes with
// the error.
func createVersion(ctx context.Context, api NextVersionAPI, op, template string, in *ec2.CreateLaunchTemplateVersionInput, o Options, token ...any) (*ec2.CreateLaunchTemplateVersionOutput, error) {
	gone := map[int64]bool{}
	for {
		in.ClientToken = new(tokenOf(token...))
		began := time.Now()
		out, err := api.CreateLaunchTemplateVersion(ctx, in)
		if err != nil {
			return nil, fault.Call(op, o.place(), template, err)
		}
		v := out.LaunchTemplateVersion
		if v == nil {
			return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: template, Reason: "AWS did not tell the number of the new version"}
		}
		if !replayed(v.CreateTime, began, out.ResultMetadata) {
			return out, nil
		}
		n := aws.ToInt64(v.VersionNumber)
		seen, err := exists(ctx, api, aws.ToString(in.LaunchTemplateId), n)
		if err != nil {
			e := fault.Call(op, o.place(), template, err)
			e.IDs, e.Hint = []string{number(n)}, "AWS answered with this version, and whether it still exists is not known"
			return out, e
		}
		if seen {
			return out, nil
		}
		if gone[n] {
			return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: template, Kind: ErrNotFound, Reason: "AWS answers with version " + number(n) + ", which has been deleted"}
		}
		gone[n] = true
		token = append(token, n)
	}
}

// replayed reports whether what AWS answers with is older than the call that began
// then: what an earlier call with the same token made.
func replayed(made *time.Time, began time.Time, answer middleware.Metadata) bool {
	if at, ok := awsmiddleware.GetServerTime(answer); ok { // AWS's clock made the other time as well
		began = at.Add(-time.Since(began))
	}
	// AWS tells both times in whole seconds.
	return made != nil && !made.After(began.Add(-2*time.Second))
}

func exists(ctx context.Context, api NextVersionAPI, templateID string, n int64) (bool, error) {
	v, err := first(ctx, api, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &templateID, Versions: []string{number(n)},
	})
	switch {
	case fault.Is(err, "InvalidLaunchTemplateId.VersionNotFound"):
		return false, nil
	case err != nil:
		return false, err
	}
	return v != nil, nil
}
