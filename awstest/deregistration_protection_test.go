package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestDeregistrationProtection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		client := ec2.NewFromConfig(cloud.Config(home))
		id := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
		state := func() string {
			out, err := client.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: &id, Attribute: "deregistrationProtection"})
			require.NoError(t, err)
			require.Equal(t, *out.DeregistrationProtection.Value, *readImage(t, client, id).DeregistrationProtection)
			return *out.DeregistrationProtection.Value
		}
		enable := func(cooldown *bool) string {
			out, err := client.EnableImageDeregistrationProtection(t.Context(), &ec2.EnableImageDeregistrationProtectionInput{ImageId: &id, WithCooldown: cooldown})
			require.NoError(t, err)
			require.Equal(t, state(), *out.Return)
			return *out.Return
		}
		disable := func() string {
			out, err := client.DisableImageDeregistrationProtection(t.Context(), &ec2.DisableImageDeregistrationProtectionInput{ImageId: &id})
			require.NoError(t, err)
			require.Equal(t, state(), *out.Return)
			return *out.Return
		}
		deregister := func() error {
			_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id, DeleteAssociatedSnapshots: new(true)})
			return err
		}

		assert.Equal(t, "disabled", disable(), "nothing to disable")
		assert.Equal(t, "enabled-without-cooldown", enable(nil))
		requireCode(t, deregister(), "OperationNotPermitted", "enabled-without-cooldown")
		assert.Equal(t, "disabled", disable(), "at once")

		assert.Equal(t, "enabled-with-cooldown", enable(new(true)))
		requireCode(t, deregister(), "OperationNotPermitted", "enabled-with-cooldown")
		time.Sleep(30 * time.Minute)
		assert.Equal(t, "disabled after 2000-01-02T00:30:00.000Z", disable())
		time.Sleep(time.Hour)
		assert.Equal(t, "disabled after 2000-01-02T00:30:00.000Z", disable(), "the cooldown does not begin again")
		requireCode(t, deregister(), "OperationNotPermitted", "disabled after 2000-01-02T00:30:00.000Z")

		assert.Equal(t, "enabled-with-cooldown", enable(new(true)), "in the cooldown")
		time.Sleep(time.Hour)
		assert.Equal(t, "disabled after 2000-01-02T02:30:00.000Z", disable())
		time.Sleep(24*time.Hour - 1)
		requireCode(t, deregister(), "OperationNotPermitted", "disabled after")
		time.Sleep(time.Nanosecond)
		assert.Equal(t, "disabled", state())
		require.NoError(t, deregister())
		requireCode(t, deregister(), "InvalidAMIID.NotFound", id)
	})
}

func TestProtectionIsTheOwners(t *testing.T) {
	s := newScene(t)
	_, err := s.EnableImageDeregistrationProtection(t.Context(), &ec2.EnableImageDeregistrationProtectionInput{ImageId: &s.shared})
	requireCode(t, err, "AuthFailure", "Not authorized for image:")
	_, err = s.DisableImageDeregistrationProtection(t.Context(), &ec2.DisableImageDeregistrationProtectionInput{ImageId: &s.shared})
	requireCode(t, err, "AuthFailure", "Not authorized for image:")
	_, err = s.EnableImageDeregistrationProtection(t.Context(), &ec2.EnableImageDeregistrationProtectionInput{ImageId: new(unknownAMI)})
	requireCode(t, err, "InvalidAMIID.NotFound", unknownAMI)

	_, err = s.EnableImageDeregistrationProtection(t.Context(), &ec2.EnableImageDeregistrationProtectionInput{ImageId: &s.own})
	require.NoError(t, err)
	copied := copyTo(t, s.Client, ec2.CopyImageInput{Name: new("copy"), SourceImageId: &s.own, SourceRegion: new(home)})
	assert.Equal(t, "disabled", *readImage(t, s.Client, copied).DeregistrationProtection, "a copy is not protected")
	_, err = s.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &copied})
	require.NoError(t, err)
}
