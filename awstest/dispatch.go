package awstest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// request is one call that has reached its handler: the caller's store and who
// the caller is.
type request struct {
	*store
	service string
	op      string
	caller  identity
	dryRun  bool // it only asks whether it may be done
}

// errDryRun is the answer to a dry run of what could be done.
func errDryRun() error {
	return apiError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
}

// checked ends a dry run. Each handler that changes something calls it when all
// checks are behind it and before it touches anything.
func (r *request) checked() error {
	if r.dryRun {
		return errDryRun()
	}
	return nil
}

// operation is what the registry holds for one input type.
type operation struct {
	name   string
	fields *fieldSet
	named  []string // the fields that are modelled, as they were registered
	bounds []boundField
	dryRun []int // index of the DryRun field; nil: there is none
	run    func(*request, any) (any, error)
}

var registry = map[reflect.Type]*operation{}

// handle registers an operation: its handler and the input fields that the fake
// models. A name stands for the field and all below it; "Outer.Inner" for that
// part of it only. A call that sets any other field is refused, so that no test
// passes because the fake looked away. DryRun is handled for every operation
// that has it: a handler that changes something calls checked before.
func handle[In, Out any](run func(*request, *In) (*Out, error), fields ...string) {
	t := reflect.TypeFor[In]()
	op := &operation{
		name:   strings.TrimSuffix(t.Name(), "Input"),
		fields: newFieldSet(t, append(slices.Clip(fields), "DryRun")),
		named:  fields,
		run: func(r *request, in any) (any, error) {
			out, err := run(r, in.(*In))
			if err != nil {
				return nil, err
			}
			return out, nil
		},
	}
	op.bounds = boundsOf(op.name, t)
	if f, ok := t.FieldByName("DryRun"); ok {
		op.dryRun = f.Index
	}
	registry[reflect.TypeFor[*In]()] = op
}

// dispatch finds the handler of an input and runs it.
func dispatch(r *request, in any) (any, error) {
	op := registry[reflect.TypeOf(in)]
	if op == nil {
		return nil, &Unmodelled{Service: r.service, Operation: r.op}
	}
	in, err := given(r.service, in)
	if err != nil {
		return nil, err
	}
	v := reflect.ValueOf(in).Elem()
	if field := op.fields.refused(v); field != "" {
		return nil, &Unmodelled{Service: r.service, Operation: r.op, Field: field}
	}
	if err := op.withinBounds(r.service, v); err != nil {
		return nil, err
	}
	var out any
	if r.dryRun = op.isDryRun(v); r.dryRun {
		err = op.try(r, v)
	} else {
		out, err = op.run(r, in)
	}
	if u, ok := errors.AsType[*Unmodelled](err); ok {
		u.Service, u.Operation = r.service, r.op
	}
	return out, err
}

// isDryRun tells whether an input only asks whether it may be done.
func (op *operation) isDryRun(in reflect.Value) bool {
	if op.dryRun == nil {
		return false
	}
	f := in.FieldByIndex(op.dryRun)
	return !f.IsNil() && f.Elem().Bool()
}

// try runs a handler up to where it would change something. The handler does
// not see DryRun, so that a client token means the same with it and without.
func (op *operation) try(r *request, in reflect.Value) error {
	plain := reflect.New(in.Type())
	plain.Elem().Set(in)
	plain.Elem().FieldByIndex(op.dryRun).SetZero()
	if _, err := op.run(r, plain.Interface()); err != nil {
		return err
	}
	return errDryRun() // of a read, and of a call that repeats another by its token
}

// mayChange tells whether a call may change something: it is no read, and no
// dry run.
func mayChange(name string, in any) bool {
	if !isWrite(name) {
		return false
	}
	op := registry[reflect.TypeOf(in)]
	return op == nil || !op.isDryRun(reflect.ValueOf(in).Elem())
}

// Unmodelled is the error of a call that uses what the fake does not model. It
// satisfies errors.Is(err, errors.ErrUnsupported).
type Unmodelled struct {
	Service, Operation string
	Field              string // the input field; empty: the whole operation
}

func (e *Unmodelled) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("awstest: %s %s is not modelled", e.Service, e.Operation)
	}
	return fmt.Sprintf("awstest: %s %s: the input field %s is not modelled", e.Service, e.Operation, e.Field)
}

func (e *Unmodelled) Unwrap() error { return errors.ErrUnsupported }

// fieldSet says which fields of an input may be set. A nil set allows all.
type fieldSet struct {
	fields []fieldRule
}

type fieldRule struct {
	index int
	name  string
	below *fieldSet // nil: refused as a whole
}

// newFieldSet compiles the names for t. It panics on a name that t does not
// have: that is a mistake in this package.
func newFieldSet(t reflect.Type, names []string) *fieldSet {
	whole := map[string]bool{}
	parts := map[string][]string{}
	for _, name := range names {
		outer, inner, nested := strings.Cut(name, ".")
		if _, ok := t.FieldByName(outer); !ok && outer != "DryRun" {
			panic(fmt.Sprintf("awstest: %s has no field %s", t, outer))
		}
		if nested {
			parts[outer] = append(parts[outer], inner)
		} else {
			whole[outer] = true
		}
	}
	set := &fieldSet{}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || whole[f.Name] {
			continue
		}
		rule := fieldRule{index: i, name: f.Name}
		if inner := parts[f.Name]; inner != nil {
			rule.below = newFieldSet(structBelow(f.Type), inner)
		}
		set.fields = append(set.fields, rule)
	}
	return set
}

// structBelow is the struct that a field holds, behind pointers and slices.
func structBelow(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}

// refused names the first set field that is not modelled, empty when all are.
func (s *fieldSet) refused(v reflect.Value) string {
	for _, rule := range s.fields {
		f := v.Field(rule.index)
		if f.IsZero() {
			continue
		}
		if rule.below == nil {
			return rule.name
		}
		if inner := rule.below.refusedBelow(f); inner != "" {
			return rule.name + "." + inner
		}
	}
	return ""
}

func (s *fieldSet) refusedBelow(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return s.refusedBelow(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if name := s.refusedBelow(v.Index(i)); name != "" {
				return name
			}
		}
		return ""
	}
	return s.refused(v)
}
