package readyami_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// A copy that AWS would accept and fail hours later is found before the first write.
func TestCheckCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		assert.Empty(t, w.findings("region.KeyUnusable"))
		w.Targets[1].Encrypted, w.Targets[1].KMSKeyID = true, "alias/none"
		found := w.findings("region.KeyUnusable")
		require.Len(t, found, 1)
		assert.Equal(t, plan.SeverityBlocker, found[0].Severity)
		assert.Equal(t, "us-east-1", found[0].Region)

		w.cloud.Region("us-east-1").Key(awstest.KeySeed{Alias: "alias/none"})
		assert.Empty(t, w.findings("region.KeyUnusable"))
	})
}

// The copies of an encrypted image need keys, whether they are asked for or not.
func TestCheckCopyOfAnEncryptedImage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		home := w.cloud.Region("eu-west-1")
		w.Source = plan.Source{Image: &plan.ImageSource{Region: "eu-west-1", ImageID: home.OwnImage(awstest.ImageSeed{Name: "web-2", Encrypted: true})}}
		w.Targets = w.Targets[:2]
		found := w.findings("InvalidInput")
		require.Len(t, found, 1)
		assert.Equal(t, "us-east-1", found[0].Region)
		assert.Contains(t, found[0].Detail, "KMSKeyID")
	})
}
