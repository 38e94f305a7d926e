package launchtemplate

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// NextVersionAPI is what [NextVersion] calls.
type NextVersionAPI interface {
	ec2.DescribeLaunchTemplateVersionsAPIClient
	CreateLaunchTemplateVersion(context.Context, *ec2.CreateLaunchTemplateVersionInput, ...func(*ec2.Options)) (*ec2.CreateLaunchTemplateVersionOutput, error)
}

var _ NextVersionAPI = (*ec2.Client)(nil)

// NextVersionInput says which version is made.
type NextVersionInput struct {
	// Template that gets the version; required.
	Template Ref
	// Source is the number of the version that the new one is made from;
	// required. [Resolve] turns $Latest and $Default into one.
	Source int64
	// ImageID of the new version, an AMI id or a resolve:ssm: alias. Empty: the
	// image of the source; then Change is required.
	ImageID string
	// Change changes anything else. It gets what the source holds, with the new
	// image and without the snapshots of the old one, and sets, replaces or
	// unsets what it wants to be different; a list or structure is edited in
	// place. It makes the same of the same, so that another run finds what the
	// first one made. Nil: the image is all that changes.
	Change func(*types.RequestLaunchTemplateData)
	// Image is what ImageID names, or what an alias stands for now, where it has
	// been read. It is needed where the source pins snapshots, and lets the root
	// device be checked.
	Image *types.Image
	// OldImage is the image of the source version, where it has been read; then
	// Image is needed. It tells which of the template's disks is the root disk,
	// where device names alone do not.
	OldImage *types.Image
	// Description of the version, at most 223 bytes; our mark follows it.
	// Empty: the image and the source version.
	Description string
	// SourceVersion is version Source, where it has been read. Nil: it is read.
	SourceVersion *Version
	// Revision distinguishes versions that would otherwise be equal: with another
	// revision a version that exists is not adopted, and one is created even if the
	// source is as asked already. If empty, there is one revision only.
	Revision string
}

// NextVersionResult says what [NextVersion] made or found.
type NextVersionResult struct {
	Version   Version
	Source    Version
	Unchanged bool     // Version is Source: it is as asked already
	Adopted   bool     // an earlier call with the same input had made it
	Warnings  []string // what AWS found wrong with the data; it stored them all the same
}

// NextVersion makes a version that has another image than its source, or what
// else Change makes different, and holds everything else that the source holds.
// The default version does not move, but $Latest does: what is on $Latest
// launches the new version from then on.
//
// A source that is as asked already is returned as it is. A version that an
// earlier call made from the same source with the same changes is found and
// Adopted; so is one whose response was lost. Nothing is written then.
//
// A source whose block device mappings name snapshots needs Image: a disk that
// the image brings is taken from the image, any other keeps its snapshot.
//
// Errors: [ErrInvalidInput], [ErrNotFound] (template or source version),
// [ErrPinnedSnapshot], [ErrRootDevice], all before anything is written; and
// [ErrDrift], which comes with the result, because the version exists: it
// differs from the source in more, or in less, than was asked, and the error
// names the fields. If AWS answers with a version of an earlier call and the read that
// tells whether it still exists fails, that error comes with the result too, and
// Error.IDs has the number.
//
// AWS calls: DescribeLaunchTemplateVersions (the source unless it is given, and
// the versions with the image of the new one), CreateLaunchTemplateVersion; and
// where EC2 answers with a version that is older than the call, which an earlier
// call made, DescribeLaunchTemplateVersions to see that it has not been deleted.
// IAM: ec2:DescribeLaunchTemplateVersions, ec2:CreateLaunchTemplateVersion.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
func NextVersion(ctx context.Context, api NextVersionAPI, in NextVersionInput, optFns ...func(*Options)) (*NextVersionResult, error) {
	const op = "launchtemplate.NextVersion"
	o := newOptions(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	source := in.SourceVersion
	if source == nil {
		var err error
		if source, err = resolve(ctx, api, op, in.Template, number(in.Source), o); err != nil {
			return nil, err
		}
	}
	if source.Data == nil {
		return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: in.Template.String(), Reason: "AWS gave version " + number(in.Source) + " without its data"}
	}
	if old := in.OldImage; old != nil && source.ImageID != in.ImageID && strings.HasPrefix(source.ImageID, "ami-") && aws.ToString(old.ImageId) != source.ImageID {
		return nil, fault.Invalid(op, o.place(), "OldImage is %q, version %d has %q", aws.ToString(old.ImageId), source.Number, source.ImageID)
	}
	c, err := in.plan(op, o.place(), source)
	if err != nil {
		return nil, err
	}
	next := &NextVersionResult{Source: *source}
	if len(c.fields) == 0 && in.Revision == "" {
		next.Version, next.Unchanged = *source, true
		return next, nil
	}
	intent := c.intent(source, in.Revision)
	found, err := findMade(ctx, api, op, source.TemplateID, aws.ToString(c.target.ImageId), intent, o)
	if err != nil {
		return nil, err
	}
	if found != nil {
		next.Version, next.Adopted = *found, true
		return next, c.drift(op, o.place(), next)
	}

	text := in.Description
	if text == "" {
		text = c.text(source)
	}
	description := describe(text, intent)
	request := &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId:   &source.TemplateID,
		LaunchTemplateData: c.send,
		VersionDescription: &description,
	}
	if !c.whole {
		request.SourceVersion = new(number(source.Number))
	}
	out, err := createVersion(ctx, api, op, in.Template.String(), request, o, "version", intent, description)
	if out == nil {
		return nil, err
	}
	next.Version = *versionOf(*out.LaunchTemplateVersion)
	next.Warnings = warnings(out.Warning)
	if err != nil {
		return next, err
	}
	return next, c.drift(op, o.place(), next)
}

// findMade looks for the version that an earlier call made for the same intent.
// EC2 finds versions by the id of their image; without one all are read.
func findMade(ctx context.Context, api NextVersionAPI, op, templateID, imageID, intent string, o Options) (found *Version, err error) {
	in := &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &templateID,
		MaxResults:       new(int32(200)),
	}
	if strings.HasPrefix(imageID, "ami-") {
		in.Filters = []types.Filter{{Name: new("image-id"), Values: []string{imageID}}}
	}
	walk(ctx, api, op, o, in, func(v *Version, e error) bool {
		if e != nil {
			err = e
			return false
		}
		if madeFor(v.Description, intent) && (found == nil || v.Number > found.Number) {
			found = v
		}
		return true
	})
	return found, err
}

func (in *NextVersionInput) check(op string, at fault.Place) error {
	if err := in.Template.check(op, at); err != nil {
		return err
	}
	switch s := in.SourceVersion; {
	case in.Source < 1:
		return fault.Invalid(op, at, "Source %d is not the number of a version", in.Source)
	case in.ImageID == "" && in.Change == nil && in.Revision == "":
		return fault.Invalid(op, at, "neither ImageID nor Change says what changes")
	case in.ImageID != "" && !strings.HasPrefix(in.ImageID, "ami-") && !strings.HasPrefix(in.ImageID, aliasPrefix):
		return fault.Invalid(op, at, "ImageID %q is neither an AMI id nor a resolve:ssm: alias", in.ImageID)
	case tooLong(in.Description):
		return fault.Invalid(op, at, "Description has more than %d bytes", maxText)
	case s != nil && (s.TemplateID == "" || s.Number != in.Source || in.Template.ID != "" && s.TemplateID != in.Template.ID ||
		in.Template.Name != "" && s.TemplateName != in.Template.Name):
		return fault.Invalid(op, at, "SourceVersion is version %d of %s, not version %d of %s", s.Number, s.TemplateID, in.Source, in.Template)
	}
	return in.checkImage(op, at)
}

// checkImage refuses an image that is not there yet: it does not show all its
// snapshots, and a disk of the old image would be kept.
func (in *NextVersionInput) checkImage(op string, at fault.Place) error {
	switch i := in.Image; {
	case i == nil && in.OldImage != nil:
		return fault.Invalid(op, at, "OldImage is given without Image")
	case i == nil:
	case aws.ToString(i.ImageId) != in.ImageID && !strings.HasPrefix(in.ImageID, aliasPrefix):
		return fault.Invalid(op, at, "Image is %q, ImageID is %q", aws.ToString(i.ImageId), in.ImageID)
	case i.State != "" && i.State != types.ImageStateAvailable:
		return fault.Invalid(op, at, "image %s is %s, not available", in.ImageID, i.State)
	}
	return nil
}
