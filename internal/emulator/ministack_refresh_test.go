//go:build emulator

package emulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
)

func TestMinistackRefreshIsFollowedToItsEnd(t *testing.T) {
	w := startMinistack(t)
	api := w.clients(home).AutoScaling
	template := w.refreshable(home, "storefront")
	started, err := asg.StartRefresh(t.Context(), api, asg.RefreshInput{
		Group: "storefront", TemplateID: template, Version: 1, Preferences: asg.LaunchBeforeTerminate(),
	})
	require.NoError(t, err)
	subject := asg.RefreshKey{Group: "storefront", ID: started.RefreshID}

	var seen []*asg.Status
	for s, err := range asg.Watch(t.Context(), api, []asg.RefreshKey{subject}) {
		require.NoError(t, err)
		seen = append(seen, s)
	}
	require.Len(t, seen, 1, "it is over at the first look")
	assert.True(t, seen[0].Done)
	assert.NoError(t, seen[0].Err)
	assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, seen[0].Status)
	assert.Equal(t, int32(100), seen[0].Percentage)
	assert.Equal(t, int32(0), seen[0].InstancesToUpdate)

	ended, err := asg.Wait(t.Context(), api, []asg.RefreshKey{subject})
	require.NoError(t, err)
	read := w.readRefreshes(home, "storefront")
	require.Len(t, read, 1)
	assert.Equal(t, read, ended)
	assert.Equal(t, started.RefreshID, aws.ToString(read[0].InstanceRefreshId))
}

func TestMinistackListsRefreshesNewestFirst(t *testing.T) {
	w := startMinistack(t)
	api := w.clients(home).AutoScaling
	template := w.refreshable(home, "storefront")
	var want []string
	for range 2 {
		started, err := asg.StartRefresh(t.Context(), api, asg.RefreshInput{Group: "storefront", TemplateID: template, Version: 1})
		require.NoError(t, err)
		assert.False(t, started.Adopted)
		want = append([]string{started.RefreshID}, want...)
	}

	var got []string
	for r, err := range asg.Refreshes(t.Context(), api, "storefront") {
		require.NoError(t, err)
		got = append(got, aws.ToString(r.InstanceRefreshId))
	}
	assert.Equal(t, want, got)
}

func TestMinistackRefreshThatHasEndedIsLeftAlone(t *testing.T) {
	w := startMinistack(t)
	api := w.clients(home).AutoScaling
	template := w.refreshable(home, "storefront")
	started, err := asg.StartRefresh(t.Context(), api, asg.RefreshInput{Group: "storefront", TemplateID: template, Version: 1})
	require.NoError(t, err)

	ended, err := asg.Cancel(t.Context(), api, asg.CancelInput{Group: "storefront", RefreshID: started.RefreshID})
	require.NoError(t, err)
	assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, ended.Status)
	_, err = asg.StartRollback(t.Context(), api, asg.RollbackInput{Group: "storefront", RefreshID: started.RefreshID})
	assert.ErrorIs(t, err, asg.ErrRollbackUnavailable)

	assert.NoError(t, asg.VerifyRollback(t.Context(), api, asg.VerifyRollbackInput{
		Group: "storefront", Source: asg.SourceOf(w.readGroup(home, "storefront")),
	}))
}

func TestMinistackKnowsNoOtherGroupsAndRefreshes(t *testing.T) {
	w := startMinistack(t)
	api := w.clients(home).AutoScaling
	template := w.refreshable(home, "storefront")
	_, err := asg.StartRefresh(t.Context(), api, asg.RefreshInput{Group: "nobody", TemplateID: template, Version: 1})
	assert.ErrorIs(t, err, asg.ErrNotFound)

	soon := func(o *asg.Options) { o.Poll = quick; o.Poll.Grace = 50 * time.Millisecond }
	_, err = asg.Wait(t.Context(), api, []asg.RefreshKey{{Group: "storefront", ID: "462c4c9b-7530-907d-4598-0754639eae24"}}, soon)
	assert.ErrorIs(t, err, asg.ErrNotFound)
	_, err = asg.Cancel(t.Context(), api, asg.CancelInput{Group: "storefront", RefreshID: "462c4c9b-7530-907d-4598-0754639eae24"})
	assert.ErrorIs(t, err, asg.ErrNotFound)
	assert.Empty(t, w.readRefreshes(home, "storefront"))
}

// Preflight tries a launch, which this emulator takes for a real one.
func TestMinistackPreflightFindsNothingInTheWay(t *testing.T) {
	w := startMinistack(t)
	c := w.clients(home)
	template := w.refreshable(home, "storefront")
	before := w.readGroup(home, "storefront")
	found, err := asg.Preflight(t.Context(), c.AutoScaling, c.EC2, asg.RefreshInput{
		Group: "storefront", TemplateID: template, Version: 1, Preferences: asg.LaunchBeforeTerminate(),
	})
	require.NoError(t, err)
	assert.Empty(t, found.Findings)
	assert.Equal(t, 2, found.MinInService)

	assert.Equal(t, before, w.readGroup(home, "storefront"))
	assert.Empty(t, w.readRefreshes(home, "storefront"))
}

// A refresh that is active counts as a use of its template too; this emulator
// has none that stays active.
func TestMinistackTellsWhatGroupsLaunchFrom(t *testing.T) {
	w := startMinistack(t)
	c := w.clients(home)
	template := w.refreshable(home, "storefront")
	uses, err := asg.Uses(t.Context(), c.AutoScaling)
	require.NoError(t, err)
	require.Len(t, uses, 1)
	assert.Equal(t, "storefront", uses[0].Group)
	assert.Equal(t, asg.ByGroup, uses[0].By)
	assert.Equal(t, template, uses[0].Template.ID)

	image := aws.ToString(w.readVersions(home, template)[0].LaunchTemplateData.ImageId)
	found, err := asg.References(t.Context(), c.AutoScaling, c.EC2, []string{image})
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, int64(1), found[0].Version)
}
