package readyami_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/plan"
)

func TestDeliverFinishesTheImageOfEveryTarget(t *testing.T) {
	play(t, "finished", func(t *testing.T, w *world) {
		at := w.Attributes.DeprecateAt

		report, err := w.act()

		require.NoError(t, err)
		w.requireDelivered()
		for _, in := range threeRegions {
			told := imageIn(t, report, in).Image
			seen := ec2.NewFromConfig(w.cloud.Account(consumer).Config(in))
			out, err := seen.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{told.ID}})
			require.NoError(t, err, in)
			require.Len(t, out.Images, 1, "%s: shared", in)
			image := w.named(in, "web-2")[0]
			assert.Equal(t, "gold", ami.Tag(image.Tags, "tier"))
			assert.Equal(t, string(ami.ProtectWithoutCooldown), *image.DeregistrationProtection)
			assert.Equal(t, []string{consumer}, told.SharedWith)
			assert.Equal(t, *image.DeprecationTime, told.DeprecateAt)
			assert.Contains(t, told.DeprecateAt, at.Format("2006-01-02T15:04"))
			assert.NotEmpty(t, told.Warnings, "who loses sight of it")
			w.requireBefore("ModifyImageAttribute", "StartInstanceRefresh", in)
		}

		report, err = w.act()
		require.NoError(t, err)
		w.requireAtRest(report)
		assert.Equal(t, []string{consumer}, imageIn(t, report, "ap-southeast-2").Image.SharedWith, "it tells what stands")
	})
}

// requireBefore checks that the last call of one operation came before the first
// of another, in all Regions together or in one.
func (w *world) requireBefore(first, then string, in ...string) {
	w.t.Helper()
	last, start := -1, -1
	for i, c := range w.cloud.Calls() {
		if len(in) > 0 && c.Region != in[0] {
			continue
		}
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

// The groups of the other Regions do not wait for it, unless they are in a later wave.
func TestAnImageThatCannotBeFinishedIsNotRolledOut(t *testing.T) {
	play(t, "finish-refused", func(t *testing.T, w *world) {
		report, err := w.act()

		require.ErrorContains(t, err, "UnauthorizedOperation")
		assert.Equal(t, plan.OutcomeStopped, report.Outcome)
		refused := stepIn(t, report, plan.StepImageAttributes, "us-east-1")
		assert.Equal(t, plan.StateWaiting, refused.State)
		require.NotNil(t, refused.Error)
		assert.Contains(t, refused.Error.Message, "UnauthorizedOperation")
		assert.Equal(t, string(ec2types.ImageStateAvailable), imageIn(t, report, "us-east-1").Image.State)
		assert.Equal(t, plan.StateSucceeded, stepIn(t, report, plan.StepImageAttributes, "ap-southeast-2").State, "one that fails stops no other")
		assert.Empty(t, w.cloud.Region("us-east-1").Refreshes("web"))

		_, err = w.act()
		require.NoError(t, err)
		w.requireDelivered()
	})
}
