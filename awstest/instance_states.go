package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(startInstances, "InstanceIds")
	handle(stopInstances, "InstanceIds")
	handle(terminateInstances, "InstanceIds")
}

// changeAll finds all instances and moves each, answering the states before and
// after.
func (r *request) changeAll(ids []string, allowed, move func(*instance) error) ([]ec2types.InstanceStateChange, error) {
	all, err := r.findInstances(ids)
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		if err := allowed(i); err != nil {
			return nil, err // for all: none has been moved
		}
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	var out []ec2types.InstanceStateChange
	for _, i := range all {
		before := i.state
		if err := move(i); err != nil {
			return nil, err
		}
		r.show(&i.sight)
		out = append(out, ec2types.InstanceStateChange{
			InstanceId:    new(i.id),
			PreviousState: instanceState(before),
			CurrentState:  instanceState(i.state),
		})
	}
	return out, nil
}

func startInstances(r *request, in *ec2.StartInstancesInput) (*ec2.StartInstancesOutput, error) {
	changes, err := r.changeAll(in.InstanceIds, (*instance).startable, r.start)
	if err != nil {
		return nil, err
	}
	return &ec2.StartInstancesOutput{StartingInstances: changes}, nil
}

func stopInstances(r *request, in *ec2.StopInstancesInput) (*ec2.StopInstancesOutput, error) {
	changes, err := r.changeAll(in.InstanceIds, (*instance).stoppable, r.stop)
	if err != nil {
		return nil, err
	}
	return &ec2.StopInstancesOutput{StoppingInstances: changes}, nil
}

func terminateInstances(r *request, in *ec2.TerminateInstancesInput) (*ec2.TerminateInstancesOutput, error) {
	changes, err := r.changeAll(in.InstanceIds, func(*instance) error { return nil }, func(i *instance) error { r.terminate(i); return nil })
	if err != nil {
		return nil, err
	}
	return &ec2.TerminateInstancesOutput{TerminatingInstances: changes}, nil
}
