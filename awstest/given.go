package awstest

import (
	"reflect"

	protocol "github.com/readyami/readyami/awstest/internal/wire"
)

// given is an input as AWS takes it. Services that are sent forms have no
// difference between an empty string and none: clients send Name= for either, and
// AWS takes it as not given. What a test does with an empty string must not do more
// here. The SDK's clients, which have seen a string, leave it to AWS to say that it
// must be given.
func given(service string, in any) (any, error) {
	s := protocol.ByID(service)
	if s == nil || !s.HasEmpty(in) {
		return in, nil
	}
	in = cloneValue(reflect.ValueOf(in)).Interface() // it is the caller's
	s.DropEmpty(in)
	if name := s.Missing(in); name != "" {
		return nil, s.MissingError(name)
	}
	return in, nil
}
