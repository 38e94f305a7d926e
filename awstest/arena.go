package awstest

import "slices"

// arena holds what the pointers of one answer point to: an image alone has
// some thirty of them, and one allocation each would be most of a call's time.
// Each value is handed out once, so that answers share nothing.
type arena struct {
	strings []string
	bools   []bool
	numbers []int32
	// The first ones are here: most answers show one thing.
	firstStrings [20]string
	firstBools   [8]bool
	firstNumbers [4]int32
}

func newArena() *arena {
	a := &arena{}
	a.strings, a.bools, a.numbers = a.firstStrings[:0], a.firstBools[:0], a.firstNumbers[:0]
	return a
}

const (
	arenaChunk = 64
	arenaMost  = 4096
)

// put stores a value behind those that are there already, which do not move.
func put[T any](chunk *[]T, v T) *T {
	if len(*chunk) == cap(*chunk) {
		*chunk = make([]T, 0, min(max(arenaChunk, 2*cap(*chunk)), arenaMost))
	}
	*chunk = append(*chunk, v)
	return &(*chunk)[len(*chunk)-1]
}

func (a *arena) text(s string) *string { return put(&a.strings, s) }
func (a *arena) flag(b bool) *bool     { return put(&a.bools, b) }
func (a *arena) number(n int32) *int32 { return put(&a.numbers, n) }

// someText is nil for the empty string.
func (a *arena) someText(s string) *string {
	if s == "" {
		return nil
	}
	return a.text(s)
}

// someNumber is nil for zero.
func (a *arena) someNumber(n int32) *int32 {
	if n == 0 {
		return nil
	}
	return a.number(n)
}

// sized makes room for n elements at once.
func sized[T any](n int) []T {
	if n == 0 {
		return nil
	}
	return slices.Grow([]T(nil), n)
}
