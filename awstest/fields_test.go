package awstest_test

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/readyami/readyami/awstest"
)

// The fake refuses a set field that an operation's registration does not name.
// The tests here see to the rest: that each field which is named counts. Each
// operation has cases in the fields_…_test.go of its concept:
//
//	func init() {
//		fields(func(w *fieldWorld) *ec2.DisableImageInput {
//			return &ec2.DisableImageInput{ImageId: new(w.image("golden"))}
//		}, fieldValues{"ImageId": "ami-00000000000000000"})
//	}
//
// The function makes a world and a call that succeeds in it. The call is then
// made in two such worlds, which are the same to the last id: once as it is,
// once with one field set to the value given here. Answer or state must differ:
// see fieldWorld.look for what is looked at, and further looks can be given.

// fieldValues are values by the path of a field ("LaunchPermission.Add.UserId").
// A value is as the field holds it, pointers left out, or one of
// func(*fieldWorld) any, which may read the world and change nothing, and
// refused.
type fieldValues map[string]any

// refused is a value with which the call fails with a code. It proves less than
// one that works: use it where every value but that of the call is refused.
type refused struct {
	code  string
	value any
}

// ignored are the fields which are accepted and change nothing, with the reason.
// There is no other list of these.
var ignored = map[string]string{}

// fieldCase is one function and what is set in its call.
type fieldCase struct {
	input  reflect.Type
	call   func(*fieldWorld) any
	values fieldValues
	looks  []func(*fieldWorld) any
}

var fieldCases = map[reflect.Type][]fieldCase{}

// fields registers cases of one operation. An operation may have several: of
// fields that want another call to be set in.
func fields[In any](call func(*fieldWorld) *In, values fieldValues, looks ...func(*fieldWorld) any) {
	t := reflect.TypeFor[In]()
	fieldCases[t] = append(fieldCases[t], fieldCase{t, func(w *fieldWorld) any { return call(w) }, values, looks})
}

func TestEveryFieldCounts(t *testing.T) {
	for _, op := range awstest.Operations() {
		for n, c := range fieldCases[op.Input] {
			t.Run(fmt.Sprint(op.Input, "/", n), c.run)
		}
	}
}

// TestEveryFieldHasACase fails when an operation is registered with a field that
// no case sets.
func TestEveryFieldHasACase(t *testing.T) {
	for _, op := range awstest.Operations() {
		if len(fieldCases[op.Input]) == 0 {
			t.Errorf("%s has no case", op.Input)
			continue
		}
		var set []string
		for _, c := range fieldCases[op.Input] {
			set = slices.AppendSeq(set, maps.Keys(c.values))
		}
		known := leaves(op)
		for _, path := range known {
			name := op.Input.String() + "." + path
			if _, ok := ignored[name]; ok == slices.Contains(set, path) {
				t.Errorf("%s: it needs either a case or a reason to be ignored", name)
			}
		}
		for _, path := range set {
			if !slices.Contains(known, path) {
				t.Errorf("%s has no modelled field %s", op.Input, path)
			}
		}
	}
}

// atoms are the structures that are set as a whole.
var atoms = []string{"Filter", "Tag", "TagSpecification", "Time"}

// leaves are the modelled fields of an operation: of structures, those inside.
func leaves(op awstest.Registered) (out []string) {
	for _, name := range op.Fields {
		out = append(out, leavesBelow(typeAt(op.Input, name), name)...)
	}
	slices.Sort(out)
	return out
}

// leavesBelow are the paths from a type on.
func leavesBelow(t reflect.Type, path string) (out []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || slices.Contains(atoms, t.Name()) {
		return []string{path}
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() {
			out = append(out, leavesBelow(f.Type, path+"."+f.Name)...)
		}
	}
	return out
}

// typeAt is the type of the field with a path.
func typeAt(t reflect.Type, path string) reflect.Type {
	for name := range strings.SplitSeq(path, ".") {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		f, ok := t.FieldByName(name)
		if !ok {
			panic(fmt.Sprintf("%s has no field %s", t, name))
		}
		t = f.Type
	}
	return t
}

// setAt sets the field with a path, making what is on the way to it. Of lists
// the first element is meant.
func setAt(v reflect.Value, path string, value any) {
	name, rest, nested := strings.Cut(path, ".")
	f := v.FieldByName(name)
	if nested {
		for {
			switch {
			case f.Kind() == reflect.Pointer && f.IsNil():
				f.Set(reflect.New(f.Type().Elem()))
			case f.Kind() == reflect.Pointer:
				f = f.Elem()
			case f.Kind() == reflect.Slice && f.Len() == 0:
				f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			case f.Kind() == reflect.Slice:
				f = f.Index(0)
			default:
				setAt(f, rest, value)
				return
			}
		}
	}
	set := reflect.ValueOf(value)
	if f.Kind() == reflect.Pointer && set.Kind() != reflect.Pointer {
		p := reflect.New(f.Type().Elem())
		p.Elem().Set(set.Convert(f.Type().Elem()))
		set = p
	}
	if f.Kind() == reflect.Slice && set.Kind() != reflect.Slice {
		set = reflect.Append(reflect.MakeSlice(f.Type(), 0, 1), set.Convert(f.Type().Elem()))
	}
	f.Set(set.Convert(f.Type()))
}

// run makes the call as it is and with each of the values.
func (c fieldCase) run(t *testing.T) {
	var plain fieldSight
	inWorld(t, func(w *fieldWorld) { plain = c.see(w, "", nil, nil) })
	if plain.answer.err != "" {
		t.Errorf("the call fails as it is: %s", plain.answer.err)
		return
	}
	for _, path := range slices.Sorted(maps.Keys(c.values)) {
		value, code := c.values[path], ""
		if r, ok := value.(refused); ok {
			value, code = r.value, r.code
		}
		inWorld(t, func(w *fieldWorld) {
			got := c.see(w, path, value, &plain)
			if got.answer.code() != code {
				t.Errorf("%s: the call ends with %q, not with %q", path, got.answer.err, cmp.Or(code, "success"))
			} else if !got.differs {
				t.Errorf("%s: it makes no difference", path)
			}
		})
	}
}

// fieldSight is what was seen of one call: its answer, and the state at several
// times after it.
type fieldSight struct {
	answer  fieldAnswer
	states  []string
	differs bool // from the sight that it was compared with
}

// fieldTimes is how long each look comes after the one before: what is late
// shows, too.
var fieldTimes = []time.Duration{0, time.Minute, 10 * time.Minute, 3 * time.Hour, 24 * time.Hour}

// see makes the call with one field set and looks at what comes of it, until it
// differs from another sight.
func (c fieldCase) see(w *fieldWorld, path string, value any, other *fieldSight) (out fieldSight) {
	in := c.call(w)
	if path != "" {
		if f, ok := value.(func(*fieldWorld) any); ok {
			value = f(w)
		}
		setAt(reflect.ValueOf(in).Elem(), path, value)
	}
	out.answer = w.try(in)
	if out.differs = other != nil && out.answer != other.answer; out.differs {
		return out
	}
	for n, d := range fieldTimes {
		time.Sleep(d)
		out.states = append(out.states, w.look(c.looks))
		if out.differs = other != nil && out.states[n] != other.states[n]; out.differs {
			break
		}
	}
	return out
}

// inWorld runs fn on a new world in a bubble, where time is virtual.
func inWorld(t *testing.T, fn func(*fieldWorld)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { fn(newFieldWorld(t)) })
}

// made is a value that the call's function has noted among the world's ids.
func made(name string) func(*fieldWorld) any {
	return func(w *fieldWorld) any { return w.ids[name] }
}
