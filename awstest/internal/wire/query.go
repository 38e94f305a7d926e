package wire

import (
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// DecodeQuery reads the parameters of a query request into the operation's
// input. A parameter without a value is not given: that is how clients send an
// empty string or list, and AWS has no other reading of it, but where an empty
// one is what is asked for. What is wrong is an error of the type [Unreadable].
func (s *Service) DecodeQuery(params url.Values, input any) error {
	root := &node{}
	for key, values := range params {
		if key == "Action" || key == "Version" || len(values) == 0 || isSigning(key) {
			continue
		}
		root.add(key, values[0])
	}
	return s.decodeStruct(root, reflect.ValueOf(input).Elem(), "")
}

// isSigning is true for what a presigned request has beside its parameters.
func isSigning(key string) bool { return strings.HasPrefix(key, "X-Amz-") }

// node is a part of a name: Filter.1.Name is three of them.
type node struct {
	value string
	parts map[string]*node
}

func (n *node) add(key, value string) {
	for part := range strings.SplitSeq(key, ".") {
		next := n.parts[part]
		if next == nil {
			next = &node{}
			if n.parts == nil {
				n.parts = map[string]*node{}
			}
			n.parts[part] = next
		}
		n = next
	}
	n.value = value
}

// given is false for what has no value in it.
func (n *node) given(name string) bool {
	if n.value != "" || n.parts == nil && (emptyCounts[name] || isNumber(name)) {
		return true
	}
	for name, part := range n.parts {
		if part.given(name) {
			return true
		}
	}
	return false
}

// isNumber is true for the name of a list's element.
func isNumber(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }

func (s *Service) decodeStruct(n *node, v reflect.Value, path string) error {
	p := s.planOf(v.Type(), request)
	if n.value != "" {
		return &Unreadable{Name: path, Value: n.value, Want: "a structure"}
	}
	for name := range n.parts {
		if _, ok := p.byName[name]; !ok && !p.ignored[name] {
			return &Unreadable{Name: join(path, name), Unknown: true}
		}
	}
	for _, f := range p.fields {
		part := n.parts[f.name]
		if part == nil || !part.given(f.name) {
			continue
		}
		if err := s.decode(part, v.Field(f.index), f.item, join(path, f.name)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) decode(n *node, v reflect.Value, item, path string) error {
	t := v.Type()
	switch {
	case t.Kind() == reflect.Pointer && isStruct(t.Elem()):
		v.Set(reflect.New(t.Elem()))
		return s.decodeStruct(n, v.Elem(), path)
	case isStruct(t):
		return s.decodeStruct(n, v, path)
	case isList(t):
		return s.decodeList(n, v, item, path)
	case n.parts != nil:
		for name := range n.parts {
			return &Unreadable{Name: join(path, name), Unknown: true}
		}
	}
	if want := setScalar(v, n.value); want != "" {
		return &Unreadable{Name: path, Value: n.value, Want: want}
	}
	return nil
}

// decodeList reads Name.1, Name.2 and so on, in Auto Scaling and STS
// Name.member.1. Numbers may be left out; the order is theirs.
func (s *Service) decodeList(n *node, v reflect.Value, item, path string) error {
	if n.value != "" {
		return &Unreadable{Name: path, Value: n.value, Want: "a list"}
	}
	if s.Kind == AWSQuery {
		for name := range n.parts {
			if name != item {
				return &Unreadable{Name: join(path, name), Unknown: true}
			}
		}
		n, path = n.parts[item], join(path, item)
	}
	numbers := make([]int, 0, len(n.parts))
	for name := range n.parts {
		number, err := strconv.ParseUint(name, 10, 31)
		if err != nil {
			return &Unreadable{Name: join(path, name), Unknown: true}
		}
		numbers = append(numbers, int(number))
	}
	slices.Sort(numbers)
	v.Set(reflect.MakeSlice(v.Type(), 0, len(numbers)))
	for _, number := range numbers {
		name := strconv.Itoa(number)
		part := n.parts[name]
		if part == nil { // it was written 01
			return &Unreadable{Name: path, Value: "", Want: "plain numbers"}
		}
		if !part.given(name) {
			continue
		}
		one := reflect.New(v.Type().Elem()).Elem()
		if err := s.decode(part, one, s.Kind.member(), join(path, name)); err != nil {
			return err
		}
		v.Set(reflect.Append(v, one))
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
