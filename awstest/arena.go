package awstest

import (
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// arena holds what the pointers and slices of one answer point to: an image
// alone has some thirty of them, and one allocation each would be most of a
// call's time. Each place is handed out once, so that answers share nothing.
type arena struct {
	strings []string
	bools   []bool
	numbers []int32
	tags    []ec2types.Tag
	devices []ec2types.BlockDeviceMapping
	volumes []ec2types.EbsBlockDevice
	// The first ones are here: most answers show one thing.
	firstStrings [18]string
	firstBools   [8]bool
	firstNumbers [4]int32
	firstTags    [4]ec2types.Tag
	firstDevices [1]ec2types.BlockDeviceMapping
	firstVolumes [1]ec2types.EbsBlockDevice
}

func newArena() *arena {
	a := &arena{}
	a.open()
	return a
}

// open makes the first places ready.
func (a *arena) open() {
	a.strings, a.bools, a.numbers = a.firstStrings[:0], a.firstBools[:0], a.firstNumbers[:0]
	a.tags, a.devices, a.volumes = a.firstTags[:0], a.firstDevices[:0], a.firstVolumes[:0]
}

// expect makes room for images with so many tags and devices in all, for most
// of what they can have.
func (a *arena) expect(images, tags, devices int) {
	a.strings = make([]string, 0, 11*images+2*tags+2*devices)
	a.bools = make([]bool, 0, 2*images+2*devices)
	a.numbers = make([]int32, 0, 3*devices)
	a.tags = make([]ec2types.Tag, 0, tags)
	a.devices = make([]ec2types.BlockDeviceMapping, 0, devices)
	a.volumes = make([]ec2types.EbsBlockDevice, 0, devices)
}

const (
	arenaChunk = 64
	arenaMost  = 1024
)

// put stores a value behind those that are there already, which do not move.
func put[T any](chunk *[]T, v T) *T {
	one := room(chunk, 1)
	one[0] = v
	return &one[0]
}

// room is n new places in one piece, with nothing behind them to append over.
func room[T any](chunk *[]T, n int) []T {
	have := len(*chunk)
	if cap(*chunk)-have < n {
		*chunk = make([]T, 0, max(n, min(max(arenaChunk, 2*cap(*chunk)), arenaMost)))
		have = 0
	}
	*chunk = (*chunk)[:have+n]
	return (*chunk)[have : have+n : have+n]
}

func (a *arena) text(s string) *string { return put(&a.strings, s) }
func (a *arena) flag(b bool) *bool     { return put(&a.bools, b) }
func (a *arena) number(n int32) *int32 { return put(&a.numbers, n) }

// someText is nil for the empty string.
func (a *arena) someText(s string) *string {
	if s == "" {
		return nil
	}
	return a.text(s)
}

// someNumber is nil for zero.
func (a *arena) someNumber(n int32) *int32 {
	if n == 0 {
		return nil
	}
	return a.number(n)
}
