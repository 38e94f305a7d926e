// Package wire reads requests and writes answers as AWS's services have them on
// the wire: EC2's and AWS's query protocols, which are sent forms and answer
// XML, and JSON 1.1. There is one decoder and one encoder of each for all
// operations; what fields are called is in tables that are read out of the
// SDK's own code.
package wire

//go:generate go run ./wiregen

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Kind is a wire protocol.
type Kind int

const (
	EC2Query Kind = iota
	AWSQuery
	JSON11
)

// Service is one of the services that calls can be made to.
type Service struct {
	ID        string // "Auto Scaling"
	Kind      Kind
	Version   string // of its API
	Target    string // of the JSON services: what X-Amz-Target has before the dot
	Namespace string // of the XML
	sent      func() names
	answered  func() names
	required  func() names
	plans     [2]sync.Map // *plan by reflect.Type, of each direction
}

// Services are all that there are.
var Services = []*Service{autoscaling, ec2, kms, ssm, sts}

// Named is the service with a name in signatures, such as "autoscaling".
func Named(signing string) *Service {
	for _, s := range Services {
		if s.SigningName() == signing {
			return s
		}
	}
	return nil
}

// ByID is the service with an id, such as "Auto Scaling".
func ByID(id string) *Service {
	for _, s := range Services {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// Unknown stands for a service that is none of [Services]: it has errors only.
func Unknown(kind Kind) *Service {
	nothing := table("")
	return &Service{Kind: kind, sent: nothing, answered: nothing, required: nothing}
}

// SigningName is what the service is called in the scope of a signature.
func (s *Service) SigningName() string {
	return strings.ToLower(strings.ReplaceAll(s.ID, " ", ""))
}

// names are what a table says, by type and field.
type names map[string]map[string]string

// table reads a table when it is first used: a line a type, its name first and
// then its fields, each with a name that is not by the rule.
func table(text string) func() names {
	return sync.OnceValue(func() names {
		out := names{}
		for line := range strings.Lines(text) {
			words := strings.Fields(line)
			if len(words) == 0 {
				continue
			}
			fields := make(map[string]string, len(words)-1)
			for _, word := range words[1:] {
				field, wire, _ := strings.Cut(word, "=")
				fields[field] = wire
			}
			out[words[0]] = fields
		}
		return out
	})
}

// notSent is the name of a field that is not on the wire.
const notSent = "-"

// sentName is the rule for what a field is called in a request.
func (k Kind) sentName(field string) string { return field }

// answeredName is the rule for what a field is called in an answer.
func (k Kind) answeredName(field string) string {
	if k != EC2Query {
		return field
	}
	first, size := utf8.DecodeRuneInString(field)
	return string(unicode.ToLower(first)) + field[size:]
}

// member is the rule for what the elements of a list are called.
func (k Kind) member() string {
	if k == EC2Query {
		return "item"
	}
	return "member"
}
