package awstest

import (
	"hash/fnv"
	"time"
)

// Timing says how long things take on a [Cloud]. A zero duration is over by
// the first call that comes after.
type Timing struct {
	// SeenOnce ignores the durations: each transition happens as soon as one
	// answer has shown the state before it.
	SeenOnce bool
	// Jitter spreads every duration by up to this fraction of it to both
	// sides, drawn from the cloud's seed and the id of the thing.
	Jitter float64
	// Call is how long each call takes at least; it is slept by the caller's
	// goroutine, in no lock.
	Call time.Duration

	Image        time.Duration // CreateImage until available
	ImageCopy    time.Duration // CopyImage until available
	Register     time.Duration // RegisterImage until available
	Snapshot     time.Duration // CreateSnapshot until completed
	SnapshotCopy time.Duration // CopySnapshot until completed, unless a shorter duration was asked for
	UsageReport  time.Duration // CreateImageUsageReport until available
	// FastRestoreChange is how long fast snapshot restore is enabling, and how long
	// it is disabling.
	FastRestoreChange time.Duration
	// FastRestorePerTiB is how long fast snapshot restore is optimizing for each
	// TiB of the snapshot. AWS: one hour.
	FastRestorePerTiB time.Duration
	StoreImage        time.Duration // CreateStoreImageTask until completed
	RestoreImage      time.Duration // CreateRestoreImageTask until available
	// Listed is how long a deregistered image still stands in lists, in that
	// state.
	Listed time.Duration
	// Linger is how long a deregistered image is still known by id: reads by
	// id answer an empty list, before they answer that it does not exist. That
	// they do not before the last instance of it is terminated.
	Linger time.Duration
	// Volume is how long CreateVolume takes until available, AttachVolume until
	// attached and DetachVolume until available.
	Volume        time.Duration
	InstanceStart time.Duration // pending until running
	InstanceStop  time.Duration // stopping until stopped, shutting-down until terminated
	// ParameterCheck is how long PutParameter's check of an image id takes.
	ParameterCheck time.Duration
	HealthCheck    time.Duration // running until a group's first health check has passed, or failed
	RefreshStart   time.Duration // an instance refresh's Pending until InProgress
	// RefreshStall is how long a refresh that makes no progress goes on before
	// it fails. AWS: one hour. Zero fails at the first replacement that does
	// not become healthy.
	RefreshStall time.Duration
	// RegionOptIn is how long [Account.EnableRegion] takes until the Region
	// answers. AWS: minutes, for some accounts hours.
	RegionOptIn time.Duration
	// PublicAccess is how long a change of block public access for images takes
	// until it counts. AWS: up to ten minutes.
	PublicAccess time.Duration
	// Retry is the pause of a group after a launch that failed: there was no
	// instance, or it never came to pass a health check. Zero takes one minute: at
	// no pause at all a group whose image is bad would launch for ever in one
	// instant. What has been healthy is replaced at once.
	Retry time.Duration
}

var (
	// Instant has everything done by the first read that follows: for Examples
	// and for tests without a bubble.
	Instant = Timing{}

	// SeenOnce shows every state in between exactly once.
	SeenOnce = Timing{SeenOnce: true}

	// Realistic has AWS's usual minutes, spread by a tenth and at least a
	// millisecond a call: for testing/synctest bubbles.
	Realistic = Timing{
		Jitter:       0.1,
		Call:         time.Millisecond,
		Image:        5 * time.Minute,
		ImageCopy:    7 * time.Minute,
		Register:     5 * time.Second,
		Snapshot:     3 * time.Minute,
		SnapshotCopy: 5 * time.Minute,
		UsageReport:  10 * time.Minute,

		FastRestoreChange: 15 * time.Second,
		FastRestorePerTiB: time.Hour,
		StoreImage:        10 * time.Minute,
		RestoreImage:      8 * time.Minute,

		Linger:         time.Minute,
		Volume:         3 * time.Second,
		InstanceStart:  25 * time.Second,
		InstanceStop:   30 * time.Second,
		HealthCheck:    20 * time.Second,
		RefreshStart:   5 * time.Second,
		RefreshStall:   time.Hour,
		RegionOptIn:    5 * time.Minute,
		PublicAccess:   10 * time.Minute,
		ParameterCheck: 30 * time.Second,
		Retry:          time.Minute,
	}
)

// jitter spreads d for the thing named key. The result depends on nothing but
// the seed, the key and d, so that calls may interleave in any order.
func (c *Cloud) jitter(d time.Duration, key string) time.Duration {
	if c.timing.Jitter == 0 || d == 0 {
		return d
	}
	h := fnv.New64a()
	var seed [8]byte
	for i := range seed {
		seed[i] = byte(c.seed >> (8 * i))
	}
	_, _ = h.Write(seed[:])
	_, _ = h.Write([]byte(key))
	unit := float64(mix(h.Sum64())>>11) / (1 << 53) // [0, 1)
	return d + time.Duration((2*unit-1)*c.timing.Jitter*float64(d))
}

// mix spreads the bits of a hash (splitmix64's finalizer): fnv alone leaves
// near keys near.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
