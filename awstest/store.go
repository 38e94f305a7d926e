package awstest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// store is what one account has in one Region. Each concept keeps its part in
// a struct of its own file.
type store struct {
	*Cloud
	place
	ids       map[string]int
	catalogue *catalogue // of the Region, all accounts

	network   network
	instances instances
	free      []*freeVolume
	lacking   []string // instance types that there is no capacity for
	images    images
	snapshots snapshots
	bin       recycleBin
	templates templates
	groups    groups
	alarms    map[string]AlarmState // by name
	tokens    tokens

	keys         keys
	encryption   encryption
	publicAccess publicAccess

	fastRestores fastRestores
	storeTasks   []*storeTask // oldest first
	storeFaults  []string     // the reasons of those to come that fail

	parameters parameters
	recipes    []recipe
	reports    usageReports
}

// store returns the account's resources in a Region, making them on first use.
func (c *Cloud) store(p place) *store {
	s := c.stores[p]
	if s == nil {
		all := c.regional[p.region]
		if all == nil {
			all = &catalogue{images: map[string]*image{}, snapshots: map[string]*snapshot{}}
			c.regional[p.region] = all
		}
		s = &store{Cloud: c, place: p, ids: map[string]int{}, catalogue: all}
		c.stores[p] = s
		s.seedNetwork()
	}
	return s
}

// newID makes the next id of a kind, such as "ami-" and 17 hex digits. It
// counts per account, Region and kind and hashes these in: ids are unique over
// the whole cloud and do not depend on how calls interleave.
func (s *store) newID(prefix string) string { return prefix + s.hash(prefix)[:17] }

// newUUID is newID in the shape of an instance refresh's or an activity's id.
func (s *store) newUUID(kind string) string {
	h := s.hash(kind)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:32]}, "-")
}

func (s *store) hash(kind string) string {
	s.ids[kind]++
	text := make([]byte, 0, 96)
	for _, part := range []string{s.account, s.region, kind} {
		text = append(append(text, part...), '/')
	}
	sum := sha256.Sum256(strconv.AppendInt(text, int64(s.ids[kind]), 10))
	return hex.EncodeToString(sum[:])
}

// arn names a resource of this account and Region in its partition.
func (s *store) arn(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition(s.region), service, s.region, s.account, resource)
}

// stamp is how EC2 writes the time of an image or an instance.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
