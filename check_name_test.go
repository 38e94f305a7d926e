package readyami_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

func TestCheckName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.cloud.Region("us-east-1").OwnImage(awstest.ImageSeed{Name: "web-2"})
		assert.Equal(t, []plan.Finding{{
			Code: "ami.NameTaken", Severity: plan.SeverityBlocker, Account: awstest.DefaultAccount, Region: "us-east-1", Resource: id,
			Detail: `an image named "web-2" exists, is available, and is not of this release`, Hint: "choose another name",
		}}, w.findings("ami.NameTaken"))
	})
}

func TestCheckNameKnowsItsOwnImages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, err := w.deliver(t.Context())
		require.NoError(t, err)
		w.cloud.ForgetCalls()
		assert.Empty(t, w.findings("ami.NameTaken"))
	})
}
