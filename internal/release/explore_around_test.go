package release_test

// foreignBase is the data of a version that somebody else has made.
const foreignBase = 5

// steps gives every state that can come next: by a process, by AWS, by an operator, by a stranger.
func (m *Model) steps(s *State, out emit) {
	noted := func(n State, broken string, says func() string) {
		for g := range m.Groups {
			m.note(&s.G[g], &n.G[g], &n.T[m.Groups[g].T])
		}
		out(n, broken, says)
	}
	for i := range m.Procs {
		m.processSteps(s, i, noted)
	}
	m.orphanSteps(s, noted)
	for i := range m.Places {
		if s.M.Image[i] == 1 {
			n := *s
			n.M.Image[i] = 2
			noted(n, "", say("AWS: the image of place %d is available", i))
		}
	}
	for g := range m.Groups {
		if active(s.G[g].Refresh) {
			m.refreshSteps(s, g, noted)
		} else {
			m.restSteps(s, g, noted)
		}
	}
	m.operatorSteps(s, noted)
}

// note keeps the history of a group's refreshes when one has just ended.
func (m *Model) note(was, is *Group, t *Template) {
	if !active(was.Refresh) || active(is.Refresh) {
		return
	}
	is.Seq++
	if markOf(t, is.Desired) != markRelease {
		return
	}
	bit := uint8(1) << t.V[is.Desired-1].Attempt
	switch is.Refresh {
	case refreshCancelled:
		is.Cancelled |= bit
	case refreshFailed, refreshRolledBack, refreshRollbackFailed:
		is.Failed |= bit
	}
}

func anyEnded(s *State) bool {
	for i := range s.P {
		if s.P[i].PC == ended {
			return true
		}
	}
	return false
}

// heldBefore says whether somebody holds a look from before the start of the group's newest refresh.
func (m *Model) heldBefore(s *State, g int) bool {
	for q := range m.Procs {
		if s.P[q].holds() && s.P[q].H.Seq[g] != s.G[g].Seq {
			return true
		}
	}
	return s.Orphan.there() && s.Orphan.H.Seq[g] != s.G[g].Seq
}

// refreshSteps are the ways a running refresh goes on: it ends well, fails half-way, is cancelled, is rolled back.
func (m *Model) refreshSteps(s *State, g int, out emit) {
	grp := &s.G[g]
	t := &s.T[m.Groups[g].T]
	to := grp.Desired
	if to == 0 {
		to = resolve(t, grp.Spelling)
	}
	forward := markOf(t, to) == markRelease
	if grp.Refresh == refreshRolling {
		back := resolve(t, grp.Spelling)
		n := *s
		n.G[g].Refresh = refreshRolledBack
		n.G[g].Instances = [2]uint8{back, back}
		out(n, "", say("AWS: the refresh of g%d is rolled back", g))
		if s.B.Fail > 0 {
			n := *s
			n.B.Fail--
			n.G[g].Refresh = refreshRollbackFailed
			n.G[g].Instances = [2]uint8{to, back}
			out(n, "", say("AWS: the rollback of g%d fails", g))
		}
		return
	}
	replaces := grp.Instances != [2]uint8{to, to}
	if !(m.has(RefreshOutlastsT) && replaces && m.heldBefore(s, g)) {
		n := *s
		n.G[g].Refresh = refreshOK
		n.G[g].Instances = [2]uint8{to, to}
		if grp.Desired != 0 {
			n.G[g].Spelling = grp.Desired
		}
		out(n, "", say("AWS: the refresh of g%d to v%d succeeds", g, to))
	}
	if s.B.Fail > 0 {
		n := *s
		n.B.Fail--
		n.G[g].Refresh = refreshFailed
		n.G[g].Instances[0] = to
		if forward {
			n.Ghost.Failed |= 1 << g
			if m.AutoRollback {
				n.G[g].Refresh = refreshRolling
			}
		}
		out(n, "", say("AWS: the refresh of g%d to v%d fails half-way", g, to))
	}
	if s.B.Cancel > 0 && !anyEnded(s) {
		n := *s
		n.B.Cancel--
		n.G[g].Refresh = refreshCancelled
		n.G[g].Instances[0] = to
		out(n, "", say("stranger: cancels the refresh of g%d half-way", g))
	}
}

// restSteps are what may happen to a group without a running refresh.
func (m *Model) restSteps(s *State, g int, out emit) {
	launches := resolve(&s.T[m.Groups[g].T], s.G[g].Spelling)
	if m.ScaleOut && s.G[g].Instances[1] != launches {
		n := *s
		n.G[g].Instances[1] = launches
		out(n, "", say("AWS: a scale-out of g%d launches v%d", g, launches))
	}
	if s.B.ForeignRefresh > 0 && !anyEnded(s) {
		n := *s
		n.B.ForeignRefresh--
		n.G[g].Refresh, n.G[g].Desired = refreshActive, 0
		n.G[g].Seq++
		out(n, "", say("stranger: starts a refresh of g%d", g))
	}
}

// operatorSteps are approvals, holds, and a stranger's new version.
func (m *Model) operatorSteps(s *State, out emit) {
	if s.B.ForeignVersion > 0 && !anyEnded(s) {
		for t := range m.Templates {
			tm := &s.T[t]
			if tm.N < maxVersions && markOf(tm, tm.N) == markRelease {
				n := *s
				n.B.ForeignVersion--
				n.T[t].V[tm.N] = Version{Base: foreignBase}
				n.T[t].N++
				out(n, "", say("stranger: makes v%d of t%d", n.T[t].N, t))
			}
		}
	}
	if m.Approval && s.M.Rejected == 0 && s.M.Image[0] != 0 {
		if d := m.digest(&s.Look); s.M.Approval != d {
			n := *s
			n.M.Approval = d
			out(n, "", say("operator: approves the plan as it is now"))
		}
		if m.WrongApproval && s.M.Approval == 0 {
			n := *s
			n.M.Approval = 1
			out(n, "", say("operator: approves another plan"))
		}
	}
	if s.M.Hold != 0 {
		n := *s
		n.M.Hold = 0
		out(n, "", say("operator: lifts the hold"))
	} else if s.B.Hold > 0 {
		n := *s
		n.B.Hold--
		n.M.Hold = 1
		out(n, "", say("operator: holds"))
	}
}
