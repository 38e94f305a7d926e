package awstest

import (
	"fmt"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// kind is what the group of a story launches from.
type kind int

const (
	ofTemplate kind = iota
	ofWeights       // a policy whose overrides have weights
	ofImages        // a policy whose overrides name images: root volumes can be replaced
)

// storyTypes are the instance types of policies, and storyWeights what they may
// weigh: much and little beside one another.
var (
	storyTypes   = []string{"m5.large", "m5.xlarge", "m5.2xlarge"}
	storyWeights = []int{1, 2, 3, 5}
)

// firstOverrides are those of the group at first: nil for a template.
func (s *story) firstOverrides() (out []astypes.LaunchTemplateOverrides) {
	switch s.kind {
	case ofWeights:
		return s.weighted()
	case ofImages:
		id := s.region.OwnImage(ImageSeed{Name: "good-first"})
		for _, t := range storyTypes[:1+s.rand.IntN(2)] {
			out = append(out, astypes.LaunchTemplateOverrides{InstanceType: new(t), ImageId: &id})
		}
	}
	return out
}

// weighted are overrides in any order, each of any weight.
func (s *story) weighted() (out []astypes.LaunchTemplateOverrides) {
	for _, n := range s.rand.Perm(len(storyTypes))[:1+s.rand.IntN(len(storyTypes))] {
		out = append(out, astypes.LaunchTemplateOverrides{
			InstanceType: new(storyTypes[n]), WeightedCapacity: new(fmt.Sprint(oneOf(s.rand, storyWeights...))),
		})
	}
	return out
}

// distribute makes some of the capacity Spot, in some stories.
func (s *story) distribute(p *astypes.MixedInstancesPolicy) {
	if p != nil && chance(s.rand, 4) {
		p.InstancesDistribution = &astypes.InstancesDistribution{
			OnDemandBaseCapacity: new(s.rand.Int32N(3)), OnDemandPercentageAboveBaseCapacity: new(oneOf[int32](s.rand, 0, 50)),
		}
	}
}

// desired is what a refresh goes to: a version of the template or, with a
// policy, other overrides as well.
func (s *story) desired(version string) *astypes.DesiredConfiguration {
	template := &astypes.LaunchTemplateSpecification{LaunchTemplateId: &s.template, Version: &version}
	if s.kind == ofTemplate {
		return &astypes.DesiredConfiguration{LaunchTemplate: template}
	}
	p := &astypes.MixedInstancesPolicy{LaunchTemplate: &astypes.LaunchTemplate{LaunchTemplateSpecification: template}}
	s.distribute(p)
	to := &p.LaunchTemplate.Overrides
	if s.kind == ofWeights {
		*to = s.weighted()
		for n := range *to {
			switch o := &(*to)[n]; s.rand.IntN(4) {
			case 0:
				o.ImageId = new(oneOf(s.rand, s.images...))
			case 1:
				o.LaunchTemplateSpecification = &astypes.LaunchTemplateSpecification{
					LaunchTemplateId: &s.template, Version: new(fmt.Sprint(2 + s.rand.IntN(len(s.images)))),
				}
			}
		}
		return &astypes.DesiredConfiguration{MixedInstancesPolicy: p}
	}
	if !chance(s.rand, 4) {
		template.Version = new("1") // as the group has it
	}
	id := oneOf(s.rand, s.images...)
	for _, t := range storyTypes[:2] {
		*to = append(*to, astypes.LaunchTemplateOverrides{InstanceType: new(t), ImageId: &id})
	}
	return &astypes.DesiredConfiguration{MixedInstancesPolicy: p}
}

// lack leaves no room for some instance types.
func (s *story) lack() {
	if s.kind == ofTemplate {
		return
	}
	types := storyTypes[:s.rand.IntN(len(storyTypes)+1)]
	s.region.LackCapacity(types...)
	s.tell(fmt.Sprint("LackCapacity ", types), nil)
}
