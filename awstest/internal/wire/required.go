package wire

import (
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/smithy-go"
)

// Required tells whether a field of an input, or of a structure in one, must be
// given.
func (s *Service) Required(of reflect.Type, field string) bool {
	_, ok := s.required()[of.Name()][field]
	return ok
}

// Missing is the first field of an input that must be given and is not, by what
// it is called in a request; empty when all are.
func (s *Service) Missing(input any) string {
	return s.missing(reflect.ValueOf(input).Elem(), "")
}

func (s *Service) missing(v reflect.Value, path string) string {
	p := s.planOf(v.Type(), request)
	for _, f := range p.fields {
		if f.required && v.Field(f.index).IsZero() {
			return join(path, f.name)
		}
	}
	for _, f := range p.fields {
		if name := s.missingBelow(v.Field(f.index), f.item, join(path, f.name)); name != "" {
			return name
		}
	}
	return ""
}

func (s *Service) missingBelow(v reflect.Value, item, path string) string {
	switch t := v.Type(); {
	case t.Kind() == reflect.Pointer && isStruct(t.Elem()):
		if !v.IsNil() {
			return s.missing(v.Elem(), path)
		}
	case isStruct(t):
		return s.missing(v, path)
	case isList(t) && isStruct(t.Elem()):
		if s.Kind == AWSQuery {
			path = join(path, item)
		}
		for i := range v.Len() {
			if name := s.missing(v.Index(i), join(path, strconv.Itoa(i+1))); name != "" {
				return name
			}
		}
	}
	return ""
}

// MissingError is the answer to a call without something that it must have, by
// the name that Missing has for it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html
func (s *Service) MissingError(name string) error {
	if s.Kind == EC2Query {
		return &smithy.GenericAPIError{Code: "MissingParameter", Message: "The request must contain the parameter " + name}
	}
	return &smithy.GenericAPIError{Code: s.InvalidCode(), Message: "1 validation error detected: Value null at '" + member(name) +
		"' failed to satisfy constraint: Member must not be null"}
}

// InvalidCode is the code of most mistakes, of the services that have one.
func (s *Service) InvalidCode() string {
	if s.Kind == JSON11 {
		return "ValidationException"
	}
	return "ValidationError"
}

// member is a parameter's name as it stands in a message about a constraint:
// each part begins with a small letter.
func member(name string) string {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		first, size := utf8.DecodeRuneInString(part)
		parts[i] = string(unicode.ToLower(first)) + part[size:]
	}
	return strings.Join(parts, ".")
}
