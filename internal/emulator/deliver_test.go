//go:build emulator

package emulator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// A delivery needs instance refreshes for groups, which moto does not have: here it
// delivers the images.
func TestDeliverTheImagesOnce(t *testing.T) {
	w := start(t)
	regions := []string{home, "us-east-1", "ap-south-1"}
	delivery := plan.Delivery{
		Name: "MyReadyToUseAMI",
		Source: plan.Source{Instance: &plan.InstanceSource{
			Region: home, InstanceID: w.instance(home), Reboot: plan.Reboot,
		}},
		Attributes: &plan.Attributes{Share: plan.Permissions{Accounts: []string{consumer}}},
	}
	for _, r := range regions {
		delivery.Targets = append(delivery.Targets, plan.Target{Region: r})
	}
	client := readyami.New(region.OneAccount(w.Adapted(home)))
	run := func() (*plan.Report, map[string]string) {
		report, err := client.Deliver(t.Context(), delivery)
		require.NoError(t, err)
		assert.Equal(t, plan.OutcomeDelivered, report.Outcome)
		return report, imagesOf(report)
	}

	_, first := run()
	for _, r := range regions {
		read := w.readImage(r, first[r])
		assert.Equal(t, "MyReadyToUseAMI", tagsOf(read.Tags)[ami.TagDelivery])
		assert.Equal(t, []string{consumer}, w.launchers(r, first[r]))
	}

	report, second := run()
	assert.Empty(t, report.Wrote)
	assert.Equal(t, first, second)
	for _, r := range regions {
		assert.Equal(t, 1, w.images(r))
	}
}

// imagesOf are the images of a report, by Region.
func imagesOf(report *plan.Report) map[string]string {
	images := map[string]string{}
	for _, s := range report.Plan.Steps() {
		if res, found := report.Result(s.ID); found && res.Image != nil {
			images[report.Plan.Places[s.Place].Region] = res.Image.ID
		}
	}
	return images
}
