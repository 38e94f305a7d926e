package awstest

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// Rate is a token bucket: so many at once, and so many a second after that. The
// zero Rate is no limit.
type Rate struct {
	Capacity  int
	PerSecond float64
}

// Rates are the request rates that AWS allows each account in each Region.
type Rates struct {
	// EC2Reads is the bucket of each Describe, Get and List of EC2, and
	// EC2Writes that of every other call. Each operation has a bucket of its own.
	EC2Reads, EC2Writes Rate
	// EC2BareReads takes the place of EC2Reads for a call of the operations in
	// BareOperations that has neither a filter nor a page size. It is a bucket of
	// its own.
	EC2BareReads   Rate
	BareOperations []string
	// EC2Operations are the operations with other figures, by name.
	EC2Operations map[string]Rate
	// EC2Instances limits, besides the calls, the instances that the calls of an
	// operation are about.
	EC2Instances map[string]Rate
	// AutoScaling is one bucket for all calls of Amazon EC2 Auto Scaling.
	AutoScaling Rate
}

// AWSRates are the rates that EC2 documents. Those of Auto Scaling AWS does not
// publish: it says that one limit is shared by all calls, and 20 at once and 10
// a second are an assumption.
//
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
func AWSRates() Rates {
	versions := Rate{100, 5}
	return Rates{
		EC2Reads:     Rate{100, 20},
		EC2BareReads: Rate{50, 10},
		EC2Writes:    Rate{50, 5},
		BareOperations: []string{"DescribeInstances", "DescribeInstanceStatus", "DescribeNetworkInterfaces",
			"DescribeSecurityGroups", "DescribeSnapshots", "DescribeSpotInstanceRequests", "DescribeVolumes"},
		EC2Operations: map[string]Rate{
			"CopyImage":                     {100, 1},
			"CreateLaunchTemplateVersion":   versions,
			"CreateRestoreImageTask":        {50, 0.1},
			"CreateSnapshot":                versions,
			"CreateSnapshots":               versions,
			"CreateStoreImageTask":          {50, 0.1},
			"CreateTags":                    {100, 10},
			"DeleteSnapshot":                versions,
			"DeleteTags":                    {100, 10},
			"DeregisterImage":               versions,
			"DescribeStoreImageTasks":       {50, 0.5},
			"DisableFastLaunch":             {5, 2},
			"DisableImageBlockPublicAccess": {1, 0.1},
			"EnableFastLaunch":              {5, 2},
			"EnableImageBlockPublicAccess":  {1, 0.1},
			"ModifyImageAttribute":          versions,
			"ModifyLaunchTemplate":          versions,
			"ModifySnapshotAttribute":       versions,
			"RunInstances":                  {5, 2},
			"StartInstances":                {5, 2},
			"TerminateInstances":            versions,
		},
		EC2Instances: map[string]Rate{
			"RunInstances":       {1000, 2},
			"TerminateInstances": {1000, 20},
		},
		AutoScaling: Rate{20, 10},
	}
}

// LimitRates throttles as AWS does: a call that finds its bucket empty answers
// RequestLimitExceeded (EC2) or Throttling (Auto Scaling), and takes nothing out
// of it. Buckets are full at first, and fill on the cloud's clock.
//
// Put it before other faults to have it see every call, or behind them.
func LimitRates(r Rates) Fault {
	r.BareOperations = slices.Clone(r.BareOperations)
	r.EC2Operations, r.EC2Instances = maps.Clone(r.EC2Operations), maps.Clone(r.EC2Instances)
	var mu sync.Mutex
	buckets := map[bucketKey]*bucket{}
	return func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error) {
		mu.Lock()
		ok := true
		for _, d := range r.draws(call) {
			if d.rate == (Rate{}) {
				continue
			}
			d.key.account, d.key.region = call.Account, call.Region
			b := buckets[d.key]
			if b == nil {
				b = &bucket{tokens: float64(d.rate.Capacity), at: call.At}
				buckets[d.key] = b
			}
			if ok = b.take(d.rate, d.tokens, call.At); !ok {
				break
			}
		}
		mu.Unlock()
		if !ok {
			return nil, throttled(call)
		}
		return next(ctx)
	}
}

// draw is what a call takes out of one bucket.
type draw struct {
	key    bucketKey
	rate   Rate
	tokens int
}

type bucketKey struct{ account, region, name string }

// draws lists the buckets of a call.
func (r Rates) draws(call *Call) []draw {
	op := call.Operation
	switch call.Service {
	case "Auto Scaling":
		return []draw{{bucketKey{name: call.Service}, r.AutoScaling, 1}}
	case "EC2":
	default:
		return nil
	}
	d := draw{bucketKey{name: op}, r.EC2Writes, 1}
	if own, ok := r.EC2Operations[op]; ok {
		d.rate = own
	} else if slices.Contains(r.BareOperations, op) && isBare(call.Input) {
		d.rate, d.key.name = r.EC2BareReads, op+"/bare"
	} else if !isWrite(op) {
		d.rate = r.EC2Reads
	}
	out := []draw{d}
	if rate, ok := r.EC2Instances[op]; ok {
		out = append(out, draw{bucketKey{name: op + "/instances"}, rate, instancesOf(call.Input)})
	}
	return out
}

// isBare is true of a read with neither a filter nor a page size.
func isBare(in any) bool {
	v := reflect.ValueOf(in)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return true
	}
	for _, name := range []string{"Filters", "MaxResults", "NextToken"} {
		if f := v.Elem().FieldByName(name); f.IsValid() && !f.IsZero() {
			return false
		}
	}
	return true
}

// instancesOf is how many instances a call is about.
func instancesOf(in any) int {
	switch in := in.(type) {
	case *ec2.RunInstancesInput:
		return int(aws.ToInt32(in.MaxCount))
	case *ec2.StartInstancesInput:
		return len(in.InstanceIds)
	case *ec2.StopInstancesInput:
		return len(in.InstanceIds)
	case *ec2.TerminateInstancesInput:
		return len(in.InstanceIds)
	}
	return 1
}

// bucket is one token bucket.
type bucket struct {
	tokens float64
	at     time.Time // as of when
}

// take takes n tokens, or none when there are not as many.
func (b *bucket) take(r Rate, n int, now time.Time) bool {
	if now.After(b.at) {
		b.tokens = min(float64(r.Capacity), b.tokens+now.Sub(b.at).Seconds()*r.PerSecond)
		b.at = now
	}
	if b.tokens < float64(n) {
		return false
	}
	b.tokens -= float64(n)
	return true
}
