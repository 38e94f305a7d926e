package launchtemplate

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/readyami/readyami/internal/fault"
)

// deleteBatch deletes versions in one call. Where somebody has made one of them
// the default since the plan, AWS deletes none of them: then the others are
// deleted in a second call, and that one is told as not deleted.
func deleteBatch(ctx context.Context, api PruneAPI, op string, t *Template, batch []int64, o Options) (*ec2.DeleteLaunchTemplateVersionsOutput, error) {
	send := func(versions []int64) (*ec2.DeleteLaunchTemplateVersionsOutput, error) {
		return api.DeleteLaunchTemplateVersions(ctx, &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &t.ID, Versions: numbers(versions)})
	}
	out, refused := send(batch)
	if !fault.Is(refused, "InvalidParameterValue") {
		return out, refused
	}
	now, err := describeOne(ctx, api, op, Ref{ID: t.ID}, o)
	if err != nil || !slices.Contains(batch, now.Default) {
		return nil, refused
	}
	out = &ec2.DeleteLaunchTemplateVersionsOutput{}
	others := slices.DeleteFunc(slices.Clone(batch), func(n int64) bool { return n == now.Default })
	if len(others) > 0 {
		if out, err = send(others); err != nil {
			return nil, err
		}
	}
	why := &types.ResponseError{}
	if api, ok := errors.AsType[smithy.APIError](refused); ok {
		why.Code, why.Message = types.LaunchTemplateErrorCode(api.ErrorCode()), new(api.ErrorMessage())
	}
	out.UnsuccessfullyDeletedLaunchTemplateVersions = append(out.UnsuccessfullyDeletedLaunchTemplateVersions,
		types.DeleteLaunchTemplateVersionsResponseErrorItem{LaunchTemplateId: &t.ID, VersionNumber: &now.Default, ResponseError: why})
	return out, nil
}

func numbers(versions []int64) []string {
	out := make([]string, len(versions))
	for i, n := range versions {
		out[i] = number(n)
	}
	return out
}

// deletions reads what became of each version.
func deletions(op string, at fault.Place, out *ec2.DeleteLaunchTemplateVersionsOutput) (gone []int64, failures map[int64]*Error) {
	failures = map[int64]*Error{}
	for _, s := range out.SuccessfullyDeletedLaunchTemplateVersions {
		gone = append(gone, aws.ToInt64(s.VersionNumber))
	}
	for _, f := range out.UnsuccessfullyDeletedLaunchTemplateVersions {
		n, why := aws.ToInt64(f.VersionNumber), f.ResponseError
		if why == nil {
			why = &types.ResponseError{}
		}
		switch why.Code {
		case types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist,
			types.LaunchTemplateErrorCodeLaunchTemplateIdDoesNotExist:
			gone = append(gone, n)
			continue
		}
		e := notDeleted(op, at, aws.ToString(f.LaunchTemplateId), n)
		e.Reason = strings.Trim(string(why.Code)+": "+aws.ToString(why.Message), ": ")
		failures[n] = e
	}
	return gone, failures
}

func notDeleted(op string, at fault.Place, template string, n int64) *Error {
	return &Error{Op: op, Account: at.Account, Region: at.Region, ID: template, IDs: []string{number(n)}, Kind: ErrNotDeleted}
}
