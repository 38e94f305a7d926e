package launchtemplate

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/mirror"
)

// The SDK has two structs for the same data, one to send and one that comes
// back, and adds fields to both whenever EC2 gets a feature. Everything here
// therefore goes by field name, through whatever fields there are.

// canonical is a text that is equal for equal data. What is not set is left
// out, so that a field that a later SDK adds changes nothing; a list is the same
// in any order, since EC2 promises none.
func canonical(v any) string {
	p := plain(reflect.ValueOf(v))
	b, err := json.Marshal(p)
	if err != nil { // plain makes nothing that JSON has no form for
		panic(fmt.Sprintf("launchtemplate: %T has no canonical form: %v", v, err))
	}
	return string(b)
}

// plain turns v into maps, sorted lists and scalars, or nil where nothing is set.
// A pointer to a zero value is set: NoDevice is the empty string on purpose.
func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.String {
			return v.Elem().String()
		}
		return plain(v.Elem())
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return t.UTC().Format(time.RFC3339Nano)
		}
		m := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			if p := plain(v.Field(i)); p != nil {
				m[f.Name] = p
			}
		}
		return m
	case reflect.Map:
		m := map[string]any{}
		for _, k := range v.MapKeys() {
			m[k.String()] = v.MapIndex(k).Interface()
		}
		return m
	case reflect.Slice, reflect.Array:
		if v.Len() == 0 {
			return nil
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plain(v.Index(i))
		}
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(text(a), text(b)) })
		return list
	case reflect.String:
		if v.String() == "" {
			return nil
		}
		return v.String()
	default:
		return v.Interface()
	}
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// differences are the names of the fields in which two structs of one type
// differ, in the order of the struct.
func differences[T any](a, b *T) []string {
	var names []string
	av, bv := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for i := range av.NumField() {
		f := av.Type().Field(i)
		if f.IsExported() && text(plain(av.Field(i))) != text(plain(bv.Field(i))) {
			names = append(names, f.Name)
		}
	}
	return names
}

// requestOf is data that AWS returned as it can be sent. What AWS adds to an
// answer, such as the state of the metadata options, has no place in it.
func requestOf(data *types.ResponseLaunchTemplateData) (*types.RequestLaunchTemplateData, error) {
	out := &types.RequestLaunchTemplateData{}
	return out, mirror.Assign(out, data)
}
