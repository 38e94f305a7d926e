package awstest

import (
	"context"

	"github.com/aws/smithy-go/middleware"
)

// spare puts nothing in the place of the steps that only make bytes for a
// network: half of the time of a call. Their ids stay, since a caller's own
// middleware may be put before or after one of them. UserAgent stays as it is:
// the SDK looks for it by type.
func spare(stack *middleware.Stack) error {
	for _, id := range []pass{"ResolveEndpoint", "OperationSerializer"} {
		if _, ok := stack.Serialize.Get(string(id)); ok {
			if _, err := stack.Serialize.Swap(string(id), id); err != nil {
				return err
			}
		}
	}
	for _, id := range []pass{"ClientRequestID", "RecursionDetection"} {
		if _, ok := stack.Build.Get(string(id)); ok {
			if _, err := stack.Build.Swap(string(id), id); err != nil {
				return err
			}
		}
	}
	for _, id := range []pass{"ResolveEndpointV2", "disableHTTPS", "ComputePayloadHash", "setLegacyContextSigningOptions"} {
		if _, ok := stack.Finalize.Get(string(id)); ok {
			if _, err := stack.Finalize.Swap(string(id), id); err != nil {
				return err
			}
		}
	}
	return nil
}

// pass is a step that does nothing, under the id of the one that it replaces.
type pass string

func (p pass) ID() string { return string(p) }

func (pass) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
	middleware.SerializeOutput, middleware.Metadata, error,
) {
	return next.HandleSerialize(ctx, in)
}

func (pass) HandleBuild(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (
	middleware.BuildOutput, middleware.Metadata, error,
) {
	return next.HandleBuild(ctx, in)
}

func (pass) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	return next.HandleFinalize(ctx, in)
}
