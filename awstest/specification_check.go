package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// checkSource tests a group's launch source as AWS does when it is set, and
// completes what it leaves out.
func (s *store) checkSource(g *groupSettings, subnets []*subnet) error {
	given := 0
	for _, set := range []bool{g.LaunchTemplate != nil, g.LaunchConfigurationName != nil, g.MixedInstancesPolicy != nil} {
		if set {
			given++
		}
	}
	if given != 1 {
		return errOneSource()
	}
	full, err := s.checkSpecification(g.source(), subnets)
	if err == nil {
		g.use(full)
	}
	return err
}

func errOneSource() error {
	return validation("Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.")
}

// checkSpecification tests that each launch that the specification allows would
// work now. It returns the specification as a group keeps it: templates with
// both id and name, the version as it was given, and AWS's defaults in a policy.
func (s *store) checkSpecification(given specification, subnets []*subnet) (specification, error) {
	if given.config != "" {
		if s.groups.configs.byName[given.config] == nil {
			return given, validation("Launch configuration name not found - Launch configuration %s not found", given.config)
		}
		return given, nil
	}
	if given.policy != nil {
		if err := checkPolicyShape(given.policy); err != nil {
			return given, err
		}
	}
	for _, t := range given.templates() {
		if (t.LaunchTemplateId == nil) == (t.LaunchTemplateName == nil) {
			return given, validation("Valid requests must contain either launchTemplateId or LaunchTemplateName")
		}
	}
	for _, c := range given.choices() {
		spec, err := s.resolveChoice(c)
		if err == nil && spec.spot && given.policy != nil {
			// https://github.com/kubernetes/kops/pull/7066
			return given, apiError("InvalidQueryParameter", "Incompatible launch template: You cannot use a launch template that is set to request "+
				"Spot Instances (InstanceMarketOptions) when you configure an Auto Scaling group with a mixed instances policy. "+
				"Add a different launch template to the group and try again.")
		}
		if err == nil {
			spec.subnetID = subnets[0].id
			_, err = s.planLaunch(spec)
		}
		if code, message := apiParts(err); code != "" {
			return given, validation("You must use a valid fully-formed launch template. %s", message)
		}
		if err != nil {
			return given, err
		}
	}
	full := specification{template: clone(given.template), policy: clone(given.policy)}
	if full.policy != nil {
		withPolicyDefaults(full.policy)
	}
	for _, t := range full.templates() {
		found, err := s.findTemplate(t.LaunchTemplateId, t.LaunchTemplateName)
		if err != nil {
			return given, validation("You must use a valid fully-formed launch template. %s", err)
		}
		t.LaunchTemplateId, t.LaunchTemplateName = new(found.id), new(found.name)
	}
	return full, nil
}

// Limits of one mixed instances policy.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateOverrides.html
const (
	maxPolicyTemplates    = 20 // the base included
	maxPolicyTypes        = 40
	maxPolicyRequirements = 4
	maxWeight             = 999
)

// checkPolicyShape refuses a policy that contradicts itself, whatever the
// templates in it are.
func checkPolicyShape(p *astypes.MixedInstancesPolicy) error {
	if p.LaunchTemplate == nil || p.LaunchTemplate.LaunchTemplateSpecification == nil {
		return validation("LaunchTemplate and LaunchTemplateSpecification must be specified in a MixedInstancesPolicy")
	}
	var named, typed, required, weighted int
	for _, o := range p.LaunchTemplate.Overrides {
		if o.LaunchTemplateSpecification != nil {
			named++
		}
		if o.InstanceType != nil {
			typed++
		}
		if o.InstanceRequirements != nil {
			required++
			if err := checkRequirements(o.InstanceRequirements); err != nil {
				return err
			}
		}
		if o.WeightedCapacity != nil {
			weighted++
			if w := weightOf(o.WeightedCapacity); w < 1 || w > maxWeight {
				return validation("WeightedCapacity '%s' must be a number between 1 and %d", *o.WeightedCapacity, maxWeight)
			}
		}
		if id := o.ImageId; id != nil && !wellFormed("ami-", *id) {
			return validation("ImageId '%s' in the overrides is not the id of an AMI", *id)
		}
	}
	switch all := len(p.LaunchTemplate.Overrides); {
	case typed > 0 && required > 0:
		return validation("InstanceType and InstanceRequirements cannot be used in the same mixed instances policy")
	case weighted > 0 && weighted < all:
		return validation("If WeightedCapacity is specified for one override, it must be specified for all of them")
	case typed > maxPolicyTypes:
		return validation("A mixed instances policy can have at most %d instance types", maxPolicyTypes)
	case required > maxPolicyRequirements:
		return validation("A mixed instances policy can have at most %d sets of instance requirements", maxPolicyRequirements)
	case named+1 > maxPolicyTemplates:
		return validation("A mixed instances policy can have at most %d launch templates", maxPolicyTemplates)
	}
	return checkDistribution(p.InstancesDistribution, required > 0)
}

// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
func checkDistribution(d *astypes.InstancesDistribution, attributeBased bool) error {
	if d == nil {
		return nil
	}
	onDemand, spot := aws.ToString(d.OnDemandAllocationStrategy), aws.ToString(d.SpotAllocationStrategy)
	switch {
	case d.OnDemandAllocationStrategy != nil && !slices.Contains([]string{strategyPrioritized, strategyLowestPrice}, onDemand):
		return validation("OnDemandAllocationStrategy '%s' is not valid", onDemand)
	case attributeBased && onDemand == strategyPrioritized:
		return validation("The prioritized OnDemandAllocationStrategy cannot be used with InstanceRequirements")
	case d.SpotAllocationStrategy != nil && !slices.Contains([]string{"capacity-optimized", "capacity-optimized-prioritized",
		strategyLowestPrice, "price-capacity-optimized"}, spot):
		return validation("SpotAllocationStrategy '%s' is not valid", spot)
	case attributeBased && spot == "capacity-optimized-prioritized":
		return validation("The capacity-optimized-prioritized SpotAllocationStrategy cannot be used with InstanceRequirements")
	case aws.ToInt32(d.OnDemandBaseCapacity) < 0:
		return validation("OnDemandBaseCapacity must not be negative")
	case aws.ToInt32(d.OnDemandPercentageAboveBaseCapacity) < 0 || aws.ToInt32(d.OnDemandPercentageAboveBaseCapacity) > 100:
		return validation("OnDemandPercentageAboveBaseCapacity must be between 0 and 100")
	case d.SpotInstancePools != nil && (*d.SpotInstancePools < 1 || *d.SpotInstancePools > 20):
		return validation("SpotInstancePools must be between 1 and 20")
	case d.SpotInstancePools != nil && spot != "" && spot != strategyLowestPrice:
		return validation("SpotInstancePools can only be used with the lowest-price SpotAllocationStrategy")
	}
	return nil
}
