package awstest_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// withInterface is template data whose primary interface has the security group
// and, by AssociatePublicIpAddress, a public address.
func withInterface(r *awstest.Region, group string) *ec2types.RequestLaunchTemplateData {
	return &ec2types.RequestLaunchTemplateData{
		ImageId: new(r.PublicImage("base")), InstanceType: ec2types.InstanceTypeT3Micro,
		NetworkInterfaces: []ec2types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest{{
			DeviceIndex: new(int32(0)), AssociatePublicIpAddress: new(true), Groups: []string{group},
		}},
	}
}

// What EC2 takes beside the network interfaces of a template, and what it refuses.
func TestSubnetAndGroupsBesideInterfaces(t *testing.T) {
	cloud := awstest.Start(t)
	r, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
	group, subnets := r.SecurityGroup("web"), r.Network().Subnets
	id := r.Template(awstest.TemplateSeed{Name: "nic", Data: withInterface(r, group)})
	plain := r.Template(awstest.TemplateSeed{Name: "plain", Data: &ec2types.RequestLaunchTemplateData{
		ImageId: new(r.PublicImage("base")), InstanceType: ec2types.InstanceTypeT3Micro, SecurityGroupIds: []string{group},
	}})
	named := r.Template(awstest.TemplateSeed{Name: "named", Data: &ec2types.RequestLaunchTemplateData{
		ImageId: new(r.PublicImage("base")), InstanceType: ec2types.InstanceTypeT3Micro, SecurityGroups: []string{"web"},
	}})
	chosen := r.Template(awstest.TemplateSeed{Name: "chosen", Data: &ec2types.RequestLaunchTemplateData{
		ImageId: new(r.PublicImage("base")),
		InstanceRequirements: &ec2types.InstanceRequirementsRequest{
			VCpuCount: &ec2types.VCpuCountRangeRequest{Min: new(int32(2))}, MemoryMiB: &ec2types.MemoryMiBRequest{Min: new(int32(1024))},
		},
	}})
	inSubnet := []ec2types.InstanceNetworkInterfaceSpecification{{DeviceIndex: new(int32(0)), SubnetId: &subnets[1]}}

	for name, tt := range map[string]struct {
		template string
		change   func(*ec2.RunInstancesInput)
		code     string
		message  string
	}{
		"nothing":                       {template: id},
		"the subnet in the interface":   {template: id, change: func(in *ec2.RunInstancesInput) { in.NetworkInterfaces = inSubnet }},
		"a subnet":                      {id, func(in *ec2.RunInstancesInput) { in.SubnetId = &subnets[1] }, "InvalidParameterCombination", "subnet ID"},
		"security groups":               {id, func(in *ec2.RunInstancesInput) { in.SecurityGroupIds = []string{group} }, "InvalidParameterCombination", "security groups"},
		"interfaces beside groups":      {plain, func(in *ec2.RunInstancesInput) { in.NetworkInterfaces = inSubnet }, "InvalidParameterCombination", "security groups"},
		"groups by name":                {template: named},
		"a subnet beside group names":   {named, func(in *ec2.RunInstancesInput) { in.SubnetId = &subnets[1] }, "InvalidParameterCombination", "groupName"},
		"requirements":                  {template: chosen, code: "InvalidParameterCombination", message: "InstanceRequirements"},
		"a type beside requirements":    {chosen, func(in *ec2.RunInstancesInput) { in.InstanceType = "t3.micro" }, "InvalidParameterCombination", "InstanceRequirements"},
		"a subnet without an interface": {template: plain, change: func(in *ec2.RunInstancesInput) { in.SubnetId = &subnets[1] }},
	} {
		for _, dry := range []bool{true, false} {
			in := &ec2.RunInstancesInput{
				DryRun: &dry, MinCount: new(int32(1)), MaxCount: new(int32(1)),
				LaunchTemplate: &ec2types.LaunchTemplateSpecification{LaunchTemplateId: &tt.template, Version: new("1")},
			}
			if tt.change != nil {
				tt.change(in)
			}
			_, err := client.RunInstances(t.Context(), in)
			switch {
			case tt.code != "":
				requireCode(t, err, tt.code, tt.message)
			case dry:
				requireCode(t, err, "DryRunOperation", "")
			default:
				require.NoError(t, err, name)
			}
		}
	}
}

func TestNetworkInterfacesOfALaunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		r, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
		group, subnets := r.SecurityGroup("web"), r.Network().Subnets
		out, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{
			MinCount: new(int32(1)), MaxCount: new(int32(1)), ImageId: new(r.PublicImage("base")), InstanceType: "t3.micro",
			NetworkInterfaces: []ec2types.InstanceNetworkInterfaceSpecification{
				{DeviceIndex: new(int32(1)), SubnetId: &subnets[2]},
				{DeviceIndex: new(int32(0)), SubnetId: &subnets[1], Groups: []string{group}, AssociatePublicIpAddress: new(true)},
			},
		})
		require.NoError(t, err)
		i := readInstance(t, client, *out.Instances[0].InstanceId)
		assert.Equal(t, subnets[1], *i.SubnetId, "of the interface with the index 0")
		assert.Equal(t, group, *i.SecurityGroups[0].GroupId)
		require.Len(t, i.NetworkInterfaces, 2)
		assert.Equal(t, subnets[2], *i.NetworkInterfaces[0].SubnetId)
		assert.Nil(t, i.NetworkInterfaces[0].Association)
		assert.NotEqual(t, *i.NetworkInterfaces[0].NetworkInterfaceId, *i.NetworkInterfaces[1].NetworkInterfaceId)
		assert.Equal(t, "198.18.16.4", *i.NetworkInterfaces[1].Association.PublicIp)

		_, err = client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{*i.InstanceId}})
		require.NoError(t, err)
		assert.Empty(t, readInstance(t, client, *i.InstanceId).NetworkInterfaces)
	})
}

// A group names its own subnets, whatever the interfaces of its template.
func TestGroupOfATemplateWithInterfaces(t *testing.T) {
	cloud := awstest.Start(t)
	r, client := cloud.Region(home), autoscaling.NewFromConfig(cloud.Config(home))
	group, subnets := r.SecurityGroup("web"), r.Network().Subnets
	data := withInterface(r, group)
	create := func(name string) error {
		id := r.Template(awstest.TemplateSeed{Name: name, Data: data})
		_, err := client.CreateAutoScalingGroup(t.Context(), &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: &name, MinSize: new(int32(1)), MaxSize: new(int32(1)), VPCZoneIdentifier: &subnets[1],
			LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &id, Version: new("1")},
		})
		return err
	}
	require.NoError(t, create("nic"))
	require.Len(t, r.Instances(), 1)
	assert.Equal(t, subnets[1], *r.Instances()[0].SubnetId)
	assert.Equal(t, group, *r.Instances()[0].SecurityGroups[0].GroupId)

	data.InstanceType, data.InstanceRequirements = "", &ec2types.InstanceRequirementsRequest{
		VCpuCount: &ec2types.VCpuCountRangeRequest{Min: new(int32(4))}, MemoryMiB: &ec2types.MemoryMiBRequest{Min: new(int32(8192))},
	}
	require.NoError(t, create("chosen"))
	assert.Equal(t, ec2types.InstanceType("c5.xlarge"), r.Instances()[1].InstanceType, "as the template requires")

	data.SecurityGroupIds = []string{group}
	requireCode(t, create("both"), "ValidationError", "security groups")
}

// A dry run asks whether the call may be made, not whether there is room now.
func TestDryRunDoesNotAskForCapacity(t *testing.T) {
	cloud := awstest.Start(t)
	r, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
	r.LackCapacity("t3.micro")
	in := &ec2.RunInstancesInput{
		DryRun: new(true), MinCount: new(int32(1)), MaxCount: new(int32(1)), ImageId: new(r.PublicImage("base")), InstanceType: "t3.micro",
	}
	_, err := client.RunInstances(t.Context(), in)
	requireCode(t, err, "DryRunOperation", "")
	in.DryRun = nil
	_, err = client.RunInstances(t.Context(), in)
	requireCode(t, err, "InsufficientInstanceCapacity", "")
}
