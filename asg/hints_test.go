package asg_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// TestHints has the launches of a refresh fail for the usual reasons: the error
// says which it was, whether the refresh failed or has stalled.
func TestHints(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(f *fleet, image string) // when the refresh has been started
		hint  string
	}{
		"image gone": {func(f *fleet, image string) { f.removeImage("2") }, "the image is gone, or is not shared with this account"},
		"image disabled": {func(f *fleet, image string) {
			_, err := f.ec2.DisableImage(f.t.Context(), &ec2.DisableImageInput{ImageId: &image})
			require.NoError(f.t, err)
		}, "the image is disabled"},
		"KMS key without a grant for Auto Scaling": {func(*fleet, string) {}, "grant it to the service-linked role of Auto Scaling"},
	} {
		for _, stall := range []time.Duration{0, 20 * time.Minute} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := start(t)
					in := f.refresh()
					if name == "KMS key without a grant for Auto Scaling" {
						key := f.Region(home).Key(awstest.KeySeed{})
						f.encrypted("locked", key)
						in.Version = 3
					}
					f.settled("web")
					s := asg.RefreshKey{Group: "web", ID: f.start(in).RefreshID}
					tt.spoil(f, f.image("2"))
					_, err := asg.Wait(t.Context(), f, []asg.RefreshKey{s}, stalling(stall))
					if stall > 0 {
						require.ErrorIs(t, err, asg.ErrRefreshStalled)
					} else {
						require.ErrorIs(t, err, asg.ErrRefreshFailed)
					}
					assert.Contains(t, failure(t, err).Hint, tt.hint)
				})
			})
		}
	}
}

// encrypted adds a version whose image is encrypted with a key.
func (f *fleet) encrypted(name, key string) {
	f.t.Helper()
	data := launchData(f.Cloud, name+" plain")
	data.ImageId = new(f.Region(home).OwnImage(awstest.ImageSeed{Name: name, Encrypted: true, KeyID: key}))
	_, err := f.ec2.CreateLaunchTemplateVersion(f.t.Context(), &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &f.templateID, LaunchTemplateData: data})
	require.NoError(f.t, err)
}

// rooted is a policy of one template whose override names the image.
func (f *fleet) rooted(image string) *types.MixedInstancesPolicy {
	return &types.MixedInstancesPolicy{LaunchTemplate: &types.LaunchTemplate{
		LaunchTemplateSpecification: spec(f.templateID, "1"),
		Overrides:                   []types.LaunchTemplateOverrides{{InstanceType: new("t3.micro"), ImageId: &image}},
	}}
}

// TestReplaceRootVolume is the other strategy: the instances stay, and run another
// image.
func TestReplaceRootVolume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		in := f.input("web")
		in.Template, in.Policy = nil, f.rooted(f.image("1"))
		_, err := asg.Create(t.Context(), f, in)
		require.NoError(t, err)
		time.Sleep(5 * time.Minute)
		before := f.read("web")
		refresh := asg.RefreshInput{
			Group: "web", Policy: f.rooted(f.image("2")), Strategy: types.RefreshStrategyReplaceRootVolume,
			Preferences: &types.RefreshPreferences{MinHealthyPercentage: new(int32(50))},
		}
		started := f.start(refresh)
		again, err := asg.StartRefresh(t.Context(), f.restart(), refresh)
		require.NoError(t, err)
		assert.Equal(t, started.RefreshID, again.RefreshID)
		rolling := refresh
		rolling.Strategy = types.RefreshStrategyRolling
		_, err = asg.StartRefresh(t.Context(), f, rolling)
		require.ErrorIs(t, err, asg.ErrRefreshInProgress, "the strategy is another")

		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
		require.NoError(t, err)
		after := f.read("web")
		require.Len(t, after.Instances, 2)
		for i, now := range after.Instances {
			assert.Equal(t, before.Instances[i].InstanceId, now.InstanceId)
			assert.Equal(t, f.image("2"), *now.ImageId)
		}
		assert.Empty(t, asg.OutdatedInstances(asg.SourceOf(after), after.Instances))
		assert.Len(t, asg.OutdatedInstances(asg.SourceOf(before), after.Instances), 2)
	})
}

// TestMeasureWarmupOfPooled leaves out instances that a warm pool had made ready:
// how long the image takes, they do not tell.
func TestMeasureWarmupOfPooled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.settled("web")
		_, err := asg.PutWarmPool(t.Context(), f, asg.PutWarmPoolInput{Group: "web", MinSize: new(int32(1))})
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Desired: new(int32(3))})
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		require.Len(t, f.versions(), 3)
		w := f.measure()
		require.NotNil(t, w.Of(f.image("1")))
		assert.Len(t, w.Of(f.image("1")).Launches, 2, "those that came straight into the group")
		for _, l := range w.Of(f.image("1")).Launches {
			assert.Equal(t, timing.InstanceStart, l.Took)
		}
	})
}
