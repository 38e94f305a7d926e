package awstest

import (
	"fmt"
	"strings"
	"sync"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// publicImageSpec is the image behind a public parameter.
type publicImageSpec struct {
	image   string // name
	arm     bool
	windows bool
	json    bool // the value is a JSON object about the image
}

// The Kubernetes versions for which AWS's parameters exist on this cloud.
var kubernetesVersions = []string{"1.30", "1.31", "1.32", "1.33", "1.34"}

// publicParameters are AWS's public parameters of images, in every Region: the
// families that tools look up. The images are made when a value is first read.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html
var publicParameters = sync.OnceValue(func() map[string]publicImageSpec {
	out := map[string]publicImageSpec{}
	add := func(spec publicImageSpec, format string, args ...any) {
		name := fmt.Sprintf(format, args...)
		if spec.image == "" {
			spec.image = strings.ReplaceAll(strings.Trim(strings.TrimSuffix(name, "/image_id"), "/"), "/", "-")
		}
		out[name] = spec
	}
	for _, arch := range []string{"x86_64", "arm64"} {
		arm := arch == "arm64"
		add(publicImageSpec{image: "al2023-ami-2023-kernel-default-" + arch, arm: arm},
			"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-%s", arch)
		add(publicImageSpec{image: "amzn2-ami-hvm-2.0-" + arch + "-gp2", arm: arm},
			"/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-%s-gp2", arch)
		for _, k8s := range kubernetesVersions {
			for _, variant := range []string{"standard", "nvidia", "neuron"} {
				if variant == "neuron" && arm {
					continue
				}
				add(publicImageSpec{arm: arm}, "/aws/service/eks/optimized-ami/%s/amazon-linux-2023/%s/%s/recommended/image_id", k8s, arch, variant)
			}
			for _, variant := range []string{"", "-nvidia", "-fips"} {
				add(publicImageSpec{arm: arm}, "/aws/service/bottlerocket/aws-k8s-%s%s/%s/latest/image_id", k8s, variant, arch)
			}
		}
	}
	for _, ecs := range []string{"amazon-linux-2023", "amazon-linux-2023/arm64", "amazon-linux-2"} {
		spec := publicImageSpec{image: "ecs-optimized-" + strings.ReplaceAll(ecs, "/", "-"), arm: strings.HasSuffix(ecs, "arm64")}
		add(spec, "/aws/service/ecs/optimized-ami/%s/recommended/image_id", ecs)
		spec.json = true
		add(spec, "/aws/service/ecs/optimized-ami/%s/recommended", ecs)
	}
	for _, year := range []string{"2019", "2022", "2025"} {
		for _, kind := range []string{"Full", "Core"} {
			add(publicImageSpec{image: "Windows_Server-" + year + "-English-" + kind + "-Base", windows: true},
				"/aws/service/ami-windows-latest/Windows_Server-%s-English-%s-Base", year, kind)
			for _, k8s := range kubernetesVersions {
				add(publicImageSpec{windows: true},
					"/aws/service/ami-windows-latest/Windows_Server-%s-English-%s-EKS_Optimized-%s/image_id", year, kind, k8s)
			}
		}
	}
	for release, disk := range map[string]string{"20.04": "ebs-gp2", "22.04": "ebs-gp2", "24.04": "ebs-gp3"} {
		for _, arch := range []string{"amd64", "arm64"} {
			add(publicImageSpec{image: "ubuntu-" + release + "-" + arch + "-server", arm: arch == "arm64"},
				"/aws/service/canonical/ubuntu/server/%s/stable/current/%s/hvm/%s/ami-id", release, arch, disk)
		}
	}
	return out
})

// publicParameter is one of AWS's parameters as it is in this Region.
func (s *store) publicParameter(name string) *parameter {
	spec, ok := publicParameters()[name]
	if !ok {
		return nil
	}
	i := s.publicImageOf(spec)
	v := &parameterVersion{number: 1, value: i.id, dataType: dataImage, modified: i.created}
	if spec.json {
		v.value = fmt.Sprintf(`{"image_id":%q,"image_name":%q,"schema_version":1}`, i.id, i.name)
		v.dataType = dataText
	}
	return &parameter{name: name, kind: ssmtypes.ParameterTypeString, versions: []*parameterVersion{v}}
}

func (s *store) publicImageOf(spec publicImageSpec) *image {
	amazon := s.Cloud.store(place{AmazonAccount, s.region})
	if i := amazon.images.byName[spec.image]; i != nil {
		return i
	}
	seed := ImageSeed{Name: spec.image, Public: true, OwnerAlias: "amazon", Windows: spec.windows}
	if spec.arm {
		seed.Architecture = ec2types.ArchitectureValuesArm64
	}
	return amazon.seedImage(seed)
}
