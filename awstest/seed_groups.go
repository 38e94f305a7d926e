package awstest

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// GroupSeed is an Auto Scaling group to be there from the start. Every field
// but Name may be zero.
type GroupSeed struct {
	Name         string
	ImageID      string // a public base image
	InstanceType string // t3.micro
	Size         int32  // desired capacity and minimum: 1
	MaxSize      int32  // twice Size
	// TemplateID of the launch template to use. Empty: a new one named after
	// the group, whose first version launches ImageID.
	TemplateID string
	// Version of the template: a number, $Latest or $Default. Empty: "1".
	Version string
	// Overrides makes it a group with a mixed instances policy: these, over the
	// template. Nil: the group has the template itself.
	Overrides []astypes.LaunchTemplateOverrides
	Subnets   []string // ids; the default subnets
	Tags      map[string]string
	// Customize sets what this struct has no field for. Nil: nothing.
	Customize func(*autoscaling.CreateAutoScalingGroupInput)
}

// SeededGroup is what [Region.Group] made.
type SeededGroup struct {
	Name       string
	TemplateID string
	Version    string   // as the group has it
	ImageID    string   // that the instances run
	Instances  []string // ids
}

// Group makes an Auto Scaling group whose instances are in service and warmed
// up already, whatever the timing. It panics when AWS would refuse the seed.
func (r *Region) Group(seed GroupSeed) (out SeededGroup) {
	r.do(func(s *store) {
		if seed.ImageID == "" && seed.TemplateID == "" {
			seed.ImageID = s.publicImage("awstest-base").id
		}
		size := cmp.Or(seed.Size, 1)
		out = SeededGroup{Name: seed.Name, TemplateID: seed.TemplateID, Version: cmp.Or(seed.Version, "1")}
		if out.TemplateID == "" {
			out.TemplateID = s.seedTemplate(TemplateSeed{Name: seed.templateName(), ImageID: seed.ImageID, InstanceType: seed.InstanceType})
		}
		in := &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: new(seed.Name),
			MinSize:              new(size),
			MaxSize:              new(cmp.Or(seed.MaxSize, 2*size)),
			LaunchTemplate:       &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(out.TemplateID), Version: new(out.Version)},
			VPCZoneIdentifier:    new(strings.Join(seed.Subnets, ",")),
		}
		if len(seed.Subnets) == 0 {
			var ids []string
			for _, n := range s.network.defaultSubnets() {
				ids = append(ids, n.id)
			}
			in.VPCZoneIdentifier = new(strings.Join(ids, ","))
		}
		for _, p := range tagsOf(seed.Tags) {
			in.Tags = append(in.Tags, astypes.Tag{Key: new(p.key), Value: new(p.value), PropagateAtLaunch: new(true)})
		}
		if seed.Overrides != nil {
			in.MixedInstancesPolicy = &astypes.MixedInstancesPolicy{LaunchTemplate: &astypes.LaunchTemplate{
				LaunchTemplateSpecification: in.LaunchTemplate, Overrides: seed.Overrides,
			}}
			in.LaunchTemplate = nil
		}
		if seed.Customize != nil {
			seed.Customize(in)
		}
		s.atOnce(func() { seeded[*autoscaling.CreateAutoScalingGroupOutput](s, in) })
		for _, m := range s.groups.byName[seed.Name].members {
			out.Instances = append(out.Instances, m.id)
			out.ImageID = m.image.id
		}
	})
	return out
}

// templateName is the group's name, as far as AWS allows it for a template.
func (seed GroupSeed) templateName() string {
	if templateName.MatchString(seed.Name) {
		return seed.Name
	}
	return "group-" + strings.Map(func(r rune) rune {
		if templateName.MatchString(strings.Repeat(string(r), 3)) {
			return r
		}
		return '-'
	}, seed.Name)
}
