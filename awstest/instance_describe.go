package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func init() {
	handle(describeInstances, "InstanceIds", "Filters", "MaxResults", "NextToken")
}

type instanceView struct {
	*instance
	s *store
}

func describeInstances(r *request, in *ec2.DescribeInstancesInput) (*ec2.DescribeInstancesOutput, error) {
	match, err := instanceFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	if len(in.InstanceIds) > 0 && in.MaxResults != nil {
		return nil, apiError("InvalidParameterCombination",
			"The parameter instancesSet cannot be used with the parameter maxResults")
	}
	from := r.instances.all()
	if len(in.InstanceIds) > 0 {
		if from, err = r.findInstances(in.InstanceIds); err != nil {
			return nil, err
		}
	}
	var all []*instance
	for _, i := range from {
		if match(instanceView{i, r.store}) && !r.unseen(&i.fresh) {
			all = append(all, i)
		}
	}
	cut, next, err := page(r.store, all, limits{max: 1000}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &ec2.DescribeInstancesOutput{Reservations: r.reservations(cut), NextToken: next}, nil
}
