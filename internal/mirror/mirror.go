// Package mirror copies between structures of the SDK that hold the same data under
// different types. The SDK has one to send and one that comes back, one for EC2
// and one for Auto Scaling, and adds fields to all of them whenever AWS gets a
// feature. Copying therefore goes by the names of the fields, through whatever
// fields there are.
package mirror

import (
	"fmt"
	"reflect"
	"time"
)

// Assign fills the structure that dst points to from the one that src points to,
// by the names of the fields, and shares nothing with it. What dst has no field
// for is left out. A field of the same name that cannot hold the value is an
// error that names it.
func Assign(dst, src any) error {
	to, from := reflect.ValueOf(dst).Elem(), reflect.ValueOf(src).Elem()
	return assign(to, from, from.Type().Name())
}

func assign(dst, src reflect.Value, path string) error {
	switch {
	case src.Type() == reflect.TypeFor[time.Time]() && dst.Type() == src.Type():
		dst.Set(src)
		return nil
	case src.Kind() == reflect.Pointer && dst.Kind() == reflect.Pointer:
		if src.IsNil() {
			return nil
		}
		dst.Set(reflect.New(dst.Type().Elem()))
		return assign(dst.Elem(), src.Elem(), path)
	case src.Kind() == reflect.Slice && dst.Kind() == reflect.Slice:
		if src.IsNil() {
			return nil
		}
		dst.Set(reflect.MakeSlice(dst.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			if err := assign(dst.Index(i), src.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	case src.Kind() == reflect.Struct && dst.Kind() == reflect.Struct:
		for i := range src.NumField() {
			f := src.Type().Field(i)
			to := dst.FieldByName(f.Name)
			if !f.IsExported() || src.Field(i).IsZero() || !to.IsValid() {
				continue
			}
			if err := assign(to, src.Field(i), path+"."+f.Name); err != nil {
				return err
			}
		}
		return nil
	case src.Kind() == dst.Kind() && src.CanConvert(dst.Type()):
		dst.Set(src.Convert(dst.Type()))
		return nil
	}
	return fmt.Errorf("%s: %s cannot be sent as %s", path, src.Type(), dst.Type())
}
