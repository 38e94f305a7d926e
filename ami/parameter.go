package ami

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/readyami/readyami/internal/fault"
)

// ParameterAPI is what [Resolve] reads parameters with.
type ParameterAPI interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

var _ ParameterAPI = (*ssm.Client)(nil)

// parameterPrefix marks a reference to a parameter.
const parameterPrefix = "ssm:"

// Resolve returns the image that a reference names in the Region of the
// clients, in whatever state it is. A reference is an image id, as in
// "ami-0123456789abcdef0", or a Systems Manager parameter after "ssm:", one of
// AWS's as in
// "ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
// or one's own, with a version or label after a colon if need be. A launch
// template's "resolve:ssm:" is understood too.
//
// A parameter belongs to a Region and so does its value. It may change between
// two calls: keep the id, where the same image is meant. For an id, parameters
// may be nil and is not called.
//
// Errors: [ErrInvalidInput]: the reference is neither, or the parameter does
// not hold an image id; [ErrNotFound]: there is no such parameter or image, or
// AWS hides it.
//
// Calls and IAM actions: ec2:DescribeImages; for a parameter ssm:GetParameter.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html
func Resolve(ctx context.Context, api ec2.DescribeImagesAPIClient, parameters ParameterAPI, ref string, optFns ...func(*Options)) (*types.Image, error) {
	const op = "ami.Resolve"
	o := resolve(api, optFns)
	at, id := o.place(), ref
	if name, is := strings.CutPrefix(strings.TrimPrefix(ref, "resolve:"), parameterPrefix); is {
		value, err := parameter(ctx, parameters, op, name, o)
		if err != nil {
			return nil, err
		}
		id = value
	} else if !imageID.MatchString(ref) {
		return nil, fault.Invalid(op, at, "ref: %q is no image id and no parameter after %q", ref, parameterPrefix)
	}
	img, err := patiently(ctx, o.Poll, func(ctx context.Context) (*types.Image, error) { return byID(ctx, api, id) })
	if err != nil {
		return nil, refused(ctx, op, at, id, err)
	}
	if img == nil {
		e := &Error{Op: op, Account: at.Account, Region: at.Region, ID: id, Kind: ErrNotFound}
		if id != ref {
			e.Reason = "it is the value of " + ref
		}
		return nil, e
	}
	return img, nil
}

// parameter reads an image id from a parameter.
func parameter(ctx context.Context, api ParameterAPI, op, name string, o Options) (string, error) {
	at := o.place()
	switch {
	case name == "":
		return "", fault.Invalid(op, at, "ref: the name of the parameter is missing")
	case api == nil:
		return "", fault.Invalid(op, at, "parameters is missing; %q is read with it", name)
	}
	out, err := patiently(ctx, o.Poll, func(ctx context.Context) (*ssm.GetParameterOutput, error) {
		return api.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	})
	if err != nil {
		e := refused(ctx, op, at, name, err)
		if fault.Is(err, "ParameterVersionNotFound") {
			e.Kind = ErrNotFound
		}
		return "", e
	}
	var value string
	if out.Parameter != nil {
		value = aws.ToString(out.Parameter.Value)
	}
	if !imageID.MatchString(value) {
		e := fault.Invalid(op, at, "ref: the value of %s is no image id", name)
		e.ID = name
		if strings.HasPrefix(strings.TrimSpace(value), "{") {
			e.Hint = "it holds JSON; there is often a parameter below it that ends in /image_id"
		}
		return "", e
	}
	return value, nil
}
