package awstest_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// launchWorld is a client and an image to launch.
func launchWorld(t *testing.T) (*awstest.Region, *ec2.Client, *ec2.RunInstancesInput) {
	t.Helper()
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	return region, ec2.NewFromConfig(cloud.Config(home)), &ec2.RunInstancesInput{ImageId: new(region.OwnImage(awstest.ImageSeed{Name: "golden"})),
		InstanceType: "t3.micro", MinCount: new(int32(1)), MaxCount: new(int32(1))}
}

func instanceAttribute(t *testing.T, client *ec2.Client, id string, name ec2types.InstanceAttributeName) *ec2.DescribeInstanceAttributeOutput {
	t.Helper()
	out, err := client.DescribeInstanceAttribute(t.Context(), &ec2.DescribeInstanceAttributeInput{InstanceId: &id, Attribute: name})
	require.NoError(t, err)
	return out
}

// TestLaunchIsSeenOnItsInstance: user data, placement and instance profile, of a
// call and of a template, and that the call's win.
func TestLaunchIsSeenOnItsInstance(t *testing.T) {
	region, client, in := launchWorld(t)
	web, db := new("d2Vi"), new("ZGI=")
	template, err := client.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("web"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: in.ImageId, InstanceType: "t3.micro", UserData: web,
			Placement:          &ec2types.LaunchTemplatePlacementRequest{AvailabilityZone: new(home + "b"), Tenancy: "dedicated"},
			IamInstanceProfile: &ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: new("web")}}})
	require.NoError(t, err)
	in = &ec2.RunInstancesInput{MinCount: in.MinCount, MaxCount: in.MaxCount,
		LaunchTemplate: &ec2types.LaunchTemplateSpecification{LaunchTemplateId: template.LaunchTemplate.LaunchTemplateId}}
	run := func() ec2types.Instance {
		t.Helper()
		call := *in // the SDK writes its token into it
		out, err := client.RunInstances(t.Context(), &call)
		require.NoError(t, err)
		return out.Instances[0]
	}
	i := run()
	assert.Equal(t, home+"b", *i.Placement.AvailabilityZone)
	assert.Equal(t, region.Network().Subnets[1], *i.SubnetId)
	assert.Equal(t, ec2types.TenancyDedicated, i.Placement.Tenancy)
	assert.Equal(t, "arn:aws:iam::"+awstest.DefaultAccount+":instance-profile/web", *i.IamInstanceProfile.Arn)
	assert.Equal(t, web, instanceAttribute(t, client, *i.InstanceId, "userData").UserData.Value)
	found, err := client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{Filters: slices.Concat(
		filter("iam-instance-profile.name", "web"), filter("iam-instance-profile.id", *i.IamInstanceProfile.Id),
		filter("iam-instance-profile.arn", *i.IamInstanceProfile.Arn), filter("tenancy", "dedicated"))})
	require.NoError(t, err)
	assert.Len(t, found.Reservations, 1)

	in.UserData, in.Placement = db, &ec2types.Placement{AvailabilityZoneId: new("euw1-az3"), Tenancy: "default"}
	in.IamInstanceProfile = &ec2types.IamInstanceProfileSpecification{Arn: new("arn:aws:iam::123456789012:instance-profile/path/db")}
	i = run()
	assert.Equal(t, home+"c", *i.Placement.AvailabilityZone)
	assert.Equal(t, ec2types.TenancyDefault, i.Placement.Tenancy)
	assert.Equal(t, "arn:aws:iam::123456789012:instance-profile/path/db", *i.IamInstanceProfile.Arn)
	assert.Equal(t, db, instanceAttribute(t, client, *i.InstanceId, "userData").UserData.Value)
	like, err := client.GetLaunchTemplateData(t.Context(), &ec2.GetLaunchTemplateDataInput{InstanceId: i.InstanceId})
	require.NoError(t, err)
	assert.Equal(t, db, like.LaunchTemplateData.UserData)
	assert.Equal(t, i.IamInstanceProfile.Arn, like.LaunchTemplateData.IamInstanceProfile.Arn)
}

func TestLaunchesRefuseWhatDoesNotFit(t *testing.T) {
	region, client, in := launchWorld(t)
	for name, test := range map[string]struct {
		set           func(*ec2.RunInstancesInput)
		code, message string
	}{
		"plain user data": {func(in *ec2.RunInstancesInput) { in.UserData = new("#!/bin/sh") }, "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data."},
		"long user data": {func(in *ec2.RunInstancesInput) {
			in.UserData = new(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 16385))))
		}, "InvalidParameterValue", "User data is limited to 16384 bytes"},
		"unknown zone": {func(in *ec2.RunInstancesInput) { in.Placement = &ec2types.Placement{AvailabilityZone: new("mars-1a")} }, "InvalidParameterValue", "Invalid availability zone: [mars-1a]"},
		"zone of another subnet": {func(in *ec2.RunInstancesInput) {
			in.SubnetId, in.Placement = &region.Network().Subnets[0], &ec2types.Placement{AvailabilityZone: new(home + "b")}
		}, "InvalidParameterValue", "The subnet " + region.Network().Subnets[0] + " is in the availability zone " + home + "a, not in " + home + "b"},
		"unknown tenancy": {func(in *ec2.RunInstancesInput) { in.Placement = &ec2types.Placement{Tenancy: "mine"} }, "InvalidParameterValue", "Value (mine) for parameter placement.tenancy is invalid."},
		"profile's name": {func(in *ec2.RunInstancesInput) {
			in.IamInstanceProfile = &ec2types.IamInstanceProfileSpecification{Name: new("a b")}
		}, "InvalidParameterValue", "Value (a b) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"},
		"profile's ARN": {func(in *ec2.RunInstancesInput) {
			in.IamInstanceProfile = &ec2types.IamInstanceProfileSpecification{Arn: new("web")}
		}, "InvalidParameterValue", "Value (web) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN"},
		"profile twice": {func(in *ec2.RunInstancesInput) {
			in.IamInstanceProfile = &ec2types.IamInstanceProfileSpecification{Name: new("web"), Arn: new("arn:aws:iam::123456789012:instance-profile/web")}
		}, "InvalidParameterCombination", "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'"},
	} {
		t.Run(name, func(t *testing.T) {
			call := *in
			test.set(&call)
			_, err := client.RunInstances(t.Context(), &call)
			requireWords(t, err, test.code, test.message)
		})
	}
	in.Placement = &ec2types.Placement{Tenancy: ec2types.TenancyHost}
	_, err := client.RunInstances(t.Context(), in)
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	assert.Empty(t, region.Instances())
}

// TestInstanceAttributesAgreeWithTheInstance reads each of those that EC2 has.
func TestInstanceAttributesAgreeWithTheInstance(t *testing.T) {
	region, client, _ := launchWorld(t)
	id := region.PreparedInstance(awstest.InstanceSeed{DataGiB: []int32{3}})
	i := readInstance(t, client, id)
	for name, got := range map[ec2types.InstanceAttributeName]func(*ec2.DescribeInstanceAttributeOutput) any{
		"instanceType":                      func(o *ec2.DescribeInstanceAttributeOutput) any { return *o.InstanceType.Value },
		"kernel":                            func(o *ec2.DescribeInstanceAttributeOutput) any { return o.KernelId.Value == nil },
		"ramdisk":                           func(o *ec2.DescribeInstanceAttributeOutput) any { return o.RamdiskId.Value == nil },
		"userData":                          func(o *ec2.DescribeInstanceAttributeOutput) any { return o.UserData.Value == nil },
		"disableApiTermination":             func(o *ec2.DescribeInstanceAttributeOutput) any { return !*o.DisableApiTermination.Value },
		"disableApiStop":                    func(o *ec2.DescribeInstanceAttributeOutput) any { return !*o.DisableApiStop.Value },
		"instanceInitiatedShutdownBehavior": func(o *ec2.DescribeInstanceAttributeOutput) any { return *o.InstanceInitiatedShutdownBehavior.Value },
		"rootDeviceName":                    func(o *ec2.DescribeInstanceAttributeOutput) any { return *o.RootDeviceName.Value },
		"blockDeviceMapping":                func(o *ec2.DescribeInstanceAttributeOutput) any { return o.BlockDeviceMappings },
		"productCodes":                      func(o *ec2.DescribeInstanceAttributeOutput) any { return o.ProductCodes },
		"sourceDestCheck":                   func(o *ec2.DescribeInstanceAttributeOutput) any { return *o.SourceDestCheck.Value },
		"groupSet":                          func(o *ec2.DescribeInstanceAttributeOutput) any { return o.Groups },
		"ebsOptimized":                      func(o *ec2.DescribeInstanceAttributeOutput) any { return !*o.EbsOptimized.Value },
		"sriovNetSupport":                   func(o *ec2.DescribeInstanceAttributeOutput) any { return aws.ToString(o.SriovNetSupport.Value) },
		"enclaveOptions":                    func(o *ec2.DescribeInstanceAttributeOutput) any { return !*o.EnclaveOptions.Enabled },
	} {
		var want any = true
		switch name {
		case "instanceType":
			want = string(i.InstanceType)
		case "instanceInitiatedShutdownBehavior":
			want = "stop"
		case "rootDeviceName":
			want = *i.RootDeviceName
		case "blockDeviceMapping":
			want = i.BlockDeviceMappings
		case "productCodes":
			want = i.ProductCodes
		case "groupSet":
			want = i.SecurityGroups
		case "sriovNetSupport":
			want = "simple" // as all images of this kind are
		}
		assert.Equal(t, want, got(instanceAttribute(t, client, id, name)), name)
	}
	_, err := client.DescribeInstanceAttribute(t.Context(), &ec2.DescribeInstanceAttributeInput{InstanceId: &id, Attribute: "enaSupport"})
	requireCode(t, err, "InvalidParameterValue", "enaSupport")
	_, err = client.DescribeInstanceAttribute(t.Context(), &ec2.DescribeInstanceAttributeInput{InstanceId: new(unknownInstance), Attribute: "kernel"})
	requireCode(t, err, "InvalidInstanceID.NotFound", unknownInstance)
}
