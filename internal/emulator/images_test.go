//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
)

func TestCreateStoppedStartsTheInstanceAgain(t *testing.T) {
	w := start(t)
	instance := w.instance(home)
	made, err := ami.CreateStopped(t.Context(), w.clients(home).EC2,
		ami.CreateInput{InstanceID: instance, Name: "at rest"},
		func(o *ami.Options) { o.Poll = quick })
	require.NoError(t, err)

	assert.Equal(t, types.ImageStateAvailable, w.readImage(home, made.ImageID).State)
	out, err := w.ec2(home).DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{instance}})
	require.NoError(t, err)
	assert.Equal(t, types.InstanceStateNameRunning, out.Reservations[0].Instances[0].State.Name)
}

func TestCreateKnowsWhatIsNotThere(t *testing.T) {
	w := start(t)
	_, err := ami.Create(t.Context(), w.clients(home).EC2, ami.CreateInput{
		InstanceID: "i-0123456789abcdef0", Name: "of nothing", Reboot: ami.Reboot,
	})
	assert.ErrorIs(t, err, ami.ErrNotFound)
	assert.Zero(t, w.images(home))
}

func TestCreateLeavesANameThatIsTaken(t *testing.T) {
	w := start(t)
	taken := w.image(home, "taken")
	_, err := ami.Create(t.Context(), w.clients(home).EC2, ami.CreateInput{
		InstanceID: w.instance(home), Name: "taken", Reboot: ami.Reboot,
	})
	assert.ErrorIs(t, err, ami.ErrNameTaken)
	assert.ErrorContains(t, err, taken)
	assert.Equal(t, 1, w.images(home))
}

func TestFindByOwnerNameAndTags(t *testing.T) {
	w := start(t)
	api := w.clients(home).EC2
	var made []string
	for _, in := range []ami.CreateInput{
		{Name: "web 1", Tags: map[string]string{"app": "web"}},
		{Name: "web 2", Tags: map[string]string{"app": "web"}},
		{Name: "db 1", Tags: map[string]string{"app": "db"}},
	} {
		in.InstanceID, in.Reboot = w.instance(home), ami.NoReboot
		out, err := ami.Create(t.Context(), api, in)
		require.NoError(t, err)
		made = append(made, out.ImageID)
	}

	found, err := ami.Find(t.Context(), api, ami.Query{Owners: []string{ami.Self}, Name: "web *", Tags: map[string]string{"app": "web"}})
	require.NoError(t, err)
	assert.ElementsMatch(t, made[:2], idsOf(found))

	none, err := ami.Find(t.Context(), api, ami.Query{Owners: []string{"999999999999"}, Name: "web *"})
	require.NoError(t, err)
	assert.Empty(t, none)

	newest, err := ami.Latest(t.Context(), api, ami.Query{Owners: []string{ami.Self}, Name: "db *"})
	require.NoError(t, err)
	assert.Equal(t, made[2], aws.ToString(newest.ImageId))

	_, err = ami.Get(t.Context(), api, "ami-0fedcba9876543210")
	assert.ErrorIs(t, err, ami.ErrNotFound)
}

func TestWaitEndsWhenAnImageIsGone(t *testing.T) {
	w := start(t)
	api := w.clients(home).EC2
	id := w.image(home, "short-lived")
	_, err := ami.Deregister(t.Context(), api, id)
	require.NoError(t, err)

	_, err = ami.Wait(t.Context(), api, []string{id}, func(o *ami.Options) {
		o.Poll = quick
		o.Poll.Grace = 1
	})
	assert.ErrorIs(t, err, ami.ErrNotFound, "moto forgets it at once: it was never seen, so nobody can say that it is gone")
}

func idsOf(images []types.Image) []string {
	var ids []string
	for _, i := range images {
		ids = append(ids, aws.ToString(i.ImageId))
	}
	return ids
}
