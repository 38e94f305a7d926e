//go:build emulator

package emulator_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest/conformance"
	"github.com/readyami/readyami/internal/emulator"
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
	"version/delete the default":              true,
	"versions/pages":                          true,
	"versions/by image":                       true,
	"versions/id and name":                    true,
	"register/of a snapshot":                  true,
	"register/tags":                           true,
	"register/name twice":                     true,
	"snapshot/of two images":                  true,
	"launch/unknown image":                    true,
	"launch/disabled image":                   true,
	"ancestry/of a copy":                      true,
	"references/of a template":                true,
	"copy/pending source":                     true,
	"copy/encryption stays":                   true,
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
	"refresh/unknown group":                   true,
	"refresh/defaults":                        true,
	"refresh/maximum alone":                   true,
	"refresh/percentages too far apart":       true,
	"refresh/checkpoints":                     true,
	"refresh/delay without checkpoints":       true,
	"refresh/version unknown":                 true,
	"refresh/auto rollback to nothing":        true,
	"refresh/one at a time":                   true,
	"refresh/locks the template":              true,
	"refresh/blocks a warm pool":              true,
	"refresh/success":                         true,
	"refresh/skip matching":                   true,
	"refresh/newest first":                    true,
	"refresh/cancel":                          true,
	"refresh/cancel none":                     true,
	"refresh/roll back":                       true,
	"refresh/roll back none":                  true,
	"refresh/irreversible":                    true,
}

// ministackUnlikeAWS are those about groups and refreshes that ministack does
// not keep.
var ministackUnlikeAWS = map[string]bool{
	"group/defaults":                          true,
	"group/name with a colon":                 true,
	"group/no source":                         true,
	"group/template unknown":                  true,
	"group/version unknown":                   true,
	"group/sizes":                             true,
	"group/filter by tag":                     true,
	"group/update the version":                true,
	"group/capacity out of bounds":            true,
	"group/maintenance policy":                true,
	"group/suspend":                           true,
	"group/process unknown":                   true,
	"group/resolved version":                  true,
	"group/standby":                           true,
	"group/standby of what is not in service": true,
	"group/delete in use":                     true,
	"group/warm pool":                         true,
	"refresh/defaults":                        true,
	"refresh/maximum alone":                   true,
	"refresh/percentages too far apart":       true,
	"refresh/checkpoints":                     true,
	"refresh/delay without checkpoints":       true,
	"refresh/version unknown":                 true,
	"refresh/auto rollback to nothing":        true,
	"refresh/one at a time":                   true,
	"refresh/locks the template":              true,
	"refresh/blocks a warm pool":              true,
	"refresh/success":                         true,
	"refresh/cancel":                          true,
	"refresh/roll back":                       true,
	"refresh/roll back none":                  true,
	"refresh/irreversible":                    true,
}

func TestTheEmulatorConformsButForWhatIsKnown(t *testing.T) {
	conforms(t, emulator.Moto, conformance.Cases(), unlikeAWS)
}

func TestMinistackConformsButForWhatIsKnown(t *testing.T) {
	var cases []conformance.Case
	for _, c := range conformance.Cases() {
		if subject, _, _ := strings.Cut(c.Name, "/"); subject == "group" || subject == "refresh" {
			cases = append(cases, c)
		}
	}
	conforms(t, emulator.Ministack, cases, ministackUnlikeAWS)
}

func conforms(t *testing.T, e emulator.Emulator, cases []conformance.Case, unlike map[string]bool) {
	w := startOn(t, e)
	config := func(region string) aws.Config {
		cfg := w.Config(region)
		cfg.RetryMaxAttempts = 1 // what is not there answers 500
		return cfg
	}
	env := conformance.Env{
		Home:       config(home),
		Away:       config("us-east-1"),
		InstanceID: w.instance(home),
		Pause:      10 * time.Millisecond,
	}
	known := 0
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			patience := 30 * time.Second
			if unlike[c.Name] { // it may wait for what never comes
				patience = 5 * time.Second
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
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
