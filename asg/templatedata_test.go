package asg_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
)

// full is a launch configuration with every field set that a template can have.
func full() types.LaunchConfiguration {
	return types.LaunchConfiguration{
		LaunchConfigurationName:  new("old"),
		ImageId:                  new("ami-1"),
		InstanceType:             new("m5.large"),
		AssociatePublicIpAddress: new(false),
		BlockDeviceMappings: []types.BlockDeviceMapping{
			{DeviceName: new("/dev/xvda"), Ebs: &types.Ebs{
				DeleteOnTermination: new(false), Encrypted: new(true), Iops: new(int32(3000)), Throughput: new(int32(125)),
				VolumeSize: new(int32(20)), VolumeType: new("gp3"),
			}},
			{DeviceName: new("/dev/sdf"), Ebs: &types.Ebs{SnapshotId: new("snap-1")}},
			{DeviceName: new("/dev/sdg"), NoDevice: new(true)},
			{DeviceName: new("/dev/sdh"), VirtualName: new("ephemeral0"), NoDevice: new(false)},
		},
		EbsOptimized:       new(true),
		IamInstanceProfile: new("arn:aws:iam::123456789012:instance-profile/web"),
		InstanceMonitoring: &types.InstanceMonitoring{Enabled: new(false)},
		KernelId:           new("aki-1"),
		KeyName:            new("key"),
		MetadataOptions:    &types.InstanceMetadataOptions{HttpEndpoint: "enabled", HttpTokens: "required", HttpPutResponseHopLimit: new(int32(2))},
		PlacementTenancy:   new("dedicated"),
		RamdiskId:          new("ari-1"),
		SecurityGroups:     []string{"sg-1", "sg-2"},
		SpotPrice:          new("0.05"),
		UserData:           new("ZWNobw=="),
	}
}

func TestTemplateData(t *testing.T) {
	got, err := asg.TemplateData(full())
	require.NoError(t, err)
	type ebs = ec2types.LaunchTemplateEbsBlockDeviceRequest
	assert.Equal(t, &ec2types.RequestLaunchTemplateData{
		ImageId: new("ami-1"), InstanceType: "m5.large", KeyName: new("key"), KernelId: new("aki-1"), RamDiskId: new("ari-1"),
		UserData: new("ZWNobw=="), EbsOptimized: new(true),
		IamInstanceProfile: &ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest{Arn: new("arn:aws:iam::123456789012:instance-profile/web")},
		Monitoring:         &ec2types.LaunchTemplatesMonitoringRequest{Enabled: new(false)},
		NetworkInterfaces: []ec2types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest{{
			DeviceIndex: new(int32(0)), AssociatePublicIpAddress: new(false), DeleteOnTermination: new(true), Groups: []string{"sg-1", "sg-2"},
		}},
		BlockDeviceMappings: []ec2types.LaunchTemplateBlockDeviceMappingRequest{
			{DeviceName: new("/dev/xvda"), Ebs: &ebs{
				DeleteOnTermination: new(false), Encrypted: new(true), Iops: new(int32(3000)), Throughput: new(int32(125)),
				VolumeSize: new(int32(20)), VolumeType: ec2types.VolumeTypeGp3,
			}},
			{DeviceName: new("/dev/sdf"), Ebs: &ebs{DeleteOnTermination: new(true), SnapshotId: new("snap-1")}},
			{DeviceName: new("/dev/sdg"), NoDevice: new("")},
			{DeviceName: new("/dev/sdh"), VirtualName: new("ephemeral0")},
		},
		MetadataOptions: &ec2types.LaunchTemplateInstanceMetadataOptionsRequest{
			HttpEndpoint: "enabled", HttpTokens: "required", HttpPutResponseHopLimit: new(int32(2)),
		},
		Placement: &ec2types.LaunchTemplatePlacementRequest{Tenancy: ec2types.TenancyDedicated},
		InstanceMarketOptions: &ec2types.LaunchTemplateInstanceMarketOptionsRequest{
			MarketType:  ec2types.MarketTypeSpot,
			SpotOptions: &ec2types.LaunchTemplateSpotMarketOptionsRequest{MaxPrice: new("0.05"), SpotInstanceType: ec2types.SpotInstanceTypeOneTime},
		},
	}, got)
}

// TestTemplateDataHeedsEveryField has each field of a launch configuration, and
// of its parts, taken away in turn: the data is another then. A field that a
// later SDK adds fails here until it is dealt with.
func TestTemplateDataHeedsEveryField(t *testing.T) {
	all, err := asg.TemplateData(full())
	require.NoError(t, err)
	identity := map[string]bool{"LaunchConfigurationName": true, "LaunchConfigurationARN": true, "CreatedTime": true}
	refused := map[string]bool{"ClassicLinkVPCId": true, "ClassicLinkVPCSecurityGroups": true}
	check := func(path string, lc *types.LaunchConfiguration, field reflect.Value) {
		require.False(t, field.IsZero(), "the test has to set %s", path)
		field.SetZero()
		less, err := asg.TemplateData(*lc)
		require.NoError(t, err)
		assert.NotEqual(t, all, less, path)
	}
	for i := range reflect.TypeFor[types.LaunchConfiguration]().NumField() {
		f := reflect.TypeFor[types.LaunchConfiguration]().Field(i)
		if f.IsExported() && !identity[f.Name] && !refused[f.Name] {
			lc := full()
			check(f.Name, &lc, reflect.ValueOf(&lc).Elem().Field(i))
		}
	}
	for _, part := range []struct {
		name string
		of   func(*types.LaunchConfiguration) any
	}{
		{"Ebs", func(lc *types.LaunchConfiguration) any { return lc.BlockDeviceMappings[0].Ebs }},
		{"MetadataOptions", func(lc *types.LaunchConfiguration) any { return lc.MetadataOptions }},
		{"InstanceMonitoring", func(lc *types.LaunchConfiguration) any { return lc.InstanceMonitoring }},
	} {
		typ := reflect.TypeOf(part.of(new(full()))).Elem()
		for i := range typ.NumField() {
			if !typ.Field(i).IsExported() || typ.Field(i).Name == "SnapshotId" { // which the second mapping has
				continue
			}
			lc := full()
			check(part.name+"."+typ.Field(i).Name, &lc, reflect.ValueOf(part.of(&lc)).Elem().Field(i))
		}
	}
}

func TestTemplateDataOfLittle(t *testing.T) {
	for name, tt := range map[string]struct {
		lc   types.LaunchConfiguration
		want string
	}{
		"what AWS shows of a plain one": {
			types.LaunchConfiguration{ImageId: new("ami-1"), InstanceType: new("t3.micro"), KeyName: new(""), KernelId: new(""), RamdiskId: new(""), UserData: new(""), EbsOptimized: new(false), InstanceMonitoring: &types.InstanceMonitoring{Enabled: new(true)}},
			`{"EbsOptimized":false,"ImageId":"ami-1","InstanceType":"t3.micro","Monitoring":{"Enabled":true}}`,
		},
		"monitoring is detailed unless it is not": {
			types.LaunchConfiguration{ImageId: new("ami-1")}, `{"ImageId":"ami-1","Monitoring":{"Enabled":true}}`,
		},
		"groups by name, a profile by name": {
			types.LaunchConfiguration{SecurityGroups: []string{"web", "db"}, IamInstanceProfile: new("web")},
			`{"IamInstanceProfile":{"Name":"web"},"Monitoring":{"Enabled":true},"SecurityGroups":["web","db"]}`,
		},
	} {
		got, err := asg.TemplateData(tt.lc)
		require.NoError(t, err, name)
		assert.JSONEq(t, tt.want, compact(t, got), name)
	}
}

// compact is what is set in v.
func compact(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	var fields any
	require.NoError(t, json.Unmarshal(b, &fields))
	var strip func(v any) any
	strip = func(v any) any {
		m, ok := v.(map[string]any)
		if !ok {
			return v
		}
		for k, f := range m {
			if f == nil || f == "" {
				delete(m, k)
			} else {
				m[k] = strip(f)
			}
		}
		return m
	}
	b, err = json.Marshal(strip(fields))
	require.NoError(t, err)
	return string(b)
}

func TestTemplateDataNotEquivalent(t *testing.T) {
	for says, change := range map[string]func(*types.LaunchConfiguration){
		"no ClassicLinkVPCId":             func(lc *types.LaunchConfiguration) { lc.ClassicLinkVPCId = new("vpc-1") },
		"no ClassicLinkVPCSecurityGroups": func(lc *types.LaunchConfiguration) { lc.ClassicLinkVPCSecurityGroups = []string{"sg-1"} },
		"by id, not web":                  func(lc *types.LaunchConfiguration) { lc.SecurityGroups = []string{"sg-1", "web"} },
	} {
		lc := full()
		change(&lc)
		got, err := asg.TemplateData(lc)
		require.ErrorIs(t, err, asg.ErrNotEquivalent)
		assert.ErrorContains(t, err, says)
		assert.Equal(t, "old", failure(t, err).ID)
		assert.Nil(t, got)
	}
}
