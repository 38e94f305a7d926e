package awstest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(describeScalingActivities, "AutoScalingGroupName", "ActivityIds", "Filters", "IncludeDeletedGroups", "MaxRecords", "NextToken")
}

// kept is how long Auto Scaling shows activities and refreshes: six weeks.
const kept = 6 * 7 * 24 * time.Hour

func describeScalingActivities(r *request, in *autoscaling.DescribeScalingActivitiesInput) (*autoscaling.DescribeScalingActivitiesOutput, error) {
	match, err := activityFilter(in)
	if err != nil {
		return nil, err
	}
	from, err := r.groupsOfActivities(in.AutoScalingGroupName, aws.ToBool(in.IncludeDeletedGroups))
	if err != nil {
		return nil, err
	}
	var found []*activity
	for _, g := range from {
		for _, a := range slices.Backward(g.activities) {
			if r.now.Sub(a.started) <= kept && match(a) {
				found = append(found, a)
			}
		}
	}
	if len(from) > 1 {
		slices.SortStableFunc(found, func(a, b *activity) int { return b.started.Compare(a.started) })
	}
	found, next, err := asPage(r.store, found, limits{def: 100, max: 100}, in.MaxRecords, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeScalingActivitiesOutput{NextToken: next}
	for _, a := range found {
		out.Activities = append(out.Activities, a.render())
	}
	return out, nil
}

// groupsOfActivities are the groups of a name, or all; those that were deleted
// on request.
func (r *request) groupsOfActivities(name *string, deleted bool) (out []*group, err error) {
	if deleted {
		for _, g := range r.groups.gone {
			if name == nil || g.name == *name {
				out = append(out, g)
			}
		}
	}
	if name == nil {
		return append(out, r.groups.order...), nil
	}
	g, err := r.findGroup(name)
	if err == nil {
		return append(out, g), nil
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, err
}

// activityFilter is the ids and filters of a call: all of them must hold.
func activityFilter(in *autoscaling.DescribeScalingActivitiesInput) (func(*activity) bool, error) {
	var checks []func(*activity) bool
	if len(in.ActivityIds) > 0 { // unknown ids are no error
		checks = append(checks, func(a *activity) bool { return slices.Contains(in.ActivityIds, a.id) })
	}
	for _, f := range in.Filters {
		switch name := aws.ToString(f.Name); name {
		case "Status":
			if in.AutoScalingGroupName == nil {
				return nil, validation("The filter Status can only be used with AutoScalingGroupName")
			}
			for _, v := range f.Values {
				if !slices.Contains(astypes.ScalingActivityStatusCode("").Values(), astypes.ScalingActivityStatusCode(v)) {
					return nil, validation("The value '%s' of the filter Status is not valid", v)
				}
			}
			checks = append(checks, func(a *activity) bool { return slices.Contains(f.Values, string(a.status)) })
		case "StartTimeLowerBound", "StartTimeUpperBound":
			if len(f.Values) != 1 {
				return nil, validation("The filter %s takes one value", name)
			}
			at, err := filterTime(f.Values[0])
			if err != nil {
				return nil, validation("The value '%s' of the filter %s is not a timestamp", f.Values[0], name)
			}
			checks = append(checks, func(a *activity) bool {
				if name == "StartTimeLowerBound" {
					return !a.started.Before(at)
				}
				return !a.started.After(at)
			})
		default:
			return nil, validation("The filter '%s' is not valid", name)
		}
	}
	return func(a *activity) bool {
		for _, ok := range checks {
			if !ok(a) {
				return false
			}
		}
		return true
	}, nil
}

// filterTime reads an ISO 8601 time; without an offset it is UTC.
func filterTime(s string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at, nil
	}
	return time.Parse("2006-01-02T15:04:05", s)
}
