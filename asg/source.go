package asg

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// TemplateSpec is a launch template as a group names it.
type TemplateSpec struct {
	ID      string // or Name; AWS tells both, a call takes one
	Name    string
	Version string // a number, $Latest or $Default; empty means $Default
}

// LaunchSource is what a group launches its instances from: one of the three.
type LaunchSource struct {
	Template             *TemplateSpec
	LaunchConfiguration  string
	MixedInstancesPolicy *types.MixedInstancesPolicy
}

// SourceOf reads the launch source of a group.
func SourceOf(group types.AutoScalingGroup) LaunchSource {
	return LaunchSource{
		Template:             specOf(group.LaunchTemplate),
		LaunchConfiguration:  aws.ToString(group.LaunchConfigurationName),
		MixedInstancesPolicy: group.MixedInstancesPolicy,
	}
}

// String is the source in a few words.
func (s LaunchSource) String() string {
	switch {
	case s.Template != nil:
		return s.Template.String()
	case s.MixedInstancesPolicy != nil:
		if base := specOf(baseTemplate(s.MixedInstancesPolicy)); base != nil {
			return "a mixed instances policy of " + base.String()
		}
		return "a mixed instances policy"
	case s.LaunchConfiguration != "":
		return "launch configuration " + s.LaunchConfiguration
	}
	return "nothing"
}

// String is the template and its version as the group names it.
func (s TemplateSpec) String() string {
	name := s.ID
	if name == "" {
		name = s.Name
	}
	return name + " version " + versionOrDefault(s.Version)
}

func specOf(t *types.LaunchTemplateSpecification) *TemplateSpec {
	if t == nil {
		return nil
	}
	return &TemplateSpec{ID: aws.ToString(t.LaunchTemplateId), Name: aws.ToString(t.LaunchTemplateName), Version: aws.ToString(t.Version)}
}

// Number is the version if it is a number. $Latest and $Default
// are not: what they mean can change at any time.
func (s TemplateSpec) Number() (n int64, ok bool) {
	n, err := strconv.ParseInt(s.Version, 10, 64)
	return n, err == nil && n > 0
}

// send is the specification as a call takes it.
func (s *TemplateSpec) send() *types.LaunchTemplateSpecification {
	if s == nil {
		return nil
	}
	out := &types.LaunchTemplateSpecification{}
	if s.ID != "" {
		out.LaunchTemplateId = &s.ID
	} else {
		out.LaunchTemplateName = &s.Name
	}
	if s.Version != "" {
		out.Version = &s.Version
	}
	return out
}

// problem is what is wrong with the specification; empty when nothing is.
func (s *TemplateSpec) problem() string {
	switch {
	case s == nil:
		return ""
	case s.ID == "" && s.Name == "":
		return "Template needs an ID or a Name"
	case s.ID != "" && !strings.HasPrefix(s.ID, "lt-"):
		return "Template.ID " + strconv.Quote(s.ID) + " does not start with lt-"
	}
	if _, ok := s.Number(); !ok && s.Version != "" && s.Version != "$Latest" && s.Version != "$Default" {
		return "Template.Version " + strconv.Quote(s.Version) + " is not a number above zero, $Latest or $Default"
	}
	return ""
}

// sameTemplate compares what a call asks for with what AWS shows, which has both
// the id and the name.
func sameTemplate(want, have *types.LaunchTemplateSpecification) bool {
	w, h := specOf(want), specOf(have)
	if w == nil || h == nil {
		return w == h
	}
	if w.ID != "" && w.ID != h.ID || w.ID == "" && w.Name != h.Name {
		return false
	}
	return versionOrDefault(w.Version) == versionOrDefault(h.Version)
}

func versionOrDefault(version string) string {
	if version == "" {
		return "$Default"
	}
	return version
}

// baseTemplate is the template of a policy that overrides without one use.
func baseTemplate(p *types.MixedInstancesPolicy) *types.LaunchTemplateSpecification {
	if p == nil || p.LaunchTemplate == nil {
		return nil
	}
	return p.LaunchTemplate.LaunchTemplateSpecification
}
