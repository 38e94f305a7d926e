package asg_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// spell makes a group of one template version as it is spelled.
func (f *fleet) spell(name, version string) {
	f.t.Helper()
	in := f.input(name)
	in.Template.Version = version
	_, err := asg.Create(f.t.Context(), f, in)
	require.NoError(f.t, err)
	f.ForgetCalls()
}

func (f *fleet) setDefault(version string) {
	f.t.Helper()
	_, err := f.ec2.ModifyLaunchTemplate(f.t.Context(), &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &f.templateID, DefaultVersion: &version})
	require.NoError(f.t, err)
}

func TestPinAndUnpin(t *testing.T) {
	for version, number := range map[string]string{"$Latest": "2", "$Default": "1", "": "1"} {
		t.Run(version, func(t *testing.T) {
			f := start(t)
			f.spell("web", version)
			before := f.read("web")
			f.ForgetCalls()
			pinned, err := asg.Pin(t.Context(), f, f.ec2, "web")
			require.NoError(t, err)
			assert.True(t, pinned.Changed)
			assert.Equal(t, asg.SourceOf(before), pinned.Before)
			assert.Equal(t, number, pinned.After.Template.Version)
			require.Len(t, f.Writes(), 1, "no refresh")
			assert.Equal(t, before.Instances, f.read("web").Instances)
			assert.Equal(t, f.templateID+" version "+number, asg.SourceOf(f.read("web")).String())

			f.addVersion("three") // which changes nothing for the group any more
			f.ForgetCalls()
			again, err := asg.Pin(t.Context(), f.restart(), f.ec2, "web")
			require.NoError(t, err)
			assert.False(t, again.Changed)
			assert.Empty(t, f.Writes())

			in := asg.UnpinInput{Group: "web", Original: pinned.Before}
			if version == "$Latest" {
				_, err := asg.Unpin(t.Context(), f, f.ec2, in)
				require.ErrorIs(t, err, asg.ErrOtherVersion, "it would launch version 3")
				assert.Equal(t, "it launches "+f.templateID+" version 2, and $Latest is version 3", failure(t, err).Reason)
				assert.Empty(t, f.Writes())
				_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Template: &asg.TemplateSpec{ID: f.templateID, Version: "3"}})
				require.NoError(t, err) // as a refresh does that succeeds
			}
			for i := range 2 {
				f.ForgetCalls()
				restored, err := asg.Unpin(t.Context(), f.restart(), f.ec2, in)
				require.NoError(t, err)
				assert.Equal(t, i == 0, restored.Changed)
				assert.Len(t, f.Writes(), 1-i)
				want := version
				if want == "" {
					want = "$Default" // which is the same
				}
				assert.Equal(t, want, *f.read("web").LaunchTemplate.Version)
			}
		})
	}
}

// TestUnpinDefault waits for the default to be moved.
func TestUnpinDefault(t *testing.T) {
	f := start(t)
	f.spell("web", "2")
	in := asg.UnpinInput{Group: "web", Original: asg.LaunchSource{Template: &asg.TemplateSpec{ID: f.templateID, Version: "$Default"}}}
	_, err := asg.Unpin(t.Context(), f, f.ec2, in)
	require.ErrorIs(t, err, asg.ErrOtherVersion)
	f.setDefault("2")
	done, err := asg.Unpin(t.Context(), f, f.ec2, in)
	require.NoError(t, err)
	assert.True(t, done.Changed)
	assert.Equal(t, []string{"web $Default"}, f.launches("web"))
}

func TestPinMixedInstances(t *testing.T) {
	f := start(t)
	f.mixed("web", "$Latest")
	before := f.read("web")
	pinned, err := asg.Pin(t.Context(), f, f.ec2, "web")
	require.NoError(t, err)
	assert.Equal(t, []string{"web 2", "web-large 1"}, f.launches("web"))
	after := f.read("web")
	assert.Equal(t, before.MixedInstancesPolicy.LaunchTemplate.Overrides[2], after.MixedInstancesPolicy.LaunchTemplate.Overrides[2])
	assert.Equal(t, before.MixedInstancesPolicy.InstancesDistribution, after.MixedInstancesPolicy.InstancesDistribution)

	p := after.MixedInstancesPolicy // somebody changes something else meanwhile
	p.InstancesDistribution.OnDemandBaseCapacity = new(int32(0))
	_, err = asg.Update(t.Context(), f, asg.UpdateInput{Group: "web", Policy: p})
	require.NoError(t, err)
	restored, err := asg.Unpin(t.Context(), f, f.ec2, asg.UnpinInput{Group: "web", Original: pinned.Before})
	require.NoError(t, err)
	assert.True(t, restored.Changed)
	assert.Equal(t, []string{"web $Latest", "web-large $Latest"}, f.launches("web"))
	assert.Equal(t, int32(0), *f.read("web").MixedInstancesPolicy.InstancesDistribution.OnDemandBaseCapacity, "only the spelling is restored")
}

// TestPinMakesARollbackPossible is what pinning is for.
func TestPinMakesARollbackPossible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.spell("web", "$Default")
		pinned, err := asg.Pin(t.Context(), f, f.ec2, "web")
		require.NoError(t, err)
		started, err := asg.StartRefresh(t.Context(), f, asg.RefreshInput{
			Group: "web", TemplateID: f.templateID, Version: 2, Preferences: &types.RefreshPreferences{AutoRollback: new(true)},
		})
		require.NoError(t, err, "AWS refuses it for a group on $Default")
		_, err = asg.Unpin(t.Context(), f, f.ec2, asg.UnpinInput{Group: "web", Original: pinned.Before})
		require.ErrorIs(t, err, asg.ErrRefreshInProgress)
		assert.Equal(t, []string{started.RefreshID}, failure(t, err).IDs)
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
		require.NoError(t, err)
		_, err = asg.Unpin(t.Context(), f, f.ec2, asg.UnpinInput{Group: "web", Original: pinned.Before})
		require.ErrorIs(t, err, asg.ErrOtherVersion)
		f.setDefault("2")
		_, err = asg.Unpin(t.Context(), f, f.ec2, asg.UnpinInput{Group: "web", Original: pinned.Before})
		require.NoError(t, err)
	})
}

func TestPinNothingToPin(t *testing.T) {
	f := start(t)
	f.configuration("old")
	in := f.input("configured")
	in.Template, in.LaunchConfiguration = nil, "old"
	_, err := asg.Create(t.Context(), f, in)
	require.NoError(t, err)
	f.ForgetCalls()
	done, err := asg.Pin(t.Context(), f, f.ec2, "configured")
	require.NoError(t, err)
	assert.False(t, done.Changed)
	assert.Len(t, f.Calls(), 1)
}

func TestPinErrors(t *testing.T) {
	f := start(t)
	f.spell("web", "$Latest")
	_, err := asg.Pin(t.Context(), f, f.ec2, "")
	require.ErrorIs(t, err, asg.ErrInvalidInput)
	_, err = asg.Pin(t.Context(), f, f.ec2, "none")
	require.ErrorIs(t, err, asg.ErrNotFound)

	source := asg.SourceOf(f.read("web"))
	for says, in := range map[string]asg.UnpinInput{
		"Group is missing":     {Original: source},
		"Original is required": {Group: "web"},
	} {
		_, err := asg.Unpin(t.Context(), f, f.ec2, in)
		require.ErrorIs(t, err, asg.ErrInvalidInput)
		assert.ErrorContains(t, err, says)
	}
	_, err = asg.Unpin(t.Context(), f, f.ec2, asg.UnpinInput{Group: "none", Original: source})
	require.ErrorIs(t, err, asg.ErrNotFound)

	t.Run("the result tells the spelling also where AWS refuses", func(t *testing.T) {
		f.Inject(awstest.Refuse(awstest.Match{Operation: "UpdateAutoScalingGroup"}, 1, "AccessDenied", "no"))
		pinned, err := asg.Pin(t.Context(), f, f.ec2, "web")
		require.ErrorContains(t, err, "AccessDenied")
		assert.Equal(t, "$Latest", pinned.Before.Template.Version)
	})
	t.Run("other templates", func(t *testing.T) {
		other := f.policy("1")
		for _, spelling := range []asg.LaunchSource{
			{Template: &asg.TemplateSpec{ID: f.large, Version: "$Latest"}},
			{MixedInstancesPolicy: other},
			{LaunchConfiguration: "old"},
		} {
			f.ForgetCalls()
			_, err := asg.Unpin(t.Context(), f, f.ec2, asg.UnpinInput{Group: "web", Original: spelling})
			require.ErrorIs(t, err, asg.ErrOtherVersion)
			assert.ErrorContains(t, err, "its templates are others")
			assert.Empty(t, f.Writes())
		}
	})
	t.Run("a template that is gone", func(t *testing.T) {
		_, err := f.ec2.DeleteLaunchTemplate(t.Context(), &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: &f.templateID})
		require.NoError(t, err)
		pinned, err := asg.Pin(t.Context(), f, f.ec2, "web")
		require.ErrorIs(t, err, asg.ErrNotFound)
		assert.Equal(t, f.templateID, failure(t, err).ID)
		assert.False(t, pinned.Changed)
	})
}
