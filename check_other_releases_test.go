package readyami_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

func TestCheckOtherReleases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "base", Tags: map[string]string{ami.TagRejected: "web-1"}})
		w.Source = plan.Source{Image: &plan.ImageSource{Region: "eu-west-1", ImageID: id}}
		assert.Equal(t, []plan.Finding{{
			Code: "readyami.Rejected", Severity: plan.SeverityBlocker, Account: awstest.DefaultAccount, Region: "eu-west-1", Resource: id,
			Detail: `the release "web-1" was rolled back from this image`,
		}}, w.findings("readyami.Rejected"))
	})
}
