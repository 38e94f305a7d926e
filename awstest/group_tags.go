package awstest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(createOrUpdateTags, "Tags")
	handle(deleteGroupTags, "Tags")
	handle(describeGroupTags, "Filters", "MaxRecords", "NextToken")
}

// byGroup sorts the tags of a call, which name a resource each, by the group
// that each is for, and checks them all before any is set.
func (r *request) byGroup(tags []astypes.Tag) (groups []*group, of map[*group][]astypes.Tag, err error) {
	of = map[*group][]astypes.Tag{}
	for _, t := range tags {
		g, err := r.changeable(t.ResourceId)
		if err != nil {
			return nil, nil, err
		}
		if of[g] == nil {
			groups = append(groups, g)
		}
		of[g] = append(of[g], t)
	}
	return groups, of, nil
}

// completeTags refuses tags that lack what a call needs of them, naming all of
// these with what they have.
// https://github.com/boto/boto3/issues/3098
// https://github.com/kubicorn/kubicorn/blob/master/cloud/amazon/model.go (of PropagateAtLaunch)
func completeTags(tags []astypes.Tag, lacks func(astypes.Tag) bool) error {
	spelled := func(s *string) string { return cmp.Or(aws.ToString(s), "null") }
	var incomplete string
	for _, t := range tags {
		if lacks(t) {
			propagate := "null"
			if t.PropagateAtLaunch != nil {
				propagate = yesNo(*t.PropagateAtLaunch)
			}
			incomplete += fmt.Sprintf("Tag - 'Key:%s,PropagateAtLaunch:%s,ResourceId:%s,ResourceType:%s' , ",
				spelled(t.Key), propagate, spelled(t.ResourceId), spelled(t.ResourceType))
		}
	}
	if incomplete == "" {
		return nil
	}
	return validation("Incomplete tags information for these tags. %s", incomplete)
}

// ofNoGroup is true for a tag that does not say what it is a tag of.
func ofNoGroup(t astypes.Tag) bool {
	return aws.ToString(t.ResourceId) == "" || aws.ToString(t.ResourceType) == ""
}

// createOrUpdateTags sets tags of one or more groups. Instances that run get
// none of them.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
func createOrUpdateTags(r *request, in *autoscaling.CreateOrUpdateTagsInput) (*autoscaling.CreateOrUpdateTagsOutput, error) {
	if err := completeTags(in.Tags, func(t astypes.Tag) bool { return ofNoGroup(t) || t.PropagateAtLaunch == nil }); err != nil {
		return nil, err
	}
	groups, of, err := r.byGroup(in.Tags)
	if err != nil {
		return nil, err
	}
	after := map[*group][]astypes.TagDescription{}
	for _, g := range groups {
		set, err := groupTags(g.name, of[g])
		if err != nil {
			return nil, err
		}
		after[g] = slices.DeleteFunc(slices.Clone(g.tags), func(t astypes.TagDescription) bool {
			return slices.ContainsFunc(set, func(n astypes.TagDescription) bool { return *n.Key == *t.Key })
		})
		after[g] = append(after[g], set...)
		if len(after[g]) > maxTags {
			return nil, &astypes.LimitExceededFault{Message: new("The group " + g.name + " would have too many tags")}
		}
	}
	for _, g := range groups {
		g.tags = after[g]
	}
	return &autoscaling.CreateOrUpdateTagsOutput{}, nil
}

// deleteGroupTags goes by the key alone: one that the group does not have is no
// error.
func deleteGroupTags(r *request, in *autoscaling.DeleteTagsInput) (*autoscaling.DeleteTagsOutput, error) {
	if err := completeTags(in.Tags, ofNoGroup); err != nil {
		return nil, err
	}
	groups, of, err := r.byGroup(in.Tags)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		g.tags = slices.DeleteFunc(slices.Clone(g.tags), func(t astypes.TagDescription) bool {
			return slices.ContainsFunc(of[g], func(n astypes.Tag) bool { return aws.ToString(n.Key) == *t.Key })
		})
	}
	return &autoscaling.DeleteTagsOutput{}, nil
}

// groupTagFilters are the filters of DescribeTags. Values are taken literally.
var groupTagFilters = map[string]func(astypes.TagDescription) string{
	"auto-scaling-group":  func(t astypes.TagDescription) string { return *t.ResourceId },
	"key":                 func(t astypes.TagDescription) string { return *t.Key },
	"value":               func(t astypes.TagDescription) string { return *t.Value },
	"propagate-at-launch": func(t astypes.TagDescription) string { return yesNo(*t.PropagateAtLaunch) },
}

func describeGroupTags(r *request, in *autoscaling.DescribeTagsInput) (*autoscaling.DescribeTagsOutput, error) {
	for _, f := range in.Filters {
		if groupTagFilters[aws.ToString(f.Name)] == nil {
			return nil, validation("Filter type %s is not correct. Allowed Filter types are: auto-scaling-group key value propagate-at-launch", aws.ToString(f.Name))
		}
	}
	var found []astypes.TagDescription
	for _, g := range r.groups.order {
		for _, t := range g.tags {
			if tagFits(t, in.Filters) {
				found = append(found, t)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b astypes.TagDescription) int {
		return cmp.Or(cmp.Compare(*a.ResourceId, *b.ResourceId), cmp.Compare(*a.Key, *b.Key))
	})
	found, next, err := asPage(r.store, found, limits{def: 50, max: 100}, in.MaxRecords, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &autoscaling.DescribeTagsOutput{Tags: clone(found), NextToken: next}, nil
}

// tagFits is true for a tag for which all filters hold, each by any of its
// values.
func tagFits(t astypes.TagDescription, filters []astypes.Filter) bool {
	for _, f := range filters {
		if !slices.Contains(f.Values, groupTagFilters[*f.Name](t)) {
			return false
		}
	}
	return true
}
