package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(deleteAutoScalingGroup, "AutoScalingGroupName", "ForceDelete")
	handle(deleteLaunchConfiguration, "LaunchConfigurationName")
}

// deleteAutoScalingGroup removes an empty group at once. One that is forced
// terminates its instances first and is shown as being deleted until they are
// gone.
func deleteAutoScalingGroup(r *request, in *autoscaling.DeleteAutoScalingGroupInput) (*autoscaling.DeleteAutoScalingGroupOutput, error) {
	g, err := r.findGroup(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if g.deleting {
		return &autoscaling.DeleteAutoScalingGroupOutput{}, nil
	}
	force := aws.ToBool(in.ForceDelete)
	if p := g.DeletionProtection; p == astypes.DeletionProtectionPreventAllDeletion || p == astypes.DeletionProtectionPreventForceDeletion && force {
		return nil, apiError(r.unconfirmed.protectedGroup(), "The Auto Scaling group %s cannot be deleted: its deletion protection is %s", g.name, p)
	}
	all := g.everyone()
	if !force && len(all) > 0 && !slices.ContainsFunc(all, func(m *member) bool { return m.ending == nil }) {
		return nil, &astypes.ScalingActivityInProgressFault{Message: new("You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.")}
	}
	if !force && (len(all) > 0 || g.desired() > 0) {
		return nil, &astypes.ResourceInUseFault{Message: new("You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.")}
	}
	if n := g.active; n != nil {
		n.end(astypes.InstanceRefreshStatusCancelled, "The Auto Scaling group was deleted.")
	}
	g.deleting = true
	g.DesiredCapacity, g.MinSize = new(int32(0)), new(int32(0))
	for _, m := range all {
		if m.ending != nil && m.actions != nil { // nobody waits any more
			m.actions = nil
			m.goOn()
		}
		if m.ending == nil {
			m.end(g.at("an instance was taken out of service in response to a user request to delete the group."))
		}
	}
	g.leave()
	return &autoscaling.DeleteAutoScalingGroupOutput{}, nil
}

// leave takes a group that is being deleted away once it is empty.
func (g *group) leave() {
	if !g.deleting || len(g.everyone()) > 0 || g.groups.byName[g.name] != g {
		return
	}
	delete(g.groups.byName, g.name)
	g.groups.gone = append(g.groups.gone, g)
	g.groups.order = slices.DeleteFunc(g.groups.order, func(o *group) bool { return o == g })
}

func deleteLaunchConfiguration(r *request, in *autoscaling.DeleteLaunchConfigurationInput) (*autoscaling.DeleteLaunchConfigurationOutput, error) {
	configs := &r.groups.configs
	name := *in.LaunchConfigurationName
	lc := configs.byName[name]
	if lc == nil {
		return nil, validation("Launch configuration name not found - Launch configuration %s not found", name)
	}
	for _, g := range r.groups.order {
		if aws.ToString(g.LaunchConfigurationName) == name {
			return nil, &astypes.ResourceInUseFault{Message: new("Cannot delete launch configuration " + name + " because it is attached to AutoScalingGroup " + g.name)}
		}
	}
	configs.remove(lc)
	return &autoscaling.DeleteLaunchConfigurationOutput{}, nil
}
