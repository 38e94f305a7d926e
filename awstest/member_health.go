package awstest

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// checksApplications is true for a group whose instances a load balancer, or VPC
// Lattice, looks at.
func (g *group) checksApplications() bool {
	return strings.Contains(*g.HealthCheckType, "ELB") || strings.Contains(*g.HealthCheckType, "VPC_LATTICE")
}

// noticed is true when a health check of the group's sees what is wrong with an
// instance that behaves so.
func (m *member) noticed() bool { return !m.behaves().Application || m.group.checksApplications() }

// symptom is what the group says of a health check that fails.
func (m *member) symptom() string {
	if m.group.checksApplications() {
		return "in response to an ELB system health check failure."
	}
	return "in response to an EC2 instance status checks failure."
}

// graceOver is when failed health checks begin to count.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html
func (m *member) graceOver() time.Time {
	return m.launching.started.Add(m.group.pause(aws.ToInt32(m.group.HealthCheckGracePeriod)))
}

// observe begins with the health checks of a member that has come into service,
// or is back in it: those of before are over.
func (m *member) observe() {
	g, a := m.group, m.launching
	m.looks++
	looks := m.looks
	still := func(do func()) func() {
		return func() {
			if m.launching == a && m.looks == looks && m.live() && !m.unhealthy {
				do()
			}
		}
	}
	first := g.jitter(g.timing.HealthCheck, m.id+"/health")
	if boot := m.behaves().Boot - g.now.Sub(m.came); boot > 0 {
		if g.checksApplications() {
			g.soon(first, still(func() { m.suffer(a) }))
		}
		g.after(first+boot, still(m.check)) // whatever the timing
		return
	}
	g.soon(first, still(m.check))
}

// suffer lets a failed health check count as soon as the grace period is over,
// unless the next one has passed by then.
func (m *member) suffer(a *activity) {
	g := m.group
	g.after(m.graceOver().Sub(g.now), func() {
		if m.launching == a && m.live() && !m.checked && !g.suspended(processHealthCheck) {
			m.failing = true
			m.fail(m.symptom())
		}
	})
}

// check is a health check of a member that has booted.
func (m *member) check() {
	g, b := m.group, m.behaves()
	switch {
	case !m.live() || m.unhealthy:
	case b.NeverHealthy && m.noticed() && !g.suspended(processHealthCheck):
		if m.checked { // nobody has looked until now
			m.change(func() { m.checked = false })
		}
		m.suffer(m.launching)
	default:
		m.change(func() { m.checked, m.proven = true, true })
		m.turn(b.FailsAfter, false)
		m.turn(b.Flaps, true)
	}
}

// turn lets the health checks of a member fail when d has passed; if it flaps,
// they pass again after as long.
func (m *member) turn(d time.Duration, flaps bool) {
	g, a, looks := m.group, m.launching, m.looks
	if d <= 0 || !m.noticed() {
		return
	}
	g.after(d, func() {
		if m.launching != a || m.looks != looks || !m.live() || m.unhealthy {
			return
		}
		if !g.suspended(processHealthCheck) {
			m.change(func() { m.checked = false })
			m.suffer(a)
		}
		if flaps {
			g.after(d, func() {
				if m.launching == a && m.looks == looks && m.live() && !m.unhealthy {
					m.change(func() { m.checked = true })
					m.turn(d, true)
				}
			})
		}
	})
}
