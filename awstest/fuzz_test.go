package awstest

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"
)

// FuzzCalls makes calls in an order, with inputs, times and faults that the
// bytes say: none may panic, every refusal is one of AWS's, and what always holds
// on AWS holds after each.
//
//	go test -run '^$' -fuzz FuzzCalls -fuzztime 60s ./awstest
func FuzzCalls(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("crash, lose, throttle and deny; then go on"))
	for seed := range uint64(4) {
		data := make([]byte, 400)
		r := rand.New(rand.NewPCG(seed, 4))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := rand.New(&choices{data: data})
		crash, restart := CrashAtWrite(1+r.IntN(30), r.IntN(2) == 0)
		timing := []Timing{Instant, SeenOnce, Realistic}[r.IntN(3)]
		timing.Call = 0 // no bubble here: time goes on by Advance
		cloud := New(
			WithTiming(timing),
			WithPageSize(r.IntN(4)),
			WithQuotas([]Quotas{{}, AWSQuotas, {Images: 4, ImageCopies: 1, Snapshots: 9, SnapshotCopies: 1, Templates: 2, TemplateVersions: 2}}[r.IntN(3)]),
			WithConsistency(Consistency{UnseenReads: r.IntN(3), BareReads: r.IntN(3), NameTaken: time.Duration(r.IntN(3)) * time.Minute, EmptyPages: r.IntN(3) == 0}),
		)
		d := newDriver(cloud, r, "f")
		d.stray = true
		any := func() Match {
			return Match{Operation: registry[d.types[r.IntN(len(d.types))]].name}
		}
		for range r.IntN(3) {
			cloud.Inject([]func() Fault{
				func() Fault { return crash },
				func() Fault { return Throttle(Match{}, 2+r.IntN(3)) },
				func() Fault { return LimitRates(AWSRates()) },
				func() Fault { return LoseResponse(any()) },
				func() Fault { return LoseResponseForGood(any()) },
				func() Fault { return Deny(any()) },
				func() Fault { return ExpireCredentials(any(), 2) },
				func() Fault { return Refuse(any(), 0, "InternalError", "An internal error has occurred") },
				func() Fault { return Delay(any(), time.Duration(r.IntN(100))*time.Microsecond) },
			}[r.IntN(9)]())
		}
		if r.IntN(4) == 0 {
			cloud.FailImages(ImageMatch{}, "Client.InternalError", "no")
		}
		if r.IntN(4) == 0 {
			cloud.NeverHealthy(ImageMatch{})
		}
		if r.IntN(4) == 0 {
			some := func() time.Duration { return time.Duration(r.IntN(3)*r.IntN(1200)) * time.Second }
			cloud.Behave(ImageMatch{}, Behavior{
				NeverStarts: r.IntN(4) == 0, Boot: some(), FailsAfter: some(), Flaps: some(), Application: r.IntN(2) == 0,
			})
		}
		if r.IntN(4) == 0 {
			for _, account := range d.accounts {
				cloud.Account(account).Region("eu-west-1").LackCapacity("t3.micro", "m5.large")
			}
		}
		for range min(len(data)/6, 60) {
			o := d.step(context.Background())
			if why := asAWS(o.err); why != "" {
				t.Fatalf("%s: %s", o.op, why)
			}
			if why := cloud.broken(); why != "" {
				t.Fatalf("after %s of %+v: %s", o.op, o.in, why)
			}
			if r.IntN(3) == 0 {
				cloud.Advance(time.Duration(r.IntN(3600)) * time.Second)
			}
			if r.IntN(20) == 0 {
				restart()
			}
		}
		cloud.Leaks()
	})
}

// choices is a source of numbers that the bytes of a fuzz input decide on, one
// byte a number.
type choices struct {
	data []byte
	n    uint64
}

func (c *choices) Uint64() uint64 {
	c.n++
	if len(c.data) == 0 {
		return mix(c.n * 0x9e3779b97f4a7c15)
	}
	b := c.data[0]
	c.data = c.data[1:]
	return mix((uint64(b) + 1) * 0x9e3779b97f4a7c15)
}
