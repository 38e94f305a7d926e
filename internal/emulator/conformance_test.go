//go:build emulator

package emulator_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest/conformance"
)

// unlikeAWS are the rules of AWS that moto does not keep. Where it has come to
// keep one, the test fails: take the name out.
var unlikeAWS = map[string]bool{
	"image/pending first":                     true,
	"image/source":                            true,
	"image/location":                          true,
	"image/root device":                       true,
	"image/tags of image and snapshots":       true,
	"image/new volume":                        true,
	"image/name twice":                        true,
	"image/name malformed":                    true,
	"image/instance malformed":                true,
	"images/id malformed":                     true,
	"images/one id of two unknown":            true,
	"images/filter by source image":           true,
	"images/filter by creation date":          true,
	"images/filter by snapshot":               true,
	"images/filter by root device":            true,
	"images/filter unknown":                   true,
	"copy/source":                             true,
	"copy/same token":                         true,
	"copy/token with other parameters":        true,
	"copy/tags in the call":                   true,
	"copy/tags of the source":                 true,
	"copy/encrypted":                          true,
	"copy/key without encryption":             true,
	"copy/name twice":                         true,
	"sharing/reset":                           true,
	"sharing/pending image":                   true,
	"sharing/unknown image":                   true,
	"sharing/description":                     true,
	"lifecycle/deprecate":                     true,
	"lifecycle/deprecate in the past":         true,
	"lifecycle/disable":                       true,
	"lifecycle/protect":                       true,
	"lifecycle/deregister with snapshots":     true,
	"template/same token":                     true,
	"template/unknown":                        true,
	"template/delete unknown":                 true,
	"version/with a source":                   true,
	"version/source unknown":                  true,
	"version/same token":                      true,
	"version/delete":                          true,
	"version/delete in part":                  true,
	"versions/pages":                          true,
	"versions/by image":                       true,
	"versions/id and name":                    true,
	"group/defaults":                          true,
	"group/name twice":                        true,
	"group/name with a colon":                 true,
	"group/template unknown":                  true,
	"group/version unknown":                   true,
	"group/sizes":                             true,
	"group/capacity out of bounds":            true,
	"group/maintenance policy":                true,
	"group/suspend":                           true,
	"group/process unknown":                   true,
	"group/resolved version":                  true,
	"group/standby of what is not in service": true,
	"group/delete in use":                     true,
	"group/warm pool":                         true,
}

func TestTheEmulatorConformsButForWhatIsKnown(t *testing.T) {
	conforms(t, start(t), unlikeAWS, func(name string) bool { return !strings.HasPrefix(name, "refresh/") })
}

// unlikeAWSInRefreshes are the rules of refreshes that ministack does not keep.
var unlikeAWSInRefreshes = map[string]bool{
	"refresh/defaults":                  true,
	"refresh/maximum alone":             true,
	"refresh/percentages too far apart": true,
	"refresh/checkpoints":               true,
	"refresh/delay without checkpoints": true,
	"refresh/version unknown":           true,
	"refresh/auto rollback to nothing":  true,
	"refresh/one at a time":             true,
	"refresh/locks the template":        true,
	"refresh/blocks a warm pool":        true,
	"refresh/success":                   true,
	"refresh/cancel":                    true,
	"refresh/roll back":                 true,
	"refresh/roll back none":            true,
	"refresh/irreversible":              true,
}

// moto has no refreshes, and ministack nearly nothing else.
func TestMinistackRefreshesButForWhatIsKnown(t *testing.T) {
	conforms(t, startMinistack(t), unlikeAWSInRefreshes, func(name string) bool { return strings.HasPrefix(name, "refresh/") })
}

// conforms checks the rules whose names are of interest. One that is waited for
// longer than a moment is not kept.
func conforms(t *testing.T, w world, unlike map[string]bool, of func(name string) bool) {
	env := conformance.Env{
		Home:       w.Config(home),
		Away:       w.Config("us-east-1"),
		InstanceID: w.instance(home),
		Pause:      10 * time.Millisecond,
	}
	known := 0
	for _, c := range conformance.Cases() {
		if !of(c.Name) {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err := c.Run(ctx, env)
			if !unlike[c.Name] {
				assert.NoError(t, err, c.Rule)
				return
			}
			known++
			assert.Error(t, err, "the emulator keeps this rule now")
		})
	}
	require.Equal(t, len(unlike), known, "a known difference names no rule")
}
