package awstest_test

import (
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// sources makes two templates, the second with two versions, a launch
// configuration and the two images that they launch.
func (w *fieldWorld) sources() {
	w.ids["image"], w.ids["new image"] = w.image("golden"), w.image("new")
	w.ids["web"], w.ids["other"] = w.template("web", w.ids["image"]), w.template("other", w.ids["new image"])
	w.version("web", w.ids["new image"])
	w.version("other", w.ids["new image"])
	w.do(&autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: new("old-way"), ImageId: new(w.ids["image"]), InstanceType: new("t3.micro")})
	w.ids["subnet"] = w.region.Network().Subnets[1]
}

// templateWeb is the first version of the first template.
func (w *fieldWorld) templateWeb() *astypes.LaunchTemplateSpecification {
	return &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(w.ids["web"]), Version: new("1")}
}

// policy is a mixed instances policy with one override.
func (w *fieldWorld) policy() *astypes.MixedInstancesPolicy {
	return &astypes.MixedInstancesPolicy{LaunchTemplate: &astypes.LaunchTemplate{
		LaunchTemplateSpecification: w.templateWeb(),
		Overrides:                   []astypes.LaunchTemplateOverrides{{InstanceType: new("t3.small")}},
	}}
}

// requirements is one whose override asks for what an instance must have.
func (w *fieldWorld) requirements() *astypes.MixedInstancesPolicy {
	p := w.policy()
	p.LaunchTemplate.Overrides[0] = astypes.LaunchTemplateOverrides{InstanceRequirements: &astypes.InstanceRequirements{
		VCpuCount: &astypes.VCpuCountRequest{Min: new(int32(2))}, MemoryMiB: &astypes.MemoryMiBRequest{Min: new(int32(1024))},
	}}
	return p
}

// create is a call that makes a group, but for what it launches from.
func (w *fieldWorld) create() *autoscaling.CreateAutoScalingGroupInput {
	w.sources()
	return &autoscaling.CreateAutoScalingGroupInput{AutoScalingGroupName: new("web"), MinSize: new(int32(1)), MaxSize: new(int32(4)),
		VPCZoneIdentifier: new(w.region.Network().Subnets[0])}
}

// settingValues are those of the settings that are the same in both calls.
var settingValues = fieldValues{
	"LaunchTemplate.LaunchTemplateId":   made("other"),
	"LaunchTemplate.LaunchTemplateName": refused{"ValidationError", "other"},
	"LaunchTemplate.Version":            "2",
	"MinSize":                           2,
	"MaxSize":                           3,
	"DesiredCapacity":                   2,
	"DesiredCapacityType":               refused{"ValidationError", "vcpu"},
	"VPCZoneIdentifier":                 made("subnet"),
	"CapacityRebalance":                 true,
	"Context":                           "any",
	"DefaultCooldown":                   60,
	"DefaultInstanceWarmup":             30,
	"DeletionProtection":                "prevent-all-deletion",
	"HealthCheckGracePeriod":            60,
	"HealthCheckType":                   "ELB",
	"MaxInstanceLifetime":               86400,
	"NewInstancesProtectedFromScaleIn":  true,
	"ServiceLinkedRoleARN":              "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_web",
	"TerminationPolicies":               "OldestInstance",
}

// policyValues are those of a policy with named types, below a field.
func policyValues(path string) fieldValues {
	return fieldValues{
		path + ".LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId":             made("other"),
		path + ".LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateName":           refused{"ValidationError", "other"},
		path + ".LaunchTemplate.LaunchTemplateSpecification.Version":                      "2",
		path + ".LaunchTemplate.Overrides.ImageId":                                        made("new image"),
		path + ".LaunchTemplate.Overrides.InstanceType":                                   "t3.large",
		path + ".LaunchTemplate.Overrides.LaunchTemplateSpecification.LaunchTemplateId":   made("other"),
		path + ".LaunchTemplate.Overrides.LaunchTemplateSpecification.LaunchTemplateName": "other",
		path + ".LaunchTemplate.Overrides.LaunchTemplateSpecification.Version":            refused{"ValidationError", "2"},
		path + ".LaunchTemplate.Overrides.WeightedCapacity":                               "2",
		path + ".InstancesDistribution.OnDemandAllocationStrategy":                        "lowest-price",
		path + ".InstancesDistribution.OnDemandBaseCapacity":                              1,
		path + ".InstancesDistribution.OnDemandPercentageAboveBaseCapacity":               50,
		path + ".InstancesDistribution.SpotAllocationStrategy":                            "capacity-optimized",
		path + ".InstancesDistribution.SpotInstancePools":                                 3,
		path + ".InstancesDistribution.SpotMaxPrice":                                      "0.5",
	}
}

// requirementValues are those of requirements.
func requirementValues(path string) fieldValues {
	path += ".LaunchTemplate.Overrides.InstanceRequirements."
	return fieldValues{
		path + "VCpuCount.Min":                                  4,
		path + "VCpuCount.Max":                                  8,
		path + "MemoryMiB.Min":                                  2048,
		path + "MemoryMiB.Max":                                  65536,
		path + "AllowedInstanceTypes":                           "m*",
		path + "ExcludedInstanceTypes":                          "c*",
		path + "CpuManufacturers":                               "amd",
		path + "BurstablePerformance":                           "included",
		path + "BareMetal":                                      "included",
		path + "InstanceGenerations":                            "current",
		path + "OnDemandMaxPricePercentageOverLowestPrice":      30,
		path + "SpotMaxPricePercentageOverLowestPrice":          30,
		path + "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice": 30,
	}
}

func init() {
	fields(func(w *fieldWorld) *autoscaling.CreateAutoScalingGroupInput {
		in := w.create()
		in.LaunchTemplate = w.templateWeb()
		return in
	}, with(settingValues, fieldValues{
		"AutoScalingGroupName":    "other",
		"LaunchConfigurationName": refused{"ValidationError", "old-way"},
		"Tags":                    []astypes.Tag{{Key: new("app"), Value: new("web"), PropagateAtLaunch: new(true)}},
		"TargetGroupARNs":         "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef",
	}))
	fields(func(w *fieldWorld) *autoscaling.CreateAutoScalingGroupInput {
		in := w.create()
		in.LaunchConfigurationName = new("old-way")
		w.do(&autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: new("new-way"), ImageId: new(w.ids["new image"]), InstanceType: new("t3.micro")})
		in.VPCZoneIdentifier, in.AvailabilityZones = nil, []string{home + "a"}
		in.InstanceMaintenancePolicy = &astypes.InstanceMaintenancePolicy{MinHealthyPercentage: new(int32(90)), MaxHealthyPercentage: new(int32(120))}
		return in
	}, fieldValues{
		"LaunchConfigurationName":                        "new-way",
		"AvailabilityZones":                              home + "b",
		"InstanceMaintenancePolicy.MinHealthyPercentage": 80,
		"InstanceMaintenancePolicy.MaxHealthyPercentage": 150,
	})
	fields(func(w *fieldWorld) *autoscaling.CreateAutoScalingGroupInput {
		in := w.create()
		in.LaunchTemplate, in.VPCZoneIdentifier, in.AvailabilityZoneIds = w.templateWeb(), nil, []string{"euw1-az1"}
		return in
	}, fieldValues{"AvailabilityZoneIds": "euw1-az2"})
	fields(func(w *fieldWorld) *autoscaling.CreateAutoScalingGroupInput {
		in := w.create()
		in.LaunchTemplate = w.templateWeb()
		in.LifecycleHookSpecificationList = []astypes.LifecycleHookSpecification{{
			LifecycleHookName: new("one"), LifecycleTransition: new("autoscaling:EC2_INSTANCE_LAUNCHING")}}
		return in
	}, fieldValues{
		"LifecycleHookSpecificationList.LifecycleHookName":     "two",
		"LifecycleHookSpecificationList.LifecycleTransition":   "autoscaling:EC2_INSTANCE_TERMINATING",
		"LifecycleHookSpecificationList.DefaultResult":         "CONTINUE",
		"LifecycleHookSpecificationList.HeartbeatTimeout":      60,
		"LifecycleHookSpecificationList.NotificationMetadata":  "m",
		"LifecycleHookSpecificationList.NotificationTargetARN": "arn:aws:sqs:eu-west-1:123456789012:q",
		"LifecycleHookSpecificationList.RoleARN":               "arn:aws:iam::123456789012:role/r",
	}, func(w *fieldWorld) any {
		return w.try(&autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: new("web")}).out
	})
	fields(func(w *fieldWorld) *autoscaling.CreateAutoScalingGroupInput {
		in := w.create()
		in.MixedInstancesPolicy = w.policy()
		return in
	}, policyValues("MixedInstancesPolicy"))
	fields(func(w *fieldWorld) *autoscaling.CreateAutoScalingGroupInput {
		in := w.create()
		in.MixedInstancesPolicy = w.requirements()
		return in
	}, with(requirementValues("MixedInstancesPolicy"), fieldValues{"DesiredCapacityType": "vcpu"}))
}

func init() {
	update := func(w *fieldWorld) *autoscaling.UpdateAutoScalingGroupInput {
		in := w.create()
		in.LaunchTemplate = w.templateWeb()
		w.do(in)
		in.AutoScalingGroupName = new("other")
		w.do(in)
		return &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), DefaultCooldown: new(int32(500))}
	}
	more := with(settingValues, fieldValues{"AutoScalingGroupName": "other"})
	delete(more, "LaunchTemplate.LaunchTemplateId")
	delete(more, "LaunchTemplate.LaunchTemplateName")
	delete(more, "LaunchTemplate.Version")
	fields(update, more)
	fields(func(w *fieldWorld) *autoscaling.UpdateAutoScalingGroupInput {
		in := update(w)
		in.LaunchTemplate = w.templateWeb()
		return in
	}, fieldValues{
		"LaunchTemplate.LaunchTemplateId":   made("other"),
		"LaunchTemplate.LaunchTemplateName": refused{"ValidationError", "other"},
		"LaunchTemplate.Version":            "2",
		"LaunchConfigurationName":           refused{"ValidationError", "old-way"},
	})
	fields(func(w *fieldWorld) *autoscaling.UpdateAutoScalingGroupInput {
		in := update(w)
		in.InstanceMaintenancePolicy = &astypes.InstanceMaintenancePolicy{MinHealthyPercentage: new(int32(90)), MaxHealthyPercentage: new(int32(120))}
		in.AvailabilityZones = []string{home + "a"}
		return in
	}, fieldValues{
		"AvailabilityZones": home + "b",
		"InstanceMaintenancePolicy.MinHealthyPercentage": 80,
		"InstanceMaintenancePolicy.MaxHealthyPercentage": 150,
	})
	fields(func(w *fieldWorld) *autoscaling.UpdateAutoScalingGroupInput {
		in := update(w)
		in.AvailabilityZoneIds = []string{"euw1-az1"}
		return in
	}, fieldValues{"AvailabilityZoneIds": "euw1-az2"})
	fields(func(w *fieldWorld) *autoscaling.UpdateAutoScalingGroupInput {
		in := update(w)
		in.MixedInstancesPolicy = w.policy()
		return in
	}, policyValues("MixedInstancesPolicy"))
	fields(func(w *fieldWorld) *autoscaling.UpdateAutoScalingGroupInput {
		in := update(w)
		in.MixedInstancesPolicy = w.requirements()
		return in
	}, with(requirementValues("MixedInstancesPolicy"), fieldValues{"DesiredCapacityType": "vcpu"}))
}
