package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DecodeJSON reads the body of a JSON request into the operation's input. A
// member that is null is not given. What is wrong is an error of the type
// [Unreadable].
func (s *Service) DecodeJSON(body []byte, input any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil // an operation without parameters
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil {
		return &Unreadable{Want: "JSON"}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &Unreadable{Want: "one JSON object"}
	}
	return s.decodeJSON(root, reflect.ValueOf(input).Elem(), "")
}

func (s *Service) decodeJSON(from any, v reflect.Value, path string) error {
	wrong := func(want string) error {
		text, err := json.Marshal(from)
		if err != nil {
			return err
		}
		return &Unreadable{Name: path, Value: string(text), Want: want}
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch t := v.Type(); {
	case isStruct(t):
		members, ok := from.(map[string]any)
		if !ok {
			return wrong("an object")
		}
		p := s.planOf(t, request)
		for name, member := range members {
			i, ok := p.byName[name]
			if !ok {
				return &Unreadable{Name: join(path, name), Unknown: true}
			}
			if member == nil {
				continue
			}
			if err := s.decodeJSON(member, v.Field(p.fields[i].index), join(path, name)); err != nil {
				return err
			}
		}
		return nil
	case isList(t):
		elements, ok := from.([]any)
		if !ok {
			return wrong("a list")
		}
		v.Set(reflect.MakeSlice(t, len(elements), len(elements)))
		for i, element := range elements {
			if element == nil {
				continue
			}
			if err := s.decodeJSON(element, v.Index(i), join(path, strconv.Itoa(i+1))); err != nil {
				return err
			}
		}
		return nil
	case t.Kind() == reflect.Map:
		members, ok := from.(map[string]any)
		if !ok {
			return wrong("an object")
		}
		v.Set(reflect.MakeMapWithSize(t, len(members)))
		for name, member := range members {
			one := reflect.New(t.Elem()).Elem()
			if member != nil {
				if err := s.decodeJSON(member, one, join(path, name)); err != nil {
					return err
				}
			}
			v.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), one)
		}
		return nil
	}
	if want := setJSONScalar(v, from); want != "" {
		return wrong(want)
	}
	return nil
}

// setJSONScalar sets a value without parts. JSON has types where a query has
// text: "5" is no number.
func setJSONScalar(v reflect.Value, from any) (want string) {
	switch from := from.(type) {
	case string:
		if v.Kind() == reflect.String || v.Kind() == reflect.Slice {
			return setScalar(v, from)
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(from)
			return ""
		}
	case json.Number:
		switch v.Kind() {
		case reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
			return setScalar(v, from.String())
		}
		if v.Type() == timeType {
			f, err := from.Float64()
			if err != nil || math.Abs(f) > 1e12 {
				return "a time in seconds"
			}
			v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(f * 1000))).UTC()))
			return ""
		}
	}
	switch {
	case v.Type() == timeType:
		return "a time in seconds"
	case v.Kind() == reflect.String:
		return "a string"
	case v.Kind() == reflect.Slice:
		return "base64"
	case v.Kind() == reflect.Bool:
		return "a boolean"
	case v.Kind() == reflect.Interface:
		return "nothing that is known here"
	}
	return "a number"
}

// AppendJSON writes the answer of a JSON service: output is the operation's, or
// nil.
func (s *Service) AppendJSON(b []byte, output any) []byte {
	v := reflect.ValueOf(output)
	if !v.IsValid() || v.IsNil() {
		return append(b, '{', '}')
	}
	return s.appendJSON(b, v.Elem(), 0)
}

// AppendJSONError writes an error of a JSON service: with the members of its
// type, and with its message also where that has none for it.
func (s *Service) AppendJSONError(b []byte, code, message string, typed any) []byte {
	b = append(b, `{"__type":`...)
	b = appendJSONText(b, code)
	if v := reflect.ValueOf(typed); v.Kind() == reflect.Pointer && s.answered()[v.Type().Elem().Name()] != nil {
		if members := s.appendJSON(nil, v.Elem(), 1); len(members) > len("{}") {
			b = append(append(b, ','), members[1:len(members)-1]...)
			message = ""
		}
	}
	if message != "" {
		b = append(b, `,"message":`...)
		b = appendJSONText(b, message)
	}
	return append(b, '}')
}

func (s *Service) appendJSON(b []byte, v reflect.Value, depth int) []byte {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch t := v.Type(); {
	case isStruct(t):
		b = append(b, '{')
		begun := len(b)
		for _, f := range s.planOf(t, answer).fields {
			member := v.Field(f.index)
			if missing(member, depth) {
				continue
			}
			if len(b) > begun {
				b = append(b, ',')
			}
			b = append(appendJSONText(b, f.name), ':')
			b = s.appendJSON(b, member, depth+1)
		}
		return append(b, '}')
	case isList(t):
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = s.appendJSON(b, v.Index(i), depth+1)
		}
		return append(b, ']')
	case t.Kind() == reflect.Map:
		b = append(b, '{')
		for i, key := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSONText(b, key.String()), ':')
			b = s.appendJSON(b, v.MapIndex(key), depth+1)
		}
		return append(b, '}')
	case t == timeType:
		return strconv.AppendFloat(b, float64(v.Interface().(time.Time).UnixMilli())/1000, 'f', -1, 64)
	case t.Kind() == reflect.String:
		return appendJSONText(b, v.String())
	case t.Kind() == reflect.Slice:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v.Bytes())
		return append(b, '"')
	}
	return appendScalar(b, v)
}

// missing is true for what is not in an answer. The lists that it is about
// always are.
func missing(v reflect.Value, depth int) bool {
	switch v.Kind() {
	case reflect.Slice:
		return v.IsNil() && (depth > 0 || !isList(v.Type()))
	case reflect.Pointer, reflect.Map, reflect.Interface:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0 // an enum that is not set
	}
	return false
}

// appendJSONText writes a JSON string.
func appendJSONText(b []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil { // there is no such string
		return append(b, '"', '"')
	}
	return append(b, quoted...)
}

// sortedKeys are the keys of a map of strings, in order.
func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
