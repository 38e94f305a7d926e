package awstest

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeInstanceStatus, "InstanceIds", "IncludeAllInstances", "Filters", "MaxResults", "NextToken")
}

var statusFilters = filterTable[instanceView]{
	values: map[string]func(instanceView) []string{
		"availability-zone":            instanceFilters.values["availability-zone"],
		"availability-zone-id":         instanceFilters.values["availability-zone-id"],
		"instance-state-code":          one(func(v instanceView) string { return strconv.Itoa(int(stateCodes[v.state])) }),
		"instance-state-name":          instanceFilters.values["instance-state-name"],
		"instance-status.reachability": one(func(v instanceView) string { return string(v.s.reachability(v.instance)) }),
		"instance-status.status":       one(func(v instanceView) string { return string(v.s.status(v.instance)) }),
		"system-status.reachability":   one(func(v instanceView) string { return string(v.s.reachability(v.instance)) }),
		"system-status.status":         one(func(v instanceView) string { return string(v.s.status(v.instance)) }),
		"attached-ebs-status.status":   one(func(v instanceView) string { return string(v.s.status(v.instance)) }),
	},
	unmodelled: "application-status.status event. operator.",
}

// status is what EC2's checks of the machine say: a while after it has come to
// run they pass. They see nothing of what runs on it.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html
func (s *store) status(i *instance) ec2types.SummaryStatus {
	switch {
	case i.state != ec2types.InstanceStateNameRunning:
		return ec2types.SummaryStatusNotApplicable
	case s.now.Before(i.ran.Add(s.jitter(s.timing.HealthCheck, i.id+"/status"))):
		return ec2types.SummaryStatusInitializing
	}
	return ec2types.SummaryStatusOk
}

// reachability is the one check that stands behind each status; empty: it does
// not apply.
func (s *store) reachability(i *instance) ec2types.StatusType {
	switch s.status(i) {
	case ec2types.SummaryStatusOk:
		return ec2types.StatusTypePassed
	case ec2types.SummaryStatusInitializing:
		return ec2types.StatusTypeInitializing
	}
	return ""
}

// describeInstanceStatus lists running instances only, unless asked for all.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html
func describeInstanceStatus(r *request, in *ec2.DescribeInstanceStatusInput) (*ec2.DescribeInstanceStatusOutput, error) {
	match, err := statusFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	if len(in.InstanceIds) > 0 && in.MaxResults != nil {
		return nil, apiError("InvalidParameterCombination",
			"The parameter instancesSet cannot be used with the parameter maxResults")
	}
	from := r.instances.order
	if len(in.InstanceIds) > 0 {
		if from, err = r.findInstances(in.InstanceIds); err != nil {
			return nil, err
		}
	}
	var all []*instance
	for _, i := range from {
		shown := i.state == ec2types.InstanceStateNameRunning || aws.ToBool(in.IncludeAllInstances)
		if shown && match(instanceView{i, r.store}) && !r.unseen(&i.fresh) {
			all = append(all, i)
		}
	}
	cut, next, err := page(r.store, all, limits{max: 1000}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeInstanceStatusOutput{NextToken: next}
	for _, i := range cut {
		r.show(&i.sight)
		out.InstanceStatuses = append(out.InstanceStatuses, r.renderStatus(i))
	}
	return out, nil
}

func (s *store) renderStatus(i *instance) ec2types.InstanceStatus {
	summary := func() *ec2types.InstanceStatusSummary {
		out := &ec2types.InstanceStatusSummary{Status: s.status(i)}
		if check := s.reachability(i); check != "" {
			out.Details = []ec2types.InstanceStatusDetails{{Name: ec2types.StatusNameReachability, Status: check}}
		}
		return out
	}
	ebs := &ec2types.EbsStatusSummary{Status: s.status(i)}
	if check := s.reachability(i); check != "" {
		ebs.Details = []ec2types.EbsStatusDetails{{Name: ec2types.StatusNameReachability, Status: check}}
	}
	return ec2types.InstanceStatus{
		AttachedEbsStatus:  ebs,
		AvailabilityZone:   new(i.subnet.zone.name),
		AvailabilityZoneId: new(i.subnet.zone.id),
		InstanceId:         new(i.id),
		InstanceState:      instanceState(i.state),
		InstanceStatus:     summary(),
		SystemStatus:       summary(),
	}
}
