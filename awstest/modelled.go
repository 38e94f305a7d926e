package awstest

import (
	"cmp"
	"path"
	"reflect"
	"slices"
	"strings"
)

// Operation is what the fake models of one operation of AWS.
type Operation struct {
	Service string // as in [Call]: "EC2", "Auto Scaling"
	Name    string // "CopyImage"
	// Refused are the input fields that are not modelled, with a dot before a
	// part of one: a call that sets one of them fails with [Unmodelled].
	Refused []string
}

// Modelled lists what is modelled, by service and name. An operation that is
// not in it fails with [Unmodelled].
func Modelled() []Operation {
	var out []Operation
	for t, op := range registry {
		out = append(out, Operation{Service: serviceOf(t), Name: op.name, Refused: op.fields.names()})
	}
	slices.SortFunc(out, func(a, b Operation) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(a.Name, b.Name))
	})
	return out
}

// serviceOf is the service id of an input's package.
func serviceOf(in reflect.Type) string {
	name := path.Base(in.Elem().PkgPath())
	if name == "autoscaling" {
		return "Auto Scaling"
	}
	return strings.ToUpper(name)
}

// names lists the fields that are refused.
func (s *fieldSet) names() (out []string) {
	for _, rule := range s.fields {
		if rule.below == nil {
			out = append(out, rule.name)
			continue
		}
		for _, inner := range rule.below.names() {
			out = append(out, rule.name+"."+inner)
		}
	}
	return out
}
