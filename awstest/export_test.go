package awstest

import (
	"reflect"
	"slices"
	"strings"
)

// Registered is an operation of the registry, for the tests that go over all.
type Registered struct {
	Name   string
	Input  reflect.Type // the struct
	Fields []string     // those that are modelled
	DryRun bool         // it has one
}

// Operations lists the whole registry.
func Operations() (out []Registered) {
	for t, op := range registry {
		out = append(out, Registered{Name: op.name, Input: t.Elem(), Fields: op.named, DryRun: op.dryRun != nil})
	}
	slices.SortFunc(out, func(a, b Registered) int { return strings.Compare(a.Input.String(), b.Input.String()) })
	return out
}

// IsWrite tells whether an operation may change something.
func IsWrite(op string) bool { return isWrite(op) }

// Answer runs an operation without the SDK's client, which is most of a call's
// time.
func (c *Cloud) Answer(account, region string, in any) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step()
	who, _ := c.identify("EC2", region, userKeyPrefix+account)
	return dispatch(&request{store: c.store(place{account, region}), caller: who}, in)
}
