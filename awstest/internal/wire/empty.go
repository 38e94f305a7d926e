package wire

import "reflect"

// emptyCounts are the fields that mean something when they are given empty: a tag
// and an attribute may have an empty value, and
//
// "To omit the device from the block device mapping, specify an empty string."
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockDeviceMapping.html
var emptyCounts = map[string]bool{"NoDevice": true, "Value": true}

// HasEmpty tells whether an input has an empty string somewhere that a query
// service takes as not given. An element of a list is given, whatever it is: AWS
// says that the id "" is malformed.
func (s *Service) HasEmpty(input any) bool {
	return s.Kind != JSON11 && s.hasEmpty(reflect.ValueOf(input).Elem())
}

func (s *Service) hasEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return false
		}
		return isEmptyText(v.Elem()) || s.hasEmpty(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if s.hasEmpty(v.Index(i)) {
				return true
			}
		}
	case reflect.Struct:
		if v.Type() == timeType {
			return false
		}
		p := s.planOf(v.Type(), request)
		for i := range p.fields {
			if f := &p.fields[i]; !emptyCounts[f.field] && s.hasEmpty(v.Field(f.index)) {
				return true
			}
		}
	}
	return false
}

// isEmptyText is true for an empty string that is there: an enum that is empty is
// one that is not set.
func isEmptyText(v reflect.Value) bool { return v.Kind() == reflect.String && v.Len() == 0 }

// DropEmpty takes the empty strings out of an input, and the lists and structures
// that have nothing else in them: none of it is on the wire.
func (s *Service) DropEmpty(input any) { s.dropEmpty(reflect.ValueOf(input).Elem()) }

// dropEmpty reports whether nothing is left of what had an empty string in it.
func (s *Service) dropEmpty(v reflect.Value) (nothing bool) {
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil() && (isEmptyText(v.Elem()) || s.dropEmpty(v.Elem()))
	case reflect.Slice:
		kept := reflect.MakeSlice(v.Type(), 0, v.Len())
		for i := range v.Len() {
			if e := v.Index(i); !s.dropEmpty(e) {
				kept = reflect.Append(kept, e)
			}
		}
		if kept.Len() < v.Len() {
			v.Set(kept)
			return kept.Len() == 0
		}
	case reflect.Struct:
		if v.Type() == timeType {
			return false
		}
		dropped := false
		for _, f := range s.planOf(v.Type(), request).fields {
			if !emptyCounts[f.field] && s.dropEmpty(v.Field(f.index)) {
				v.Field(f.index).SetZero()
				dropped = true
			}
		}
		return dropped && v.IsZero()
	}
	return false
}
