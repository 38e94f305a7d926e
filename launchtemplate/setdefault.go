package launchtemplate

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
)

// SetDefaultAPI is what [SetDefault] calls.
type SetDefaultAPI interface {
	ec2.DescribeLaunchTemplatesAPIClient
	ModifyLaunchTemplate(context.Context, *ec2.ModifyLaunchTemplateInput, ...func(*ec2.Options)) (*ec2.ModifyLaunchTemplateOutput, error)
}

var _ SetDefaultAPI = (*ec2.Client)(nil)

// SetDefaultResult says what $Default meant before and means now. The two are equal
// where nothing had to be written.
type SetDefaultResult struct {
	Before, After int64
}

// SetDefault makes one version the default of its template. Everything that is
// on $Default launches it from then on; what runs already is not touched.
//
// Errors: [ErrInvalidInput], [ErrNotFound] (template or version).
//
// AWS calls: DescribeLaunchTemplates, ModifyLaunchTemplate unless the version is
// the default already. IAM: ec2:DescribeLaunchTemplates,
// ec2:ModifyLaunchTemplate.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyLaunchTemplate.html
func SetDefault(ctx context.Context, api SetDefaultAPI, template Ref, version int64, optFns ...func(*Options)) (*SetDefaultResult, error) {
	const op = "launchtemplate.SetDefault"
	o := newOptions(api, optFns)
	if version < 1 {
		return nil, fault.Invalid(op, o.place(), "%d is not the number of a version", version)
	}
	t, err := describeOne(ctx, api, op, template, o)
	if err != nil {
		return nil, err
	}
	if t.Default == version {
		return &SetDefaultResult{Before: version, After: version}, nil
	}
	// No token of ours: moved there, back, and there again, the third call would
	// be taken for the first one and do nothing. The SDK's own token lasts for
	// this call's retries.
	_, err = api.ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{
		LaunchTemplateId: &t.ID,
		DefaultVersion:   new(number(version)),
	})
	if err != nil {
		e := fault.Call(op, o.place(), template.String(), err)
		e.Reason = "version " + number(version)
		return nil, e
	}
	return &SetDefaultResult{Before: t.Default, After: version}, nil
}
