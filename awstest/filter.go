package awstest

import (
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// filterTable says, for each filter of a describe, which values a thing has
// under it. The tags serve tag:<key> and tag-key. A filter of AWS's that is not
// modelled is refused by name; any other as AWS refuses one it does not know.
type filterTable[T any] struct {
	values map[string]func(T) []string
	tags   func(T) tagSet
	// unmodelled are the names of AWS's other filters, between blanks. One that
	// ends with a dot stands for all that begin with it.
	unmodelled string
}

// maxFilterValues is how many values one call may have in all of its filters.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
const maxFilterValues = 200

// compile checks the filters and returns what decides on one thing: all filters
// must hold, each by any of its values. Values may have * and ?, with a
// backslash before one that is meant itself.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
func (t filterTable[T]) compile(filters []ec2types.Filter) (func(T) bool, error) {
	type check struct {
		values func(T) []string
		want   []pattern
	}
	total := 0
	for _, f := range filters {
		if total += len(f.Values); total > maxFilterValues {
			return nil, apiError("FilterLimitExceeded", "The maximum number of filter values specified on a single call is %d", maxFilterValues)
		}
	}
	checks := make([]check, 0, len(filters))
	for _, f := range filters {
		name := aws.ToString(f.Name)
		values := t.lookup(name)
		if values == nil && t.refuses(name) {
			return nil, &Unmodelled{Field: "Filters: " + name}
		}
		if values == nil {
			return nil, apiError("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		c := check{values: values, want: make([]pattern, len(f.Values))}
		for n, v := range f.Values {
			c.want[n] = newPattern(v)
		}
		checks = append(checks, c)
	}
	return func(thing T) bool {
		for _, c := range checks {
			if !anyMatch(c.values(thing), c.want) {
				return false
			}
		}
		return true
	}, nil
}

// refuses is true of a filter that AWS has and this cloud has not.
func (t filterTable[T]) refuses(name string) bool {
	for one := range strings.FieldsSeq(t.unmodelled) {
		if one == name || strings.HasSuffix(one, ".") && strings.HasPrefix(name, one) {
			return true
		}
	}
	return false
}

func (t filterTable[T]) lookup(name string) func(T) []string {
	if t.tags != nil {
		if key, ok := strings.CutPrefix(name, "tag:"); ok {
			return func(thing T) []string {
				if v, ok := t.tags(thing).get(key); ok {
					return []string{v}
				}
				return nil
			}
		}
		if name == "tag-key" {
			return func(thing T) []string { return t.tags(thing).keys() }
		}
	}
	return t.values[name]
}

func anyMatch(have []string, want []pattern) bool {
	for _, w := range want {
		for _, h := range have {
			if w.match(h) {
				return true
			}
		}
	}
	return false
}

// wildcards are the characters of a filter value that do not mean themselves.
const wildcards = `*?\`

// pattern is a filter value.
type pattern struct {
	literal string
	parts   []part // nil: the literal decides
}

// part is one character of a pattern.
type part struct {
	char rune
	kind byte // '*', '?' or zero: the character itself
}

func newPattern(value string) pattern {
	if !strings.ContainsAny(value, wildcards) {
		return pattern{literal: value}
	}
	p := pattern{parts: []part{}}
	escaped := false
	for n, c := range value {
		switch last := n == len(value)-1; {
		case !escaped && c == '\\' && !last:
			escaped = true
			continue
		case !escaped && (c == '*' || c == '?'):
			p.parts = append(p.parts, part{kind: byte(c)})
		default:
			p.parts = append(p.parts, part{char: c})
		}
		escaped = false
	}
	return p
}

// match goes back to the last * only: what an earlier one has taken need never
// be taken again.
func (p pattern) match(s string) bool {
	if p.parts == nil {
		return p.literal == s
	}
	at, star, resume := 0, -1, 0
	for n := 0; n < len(s); {
		c, width := utf8.DecodeRuneInString(s[n:])
		switch {
		case at < len(p.parts) && p.parts[at].kind == '*':
			star, resume = at, n
			at++
			continue
		case at < len(p.parts) && (p.parts[at].kind == '?' || p.parts[at].kind == 0 && p.parts[at].char == c):
			at++
			n += width
			continue
		case star < 0:
			return false
		}
		_, skipped := utf8.DecodeRuneInString(s[resume:])
		resume += skipped
		at, n = star+1, resume
	}
	for at < len(p.parts) && p.parts[at].kind == '*' {
		at++
	}
	return at == len(p.parts)
}

// neverOf is a filter on what nothing of this cloud has.
func neverOf[T any](T) []string { return nil }

// one makes a single-valued filter of a function.
func one[T any](f func(T) string) func(T) []string {
	return func(thing T) []string {
		if v := f(thing); v != "" {
			return []string{v}
		}
		return nil
	}
}

func yesNo(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// deref is the structure behind a pointer, zero for nil. For all else the SDK has
// aws.ToString and its like.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
