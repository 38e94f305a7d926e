package fault

import "fmt"

// Kind is a sentinel: what errors.Is compares with, and the code that stands
// for it where a sentinel cannot go, in JSON and in another process.
type Kind struct {
	code   string
	text   string
	parent error
	repeat repeat
}

// repeat says whether a kind alone decides that its errors are retryable.
type repeat int

const (
	byCause repeat = iota // the cause decides
	always
	never
)

// Option is a property of a [Kind].
type Option func(*Kind)

// Retryable is for a kind that passes without anything being changed.
func Retryable(k *Kind) { k.repeat = always }

// Final is for a kind that stays whatever its cause is: the cause came from the
// caller's own code, or it is beside the point.
func Final(k *Kind) { k.repeat = never }

// Under makes errors.Is hold for parent too.
func Under(parent error) Option { return func(k *Kind) { k.parent = parent } }

// kinds are all that there are, by their codes. It is written while packages
// are initialized and read afterwards.
var kinds = map[string]*Kind{}

// New makes the sentinel with this code, which is its name after the package's:
// "asg.RefreshFailed" is asg.ErrRefreshFailed. Those that several packages share
// have no package in theirs. It is for package variables alone, and a code that
// is there already is a panic.
func New(code, text string, opts ...Option) error {
	k := &Kind{code: code, text: text}
	for _, o := range opts {
		o(k)
	}
	if kinds[code] != nil {
		panic(fmt.Sprintf("fault: two kinds have the code %q", code))
	}
	kinds[code] = k
	return k
}

// ByCode is the sentinel with this code; nil: there is none.
func ByCode(code string) error {
	if k := kinds[code]; k != nil {
		return k
	}
	return nil
}

// Error is the text of the kind, without its code.
func (k *Kind) Error() string { return k.text }

// Code is stable: it never changes, and no other kind gets it.
func (k *Kind) Code() string { return k.code }

// Unwrap is the kind that this one is under; nil: there is none.
func (k *Kind) Unwrap() error { return k.parent }
