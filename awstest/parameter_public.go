package awstest

import (
	"fmt"
	"strings"
	"sync"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// publicFamily is a line of images that AWS or one of its partners releases. What
// the public parameters hold is the newest.
type publicFamily struct {
	name    string // of an image: * is the date of its release, # how many there have been
	owner   string // account
	arm     bool
	windows bool
	imdsv2  bool   // its instances require IMDSv2
	root    string // device; empty: /dev/xvda
	rootGiB int32
	dataGiB int32 // of a second volume, /dev/xvdb; zero: there is none
}

// publicParameter is a public parameter: a family of images, and what it tells of
// the newest.
type publicParameter struct {
	family publicFamily
	tells  func(publicRelease) string // nil: the id
}

// publicRelease is one image of a family.
type publicRelease struct {
	*image
	number int    // from 1
	serial string // what stands for * in the name
}

// publicParameters are AWS's public parameters of images by name, in every Region:
// those that tools look up. The images are made when a value is first read.
var publicParameters = sync.OnceValue(func() map[string]publicParameter {
	t := publicTable{}
	t.amazonLinux()
	t.ecs()
	t.eks()
	t.bottlerocket()
	t.windows()
	t.ubuntu()
	t.others()
	return t
})

// publicNamespaces are the services that the public parameters are of.
var publicNamespaces = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for name := range publicParameters() {
		out[namespaceOf(name)] = true
	}
	return out
})

// namespaceOf is aws/service/ecs of a name below that.
func namespaceOf(name string) string {
	levels := strings.SplitN(strings.TrimPrefix(name, "/"), "/", 4)
	return strings.Join(levels[:min(3, len(levels))], "/")
}

// publicParameter is one of AWS's parameters as it is in this Region, nil when there
// is none. AWS answers otherwise where it has no such service:
// https://github.com/bottlerocket-os/twoliter/pull/518
func (s *store) publicParameter(name string) (*parameter, error) {
	spec, ok := publicParameters()[name]
	if !ok {
		switch namespace := namespaceOf(name); {
		case publicNamespaces()[namespace]:
			return nil, nil
		case namespace == "aws/service/global-infrastructure", namespace == "aws/service/marketplace", strings.HasPrefix(namespace, "aws/reference/"):
			return nil, &Unmodelled{Field: "Name: /" + namespace}
		default:
			return nil, apiError("AccessDeniedException", "No access to \"/aws/\" namespace: %s is not a valid namespace", namespace)
		}
	}
	p := &parameter{name: name, kind: ssmtypes.ParameterTypeString, parameterSettings: parameterSettings{tier: ssmtypes.ParameterTierStandard}}
	for _, release := range s.releases(spec.family) {
		v := &parameterVersion{number: int64(release.number), value: release.id, dataType: dataImage, modified: release.created}
		if spec.tells != nil {
			v.value, v.dataType = spec.tells(release), dataText
		}
		p.versions = append(p.versions, v)
	}
	return p, nil
}

// releases are the images of a family in this Region, the oldest first. The first is
// from the day before the cloud was made.
func (s *store) releases(family publicFamily) []publicRelease {
	if all := s.catalogue.released[family.name]; len(all) > 0 {
		return all
	}
	return s.releaseNext(family, s.born.Add(-24*time.Hour))
}

// releaseNext makes the next image of a family.
func (s *store) releaseNext(family publicFamily, at time.Time) []publicRelease {
	all := s.catalogue.released[family.name]
	layout := "20060102"
	if family.windows {
		layout = "2006.01.02"
	}
	day := at.UTC().Format(layout)
	serial, same := day, 0
	for _, r := range all {
		if r.serial == day || strings.HasPrefix(r.serial, day+".") {
			same++
			serial = fmt.Sprintf("%s.%d", day, same)
		}
	}
	seed := ImageSeed{
		Name:   strings.NewReplacer("*", serial, "#", fmt.Sprint(len(all)+1)).Replace(family.name),
		Public: true, OwnerAlias: "amazon", Windows: family.windows, IMDSv2: family.imdsv2, RootGiB: family.rootGiB, Age: s.now.Sub(at),
	}
	if family.arm {
		seed.Architecture = ec2types.ArchitectureValuesArm64
	}
	if family.dataGiB > 0 {
		seed.DataGiB = []int32{family.dataGiB}
	}
	answering := s.answering
	s.answering = false // it is no work of the call that may have come to see it first
	i := s.Cloud.store(place{family.owner, s.region}).seedImage(seed)
	s.answering = answering
	if family.root != "" {
		i.rootDevice, i.mappings[0].device = family.root, family.root
	}
	if family.dataGiB > 0 {
		i.mappings[1].device = "/dev/xvdb"
	}
	i.family = family.name
	all = append(all, publicRelease{image: i, number: len(all) + 1, serial: serial})
	if s.catalogue.released == nil {
		s.catalogue.released = map[string][]publicRelease{}
	}
	s.catalogue.released[family.name] = all
	return all
}

// ReleaseBaseImage lets the next image of a public parameter be released in this
// Region, as AWS or its partner does every few weeks, and returns the image's id.
// The parameter and all others that tell of the same image get a version that tells
// of the new one; the image before it stays. It panics unless there is a public
// parameter of that name, such as
// /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64.
func (r *Region) ReleaseBaseImage(parameter string) (imageID string) {
	r.do(func(s *store) {
		spec, ok := publicParameters()[parameter]
		if !ok {
			panic("awstest: ReleaseBaseImage: there is no public parameter " + parameter)
		}
		s.releases(spec.family) // the one before
		all := s.releaseNext(spec.family, s.now)
		imageID = all[len(all)-1].id
	})
	return imageID
}

// publicParameters are the public parameters that tell of the image, or once did.
func (v imageView) publicParameters() (out []string) {
	if v.family == "" {
		return nil
	}
	for name, spec := range publicParameters() {
		if spec.family.name == v.family {
			out = append(out, name)
		}
	}
	return out
}
