package release_test

import (
	"fmt"
	"strings"
)

// apply lets a write land. It returns a violation that only the landing shows, or "".
func (m *Model) apply(s *State, w Write) string {
	switch w.Kind {
	case writeImage:
		if s.M.Image[w.A] == 0 {
			s.M.Image[w.A] = 1
		}
	case writeRecord:
		s.M.Record[w.A] = w.B
	case writeComplete:
		s.M.Complete[w.A] = 1
	case writePin, writeUnpin:
		if !active(s.G[w.A].Refresh) {
			s.G[w.A].Spelling = w.B
		}
	case writeVersion, writeRestoreTemplate, writeRestate:
		return m.applyVersion(s, w)
	case writeRefresh, writeRestoreGroup:
		g := &s.G[w.A]
		if active(g.Refresh) {
			return ""
		}
		g.Refresh, g.Desired = refreshActive, w.B
		g.Seq++
		if w.Kind == writeRefresh {
			bit := uint8(1)
			if m.has(AttemptCarried) {
				bit <<= s.T[m.Groups[w.A].T].V[w.B-1].Attempt
			}
			g.Begun |= bit
		}
	case writeRollback: // the call names the group, not the refresh
		g := &s.G[w.A]
		if g.Refresh == refreshActive {
			g.Refresh = refreshRolling
			if g.Seq != w.C && markOf(&s.T[m.Groups[w.A].T], g.Desired) != markRelease {
				return fmt.Sprintf("ROLLBACK: RollbackInstanceRefresh hits another refresh of g%d (to v%d) than the one that was read", w.A, g.Desired)
			}
		}
	case writeGate:
		s.M.Gate[w.A] = w.B
	case writeDefault:
		s.T[w.A].Default = w.B
	case writeStop:
		s.M.Stop = w.A
	case writeReject:
		s.M.Rejected, s.M.Named = w.A, w.B
	case writeRetry:
		s.M.Rejected, s.M.Named, s.M.Stop = 0, 0, 0
		if m.has(AttemptCarried) {
			s.M.Attempt = w.A
		} else {
			s.M.Gate, s.M.Approval = [maxGates]uint8{}, 0
		}
	}
	return ""
}

func (m *Model) applyVersion(s *State, w Write) string {
	t := &s.T[w.A]
	v := Version{Base: t.V[w.B-1].Base, Image: t.V[w.B-1].Image, Mark: markRelease, Source: w.B, Default: w.C}
	switch w.Kind {
	case writeVersion:
		v.Image, v.Attempt = newImage, w.D>>4
		for n := uint8(1); n <= t.N; n++ { // the client token
			x := t.V[n-1]
			if x.Mark != markRelease || x.Source != w.B || m.has(TokenHasAttempt) && m.has(AttemptCarried) && x.Attempt != v.Attempt {
				continue
			}
			if m.has(AttemptCarried) || m.madeFrom(&s.T[w.A], w.B) {
				return ""
			}
		}
	case writeRestate:
		v.Source, v.Attempt = t.V[w.B-1].Source, t.V[w.B-1].Attempt
		if dataOf(t, t.N) == dataOf(t, w.B) {
			return ""
		}
	case writeRestoreTemplate:
		v.Mark = markRestores
		if markOf(t, t.N) == markRestores {
			return ""
		}
	}
	if t.N >= maxVersions {
		return "OVERFLOW: versions without end"
	}
	t.V[t.N] = v
	t.N++
	return ""
}

func (w Write) String() string {
	switch w.Kind {
	case writeImage:
		return fmt.Sprintf("create or copy the image in place %d", w.A)
	case writeRecord:
		return fmt.Sprintf("record the spelling of g%d: %s", w.A, spell(w.B))
	case writeComplete:
		return fmt.Sprintf("close the pin record of place %d", w.A)
	case writePin:
		return fmt.Sprintf("pin g%d to %d", w.A, w.B)
	case writeUnpin:
		return fmt.Sprintf("unpin g%d to %s", w.A, spell(w.B))
	case writeVersion:
		return fmt.Sprintf("make a version of t%d with the new image from v%d", w.A, w.B)
	case writeRestoreTemplate:
		return fmt.Sprintf("restore-template t%d: a version 'restores %d'", w.A, w.B)
	case writeRestate:
		return fmt.Sprintf("one more version of t%d with the data of v%d", w.A, w.B)
	case writeRefresh:
		return fmt.Sprintf("start the refresh of g%d to v%d", w.A, w.B)
	case writeRestoreGroup:
		return fmt.Sprintf("restore-group: start a refresh of g%d to v%d", w.A, w.B)
	case writeRollback:
		return fmt.Sprintf("RollbackInstanceRefresh of g%d", w.A)
	case writeGate:
		return fmt.Sprintf("the check passed: gate mark %d", w.A)
	case writeDefault:
		return fmt.Sprintf("default of t%d to v%d", w.A, w.B)
	case writeStop:
		return "the check failed: gate mark, failed"
	case writeReject:
		if w.B == namesGate {
			return fmt.Sprintf("the check failed: rejected, scope %d", w.A)
		}
		return fmt.Sprintf("rejected, scope %d, for the refresh of g%d", w.A, w.B)
	case writeRetry:
		return fmt.Sprintf("Retry: attempt %d in place of the decision", w.A)
	}
	return "nothing"
}

func groupNames(bits uint8) string {
	var names []string
	for g := range 8 {
		if bits&(1<<g) != 0 {
			names = append(names, fmt.Sprintf("g%d", g))
		}
	}
	return "{" + strings.Join(names, ",") + "}"
}

func spell(n uint8) string {
	switch n {
	case latest:
		return "$Latest"
	case defaultVer:
		return "$Default"
	}
	return fmt.Sprint(n)
}

func endName(e uint8) string {
	return []string{"-", "OK", "ErrRejected", "stopped", "undo failed", "refused"}[e]
}

// String shows a state on one line.
func (m *Model) String(s *State) string {
	var b strings.Builder
	for t := range m.Templates {
		fmt.Fprintf(&b, "t%d[", t)
		for n := uint8(1); n <= s.T[t].N; n++ {
			v := s.T[t].V[n-1]
			fmt.Fprintf(&b, "%d=%c/%s", n, 'a'+v.Base, []string{"old", "new"}[v.Image])
			switch v.Mark {
			case markRelease:
				fmt.Fprintf(&b, "(from %d)", v.Source)
			case markRestores:
				fmt.Fprintf(&b, "(restores %d)", v.Source)
			}
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "default %d] ", s.T[t].Default)
	}
	for g := range m.Groups {
		refresh := []string{"-", "runs", "rolls back", "ok", "failed", "cancelled", "rolled back", "rollback failed"}[s.G[g].Refresh]
		fmt.Fprintf(&b, "g%d:%s on %v, %s to %d  ", g, spell(s.G[g].Spelling), s.G[g].Instances, refresh, s.G[g].Desired)
	}
	fmt.Fprintf(&b, "rejected %d, gates %v, record %v", s.M.Rejected, s.M.Gate, s.M.Record)
	return b.String()
}
