package awstest

import (
	"maps"
	"slices"
	"strings"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// tagSet is the tags of one resource.
type tagSet map[string]string

func (t tagSet) keys() []string { return slices.Sorted(maps.Keys(t)) }

// ec2 lists the tags as EC2 answers them, nil when there are none.
func (t tagSet) ec2() []ec2types.Tag {
	var out []ec2types.Tag
	for _, k := range t.keys() {
		out = append(out, ec2types.Tag{Key: new(k), Value: new(t[k])})
	}
	return out
}

// ec2In is ec2 with the strings in an arena.
func (t tagSet) ec2In(a *arena) []ec2types.Tag {
	if len(t) == 0 {
		return nil
	}
	out := sized[ec2types.Tag](len(t))
	for key, value := range t {
		out = append(out, ec2types.Tag{Key: a.text(key), Value: a.text(value)})
	}
	slices.SortFunc(out, func(a, b ec2types.Tag) int { return strings.Compare(*a.Key, *b.Key) })
	return out
}

// with is t and more, more winning; t itself stays as it is.
func (t tagSet) with(more tagSet) tagSet {
	out := maps.Clone(t)
	if out == nil {
		out = tagSet{}
	}
	maps.Copy(out, more)
	return out
}

// maxTags is AWS's limit of tags on one resource.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const maxTags = 50

// checkTags reads a list of tags as EC2 does.
func checkTags(tags []ec2types.Tag) (tagSet, error) {
	out := tagSet{}
	for _, tag := range tags {
		key := deref(tag.Key)
		switch {
		case key == "" || len(key) > 128:
			return nil, apiError("InvalidParameterValue", "Tag key '%s' must be 1 to 128 characters", key)
		case strings.HasPrefix(key, "aws:"):
			return nil, apiError("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
		case len(deref(tag.Value)) > 256:
			return nil, apiError("InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters")
		}
		if _, twice := out[key]; twice {
			return nil, apiError("InvalidParameterValue", "Duplicate tag key '%s' specified.", key)
		}
		out[key] = deref(tag.Value)
	}
	if len(out) > maxTags {
		return nil, apiError("TagLimitExceeded", "More than %d tags specified", maxTags)
	}
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
