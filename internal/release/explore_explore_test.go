package release_test

import (
	"strings"
	"time"
	"unsafe"
)

// Result is what an exploration has found.
type Result struct {
	States, Edges int
	Cut           bool                // it ended early: too many states, or asked to stop at the first violation
	Reach         string              // whether an end can be reached from every state
	Broken        map[string][]string // by kind, a shortest trace whose last line is the violation
	Took          time.Duration
}

type successor struct {
	s      State
	broken string
	says   func() string
}

func kindOf(broken string) string {
	kind, _, _ := strings.Cut(broken, ":")
	return kind
}

// explore visits every state breadth first. Behind a violation it does not go on.
func (m *Model) explore(most int, stopFirst bool) Result {
	began := time.Now()
	r := Result{Broken: map[string][]string{}, Reach: "not asked"}
	type entry struct {
		s State
		i uint32
	}
	seen := map[uint64]uint32{hash(&m.start): 0}
	parent, step, goal := []uint32{0}, []uint16{0}, []bool{false}
	var from, to []uint32
	const mostEdgesFor = 5_000_000
	layer := []entry{{m.start, 0}}
	var next []entry
	var buf []successor
	out := func(n State, broken string, says func() string) { buf = append(buf, successor{n, broken, says}) }
	report := func(broken string, at uint32, last int) {
		if _, ok := r.Broken[kindOf(broken)]; !ok {
			r.Broken[kindOf(broken)] = append(m.replay(parent, step, at, last), broken)
		}
	}
search:
	for len(layer) > 0 {
		next = next[:0:0]
		for k := range layer {
			e := &layer[k]
			buf = buf[:0]
			m.steps(&e.s, out)
			goal[e.i] = goal[e.i] || anyEnded(&e.s)
			for o := range buf {
				c := &buf[o]
				if c.broken != "" {
					goal[e.i] = true
					report(c.broken, e.i, o)
					if stopFirst {
						r.Cut = true
						break search
					}
					continue
				}
				h := hash(&c.s)
				j, ok := seen[h]
				if !ok {
					j = uint32(len(parent))
					seen[h] = j
					parent, step = append(parent, e.i), append(step, uint16(o))
					broken := m.check(&c.s)
					goal = append(goal, broken != "")
					if broken == "" {
						next = append(next, entry{c.s, j})
					} else {
						report(broken, j, -1)
						if stopFirst {
							r.Cut = true
							break search
						}
					}
				}
				r.Edges++
				if len(parent) < mostEdgesFor {
					from, to = append(from, e.i), append(to, j)
				}
			}
			if len(parent) > most {
				r.Cut = true
				break search
			}
		}
		layer = next
	}
	r.States = len(parent)
	if !r.Cut && len(parent) < mostEdgesFor {
		r.Reach = "yes"
		if i, ok := stuck(from, to, goal); ok {
			r.Reach = "no"
			r.Broken["NOEND"] = append(m.replay(parent, step, i, -1), "NOEND: from here nothing leads to an end")
		}
	}
	r.Took = time.Since(began)
	return r
}

// replay gives the words of the steps that lead to a state, and of one more step where last is one.
func (m *Model) replay(parent []uint32, step []uint16, at uint32, last int) (trace []string) {
	var orders []int
	for j := at; j != 0; j = parent[j] {
		orders = append(orders, int(step[j]))
	}
	s := m.start
	do := func(o int) {
		k := 0
		var hit successor
		m.steps(&s, func(n State, broken string, says func() string) {
			if k == o {
				hit = successor{n, broken, says}
			}
			k++
		})
		trace = append(trace, hit.says())
		s = hit.s
	}
	for k := len(orders) - 1; k >= 0; k-- {
		do(orders[k])
	}
	if last >= 0 {
		do(last)
	}
	return append(trace, m.String(&s))
}

// stuck finds a state from which no goal can be reached.
func stuck(from, to []uint32, goal []bool) (uint32, bool) {
	head := make([]uint32, len(goal)+1)
	for _, t := range to {
		head[t+1]++
	}
	for i := range goal {
		head[i+1] += head[i]
	}
	pos := append([]uint32(nil), head...)
	back := make([]uint32, len(to))
	for k, t := range to {
		back[pos[t]] = from[k]
		pos[t]++
	}
	reached := make([]bool, len(goal))
	var todo []uint32
	for i, g := range goal {
		if g {
			reached[i] = true
			todo = append(todo, uint32(i))
		}
	}
	for len(todo) > 0 {
		x := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, y := range back[head[x]:head[x+1]] {
			if !reached[y] {
				reached[y] = true
				todo = append(todo, y)
			}
		}
	}
	for i, ok := range reached {
		if !ok {
			return uint32(i), true
		}
	}
	return 0, false
}

// hash hashes a state as it lies in memory: every field is one byte wide, so there is no padding.
func hash(s *State) uint64 {
	b := unsafe.Slice((*byte)(unsafe.Pointer(s)), unsafe.Sizeof(*s))
	h := uint64(14695981039346656037)
	i := 0
	for ; i+8 <= len(b); i += 8 {
		h ^= *(*uint64)(unsafe.Pointer(&b[i]))
		h *= 0x9E3779B97F4A7C15
		h ^= h >> 29
		h *= 0xBF58476D1CE4E5B9
		h ^= h >> 32
	}
	for ; i < len(b); i++ {
		h ^= uint64(b[i])
		h *= 1099511628211
		h ^= h >> 29
	}
	h *= 0x9E3779B97F4A7C15
	return h ^ h>>31
}
