package awstest

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Calls at random of every operation, by two accounts in two Regions, at times
// that go by at random: what always holds on AWS holds after each of them, and
// every refusal is one of AWS's.
func TestInvariantsHold(t *testing.T) {
	succeeded := map[string]int{}
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			cloud := New(WithTiming([]Timing{Realistic, SeenOnce, Instant}[seed%3]), WithSeed(seed))
			d := newDriver(cloud, r, "r")
			d.stray = true
			for range 1500 {
				o := d.step(t.Context())
				if o.err == nil {
					succeeded[o.op]++
				}
				require.Empty(t, asAWS(o.err), "seed %d: %s", seed, o.op)
				require.Empty(t, cloud.broken(), "seed %d: after %s of %+v", seed, o.op, o.in)
				time.Sleep(time.Duration(r.IntN(300)) * time.Second / 10)
			}
		})
	}
	require.Empty(t, neverSucceeded(succeeded), "these show nothing: give them an input in plausible")
}
