package awstest

import (
	"slices"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// freeVolume is a volume that no instance has: it was made by itself, detached,
// or its instance is gone and has not taken it along.
type freeVolume struct {
	fresh
	volume
	zone     zone
	state    ec2types.VolumeState // creating, or available
	instance *instance            // that it was attached to last; nil: none so far
	since    time.Time
}

// detach parts a terminated instance from its volumes: those with
// DeleteOnTermination go with it, the others stay, and cost, for good.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html
func (s *store) detach(i *instance) {
	for _, v := range i.volumes {
		if !v.deleteWith {
			s.release(i, v)
		}
	}
	i.volumes = nil
}

// release makes a volume of an instance one that no instance has.
func (s *store) release(i *instance, v volume) {
	v.attachment = ""
	s.free = append(s.free, &freeVolume{volume: v, zone: i.subnet.zone, state: ec2types.VolumeStateAvailable, instance: i, since: s.now})
}

// freeVolume finds one that no instance has; nil: there is none with this id.
func (s *store) freeVolume(id string) *freeVolume {
	at := slices.IndexFunc(s.free, func(l *freeVolume) bool { return l.id == id })
	if at < 0 {
		return nil
	}
	return s.free[at]
}

// volume finds a volume of the instance; nil: it has none with this id.
func (i *instance) volume(id string) *volume {
	at := slices.IndexFunc(i.volumes, func(v volume) bool { return v.id == id })
	if at < 0 {
		return nil
	}
	return &i.volumes[at]
}
