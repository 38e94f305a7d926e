package readyami_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

func TestCheckShareable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Attributes = &plan.Attributes{Share: plan.Permissions{Accounts: []string{consumer}}}
		assert.Empty(t, w.findings("ami.UnshareableKey"))
		w.Targets[1].Encrypted, w.Targets[1].UseRegionDefaultKey = true, true
		found := w.findings("ami.UnshareableKey")
		require.Len(t, found, 1)
		assert.Equal(t, plan.SeverityBlocker, found[0].Severity)
		assert.Regexp(t, `^encrypted with a key of AWS, which cannot be shared \[arn:aws:kms:us-east-1:`, found[0].Detail)
		assert.Equal(t, awstest.DefaultAccount+" us-east-1", found[0].Account+" "+found[0].Region)
	})
}
