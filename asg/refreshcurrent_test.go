package asg_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// following makes a group of the template's version as it is spelled.
func (f *fleet) following(version string) {
	f.t.Helper()
	f.spell("web", version)
	time.Sleep(5 * time.Minute)
}

// parametrized makes a group whose template takes its image from a parameter.
func (f *fleet) parametrized() {
	f.t.Helper()
	f.parameter("/golden", f.imageNamed("first"))
	time.Sleep(time.Minute)
	f.templateID = f.Cloud.Region(home).Template(awstest.TemplateSeed{Name: "aliased", Data: &ec2types.RequestLaunchTemplateData{
		ImageId: new("resolve:ssm:/golden"), InstanceType: ec2types.InstanceTypeT3Micro,
	}})
	f.spell("web", "1")
	time.Sleep(5 * time.Minute)
}

// released points the parameter at the next image.
func (f *fleet) released() {
	f.parameter("/golden", f.imageNamed("next"))
	time.Sleep(time.Minute)
	f.ForgetCalls()
}

// chosen makes a group that chooses its instance types by attributes, of the
// template's $Latest.
func (f *fleet) chosen() {
	f.t.Helper()
	in := f.input("web")
	in.Template, in.Policy = nil, &types.MixedInstancesPolicy{LaunchTemplate: &types.LaunchTemplate{
		LaunchTemplateSpecification: spec(f.templateID, "$Latest"),
		Overrides:                   []types.LaunchTemplateOverrides{{InstanceRequirements: requirements()}},
	}}
	_, err := asg.Create(f.t.Context(), f, in)
	require.NoError(f.t, err)
	time.Sleep(5 * time.Minute)
	f.ForgetCalls()
}

// running are the images of the instances of group web and of its warm pool.
func (f *fleet) running() (out []string) {
	f.t.Helper()
	all := f.read("web").Instances
	pool, err := asg.DescribeWarmPool(f.t.Context(), f, "web")
	require.NoError(f.t, err)
	for _, member := range append(all, pool.Instances...) {
		for _, i := range f.Cloud.Region(home).Instances() {
			if *i.InstanceId == *member.InstanceId && i.State.Name != ec2types.InstanceStateNameTerminated {
				out = append(out, *i.ImageId)
			}
		}
	}
	return out
}

func current() asg.RefreshCurrentInput {
	return asg.RefreshCurrentInput{Group: "web", Preferences: &types.RefreshPreferences{
		MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(110)),
	}}
}

// TestRefreshCurrent brings each kind of group that takes no numbered version to what
// it launches now, and proves it on the instances. The second call finds that.
func TestRefreshCurrent(t *testing.T) {
	for name, tt := range map[string]struct {
		make, change func(*fleet)
		version      int64
		image        string
	}{
		"$Latest":     {func(f *fleet) { f.following("$Latest") }, func(f *fleet) { f.addVersion("next") }, 3, "next"},
		"$Default":    {func(f *fleet) { f.following("$Default") }, func(f *fleet) { f.setDefault("2") }, 2, "two"},
		"a parameter": {(*fleet).parametrized, (*fleet).released, 1, "next"},
		"attributes":  {(*fleet).chosen, func(f *fleet) { f.addVersion("next") }, 3, "next"},
		"a launch configuration": {func(f *fleet) {
			f.configuration("old")
			f.configured("web", "old")
			time.Sleep(5 * time.Minute)
		}, func(f *fleet) {
			f.configuration("new")
			_, err := asg.Update(f.t.Context(), f, asg.UpdateInput{Group: "web", LaunchConfiguration: "new"})
			require.NoError(f.t, err)
		}, 0, "image of new"},
		"a number that somebody has set": {func(f *fleet) { f.following("1") }, func(f *fleet) {
			_, err := asg.Update(f.t.Context(), f, asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{ID: f.templateID, Version: "2"}})
			require.NoError(f.t, err)
		}, 2, "two"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				tt.make(f)
				tt.change(f)
				f.ForgetCalls()
				source := asg.SourceOf(f.read("web"))

				done, err := asg.RefreshCurrent(t.Context(), f, f.ec2, current())
				require.NoError(t, err)
				assert.NotEmpty(t, done.RefreshID)
				assert.False(t, done.Adopted)
				want := f.imageNamed(tt.image)
				require.Len(t, done.Current, 1)
				assert.Equal(t, tt.version, done.Current[0].Version)
				assert.Equal(t, want, done.Current[0].ImageID)
				assert.Equal(t, []string{want, want}, f.running())
				assert.Equal(t, source, asg.SourceOf(f.read("web")), "the group is as it was")
				sent := f.Writes()[0].Input.(*autoscaling.StartInstanceRefreshInput)
				assert.Nil(t, sent.DesiredConfiguration)

				f.ForgetCalls()
				done, err = asg.RefreshCurrent(t.Context(), f, f.ec2, current())
				require.NoError(t, err)
				assert.Empty(t, done.RefreshID)
				assert.Empty(t, f.Writes(), "all is as it should be")
			})
		})
	}
}

// TestRefreshCurrentOfAWarmPool renews a pool of which the group's own instances show
// nothing.
func TestRefreshCurrentOfAWarmPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.following("$Latest")
		_, err := asg.PutWarmPool(t.Context(), f, asg.PutWarmPoolInput{Group: "web", MaxGroupPreparedCapacity: new(int32(4))})
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		f.addVersion("next")
		_, err = asg.RefreshCurrent(t.Context(), f, f.ec2, current())
		require.NoError(t, err)
		want := f.imageNamed("next")
		assert.Equal(t, slices.Repeat([]string{want}, 4), f.running())
	})
}

// TestRefreshCurrentOfAWarmPoolAlone: the group itself has no instance that is outdated.
func TestRefreshCurrentOfAWarmPoolAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.following("$Latest")
		_, err := asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", MinSize: new(int32(0)), Desired: new(int32(0))})
		require.NoError(t, err)
		_, err = asg.PutWarmPool(t.Context(), f, asg.PutWarmPoolInput{Group: "web", MaxGroupPreparedCapacity: new(int32(2))})
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		f.addVersion("next")
		ready, err := asg.PreflightCurrent(t.Context(), f, f.ec2, current())
		require.NoError(t, err)
		assert.Len(t, ready.Outdated, 2)
		done, err := asg.RefreshCurrent(t.Context(), f, f.ec2, current())
		require.NoError(t, err)
		assert.NotEmpty(t, done.RefreshID)
		assert.Equal(t, slices.Repeat([]string{f.imageNamed("next")}, 2), f.running())
	})
}

// TestRefreshCurrentThatMoves has the source come to mean something else while the
// refresh runs: what began with the old meaning is no success.
func TestRefreshCurrentThatMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.parametrized()
		f.released()
		moved := false
		done, err := asg.RefreshCurrent(t.Context(), f, f.ec2, current(), func(o *asg.Options) {
			o.OnStatus = func(s *asg.Status) {
				if s.Percentage >= 50 && !moved {
					moved = true
					f.parameter("/golden", f.imageNamed("last"))
				}
			}
		})
		require.ErrorIs(t, err, asg.ErrOtherVersion)
		e := failure(t, err)
		assert.NotEmpty(t, e.IDs)
		assert.Contains(t, e.Reason, f.imageNamed("next"))
		assert.Contains(t, e.Reason, f.imageNamed("last"))
		assert.Equal(t, f.imageNamed("last"), done.Current[0].ImageID)

		_, err = asg.RefreshCurrent(t.Context(), f, f.ec2, current())
		require.NoError(t, err)
		assert.Equal(t, slices.Repeat([]string{f.imageNamed("last")}, 2), f.running())
	})
}

// TestRefreshCurrentAdopts what runs already, and makes up for what that had begun
// before the source meant what it means now.
func TestRefreshCurrentAdopts(t *testing.T) {
	for name, tt := range map[string]struct {
		moved bool
		want  int
	}{"of the same meaning": {false, 1}, "of an older one": {true, 2}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				f.parametrized()
				f.released()
				in := current()
				out, err := f.StartInstanceRefresh(t.Context(), &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web"), Preferences: in.Preferences})
				require.NoError(t, err)
				time.Sleep(50 * time.Second)
				require.Contains(t, f.running(), f.imageNamed("next"), "half of it is replaced")
				image := "next"
				if tt.moved {
					image = "last"
					f.parameter("/golden", f.imageNamed(image))
				}
				done, err := asg.RefreshCurrent(t.Context(), f, f.ec2, in)
				require.NoError(t, err)
				assert.Equal(t, slices.Repeat([]string{f.imageNamed(image)}, 2), f.running())
				refreshes := f.Cloud.Region(home).Refreshes("web")
				require.Len(t, refreshes, tt.want)
				assert.Equal(t, !tt.moved, done.Adopted)
				if tt.moved {
					assert.Equal(t, []string{*out.InstanceRefreshId}, done.Superseded)
				}
			})
		})
	}
}

func TestRefreshCurrentAfterALostResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.following("$Latest")
		f.addVersion("next")
		f.Inject(awstest.LoseResponse(awstest.Match{Operation: "StartInstanceRefresh"}))
		done, err := asg.RefreshCurrent(t.Context(), f, f.ec2, current())
		require.NoError(t, err)
		assert.True(t, done.Adopted)
		assert.Len(t, f.Cloud.Region(home).Refreshes("web"), 1)
	})
}

// TestRefreshCurrentThatIsNoSuccess says how it ended and which instances are left.
func TestRefreshCurrentThatIsNoSuccess(t *testing.T) {
	t.Run("protected", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := start(t)
			f.following("$Latest")
			f.addVersion("next")
			id := f.protect()
			in := current()
			in.Preferences.ScaleInProtectedInstances = types.ScaleInProtectedInstancesIgnore
			done, err := asg.RefreshCurrent(t.Context(), f, f.ec2, in)
			require.ErrorIs(t, err, asg.ErrNotReplaced)
			assert.Equal(t, []string{id}, failure(t, err).IDs)
			assert.NotEmpty(t, done.RefreshID)
		})
	})
	t.Run("failed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := start(t)
			f.NeverHealthy(awstest.ImageMatch{Name: "next"})
			f.following("$Latest")
			f.addVersion("next")
			done, err := asg.RefreshCurrent(t.Context(), f, f.ec2, current())
			require.ErrorIs(t, err, asg.ErrRefreshFailed)
			assert.NotEmpty(t, done.RefreshID)
		})
	})
	t.Run("another runs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := start(t)
			f.following("1")
			running := f.start(f.refresh())
			f.Inject(groupIs(func(g *types.AutoScalingGroup) { g.LaunchTemplate.Version = new("$Latest") }))
			_, err := asg.RefreshCurrent(t.Context(), f, f.ec2, current())
			require.ErrorIs(t, err, asg.ErrRefreshInProgress)
			assert.Equal(t, []string{running.RefreshID}, failure(t, err).IDs)
		})
	})
}

func TestRefreshCurrentErrors(t *testing.T) {
	f := start(t)
	f.group("web")
	back := current()
	back.Preferences.AutoRollback = new(true)
	for name, tt := range map[string]struct {
		in asg.RefreshCurrentInput
		is error
	}{
		"no group":      {asg.RefreshCurrentInput{}, asg.ErrInvalidInput},
		"OnConflict":    {asg.RefreshCurrentInput{Group: "web", OnConflict: "9"}, asg.ErrInvalidInput},
		"Preferences":   {asg.RefreshCurrentInput{Group: "web", Preferences: &types.RefreshPreferences{BakeTime: new(int32(-1))}}, asg.ErrInvalidInput},
		"AutoRollback":  {back, asg.ErrRollbackUnavailable},
		"unknown group": {asg.RefreshCurrentInput{Group: "nobody"}, asg.ErrNotFound},
	} {
		_, err := asg.RefreshCurrent(t.Context(), f, f.ec2, tt.in)
		require.ErrorIs(t, err, tt.is, name)
		_, err = asg.PreflightCurrent(t.Context(), f, f.ec2, tt.in)
		require.ErrorIs(t, err, tt.is, name)
	}
	for name, change := range map[string]func(*types.AutoScalingGroup){
		"version":       func(g *types.AutoScalingGroup) { g.LaunchTemplate.Version = new("9") },
		"configuration": func(g *types.AutoScalingGroup) { g.LaunchTemplate, g.LaunchConfigurationName = nil, new("gone") },
	} {
		f := start(t)
		f.group("web")
		f.Inject(groupIs(change))
		_, err := asg.RefreshCurrent(t.Context(), f, f.ec2, current())
		require.ErrorIs(t, err, asg.ErrNotFound, "the %s is gone", name)
		assert.Empty(t, f.Writes())
	}
}

// TestPreflightCurrent is what such a refresh would meet.
func TestPreflightCurrent(t *testing.T) {
	type finding = asg.FindingCode
	for name, tt := range map[string]struct {
		make   func(*fleet)
		in     func(*asg.RefreshCurrentInput)
		blocks []finding
		warns  []finding
		old    int
	}{
		"$Latest":       {make: func(f *fleet) { f.following("$Latest"); f.addVersion("next") }, warns: []finding{"asg.RollbackUnavailable"}, old: 2},
		"a parameter":   {make: func(f *fleet) { f.parametrized(); f.released() }, warns: []finding{"asg.RollbackUnavailable"}, old: 2},
		"attributes":    {make: func(f *fleet) { f.chosen(); f.addVersion("next") }, warns: []finding{"asg.RollbackUnavailable"}, old: 2},
		"nothing to do": {make: func(f *fleet) { f.following("$Latest") }, warns: []finding{"asg.RollbackUnavailable"}},
		"a launch configuration": {make: func(f *fleet) {
			f.configuration("old")
			f.configured("web", "old")
			time.Sleep(5 * time.Minute)
		}, warns: []finding{"asg.RollbackUnavailable"}},
		"skip matching of a parameter": {
			make: (*fleet).parametrized, in: func(in *asg.RefreshCurrentInput) { in.Preferences.SkipMatching = new(true) },
			blocks: []finding{"asg.SSMImage"}, warns: []finding{"asg.RollbackUnavailable"},
		},
		"a process suspended": {
			make: func(f *fleet) { f.following("$Latest"); f.suspend("Launch") }, blocks: []finding{"asg.ProcessSuspended"}, warns: []finding{"asg.RollbackUnavailable"},
		},
		"an image that is gone": {
			make: func(f *fleet) {
				f.following("$Latest")
				f.addVersion("next")
				f.removeImage("3")
				time.Sleep(24 * time.Hour)
			},
			blocks: []finding{"asg.ImageUnavailable"}, warns: []finding{"asg.RollbackUnavailable"}, old: 2,
		},
		"an image of the other architecture": {
			make: func(f *fleet) {
				f.following("$Latest")
				f.Cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "arm", Architecture: "arm64"})
				_, err := f.ec2.CreateLaunchTemplateVersion(f.t.Context(), &ec2.CreateLaunchTemplateVersionInput{
					LaunchTemplateId: &f.templateID, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new(f.imageNamed("arm")), InstanceType: "t3.micro"},
				})
				require.NoError(f.t, err)
			},
			blocks: []finding{"asg.Architecture"}, warns: []finding{"asg.RollbackUnavailable"}, old: 2,
		},
		"attributes that no type of the image has": {
			make: func(f *fleet) {
				f.chosen()
				f.Cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "arm", Architecture: "arm64"})
				f.parameter("/golden", f.imageNamed("arm"))
				f.Inject(groupIs(func(g *types.AutoScalingGroup) {
					r := requirements()
					r.CpuManufacturers = []types.CpuManufacturer{"amazon-web-services"}
					g.MixedInstancesPolicy.LaunchTemplate.Overrides[0].InstanceRequirements = r
				}))
			},
			blocks: []finding{"asg.InstanceType"}, warns: []finding{"asg.RollbackUnavailable"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t)
				tt.make(f)
				in := current()
				if tt.in != nil {
					tt.in(&in)
				}
				f.ForgetCalls()
				ready, err := asg.PreflightCurrent(t.Context(), f, f.ec2, in)
				require.NotNil(t, ready, "%v", err)
				var blocks, warns []finding
				for _, found := range ready.Findings {
					if found.Blocks {
						blocks = append(blocks, found.Code)
					} else {
						warns = append(warns, found.Code)
					}
				}
				assert.Equal(t, tt.blocks, blocks, "%v", ready.Findings)
				assert.Equal(t, tt.warns, warns, "%v", ready.Findings)
				assert.Equal(t, len(tt.blocks) > 0, err != nil)
				assert.Len(t, ready.Outdated, tt.old)
				assert.NotEmpty(t, ready.Current)
				assert.Equal(t, 2, ready.MinInService)
				assert.Empty(t, f.Writes())
			})
		})
	}
}
