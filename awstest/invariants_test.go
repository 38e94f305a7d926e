package awstest

import (
	"fmt"
	"slices"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// broken says which of the things that always hold on AWS does not hold now;
// empty: all do.
func (c *Cloud) broken() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p, s := range c.stores {
		for _, check := range []func(*store) string{imagesHold, snapshotsHold, templatesHold, groupsHold} {
			if why := check(s); why != "" {
				return fmt.Sprintf("%s/%s: %s", p.account, p.region, why)
			}
		}
	}
	return ""
}

// A name is that of one image that is not gone. A disabled image is shared with
// nobody, and what may not be public is not.
func imagesHold(s *store) string {
	names := map[string]string{}
	for _, i := range s.images.order {
		if other, taken := names[i.name]; taken {
			return fmt.Sprintf("%s and %s have the name %q", other, i.id, i.name)
		}
		names[i.name] = i.id
		shared := i.permissions.public || i.permissions.entities() > 0
		switch {
		case s.images.byName[i.name] != i:
			return fmt.Sprintf("the name %q does not lead to %s", i.name, i.id)
		case s.catalogue.images[i.id] != i:
			return i.id + " is not found by its id"
		case i.state == ec2types.ImageStateDeregistered:
			return i.id + " is gone and still the account's"
		case i.state == ec2types.ImageStateDisabled && shared:
			return i.id + " is disabled and shared"
		case i.permissions.public && len(i.codes) > 0:
			return i.id + " has product codes and is public"
		case i.state == ec2types.ImageStateFailed && i.reason == "":
			return i.id + " has failed without a reason"
		case len(*i.tags.of(s.account)) > maxTags:
			return i.id + " has too many tags"
		case !i.deprecated.IsZero() && i.deprecated.Second() != 0:
			return i.id + " is deprecated at " + i.deprecated.String()
		}
		for _, m := range i.mappings {
			if i.permissions.public && m.snapshotID != "" && m.encrypted {
				return i.id + " is encrypted and public"
			}
			if m.encrypted == (m.keyID == "") {
				return fmt.Sprintf("%s %s: encrypted %t with key %q", i.id, m.device, m.encrypted, m.keyID)
			}
		}
		for _, id := range i.snapshotIDs() {
			n := s.catalogue.snapshots[id]
			if n == nil || !slices.Contains(n.usedBy, i) {
				return fmt.Sprintf("%s of %s is gone or does not know it", id, i.id)
			}
			if i.state == ec2types.ImageStateAvailable && n.state != ec2types.SnapshotStateCompleted {
				return fmt.Sprintf("%s is available, and its %s is %s", i.id, id, n.state)
			}
		}
	}
	return ""
}

// A snapshot knows the images that use it, and is public only when its data is
// not encrypted.
func snapshotsHold(s *store) string {
	for _, n := range s.snapshots.order {
		switch {
		case s.catalogue.snapshots[n.id] != n:
			return n.id + " is not found by its id"
		case n.encrypted == (n.keyID == ""):
			return fmt.Sprintf("%s: encrypted %t with key %q", n.id, n.encrypted, n.keyID)
		case n.permissions.public && (n.encrypted || len(n.codes) > 0):
			return n.id + " is encrypted or has product codes, and is public"
		case n.state == ec2types.SnapshotStateCompleted && n.completed.Before(n.started):
			return n.id + " was completed before it was started"
		}
		for _, i := range n.usedBy {
			if !slices.Contains(i.snapshotIDs(), n.id) || i.state == ec2types.ImageStateDeregistered {
				return fmt.Sprintf("%s is held by %s, which does not use it", n.id, i.id)
			}
		}
	}
	return ""
}

// The default version exists, and numbers ascend and are never used again.
func templatesHold(s *store) string {
	for _, t := range s.templates.order {
		last, def := int64(0), false
		for _, v := range t.versions {
			if v.number <= last {
				return fmt.Sprintf("%s: version %d after %d", t.id, v.number, last)
			}
			last, def = v.number, def || v.number == t.def
		}
		if !def || last > t.last || s.templates.byID[t.id] != t || s.templates.byName[t.name] != t {
			return fmt.Sprintf("%s: default %d, highest %d, highest ever %d", t.id, t.def, last, t.last)
		}
	}
	return ""
}

// A group has one refresh at a time.
func groupsHold(s *store) string {
	for _, g := range s.groups.order {
		active := 0
		for _, r := range g.refreshes {
			switch r.status {
			case astypes.InstanceRefreshStatusPending, astypes.InstanceRefreshStatusInProgress, astypes.InstanceRefreshStatusBaking,
				astypes.InstanceRefreshStatusCancelling, astypes.InstanceRefreshStatusRollbackInProgress:
				active++
			}
		}
		if active > 1 || active == 1 && g.active == nil {
			return fmt.Sprintf("group %s has %d refreshes", g.name, active)
		}
	}
	return ""
}
