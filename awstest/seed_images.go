package awstest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// AmazonAccount owns the images that [Region.PublicImage] makes; its alias is
// amazon.
const AmazonAccount = "137112412989"

// ImageSeed is an image to be there from the start. Every field but Name may be
// zero.
type ImageSeed struct {
	Name         string
	Description  string
	Architecture ec2types.ArchitectureValues // x86_64
	Windows      bool                        // Linux
	RootGiB      int32                       // 8
	DataGiB      []int32                     // a further volume each: /dev/sdb, /dev/sdc, …
	Encrypted    bool                        // all volumes
	KeyID        string                      // of an encrypted image: a customer's key, made if need be; empty: the default key of EBS
	Tags         map[string]string
	SharedWith   []string // accounts that may launch and copy it; ARNs of organizations and units that may launch it
	OwnerAlias   string   // amazon, aws-marketplace, aws-backup-vault: a provider that AWS has verified
	ProductCodes []string // of the AWS Marketplace
	IMDSv2       bool     // its instances require IMDSv2
	Public       bool
	Age          time.Duration // how long ago it was made
}

// OwnImage makes an available image that the account owns, and its snapshots,
// and returns its id. It panics when the name is taken.
func (r *Region) OwnImage(seed ImageSeed) (id string) {
	r.do(func(s *store) { id = s.seedImage(seed).id })
	return id
}

// PublicImage makes a public base image of Amazon's in this Region and returns
// its id. Asked again for the same name, it returns the same image.
func (r *Region) PublicImage(name string) (id string) {
	r.do(func(s *store) { id = s.publicImage(name).id })
	return id
}

// ForeignImage makes an available image of another account in this Region and
// returns its id. When it is shared, this account may launch it and read its
// snapshots, so that it may copy it too; otherwise it cannot see it.
func (r *Region) ForeignImage(owner, name string, shared bool) (id string) {
	seed := ImageSeed{Name: name}
	if shared {
		seed.SharedWith = []string{r.place.account}
	}
	r.do(func(s *store) { id = s.Cloud.store(place{owner, s.region}).seedImage(seed).id })
	return id
}

// Share lets accounts, and those in organizations and units given by ARN, launch
// an image that the account of r owns, but not read its snapshots. It panics
// when there is no such image.
func (r *Region) Share(imageID string, with ...string) {
	r.do(func(s *store) {
		i, err := s.ownImage(imageID)
		if err != nil {
			panic("awstest: Share: " + err.Error())
		}
		i.permissions = i.permissions.with(grantChange{add: granteesNamed(with)})
	})
}

func (s *store) publicImage(name string) *image {
	amazon := s.Cloud.store(place{AmazonAccount, s.region})
	if i := amazon.images.byName[name]; i != nil {
		return i
	}
	return amazon.seedImage(ImageSeed{Name: name, Public: true, OwnerAlias: "amazon"})
}

func (s *store) seedImage(seed ImageSeed) *image {
	if taken := s.images.byName[seed.Name]; taken != nil {
		panic(fmt.Sprintf("awstest: the image name %q is taken by %s", seed.Name, taken.id))
	}
	i := &image{
		id:           s.newID("ami-"),
		name:         seed.Name,
		description:  seed.Description,
		ownerAlias:   seed.OwnerAlias,
		state:        ec2types.ImageStateAvailable,
		architecture: cmp.Or(string(seed.Architecture), string(ec2types.ArchitectureValuesX8664)),
		rootDevice:   "/dev/xvda",
		bootMode:     string(ec2types.BootModeValuesUefiPreferred),
		ena:          true,
		tags:         accountTags{{s.account, tagsOf(seed.Tags)}},
		permissions:  seed.permissions(),
		inherited:    inherited{codes: slices.Clone(seed.ProductCodes)},
	}
	if seed.Windows {
		i.platform = "windows" // what EC2 sends; the constant in the SDK is spelled otherwise
	}
	if seed.IMDSv2 {
		i.imds = string(ec2types.ImdsSupportValuesV20)
	}
	if seed.OwnerAlias != "" {
		i.location = seed.OwnerAlias + "/" + seed.Name
	}
	sizes := append([]int32{cmp.Or(seed.RootGiB, 8)}, seed.DataGiB...)
	for n, size := range sizes {
		m := mapping{device: i.rootDevice}
		if n > 0 {
			m.device = dataDevice(n)
		}
		m.volumeSpec = volumeSpec{sizeGiB: size, volumeType: "gp3", iops: 3000, throughput: 125, deleteWith: true}
		if seed.Encrypted {
			m.encrypted = true
			m.keyID = s.defaultKey()
			if seed.KeyID != "" {
				m.keyID = s.seedKey(seed.KeyID)
			}
		}
		snap := &snapshot{
			sizeGiB: size, encrypted: m.encrypted, keyID: m.keyID, volumeID: s.newID("vol-"),
			description: "Seeded for " + i.id, state: ec2types.SnapshotStateCompleted,
			completed: s.now.Add(-seed.Age), permissions: seed.permissions().ofSnapshots(), codes: i.codes,
		}
		s.addSnapshot(snap)
		snap.started = s.now.Add(-seed.Age)
		m.snapshotID = snap.id
		i.mappings = append(i.mappings, m)
	}
	s.addImage(i)
	i.created = s.now.Add(-seed.Age)
	if seed.Public {
		i.deprecateAsPublic()
	}
	return i
}

// permissions makes new ones each time: the image's and its snapshots' change
// apart.
func (seed ImageSeed) permissions() launchPermissions {
	return launchPermissions{public: seed.Public}.with(grantChange{add: granteesNamed(seed.SharedWith)})
}

// dataDevice names the n-th volume after the root.
func dataDevice(n int) string { return "/dev/sd" + string(rune('a'+n)) }
