package awstest

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// versionsChanged is called when $Latest or $Default of a template may have come
// to mean another version. A refresh whose desired configuration says so sees to
// it that all instances are of that one: what it has replaced is replaced again.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh-skip-matching.html
func (s *store) versionsChanged(t *template) {
	for _, g := range s.groups.order {
		if r := g.active; r != nil && r.status == astypes.InstanceRefreshStatusInProgress && r.follows(t) {
			r.revise()
		}
	}
}

// follows is true for a refresh that goes to a version of the template which is
// not spelled as a number.
func (r *refresh) follows(t *template) bool {
	if r.desired == nil {
		return false
	}
	for _, spec := range r.target.templates() {
		_, err := strconv.Atoi(aws.ToString(spec.Version))
		if err != nil && aws.ToString(spec.LaunchTemplateId) == t.id {
			return true
		}
	}
	return false
}

// revise adds to what is to be replaced all that is not as the desired
// configuration would make it now.
func (r *refresh) revise() {
	g := r.group
	for _, m := range g.everyone() {
		if m.outdated || m.ending != nil || r.ignores(m) || r.matches(m) {
			continue
		}
		m.change(func() { m.outdated = true })
		g.hasten(&m.sight)
		if !m.pooled() {
			r.queue = append(r.queue, m)
		}
	}
}
