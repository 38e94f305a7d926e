package awstest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// terminationPolicy orders two members of one zone, the first to go first.
type terminationPolicy func(g *group, a, b *member) int

// terminationPolicies are AWS's, by name.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
var terminationPolicies = map[string]terminationPolicy{
	"Default": func(g *group, a, b *member) int {
		return cmp.Or(first(g.odd(a), g.odd(b)), cmp.Compare(a.version(), b.version()), byAge(a, b))
	},
	"AllocationStrategy": func(g *group, a, b *member) int { // of the lowest priority
		return cmp.Compare(g.priority(b), g.priority(a))
	},
	"ClosestToNextInstanceHour": func(g *group, a, b *member) int { return cmp.Compare(g.hourLeft(a), g.hourLeft(b)) },
	"NewestInstance":            func(_ *group, a, b *member) int { return byAge(b, a) },
	"OldestInstance":            func(_ *group, a, b *member) int { return byAge(a, b) },
	"OldestLaunchConfiguration": func(g *group, a, b *member) int {
		return cmp.Or(first(a.templateID == "", b.templateID == ""), g.groups.configs.age(a.config).Compare(g.groups.configs.age(b.config)))
	},
	"OldestLaunchTemplate": func(g *group, a, b *member) int {
		return cmp.Or(first(a.templateID == "", b.templateID == ""), first(g.odd(a), g.odd(b)), cmp.Compare(a.version(), b.version()))
	},
}

// checkTerminationPolicies refuses unknown names. A Lambda function of one's
// own is not modelled.
func (r *request) checkTerminationPolicies(names []string) error {
	for _, name := range names {
		if strings.HasPrefix(name, "arn:") {
			return &Unmodelled{Service: r.service, Operation: r.op, Field: "TerminationPolicies=" + name}
		}
		if terminationPolicies[name] == nil {
			return validation("Unrecognized termination policy: '%s'", name)
		}
	}
	return nil
}

// firstToGo orders the members of one zone: an unhealthy one before all others,
// then by each of the group's policies where the one before leaves it open, and
// by age in the end.
func (g *group) firstToGo(a, b *member) int {
	if n := first(a.unhealthy, b.unhealthy); n != 0 {
		return n
	}
	for _, name := range g.TerminationPolicies {
		if n := terminationPolicies[name](g, a, b); n != 0 {
			return n
		}
	}
	return byAge(a, b)
}

// first orders what is true before what is not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// version is the number of the template version that the member is of.
func (m *member) version() int {
	if m.templateID == "" {
		return 0
	}
	n, _ := strconv.Atoi(m.templateVersion) // a resolved one is a number
	return n
}

// priority is the place among the group's overrides that the member's type has.
func (g *group) priority(m *member) int {
	choices := g.source().choices()
	i := slices.IndexFunc(choices, func(c choice) bool { return c.instanceType == m.choice.instanceType })
	if i < 0 {
		return len(choices)
	}
	return i
}

// hourLeft is how long the hour that an instance is in goes on.
func (g *group) hourLeft(m *member) time.Duration {
	return time.Hour - g.now.Sub(m.launched)%time.Hour
}

// age is when a launch configuration was made; for one that is gone, or none,
// the beginning of time.
func (l *launchConfigurations) age(name string) time.Time {
	if lc := l.byName[name]; lc != nil {
		return *lc.CreatedTime
	}
	return time.Time{}
}

// odd is true for a member that the group's launch source would not make: it is
// of a launch configuration or a template that the group no longer has.
func (g *group) odd(m *member) bool {
	if m.templateID == "" {
		return aws.ToString(g.LaunchConfigurationName) != m.config
	}
	return !slices.ContainsFunc(g.source().templates(), func(t *astypes.LaunchTemplateSpecification) bool {
		return *t.LaunchTemplateId == m.templateID
	})
}
