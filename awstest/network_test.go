package awstest_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// A group launches into a network that calls have made.
func TestGroupInANetworkOfItsOwn(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	ctx := t.Context()
	made, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: new("10.0.0.0/16")})
	require.NoError(t, err)
	vpc := made.Vpc.VpcId
	subnet, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: new("10.0.7.0/28"), AvailabilityZone: new(home + "b")})
	require.NoError(t, err)
	assert.Equal(t, int32(11), *subnet.Subnet.AvailableIpAddressCount)
	group, err := client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: new("web"), Description: new("web"), VpcId: vpc})
	require.NoError(t, err)
	key, err := client.CreateKeyPair(ctx, &ec2.CreateKeyPairInput{KeyName: new("mine"), KeyType: ec2types.KeyTypeEd25519})
	require.NoError(t, err)
	block, _ := pem.Decode([]byte(*key.KeyMaterial))
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	require.NoError(t, err)
	assert.IsType(t, ed25519.PrivateKey{}, private)

	data := &ec2types.RequestLaunchTemplateData{KeyName: new("mine"), SecurityGroupIds: []string{*group.GroupId}}
	region := cloud.Region(home)
	seeded := region.Group(awstest.GroupSeed{Name: "web", TemplateID: region.Template(awstest.TemplateSeed{Name: "web", Data: data}),
		Subnets: []string{*subnet.Subnet.SubnetId}})
	i := readInstance(t, client, seeded.Instances[0])
	assert.Equal(t, "10.0.7.4", *i.PrivateIpAddress)
	assert.Equal(t, *vpc, *i.VpcId)
	assert.Equal(t, "mine", *i.KeyName)

	// What is used stays.
	_, err = client.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: group.GroupId})
	assert.ErrorContains(t, err, "DependencyViolation")
	_, err = client.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: subnet.Subnet.SubnetId})
	assert.ErrorContains(t, err, "DependencyViolation")
	_, err = client.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: vpc})
	assert.ErrorContains(t, err, "DependencyViolation")
	_, err = autoscaling.NewFromConfig(cloud.Config(home)).DeleteAutoScalingGroup(ctx,
		&autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new("web"), ForceDelete: new(true)})
	require.NoError(t, err)
	region.Instances()
	for _, del := range []func() error{
		func() error {
			_, err := client.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: group.GroupId})
			return err
		},
		func() error {
			_, err := client.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: subnet.Subnet.SubnetId})
			return err
		},
		func() error { _, err := client.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: vpc}); return err },
	} {
		assert.NoError(t, del())
	}
}

func TestNetworkRefusals(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	ctx := t.Context()
	network := cloud.Region(home).Network()
	made, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: new("10.0.0.0/16")})
	require.NoError(t, err)
	foreign := cloud.Region(home).SecurityGroup("of the default VPC")
	own, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: made.Vpc.VpcId, CidrBlock: new("10.0.1.0/24")})
	require.NoError(t, err)
	for code, call := range map[string]func() error{
		"InvalidVpc.Range": func() error {
			_, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: new("10.0.0.0/8")})
			return err
		},
		"InvalidParameterValue": func() error {
			_, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: new("ten")})
			return err
		},
		"InvalidVpcID.NotFound": func() error {
			_, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: new("vpc-00000000000000000"), CidrBlock: new("10.0.1.0/24")})
			return err
		},
		"InvalidSubnet.Range": func() error {
			_, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: made.Vpc.VpcId, CidrBlock: new("10.1.0.0/24")})
			return err
		},
		"InvalidSubnet.Conflict": func() error {
			_, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &network.VPCID, CidrBlock: new("172.31.16.0/24")})
			return err
		},
		"InvalidGroup.Duplicate": func() error {
			_, err := client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: new("of the default VPC"), Description: new("again")})
			return err
		},
		"CannotDelete": func() error {
			_, err := client.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &network.SecurityGroups[0]})
			return err
		},
		"InvalidKeyPair.Duplicate": func() error {
			_, err := client.CreateKeyPair(ctx, &ec2.CreateKeyPairInput{KeyName: new("default"), KeyType: ec2types.KeyTypeEd25519})
			return err
		},
		"belong to different networks": func() error {
			_, err := client.RunInstances(ctx, &ec2.RunInstancesInput{ImageId: new(cloud.Region(home).PublicImage("base")), MinCount: new(int32(1)),
				MaxCount: new(int32(1)), SubnetId: own.Subnet.SubnetId, SecurityGroupIds: []string{foreign}})
			return err
		},
		"InvalidInstanceType": func() error {
			_, err := client.DescribeInstanceTypes(ctx, &ec2.DescribeInstanceTypesInput{InstanceTypes: []ec2types.InstanceType{"t9.gigantic"}})
			return err
		},
		"InvalidParameterValue: Invalid region names": func() error {
			_, err := client.DescribeRegions(ctx, &ec2.DescribeRegionsInput{RegionNames: []string{"mars-1"}})
			return err
		},
	} {
		assert.ErrorContains(t, call(), code)
	}
}

// A machine is checked for a while after it has come to run.
func TestInstanceStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		timing := awstest.Timing{InstanceStart: time.Minute, HealthCheck: 2 * time.Minute}
		cloud := awstest.Start(t, awstest.WithTiming(timing))
		client := ec2.NewFromConfig(cloud.Config(home))
		id := cloud.Region(home).PublicImage("base")
		ran, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &id, MinCount: new(int32(1)), MaxCount: new(int32(1))})
		require.NoError(t, err)
		in := &ec2.DescribeInstanceStatusInput{InstanceIds: []string{*ran.Instances[0].InstanceId}}
		read := func() string {
			out, err := client.DescribeInstanceStatus(t.Context(), in)
			require.NoError(t, err)
			if len(out.InstanceStatuses) == 0 {
				return ""
			}
			return string(out.InstanceStatuses[0].InstanceStatus.Status)
		}
		assert.Empty(t, read(), "it does not run yet")
		in.IncludeAllInstances = new(true)
		assert.Equal(t, "not-applicable", read())
		time.Sleep(time.Minute)
		assert.Equal(t, "initializing", read())
		time.Sleep(2 * time.Minute)
		assert.Equal(t, "ok", read())
		assert.NoError(t, ec2.NewInstanceStatusOkWaiter(client).Wait(t.Context(), in, time.Minute))
	})
}
