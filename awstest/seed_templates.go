package awstest

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// TemplateSeed is a launch template to be there from the start. Every field but
// Name may be zero.
type TemplateSeed struct {
	Name         string
	ImageID      string // a public base image
	InstanceType string // t3.micro
	// Data is the rest of the first version; ImageID and InstanceType win over
	// it where they are set. Nil: nothing.
	Data *ec2types.RequestLaunchTemplateData
}

// Template makes a launch template with one version and returns its id. It
// panics when AWS would refuse the seed.
func (r *Region) Template(seed TemplateSeed) (id string) {
	r.do(func(s *store) { id = s.seedTemplate(seed) })
	return id
}

func (s *store) seedTemplate(seed TemplateSeed) (id string) {
	data := ec2types.RequestLaunchTemplateData{}
	if seed.Data != nil {
		data = clone(*seed.Data)
	}
	if image := cmp.Or(seed.ImageID, aws.ToString(data.ImageId)); image != "" {
		data.ImageId = new(image)
	} else {
		data.ImageId = new(s.publicImage("awstest-base").id)
	}
	data.InstanceType = cmp.Or(ec2types.InstanceType(seed.InstanceType), data.InstanceType, ec2types.InstanceTypeT3Micro)
	made := seeded[*ec2.CreateLaunchTemplateOutput](s, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new(seed.Name), LaunchTemplateData: &data,
	})
	return *made.LaunchTemplate.LaunchTemplateId
}

// seeded makes a call as the account's own user would, past the network. It
// panics when the call fails: a seed is written, not found.
func seeded[Out any](s *store, in any) Out {
	who, _ := s.identify("EC2", s.region, userKeyPrefix+s.account)
	out, err := dispatch(&request{store: s, caller: who}, in)
	if err != nil {
		panic("awstest: a seed cannot be made: " + err.Error())
	}
	return out.(Out)
}

// atOnce runs fn, and what follows from it, in no time.
func (s *store) atOnce(fn func()) {
	timing := s.timing
	s.timing = Instant
	defer func() { s.timing = timing }()
	fn()
	s.step()
}
