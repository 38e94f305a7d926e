package awstest

// stepPool exchanges the instances of the warm pool within the same percentages,
// of the pool's own size. It is true when there is nothing left to exchange.
//
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
func (r *refresh) stepPool() bool {
	g := r.group
	if g.pool == nil || r.poolTotal == 0 {
		return true
	}
	size := g.poolSize()
	floor, ceiling := r.bounds(size, 1)
	fill := func() {
		t := g.pool.tally()
		g.launchWarm(min(size-(t.live-t.outdated), ceiling-t.live),
			g.at("an instance was launched into the warm pool in response to an instance refresh."))
	}
	fill()
	for _, m := range g.everyone() {
		t := g.pool.tally()
		left := t.ready
		if !m.warming() {
			left--
		}
		if m.pooled() && m.outdated && m.ending == nil && left >= floor {
			r.take(m)
		}
	}
	fill()
	t := g.pool.tally()
	return t.outdated == 0 && t.live >= size && t.ready == t.live && t.ending == 0
}
