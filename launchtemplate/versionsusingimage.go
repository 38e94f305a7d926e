package launchtemplate

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
)

// VersionsUsingImageAPI is what [VersionsUsingImage] calls.
type VersionsUsingImageAPI interface {
	ec2.DescribeLaunchTemplatesAPIClient
	ec2.DescribeLaunchTemplateVersionsAPIClient
}

var _ VersionsUsingImageAPI = (*ec2.Client)(nil)

// Reference is a version that launches an image.
type Reference struct {
	Version Version
	// Alias that leads to the image; empty where the version names it.
	Alias string
	// Latest and Default: it is what $Latest or $Default of its template means.
	Latest, Default bool
}

// VersionsUsingImage finds every version of every template of the account in
// the Region that launches an image, by its id or by an alias that stands for it
// now.
//
// It is made for a decision to remove the image, so it answers all or nothing: a
// page that cannot be read, or an alias that cannot be resolved, is an error. A
// template or version that goes away during the search is none.
//
// Errors: [ErrInvalidInput]; [ErrUnresolvedAlias], with the template as its ID.
//
// AWS calls: DescribeLaunchTemplates, one for each 200 templates;
// DescribeLaunchTemplateVersions, for each template one for each 200 versions, and
// one for each alias. IAM: ec2:DescribeLaunchTemplates,
// ec2:DescribeLaunchTemplateVersions, and ssm:GetParameters for aliases.
func VersionsUsingImage(ctx context.Context, api VersionsUsingImageAPI, imageID string, optFns ...func(*Options)) ([]Reference, error) {
	const op = "launchtemplate.VersionsUsingImage"
	o := newOptions(api, optFns)
	if !strings.HasPrefix(imageID, "ami-") {
		return nil, fault.Invalid(op, o.place(), "image id %q does not start with ami-", imageID)
	}
	var found []Reference
	aliases := map[string]string{} // to the image that each stands for
	for t, err := range all(ctx, api, op, o) {
		if err != nil {
			return nil, err
		}
		refs, err := versionsIn(ctx, api, op, t, imageID, aliases, o)
		switch {
		case errors.Is(err, ErrNotFound): // deleted since it was listed
		case err != nil:
			return nil, err
		}
		found = append(found, refs...)
	}
	return found, nil
}

func versionsIn(ctx context.Context, api VersionsUsingImageAPI, op string, t *Template, imageID string, aliases map[string]string, o Options) (found []Reference, err error) {
	var latest int64
	walk(ctx, api, op, o, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &t.ID, MaxResults: new(int32(200))}, func(v *Version, e error) bool {
		if err = e; err != nil {
			return false
		}
		latest = max(latest, v.Number)
		launches, alias := v.ImageID, ""
		if strings.HasPrefix(launches, aliasPrefix) {
			alias = launches
			if launches = aliases[alias]; launches == "" {
				launches, err = resolveAlias(ctx, api, op, v, o)
				if errors.Is(err, ErrNotFound) { // this version alone has gone
					err = nil
					return true
				}
				if err != nil {
					return false
				}
				aliases[alias] = launches
			}
		}
		if launches == imageID {
			found = append(found, Reference{Version: *v, Alias: alias, Default: v.Default})
		}
		return true
	})
	for i := range found {
		found[i].Latest = found[i].Version.Number == latest
	}
	return found, err
}
