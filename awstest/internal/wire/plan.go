package wire

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// direction is which of a service's tables a plan is made by.
type direction int

const (
	request direction = iota
	answer
)

// plan says what the fields of a structure are called on the wire.
type plan struct {
	fields []fieldPlan
	byName map[string]int // of fields
	// ignored are names that the SDK sends by itself and that have no field.
	ignored map[string]bool
}

// fieldPlan is one field.
type fieldPlan struct {
	index    int
	field    string // in Go
	name     string // on the wire
	item     string // what the elements of a list are called
	required bool
	list     bool
	open     string // <name>
	end      string // </name>
	of       reflect.Type
}

// planOf is the plan of a structure.
func (s *Service) planOf(t reflect.Type, way direction) *plan {
	if p, ok := s.plans[way].Load(t); ok {
		return p.(*plan)
	}
	p, _ := s.plans[way].LoadOrStore(t, s.newPlan(t, way))
	return p.(*plan)
}

func (s *Service) newPlan(t reflect.Type, way direction) *plan {
	said, rule := s.answered()[t.Name()], s.Kind.answeredName
	if way == request && s.Kind != JSON11 { // JSON has the same names both ways
		said, rule = s.sent()[t.Name()], s.Kind.sentName
	}
	required := s.required()[t.Name()]
	p := &plan{byName: map[string]int{}, ignored: map[string]bool{}}
	for i := range t.NumField() {
		f := t.Field(i)
		name, ok := said[f.Name]
		if !ok {
			name = rule(f.Name)
		}
		switch {
		case !f.IsExported():
			if ok {
				p.ignored[name] = true
			}
			continue
		case f.Name == "ResultMetadata", f.Name == "ErrorCodeOverride", name == notSent:
			continue
		}
		name, item, _ := strings.Cut(name, "/")
		if item == "" {
			item = s.Kind.member()
		}
		_, must := required[f.Name]
		p.byName[name] = len(p.fields)
		p.fields = append(p.fields, fieldPlan{index: i, field: f.Name, name: name, item: item, required: must, list: isList(f.Type), of: f.Type,
			open: "<" + name + ">", end: "</" + name + ">"})
	}
	return p
}

var (
	timeType  = reflect.TypeFor[time.Time]()
	bytesType = reflect.TypeFor[[]byte]()
)

// isStruct is true for what has fields of its own on the wire.
func isStruct(t reflect.Type) bool { return t.Kind() == reflect.Struct && t != timeType }

// isList is true for what has elements.
func isList(t reflect.Type) bool { return t.Kind() == reflect.Slice && t != bytesType }

// Unreadable is the error of a request that does not say what its operation
// takes.
type Unreadable struct {
	// Name is the parameter, as it was sent; empty for the request as a whole.
	Name string
	// Value is what it was given; empty when it is unknown itself.
	Value string
	// Unknown is true for a parameter that the operation does not have.
	Unknown bool
	// Want is what it takes.
	Want string
}

func (e *Unreadable) Error() string {
	switch {
	case e.Unknown:
		return fmt.Sprintf("unknown parameter %s", e.Name)
	case e.Name == "":
		return "invalid request: " + e.Want + " is expected"
	}
	return fmt.Sprintf("invalid value %q of %s: %s is expected", e.Value, e.Name, e.Want)
}
