package awstest

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// tagSet is the tags of one resource, in the order of their keys. It is never
// changed in place, so that things may share one.
type tagSet []tagPair

type tagPair struct{ key, value string }

func (a tagPair) compare(b tagPair) int { return strings.Compare(a.key, b.key) }

// tagsOf reads a map of tags.
func tagsOf(m map[string]string) tagSet {
	out := make(tagSet, 0, len(m))
	for key, value := range m {
		out = append(out, tagPair{key, value})
	}
	slices.SortFunc(out, tagPair.compare)
	return out
}

// asMap is what the tags are to those who use the package.
func (t tagSet) asMap() map[string]string {
	if t == nil {
		return nil
	}
	out := make(map[string]string, len(t))
	for _, p := range t {
		out[p.key] = p.value
	}
	return out
}

// get is the value of a tag; false: there is no such tag.
func (t tagSet) get(key string) (string, bool) {
	for _, p := range t {
		if p.key == key {
			return p.value, true
		}
	}
	return "", false
}

func (t tagSet) keys() []string {
	out := make([]string, len(t))
	for n, p := range t {
		out[n] = p.key
	}
	return out
}

// ec2 lists the tags as EC2 answers them, nil when there are none.
func (t tagSet) ec2() []ec2types.Tag { return t.ec2In(&arena{}) }

// ec2In is ec2 with the strings in an arena.
func (t tagSet) ec2In(a *arena) []ec2types.Tag {
	if len(t) == 0 {
		return nil
	}
	out := room(&a.tags, len(t))
	for n, p := range t {
		out[n].Key, out[n].Value = a.text(p.key), a.text(p.value)
	}
	return out
}

// with is t and more, more winning.
func (t tagSet) with(more ...tagPair) tagSet {
	out := t.without(func(have tagPair) bool {
		return slices.ContainsFunc(more, func(p tagPair) bool { return p.key == have.key })
	})
	out = append(out, more...)
	slices.SortFunc(out, tagPair.compare)
	return out
}

// without is t less what goes.
func (t tagSet) without(goes func(tagPair) bool) tagSet {
	return slices.DeleteFunc(slices.Clone(t), goes)
}

// maxTags is AWS's limit of tags on one resource.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const maxTags = 50

// checkTags reads a list of tags as EC2 does.
func checkTags(tags []ec2types.Tag) (tagSet, error) {
	out := tagSet{}
	for _, tag := range tags {
		key := aws.ToString(tag.Key)
		switch {
		case key == "" || len(key) > 128:
			return nil, apiError("InvalidParameterValue", "Tag key '%s' must be 1 to 128 characters", key)
		case strings.HasPrefix(key, "aws:"):
			return nil, apiError("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
		case len(aws.ToString(tag.Value)) > 256:
			return nil, apiError("InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters")
		}
		if _, twice := out.get(key); twice {
			return nil, apiError("InvalidParameterValue", "Duplicate tag key '%s' specified.", key)
		}
		out = append(out, tagPair{key, aws.ToString(tag.Value)})
	}
	if len(out) > maxTags {
		return nil, apiError("TagLimitExceeded", "More than %d tags specified", maxTags)
	}
	slices.SortFunc(out, tagPair.compare)
	return out, nil
}

// tagSpecs reads the tags that a call sets on what it makes, by resource type.
// A type that is not in allowed is refused.
func tagSpecs(specs []ec2types.TagSpecification, allowed ...ec2types.ResourceType) (map[ec2types.ResourceType]tagSet, error) {
	out := map[ec2types.ResourceType]tagSet{}
	for _, spec := range specs {
		if !slices.Contains(allowed, spec.ResourceType) {
			return nil, apiError("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", spec.ResourceType)
		}
		if out[spec.ResourceType] != nil {
			return nil, apiError("InvalidParameterValue", "Multiple TagSpecifications for the resource type '%s'", spec.ResourceType)
		}
		tags, err := checkTags(spec.Tags)
		if err != nil {
			return nil, err
		}
		out[spec.ResourceType] = tags
	}
	return out, nil
}
