package awstest

import (
	"slices"
	"time"
)

// leftVolume is a volume whose instance is gone and has not taken it along.
type leftVolume struct {
	volume
	instance *instance
	since    time.Time
}

// detach parts a terminated instance from its volumes: those with
// DeleteOnTermination go with it, the others stay, and cost, for good.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html
func (s *store) detach(i *instance) {
	for _, v := range i.volumes {
		if !v.deleteWith {
			s.left = append(s.left, &leftVolume{v, i, s.now})
		}
	}
	i.volumes = nil
}

// leftVolume finds one of those that stayed; nil: there is none with this id.
func (s *store) leftVolume(id string) *leftVolume {
	at := slices.IndexFunc(s.left, func(l *leftVolume) bool { return l.id == id })
	if at < 0 {
		return nil
	}
	return s.left[at]
}
