//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
)

func TestGroupOfALaunchConfiguration(t *testing.T) {
	w := start(t)
	subnet, _ := w.network(home)
	old := w.configuration(home, "my-launch-config-1", baseImage)
	image := w.image(home, "next")
	next := w.configuration(home, "my-launch-config-2", image)
	in := asg.CreateInput{
		Name: "my-asg", LaunchConfiguration: old, MinSize: 1, MaxSize: 5, Desired: new(int32(2)), Subnets: []string{subnet},
		Tags: map[string]string{"app": "web"},
	}

	made, err := asg.Create(t.Context(), w.clients(home).AutoScaling, in)
	require.NoError(t, err)
	assert.False(t, made.Adopted)
	read := w.readGroup(home, "my-asg")
	assert.Equal(t, old, aws.ToString(read.LaunchConfigurationName))
	assert.Equal(t, int32(1), aws.ToInt32(read.MinSize))
	assert.Equal(t, int32(5), aws.ToInt32(read.MaxSize))
	assert.Len(t, read.Instances, 2)
	require.Len(t, read.Tags, 1)
	assert.Equal(t, "web", aws.ToString(read.Tags[0].Value))

	again, err := asg.Create(t.Context(), w.clients(home).AutoScaling, in)
	require.NoError(t, err)
	assert.True(t, again.Adopted)

	done, err := asg.Update(t.Context(), w.clients(home).AutoScaling, asg.UpdateInput{
		Group: "my-asg", LaunchConfiguration: next, MaxSize: new(int32(6)), Desired: new(int32(3)),
	})
	require.NoError(t, err)
	assert.Equal(t, old, done.Before.LaunchConfiguration)
	read = w.readGroup(home, "my-asg")
	assert.Equal(t, next, aws.ToString(read.LaunchConfigurationName))
	assert.Equal(t, int32(6), aws.ToInt32(read.MaxSize))
	assert.ElementsMatch(t, []string{baseImage, baseImage, image}, w.imagesOf(home, read))
}

func TestCreateLeavesAGroupOfThatName(t *testing.T) {
	w := start(t)
	subnet, _ := w.network(home)
	in := asg.CreateInput{
		Name: "my-asg", MinSize: 1, MaxSize: 5, Subnets: []string{subnet},
		Template: &asg.TemplateSpec{ID: w.template(home, "one"), Version: "1"},
	}
	_, err := asg.Create(t.Context(), w.clients(home).AutoScaling, in)
	require.NoError(t, err)

	in.Template = &asg.TemplateSpec{ID: w.template(home, "two"), Version: "1"}
	_, err = asg.Create(t.Context(), w.clients(home).AutoScaling, in)
	assert.ErrorIs(t, err, asg.ErrNameTaken)
}

func TestUpdateKnowsThatThereIsNoGroup(t *testing.T) {
	w := start(t)
	_, err := asg.Update(t.Context(), w.clients(home).AutoScaling, asg.UpdateInput{Group: "nobody", Desired: new(int32(1))})
	assert.ErrorIs(t, err, asg.ErrNotFound)
}
