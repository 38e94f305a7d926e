package readyami_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

const consumer = "333333333333"

func TestDeliverFinishesTheImageOfEveryTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, awstest.WithInputs())
		at := time.Now().Add(90 * 24 * time.Hour).Truncate(time.Minute)
		w.Finish = &ami.FinishInput{
			Tags:        map[string]string{"tier": "gold"},
			Share:       ami.Permissions{Accounts: []string{consumer}},
			DeprecateAt: at,
			Protect:     ami.ProtectWithoutCooldown,
		}

		report, err := w.deliver(t.Context())

		require.NoError(t, err)
		w.requireDelivered()
		for _, target := range report.Targets {
			seen := ec2.NewFromConfig(w.cloud.Account(consumer).Config(target.Region))
			out, err := seen.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{target.Image.ID}})
			require.NoError(t, err, target.Region)
			require.Len(t, out.Images, 1, "%s: shared", target.Region)
			image := w.named(target.Region, "web-2")[0]
			assert.Equal(t, "gold", ami.Tag(image.Tags, "tier"))
			assert.Equal(t, string(ami.ProtectWithoutCooldown), *image.DeregistrationProtection)
			assert.Equal(t, []string{consumer}, target.Image.SharedWith)
			assert.Equal(t, *image.DeprecationTime, target.Image.DeprecateAt)
			assert.Contains(t, target.Image.DeprecateAt, at.Format("2006-01-02T15:04"))
			assert.NotEmpty(t, target.Image.Warnings, "who loses sight of it")
		}
		w.requireBefore("ModifyImageAttribute", "StartInstanceRefresh")

		w.cloud.ForgetCalls()
		report, err = w.deliver(t.Context())
		require.NoError(t, err)
		assert.Equal(t, readyami.Unchanged, report.Outcome)
		assert.Equal(t, []string{consumer}, report.Targets[2].Image.SharedWith, "it tells what stands")
		assert.Empty(t, w.cloud.Writes())
	})
}

// requireBefore checks that the last call of one operation came before the first
// of another.
func (w *world) requireBefore(first, then string) {
	w.t.Helper()
	last, start := -1, -1
	for i, c := range w.cloud.Calls() {
		if c.Operation == first {
			last = i
		}
		if c.Operation == then && start < 0 {
			start = i
		}
	}
	require.NotEqual(w.t, -1, last)
	require.Greater(w.t, start, last)
}

func TestFinishIsRefusedBeforeTheFirstWrite(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*world)
		kind  error
		says  string
	}{
		{"an image id", func(w *world) { w.Finish.ImageID = "ami-0123456789abcdef0" }, readyami.ErrInvalidInput, "ImageID"},
		{"nothing asked for", func(w *world) { w.Finish = &ami.FinishInput{} }, readyami.ErrInvalidInput, "nothing is asked for"},
		{"malformed account", func(w *world) { w.Finish.Share.Accounts = []string{"bob"} }, readyami.ErrInvalidInput, "bob"},
		{"a key of AWS", func(w *world) {
			w.Targets[1].Encrypted, w.Targets[1].UseRegionDefaultKey = true, true
		}, ami.ErrUnshareableKey, "us-east-1"},
		{"a Region that encrypts by default", func(w *world) {
			_, err := ec2.NewFromConfig(w.cloud.Config("us-east-1")).EnableEbsEncryptionByDefault(w.t.Context(), &ec2.EnableEbsEncryptionByDefaultInput{})
			require.NoError(w.t, err)
		}, ami.ErrUnshareableKey, "us-east-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Finish = &ami.FinishInput{Share: ami.Permissions{Accounts: []string{consumer}}}
				tt.spoil(w)
				w.cloud.ForgetCalls()

				_, err := w.deliver(t.Context())

				require.ErrorIs(t, err, tt.kind)
				assert.ErrorContains(t, err, tt.says)
				assert.Empty(t, w.cloud.Writes())
			})
		})
	}
}

func TestAnImageThatCannotBeFinishedIsNotRolledOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Finish = &ami.FinishInput{Protect: ami.ProtectWithCooldown}
		w.cloud.Inject(awstest.Refuse(awstest.Match{Operation: "EnableImageDeregistrationProtection", Region: "us-east-1"}, 1,
			"UnauthorizedOperation", "You are not authorized to perform this operation."))

		report, err := w.deliver(t.Context())

		require.ErrorContains(t, err, "UnauthorizedOperation")
		assert.Equal(t, readyami.Failed, report.Targets[1].Image.Outcome)
		assert.Equal(t, string(ec2types.ImageStateAvailable), report.Targets[1].Image.State)
		require.Len(t, report.Next, 1)
		assert.Contains(t, report.Next[0], "not all that it should be")
		assert.Equal(t, readyami.Delivered, report.Targets[2].Image.Outcome, "one that fails stops no other")
		assert.Zero(t, w.cloud.Count("StartInstanceRefresh"))

		_, err = w.deliver(t.Context())
		require.NoError(t, err)
		w.requireDelivered()
	})
}
