//go:build unix

package ami_test

import (
	"context"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
)

// endless answers that every image is pending, until it is told otherwise, and
// takes no time for it.
type endless struct {
	reads int
	until int // reads that show them pending
	out   map[string]types.Image
}

func (e *endless) DescribeImages(_ context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	e.reads++
	asked := in.ImageIds
	for _, f := range in.Filters {
		if *f.Name == "image-id" {
			asked = f.Values
		}
	}
	answer := &ec2.DescribeImagesOutput{Images: make([]types.Image, len(asked))}
	for i, id := range asked {
		img := e.out[id]
		if e.reads <= e.until {
			img.State = pending
		}
		answer.Images[i] = img
	}
	return answer, nil
}

func (e *endless) CopyImage(context.Context, *ec2.CopyImageInput, ...func(*ec2.Options)) (*ec2.CopyImageOutput, error) {
	return &ec2.CopyImageOutput{ImageId: new(id(0))}, nil
}

func (e *endless) DeregisterImage(context.Context, *ec2.DeregisterImageInput, ...func(*ec2.Options)) (*ec2.DeregisterImageOutput, error) {
	return &ec2.DeregisterImageOutput{}, nil
}

func always(all []string, until int) *endless {
	e := &endless{until: until, out: map[string]types.Image{}}
	for _, id := range all {
		e.out[id] = image(id, available)
	}
	return e
}

// processorTime is what the process has used, whatever else the machine does.
func processorTime() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// What a function adds to the calls that it makes: the calls themselves cost
// nothing here.
func BenchmarkOverhead(b *testing.B) {
	ctx := context.Background()
	api := always(ids(1), 0)
	here := func(o *ami.Options) { o.Region = "eu-west-1" }
	one := ids(1)
	for name, call := range map[string]func() error{
		"no function, one call": func() error {
			_, err := api.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: one})
			return err
		},
		"Get, one call":        func() error { _, err := ami.Get(ctx, api, id(0), here); return err },
		"Wait, one call":       func() error { _, err := ami.Wait(ctx, api, one, here); return err },
		"Deregister, one call": func() error { _, err := ami.Deregister(ctx, api, id(0), here); return err },
		"Find, one call": func() error {
			_, err := ami.Find(ctx, api, ami.Query{Owners: []string{ami.Self}, Name: "web *"}, here)
			return err
		},
		"Copy, four calls": func() error { _, err := ami.Copy(ctx, api, source, here); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := processorTime()
			for b.Loop() {
				if err := call(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// A tick of a wait for a thousand images: what it costs, and what it reads.
func BenchmarkWaitThousandTick(b *testing.B) {
	api := always(ids(1000), 1<<62)
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	often := func(o *ami.Options) { o.Region, o.Poll = "eu-west-1", ami.Schedule{Min: 1, Max: 1} }
	b.ReportAllocs()
	b.ResetTimer()
	counting := stopper{endless: api, stop: func() {
		if n++; n == 5*b.N {
			cancel()
		}
	}}
	_, _ = ami.Wait(ctx, counting, ids(1000), often)
	b.ReportMetric(float64(api.reads)/float64(b.N), "reads/op")
}

type stopper struct {
	*endless
	stop func()
}

func (s stopper) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, optFns ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	defer s.stop()
	return s.endless.DescribeImages(ctx, in, optFns...)
}

// What a wait holds for each image, beside what AWS says of it and with it.
func BenchmarkMemoryPerImage(b *testing.B) {
	const images = 10_000
	all := ids(images)
	for name, shown := range map[string]bool{"not visible yet": false, "as AWS describes it": true} {
		b.Run(name, func(b *testing.B) {
			api := always(nil, 0)
			if shown {
				api = always(all, 1<<62)
			}
			var held uint64
			for b.Loop() {
				held = heldBy(api, all, shown)
			}
			b.ReportMetric(float64(held)/images, "B/image")
		})
	}
}

// heldBy is the memory that a watch holds after its first tick.
func heldBy(api *endless, all []string, shown bool) uint64 {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	reads := 0
	measure := func() {
		if reads++; reads == 2*len(all)/200 { // the second tick: the first is over
			runtime.GC()
			runtime.ReadMemStats(&after)
			cancel()
		}
	}
	for range ami.Watch(ctx, measuring{api, measure, shown}, all, func(o *ami.Options) { o.Poll = ami.Schedule{Min: 1, Max: 1} }) {
	}
	return after.HeapAlloc - min(before.HeapAlloc, after.HeapAlloc)
}

type measuring struct {
	*endless
	measure func()
	shown   bool
}

func (m measuring) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, optFns ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	m.measure()
	if !m.shown {
		return &ec2.DescribeImagesOutput{}, nil
	}
	return m.endless.DescribeImages(ctx, in, optFns...)
}
