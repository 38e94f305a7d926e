//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/region"
)

// Deliver needs instance refreshes for groups, which moto does not have: here
// it delivers the images.
func TestDeliverTheImagesOnce(t *testing.T) {
	w := start(t)
	regions := []string{home, "us-east-1", "ap-south-1"}
	delivery := readyami.Delivery{
		Name: "MyReadyToUseAMI",
		Source: readyami.Source{Instance: &readyami.InstanceSource{
			Region: home, InstanceID: w.instance(home), Consistency: ami.Reboot,
		}},
	}
	delivery.Finish = &ami.FinishInput{Share: ami.Permissions{Accounts: []string{consumer}}}
	for _, r := range regions {
		delivery.Targets = append(delivery.Targets, readyami.Target{Region: r})
	}
	run := func() *readyami.Report {
		report, err := readyami.Deliver(t.Context(), region.OneAccount(w.Adapted(home)), delivery)
		require.NoError(t, err)
		return report
	}

	first := run()
	assert.Equal(t, readyami.Delivered, first.Outcome)
	for i, target := range first.Targets {
		read := w.readImage(regions[i], target.Image.ID)
		assert.Equal(t, "MyReadyToUseAMI", tagsOf(read.Tags)[ami.TagDelivery])
		assert.Equal(t, []string{consumer}, w.launchers(regions[i], target.Image.ID))
	}

	second := run()
	assert.Equal(t, readyami.Unchanged, second.Outcome)
	for i, target := range second.Targets {
		assert.Equal(t, first.Targets[i].Image.ID, target.Image.ID)
		assert.Equal(t, 1, w.images(regions[i]))
	}
}
