package awstest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"slices"
)

func init() {
	handle(describeAutoScalingGroups, "AutoScalingGroupNames", "Filters", "IncludeInstances", "MaxRecords", "NextToken")
}

// maxNames is how many names one call takes unless MaxRecords allows for more.
const maxNames = 50

var groupFilters = filterTable[*group]{
	values: map[string]func(*group) []string{
		"tag-value": func(g *group) (out []string) {
			for _, t := range g.tags {
				out = append(out, *t.Value)
			}
			return out
		},
	},
	tags: func(g *group) tagSet {
		var out tagSet
		for _, t := range g.tags {
			out = append(out, tagPair{*t.Key, *t.Value})
		}
		return out
	},
}

func describeAutoScalingGroups(r *request, in *autoscaling.DescribeAutoScalingGroupsInput) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	match, err := groupFilters.compile(convert[[]ec2types.Filter](in.Filters))
	if err != nil {
		_, message := apiParts(err)
		return nil, validation("%s", message)
	}
	if n := max(maxNames, int(aws.ToInt32(in.MaxRecords))); len(in.AutoScalingGroupNames) > n {
		return nil, validation("1 validation error detected: Value at 'autoScalingGroupNames' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", n)
	}
	found := r.namedGroups(in.AutoScalingGroupNames)
	if len(in.Filters) > 0 {
		found = slices.DeleteFunc(slices.Clone(found), func(g *group) bool { return !match(g) })
	}
	found, next, err := asPage(r.store, found, limits{def: 50, max: 100}, in.MaxRecords, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeAutoScalingGroupsOutput{NextToken: next, AutoScalingGroups: make([]astypes.AutoScalingGroup, len(found))}
	instances := in.IncludeInstances == nil || *in.IncludeInstances
	for i, g := range found {
		g.render(&out.AutoScalingGroups[i], instances)
		if instances {
			r.showMembers(g.members)
		}
	}
	return out, nil
}

// namedGroups are the groups with these names, all without any. Names that no
// group has are left out, as AWS does.
func (s *store) namedGroups(names []string) []*group {
	if len(names) == 0 {
		return s.groups.order
	}
	var out []*group
	seen := map[string]bool{}
	for _, name := range names {
		if g := s.groups.byName[name]; g != nil && !seen[name] {
			seen[name] = true
			out = append(out, g)
		}
	}
	return out
}
