package main

import (
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tables is what is known of one service.
type tables struct {
	version   string // of its API
	target    string // what X-Amz-Target begins with, before the dot
	namespace string // of its XML
	sent      names
	answered  names
	required  map[string][]string
}

// names are the wire names of fields, by type and field. A field that the SDK
// does not put on the wire has the name "-".
type names map[string]map[string]string

// add enters one field. Two names of one field are refused.
func (n names) add(typ, field, wire string) error {
	if n[typ] == nil {
		n[typ] = map[string]string{}
	}
	if before, ok := n[typ][field]; ok && before != wire {
		return fmt.Errorf("%s.%s is both %q and %q", typ, field, before, wire)
	}
	n[typ][field] = wire
	return nil
}

// complete enters the fields that types have and the wire has not.
func (n names) complete(structs map[string]map[string]bool) error {
	for typ, known := range n {
		fields, ok := structs[typ]
		if !ok {
			return fmt.Errorf("there is no type %s", typ)
		}
		for field := range fields {
			if known[field] == "" {
				known[field] = "-"
			}
		}
		for field := range known {
			// What the SDK fills in by itself is in fields that are not exported.
			if !fields[field] && token.IsExported(field) {
				return fmt.Errorf("%s has no field %s", typ, field)
			}
		}
	}
	return nil
}

// lines writes down what the rule does not say.
func (n names) lines(rule func(field string) string) string {
	var b strings.Builder
	for _, typ := range slices.Sorted(maps.Keys(n)) {
		var parts []string
		for _, field := range slices.Sorted(maps.Keys(n[typ])) {
			if wire := n[typ][field]; wire != rule(field) {
				parts = append(parts, field+"="+wire)
			}
		}
		if len(parts) > 0 {
			fmt.Fprintf(&b, "%s %s\n", typ, strings.Join(parts, " "))
		}
	}
	return b.String()
}

func requiredLines(required map[string][]string) string {
	var b strings.Builder
	for _, typ := range slices.Sorted(maps.Keys(required)) {
		fmt.Fprintf(&b, "%s %s\n", typ, strings.Join(required[typ], " "))
	}
	return b.String()
}

// sentName is the rule for what a field is called in a request. Package wire
// has the same two.
func (k kind) sentName(field string) string { return field }

// answeredName is the rule for what a field is called in an answer.
func (k kind) answeredName(field string) string {
	if k != ec2Query {
		return field
	}
	first, size := utf8.DecodeRuneInString(field)
	return string(unicode.ToLower(first)) + field[size:]
}
