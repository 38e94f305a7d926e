package awstest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

const baseImage = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

func readParameter(t *testing.T, region *awstest.Region, name string) *ssmtypes.Parameter {
	t.Helper()
	out, err := ssm.NewFromConfig(region.Config()).GetParameter(t.Context(), &ssm.GetParameterInput{Name: &name})
	require.NoError(t, err, name)
	return out.Parameter
}

func TestPublicParametersHoldAmazonsImages(t *testing.T) {
	cloud := awstest.Start(t)
	for _, where := range []string{home, away} {
		region := cloud.Region(where)
		for name, want := range map[string]struct{ arch, owner, image, root string }{
			"ami-amazon-linux-latest/al2023-ami-kernel-default-arm64":                         {"arm64", "137112412989", "al2023-ami-2023.", "/dev/xvda"},
			"ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64":                            {"x86_64", "137112412989", "al2023-ami-2023.", "/dev/xvda"},
			"ami-amazon-linux-latest/al2023-ami-kernel-6.12-arm64":                            {"arm64", "137112412989", "al2023-ami-2023.", "/dev/xvda"},
			"ami-amazon-linux-latest/al2023-ami-kernel-6.18-x86_64":                           {"x86_64", "137112412989", "al2023-ami-2023.", "/dev/xvda"},
			"ami-amazon-linux-latest/al2023-ami-minimal-kernel-6.1-arm64":                     {"arm64", "137112412989", "al2023-ami-minimal-2023.", "/dev/xvda"},
			"ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64":                {"x86_64", "137112412989", "al2023-ami-minimal-2023.", "/dev/xvda"},
			"ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2":                                {"x86_64", "137112412989", "amzn2-ami-hvm-2.0.", "/dev/xvda"},
			"ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-arm64-gp2":                     {"arm64", "137112412989", "amzn2-ami-kernel-5.10-hvm-2.0.", "/dev/xvda"},
			"ami-amazon-linux-latest/amzn2-ami-minimal-hvm-x86_64-ebs":                        {"x86_64", "137112412989", "amzn2-ami-minimal-hvm-2.0.", "/dev/xvda"},
			"ami-windows-latest/Windows_Server-2022-English-Full-Base":                        {"x86_64", "801119661308", "Windows_Server-2022-English-Full-Base-", "/dev/sda1"},
			"ami-windows-latest/Windows_Server-2025-English-Core-Base":                        {"x86_64", "801119661308", "Windows_Server-2025-English-Core-Base-", "/dev/sda1"},
			"ami-windows-latest/TPM-Windows_Server-2022-English-Core-Base":                    {"x86_64", "801119661308", "TPM-Windows_Server-2022-", "/dev/sda1"},
			"ami-windows-latest/Windows_Server-2022-English-Full-SQL_2022_Standard":           {"x86_64", "801119661308", "Windows_Server-2022-", "/dev/sda1"},
			"ami-windows-latest/Windows_Server-2019-English-Core-EKS_Optimized-1.33/image_id": {"x86_64", "801119661308", "Windows_Server-2019-", "/dev/sda1"},
			"ami-windows-latest/Windows_Server-2022-English-Full-ECS_Optimized/image_id":      {"x86_64", "801119661308", "Windows_Server-2022-", "/dev/sda1"},
			"canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id":           {"arm64", "099720109477", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-", "/dev/sda1"},
			"canonical/ubuntu/server/jammy/stable/current/amd64/hvm/ebs-gp2/ami-id":           {"x86_64", "099720109477", "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-", "/dev/sda1"},
			"canonical/ubuntu/server-minimal/22.04/stable/current/arm64/hvm/ebs-gp2/ami-id":   {"arm64", "099720109477", "ubuntu-minimal/images/hvm-ssd/ubuntu-jammy-", "/dev/sda1"},
			"canonical/ubuntu/eks/22.04/1.31/stable/current/amd64/hvm/ebs-gp2/ami-id":         {"x86_64", "099720109477", "ubuntu-eks/k8s_1.31/images/hvm-ssd/ubuntu-jammy-", "/dev/sda1"},
			"ecs/optimized-ami/amazon-linux-2023/recommended/image_id":                        {"x86_64", "591542846629", "al2023-ami-ecs-hvm-2023.0.", "/dev/xvda"},
			"ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id":                    {"x86_64", "591542846629", "al2023-ami-ecs-gpu-hvm-2023.0.", "/dev/xvda"},
			"ecs/optimized-ami/amazon-linux-2023/neuron/recommended/image_id":                 {"x86_64", "591542846629", "al2023-ami-ecs-neuron-hvm-2023.0.", "/dev/xvda"},
			"ecs/optimized-ami/amazon-linux-2/arm64/recommended/image_id":                     {"arm64", "591542846629", "amzn2-ami-ecs-hvm-2.0.", "/dev/xvda"},
			"ecs/optimized-ami/amazon-linux-2/kernel-5.10/recommended/image_id":               {"x86_64", "591542846629", "amzn2-ami-ecs-kernel-5.10-hvm-2.0.", "/dev/xvda"},
			"eks/optimized-ami/1.35/amazon-linux-2023/x86_64/nvidia/recommended/image_id":     {"x86_64", "602401143452", "amazon-eks-node-al2023-x86_64-nvidia-1.35-v", "/dev/xvda"},
			"eks/optimized-ami/1.30/amazon-linux-2-arm64/recommended/image_id":                {"arm64", "602401143452", "amazon-eks-arm64-node-1.30-v", "/dev/xvda"},
			"bottlerocket/aws-k8s-1.33-fips/arm64/latest/image_id":                            {"arm64", "092701018921", "bottlerocket-aws-k8s-1.33-fips-arm64-v1.", "/dev/xvda"},
			"bottlerocket/aws-ecs-2-nvidia/x86_64/latest/image_id":                            {"x86_64", "092701018921", "bottlerocket-aws-ecs-2-nvidia-x86_64-v1.", "/dev/xvda"},
			"debian/release/12/latest/amd64":                                                  {"x86_64", "136693071363", "debian-12-amd64-", "/dev/xvda"},
			"deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-ubuntu-22.04/latest/ami-id":   {"x86_64", "898082745236", "Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) ", "/dev/sda1"},
		} {
			name = "/aws/service/" + name
			p := readParameter(t, region, name)
			assert.Equal(t, "aws:ec2:image", *p.DataType, name)
			out, err := ec2.NewFromConfig(region.Config()).DescribeImages(t.Context(), &ec2.DescribeImagesInput{
				ImageIds: []string{*p.Value}, Owners: []string{"amazon"},
				Filters: []ec2types.Filter{{Name: new("public-ssm-parameter-name"), Values: []string{name}}},
			})
			require.NoError(t, err, name)
			require.Len(t, out.Images, 1, name)
			i := out.Images[0]
			assert.Equal(t, want.arch, string(i.Architecture), name)
			assert.Equal(t, want.owner, *i.OwnerId, name)
			assert.True(t, strings.HasPrefix(*i.Name, want.image), "%s: %s", name, *i.Name)
			assert.Equal(t, want.root, *i.RootDeviceName, name)
			assert.Equal(t, want.root, *i.BlockDeviceMappings[0].DeviceName, name)
			assert.Equal(t, strings.Contains(name, "windows"), i.Platform == "windows", name)
			assert.Equal(t, strings.Contains(name, "bottlerocket"), len(i.BlockDeviceMappings) == 2, name)
		}
	}
	assert.NotEqual(t, *readParameter(t, cloud.Region(home), baseImage).Value, *readParameter(t, cloud.Region(away), baseImage).Value)
}

// What a public parameter tells beside the id.
func TestPublicParametersTellOfTheirImages(t *testing.T) {
	region := awstest.Start(t).Region(home)
	for _, path := range []string{
		"/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended",
		"/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/arm64/standard/recommended",
		"/aws/service/ami-windows-latest/Windows_Server-2022-English-Core-ECS_Optimized",
	} {
		var all map[string]any
		p := readParameter(t, region, path)
		assert.Equal(t, "text", *p.DataType)
		require.NoError(t, json.Unmarshal([]byte(*p.Value), &all), *p.Value)
		assert.Equal(t, *readParameter(t, region, path+"/image_id").Value, all["image_id"])
		assert.Equal(t, *readParameter(t, region, path+"/image_name").Value, all["image_name"])
	}
	assert.Regexp(t, `^1\.33\.0-\d{8}$`, *readParameter(t, region, "/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/arm64/standard/recommended/release_version").Value)
	assert.Equal(t, "1.1.0-104f8e0f", *readParameter(t, region, "/aws/service/bottlerocket/aws-ecs-2/x86_64/latest/image_version").Value)
}

func TestAReleaseMovesAllThatTellOfTheImage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		region := cloud.Region(home)
		const path = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended"
		before, elsewhere := readParameter(t, region, path+"/image_id"), readParameter(t, cloud.Region(away), path+"/image_id")
		other := readParameter(t, region, baseImage)
		assert.Equal(t, time.Now().Add(-24*time.Hour), *before.LastModifiedDate)
		time.Sleep(30 * 24 * time.Hour)
		region.Template(awstest.TemplateSeed{Name: "web", ImageID: "resolve:ssm:" + path + "/image_id"})

		first, second := region.ReleaseBaseImage(path), region.ReleaseBaseImage(path+"/image_id")
		after := readParameter(t, region, path+"/image_id")
		assert.Equal(t, second, *after.Value)
		assert.Equal(t, int64(3), after.Version)
		assert.Equal(t, time.Now(), *after.LastModifiedDate)
		for version, want := range map[string]string{":1": *before.Value, ":2": first} {
			assert.Equal(t, want, *readParameter(t, region, path+"/image_id"+version).Value)
		}
		assert.Contains(t, *readParameter(t, region, path).Value, second, "and all that is told of it")
		assert.Equal(t, elsewhere, readParameter(t, cloud.Region(away), path+"/image_id"), "Regions are released to one by one")
		assert.Equal(t, other, readParameter(t, region, baseImage), "another family")

		out, err := ec2.NewFromConfig(region.Config()).DescribeImages(t.Context(), &ec2.DescribeImagesInput{
			Owners: []string{"amazon"}, Filters: []ec2types.Filter{{Name: new("public-ssm-parameter-name"), Values: []string{path}}},
		})
		require.NoError(t, err)
		names := map[string]bool{}
		for _, i := range out.Images {
			names[*i.Name] = true
		}
		day := time.Now().UTC().Format("20060102")
		assert.Equal(t, map[string]bool{
			"al2023-ami-ecs-hvm-2023.0.19991231-kernel-6.1-x86_64":      true, // the bubble's clock begins with the year 2000
			"al2023-ami-ecs-hvm-2023.0." + day + "-kernel-6.1-x86_64":   true,
			"al2023-ami-ecs-hvm-2023.0." + day + ".1-kernel-6.1-x86_64": true,
		}, names)
		launched, err := ec2.NewFromConfig(region.Config()).RunInstances(t.Context(), &ec2.RunInstancesInput{
			LaunchTemplate: &ec2types.LaunchTemplateSpecification{LaunchTemplateName: new("web")}, MinCount: new(int32(1)), MaxCount: new(int32(1)),
		})
		require.NoError(t, err)
		assert.Equal(t, second, *launched.Instances[0].ImageId, "what follows the parameter launches the new one")
		assert.Panics(t, func() { region.ReleaseBaseImage("/aws/service/none") })
	})
}

// The default kernel of AL2023 is that of another parameter, and moves with it.
func TestTheDefaultKernelIsAnotherParametersImage(t *testing.T) {
	region := awstest.Start(t).Region(home)
	const named = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.18-x86_64"
	assert.Equal(t, *readParameter(t, region, named).Value, *readParameter(t, region, baseImage).Value)
	assert.Equal(t, region.ReleaseBaseImage(named), *readParameter(t, region, baseImage).Value)
	unread := awstest.Start(t).Region(home)
	unread.ReleaseBaseImage(named)
	assert.Equal(t, int64(2), readParameter(t, unread, baseImage).Version, "there was one before")
}

// What a call comes to see first is not what it has made.
func TestPublicImagesAreNoWorkOfTheCaller(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithConsistency(awstest.Consistency{UnseenFor: time.Hour}))
	region := cloud.Region(home)
	out, err := ec2.NewFromConfig(region.Config()).DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{*readParameter(t, region, baseImage).Value}})
	require.NoError(t, err)
	assert.Len(t, out.Images, 1)
	assert.Empty(t, cloud.Leaks())
}

// AWS tells a name that is not there from a service that is not, and this package
// what it does not model.
func TestPublicParametersThatAreNotThere(t *testing.T) {
	client := ssm.NewFromConfig(awstest.Start(t).Config(home))
	get := func(name string) error {
		_, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &name})
		return err
	}
	assert.ErrorAs(t, get("/aws/service/eks/optimized-ami/1.99/amazon-linux-2023/x86_64/standard/recommended/image_id"), new(*ssmtypes.ParameterNotFound))
	requireCode(t, get("/aws/service/not-real-service/not-real-parameter"), "AccessDeniedException", "aws/service/not-real-service is not a valid namespace")
	_, err := client.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{baseImage, "/aws/service/not-real-service/x"}})
	requireCode(t, err, "AccessDeniedException", "not a valid namespace")
	err = get("/aws/service/global-infrastructure/regions/eu-west-1/longName")
	require.ErrorIs(t, err, errors.ErrUnsupported)
	assert.ErrorContains(t, err, "/aws/service/global-infrastructure")
}
