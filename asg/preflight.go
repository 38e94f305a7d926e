package asg

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
)

// PreflightAPI and PreflightEC2API are what [Preflight] calls.
type PreflightAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
	autoscaling.DescribeInstanceRefreshesAPIClient
}

// PreflightEC2API is the EC2 half of it.
type PreflightEC2API interface {
	ec2.DescribeLaunchTemplateVersionsAPIClient
	RunInstances(context.Context, *ec2.RunInstancesInput, ...func(*ec2.Options)) (*ec2.RunInstancesOutput, error)
}

var (
	_ PreflightAPI    = (*autoscaling.Client)(nil)
	_ PreflightEC2API = (*ec2.Client)(nil)
)

// PreflightResult says what a refresh of a group would meet.
type PreflightResult struct {
	// Group as it was read: keep it for [RollbackInput] and [RevertToInput].
	Group types.AutoScalingGroup
	// Findings, those that stop the refresh first.
	Findings []Finding
	// MinInService is the smallest number of instances in service, or of
	// capacity units where the group has weights, that the settings allow while
	// the refresh runs. Fewer can be in service because of something else.
	MinInService int
	// NotReplaced are the instances that the refresh would leave as they are:
	// protected or in standby, under Ignore.
	NotReplaced []string
	// WaitsFor are the instances for which the refresh would wait an hour, and
	// then fail: protected or in standby, under AWS's default Wait.
	WaitsFor []string
}

// Preflight says what a refresh would meet, before it is started, and writes
// nothing:
//
//   - [ErrProcessSuspended]: Launch, Terminate or InstanceRefresh is suspended, and
//     nothing would be replaced. Not blocking: AddToLoadBalancer, without which
//     new instances get no traffic.
//   - [ErrAttributeBased] and [ErrMixedInstances]: a desired configuration is not
//     possible, or a plain template would replace the group's policy.
//   - [ErrLaunchRefused]: a dry run of the new versions, in a subnet of the group.
//   - [ErrSSMImage]: the image of a new version is an SSM parameter.
//   - [ErrRollbackUnavailable]: the refresh could not be rolled back, because the
//     group's own versions are $Latest or $Default or their image is an SSM
//     parameter. Blocking where AutoRollback is asked for, which AWS refuses then.
//   - [ErrRefreshInProgress]: one runs. Blocking under ConflictFail.
//   - [FindingHealthCheckType], [FindingInstancesHeld] and [FindingNoneInService];
//     never blocking.
//
// The error joins one [Error] for each finding that blocks; the result comes with
// it. EC2 is asked for nothing that it refuses beside what the template says: of a
// template with network interfaces the subnet is in these, and one with
// InstanceRequirements, which RunInstances does not take, is [FindingLaunchNotTried].
// Without a result the check itself has failed: [ErrInvalidInput],
// [ErrNotFound], or a refusal to read. A nil ec2api leaves out what EC2 tells:
// ErrLaunchRefused and what is about SSM parameters.
//
// AWS calls: DescribeAutoScalingGroups, DescribeInstanceRefreshes,
// DescribeLaunchTemplateVersions once for each template, and RunInstances with
// DryRun once for each template of the refresh. IAM: the three of reading
// (autoscaling:DescribeAutoScalingGroups, autoscaling:DescribeInstanceRefreshes,
// ec2:DescribeLaunchTemplateVersions), and what launching the template needs
// (ec2:RunInstances, ec2:CreateTags, iam:PassRole), which a refresh needs as well.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
func Preflight(ctx context.Context, api PreflightAPI, ec2api PreflightEC2API, in RefreshInput, optFns ...func(*Options)) (*PreflightResult, error) {
	const op = "asg.Preflight"
	o := newOptions(api, optFns)
	if problem := in.problem(); problem != "" {
		return nil, fault.Invalid(op, o.place(), "%s", problem)
	}
	groups, err := describe(ctx, api, op, []string{in.Group}, o)
	if err != nil {
		return nil, err
	}
	active, err := activeRefresh(ctx, api, in.Group)
	if err != nil {
		return nil, refused(ctx, api, op, in.Group, err, o)
	}
	p := preflight{op: op, o: o, in: in, PreflightResult: PreflightResult{Group: groups[0]}}
	p.target()
	p.group(active)
	rollback := numbered(SourceOf(p.Group))
	if ec2api != nil {
		ssm, err := p.launches(ctx, ec2api)
		if err != nil {
			return nil, err
		}
		if rollback == "" {
			rollback = ssm
		}
	}
	if rollback != "" {
		p.find(Finding{
			Code: FindingRollbackUnavailable, Detail: "the group's own " + rollback,
			Blocks: in.Preferences != nil && aws.ToBool(in.Preferences.AutoRollback),
		})
	}
	return p.result()
}

// group looks at all that does not depend on where the refresh goes.
func (p *preflight) group(active *types.InstanceRefresh) {
	p.settings()
	p.instances()
	p.capacity()
	p.conflict(active)
}

// preflight is one call of Preflight.
type preflight struct {
	PreflightResult
	op       string
	o        Options
	in       RefreshInput
	warnings []Finding
	versions map[string]*ec2types.ResponseLaunchTemplateData // read, by template and version
}

func (p *preflight) find(f Finding) {
	if f.Blocks {
		p.Findings = append(p.Findings, f)
	} else {
		p.warnings = append(p.warnings, f)
	}
}

func (p *preflight) result() (*PreflightResult, error) {
	var errs []error
	for _, f := range p.Findings {
		errs = append(errs, f.asError(p.op, p.in.Group, p.o))
	}
	p.Findings = append(p.Findings, p.warnings...)
	return &p.PreflightResult, errors.Join(errs...)
}
