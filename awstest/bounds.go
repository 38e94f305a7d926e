package awstest

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// bound is what an input field may be at least and at most: a number itself, of
// a text its characters, of a list its elements. It is for what no handler has
// reasons of its own to look at.
type bound struct {
	operation, field string
	least, most      int
}

// inputBounds are from the pages of the operations in AWS's API references:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/,
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/,
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/ and
// https://docs.aws.amazon.com/STS/latest/APIReference/.
var inputBounds = []bound{
	{"AssumeRole", "RoleSessionName", 2, 64},
	{"AttachLoadBalancerTargetGroups", "TargetGroupARNs", 0, 10},
	{"CreateTags", "Resources", 0, 1000},
	{"DeleteLaunchTemplateVersions", "Versions", 0, 200},
	{"DeleteTags", "Resources", 0, 1000},
	{"DescribeInstanceStatus", "InstanceIds", 0, 100},
	{"DescribeSubnets", "MaxResults", 1, 1000},
	{"DetachLoadBalancerTargetGroups", "TargetGroupARNs", 0, 10},
	{"EnterStandby", "InstanceIds", 0, 20},
	{"ExitStandby", "InstanceIds", 0, 20},
	{"PutParameter", "AllowedPattern", 0, 1024},
	{"PutParameter", "Description", 0, 1024},
	{"RunInstances", "ClientToken", 0, 64},
	{"SetInstanceProtection", "InstanceIds", 0, 50},
	{"TerminateInstances", "InstanceIds", 0, 1000},
}

// boundField is a bound of one input type.
type boundField struct {
	bound
	index int
}

func boundsOf(operation string, t reflect.Type) (all []boundField) {
	for _, b := range inputBounds {
		// Two services may have operations of one name: Auto Scaling has DeleteTags.
		if f, ok := t.FieldByName(b.field); ok && b.operation == operation {
			all = append(all, boundField{b, f.Index[0]})
		}
	}
	return all
}

// withinBounds refuses a field that is outside of its bounds.
func (op *operation) withinBounds(service string, in reflect.Value) error {
	for _, b := range op.bounds {
		v := in.Field(b.index)
		if v.IsZero() {
			continue // not given
		}
		if size := sizeOf(v); size < b.least || size > b.most {
			return b.refused(service, v, size)
		}
	}
	return nil
}

// sizeOf is what a bound is of.
func sizeOf(v reflect.Value) int {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return utf8.RuneCountInString(v.String())
	case reflect.Slice:
		return v.Len()
	}
	return int(v.Int())
}

// refused is the answer of each service to what is out of bounds.
func (b boundField) refused(service string, v reflect.Value, size int) error {
	first, n := utf8.DecodeRuneInString(b.field)
	name := string(unicode.ToLower(first)) + b.field[n:]
	if service == "EC2" {
		return apiError("InvalidParameterValue", "Value ( %d ) for parameter %s is invalid: it must be %d to %d", size, name, b.least, b.most)
	}
	constraint := fmt.Sprintf("less than or equal to %d", b.most)
	if size < b.least {
		constraint = fmt.Sprintf("greater than or equal to %d", b.least)
	}
	said := reflect.Indirect(v)
	if said.Kind() == reflect.Slice {
		said = reflect.ValueOf("[" + strings.Trim(strings.ReplaceAll(fmt.Sprint(said), " ", ", "), "[]") + "]")
	}
	code := "ValidationError"
	if service == "SSM" || service == "KMS" {
		code = "ValidationException"
	}
	return apiError(code, "1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: Member must have length %s", said, name, constraint)
}
