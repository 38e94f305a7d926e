package asg_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// groupIs alters how AWS shows the group.
func groupIs(change func(*types.AutoScalingGroup)) awstest.Fault {
	return alter("DescribeAutoScalingGroups", func(out *autoscaling.DescribeAutoScalingGroupsOutput) { change(&out.AutoScalingGroups[0]) })
}

func suspends(names ...string) func(*types.AutoScalingGroup) {
	return func(g *types.AutoScalingGroup) {
		for _, n := range names {
			g.SuspendedProcesses = append(g.SuspendedProcesses, types.SuspendedProcess{ProcessName: &n})
		}
	}
}

// found are the findings of a kind as text; "!" marks those that block.
func found(r *asg.PreflightResult) (out []string) {
	for _, f := range r.Findings {
		s := f.String()
		if f.Blocks {
			s = "!" + s
		}
		out = append(out, s)
	}
	return out
}

// TestPreflightGroup has one thing wrong with a group at a time. None of it is
// written about.
func TestPreflightGroup(t *testing.T) {
	attributes := policy(template("lt-1", "1"))
	attributes.LaunchTemplate.Overrides[0] = types.LaunchTemplateOverrides{InstanceRequirements: &types.InstanceRequirements{}}
	for name, tt := range map[string]struct {
		change func(*types.AutoScalingGroup)
		input  func(*asg.RefreshInput)
		want   []string
		code   asg.FindingCode // the first finding's
		is     error           // the sentinel of the error; nil: it is no error
	}{
		"nothing": {},
		"processes that a refresh needs": {
			change: suspends("Launch", "InstanceRefresh", "Terminate", "AZRebalance"),
			want:   []string{"!processes of the group are suspended: InstanceRefresh, Launch, Terminate"},
			code:   asg.FindingProcessSuspended,
			is:     asg.ErrProcessSuspended,
		},
		"no traffic for new instances": {
			change: func(g *types.AutoScalingGroup) {
				suspends("AddToLoadBalancer")(g)
				g.TargetGroupARNs, g.HealthCheckType = []string{"arn"}, new("EC2,ELB")
			},
			want: []string{"processes of the group are suspended: AddToLoadBalancer: new instances get no traffic"},
			code: asg.FindingProcessSuspended,
		},
		"AddToLoadBalancer without one": {change: suspends("AddToLoadBalancer", "ReplaceUnhealthy")},
		"target group not heeded": {
			change: func(g *types.AutoScalingGroup) { g.TargetGroupARNs = []string{"arn"} },
			want:   []string{"the group ignores its load balancers' health checks: HealthCheckType is EC2 without ELB"},
			code:   asg.FindingHealthCheckType,
		},
		"classic load balancer not heeded": {
			change: func(g *types.AutoScalingGroup) { g.LoadBalancerNames = []string{"lb"} },
			want:   []string{"the group ignores its load balancers' health checks: HealthCheckType is EC2 without ELB"},
			code:   asg.FindingHealthCheckType,
		},
		"lattice not heeded": {
			change: func(g *types.AutoScalingGroup) {
				g.TrafficSources, g.HealthCheckType = []types.TrafficSourceIdentifier{{Identifier: new("arn"), Type: new("vpc-lattice")}}, new("EC2, ELB")
			},
			want: []string{"the group ignores its load balancers' health checks: HealthCheckType is EC2, ELB without VPC_LATTICE"},
			code: asg.FindingHealthCheckType,
		},
		"another traffic source heeded": {
			change: func(g *types.AutoScalingGroup) {
				g.TrafficSources, g.HealthCheckType = []types.TrafficSourceIdentifier{{Identifier: new("arn"), Type: new("elbv2")}}, new("ELB")
			},
		},
		"attribute-based": {
			change: func(g *types.AutoScalingGroup) { g.LaunchTemplate, g.MixedInstancesPolicy = nil, attributes },
			want:   []string{"!the group chooses instance types by attributes: AWS refreshes it without a desired configuration only"},
			code:   asg.FindingAttributeBased,
			is:     asg.ErrAttributeBased,
		},
		"mixed instances": {
			change: func(g *types.AutoScalingGroup) {
				g.LaunchTemplate, g.MixedInstancesPolicy = nil, policy(template("lt-1", "1"))
			},
			want: []string{"!the group has a mixed instances policy: a plain launch template would replace it; give a Policy"},
			code: asg.FindingMixedInstances,
			is:   asg.ErrMixedInstances,
		},
		"no way back": {
			change: func(g *types.AutoScalingGroup) { g.LaunchTemplate.Version = new("$Latest") },
			want:   []string{"rollback is not available: the group's own version of "},
			code:   asg.FindingRollbackUnavailable,
		},
		"no way back, and one is asked for": {
			change: func(g *types.AutoScalingGroup) { g.LaunchTemplate.Version = new("$Default") },
			input:  func(in *asg.RefreshInput) { in.Preferences.AutoRollback = new(true) },
			want:   []string{"!rollback is not available: the group's own version of "},
			code:   asg.FindingRollbackUnavailable,
			is:     asg.ErrRollbackUnavailable,
		},
		"protected and in standby, waited for": {
			change: func(g *types.AutoScalingGroup) {
				g.Instances[0].ProtectedFromScaleIn, g.Instances[1].LifecycleState = new(true), types.LifecycleStateStandby
			},
			want: []string{"instances are protected or in standby: the refresh waits an hour for them to be released, and then fails"},
			code: asg.FindingInstancesHeld,
		},
		"left as they are": {
			change: func(g *types.AutoScalingGroup) {
				g.Instances[0].ProtectedFromScaleIn, g.Instances[1].LifecycleState = new(true), types.LifecycleStateEnteringStandby
			},
			input: func(in *asg.RefreshInput) {
				in.Preferences.ScaleInProtectedInstances, in.Preferences.StandbyInstances = types.ScaleInProtectedInstancesIgnore, types.StandbyInstancesIgnore
			},
			want: []string{"instances are protected or in standby: the refresh leaves them as they are"},
			code: asg.FindingInstancesHeld,
		},
		"replaced all the same": {
			change: func(g *types.AutoScalingGroup) {
				g.Instances[0].ProtectedFromScaleIn, g.Instances[1].LifecycleState = new(true), types.LifecycleStateStandby
			},
			input: func(in *asg.RefreshInput) {
				in.Preferences.ScaleInProtectedInstances, in.Preferences.StandbyInstances = types.ScaleInProtectedInstancesRefresh, types.StandbyInstancesTerminate
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.group("web")
			if tt.change != nil {
				f.Inject(groupIs(tt.change))
			}
			in := f.refresh()
			if tt.input != nil {
				tt.input(&in)
			}
			ready, err := asg.Preflight(t.Context(), f, nil, in)
			require.NotNil(t, ready, err)
			got := found(ready)
			require.Len(t, got, len(tt.want), got)
			blocks := false
			for i, want := range tt.want {
				assert.Contains(t, got[i], want)
				if want[0] == '!' {
					blocks = true
					assert.Contains(t, err.Error(), strings.TrimPrefix(strings.Split(want, ":")[0], "!"))
				}
			}
			if !blocks {
				require.NoError(t, err)
			}
			if tt.code != "" {
				assert.Equal(t, tt.code, ready.Findings[0].Code)
			}
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			assert.Empty(t, f.Writes())
		})
	}
}

// TestPreflightHeldInstances names them, by what becomes of them.
func TestPreflightHeldInstances(t *testing.T) {
	f := start(t)
	f.group("web")
	id := f.protect()
	in := f.refresh()
	ready, err := asg.Preflight(t.Context(), f, nil, in)
	require.NoError(t, err)
	assert.Equal(t, []string{id}, ready.WaitsFor)
	assert.Empty(t, ready.NotReplaced)
	assert.Equal(t, []string{id}, ready.Findings[0].IDs)

	in.Preferences.ScaleInProtectedInstances = types.ScaleInProtectedInstancesIgnore
	ready, err = asg.Preflight(t.Context(), f, nil, in)
	require.NoError(t, err)
	assert.Equal(t, []string{id}, ready.NotReplaced)
	assert.Empty(t, ready.WaitsFor)
}

// TestPreflightMinInService is what the settings allow at the worst.
func TestPreflightMinInService(t *testing.T) {
	type prefs = types.RefreshPreferences
	maintenance := func(least, most int32) func(*types.AutoScalingGroup) {
		return func(g *types.AutoScalingGroup) {
			g.InstanceMaintenancePolicy = &types.InstanceMaintenancePolicy{MinHealthyPercentage: &least, MaxHealthyPercentage: &most}
		}
	}
	for name, tt := range map[string]struct {
		desired int32
		change  func(*types.AutoScalingGroup)
		prefs   *prefs
		want    int
	}{
		"one, by default":                   {1, nil, nil, 0},
		"ten, by default":                   {10, nil, nil, 9},
		"fifteen are rounded up":            {15, nil, nil, 14},
		"one, at 100 alone":                 {1, nil, &prefs{MinHealthyPercentage: new(int32(100))}, 0},
		"ten, at 100 alone":                 {10, nil, &prefs{MinHealthyPercentage: new(int32(100))}, 9},
		"one, launched first":               {1, nil, asg.LaunchBeforeTerminate(), 1},
		"ten, launched first":               {10, nil, asg.LaunchBeforeTerminate(), 10},
		"ten, going back":                   {10, nil, asg.RevertPreferences(), 10},
		"one, at 90 to 120":                 {1, nil, &prefs{MinHealthyPercentage: new(int32(90)), MaxHealthyPercentage: new(int32(120))}, 1},
		"two, at 0":                         {2, nil, &prefs{MinHealthyPercentage: new(int32(0))}, 0},
		"none wanted":                       {0, nil, nil, 0},
		"by the group's policy":             {1, maintenance(100, 110), nil, 1},
		"by the group's policy, overridden": {10, maintenance(100, 110), &prefs{MinHealthyPercentage: new(int32(50))}, 5},
		"a policy that was cleared":         {10, maintenance(-1, -1), nil, 9},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.group("web")
			f.Inject(groupIs(func(g *types.AutoScalingGroup) {
				g.DesiredCapacity = &tt.desired
				if tt.change != nil {
					tt.change(g)
				}
			}))
			in := f.refresh()
			in.Preferences = tt.prefs
			ready, err := asg.Preflight(t.Context(), f, nil, in)
			require.NoError(t, err)
			assert.Equal(t, tt.want, ready.MinInService)
			none := false
			for _, finding := range ready.Findings {
				none = none || finding.Code == asg.FindingNoneInService
			}
			assert.Equal(t, tt.want == 0 && tt.desired > 0, none)
		})
	}
}

// TestPreflightReplaceRootVolume has an instance out of service while its root
// volume is replaced, whatever the maximum.
func TestPreflightReplaceRootVolume(t *testing.T) {
	f := start(t)
	f.group("web")
	f.Inject(groupIs(func(g *types.AutoScalingGroup) {
		g.LaunchTemplate, g.MixedInstancesPolicy = nil, policy(template("lt-1", "1"))
	}))
	p := policy(template("lt-1", "2"))
	p.LaunchTemplate.Overrides[0].ImageId = new("ami-2")
	ready, err := asg.Preflight(t.Context(), f, nil, asg.RefreshInput{
		Group: "web", Policy: p, Strategy: types.RefreshStrategyReplaceRootVolume, Preferences: asg.LaunchBeforeTerminate(),
	})
	require.NoError(t, err)
	assert.Equal(t, 1, ready.MinInService, "of two")
}

// TestPreflightConflict has a refresh run.
func TestPreflightConflict(t *testing.T) {
	f := start(t, awstest.WithTiming(timing))
	f.group("web")
	running := f.start(f.refresh())
	for _, c := range []asg.Conflict{asg.ConflictAdoptSame, asg.ConflictFail} {
		in := f.refresh()
		in.OnConflict = c
		ready, err := asg.Preflight(t.Context(), f, nil, in)
		require.Len(t, ready.Findings, 1)
		assert.Equal(t, asg.FindingRefreshInProgress, ready.Findings[0].Code)
		assert.Equal(t, []string{running.RefreshID}, ready.Findings[0].IDs)
		if c == asg.ConflictFail {
			require.ErrorIs(t, err, asg.ErrRefreshInProgress)
			assert.Equal(t, []string{running.RefreshID}, failure(t, err).IDs)
		} else {
			require.NoError(t, err)
		}
	}
}

// TestPreflightLaunch has EC2 refuse what the refresh would launch, by a dry run.
func TestPreflightLaunch(t *testing.T) {
	f := start(t)
	f.group("web")
	ready, err := asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.NoError(t, err)
	assert.Empty(t, ready.Findings)
	dry := f.Calls()[len(f.Calls())-2].Input.(*ec2.RunInstancesInput)
	assert.True(t, *dry.DryRun)
	assert.Equal(t, f.subnets[0], *dry.SubnetId, "one of the group's")
	assert.Empty(t, f.Writes())

	in := f.refresh()
	in.Version = 9
	_, err = asg.Preflight(t.Context(), f, f.ec2, in)
	require.ErrorIs(t, err, asg.ErrLaunchRefused)
	assert.ErrorContains(t, err, "VersionNotFound")

	gone := f.removeImage("2")
	ready, err = asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.ErrorIs(t, err, asg.ErrLaunchRefused)
	assert.ErrorContains(t, err, gone)
	require.Error(t, ready.Findings[0].Err, "as AWS said it")

	f.Inject(awstest.Refuse(awstest.Match{Operation: "RunInstances"}, 0, "UnauthorizedOperation", "not you"))
	_, err = asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.ErrorIs(t, err, asg.ErrLaunchRefused)
	assert.ErrorContains(t, err, "UnauthorizedOperation")
}

// TestPreflightParameters has images that are SSM parameters: no desired
// configuration may name one, and no rollback come back to one.
func TestPreflightParameters(t *testing.T) {
	f := start(t)
	f.group("web")
	parameter := func(version string) awstest.Fault {
		return alter("DescribeLaunchTemplateVersions", func(out *ec2.DescribeLaunchTemplateVersionsOutput) {
			if fmt.Sprint(*out.LaunchTemplateVersions[0].VersionNumber) == version {
				out.LaunchTemplateVersions[0].LaunchTemplateData.ImageId = new("resolve:ssm:/golden")
			}
		})
	}
	f.Inject(parameter("1"))
	ready, err := asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.NoError(t, err)
	require.Len(t, ready.Findings, 1)
	assert.Equal(t, asg.FindingRollbackUnavailable, ready.Findings[0].Code)
	assert.Contains(t, ready.Findings[0].Detail, "image is resolve:ssm:/golden")

	f.Inject(parameter("2"))
	_, err = asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.ErrorIs(t, err, asg.ErrSSMImage)

	f = start(t)
	f.group("web")
	_, err = f.ec2.ModifyLaunchTemplate(t.Context(), &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &f.templateID, DefaultVersion: new("2")})
	require.NoError(t, err)
	_, err = f.ec2.DeleteLaunchTemplateVersions(t.Context(), &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &f.templateID, Versions: []string{"1"}})
	require.NoError(t, err)
	ready, err = asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.NoError(t, err)
	require.Len(t, ready.Findings, 1)
	assert.Contains(t, ready.Findings[0].Detail, "version is gone")
}

// TestPreflightPolicy tries each template of a policy once for each image.
func TestPreflightPolicy(t *testing.T) {
	f := start(t)
	f.group("web")
	own := template(f.templateID, "1")
	f.Inject(groupIs(func(g *types.AutoScalingGroup) { g.LaunchTemplate, g.MixedInstancesPolicy = nil, policy(own, own) }))
	next := policy(template(f.templateID, "2"), template(f.templateID, "1"))
	next.LaunchTemplate.Overrides[1].InstanceType = new("t3.small")
	next.LaunchTemplate.Overrides = append(next.LaunchTemplate.Overrides,
		types.LaunchTemplateOverrides{InstanceType: new("t3.large")},
		types.LaunchTemplateOverrides{InstanceType: new("t3.xlarge"), ImageId: new(f.image("1"))},
	)
	_, err := asg.Preflight(t.Context(), f, f.ec2, asg.RefreshInput{Group: "web", Policy: next})
	require.NoError(t, err)
	assert.Equal(t, 3, f.Count("RunInstances"), "not one for each override")

	bare := &types.MixedInstancesPolicy{LaunchTemplate: &types.LaunchTemplate{LaunchTemplateSpecification: &types.LaunchTemplateSpecification{
		LaunchTemplateName: new("web"), Version: new("2"),
	}}}
	f.ForgetCalls()
	_, err = asg.Preflight(t.Context(), f, f.ec2, asg.RefreshInput{Group: "web", Policy: bare})
	require.NoError(t, err)
	assert.Equal(t, 1, f.Count("RunInstances"), "by name, and without overrides")
}

func TestPreflightErrors(t *testing.T) {
	f := start(t)
	f.group("web")
	_, err := asg.Preflight(t.Context(), f, f.ec2, asg.RefreshInput{Group: "web"})
	require.ErrorIs(t, err, asg.ErrInvalidInput)
	assert.Empty(t, f.Calls())
	in := f.refresh()
	in.Group = "none"
	_, err = asg.Preflight(t.Context(), f, f.ec2, in)
	require.ErrorIs(t, err, asg.ErrNotFound)
	for _, op := range []string{"DescribeAutoScalingGroups", "DescribeInstanceRefreshes", "DescribeLaunchTemplateVersions"} {
		f := start(t)
		f.group("web")
		f.Inject(awstest.Refuse(awstest.Match{Operation: op}, 0, "AccessDenied", "no"))
		ready, err := asg.Preflight(t.Context(), f, f.ec2, f.refresh())
		require.ErrorContains(t, err, "AccessDenied", op)
		assert.Nil(t, ready, "the check itself has failed")
		assert.Equal(t, "asg.Preflight", failure(t, err).Op)
	}
}
