package launchtemplate

import (
	"context"
	"strings"

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
	// ImageID of the new version, an AMI id or a resolve:ssm: alias; required.
	ImageID string
	// Image is what ImageID names, where it has been read. It is needed where
	// the source pins snapshots, and lets the root device be checked.
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
}

// Next says what [NextVersion] made or found.
type Next struct {
	Version   Version
	Source    Version
	Unchanged bool     // Version is Source: it has that image already
	Adopted   bool     // an earlier call with the same input had made it
	Warnings  []string // what AWS found wrong with the data; it stored them all the same
}

// NextVersion makes a version that has another image than its source and holds
// everything else that the source holds. The default version does not move, but
// $Latest does: what is on $Latest launches the new version from then on.
//
// A source that has the image already is returned as it is. A version that an
// earlier call made from the same source with the same image is found and
// Adopted; so is one whose response was lost. Nothing is written then.
//
// A source whose block device mappings name snapshots needs Image: a disk that
// the image brings is taken from the image, any other keeps its snapshot.
//
// Errors: [ErrInvalidInput], [ErrNotFound] (template or source version),
// [ErrPinnedSnapshot], [ErrRootDevice], all before anything is written; and
// [ErrDrift], which comes with the Next, because the version exists: more than
// the image differs from the source, and the error names the fields.
//
// AWS calls: DescribeLaunchTemplateVersions (the source unless it is given, and
// the versions with that image), CreateLaunchTemplateVersion; and where EC2
// answers with a version that is older than the call, which an earlier call made,
// DescribeLaunchTemplateVersions to see that it has not been deleted. IAM:
// ec2:DescribeLaunchTemplateVersions, ec2:CreateLaunchTemplateVersion.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
func NextVersion(ctx context.Context, api NextVersionAPI, in NextVersionInput, optFns ...func(*Options)) (*Next, error) {
	const op = "launchtemplate.NextVersion"
	o := newOptions(api, optFns)
	if err := in.check(op, o.Region); err != nil {
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
		return nil, &Error{Op: op, Region: o.Region, ID: in.Template.String(), Reason: "AWS gave version " + number(in.Source) + " without its data"}
	}
	if source.ImageID == in.ImageID {
		return &Next{Version: *source, Source: *source, Unchanged: true}, nil
	}
	if old := in.OldImage; old != nil && strings.HasPrefix(source.ImageID, "ami-") && value(old.ImageId) != source.ImageID {
		return nil, fault.Invalid(op, o.Region, "OldImage is %q, version %d has %q", value(old.ImageId), source.Number, source.ImageID)
	}
	c, refused := changeImage(source, in.ImageID, in.Image, in.OldImage)
	if refused != nil {
		refused.Op, refused.Region, refused.ID = op, o.Region, in.Template.String()
		return nil, refused
	}

	next := &Next{Source: *source}
	// Versions cannot be edited, so the number stands for all that the source holds.
	intent := intentOf("version", source.TemplateID, source.Number, c.send)
	found, err := findMade(ctx, api, op, source.TemplateID, in.ImageID, intent, o)
	if err != nil {
		return nil, err
	}
	if found != nil {
		next.Version, next.Adopted = *found, true
		return next, drift(op, o.Region, c.want, next)
	}

	text := in.Description
	if text == "" {
		text = in.ImageID + " on version " + number(source.Number)
	}
	description := describe(text, intent)
	out, err := createVersion(ctx, api, op, in.Template.String(), &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId:   &source.TemplateID,
		SourceVersion:      new(number(source.Number)),
		LaunchTemplateData: c.send,
		VersionDescription: &description,
	}, o, "version", intent, description)
	if err != nil {
		return nil, err
	}
	next.Version = *versionOf(*out.LaunchTemplateVersion)
	next.Warnings = warnings(out.Warning)
	return next, drift(op, o.Region, c.want, next)
}

// findMade looks for the version that an earlier call made for the same intent.
func findMade(ctx context.Context, api NextVersionAPI, op, templateID, imageID, intent string, o Options) (found *Version, err error) {
	in := &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &templateID,
		Filters:          []types.Filter{{Name: new("image-id"), Values: []string{imageID}}},
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

// drift compares the version with what was asked for. An answer without data
// leaves nothing to compare.
func drift(op, region string, want *types.ResponseLaunchTemplateData, next *Next) error {
	got := next.Version.Data
	if got == nil {
		return nil
	}
	fields := differences(want, got)
	if len(fields) == 0 {
		return nil
	}
	return &Error{
		Op: op, Region: region, ID: next.Source.TemplateID, Kind: ErrDrift,
		Reason: "version " + number(next.Version.Number) + " from version " + number(next.Source.Number) + ": " + strings.Join(fields, ", "),
	}
}

func (in *NextVersionInput) check(op, region string) error {
	if err := in.Template.check(op, region); err != nil {
		return err
	}
	switch s := in.SourceVersion; {
	case in.Source < 1:
		return fault.Invalid(op, region, "Source %d is not the number of a version", in.Source)
	case !strings.HasPrefix(in.ImageID, "ami-") && !strings.HasPrefix(in.ImageID, aliasPrefix):
		return fault.Invalid(op, region, "ImageID %q is neither an AMI id nor a resolve:ssm: alias", in.ImageID)
	case tooLong(in.Description):
		return fault.Invalid(op, region, "Description has more than %d bytes", maxText)
	case s != nil && (s.TemplateID == "" || s.Number != in.Source || in.Template.ID != "" && s.TemplateID != in.Template.ID ||
		in.Template.Name != "" && s.TemplateName != in.Template.Name):
		return fault.Invalid(op, region, "SourceVersion is version %d of %s, not version %d of %s", s.Number, s.TemplateID, in.Source, in.Template)
	}
	return in.checkImage(op, region)
}

// checkImage refuses an image that is not there yet: it does not show all its
// snapshots, and a disk of the old image would be kept.
func (in *NextVersionInput) checkImage(op, region string) error {
	switch i := in.Image; {
	case i == nil && in.OldImage != nil:
		return fault.Invalid(op, region, "OldImage is given without Image")
	case i == nil:
	case value(i.ImageId) != in.ImageID:
		return fault.Invalid(op, region, "Image is %q, ImageID is %q", value(i.ImageId), in.ImageID)
	case i.State != "" && i.State != types.ImageStateAvailable:
		return fault.Invalid(op, region, "image %s is %s, not available", in.ImageID, i.State)
	}
	return nil
}
