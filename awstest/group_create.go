package awstest

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func init() {
	handle(createAutoScalingGroup, groupSettingNames("AutoScalingGroupName", "InstanceId", "Tags", "TargetGroupARNs", "LifecycleHookSpecificationList")...)
}

func createAutoScalingGroup(r *request, in *autoscaling.CreateAutoScalingGroupInput) (*autoscaling.CreateAutoScalingGroupOutput, error) {
	name := *in.AutoScalingGroupName
	if err := checkName(name); err != nil {
		return nil, err
	}
	if in.InstanceId != nil {
		return createGroupOfInstance(r, in)
	}
	if r.groups.byName[name] != nil {
		return nil, &astypes.AlreadyExistsFault{Message: new("AutoScalingGroup by this name already exists - A group with the name " + name + " already exists")}
	}
	if err := roomFor("AutoScalingGroup(s)", r.limits().Groups, len(r.groups.order)); err != nil {
		return nil, err
	}
	settings := r.defaultSettings().with(convert[groupSettings](*in))
	if settings.DesiredCapacity == nil {
		settings.DesiredCapacity = new(aws.ToInt32(in.MinSize))
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	if err := r.checkTerminationPolicies(settings.TerminationPolicies); err != nil {
		return nil, err
	}
	subnets, err := r.groupSubnets(settings)
	if err != nil {
		return nil, err
	}
	tags, err := groupTags(name, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := r.checkTargetGroups(in.TargetGroupARNs); err != nil {
		return nil, err
	}
	if err := r.checkSource(&settings, subnets); err != nil {
		return nil, err
	}

	g := &group{
		groupSettings: settings,
		store:         r.store,
		name:          name,
		arn:           r.arn("autoscaling", "autoScalingGroup:"+r.newUUID("group")+":autoScalingGroupName/"+name),
		created:       r.now,
		tags:          tags,
	}
	for _, h := range in.LifecycleHookSpecificationList {
		if err := g.setHook(h); err != nil {
			return nil, err
		}
	}
	g.settle(subnets)
	g.attach(in.TargetGroupARNs)
	g.request = g.at("a user request created an AutoScalingGroup changing the desired capacity from 0 to %d.", g.desired())
	r.addGroup(g)
	g.wake()
	return &autoscaling.CreateAutoScalingGroupOutput{}, nil
}

// defaultSettings are those of a group for which nothing is set.
func (s *store) defaultSettings() groupSettings {
	return groupSettings{
		DefaultCooldown:                  new(int32(300)),
		HealthCheckGracePeriod:           new(int32(0)),
		HealthCheckType:                  new("EC2"),
		DeletionProtection:               astypes.DeletionProtectionNone,
		TerminationPolicies:              []string{"Default"},
		NewInstancesProtectedFromScaleIn: new(false),
		ServiceLinkedRoleARN: new("arn:" + partition(s.region) + ":iam::" + s.account +
			":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"),
	}
}

// groupTags reads the tags of a group.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
func groupTags(group string, tags []astypes.Tag) ([]astypes.TagDescription, error) {
	var out []astypes.TagDescription
	seen := map[string]bool{}
	for _, t := range tags {
		key := aws.ToString(t.Key)
		switch {
		case key == "" || len(key) > 128:
			return nil, validation("Tag key '%s' must be 1 to 128 characters", key)
		case strings.HasPrefix(key, "aws:"):
			return nil, validation("Tag keys starting with 'aws:' are reserved for internal use")
		case len(aws.ToString(t.Value)) > 256:
			return nil, validation("Tag value exceeds the maximum length of 256 characters")
		case aws.ToString(t.ResourceId) != "" && *t.ResourceId != group:
			return nil, validation("The tag '%s' is for the resource '%s'", key, *t.ResourceId)
		case aws.ToString(t.ResourceType) != "" && *t.ResourceType != "auto-scaling-group":
			return nil, validation("Tag resource type '%s' is not supported", *t.ResourceType)
		case seen[key]:
			return nil, validation("Duplicate tag key '%s'", key)
		}
		seen[key] = true
		out = append(out, astypes.TagDescription{
			Key: new(key), Value: new(aws.ToString(t.Value)), PropagateAtLaunch: new(aws.ToBool(t.PropagateAtLaunch)),
			ResourceId: new(group), ResourceType: new("auto-scaling-group"),
		})
	}
	if len(out) > maxTags {
		return nil, validation("More than %d tags specified", maxTags)
	}
	return out, nil
}

// instanceTags are the tags that the group puts on what it launches.
func (g *group) instanceTags() tagSet {
	out := tagSet{{"aws:autoscaling:groupName", g.name}}
	for _, t := range g.tags {
		if *t.PropagateAtLaunch {
			out = append(out, tagPair{*t.Key, *t.Value})
		}
	}
	slices.SortFunc(out, tagPair.compare)
	return out
}
