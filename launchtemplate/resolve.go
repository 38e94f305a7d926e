package launchtemplate

import (
	"context"
	"iter"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
)

// The two versions that AWS knows by name.
const (
	LatestVersion  = "$Latest"
	DefaultVersion = "$Default"
)

// ResolveAPI is what [Resolve] calls.
type ResolveAPI interface {
	ec2.DescribeLaunchTemplateVersionsAPIClient
}

// VersionsAPI is what [Versions] calls.
type VersionsAPI interface {
	ec2.DescribeLaunchTemplateVersionsAPIClient
}

var (
	_ ResolveAPI  = (*ec2.Client)(nil)
	_ VersionsAPI = (*ec2.Client)(nil)
)

// Resolve reads one version: a number such as "3", [LatestVersion], [DefaultVersion], or the
// empty string, which means [DefaultVersion] as it does in an Auto Scaling group. What
// $Latest and $Default mean can change with the next write of anybody; the
// number of the result cannot.
//
// It fails with [ErrNotFound] where there is no such template or version, and
// with [ErrInvalidInput].
//
// AWS calls: DescribeLaunchTemplateVersions. IAM:
// ec2:DescribeLaunchTemplateVersions.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
func Resolve(ctx context.Context, api ResolveAPI, template Ref, version string, optFns ...func(*Options)) (*Version, error) {
	return resolve(ctx, api, "launchtemplate.Resolve", template, version, newOptions(api, optFns))
}

func resolve(ctx context.Context, api ResolveAPI, op string, template Ref, version string, o Options) (*Version, error) {
	if err := template.check(op, o.place()); err != nil {
		return nil, err
	}
	switch version {
	case "":
		version = DefaultVersion
	case LatestVersion, DefaultVersion:
	default:
		if n, err := strconv.ParseInt(version, 10, 64); err != nil || n < 1 {
			return nil, fault.Invalid(op, o.place(), "version %q is not a number above zero, %s or %s", version, LatestVersion, DefaultVersion)
		}
	}
	id, name := template.split()
	v, err := first(ctx, api, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId:   id,
		LaunchTemplateName: name,
		Versions:           []string{version},
	})
	if err != nil {
		return nil, fault.Call(op, o.place(), template.String(), err)
	}
	if v == nil {
		return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: template.String(), Kind: ErrNotFound, Reason: "version " + version}
	}
	return v, nil
}

// first is the one version that in asks for, nil where AWS gives none. A page may
// be empty and not the last.
func first(ctx context.Context, api VersionsAPI, in *ec2.DescribeLaunchTemplateVersionsInput) (*Version, error) {
	pages := ec2.NewDescribeLaunchTemplateVersionsPaginator(api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, v := range page.LaunchTemplateVersions {
			return versionOf(v), nil
		}
	}
	return nil, nil
}

// Versions walks all versions of a template, in the order in which AWS lists
// them. The walk ends at the first error; a second walk reads anew.
//
// AWS calls: DescribeLaunchTemplateVersions, one for each 200 versions. IAM:
// ec2:DescribeLaunchTemplateVersions.
func Versions(ctx context.Context, api VersionsAPI, template Ref, optFns ...func(*Options)) iter.Seq2[*Version, error] {
	const op = "launchtemplate.Versions"
	o := newOptions(api, optFns)
	return func(yield func(*Version, error) bool) {
		if err := template.check(op, o.place()); err != nil {
			yield(nil, err)
			return
		}
		id, name := template.split()
		walk(ctx, api, op, o, &ec2.DescribeLaunchTemplateVersionsInput{
			LaunchTemplateId:   id,
			LaunchTemplateName: name,
		}, yield)
	}
}

// walk yields all that in asks for, page by page.
func walk(ctx context.Context, api VersionsAPI, op string, o Options,
	in *ec2.DescribeLaunchTemplateVersionsInput, yield func(*Version, error) bool,
) {
	pages := ec2.NewDescribeLaunchTemplateVersionsPaginator(api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			id := aws.ToString(in.LaunchTemplateId) + aws.ToString(in.LaunchTemplateName)
			yield(nil, fault.Call(op, o.place(), id, err))
			return
		}
		for _, v := range page.LaunchTemplateVersions {
			if !yield(versionOf(v), nil) {
				return
			}
		}
	}
}
