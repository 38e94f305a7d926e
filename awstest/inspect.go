package awstest

import (
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Images lists the images that the account owns in the Region, in the order
// they were made, whatever their state, but no deregistered ones.
func (r *Region) Images() (out []ec2types.Image) {
	r.do(func(s *store) {
		if len(s.images.order) > 0 {
			out = make([]ec2types.Image, len(s.images.order))
		}
		a := newArena()
		for n, i := range s.images.order {
			imageView{i, s.account}.render(&out[n], a)
		}
	})
	return out
}

// Image is one image that the account may see, in any state. It is false when
// there is none.
func (r *Region) Image(id string) (out ec2types.Image, ok bool) {
	r.do(func(s *store) {
		if i, err := s.findImage(id); err == nil {
			imageView{i, s.account}.render(&out, newArena())
			ok = true
		}
	})
	return out, ok
}

// CrashConsistent is true for an image that was made of a running instance
// without a reboot: its disks are as after a power failure. A copy is what its
// source is.
func (r *Region) CrashConsistent(imageID string) (yes bool) {
	r.do(func(s *store) {
		i, err := s.findImage(imageID)
		yes = err == nil && i.crashConsistent
	})
	return yes
}

// Snapshots lists the snapshots that the account owns in the Region, in the
// order they were made.
func (r *Region) Snapshots() (out []ec2types.Snapshot) {
	r.do(func(s *store) {
		for _, n := range s.snapshots.order {
			out = append(out, snapshotView{n, s}.render())
		}
	})
	return out
}

// Instances lists the account's instances in the Region, in the order they were
// launched, terminated ones for as long as AWS shows them.
func (r *Region) Instances() (out []ec2types.Instance) {
	r.do(func(s *store) {
		for _, i := range s.instances.all() {
			out = append(out, s.renderInstance(i))
		}
	})
	return out
}

// Volumes lists the account's volumes in the Region, those that have outlived
// their instance too, in the order they were made.
func (r *Region) Volumes() (out []ec2types.Volume) {
	r.do(func(s *store) {
		for _, v := range s.allVolumes() {
			out = append(out, v.render())
		}
	})
	return out
}

// Reboots is how many times CreateImage has rebooted an instance.
func (r *Region) Reboots(instanceID string) (n int) {
	r.do(func(s *store) {
		if i := s.instances.byID[instanceID]; i != nil {
			n = i.reboots
		}
	})
	return n
}
