package awstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Accounts that release the images of public parameters. The alias of each is amazon.
const (
	ecsAccount          = "591542846629"
	eksAccount          = "602401143452"
	bottlerocketAccount = "092701018921"
	windowsAccount      = "801119661308"
	canonicalAccount    = "099720109477"
	debianAccount       = "136693071363"
	deepLearningAccount = "898082745236"
)

// amazonAccounts are those of AWS itself.
var amazonAccounts = map[string]bool{
	AmazonAccount: true, ecsAccount: true, eksAccount: true, bottlerocketAccount: true, windowsAccount: true, deepLearningAccount: true,
}

var (
	// The Kubernetes versions for which AWS's parameters exist on this cloud.
	kubernetesVersions = []string{"1.30", "1.31", "1.32", "1.33", "1.34", "1.35"}
	architectures      = []string{"x86_64", "arm64"}
	windowsYears       = []string{"2016", "2019", "2022", "2025"}
)

// publicTable is filled with the public parameters by name.
//
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html
type publicTable map[string]publicParameter

func (t publicTable) add(family publicFamily, format string, args ...any) {
	t[fmt.Sprintf(format, args...)] = publicParameter{family: family}
}

// recommended adds what ECS and EKS tell of an image below a path: its id and its
// name by themselves, and all in one JSON object.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
func (t publicTable) recommended(family publicFamily, path string, more map[string]func(publicRelease) string) {
	name := func(r publicRelease) string { return r.name }
	t[path+"/image_id"] = publicParameter{family: family}
	t[path+"/image_name"] = publicParameter{family, name}
	for key, tells := range more {
		t[path+"/"+key] = publicParameter{family, tells}
	}
	t[path] = publicParameter{family, func(r publicRelease) string {
		object := fmt.Sprintf(`{"schema_version":1,"image_name":%q,"image_id":%q`, r.name, r.id)
		for _, key := range slices.Sorted(maps.Keys(more)) {
			object += fmt.Sprintf(",%q:%q", key, more[key](r))
		}
		return object + "}"
	}}
}

// amazonLinux: since August 2026 the default kernel of AL2023 is 6.18.
//
// https://docs.aws.amazon.com/linux/al2023/ug/kernel-update.html
func (t publicTable) amazonLinux() {
	const path = "/aws/service/ami-amazon-linux-latest/"
	for _, arch := range architectures {
		arm := arch == "arm64"
		for _, kernel := range []string{"6.1", "6.12", "6.18"} {
			for _, size := range []string{"", "minimal-"} {
				family := publicFamily{name: "al2023-ami-" + size + "2023.0.*.0-kernel-" + kernel + "-" + arch, owner: AmazonAccount, arm: arm, imdsv2: true}
				t.add(family, path+"al2023-ami-%skernel-%s-%s", size, kernel, arch)
				if kernel == "6.18" {
					t.add(family, path+"al2023-ami-%skernel-default-%s", size, arch)
				}
			}
		}
		al2 := func(kind, disk string) {
			t.add(publicFamily{name: "amzn2-ami-" + kind + "-2.0.*.0-" + arch + "-" + disk, owner: AmazonAccount, arm: arm}, path+"amzn2-ami-%s-%s-%s", kind, arch, disk)
		}
		al2("hvm", "gp2")
		al2("kernel-5.10-hvm", "gp2")
		al2("minimal-hvm", "ebs")
		if !arm {
			al2("hvm", "ebs")
			al2("kernel-5.10-hvm", "ebs")
		}
	}
}

func (t publicTable) ecs() {
	for variant, name := range map[string]string{
		"amazon-linux-2023":                "al2023-ami-ecs-hvm-2023.0.*-kernel-6.1-x86_64",
		"amazon-linux-2023/arm64":          "al2023-ami-ecs-hvm-2023.0.*-kernel-6.1-arm64",
		"amazon-linux-2023/gpu":            "al2023-ami-ecs-gpu-hvm-2023.0.*-kernel-6.1-x86_64-ebs",
		"amazon-linux-2023/neuron":         "al2023-ami-ecs-neuron-hvm-2023.0.*-kernel-6.1-x86_64-ebs",
		"amazon-linux-2":                   "amzn2-ami-ecs-hvm-2.0.*-x86_64-ebs",
		"amazon-linux-2/arm64":             "amzn2-ami-ecs-hvm-2.0.*-arm64-ebs",
		"amazon-linux-2/gpu":               "amzn2-ami-ecs-gpu-hvm-2.0.*-x86_64-ebs",
		"amazon-linux-2/inf":               "amzn2-ami-ecs-inf-hvm-2.0.*-x86_64-ebs",
		"amazon-linux-2/kernel-5.10":       "amzn2-ami-ecs-kernel-5.10-hvm-2.0.*-x86_64-ebs",
		"amazon-linux-2/kernel-5.10/arm64": "amzn2-ami-ecs-kernel-5.10-hvm-2.0.*-arm64-ebs",
		"amazon-linux-2/kernel-5.10/gpu":   "amzn2-ami-ecs-kernel-5.10-gpu-hvm-2.0.*-x86_64-ebs",
	} {
		os := "Amazon Linux 2"
		if strings.HasPrefix(variant, "amazon-linux-2023") {
			os = "Amazon Linux 2023"
		}
		family := publicFamily{name: name, owner: ecsAccount, arm: strings.HasSuffix(variant, "arm64"), imdsv2: os == "Amazon Linux 2023", rootGiB: 30}
		t.recommended(family, "/aws/service/ecs/optimized-ami/"+variant+"/recommended",
			map[string]func(publicRelease) string{"os": func(publicRelease) string { return os }})
	}
}

// eks: Amazon Linux 2 has no images for Kubernetes 1.33 and later.
//
// https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
func (t publicTable) eks() {
	for _, k8s := range kubernetesVersions {
		path := "/aws/service/eks/optimized-ami/" + k8s + "/"
		version := map[string]func(publicRelease) string{"release_version": func(r publicRelease) string { return k8s + ".0-" + r.serial }}
		for _, arch := range architectures {
			for _, variant := range []string{"standard", "nvidia", "neuron"} {
				if variant == "neuron" && arch == "arm64" {
					continue
				}
				family := publicFamily{name: "amazon-eks-node-al2023-" + arch + "-" + variant + "-" + k8s + "-v*", owner: eksAccount, arm: arch == "arm64", imdsv2: true, rootGiB: 20}
				t.recommended(family, path+"amazon-linux-2023/"+arch+"/"+variant+"/recommended", version)
			}
		}
		if slices.Index(kubernetesVersions, k8s) > slices.Index(kubernetesVersions, "1.32") {
			continue
		}
		for variant, kind := range map[string]string{"": "node", "-arm64": "arm64-node", "-gpu": "gpu-node"} {
			family := publicFamily{name: "amazon-eks-" + kind + "-" + k8s + "-v*", owner: eksAccount, arm: variant == "-arm64", rootGiB: 20}
			t.recommended(family, path+"amazon-linux-2"+variant+"/recommended", version)
		}
	}
}

// bottlerocket: an image has its system on one volume and its data on another.
//
// https://github.com/bottlerocket-os/bottlerocket/blob/develop/QUICKSTART-EKS.md
func (t publicTable) bottlerocket() {
	variants := []string{"aws-ecs-1", "aws-ecs-1-nvidia", "aws-ecs-2", "aws-ecs-2-nvidia", "aws-ecs-2-fips", "aws-ecs-3", "aws-ecs-3-nvidia", "aws-ecs-3-fips"}
	for _, k8s := range kubernetesVersions {
		for _, variant := range []string{"", "-nvidia", "-fips"} {
			variants = append(variants, "aws-k8s-"+k8s+variant)
		}
	}
	for _, variant := range variants {
		for _, arch := range architectures {
			family := publicFamily{
				name: "bottlerocket-" + variant + "-" + arch + "-v1.#.0-104f8e0f", owner: bottlerocketAccount, arm: arch == "arm64", imdsv2: true,
				rootGiB: 2, dataGiB: 20,
			}
			path := "/aws/service/bottlerocket/" + variant + "/" + arch + "/latest/"
			t.add(family, "%simage_id", path)
			t[path+"image_version"] = publicParameter{family, func(r publicRelease) string { return fmt.Sprintf("1.%d.0-104f8e0f", r.number) }}
		}
	}
}

func (t publicTable) windows() {
	const path = "/aws/service/ami-windows-latest/"
	family := func(name string) publicFamily {
		return publicFamily{name: name + "-*", owner: windowsAccount, windows: true, root: "/dev/sda1", rootGiB: 30}
	}
	for _, year := range windowsYears {
		for _, kind := range []string{"Full", "Core"} {
			server := "Windows_Server-" + year + "-English-" + kind
			t.add(family(server+"-Base"), "%s%s-Base", path, server)
			t.recommended(family(server+"-ECS_Optimized"), path+server+"-ECS_Optimized", nil)
			if year == "2016" {
				continue
			}
			t.add(family("TPM-"+server+"-Base"), "%sTPM-%s-Base", path, server)
			for _, k8s := range kubernetesVersions {
				t.recommended(family(server+"-EKS_Optimized-"+k8s), path+server+"-EKS_Optimized-"+k8s, nil)
			}
		}
		for _, edition := range []string{"Express", "Web", "Standard", "Enterprise"} {
			server := "Windows_Server-" + year + "-English-Full-SQL_"
			for _, sql := range map[string][]string{"2016": {"2016", "2017", "2019"}, "2019": {"2017", "2019", "2022"}, "2022": {"2019", "2022"}, "2025": {"2022"}}[year] {
				t.add(family(server+sql+"_"+edition), "%s%s%s_%s", path, server, sql, edition)
			}
		}
	}
}

// ubuntu: a release is found by its number and by its name.
//
// https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/
func (t publicTable) ubuntu() {
	const path = "/aws/service/canonical/ubuntu/"
	for _, release := range []struct{ number, name, disk string }{
		{"20.04", "focal", "gp2"}, {"22.04", "jammy", "gp2"}, {"24.04", "noble", "gp3"}, {"26.04", "resolute", "gp3"},
	} {
		ssd := map[string]string{"gp2": "hvm-ssd", "gp3": "hvm-ssd-gp3"}[release.disk]
		for _, arch := range []string{"amd64", "arm64"} {
			family := func(format, kind string) publicFamily {
				return publicFamily{
					name:  fmt.Sprintf(format, ssd+"/ubuntu-"+release.name+"-"+release.number+"-"+arch+"-"+kind) + "-*",
					owner: canonicalAccount, arm: arch == "arm64", root: "/dev/sda1",
				}
			}
			end := "/stable/current/" + arch + "/hvm/ebs-" + release.disk + "/ami-id"
			for _, id := range []string{release.number, release.name} {
				t.add(family("ubuntu/images/%s", "server"), "%sserver/%s%s", path, id, end)
				t.add(family("ubuntu-minimal/images/%s", "minimal"), "%sserver-minimal/%s%s", path, id, end)
			}
			for _, k8s := range kubernetesVersions {
				t.add(family("ubuntu-eks/k8s_"+k8s+"/images/%s", "server"), "%seks/%s/%s%s", path, release.number, k8s, end)
			}
		}
	}
}

func (t publicTable) others() {
	for number, name := range map[string]string{"11": "bullseye", "12": "bookworm", "13": "trixie"} {
		for _, arch := range []string{"amd64", "arm64"} {
			family := publicFamily{name: "debian-" + number + "-" + arch + "-*", owner: debianAccount, arm: arch == "arm64"}
			for _, id := range []string{number, name} {
				t.add(family, "/aws/service/debian/release/%s/latest/%s", id, arch)
			}
		}
	}
	for id, name := range map[string]string{"ubuntu-22.04": "Ubuntu 22.04", "ubuntu-24.04": "Ubuntu 24.04", "amazon-linux-2023": "Amazon Linux 2023"} {
		for _, arch := range architectures {
			family := publicFamily{owner: deepLearningAccount, arm: arch == "arm64", rootGiB: 75}
			family.name = "Deep Learning " + map[string]string{"x86_64": "Base", "arm64": "ARM64 Base"}[arch] + " OSS Nvidia Driver GPU AMI (" + name + ") *"
			if strings.HasPrefix(id, "ubuntu") {
				family.root = "/dev/sda1"
			}
			t.add(family, "/aws/service/deeplearning/ami/%s/base-oss-nvidia-driver-gpu-%s/latest/ami-id", arch, id)
		}
	}
}
