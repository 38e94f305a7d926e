package readyami_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
)

func TestDeliverFinishesTheImageOfEveryTarget(t *testing.T) {
	play(t, "finished", func(t *testing.T, w *world) {
		at := w.Finish.DeprecateAt

		report, err := w.act()

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

		report, err = w.act()
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

func TestAnImageThatCannotBeFinishedIsNotRolledOut(t *testing.T) {
	play(t, "finish-refused", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorContains(t, err, "UnauthorizedOperation")
		assert.Equal(t, readyami.Failed, report.Targets[1].Image.Outcome)
		assert.Equal(t, string(ec2types.ImageStateAvailable), report.Targets[1].Image.State)
		require.Len(t, report.Next, 1)
		assert.Contains(t, report.Next[0], "not all that it should be")
		assert.Equal(t, readyami.Delivered, report.Targets[2].Image.Outcome, "one that fails stops no other")
		assert.Zero(t, w.cloud.Count("StartInstanceRefresh"))

		_, err = w.act()
		require.NoError(t, err)
		w.requireDelivered()
	})
}
