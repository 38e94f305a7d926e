package awstest

import (
	"cmp"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// InstanceSeed is an instance to be there from the start. Every field may be
// zero.
type InstanceSeed struct {
	ImageID   string  // a public base image
	Type      string  // t3.micro, or t4g.micro for an arm64 image
	RootGiB   int32   // as the image has it
	DataGiB   []int32 // a further empty volume each: /dev/sdb, /dev/sdc, …
	Encrypted bool    // all volumes, with EBS's default key
	Tags      map[string]string
	Stopped   bool // stopped instead of running
}

// PreparedInstance launches an instance that somebody has prepared to be
// imaged, and returns its id. It runs at once, whatever the timing. It panics
// when the seed cannot be launched.
func (r *Region) PreparedInstance(seed InstanceSeed) (id string) {
	r.do(func(s *store) {
		imageID := seed.ImageID
		if imageID == "" {
			imageID = s.publicImage("awstest-base").id
		}
		base, err := s.usableImage(imageID)
		if err != nil {
			panic("awstest: PreparedInstance: " + err.Error())
		}
		usual := "t3.micro"
		if base.architecture == string(ec2types.ArchitectureValuesArm64) {
			usual = "t4g.micro"
		}
		i, err := s.launch(launchSpec{
			imageID:      imageID,
			instanceType: cmp.Or(seed.Type, usual),
			mappings:     seed.mappings(base),
			instanceTags: tagsOf(seed.Tags),
		})
		if err != nil {
			panic("awstest: PreparedInstance: " + err.Error())
		}
		s.enter(i, ec2types.InstanceStateNameRunning, "")
		if seed.Stopped {
			s.enter(i, ec2types.InstanceStateNameStopped, s.userInitiated())
		}
		id = i.id
	})
	return id
}

func (seed InstanceSeed) mappings(base *image) (out []ec2types.BlockDeviceMapping) {
	if seed.RootGiB != 0 || seed.Encrypted {
		root := &ec2types.EbsBlockDevice{}
		if seed.RootGiB != 0 {
			root.VolumeSize = new(seed.RootGiB)
		}
		if seed.Encrypted {
			root.Encrypted = new(true)
		}
		out = append(out, ec2types.BlockDeviceMapping{DeviceName: new(base.rootDevice), Ebs: root})
	}
	for n, size := range seed.DataGiB {
		e := &ec2types.EbsBlockDevice{VolumeSize: new(size), VolumeType: ec2types.VolumeTypeGp3}
		if seed.Encrypted {
			e.Encrypted = new(true)
		}
		out = append(out, ec2types.BlockDeviceMapping{DeviceName: new(dataDevice(n + 1)), Ebs: e})
	}
	return out
}
