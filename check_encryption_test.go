package readyami_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

func (w *world) encryptByDefault(in string) {
	w.t.Helper()
	_, err := ec2.NewFromConfig(w.cloud.Config(in)).EnableEbsEncryptionByDefault(w.t.Context(), nil)
	require.NoError(w.t, err)
	w.cloud.ForgetCalls()
}

func TestCheckEncryption(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world)
		warns  bool
	}{
		"the Region encrypts by default": {func(w *world) { w.encryptByDefault("us-east-1") }, true},
		"it does not":                    {func(*world) {}, false},
		"nothing is copied to it":        {func(w *world) { w.encryptByDefault("eu-west-1") }, false},
		"the target asks for encryption": {func(w *world) {
			w.encryptByDefault("us-east-1")
			w.Targets[1].Encrypted, w.Targets[1].UseRegionDefaultKey = true, true
		}, false},
		"the source is encrypted": {func(w *world) {
			w.encryptByDefault("us-east-1")
			id := w.cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "base", Encrypted: true})
			w.Source = plan.Source{Image: &plan.ImageSource{Region: "eu-west-1", ImageID: id}}
		}, false},
		"AWS does not let us ask": {func(w *world) {
			w.encryptByDefault("us-east-1")
			w.inject(awstest.Deny(awstest.Match{Operation: "GetEbsEncryptionByDefault"}))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				c.change(w)
				found := w.findings(readyami.FindingEncryptedByDefault)
				if !c.warns {
					assert.Empty(t, found)
					return
				}
				assert.Equal(t, []plan.Finding{{
					Code: "readyami.EncryptedByDefault", Severity: plan.SeverityWarning,
					Account: awstest.DefaultAccount, Region: "us-east-1", Resource: "web-2",
					Detail: "the target does not ask for encryption, but the copy will be encrypted: encryption by default is on in us-east-1",
					Hint:   "set Encrypted and a KMS key of the target, or turn encryption by default off",
				}}, found)
			})
		})
	}
}

// The copy that stands already is as it is.
func TestCheckEncryptionAsksOnlyBeforeTheCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, err := w.deliver(t.Context())
		require.NoError(t, err)
		w.encryptByDefault("us-east-1")
		assert.Empty(t, w.findings(readyami.FindingEncryptedByDefault))
		assert.Zero(t, w.cloud.Count("GetEbsEncryptionByDefault"))
	})
}
