package launchtemplate_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/launchtemplate"
)

func TestDiff(t *testing.T) {
	disk := func(device string, gib int32) types.LaunchTemplateBlockDeviceMapping {
		return types.LaunchTemplateBlockDeviceMapping{DeviceName: &device, Ebs: &types.LaunchTemplateEbsBlockDevice{VolumeSize: &gib}}
	}
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	tags := func(tags ...types.Tag) []types.LaunchTemplateTagSpecification {
		return []types.LaunchTemplateTagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: tags}}
	}
	tests := map[string]struct {
		a, b types.ResponseLaunchTemplateData
		want []string
	}{
		"equal": {
			a: types.ResponseLaunchTemplateData{ImageId: new("ami-1")}, b: types.ResponseLaunchTemplateData{ImageId: new("ami-1")},
		},
		"two fields, sorted": {
			a:    types.ResponseLaunchTemplateData{InstanceType: "t3.micro", ImageId: new("ami-1")},
			b:    types.ResponseLaunchTemplateData{InstanceType: "t3.large", ImageId: new("ami-2")},
			want: []string{`ImageId: "ami-1" to "ami-2"`, `InstanceType: "t3.micro" to "t3.large"`},
		},
		"a field below": {
			a:    types.ResponseLaunchTemplateData{MetadataOptions: &types.LaunchTemplateInstanceMetadataOptions{HttpTokens: "optional"}},
			b:    types.ResponseLaunchTemplateData{MetadataOptions: &types.LaunchTemplateInstanceMetadataOptions{HttpTokens: "required"}},
			want: []string{`MetadataOptions.HttpTokens: "optional" to "required"`},
		},
		"set and not set": {
			a:    types.ResponseLaunchTemplateData{EbsOptimized: new(false)},
			b:    types.ResponseLaunchTemplateData{Monitoring: &types.LaunchTemplatesMonitoring{Enabled: new(true)}},
			want: []string{"EbsOptimized: false to not set", "Monitoring.Enabled: not set to true"},
		},
		"set to nothing and not set": {
			a:    types.ResponseLaunchTemplateData{Monitoring: &types.LaunchTemplatesMonitoring{}},
			want: []string{"Monitoring: {} to not set"},
		},
		"disks by their device": {
			a: types.ResponseLaunchTemplateData{BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMapping{disk("/dev/xvda", 8), disk("/dev/sdf", 20)}},
			b: types.ResponseLaunchTemplateData{BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMapping{disk("/dev/sdf", 30), disk("/dev/xvda", 8), disk("/dev/sdg", 1)}},
			want: []string{
				"BlockDeviceMappings[/dev/sdf].Ebs.VolumeSize: 20 to 30",
				`BlockDeviceMappings[/dev/sdg].DeviceName: not set to "/dev/sdg"`,
				"BlockDeviceMappings[/dev/sdg].Ebs.VolumeSize: not set to 1",
			},
		},
		"tags by their key": {
			a:    types.ResponseLaunchTemplateData{TagSpecifications: tags(tag("team", "a"), tag("env", "x"))},
			b:    types.ResponseLaunchTemplateData{TagSpecifications: tags(tag("env", "x"), tag("team", "b"))},
			want: []string{`TagSpecifications[instance].Tags[team].Value: "a" to "b"`},
		},
		"network interfaces by their index, two of one": {
			a: types.ResponseLaunchTemplateData{NetworkInterfaces: []types.LaunchTemplateInstanceNetworkInterfaceSpecification{
				{DeviceIndex: new(int32(0)), SubnetId: new("subnet-1")}, {DeviceIndex: new(int32(0)), SubnetId: new("subnet-2")},
			}},
			b: types.ResponseLaunchTemplateData{NetworkInterfaces: []types.LaunchTemplateInstanceNetworkInterfaceSpecification{
				{DeviceIndex: new(int32(0)), SubnetId: new("subnet-1")}, {DeviceIndex: new(int32(0)), SubnetId: new("subnet-3")},
			}},
			want: []string{`NetworkInterfaces[0'].SubnetId: "subnet-2" to "subnet-3"`},
		},
		"a list without names as a whole, in any order": {
			a:    types.ResponseLaunchTemplateData{SecurityGroupIds: []string{"sg-1", "sg-2"}, SecurityGroups: []string{"a", "b"}},
			b:    types.ResponseLaunchTemplateData{SecurityGroupIds: []string{"sg-3", "sg-1"}, SecurityGroups: []string{"b", "a"}},
			want: []string{`SecurityGroupIds: ["sg-1","sg-2"] to ["sg-1","sg-3"]`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range launchtemplate.Diff(&launchtemplate.Version{Data: &tt.a}, &launchtemplate.Version{Data: &tt.b}) {
				got = append(got, c.String())
			}
			assert.Equal(t, tt.want, got)
		})
	}
	t.Run("a version without data sets nothing", func(t *testing.T) {
		v := &launchtemplate.Version{Data: &types.ResponseLaunchTemplateData{ImageId: new("ami-1")}}
		want := []launchtemplate.Change{{Path: "ImageId", Before: `"ami-1"`}}
		assert.Equal(t, want, launchtemplate.Diff(v, nil))
		assert.Equal(t, want, launchtemplate.Diff(v, &launchtemplate.Version{}))
		assert.Empty(t, launchtemplate.Diff(nil, nil))
	})
}

// TestDiffSeesEveryField has data with every field set against none, and against
// one that lacks a single field.
func TestDiffSeesEveryField(t *testing.T) {
	_, client := start(t)
	ref := template(t, client, "web", everything())
	full, err := launchtemplate.Resolve(t.Context(), client, ref, "1")
	require.NoError(t, err)
	data := reflect.ValueOf(*full.Data)
	for i := range data.NumField() {
		f := data.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		less := *full.Data
		reflect.ValueOf(&less).Elem().Field(i).SetZero()
		changes := launchtemplate.Diff(full, &launchtemplate.Version{Data: &less})
		require.NotEmpty(t, changes, f.Name)
		for _, c := range changes {
			assert.Regexp(t, "^"+f.Name+`($|[.\[])`, c.Path)
			assert.NotEmpty(t, c.Before)
			assert.Empty(t, c.After)
		}
	}
}
