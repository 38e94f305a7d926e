package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func attribute(t *testing.T, client *ec2.Client, id string, name ec2types.ImageAttributeName) *ec2.DescribeImageAttributeOutput {
	t.Helper()
	out, err := client.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: &id, Attribute: name})
	require.NoError(t, err)
	assert.Equal(t, id, *out.ImageId)
	return out
}

func TestDescribeImageAttribute(t *testing.T) {
	cloud := awstest.Start(t)
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	id := region.OwnImage(awstest.ImageSeed{Name: "golden", Description: "ready", ProductCodes: []string{"abc"}, IMDSv2: true, SharedWith: []string{stranger}})
	of := func(name ec2types.ImageAttributeName) *ec2.DescribeImageAttributeOutput {
		return attribute(t, client, id, name)
	}

	assert.Equal(t, "ready", *of("description").Description.Value)
	assert.Equal(t, "uefi-preferred", *of("bootMode").BootMode.Value)
	assert.Equal(t, "simple", *of("sriovNetSupport").SriovNetSupport.Value)
	assert.Equal(t, "v2.0", *of("imdsSupport").ImdsSupport.Value)
	assert.Equal(t, "disabled", *of("deregistrationProtection").DeregistrationProtection.Value)
	assert.Equal(t, []ec2types.LaunchPermission{user(stranger)}, of("launchPermission").LaunchPermissions)
	assert.Equal(t, []ec2types.ProductCode{{ProductCodeId: new("abc"), ProductCodeType: "marketplace"}}, of("productCodes").ProductCodes)
	for name, empty := range map[ec2types.ImageAttributeName]*ec2types.AttributeValue{
		"kernel": of("kernel").KernelId, "ramdisk": of("ramdisk").RamdiskId, "tpmSupport": of("tpmSupport").TpmSupport,
		"uefiData": of("uefiData").UefiData, "lastLaunchedTime": of("lastLaunchedTime").LastLaunchedTime,
	} {
		assert.Equal(t, &ec2types.AttributeValue{}, empty, name)
	}

	consumer := clientOf(cloud, stranger, home)
	assert.Equal(t, "ready", *attribute(t, consumer, id, "description").Description.Value)
	ask := func(client *ec2.Client, id string, name ec2types.ImageAttributeName) error {
		_, err := client.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: &id, Attribute: name})
		return err
	}
	requireCode(t, ask(consumer, id, "launchPermission"), "AuthFailure", "Not authorized for image:"+id)
	requireCode(t, ask(consumer, id, "lastLaunchedTime"), "AuthFailure", "Not authorized for image:"+id)
	requireCode(t, ask(client, id, "blockDeviceMapping"), "AuthFailure", "")
	requireCode(t, ask(client, id, "colour"), "InvalidParameterValue", "colour")
	requireCode(t, ask(client, unknownAMI, "description"), "InvalidAMIID.NotFound", unknownAMI)
	requireCode(t, ask(client, "ami-x", "description"), "InvalidAMIID.Malformed", "ami-x")
}

func TestAttributesOfAnImageThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		client := ec2.NewFromConfig(cloud.Config(home))
		id := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
		_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
		require.NoError(t, err)
		_, err = client.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: &id, Attribute: "description"})
		requireCode(t, err, "InvalidAMIID.Unavailable", "no longer available")
		_, err = client.EnableImageDeregistrationProtection(t.Context(), &ec2.EnableImageDeregistrationProtectionInput{ImageId: &id})
		requireCode(t, err, "InvalidAMIID.Unavailable", "no longer available")
		_, err = client.EnableImageDeprecation(t.Context(), &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: new(cloud.Now().Add(time.Hour))})
		requireCode(t, err, "InvalidAMIID.Unavailable", "no longer available")
		_, err = client.DisableImageDeprecation(t.Context(), &ec2.DisableImageDeprecationInput{ImageId: &id})
		requireCode(t, err, "InvalidAMIID.Unavailable", "no longer available")
	})
}

func TestModifyDescriptionAndIMDS(t *testing.T) {
	cloud := awstest.Start(t)
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	id := region.OwnImage(awstest.ImageSeed{Name: "golden", Description: "first"})
	for _, c := range []struct {
		in   ec2.ModifyImageAttributeInput
		want string
	}{
		{ec2.ModifyImageAttributeInput{Description: &ec2types.AttributeValue{Value: new("second")}}, "second"},
		{ec2.ModifyImageAttributeInput{Attribute: new("description"), Value: new("third")}, "third"},
		{ec2.ModifyImageAttributeInput{Attribute: new("description"), Description: &ec2types.AttributeValue{Value: new("fourth")}}, "fourth"},
	} {
		c.in.ImageId = &id
		_, err := client.ModifyImageAttribute(t.Context(), &c.in)
		require.NoError(t, err)
		assert.Equal(t, c.want, *readImage(t, client, id).Description)
	}
	_, err := client.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &id, Description: &ec2types.AttributeValue{Value: new("")}})
	require.NoError(t, err)
	assert.Nil(t, readImage(t, client, id).Description)

	for name, in := range map[string]ec2.ModifyImageAttributeInput{
		"structure": {ImdsSupport: &ec2types.AttributeValue{Value: new("v2.0")}},
		"value":     {Attribute: new("imdsSupport"), Value: new("v2.0")},
	} {
		in.ImageId = new(region.OwnImage(awstest.ImageSeed{Name: name}))
		assert.Empty(t, readImage(t, client, *in.ImageId).ImdsSupport)
		_, err := client.ModifyImageAttribute(t.Context(), &in)
		require.NoError(t, err)
		assert.Equal(t, ec2types.ImdsSupportValuesV20, readImage(t, client, *in.ImageId).ImdsSupport)
		copied := copyTo(t, client, ec2.CopyImageInput{Name: new(name + " copy"), SourceImageId: in.ImageId, SourceRegion: new(home)})
		assert.Equal(t, ec2types.ImdsSupportValuesV20, readImage(t, client, copied).ImdsSupport)
	}
}

func TestLastLaunchIsReportedADayLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
		id := region.OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{stranger}})
		consumer := clientOf(cloud, stranger, home)
		launch := func(client *ec2.Client) {
			_, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &id, MinCount: new(int32(1)), MaxCount: new(int32(1)), InstanceType: "t3.micro"})
			require.NoError(t, err)
		}
		launch(client)
		time.Sleep(time.Hour)
		launch(consumer)
		time.Sleep(23*time.Hour - 1)
		assert.Nil(t, readImage(t, client, id).LastLaunchedTime)
		time.Sleep(time.Nanosecond)
		assert.Equal(t, "2000-01-01T00:00:00Z", *readImage(t, client, id).LastLaunchedTime)
		time.Sleep(time.Hour)
		assert.Equal(t, "2000-01-01T01:00:00Z", *readImage(t, client, id).LastLaunchedTime)
		assert.Equal(t, "2000-01-01T01:00:00Z", *attribute(t, client, id, "lastLaunchedTime").LastLaunchedTime.Value)
		assert.Nil(t, readImage(t, consumer, id).LastLaunchedTime)
	})
}

func TestImagesDecideOnIMDSv2(t *testing.T) {
	cloud := awstest.Start(t)
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	options := func(in ec2.RunInstancesInput) ec2types.InstanceMetadataOptionsResponse {
		return *readInstance(t, client, *runOne(t, client, in).InstanceId).MetadataOptions
	}
	want := ec2types.InstanceMetadataOptionsResponse{HttpEndpoint: "enabled", HttpProtocolIpv6: "disabled",
		HttpPutResponseHopLimit: new(int32(1)), HttpTokens: "optional", InstanceMetadataTags: "disabled", State: "applied"}
	id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	before := *runOne(t, client, ec2.RunInstancesInput{ImageId: &id}).InstanceId

	_, err := client.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &id, Attribute: new("imdsSupport"), Value: new("v2.0")})
	require.NoError(t, err)
	assert.Equal(t, want, *readInstance(t, client, before).MetadataOptions, "what runs stays as it is")
	want.HttpTokens, want.HttpPutResponseHopLimit = "required", new(int32(2))
	assert.Equal(t, want, options(ec2.RunInstancesInput{ImageId: &id}))

	want.HttpTokens, want.HttpPutResponseHopLimit = "optional", new(int32(5))
	want.HttpEndpoint, want.HttpProtocolIpv6, want.InstanceMetadataTags = "disabled", "enabled", "enabled"
	assert.Equal(t, want, options(ec2.RunInstancesInput{ImageId: &id, MetadataOptions: &ec2types.InstanceMetadataOptionsRequest{
		HttpEndpoint: "disabled", HttpProtocolIpv6: "enabled", InstanceMetadataTags: "enabled", HttpTokens: "optional", HttpPutResponseHopLimit: new(int32(5))}}),
		"the launch has the last word")

	template, err := client.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("web"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: &id, InstanceType: "t3.micro",
			MetadataOptions: &ec2types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: "optional", HttpPutResponseHopLimit: new(int32(3))}}})
	require.NoError(t, err)
	from := &ec2types.LaunchTemplateSpecification{LaunchTemplateId: template.LaunchTemplate.LaunchTemplateId}
	want = ec2types.InstanceMetadataOptionsResponse{HttpEndpoint: "enabled", HttpProtocolIpv6: "disabled",
		HttpPutResponseHopLimit: new(int32(3)), HttpTokens: "optional", InstanceMetadataTags: "disabled", State: "applied"}
	assert.Equal(t, want, options(ec2.RunInstancesInput{LaunchTemplate: from}))
	want.HttpTokens = "required"
	assert.Equal(t, want, options(ec2.RunInstancesInput{LaunchTemplate: from,
		MetadataOptions: &ec2types.InstanceMetadataOptionsRequest{HttpTokens: "required"}}), "one by one")

	launched := *runOne(t, client, ec2.RunInstancesInput{ImageId: &id}).InstanceId
	made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &launched, Name: new("next")})
	require.NoError(t, err)
	assert.Equal(t, ec2types.ImdsSupportValuesV20, readImage(t, client, *made.ImageId).ImdsSupport)
}
