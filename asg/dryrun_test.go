package asg_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// elsewhere makes a VPC that is not the default one, with a subnet and a security
// group.
func (f *fleet) elsewhere() (subnet, group string) {
	f.t.Helper()
	vpc, err := f.ec2.CreateVpc(f.t.Context(), &ec2.CreateVpcInput{CidrBlock: new("10.0.0.0/16")})
	require.NoError(f.t, err)
	made, err := f.ec2.CreateSubnet(f.t.Context(), &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: new("10.0.1.0/24")})
	require.NoError(f.t, err)
	sg, err := f.ec2.CreateSecurityGroup(f.t.Context(), &ec2.CreateSecurityGroupInput{VpcId: vpc.Vpc.VpcId, GroupName: new("web"), Description: new("web")})
	require.NoError(f.t, err)
	return *made.Subnet.SubnetId, *sg.GroupId
}

// TestPreflightOfTemplatesWithInterfaces asks EC2 for nothing that it refuses
// beside the network interfaces of a template: the group's subnet is in them.
func TestPreflightOfTemplatesWithInterfaces(t *testing.T) {
	type nic = ec2types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest
	for name, tt := range map[string]struct {
		interfaces func(subnet, group string) []nic
		want       []string // subnets of the call's interfaces: "group" is the group's, "own" the template's
	}{
		"one, as public addresses want it": {
			func(_, group string) []nic {
				return []nic{{DeviceIndex: new(int32(0)), AssociatePublicIpAddress: new(true), Groups: []string{group}}}
			},
			[]string{"group"},
		},
		"without an index": {
			func(_, group string) []nic { return []nic{{Groups: []string{group}}} }, []string{"group"},
		},
		"two": {
			func(_, group string) []nic {
				return []nic{{DeviceIndex: new(int32(0)), Groups: []string{group}}, {DeviceIndex: new(int32(1))}}
			},
			[]string{"group", "group"},
		},
		"one of two in its own": {
			func(subnet, group string) []nic {
				return []nic{{DeviceIndex: new(int32(0)), Groups: []string{group}}, {DeviceIndex: new(int32(1)), SubnetId: &subnet}}
			},
			[]string{"group", "own"},
		},
		"in its own": {
			func(subnet, group string) []nic {
				return []nic{{DeviceIndex: new(int32(0)), SubnetId: &subnet, Groups: []string{group}}}
			}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			subnet, group := f.elsewhere()
			data := launchData(f.Cloud, "nic one")
			data.NetworkInterfaces = tt.interfaces(subnet, group)
			f.templateID = f.Cloud.Region(home).Template(awstest.TemplateSeed{Name: "nic", Data: data})
			in := f.input("web")
			in.Subnets = []string{subnet}
			_, err := asg.Create(t.Context(), f, in)
			require.NoError(t, err)
			data.ImageId = new(f.Cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "nic two"}))
			_, err = f.ec2.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &f.templateID, LaunchTemplateData: data})
			require.NoError(t, err)
			f.ForgetCalls()

			ready, err := asg.Preflight(t.Context(), f, f.ec2, f.refresh())
			require.NoError(t, err)
			assert.Empty(t, ready.Findings)
			dry := f.dryRuns()[0]
			assert.Nil(t, dry.SubnetId)
			require.Len(t, dry.NetworkInterfaces, len(tt.want))
			for i, want := range tt.want {
				assert.Equal(t, subnet, *dry.NetworkInterfaces[i].SubnetId, want)
				assert.NotNil(t, dry.NetworkInterfaces[i].DeviceIndex)
				assert.Equal(t, data.NetworkInterfaces[i].Groups, dry.NetworkInterfaces[i].Groups)
				assert.Equal(t, data.NetworkInterfaces[i].AssociatePublicIpAddress, dry.NetworkInterfaces[i].AssociatePublicIpAddress)
			}
		})
	}
}

// dryRuns are the launches that EC2 was asked about.
func (f *fleet) dryRuns() (out []*ec2.RunInstancesInput) {
	for _, call := range f.Calls() {
		if in, ok := call.Input.(*ec2.RunInstancesInput); ok {
			out = append(out, in)
		}
	}
	return out
}

// TestInterfacesKeepEveryField fails when a template's interface gets a field that
// the interface of a call has not, or under another name.
func TestInterfacesKeepEveryField(t *testing.T) {
	from, to := reflect.TypeFor[ec2types.LaunchTemplateInstanceNetworkInterfaceSpecification](), reflect.TypeFor[ec2types.InstanceNetworkInterfaceSpecification]()
	for f := range from.Fields() {
		if f.IsExported() {
			_, ok := to.FieldByName(f.Name)
			assert.True(t, ok, f.Name)
		}
	}
}

// TestPreflightOfATemplateWithRequirements does not ask for what RunInstances takes
// from no such template.
func TestPreflightOfATemplateWithRequirements(t *testing.T) {
	f := start(t)
	data := launchData(f.Cloud, "chosen")
	data.InstanceType, data.InstanceRequirements = "", &ec2types.InstanceRequirementsRequest{
		VCpuCount: &ec2types.VCpuCountRangeRequest{Min: new(int32(2))}, MemoryMiB: &ec2types.MemoryMiBRequest{Min: new(int32(4096))},
	}
	f.templateID = f.Cloud.Region(home).Template(awstest.TemplateSeed{Name: "chosen", Data: data})
	f.addVersion("plain")
	f.group("web")
	in := f.refresh()
	in.Version = 1
	ready, err := asg.Preflight(t.Context(), f, f.ec2, in)
	require.NoError(t, err)
	require.Len(t, ready.Findings, 1)
	assert.Equal(t, asg.FindingLaunchNotTried, ready.Findings[0].Code)
	assert.Zero(t, f.Count("RunInstances"))

	_, err = asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.NoError(t, err)
	assert.Equal(t, 1, f.Count("RunInstances"), "the other version names its type")
}

// TestPreflightOfATemplateThatNamesAZone: EC2 refuses the zone beside a subnet of
// another one, and the group launches into its own subnets.
func TestPreflightOfATemplateThatNamesAZone(t *testing.T) {
	f := start(t)
	data := launchData(f.Cloud, "zoned")
	data.Placement = &ec2types.LaunchTemplatePlacementRequest{AvailabilityZone: new(home + "c")}
	f.templateID = f.Cloud.Region(home).Template(awstest.TemplateSeed{Name: "zoned", Data: data})
	f.group("web")
	in := f.refresh()
	in.Version = 1
	ready, err := asg.Preflight(t.Context(), f, f.ec2, in)
	require.NoError(t, err)
	require.Len(t, ready.Findings, 1)
	assert.Equal(t, asg.FindingLaunchNotTried, ready.Findings[0].Code)
}

// TestPreflightWhereThereIsNoCapacity: a dry run is about permissions and
// parameters, and AWS may well have room by the time of the refresh.
func TestPreflightWhereThereIsNoCapacity(t *testing.T) {
	f := start(t)
	f.group("web")
	f.Cloud.Region(home).LackCapacity("t3.micro")
	ready, err := asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.NoError(t, err)
	assert.Empty(t, ready.Findings)
}

// TestPreflightOfAGroupWithZonesAlone names no subnet, also none of a template whose
// security groups go by their names.
func TestPreflightOfAGroupWithZonesAlone(t *testing.T) {
	f := start(t)
	f.Cloud.Region(home).SecurityGroup("web")
	data := launchData(f.Cloud, "named")
	data.SecurityGroups = []string{"web"}
	f.templateID = f.Cloud.Region(home).Template(awstest.TemplateSeed{Name: "named", Data: data})
	_, err := f.ec2.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &f.templateID, LaunchTemplateData: data})
	require.NoError(t, err)
	in := f.input("web")
	in.Subnets, in.AvailabilityZones = nil, []string{home + "a"}
	_, err = asg.Create(t.Context(), f, in)
	require.NoError(t, err)
	_, err = asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.NoError(t, err)
	assert.Nil(t, f.dryRuns()[0].SubnetId)

	f.Inject(groupIs(func(g *types.AutoScalingGroup) { g.VPCZoneIdentifier = new(strings.Join(f.subnets, ",")) }))
	_, err = asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.ErrorIs(t, err, asg.ErrLaunchRefused, "the group itself could not launch it either")
}
