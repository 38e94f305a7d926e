package awstest

import (
	"fmt"
	"reflect"
)

// clone is a deep copy of an SDK value, so that nothing inside the cloud is
// shared with a caller. Unexported fields stay zero.
func clone[T any](v T) T {
	var out T
	reflect.ValueOf(&out).Elem().Set(cloneValue(reflect.ValueOf(&v).Elem()))
	return out
}

func cloneValue(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(cloneValue(v.Elem()))
		return out
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type()).Elem()
		out.Set(cloneValue(v.Elem()))
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(cloneValue(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeMapWithSize(v.Type(), v.Len())
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(it.Key(), cloneValue(it.Value()))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		if !hasExported(v.Type()) { // time.Time and the like: values
			out.Set(v)
			return out
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(cloneValue(v.Field(i)))
			}
		}
		return out
	}
	return v
}

func hasExported(t reflect.Type) bool {
	for i := range t.NumField() {
		if t.Field(i).IsExported() {
			return true
		}
	}
	return false
}

// convert copies an SDK structure into one of another type with the same
// shape, by field name: AWS has pairs of types for what is sent and what is
// answered. It panics where the shapes differ, which a test rules out, except
// that fields which only one side has are left alone.
func convert[To, From any](from From) To {
	var to To
	convertValue(reflect.ValueOf(&to).Elem(), reflect.ValueOf(&from).Elem())
	return to
}

func convertValue(to, from reflect.Value) {
	switch {
	case from.Type() == to.Type():
		to.Set(cloneValue(from))
	case from.Kind() == reflect.Pointer && to.Kind() == reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(to.Type().Elem()))
			convertValue(to.Elem(), from.Elem())
		}
	case from.Kind() == reflect.Slice && to.Kind() == reflect.Slice:
		if !from.IsNil() {
			to.Set(reflect.MakeSlice(to.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				convertValue(to.Index(i), from.Index(i))
			}
		}
	case from.Kind() == reflect.Struct && to.Kind() == reflect.Struct:
		for i := range from.NumField() {
			f := from.Type().Field(i)
			if target := to.FieldByName(f.Name); f.IsExported() && target.IsValid() {
				convertValue(target, from.Field(i))
			}
		}
	case from.Type().ConvertibleTo(to.Type()) && from.Kind() == to.Kind():
		to.Set(from.Convert(to.Type()))
	default:
		panic(fmt.Sprintf("awstest: cannot convert %s to %s", from.Type(), to.Type()))
	}
}
