package launchtemplate

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// change is what a next version is asked to be.
type change struct {
	target *types.RequestLaunchTemplateData // all that the version is to hold
	fields []string                         // in which it differs from its source
	send   *types.RequestLaunchTemplateData // on top of the source version, or all of it
	whole  bool                             // send is all of it: a field goes, which AWS would inherit
}

// plan says what is to be sent for what was asked.
func (in *NextVersionInput) plan(op string, at fault.Place, source *Version) (*change, error) {
	refuse := func(e *Error) error {
		e.Op, e.Account, e.Region, e.ID = op, at.Account, at.Region, in.Template.String()
		return e
	}
	before, err := requestOf(source.Data)
	if err != nil {
		return nil, refuse(&Error{Err: err})
	}
	target, _ := requestOf(source.Data)
	image := source.ImageID
	if in.ImageID != "" && in.ImageID != image {
		image = in.ImageID
		target.ImageId = &image
		if e := forImage(target.BlockDeviceMappings, source.Number, in.Image); e != nil {
			return nil, refuse(e)
		}
	}
	if in.Change != nil {
		in.Change(target)
		if aws.ToString(target.ImageId) != image {
			return nil, fault.Invalid(op, at, "Change sets ImageId to %q; that is what ImageID is for", aws.ToString(target.ImageId))
		}
	}
	c := &change{target: target, fields: differences(before, target)}
	if len(c.fields) == 0 {
		if in.Revision != "" { // AWS takes no version without data
			c.send, c.whole = target, true
		}
		return c, nil
	}
	if e := missedRoot(target.BlockDeviceMappings, in.Image, in.OldImage); e != nil {
		return nil, refuse(e)
	}
	c.send = &types.RequestLaunchTemplateData{}
	from, to := reflect.ValueOf(target).Elem(), reflect.ValueOf(c.send).Elem()
	sent := slices.Clone(c.fields)
	if pinsSnapshot(before.BlockDeviceMappings) && !slices.Contains(sent, "BlockDeviceMappings") {
		sent = append(sent, "BlockDeviceMappings")
	}
	for _, name := range sent {
		if plain(from.FieldByName(name)) == nil {
			c.send, c.whole = target, true
			break
		}
		to.FieldByName(name).Set(from.FieldByName(name))
	}
	return c, nil
}

// intent is the short name of the change. Versions cannot be edited, so the
// number of the source stands for all that it holds.
func (c *change) intent(source *Version, revision string) string {
	kind := "version"
	if c.whole {
		kind = "whole version"
	}
	parts := []any{kind, source.TemplateID, source.Number, c.send}
	if revision != "" {
		parts = append(parts, revision)
	}
	return intentOf(parts...)
}

// text describes the change where the caller does not.
func (c *change) text(source *Version) string {
	if len(c.fields) == 1 && c.fields[0] == "ImageId" {
		return aws.ToString(c.target.ImageId) + " on version " + number(source.Number)
	}
	out := "version " + number(source.Number) + " with another " + strings.Join(c.fields, ", ")
	if tooLong(out) {
		return "version " + number(source.Number) + ", changed"
	}
	return out
}

// drift compares a version with what was asked for. An answer without data
// leaves nothing to compare.
func (c *change) drift(op string, at fault.Place, next *NextVersionResult) error {
	if next.Version.Data == nil {
		return nil
	}
	got, err := requestOf(next.Version.Data)
	if err != nil {
		return &Error{Op: op, Account: at.Account, Region: at.Region, ID: next.Source.TemplateID, Kind: ErrDrift, Err: err}
	}
	fields := differences(c.target, got)
	if len(fields) == 0 {
		return nil
	}
	return &Error{
		Op: op, Account: at.Account, Region: at.Region, ID: next.Source.TemplateID, Kind: ErrDrift,
		Reason: "version " + number(next.Version.Number) + " from version " + number(next.Source.Number) + ": " + strings.Join(fields, ", "),
	}
}
