package asg

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/internal/fault"
)

// ConfigurationAPI is what [Configuration] calls.
type ConfigurationAPI interface {
	autoscaling.DescribeLaunchConfigurationsAPIClient
}

var _ ConfigurationAPI = (*autoscaling.Client)(nil)

// Configuration reads a launch configuration. It fails with [ErrNotFound] where
// there is none of that name, and with [ErrInvalidInput].
//
// AWS calls: DescribeLaunchConfigurations. IAM:
// autoscaling:DescribeLaunchConfigurations.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLaunchConfigurations.html
func Configuration(ctx context.Context, api ConfigurationAPI, name string, optFns ...func(*Options)) (*types.LaunchConfiguration, error) {
	const op = "asg.Configuration"
	o := newOptions(api, optFns)
	if name == "" {
		return nil, fault.Invalid(op, o.place(), "the name of the launch configuration is empty")
	}
	found, err := configurations(ctx, api, op, []string{name}, o)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(found, func(c types.LaunchConfiguration) bool { return aws.ToString(c.LaunchConfigurationName) == name })
	if i < 0 {
		return nil, &Error{Op: op, Account: o.Account, Region: o.Region, ID: name, Kind: ErrNotFound}
	}
	return &found[i], nil
}

// configurations reads those of the names, or all without any.
func configurations(ctx context.Context, api ConfigurationAPI, op string, names []string, o Options) (out []types.LaunchConfiguration, err error) {
	in := &autoscaling.DescribeLaunchConfigurationsInput{LaunchConfigurationNames: names}
	if names == nil {
		in.MaxRecords = new(int32(100))
	}
	pages := autoscaling.NewDescribeLaunchConfigurationsPaginator(api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.Call(op, o.place(), strings.Join(names, " "), err)
		}
		out = append(out, page.LaunchConfigurations...)
	}
	return out, nil
}
