package asg

import (
	"context"
	"iter"
	"maps"
	"path"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// FindAPI is what [Find] calls.
type FindAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
}

var _ FindAPI = (*autoscaling.Client)(nil)

// FindInput says which groups are meant: those that fit all of it. One field at
// least is set; [All] is for every group.
type FindInput struct {
	// Name is a pattern in which * stands for any characters but a slash, and ?
	// for one, as of [path.Match]. Empty: any name.
	Name string
	// Tags that the group has, with these values.
	Tags map[string]string
	// TagKeys are keys of tags that the group has, with whatever value.
	TagKeys []string
}

// Find walks the groups of the account in the Region that fit, without their
// instances. No group that fits is no error: the walk is empty then. It ends at
// the first error; a second walk reads anew. Errors: [ErrInvalidInput].
//
// AWS calls: DescribeAutoScalingGroups, one for each 100 groups with the tags.
// IAM: autoscaling:DescribeAutoScalingGroups.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
func Find(ctx context.Context, api FindAPI, in FindInput, optFns ...func(*Options)) iter.Seq2[types.AutoScalingGroup, error] {
	const op = "asg.Find"
	o := newOptions(api, optFns)
	in.Tags, in.TagKeys = maps.Clone(in.Tags), slices.Clone(in.TagKeys)
	return func(yield func(types.AutoScalingGroup, error) bool) {
		if problem := in.problem(); problem != "" {
			yield(types.AutoScalingGroup{}, fault.Invalid(op, o.place(), "%s", problem))
			return
		}
		for g, err := range all(ctx, api, op, in.filters(), o) {
			if (err != nil || in.fits(g)) && !yield(g, err) {
				return
			}
		}
	}
}

func (in *FindInput) problem() string {
	_, err := path.Match(in.Name, "")
	_, noKey := in.Tags[""]
	switch {
	case in.Name == "" && len(in.Tags) == 0 && len(in.TagKeys) == 0:
		return "neither Name nor Tags nor TagKeys says which groups are meant"
	case err != nil:
		return "Name " + in.Name + " is no pattern"
	case noKey || slices.Contains(in.TagKeys, ""):
		return "a key of a tag is empty"
	}
	return ""
}

// filters are those that AWS applies; it has none for a name.
func (in *FindInput) filters() []types.Filter {
	var out []types.Filter
	for _, k := range slices.Sorted(maps.Keys(in.Tags)) {
		out = append(out, types.Filter{Name: new("tag:" + k), Values: []string{in.Tags[k]}})
	}
	for _, k := range in.TagKeys { // one each: several keys in one filter mean any of them
		out = append(out, types.Filter{Name: new("tag-key"), Values: []string{k}})
	}
	return out
}

// fits reports whether a group is one that is meant. The tags are looked at
// again: an endpoint that takes no filters would give groups of others.
func (in *FindInput) fits(g types.AutoScalingGroup) bool {
	if ok, _ := path.Match(in.Name, aws.ToString(g.AutoScalingGroupName)); in.Name != "" && !ok {
		return false
	}
	has := map[string]string{}
	for _, t := range g.Tags {
		has[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	for k, v := range in.Tags {
		if got, ok := has[k]; !ok || got != v {
			return false
		}
	}
	return !slices.ContainsFunc(in.TagKeys, func(k string) bool { _, ok := has[k]; return !ok })
}
