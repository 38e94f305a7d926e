package asg

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// versionReader reads template versions, each version name of each template once.
type versionReader struct {
	api  ec2.DescribeLaunchTemplateVersionsAPIClient
	op   string
	o    Options
	read map[string]*ec2types.LaunchTemplateVersion

	images map[string]string // behind SSM parameters, by version
}

// version is what a specification means now. A template or version that is gone
// is [ErrNotFound].
func (r *versionReader) version(ctx context.Context, t TemplateSpec) (*ec2types.LaunchTemplateVersion, error) {
	key := t.String()
	if v := r.read[key]; v != nil {
		return v, nil
	}
	v, err := r.first(ctx, t, &ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{versionOrDefault(t.Version)}})
	if err == nil {
		if r.read == nil {
			r.read = map[string]*ec2types.LaunchTemplateVersion{}
		}
		r.read[key] = v
	}
	return v, err
}

func (r *versionReader) number(ctx context.Context, t TemplateSpec) (int64, error) {
	v, err := r.version(ctx, t)
	if err != nil {
		return 0, err
	}
	return aws.ToInt64(v.VersionNumber), nil
}

// image is the image that a specification launches now, also behind an SSM
// parameter; empty: it names none.
func (r *versionReader) image(ctx context.Context, t TemplateSpec) (string, error) {
	v, err := r.version(ctx, t)
	if err != nil || v.LaunchTemplateData == nil {
		return "", err
	}
	id := aws.ToString(v.LaunchTemplateData.ImageId)
	if !strings.HasPrefix(id, ssmPrefix) {
		return id, nil
	}
	if known := r.images[t.String()]; known != "" {
		return known, nil
	}
	resolved, err := r.first(ctx, t, &ec2.DescribeLaunchTemplateVersionsInput{ // by number: $Latest may have moved since
		Versions: []string{strconv.FormatInt(aws.ToInt64(v.VersionNumber), 10)}, ResolveAlias: new(true),
	})
	if err != nil {
		return "", err
	}
	if resolved.LaunchTemplateData != nil {
		id = aws.ToString(resolved.LaunchTemplateData.ImageId)
	}
	if strings.HasPrefix(id, ssmPrefix) { // an endpoint that gives the parameter back
		return "", &Error{Op: r.op, Account: r.o.Account, Region: r.o.Region, ID: t.String(), Kind: ErrSSMImage, Reason: "what " + id + " stands for is not told"}
	}
	if r.images == nil {
		r.images = map[string]string{}
	}
	r.images[t.String()] = id
	return id, nil
}

// first is the one version that in asks for. A page may be empty and not the
// last.
func (r *versionReader) first(ctx context.Context, t TemplateSpec, in *ec2.DescribeLaunchTemplateVersionsInput) (*ec2types.LaunchTemplateVersion, error) {
	if t.ID != "" {
		in.LaunchTemplateId = &t.ID
	} else {
		in.LaunchTemplateName = &t.Name
	}
	pages := ec2.NewDescribeLaunchTemplateVersionsPaginator(r.api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			e := fault.Call(r.op, r.o.place(), cmp.Or(t.ID, t.Name), err)
			e.Reason = "version " + versionOrDefault(t.Version)
			return nil, e
		}
		for i := range page.LaunchTemplateVersions {
			return &page.LaunchTemplateVersions[i], nil
		}
	}
	return nil, &Error{Op: r.op, Account: r.o.Account, Region: r.o.Region, ID: t.String(), Kind: ErrNotFound}
}
