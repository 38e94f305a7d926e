package launchtemplate

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
)

// aliasPrefix begins an image that is given as a Systems Manager parameter.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html#use-an-ssm-parameter-instead-of-an-ami-id
const aliasPrefix = "resolve:ssm:"

// ResolveImageAPI is what [ResolveImage] calls.
type ResolveImageAPI interface {
	ec2.DescribeLaunchTemplateVersionsAPIClient
}

var _ ResolveImageAPI = (*ec2.Client)(nil)

// Image is what a version launches, both as it is written and as it is now.
type Image struct {
	// Version as AWS has it: its ImageID is the alias, where there is one.
	Version Version
	// Alias is the resolve:ssm: form; empty where the version names the image
	// itself, or none.
	Alias string
	// ID of the image that a launch would use now; empty where the version
	// names none. Behind an alias it can change at any time.
	ID string
}

// ResolveImage reads a version as [Resolve] does, and the image that an alias in
// it stands for at this moment.
//
// Errors: as [Resolve]; and [ErrUnresolvedAlias] for an alias that AWS cannot resolve, such
// as that of a parameter that does not exist.
//
// AWS calls: DescribeLaunchTemplateVersions, a second time where there is an
// alias. IAM: ec2:DescribeLaunchTemplateVersions, and ssm:GetParameters for an
// alias.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
func ResolveImage(ctx context.Context, api ResolveImageAPI, template Ref, version string, optFns ...func(*Options)) (*Image, error) {
	const op = "launchtemplate.ResolveImage"
	o := newOptions(api, optFns)
	v, err := resolve(ctx, api, op, template, version, o)
	if err != nil {
		return nil, err
	}
	image := &Image{Version: *v, ID: v.ImageID}
	if strings.HasPrefix(v.ImageID, aliasPrefix) {
		image.Alias = v.ImageID
		// By number: $Latest may have moved since.
		image.ID, err = resolveAlias(ctx, api, op, v, o)
	}
	if err != nil {
		return nil, err
	}
	return image, nil
}

// resolveAlias is the id of the image behind the alias of a version.
func resolveAlias(ctx context.Context, api ec2.DescribeLaunchTemplateVersionsAPIClient, op string, v *Version, o Options) (string, error) {
	resolved, err := first(ctx, api, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &v.TemplateID,
		Versions:         []string{number(v.Number)},
		ResolveAlias:     new(true),
	})
	problem := &Error{Op: op, Account: o.Account, Region: o.Region, ID: v.TemplateID, Kind: ErrUnresolvedAlias, Reason: "version " + number(v.Number) + " has " + v.ImageID}
	switch {
	case fault.NotFound(err), fault.Expired(err), fault.Transient(err), ctx.Err() != nil:
		return "", fault.Call(op, o.place(), v.TemplateID, err)
	case err != nil:
		problem.Err = err
		return "", problem
	case resolved == nil:
		return "", &Error{Op: op, Account: o.Account, Region: o.Region, ID: v.TemplateID, Kind: ErrNotFound, Reason: "version " + number(v.Number)}
	}
	if !strings.HasPrefix(resolved.ImageID, "ami-") { // an endpoint that gives the alias back
		return "", problem
	}
	return resolved.ImageID, nil
}
