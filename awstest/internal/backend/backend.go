// Package backend is the door by which calls come to a cloud that no client of
// the SDK has made: package awstest opens it, package awsserver goes through.
package backend

import "context"

// Call is one call, as its sender has made it.
type Call struct {
	Service   string // "Auto Scaling"
	Operation string // "DescribeAutoScalingGroups"
	Region    string
	AccessKey string
	// Input is the SDK's input, nil for an operation that is not modelled.
	Input any
	// Refused is the answer to a call that cannot be taken for what is wrong with
	// its parameters. The call counts all the same, and faults come before it.
	Refused error
}

// Answer is what a call gets.
type Answer struct {
	Output    any
	Err       error // as the SDK's clients return it
	RequestID string
}

// Place is an account in a Region.
type Place struct{ Account, Region string }

// Cloud is a cloud from within.
type Cloud interface {
	// Answer makes one call, with no retries.
	Answer(context.Context, Call) Answer
	// Places are those that something was called or seeded in, in order.
	Places() []Place
	// Reset makes the cloud what it was when it was made.
	Reset()
}

// Of returns a cloud from within: it takes an *awstest.Cloud.
var Of func(cloud any) Cloud

// NewInput makes an empty input of the SDK's for an operation; nil for one that
// is not modelled.
var NewInput func(service, operation string) any
