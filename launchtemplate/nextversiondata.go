package launchtemplate

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// NextVersionData is the data that [NextVersion] would give the version that it
// creates for the same input: to check whether it can be launched before it is
// $Latest. SourceVersion is required. No AWS call is made.
//
// Errors: [ErrInvalidInput], [ErrPinnedSnapshot], [ErrRootDevice].
func NextVersionData(in NextVersionInput) (*types.RequestLaunchTemplateData, error) {
	const op = "launchtemplate.NextVersionData"
	if in.SourceVersion == nil || in.SourceVersion.Data == nil {
		return nil, fault.Invalid(op, fault.Place{}, "SourceVersion is required, with its Data")
	}
	if err := in.check(op, fault.Place{}); err != nil {
		return nil, err
	}
	c, err := in.plan(op, fault.Place{}, in.SourceVersion)
	if err != nil {
		return nil, err
	}
	return c.target, nil
}
