package awstest

import (
	"strings"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// images are the AMIs that an account owns in a Region.
type images struct {
	order  []*image
	byName map[string]*image // names are taken by all that still exists, whatever its state
}

// catalogue is the images and snapshots of one Region, whoever owns them:
// sharing looks across accounts.
type catalogue struct {
	images        map[string]*image
	imageOrder    []*image
	lastImage     int // the number of the newest
	index         imageIndex
	snapshots     map[string]*snapshot
	snapshotOrder []*snapshot
	released      map[string][]publicRelease // by the name of their family
}

// image is one AMI. Its place is its owner.
type image struct {
	sight
	fresh
	indexed
	place
	family                string // of public parameters; empty: none
	id, name, description string
	location              string
	ownerAlias            string // amazon, aws-marketplace, aws-backup-vault; empty for most
	state                 ec2types.ImageState
	reasonCode, reason    string // why it failed
	created               time.Time
	dated                 time.Time // when date was written
	date                  string    // created as EC2 writes it

	architecture string
	rootDevice   string
	bootMode     string
	platform     string // "windows", else empty
	ena          bool
	mappings     []mapping

	sourceInstance            string
	sourceImage, sourceRegion string

	tags        accountTags
	permissions launchPermissions
	deprecated  time.Time // zero: never
	protection  protection

	lastLaunched time.Time // as reported; zero: never
	inherited

	hidden, lingered bool      // of a deregistered one: out of the lists, and its time is over
	deregistrations  int       // how many times it has come back from the Recycle Bin
	crashConsistent  bool      // made of a running instance without a reboot
	restored         bool      // by CreateRestoreImageTask
	behavior         *Behavior // of its instances; nil: fine, or as a script says
}

// mapping is one device of an image.
type mapping struct {
	device  string
	virtual string // "ephemeral0": an instance store volume; empty: EBS
	volumeSpec
}

// volumeSpec is what a volume is or will be.
type volumeSpec struct {
	sizeGiB          int32
	volumeType       string
	iops, throughput int32 // zero: the type's own
	encrypted        bool
	keyID            string // ARN
	snapshotID       string // what it is made from; empty: nothing
	deleteWith       bool   // DeleteOnTermination
}

// accountTags are the tags that each account has put on a thing which more than
// one may see; nobody sees those of others.
type accountTags []accountTag

type accountTag struct {
	account string
	tags    tagSet
}

// of returns the tags of an account, to read or to replace before the next call.
func (t *accountTags) of(account string) *tagSet {
	for n := range *t {
		if (*t)[n].account == account {
			return &(*t)[n].tags
		}
	}
	*t = append(*t, accountTag{account: account})
	return &(*t)[len(*t)-1].tags
}

// sharedTag begins the key of a tag that the owner of a resource shows to all
// who may use it.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html
const sharedTag = "ec2:SharedTag/"

// seenBy is the tags that an account sees: its own and those that the owner
// shows.
func (t *accountTags) seenBy(account, owner string) tagSet {
	own := *t.of(account)
	if account == owner {
		return own
	}
	shown := t.of(owner).without(func(p tagPair) bool { return !strings.HasPrefix(p.key, sharedTag) })
	return shown.with(own...)
}

// addImage puts a new image into its owner's store.
func (s *store) addImage(i *image) {
	if s.images.byName == nil {
		s.images.byName = map[string]*image{}
	}
	i.place = s.place
	i.created = s.now
	if i.location == "" {
		i.location = s.account + "/" + i.name
	}
	i.behavior = s.behaviorOf(i)
	s.images.byName[i.name] = i
	s.images.order = append(s.images.order, i)
	s.catalogue.add(i)
	s.lineage[i.id] = i
	s.made(&i.fresh)
	for _, id := range i.snapshotIDs() {
		n := s.catalogue.snapshots[id]
		n.usedBy = append(n.usedBy, i)
	}
}

// findImage finds an image that the account of s may see. One that was
// deregistered a moment ago is found in that state.
func (s *store) findImage(id string) (*image, error) {
	if !wellFormed("ami-", id) {
		return nil, malformedImageID(id)
	}
	i := s.catalogue.images[id]
	if i == nil || !s.sees(i) || s.unseen(&i.fresh) {
		return nil, missingImages([]string{id})
	}
	return i, nil
}

// usableImage finds an image that can be launched or copied now.
func (s *store) usableImage(id string) (*image, error) {
	i, err := s.findImage(id)
	if err != nil {
		return nil, err
	}
	if i.state != ec2types.ImageStateAvailable {
		return nil, i.unavailable()
	}
	return i, nil
}

// ownImage finds an image that the account of s owns.
func (s *store) ownImage(id string) (*image, error) {
	i, err := s.findImage(id)
	if err != nil {
		return nil, err
	}
	if i.account != s.account {
		return nil, apiError("AuthFailure", "Not authorized for image:%s", id)
	}
	return i, nil
}

// unavailable is the answer to the use of an image in the wrong state.
func (i *image) unavailable() error {
	if i.state == ec2types.ImageStateDeregistered {
		return apiError("InvalidAMIID.Unavailable", "The image id '[%s]' is no longer available", i.id)
	}
	return apiError("InvalidAMIID.Unavailable",
		"The AMI ID '%s' is currently %s and may not be used for this operation", i.id, i.state)
}

func malformedImageID(id string) error {
	return apiError("InvalidAMIID.Malformed", "Invalid id: \"%s\" (expecting \"ami-...\")", id)
}

func missingImages(ids []string) error {
	if len(ids) == 1 {
		return apiError("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", ids[0])
	}
	return apiError("InvalidAMIID.NotFound", "The image ids '[%s]' do not exist", strings.Join(ids, ", "))
}
