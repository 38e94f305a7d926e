package asg_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
)

// walked are the names of the groups of a walk.
func walked(walk func(func(types.AutoScalingGroup, error) bool)) (any, error) {
	var names []string
	for g, err := range walk {
		if err != nil {
			return nil, err
		}
		names = append(names, *g.AutoScalingGroupName)
	}
	return names, nil
}

// TestGroupFaults runs every function about groups, their refreshes aside,
// through every fault. There is a group "web" of the version, and afterwards it
// launches what is said; without a version there is none before.
func TestGroupFaults(t *testing.T) {
	type call func(ctx context.Context, f *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error)
	floating := func(f *fleet) asg.LaunchSource {
		return asg.LaunchSource{Template: &asg.TemplateSpec{ID: f.templateID, Version: "$Default"}}
	}
	functions := map[string]struct {
		version string
		mixed   bool
		call    call
		want    any
		left    []string
		had     *asg.PutWarmPoolInput        // the warm pool before; nil: none
		pool    *types.WarmPoolConfiguration // and after
	}{
		"Create": {"", false, func(ctx context.Context, f *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			_, err := asg.Create(ctx, as, f.input("web"))
			return nil, err
		}, nil, []string{"web 1"}, nil, nil},
		"Create, mixed instances": {"", true, func(ctx context.Context, f *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			in := f.input("web")
			in.Template, in.Policy = nil, f.policy("1")
			_, err := asg.Create(ctx, as, in)
			return nil, err
		}, nil, []string{"web 1", "web-large 1"}, nil, nil},
		"Update": {"1", false, func(ctx context.Context, f *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			done, err := asg.Update(ctx, as, asg.UpdateInput{
				Group: "web", From: &asg.LaunchSource{Template: &asg.TemplateSpec{ID: f.templateID, Version: "1"}},
				Template: &asg.TemplateSpec{ID: f.templateID, Version: "2"},
			})
			if err != nil {
				return nil, err
			}
			return done.After.Template.Version, nil
		}, "2", []string{"web 2"}, nil, nil},
		"Update, mixed instances": {"1", true, func(ctx context.Context, f *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			_, err := asg.Update(ctx, as, asg.UpdateInput{Group: "web", Policy: f.policy("2")})
			return nil, err
		}, nil, []string{"web 2", "web-large 1"}, nil, nil},
		"Pin": {"$Latest", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error) {
			_, err := asg.Pin(ctx, as, ec2api, "web")
			return nil, err
		}, nil, []string{"web 2"}, nil, nil},
		"Pin, mixed instances": {"$Latest", true, func(ctx context.Context, _ *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error) {
			_, err := asg.Pin(ctx, as, ec2api, "web")
			return nil, err
		}, nil, []string{"web 2", "web-large 1"}, nil, nil},
		"Unpin": {"1", false, func(ctx context.Context, f *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error) {
			_, err := asg.Unpin(ctx, as, ec2api, asg.UnpinInput{Group: "web", Original: floating(f)})
			return nil, err
		}, nil, []string{"web $Default"}, nil, nil},
		"Unpin, mixed instances": {"1", true, func(ctx context.Context, f *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error) {
			_, err := asg.Unpin(ctx, as, ec2api, asg.UnpinInput{Group: "web", Original: asg.LaunchSource{MixedInstancesPolicy: f.policy("$Default")}})
			return nil, err
		}, nil, []string{"web $Default", "web-large $Default"}, nil, nil},
		"Describe": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			groups, err := asg.Describe(ctx, as, []string{"web"})
			return len(groups), err
		}, 1, []string{"web 1"}, nil, nil},
		"All": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			return walked(asg.All(ctx, as))
		}, []string{"web"}, []string{"web 1"}, nil, nil},
		"Find": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			return walked(asg.Find(ctx, as, asg.FindInput{Name: "w*", Tags: map[string]string{"team": "web"}}))
		}, []string{"web"}, []string{"web 1"}, nil, nil},
		"Configuration": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			c, err := asg.Configuration(ctx, as, "old")
			if err != nil {
				return nil, err
			}
			return *c.LaunchConfigurationName, nil
		}, "old", []string{"web 1"}, nil, nil},
		"Uses": {"1", true, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			uses, err := asg.Uses(ctx, as)
			return len(uses), err
		}, 3, []string{"web 1", "web-large 1"}, nil, nil},
		"References": {"1", true, func(ctx context.Context, f *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error) {
			refs, err := asg.References(ctx, as, ec2api, []string{f.images["one"], f.images["large"], f.images["medium"]})
			return len(refs), err
		}, 3, []string{"web 1", "web-large 1"}, nil, nil},
		"VerifyRollback": {"1", false, func(ctx context.Context, f *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			return nil, asg.VerifyRollback(ctx, as, asg.VerifyRollbackInput{
				Group: "web", Source: asg.LaunchSource{Template: &asg.TemplateSpec{ID: f.templateID, Version: "1"}},
			})
		}, nil, []string{"web 1"}, nil, nil},
		"PutWarmPool": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			_, err := asg.PutWarmPool(ctx, as, asg.PutWarmPoolInput{Group: "web", MinSize: new(int32(1)), ReuseOnScaleIn: new(true)})
			return nil, err
		}, nil, []string{"web 1"}, nil, &types.WarmPoolConfiguration{
			PoolState: types.WarmPoolStateStopped, MinSize: new(int32(1)),
			InstanceReusePolicy: &types.InstanceReusePolicy{ReuseOnScaleIn: new(true)},
		}},
		"PutWarmPool, over another": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			_, err := asg.PutWarmPool(ctx, as, asg.PutWarmPoolInput{Group: "web", State: types.WarmPoolStateRunning})
			return nil, err
		}, nil, []string{"web 1"}, &asg.PutWarmPoolInput{Group: "web", MinSize: new(int32(1))}, &types.WarmPoolConfiguration{
			PoolState: types.WarmPoolStateRunning, MinSize: new(int32(1)),
		}},
		"DescribeWarmPool": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			pool, err := asg.DescribeWarmPool(ctx, as, "web")
			if err != nil {
				return nil, err
			}
			return len(pool.Instances), nil
		}, 2, []string{"web 1"}, &asg.PutWarmPoolInput{Group: "web", MinSize: new(int32(2))}, &types.WarmPoolConfiguration{
			PoolState: types.WarmPoolStateStopped, MinSize: new(int32(2)),
		}},
	}
	traces := faulttest.Traces{}
	for name, tt := range functions {
		t.Run(name, func(t *testing.T) {
			first, again := faulttest.Run(t, func(t *testing.T, opts ...awstest.Option) faulttest.World {
				f := start(t, opts...)
				f.configuration("old")
				f.images = map[string]string{"one": f.imageNamed("one"), "large": f.imageNamed("large"), "medium": f.imageNamed("medium")}
				policy := f.policy(tt.version)
				if tt.version != "" {
					f.Region(home).Group(awstest.GroupSeed{Name: "web", TemplateID: f.templateID, Tags: map[string]string{"team": "web"},
						Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
							in.LaunchTemplate.Version = &tt.version
							if tt.mixed {
								in.LaunchTemplate, in.MixedInstancesPolicy = nil, policy
							}
						}})
				}
				if tt.had != nil {
					_, err := asg.PutWarmPool(t.Context(), f, *tt.had)
					require.NoError(t, err)
				}
				var got any
				return faulttest.World{
					Cloud: f.Cloud,
					Call: func(ctx context.Context) (err error) {
						got, err = tt.call(ctx, f, f.restart(), ec2.NewFromConfig(faulttest.Config(f.Cloud, home)))
						return err
					},
					Check: func(t *testing.T) {
						groups := f.Region(home).Groups()
						require.Len(t, groups, 1)
						assert.Equal(t, tt.left, launchesOf(groups[0]))
						assert.Equal(t, tt.want, got)
						assert.Equal(t, tt.pool, groups[0].WarmPoolConfiguration)
						assert.Empty(t, f.Region(home).Refreshes("web"), "none is ever started")
					},
				}
			})
			traces.Add(name, first, again)
		})
	}
	traces.Compare(t, "testdata/groups.txt", len(functions))
}
