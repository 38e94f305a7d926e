//go:build emulator

package emulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest/conformance"
)

// unlikeAWS are the rules of AWS that moto does not keep. Where it has come to
// keep one, the test fails: take the name out.
var unlikeAWS = map[string]bool{
	"image/pending first":                 true,
	"image/source":                        true,
	"image/location":                      true,
	"image/root device":                   true,
	"image/tags of image and snapshots":   true,
	"image/new volume":                    true,
	"image/name twice":                    true,
	"image/name malformed":                true,
	"image/instance malformed":            true,
	"images/id malformed":                 true,
	"images/one id of two unknown":        true,
	"images/filter by source image":       true,
	"images/filter by creation date":      true,
	"images/filter by snapshot":           true,
	"images/filter by root device":        true,
	"images/filter unknown":               true,
	"register/of a snapshot":              true,
	"register/tags":                       true,
	"register/name twice":                 true,
	"snapshot/of two images":              true,
	"launch/unknown image":                true,
	"launch/disabled image":               true,
	"ancestry/of a copy":                  true,
	"references/of a template":            true,
	"copy/pending source":                 true,
	"copy/encryption stays":               true,
	"copy/source":                         true,
	"copy/same token":                     true,
	"copy/token with other parameters":    true,
	"copy/tags in the call":               true,
	"copy/tags of the source":             true,
	"copy/encrypted":                      true,
	"copy/key without encryption":         true,
	"copy/name twice":                     true,
	"sharing/reset":                       true,
	"sharing/pending image":               true,
	"sharing/unknown image":               true,
	"sharing/description":                 true,
	"lifecycle/deprecate":                 true,
	"lifecycle/deprecate in the past":     true,
	"lifecycle/disable":                   true,
	"lifecycle/protect":                   true,
	"lifecycle/deregister with snapshots": true,
	"template/same token":                 true,
	"template/unknown":                    true,
	"template/delete unknown":             true,
	"version/with a source":               true,
	"version/source unknown":              true,
	"version/same token":                  true,
	"version/delete":                      true,
	"version/delete in part":              true,
	"versions/pages":                      true,
	"versions/by image":                   true,
	"versions/id and name":                true,
}

func TestTheEmulatorConformsButForWhatIsKnown(t *testing.T) {
	w := start(t)
	env := conformance.Env{
		Home:       w.Config(home),
		Away:       w.Config("us-east-1"),
		InstanceID: w.instance(home),
		Pause:      10 * time.Millisecond,
	}
	known := 0
	for _, c := range conformance.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			err := c.Run(t.Context(), env)
			if !unlikeAWS[c.Name] {
				assert.NoError(t, err, c.Rule)
				return
			}
			known++
			assert.Error(t, err, "the emulator keeps this rule now")
		})
	}
	require.Equal(t, len(unlikeAWS), known, "a known difference names no rule")
}
