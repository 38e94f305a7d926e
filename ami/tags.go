package ami

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// The tags by which a later run recognises what an earlier one made. They are
// on images and on their snapshots.
const (
	// TagDelivery names the delivery that an image belongs to.
	TagDelivery = "readyami:delivery"
	// TagIntent is a hash of all that an image is made from; this package sets it.
	TagIntent = "readyami:intent"
	// TagSource is what an image was made from: an instance id, or for a copy
	// the Region and id of its source, as in "eu-west-1/ami-0123456789abcdef0".
	// This package sets it.
	TagSource = "readyami:source"
	// TagFamily names what the image is a version of, such as "storefront". The
	// retirement of images ([Lifecycle]) counts within a family.
	TagFamily = "readyami:family"
	// TagPredecessor is the ID of the image that the groups of the same Region ran
	// before this one.
	TagPredecessor = "readyami:predecessor"
	// TagRejected marks an image that a fleet was rolled back from.
	TagRejected = "readyami:rejected"
)

// Limits of EC2 tags.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// Tag is the value of a tag in a list as AWS gives it, empty when it is absent.
func Tag(tags []types.Tag, key string) string {
	for _, t := range tags {
		if aws.ToString(t.Key) == key {
			return aws.ToString(t.Value)
		}
	}
	return ""
}

// ownTags are the tags that this package writes when it creates an image.
type ownTags struct{ intent, source, family, predecessor string }

// by is them by their keys, without those that are empty.
func (o ownTags) by() map[string]string {
	all := map[string]string{TagIntent: o.intent, TagSource: o.source, TagFamily: o.family, TagPredecessor: o.predecessor}
	maps.DeleteFunc(all, func(_, v string) bool { return v == "" })
	return all
}

// check refuses tags that the input gives in two places, and what AWS would
// refuse.
func (o ownTags) check(op string, at fault.Place, tags map[string]string) error {
	if o.predecessor != "" {
		if err := checkImageID(op, at, "Predecessor", o.predecessor); err != nil {
			return err
		}
	}
	if utf8.RuneCountInString(o.family) > maxTagValue {
		return fault.Invalid(op, at, "Family must be at most %d characters long", maxTagValue)
	}
	for k, field := range map[string]string{TagFamily: o.family, TagPredecessor: o.predecessor} {
		if _, given := tags[k]; given && field != "" {
			return fault.Invalid(op, at, "Tags must not have %q if the field for it is set", k)
		}
	}
	if err := checkTags(op, at, tags); err != nil {
		return err
	}
	o.intent, o.source = "set later", "set later"
	if n := len(tags) + len(o.by()); n > maxTags {
		return fault.Invalid(op, at, "Tags: %d with those of this module, at most %d are allowed", n, maxTags)
	}
	return nil
}

// checkTags refuses what AWS would refuse, and the two tags that are ours.
func checkTags(op string, at fault.Place, tags map[string]string) error {
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		switch {
		case k == "":
			return fault.Invalid(op, at, "Tags: a key is empty")
		case k == TagIntent || k == TagSource:
			return fault.Invalid(op, at, "Tags: %q is set by this module", k)
		case len(k) >= 4 && strings.EqualFold(k[:4], "aws:"):
			return fault.Invalid(op, at, "Tags: key %q: the prefix aws: is reserved", k)
		case utf8.RuneCountInString(k) > maxTagKey:
			return fault.Invalid(op, at, "Tags: key %q is longer than %d characters", k, maxTagKey)
		case utf8.RuneCountInString(tags[k]) > maxTagValue:
			return fault.Invalid(op, at, "Tags: the value of %q is longer than %d characters", k, maxTagValue)
		}
	}
	if n := len(tags) + 2; n > maxTags {
		return fault.Invalid(op, at, "Tags: %d with the two of this module, at most %d are allowed", n, maxTags)
	}
	return nil
}

// tagSpecs puts the same tags on the image and on its snapshots in the call
// that makes them: a later CreateTags may meet an image that AWS does not know
// yet, and a crash before it leaves an image that nobody owns.
func tagSpecs(tags map[string]string, own ownTags) []types.TagSpecification {
	all := own.by()
	maps.Copy(all, tags)
	list := tagList(all)
	return []types.TagSpecification{
		{ResourceType: types.ResourceTypeImage, Tags: list},
		{ResourceType: types.ResourceTypeSnapshot, Tags: slices.Clone(list)},
	}
}
