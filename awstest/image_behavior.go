package awstest

import "time"

// Behavior is how the instances of an image turn out. The zero value is an
// image that is fine. What is set can be combined, as far as an instance lives
// to see it.
type Behavior struct {
	// NeverStarts: EC2 ends each instance before it has run. A launch by a group
	// is then a scaling activity that failed.
	NeverStarts bool
	// Boot is how much longer than others an instance takes from running until
	// its health checks pass. A group with a load balancer's health checks takes
	// it for unhealthy when its grace period is over before that.
	Boot time.Duration
	// NeverHealthy: no health check ever passes.
	NeverHealthy bool
	// FailsAfter is how long after its first passed health check an instance
	// begins to fail them. Zero: never.
	FailsAfter time.Duration
	// Flaps is how long health checks pass, and then fail, by turns. Zero: they
	// do not. A failed one counts when the grace period is over.
	Flaps time.Duration
	// Application: all of that is about the application. EC2's status checks
	// pass, and only the health checks of a load balancer or of VPC Lattice see
	// it; with the health check type EC2 alone a group never learns of it.
	Application bool
}

// Behave says how instances turn out of images that fit and are made or launched
// from then on, and of all that is copied of them. The newest word counts;
// [Cloud.ForgetScripts] ends it for what is not yet made.
func (c *Cloud) Behave(m ImageMatch, b Behavior) {
	c.addScript(imageScript{ImageMatch: m, behavior: &b})
}

// Behave says how the instances turn out that are launched from then on of one
// image, and of what is copied of it later. It panics when there is no such
// image.
func (r *Region) Behave(imageID string, b Behavior) {
	r.do(func(s *store) {
		i := s.catalogue.images[imageID]
		if i == nil {
			panic("awstest: no image " + imageID + " in " + s.region)
		}
		i.behavior = &b
	})
}

// behaviorOf is how instances of an image turn out: as was said of it or of what
// it is a copy of, else as a script says. What is imaged from its instances does
// not inherit it.
func (c *Cloud) behaviorOf(i *image) *Behavior {
	if i.behavior != nil {
		return i.behavior
	}
	if s, ok := c.store(i.place).script(i.name, func(m imageScript) bool { return m.behavior != nil }); ok {
		return s.behavior
	}
	return nil
}

// behaves is how an instance turns out.
func (i *instance) behaves() Behavior {
	if i.behavior == nil {
		return Behavior{}
	}
	return *i.behavior
}
