//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/launchtemplate"
)

func TestGroupsAreFoundByTheirTags(t *testing.T) {
	w := start(t)
	api := w.clients(home).AutoScaling
	subnet, _ := w.network(home)
	template := w.template(home, "my-launch-template")
	for name, app := range map[string]string{"web-1": "web", "web-2": "web", "db": "db"} {
		_, err := asg.Create(t.Context(), api, asg.CreateInput{
			Name: name, MinSize: 1, MaxSize: 5, Subnets: []string{subnet}, Template: &asg.TemplateSpec{ID: template, Version: "1"},
			Tags: map[string]string{"app": app},
		})
		require.NoError(t, err)
	}
	var found []string
	for group, err := range asg.Find(t.Context(), api, asg.FindInput{Tags: map[string]string{"app": "web"}}) {
		require.NoError(t, err)
		found = append(found, aws.ToString(group.AutoScalingGroupName))
	}
	assert.ElementsMatch(t, []string{"web-1", "web-2"}, found)
}

func TestPinSpellsTheVersionAndRestoreTakesItBack(t *testing.T) {
	w := start(t)
	c := w.clients(home)
	subnet, _ := w.network(home)
	template := w.template(home, "my-launch-template")
	_, err := asg.Create(t.Context(), c.AutoScaling, asg.CreateInput{
		Name: "my-asg", MinSize: 1, MaxSize: 5, Subnets: []string{subnet}, Template: &asg.TemplateSpec{ID: template, Version: launchtemplate.LatestVersion},
	})
	require.NoError(t, err)

	pinned, err := asg.Pin(t.Context(), c.AutoScaling, c.EC2, "my-asg")
	require.NoError(t, err)
	assert.True(t, pinned.Changed)
	assert.Equal(t, "1", aws.ToString(w.readGroup(home, "my-asg").LaunchTemplate.Version))

	_, err = asg.Unpin(t.Context(), c.AutoScaling, c.EC2, asg.UnpinInput{Group: "my-asg", Original: pinned.Before})
	require.NoError(t, err)
	assert.Equal(t, launchtemplate.LatestVersion, aws.ToString(w.readGroup(home, "my-asg").LaunchTemplate.Version))
}

func TestAGroupMovesFromALaunchConfigurationToATemplate(t *testing.T) {
	w := start(t)
	c := w.clients(home)
	subnet, _ := w.network(home)
	old := w.configuration(home, "my-launch-config", baseImage)
	_, err := asg.Create(t.Context(), c.AutoScaling, asg.CreateInput{
		Name: "my-asg", LaunchConfiguration: old, MinSize: 1, MaxSize: 5, Subnets: []string{subnet},
	})
	require.NoError(t, err)

	read, err := asg.Configuration(t.Context(), c.AutoScaling, old)
	require.NoError(t, err)
	data, err := asg.TemplateData(*read)
	require.NoError(t, err)
	template, err := launchtemplate.Create(t.Context(), c.EC2, launchtemplate.CreateInput{Name: "my-launch-template", Data: data})
	require.NoError(t, err)
	_, err = asg.Update(t.Context(), c.AutoScaling, asg.UpdateInput{
		Group: "my-asg", Template: &asg.TemplateSpec{ID: template.TemplateID, Version: "1"},
	})
	require.NoError(t, err)

	group := w.readGroup(home, "my-asg")
	assert.Equal(t, template.TemplateID, aws.ToString(group.LaunchTemplate.LaunchTemplateId))
	made := w.readVersions(home, template.TemplateID)[0].LaunchTemplateData
	assert.Equal(t, baseImage, aws.ToString(made.ImageId))
	assert.Equal(t, "t2.micro", string(made.InstanceType))
	assert.Len(t, group.Instances, 1, "what runs stays")
}

func TestWarmPoolIsPutOnce(t *testing.T) {
	w := start(t)
	api := w.clients(home).AutoScaling
	subnet, _ := w.network(home)
	_, err := asg.Create(t.Context(), api, asg.CreateInput{
		Name: "warm", MinSize: 1, MaxSize: 5, Subnets: []string{subnet},
		Template: &asg.TemplateSpec{ID: w.template(home, "my-launch-template"), Version: "1"},
	})
	require.NoError(t, err)
	pool, err := asg.DescribeWarmPool(t.Context(), api, "warm")
	require.NoError(t, err)
	assert.Nil(t, pool.Configuration)
	changed, err := asg.PutWarmPool(t.Context(), api, asg.PutWarmPoolInput{Group: "warm", MinSize: new(int32(2))})
	require.NoError(t, err)
	assert.True(t, changed)
	pool, err = asg.DescribeWarmPool(t.Context(), api, "warm")
	require.NoError(t, err)
	require.NotNil(t, pool.Configuration)
	assert.Equal(t, int32(2), aws.ToInt32(pool.Configuration.MinSize))
	assert.Equal(t, types.WarmPoolStateStopped, pool.Configuration.PoolState)
	changed, err = asg.PutWarmPool(t.Context(), api, asg.PutWarmPoolInput{Group: "warm", MinSize: new(int32(2))})
	require.NoError(t, err)
	assert.False(t, changed)
}
