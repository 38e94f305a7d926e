package awstest

import (
	"regexp"
	"strings"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// filterTable says, for each filter of a describe, which values a thing has
// under it. A filter that is not in the table is refused as AWS refuses one it
// does not know. "tag" in the table serves tag:<key> and, with its keys,
// tag-key.
type filterTable[T any] struct {
	values map[string]func(T) []string
	tags   func(T) tagSet
}

// compile checks the filters and returns what decides on one thing: all filters
// must hold, each by any of its values. Values may have * and ?, with a
// backslash before one that is meant itself.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
func (t filterTable[T]) compile(filters []ec2types.Filter) (func(T) bool, error) {
	type check struct {
		values func(T) []string
		want   []*pattern
	}
	var checks []check
	for _, f := range filters {
		name := deref(f.Name)
		values := t.lookup(name)
		if values == nil {
			return nil, apiError("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		c := check{values: values}
		for _, v := range f.Values {
			c.want = append(c.want, newPattern(v))
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

func (t filterTable[T]) lookup(name string) func(T) []string {
	if t.tags != nil {
		if key, ok := strings.CutPrefix(name, "tag:"); ok {
			return func(thing T) []string {
				if v, ok := t.tags(thing)[key]; ok {
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

func anyMatch(have []string, want []*pattern) bool {
	for _, w := range want {
		for _, h := range have {
			if w.match(h) {
				return true
			}
		}
	}
	return false
}

// pattern is a filter value.
type pattern struct {
	literal string
	wild    *regexp.Regexp // nil: the literal decides
}

func newPattern(value string) *pattern {
	if !strings.ContainsAny(value, `*?\`) {
		return &pattern{literal: value}
	}
	var re strings.Builder
	re.WriteString("(?s)^")
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && i+1 < len(value):
			i++
			re.WriteString(regexp.QuoteMeta(value[i : i+1]))
		case c == '*':
			re.WriteString(".*")
		case c == '?':
			re.WriteString(".")
		default:
			re.WriteString(regexp.QuoteMeta(value[i : i+1]))
		}
	}
	re.WriteString("$")
	return &pattern{wild: regexp.MustCompile(re.String())}
}

func (p *pattern) match(s string) bool {
	if p.wild != nil {
		return p.wild.MatchString(s)
	}
	return p.literal == s
}

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

// deref is the value behind a pointer, zero for nil.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
