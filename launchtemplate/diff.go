package launchtemplate

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Change is one field in which two versions differ.
type Change struct {
	// Path of the field by AWS's names, such as InstanceType,
	// MetadataOptions.HttpTokens or BlockDeviceMappings[/dev/sdf].Ebs.VolumeSize.
	Path string
	// Before and After as JSON: "t3.micro" with its quotes, 20, true, an
	// object. Empty: not set.
	Before, After string
}

// String is the change as one line.
func (c Change) String() string {
	show := func(s string) string {
		if s == "" {
			return "not set"
		}
		return s
	}
	return c.Path + ": " + show(c.Before) + " to " + show(c.After)
}

// Diff compares what two versions launch, field by field, sorted by path. Equal
// data has no changes. The versions may be of two templates; their numbers and
// descriptions are not compared.
//
// A list counts as the same in any order. Elements that have a name of their own
// (a device name, a device index, a resource type, the key of a tag) are compared
// with the one of that name; a list of anything else differs as a whole. User
// data is shown as AWS has it: take care where the changes are written to.
//
// It calls nothing.
func Diff(a, b *Version) []Change {
	var before, after any
	if a != nil {
		before = plain(reflect.ValueOf(a.Data))
	}
	if b != nil {
		after = plain(reflect.ValueOf(b.Data))
	}
	var out []Change
	// A version without data is one where nothing is set.
	compare("", object(before), object(after), &out)
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return out
}

func object(v any) any {
	if v == nil {
		return map[string]any{}
	}
	return v
}

func compare(path string, a, b any, out *[]Change) {
	if text(a) == text(b) {
		return
	}
	if am, bm, ok := both[map[string]any](a, b); ok {
		compareFields(path, ".", am, bm, out)
		return
	}
	if al, bl, ok := both[[]any](a, b); ok {
		if key := nameOf(slices.Concat(al, bl)); key != "" {
			compareFields(path, "[", byName(al, key), byName(bl, key), out)
			return
		}
	}
	*out = append(*out, Change{Path: path, Before: shown(a), After: shown(b)})
}

// both are a and b as one kind of thing. One that is not set stands for an empty
// one, so that the fields below it are told one by one.
func both[T any](a, b any) (at, bt T, ok bool) {
	at, aok := a.(T)
	bt, bok := b.(T)
	return at, bt, (aok || a == nil) && (bok || b == nil)
}

func compareFields(path, separator string, a, b map[string]any, out *[]Change) {
	keys := map[string]bool{}
	for _, m := range []map[string]any{a, b} {
		for k := range m {
			keys[k] = true
		}
	}
	if len(keys) == 0 { // set, with nothing in it, against not set
		*out = append(*out, Change{Path: path, Before: shown(a), After: shown(b)})
		return
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		below := path + separator + k
		switch {
		case separator == "[":
			below += "]"
		case path == "":
			below = k
		}
		compare(below, a[k], b[k], out)
	}
}

// names are the fields that tell the elements of a list apart.
var names = []string{"DeviceName", "DeviceIndex", "ResourceType", "Key"}

// nameOf is the field that names each element of a list; empty: there is none.
func nameOf(list []any) string {
	for _, name := range names {
		if !slices.ContainsFunc(list, func(v any) bool {
			m, ok := v.(map[string]any)
			return !ok || m[name] == nil
		}) {
			return name
		}
	}
	return ""
}

func byName(list []any, name string) map[string]any {
	m := map[string]any{}
	for _, v := range list {
		key := strings.Trim(text(v.(map[string]any)[name]), `"`)
		for m[key] != nil { // the second network interface of one index, say
			key += "'"
		}
		m[key] = v
	}
	return m
}

func shown(v any) string {
	if v == nil || reflect.ValueOf(v).Kind() == reflect.Map && reflect.ValueOf(v).IsNil() {
		return ""
	}
	return text(v)
}
