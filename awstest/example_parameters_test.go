package awstest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/readyami/readyami/awstest"
)

// PutParameter answers before it has looked at the image: what is not one is
// never stored, and only what stands there afterwards tells.
func ExampleRegion_Parameters() {
	cloud := awstest.New()
	region := cloud.Region("eu-west-1")
	client := ssm.NewFromConfig(cloud.Config("eu-west-1"))
	for name, id := range map[string]string{
		"/golden": region.OwnImage(awstest.ImageSeed{Name: "golden"}),
		"/typo":   "ami-0123456789abcdef0",
	} {
		out, err := client.PutParameter(context.Background(), &ssm.PutParameterInput{
			Name: &name, Value: &id, Type: types.ParameterTypeString, DataType: new("aws:ec2:image"),
		})
		fmt.Println(out.Version, err)
	}
	for _, p := range region.Parameters() {
		_, ok := region.Image(p.Value)
		fmt.Println(p.Name, p.DataType, ok)
	}
	// Output:
	// 1 <nil>
	// 1 <nil>
	// /golden aws:ec2:image true
}

// A pipeline that follows a public parameter has work to do once a new base image
// is released.
func ExampleRegion_ReleaseBaseImage() {
	const parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
	region := awstest.New().Region("eu-west-1")
	client := ssm.NewFromConfig(region.Config())
	read := func() (version int64, image string) {
		out, err := client.GetParameter(context.Background(), &ssm.GetParameterInput{Name: new(parameter)})
		if err != nil {
			return 0, err.Error()
		}
		return out.Parameter.Version, *out.Parameter.Value
	}
	version, built := read()
	fmt.Println("version", version)
	released := region.ReleaseBaseImage(parameter)
	version, newest := read()
	fmt.Println("version", version, "to build again:", newest != built && newest == released)
	// Output:
	// version 1
	// version 2 to build again: true
}

// What another account shares is read by its ARN.
func ExampleRegion_ShareParameter() {
	cloud := awstest.New()
	owner := cloud.Account("222222222222").Region("eu-west-1")
	_, _ = ssm.NewFromConfig(owner.Config()).PutParameter(context.Background(), &ssm.PutParameterInput{
		Name: new("/golden"), Value: new("v1"), Type: types.ParameterTypeString, Tier: types.ParameterTierAdvanced,
	})
	client := ssm.NewFromConfig(cloud.Config("eu-west-1"))
	read := func() {
		out, err := client.GetParameter(context.Background(), &ssm.GetParameterInput{
			Name: new("arn:aws:ssm:eu-west-1:222222222222:parameter/golden"),
		})
		if _, missing := errors.AsType[*types.ParameterNotFound](err); missing {
			fmt.Println("not found")
			return
		}
		fmt.Println(*out.Parameter.Value)
	}
	read()
	owner.ShareParameter("/golden", awstest.DefaultAccount)
	read()
	// Output:
	// not found
	// v1
}
