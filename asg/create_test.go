package asg_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

func TestCreate(t *testing.T) {
	f := start(t)
	in := f.input("web")
	in.HealthCheckGracePeriod, in.DefaultInstanceWarmup = new(2*time.Minute), new(30*time.Second)
	in.Tags = map[string]string{"team": "web"}
	made, err := asg.Create(t.Context(), f, in)
	require.NoError(t, err)
	assert.Equal(t, "web", made.Name)
	assert.False(t, made.Adopted)

	g := f.read("web")
	assert.Equal(t, *g.AutoScalingGroupARN, made.ARN)
	assert.Equal(t, asg.LaunchSource{Template: &asg.TemplateSpec{ID: f.templateID, Name: "web", Version: "1"}}, asg.SourceOf(g))
	assert.Equal(t, int32(2), *g.DesiredCapacity)
	assert.Equal(t, int32(120), *g.HealthCheckGracePeriod)
	assert.Equal(t, int32(30), *g.DefaultInstanceWarmup)
	assert.Equal(t, strings.Join(f.subnets[:2], ","), *g.VPCZoneIdentifier)
	require.Len(t, g.Tags, 1)
	assert.Equal(t, "team", *g.Tags[0].Key)
	assert.True(t, *g.Tags[0].PropagateAtLaunch)

	f.ForgetCalls()
	again, err := asg.Create(t.Context(), f.restart(), in)
	require.NoError(t, err)
	assert.Equal(t, &asg.CreateResult{Name: "web", ARN: made.ARN, Adopted: true}, again)
	assert.Empty(t, f.Writes())
}

func TestCreateAdopts(t *testing.T) {
	changes := map[string]struct {
		change func(*asg.CreateInput)
		is     error
	}{
		"the template by name":   {change: func(in *asg.CreateInput) { in.Template = &asg.TemplateSpec{Name: "web", Version: "1"} }},
		"another desired":        {change: func(in *asg.CreateInput) { in.Desired = new(int32(3)) }},
		"another version":        {change: func(in *asg.CreateInput) { in.Template.Version = "2" }, is: asg.ErrNameTaken},
		"the default version":    {change: func(in *asg.CreateInput) { in.Template.Version = "" }, is: asg.ErrNameTaken},
		"another maximum":        {change: func(in *asg.CreateInput) { in.MaxSize = 9 }, is: asg.ErrNameTaken},
		"another minimum":        {change: func(in *asg.CreateInput) { in.MinSize = 2 }, is: asg.ErrNameTaken},
		"a launch configuration": {change: func(in *asg.CreateInput) { in.Template, in.LaunchConfiguration = nil, "old" }, is: asg.ErrNameTaken},
	}
	for name, tt := range changes {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.configuration("old")
			f.group("web")
			in := f.input("web")
			tt.change(&in)
			made, err := asg.Create(t.Context(), f, in)
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
				assert.Equal(t, "web", failure(t, err).ID)
				assert.Equal(t, home, failure(t, err).Region)
			} else {
				require.NoError(t, err)
				assert.True(t, made.Adopted)
			}
			assert.Empty(t, f.Writes())
		})
	}
	t.Run("not a group that is being deleted", func(t *testing.T) {
		f := start(t)
		f.group("web")
		f.Inject(alter("DescribeAutoScalingGroups", func(out *autoscaling.DescribeAutoScalingGroupsOutput) {
			out.AutoScalingGroups[0].Status = new("Delete in progress")
		}))
		_, err := asg.Create(t.Context(), f, f.input("web"))
		require.ErrorIs(t, err, asg.ErrNameTaken)
		assert.Equal(t, "Delete in progress", failure(t, err).State)
	})
	t.Run("no version is $Default", func(t *testing.T) {
		f := start(t)
		in := f.input("web")
		in.Template.Version = "$Default"
		_, err := asg.Create(t.Context(), f, in)
		require.NoError(t, err)
		in.Template.Version = ""
		made, err := asg.Create(t.Context(), f, in)
		require.NoError(t, err)
		assert.True(t, made.Adopted)
	})
	t.Run("by launch configuration", func(t *testing.T) {
		f := start(t)
		f.configuration("old")
		in := f.input("web")
		in.Template, in.LaunchConfiguration = nil, "old"
		for i := range 2 {
			made, err := asg.Create(t.Context(), f, in)
			require.NoError(t, err)
			assert.Equal(t, i == 1, made.Adopted)
		}
		assert.Equal(t, asg.LaunchSource{LaunchConfiguration: "old"}, asg.SourceOf(f.read("web")))
		in.LaunchConfiguration = "new"
		_, err := asg.Create(t.Context(), f, in)
		require.ErrorIs(t, err, asg.ErrNameTaken)
	})
}

func TestCreateAfterLostResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.Inject(awstest.LoseResponse(awstest.Match{Operation: "CreateAutoScalingGroup"}))
		made, err := asg.Create(t.Context(), f, f.input("web"))
		require.NoError(t, err)
		assert.True(t, made.Adopted, "the SDK sent it again and met AlreadyExists")
		assert.NotEmpty(t, made.ARN)

		f.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "CreateAutoScalingGroup"}))
		_, err = asg.Create(t.Context(), f, f.input("db"))
		require.Error(t, err)
		f.ForgetCalls()
		made, err = asg.Create(t.Context(), f.restart(), f.input("db"))
		require.NoError(t, err)
		assert.True(t, made.Adopted)
		assert.Empty(t, f.Writes())
	})
}

// TestCreateWaitsUntilVisible has a group that AWS does not show at once.
func TestCreateWaitsUntilVisible(t *testing.T) {
	hide := func(f *fleet, d time.Duration) {
		until := time.Now().Add(d)
		f.Inject(alter("DescribeAutoScalingGroups", func(out *autoscaling.DescribeAutoScalingGroupsOutput) {
			if time.Now().Before(until) {
				out.AutoScalingGroups = nil
			}
		}))
	}
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		hide(f, 2500*time.Millisecond)
		began := time.Now()
		made, err := asg.Create(t.Context(), f, f.input("web"))
		require.NoError(t, err)
		assert.NotEmpty(t, made.ARN)
		assert.Equal(t, 3*time.Second, time.Since(began))
		assert.Equal(t, 1, f.Count("CreateAutoScalingGroup"))
	})
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		hide(f, time.Hour)
		_, err := asg.Create(t.Context(), f, f.input("web"))
		require.ErrorIs(t, err, asg.ErrNotFound)
		assert.Equal(t, 1, f.Count("CreateAutoScalingGroup"))
	})
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		hide(f, time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		_, err := asg.Create(ctx, f, f.input("web"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 2500*time.Millisecond, failure(t, err).Elapsed)
	})
}

func TestCreateRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, operation := range []string{"DescribeAutoScalingGroups", "CreateAutoScalingGroup"} {
			for code, kind := range map[string]error{"AccessDenied": nil, "ValidationError": nil, "ExpiredToken": asg.ErrCredentialsExpired} {
				f := start(t)
				f.Inject(awstest.Refuse(awstest.Match{Operation: operation}, 0, code, "no"))
				_, err := asg.Create(t.Context(), f, f.input("web"))
				e := failure(t, err)
				assert.Equal(t, kind, e.Kind)
				assert.Equal(t, "asg.Create", e.Op)
				assert.NotEmpty(t, e.RequestID())
			}
		}
	})
}

func TestCreateCustomize(t *testing.T) {
	f := start(t)
	in := f.input("web")
	in.Template = nil
	in.Customize = func(r *autoscaling.CreateAutoScalingGroupInput) {
		r.LaunchTemplate = &types.LaunchTemplateSpecification{LaunchTemplateName: new("web")}
	}
	_, err := asg.Create(t.Context(), f, in)
	require.NoError(t, err)
	assert.Equal(t, f.templateID, asg.SourceOf(f.read("web")).Template.ID)

	f.ForgetCalls()
	in.Name, in.Template = "other", &asg.TemplateSpec{Name: "web"}
	in.Customize = func(r *autoscaling.CreateAutoScalingGroupInput) { r.LaunchConfigurationName = new("old") }
	_, err = asg.Create(t.Context(), f, in)
	require.ErrorIs(t, err, asg.ErrInvalidInput, "what is sent is checked, not what was given")
	assert.Empty(t, f.Calls())
}

// TestCreateThenMayNotRead has the group made and its ARN out of reach.
func TestCreateThenMayNotRead(t *testing.T) {
	f := start(t)
	f.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeAutoScalingGroups"}, 2, "AccessDenied", "no"))
	_, err := asg.Create(t.Context(), f, f.input("web"))
	assert.ErrorContains(t, err, "AccessDenied")
	made, err := asg.Create(t.Context(), f, f.input("web"))
	require.NoError(t, err)
	assert.True(t, made.Adopted)
}

func TestCreateInvalid(t *testing.T) {
	changes := map[string]func(*asg.CreateInput){
		`Name ""`:                              func(in *asg.CreateInput) { in.Name = "" },
		`Name "my asg"`:                        func(in *asg.CreateInput) { in.Name = "my asg" },
		`Name "a:b"`:                           func(in *asg.CreateInput) { in.Name = "a:b" },
		`Name "xxx`:                            func(in *asg.CreateInput) { in.Name = strings.Repeat("x", 256) },
		"not 0":                                func(in *asg.CreateInput) { in.Template = nil },
		"not 2":                                func(in *asg.CreateInput) { in.LaunchConfiguration = "old" },
		"Template needs an ID or a Name":       func(in *asg.CreateInput) { in.Template = &asg.TemplateSpec{} },
		"both ID and Name":                     func(in *asg.CreateInput) { in.Template.Name = "web" },
		`Template.ID "web"`:                    func(in *asg.CreateInput) { in.Template.ID = "web" },
		`Template.Version "newest"`:            func(in *asg.CreateInput) { in.Template.Version = "newest" },
		"MinSize 6 and MaxSize 5 are no range": func(in *asg.CreateInput) { in.MinSize = 6 },
		"MinSize -1":                           func(in *asg.CreateInput) { in.MinSize = -1 },
		"Desired 6 is not within":              func(in *asg.CreateInput) { in.Desired = new(int32(6)) },
		"Desired 0 is not within":              func(in *asg.CreateInput) { in.Desired = new(int32(0)) },
		"Subnets or AvailabilityZones":         func(in *asg.CreateInput) { in.Subnets = nil },
		"HealthCheckGracePeriod 1.5s":          func(in *asg.CreateInput) { in.HealthCheckGracePeriod = new(1500 * time.Millisecond) },
		"DefaultInstanceWarmup -1s":            func(in *asg.CreateInput) { in.DefaultInstanceWarmup = new(-time.Second) },
		"DefaultInstanceWarmup 1h0m1s":         func(in *asg.CreateInput) { in.DefaultInstanceWarmup = new(time.Hour + time.Second) },
	}
	f := start(t)
	for want, change := range changes {
		in := f.input("web")
		change(&in)
		_, err := asg.Create(t.Context(), f, in)
		assert.ErrorIs(t, err, asg.ErrInvalidInput, want)
		assert.ErrorContains(t, err, want)
	}
	assert.Empty(t, f.Calls())
}

// TestCreateWhereSomebodyElseIsFaster has another process make a group of the
// name between the look and the call.
func TestCreateWhereSomebodyElseIsFaster(t *testing.T) {
	for name, tt := range map[string]struct {
		most int32
		is   error
	}{
		"with the same": {5, nil},
		"with another":  {9, asg.ErrNameTaken},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			first := true
			f.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
				if call.Operation == "CreateAutoScalingGroup" && first {
					first = false
					in := f.input("web")
					in.MaxSize = tt.most
					_, err := asg.Create(context.Background(), f.restart(), in)
					assert.NoError(t, err)
				}
				return next(ctx)
			})
			made, err := asg.Create(t.Context(), f, f.input("web"))
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			} else {
				require.NoError(t, err)
				assert.True(t, made.Adopted)
			}
			assert.Len(t, f.Region(home).Groups(), 1)
		})
	}
}
