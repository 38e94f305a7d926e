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
	}{
		"Create": {"", false, func(ctx context.Context, f *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			_, err := asg.Create(ctx, as, f.input("web"))
			return nil, err
		}, nil, []string{"web 1"}},
		"Create, mixed instances": {"", true, func(ctx context.Context, f *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			in := f.input("web")
			in.Template, in.Policy = nil, f.policy("1")
			_, err := asg.Create(ctx, as, in)
			return nil, err
		}, nil, []string{"web 1", "web-large 1"}},
		"Update": {"1", false, func(ctx context.Context, f *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			done, err := asg.Update(ctx, as, asg.UpdateInput{
				Group: "web", From: &asg.LaunchSource{Template: &asg.TemplateSpec{ID: f.templateID, Version: "1"}},
				Template: &asg.TemplateSpec{ID: f.templateID, Version: "2"},
			})
			if err != nil {
				return nil, err
			}
			return done.After.Template.Version, nil
		}, "2", []string{"web 2"}},
		"Update, mixed instances": {"1", true, func(ctx context.Context, f *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			_, err := asg.Update(ctx, as, asg.UpdateInput{Group: "web", Policy: f.policy("2")})
			return nil, err
		}, nil, []string{"web 2", "web-large 1"}},
		"Pin": {"$Latest", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error) {
			_, err := asg.Pin(ctx, as, ec2api, "web")
			return nil, err
		}, nil, []string{"web 2"}},
		"Pin, mixed instances": {"$Latest", true, func(ctx context.Context, _ *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error) {
			_, err := asg.Pin(ctx, as, ec2api, "web")
			return nil, err
		}, nil, []string{"web 2", "web-large 1"}},
		"Restore": {"1", false, func(ctx context.Context, f *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error) {
			_, err := asg.Restore(ctx, as, ec2api, asg.RestoreInput{Group: "web", Spelling: floating(f)})
			return nil, err
		}, nil, []string{"web $Default"}},
		"Restore, mixed instances": {"1", true, func(ctx context.Context, f *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error) {
			_, err := asg.Restore(ctx, as, ec2api, asg.RestoreInput{Group: "web", Spelling: asg.LaunchSource{MixedInstancesPolicy: f.policy("$Default")}})
			return nil, err
		}, nil, []string{"web $Default", "web-large $Default"}},
		"Describe": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			groups, err := asg.Describe(ctx, as, []string{"web"})
			return len(groups), err
		}, 1, []string{"web 1"}},
		"All": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			return walked(asg.All(ctx, as))
		}, []string{"web"}, []string{"web 1"}},
		"Find": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			return walked(asg.Find(ctx, as, asg.FindInput{Name: "w*", Tags: map[string]string{"team": "web"}}))
		}, []string{"web"}, []string{"web 1"}},
		"Configuration": {"1", false, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			c, err := asg.Configuration(ctx, as, "old")
			if err != nil {
				return nil, err
			}
			return *c.LaunchConfigurationName, nil
		}, "old", []string{"web 1"}},
		"Uses": {"1", true, func(ctx context.Context, _ *fleet, as *autoscaling.Client, _ *ec2.Client) (any, error) {
			uses, err := asg.Uses(ctx, as)
			return len(uses), err
		}, 3, []string{"web 1", "web-large 1"}},
		"References": {"1", true, func(ctx context.Context, f *fleet, as *autoscaling.Client, ec2api *ec2.Client) (any, error) {
			refs, err := asg.References(ctx, as, ec2api, []string{f.images["one"], f.images["large"], f.images["medium"]})
			return len(refs), err
		}, 3, []string{"web 1", "web-large 1"}},
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
				var got any
				return faulttest.World{
					Cloud: f.Cloud,
					Call: func(ctx context.Context) (err error) {
						got, err = tt.call(ctx, f, f.restart(), ec2.NewFromConfig(f.Cloud.Config(home)))
						return err
					},
					Check: func(t *testing.T) {
						groups := f.Region(home).Groups()
						require.Len(t, groups, 1)
						assert.Equal(t, tt.left, launchesOf(groups[0]))
						assert.Equal(t, tt.want, got)
						assert.Empty(t, f.Region(home).Refreshes("web"), "none is ever started")
					},
				}
			})
			traces.Add(name, first, again)
		})
	}
	traces.Compare(t, "testdata/groups.txt", len(functions))
}
