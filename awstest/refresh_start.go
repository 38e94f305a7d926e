package awstest

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(startInstanceRefresh, append(policyFields("DesiredConfiguration.MixedInstancesPolicy"), "AutoScalingGroupName", "Strategy", "DesiredConfiguration.LaunchTemplate",
		"Preferences.MinHealthyPercentage", "Preferences.MaxHealthyPercentage", "Preferences.InstanceWarmup",
		"Preferences.ScaleInProtectedInstances", "Preferences.StandbyInstances", "Preferences.SkipMatching",
		"Preferences.CheckpointPercentages", "Preferences.CheckpointDelay", "Preferences.BakeTime", "Preferences.AutoRollback",
		"Preferences.AlarmSpecification")...)
}

func startInstanceRefresh(r *request, in *autoscaling.StartInstanceRefreshInput) (*autoscaling.StartInstanceRefreshOutput, error) {
	g, err := r.changeable(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if g.active != nil {
		return nil, &astypes.InstanceRefreshInProgressFault{
			Message: new("An Instance Refresh is already in progress and blocks the execution of this Instance Refresh."),
		}
	}
	switch in.Strategy {
	case "", astypes.RefreshStrategyRolling, astypes.RefreshStrategyReplaceRootVolume:
	default:
		return nil, validation("Strategy '%s' is not valid", in.Strategy)
	}
	prefs, err := g.effective(in.Preferences)
	if err != nil {
		return nil, err
	}
	if err := r.checkAlarms(prefs.AlarmSpecification); err != nil {
		return nil, err
	}
	var target specification
	if d := in.DesiredConfiguration; d != nil {
		if (d.LaunchTemplate == nil) == (d.MixedInstancesPolicy == nil) {
			return nil, validation("The desired configuration must contain either a launch template or a mixed instances policy")
		}
		if target, err = r.checkSpecification(specificationOf(d), g.subnets); err != nil {
			return nil, err
		}
		to := g.groupSettings
		to.use(target)
		if err := g.checkPool(to); err != nil {
			return nil, err
		}
	}

	if err := g.checkRoots(in); err != nil {
		return nil, err
	}
	if aliased := r.aliased(g.source(), specificationOf(in.DesiredConfiguration)); aliased && (in.DesiredConfiguration != nil || *prefs.SkipMatching) {
		return nil, validation("A desired configuration and skip matching are not supported for launch templates that use a Systems Manager parameter for the image")
	}
	if *prefs.SkipMatching && in.DesiredConfiguration == nil && g.LaunchConfigurationName != nil {
		return nil, validation("SkipMatching is not supported for a group that uses a launch configuration")
	}
	if problem := g.irreversible(in.DesiredConfiguration); *prefs.AutoRollback && problem != "" {
		return nil, apiError(r.unconfirmed.autoRollback(), "AutoRollback is not possible: %s", problem)
	}

	n := &refresh{
		id:       r.newUUID("refresh"),
		group:    g,
		strategy: cmp.Or(in.Strategy, astypes.RefreshStrategyRolling),
		status:   astypes.InstanceRefreshStatusPending,
		desired:  clone(in.DesiredConfiguration),
		target:   target,
		prefs:    prefs,
	}
	g.refreshes = append(g.refreshes, n)
	g.active = n
	r.transition(&n.sight, r.jitter(r.timing.RefreshStart, n.id), n.begin)
	return &autoscaling.StartInstanceRefreshOutput{InstanceRefreshId: new(n.id)}, nil
}

// aliased is true when one of the specifications has a template whose image is a
// Systems Manager parameter.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html
func (s *store) aliased(all ...specification) bool {
	for _, from := range all {
		for _, spec := range from.templates() {
			t, err := s.findTemplate(spec.LaunchTemplateId, nameUnlessID(spec))
			if err != nil {
				continue
			}
			if v, err := t.version(aws.ToString(spec.Version)); err == nil && strings.HasPrefix(aws.ToString(v.data.ImageId), aliasPrefix) {
				return true
			}
		}
	}
	return false
}

// effective is the preferences with AWS's defaults, as answers show them.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-instance-refresh-default-values.html
func (g *group) effective(sent *astypes.RefreshPreferences) (astypes.RefreshPreferences, error) {
	out := astypes.RefreshPreferences{
		MinHealthyPercentage:      new(int32(90)),
		InstanceWarmup:            new(aws.ToInt32(g.HealthCheckGracePeriod)),
		SkipMatching:              new(false),
		AutoRollback:              new(false),
		ScaleInProtectedInstances: astypes.ScaleInProtectedInstancesWait,
		StandbyInstances:          astypes.StandbyInstancesWait,
	}
	if g.DefaultInstanceWarmup != nil {
		out.InstanceWarmup = new(*g.DefaultInstanceWarmup)
	}
	if p := g.InstanceMaintenancePolicy; p != nil {
		out.MinHealthyPercentage, out.MaxHealthyPercentage = new(*p.MinHealthyPercentage), new(*p.MaxHealthyPercentage)
	}
	if sent == nil {
		return out, nil
	}
	if sent.MaxHealthyPercentage != nil && sent.MinHealthyPercentage == nil {
		return out, validation("MinHealthyPercentage must be specified when MaxHealthyPercentage is")
	}
	overlay(&out, clone(*sent))
	switch {
	case *out.InstanceWarmup < 0:
		return out, validation("InstanceWarmup must not be negative")
	case !known(out.ScaleInProtectedInstances.Values(), out.ScaleInProtectedInstances):
		return out, validation("ScaleInProtectedInstances '%s' is not valid", out.ScaleInProtectedInstances)
	case !known(out.StandbyInstances.Values(), out.StandbyInstances):
		return out, validation("StandbyInstances '%s' is not valid", out.StandbyInstances)
	}
	if err := checkPercentages(*out.MinHealthyPercentage, out.MaxHealthyPercentage); err != nil {
		return out, err
	}
	return out, checkWaits(&out)
}

// longest is the longest checkpoint delay and bake time, in seconds: two days.
const longest = 172800

// checkWaits checks the checkpoints and the bake time, and puts in AWS's delay.
func checkWaits(p *astypes.RefreshPreferences) error {
	last := int32(0)
	for _, c := range p.CheckpointPercentages {
		if c <= last || c > 100 {
			return validation("CheckpointPercentages must be unique, ascending, and between 1 and 100")
		}
		last = c
	}
	if p.CheckpointDelay != nil && len(p.CheckpointPercentages) == 0 {
		return validation("CheckpointPercentages must be specified when CheckpointDelay is")
	}
	if p.CheckpointDelay == nil && len(p.CheckpointPercentages) > 0 {
		p.CheckpointDelay = new(int32(3600))
	}
	if d := aws.ToInt32(p.CheckpointDelay); d < 0 || d > longest {
		return validation("CheckpointDelay must be between 0 and %d", longest)
	}
	if b := aws.ToInt32(p.BakeTime); b < 0 || b > longest {
		return validation("BakeTime must be between 0 and %d", longest)
	}
	return nil
}

// known is true for a value of an enumeration.
func known[T comparable](all []T, v T) bool {
	for _, k := range all {
		if k == v {
			return true
		}
	}
	return false
}
