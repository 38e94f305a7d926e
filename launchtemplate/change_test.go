package launchtemplate_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// changed are the fields in which a version differs from the first one.
func changed(t *testing.T, client *ec2.Client, ref launchtemplate.Ref, next *launchtemplate.NextVersionResult) (out []string) {
	t.Helper()
	one, err := launchtemplate.Resolve(t.Context(), client, ref, "1")
	require.NoError(t, err)
	got, err := launchtemplate.Resolve(t.Context(), client, ref, "$Latest")
	require.NoError(t, err)
	assert.Equal(t, next.Version, *got, "the answer is what stands")
	for _, c := range launchtemplate.Diff(one, got) {
		out = append(out, c.String())
	}
	return out
}

func TestNextVersionChange(t *testing.T) {
	type data = types.RequestLaunchTemplateData
	for name, tt := range map[string]struct {
		image  bool // another one as well
		change func(*data)
		want   []string
		sent   []string // fields; nil: all, without a source
		text   string
	}{
		"a field": {
			change: func(d *data) { d.InstanceType = types.InstanceTypeT3Large },
			want:   []string{`InstanceType: "t3.micro" to "t3.large"`},
			sent:   []string{"InstanceType", "BlockDeviceMappings"}, text: "version 1 with another InstanceType",
		},
		"a field that was not set": {
			change: func(d *data) { d.EbsOptimized = new(true) },
			want:   []string{"EbsOptimized: not set to true"},
			sent:   []string{"EbsOptimized", "BlockDeviceMappings"}, text: "version 1 with another EbsOptimized",
		},
		"a field below, the rest of its structure stays": {
			change: func(d *data) { d.MetadataOptions.HttpTokens = types.LaunchTemplateHttpTokensStateRequired },
			want:   []string{`MetadataOptions.HttpTokens: "optional" to "required"`},
			sent:   []string{"MetadataOptions", "BlockDeviceMappings"}, text: "version 1 with another MetadataOptions",
		},
		"a field goes": {
			change: func(d *data) { d.UserData = nil },
			want:   []string{`UserData: "eA==" to not set`},
			text:   "version 1 with another UserData",
		},
		"a disk goes": {
			change: func(d *data) { d.BlockDeviceMappings = d.BlockDeviceMappings[:1] },
			want: []string{
				`BlockDeviceMappings[/dev/sdf].DeviceName: "/dev/sdf" to not set`,
				`BlockDeviceMappings[/dev/sdf].Ebs.SnapshotId: "snap-tools" to not set`,
				"BlockDeviceMappings[/dev/sdf].Ebs.VolumeSize: 5 to not set",
				`BlockDeviceMappings[/dev/sdf].Ebs.VolumeType: "gp3" to not set`,
			},
			sent: []string{"BlockDeviceMappings"}, text: "version 1 with another BlockDeviceMappings",
		},
		"all disks go": {
			change: func(d *data) { d.BlockDeviceMappings = nil },
			want: []string{
				`BlockDeviceMappings[/dev/sdf].DeviceName: "/dev/sdf" to not set`,
				`BlockDeviceMappings[/dev/sdf].Ebs.SnapshotId: "snap-tools" to not set`,
				"BlockDeviceMappings[/dev/sdf].Ebs.VolumeSize: 5 to not set",
				`BlockDeviceMappings[/dev/sdf].Ebs.VolumeType: "gp3" to not set`,
				`BlockDeviceMappings[root].DeviceName: "root" to not set`,
				`BlockDeviceMappings[root].Ebs.SnapshotId: "snap-root" to not set`,
				"BlockDeviceMappings[root].Ebs.VolumeSize: 20 to not set",
				`BlockDeviceMappings[root].Ebs.VolumeType: "gp3" to not set`,
			},
			text: "version 1 with another BlockDeviceMappings",
		},
		"the image and a disk of it": {
			image:  true,
			change: func(d *data) { d.BlockDeviceMappings[0].Ebs.VolumeSize = new(int32(30)) },
			want: []string{
				`BlockDeviceMappings[root].Ebs.SnapshotId: "snap-root" to not set`,
				"BlockDeviceMappings[root].Ebs.VolumeSize: 20 to 30",
				`ImageId: "ami-00000001" to "next"`,
			},
			sent: []string{"ImageId", "BlockDeviceMappings"}, text: "version 1 with another BlockDeviceMappings, ImageId",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cloud, client := start(t)
			img := image(t, cloud, awstest.ImageSeed{Name: "next"})
			ref := template(t, client, "web", &data{
				ImageId: new("ami-00000001"), InstanceType: types.InstanceTypeT3Micro, UserData: new("eA=="),
				MetadataOptions:     &types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: "optional", HttpEndpoint: "enabled"},
				BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMappingRequest{mapping(*img.RootDeviceName, "snap-root", 20), mapping("/dev/sdf", "snap-tools", 5)},
			})
			in := launchtemplate.NextVersionInput{Template: ref, Source: 1, Change: tt.change}
			if tt.image {
				in.ImageID, in.Image = *img.ImageId, img
			}
			cloud.ForgetCalls()
			next, err := launchtemplate.NextVersion(t.Context(), client, in)
			require.NoError(t, err)
			var got []string
			for _, line := range changed(t, client, ref, next) {
				line = strings.ReplaceAll(line, *img.RootDeviceName, "root")
				got = append(got, strings.ReplaceAll(line, *img.ImageId, "next"))
			}
			assert.Equal(t, tt.want, got)
			assert.True(t, strings.HasPrefix(next.Version.Description, tt.text+" ["), next.Version.Description)

			sent := cloud.Writes()[0].Input.(*ec2.CreateLaunchTemplateVersionInput)
			assert.Equal(t, tt.sent == nil, sent.SourceVersion == nil, "a source gives what is not sent")
			if tt.sent != nil {
				var fields []string
				v := reflect.ValueOf(*sent.LaunchTemplateData)
				for i := range v.NumField() {
					if v.Type().Field(i).IsExported() && !v.Field(i).IsZero() {
						fields = append(fields, v.Type().Field(i).Name)
					}
				}
				assert.ElementsMatch(t, tt.sent, fields, "nothing else is sent")
			}

			cloud.ForgetCalls()
			again, err := launchtemplate.NextVersion(t.Context(), ec2.NewFromConfig(cloud.Config(home)), in)
			require.NoError(t, err)
			assert.True(t, again.Adopted)
			assert.Equal(t, next.Version.Number, again.Version.Number)
			assert.Empty(t, cloud.Writes())

			in.Source = next.Version.Number
			again, err = launchtemplate.NextVersion(t.Context(), client, in)
			require.NoError(t, err)
			if tt.sent == nil || tt.want[0] != `BlockDeviceMappings[/dev/sdf].DeviceName: "/dev/sdf" to not set` { // which would take the next disk
				assert.True(t, again.Unchanged, "%+v", again)
				assert.Empty(t, cloud.Writes())
			}
		})
	}
}

// TestNextVersionChangeGetsCopies has a Change that writes to all that it is
// given: what the caller holds as the source stays as it was read.
func TestNextVersionChangeGetsCopies(t *testing.T) {
	cloud, client := start(t)
	ref := template(t, client, "web", everything())
	img := image(t, cloud, awstest.ImageSeed{Name: "next"})
	source, err := launchtemplate.Resolve(t.Context(), client, ref, "1")
	require.NoError(t, err)
	before, err := launchtemplate.Resolve(t.Context(), client, ref, "1")
	require.NoError(t, err)
	var given *types.RequestLaunchTemplateData
	_, err = launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
		Template: ref, Source: 1, SourceVersion: source, ImageID: *img.ImageId, Image: img,
		Change: func(d *types.RequestLaunchTemplateData) {
			given = d
			*d.KeyName = "other"
			*d.BlockDeviceMappings[0].Ebs.VolumeSize = 99
			d.TagSpecifications[0].Tags[0].Value = new("other")
			*d.CreditSpecification.CpuCredits = "other"
			d.SecurityGroupIds[0] = "sg-other"
		},
	})
	require.NoError(t, err)
	assert.Equal(t, before, source)
	v := reflect.ValueOf(*given)
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			assert.False(t, v.Field(i).IsZero(), "%s has to reach Change", v.Type().Field(i).Name)
		}
	}
}

// TestNextVersionDriftOfAChange has AWS do less, or more, than was asked.
func TestNextVersionDriftOfAChange(t *testing.T) {
	cloud, client := start(t)
	ref := base(t, cloud, client)
	cloud.Inject(alter("CreateLaunchTemplateVersion", 1, func(out *ec2.CreateLaunchTemplateVersionOutput) {
		out.LaunchTemplateVersion.LaunchTemplateData.InstanceType = types.InstanceTypeT3Micro // as before
		out.LaunchTemplateVersion.LaunchTemplateData.EbsOptimized = new(true)
	}))
	next, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
		Template: ref, Source: 1, Change: func(d *types.RequestLaunchTemplateData) { d.InstanceType = types.InstanceTypeT3Large },
	})
	require.ErrorIs(t, err, launchtemplate.ErrDrift)
	assert.Equal(t, "version 2 from version 1: EbsOptimized, InstanceType", failure(t, err).Reason)
	assert.Equal(t, int64(2), next.Version.Number)

	t.Run("not by what only an answer has", func(t *testing.T) {
		cloud.Inject(alter("CreateLaunchTemplateVersion", 1, func(out *ec2.CreateLaunchTemplateVersionOutput) {
			out.LaunchTemplateVersion.LaunchTemplateData.MetadataOptions.State = types.LaunchTemplateInstanceMetadataOptionsStatePending
		}))
		_, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
			Template: ref, Source: 1, Change: func(d *types.RequestLaunchTemplateData) {
				d.MetadataOptions = &types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: types.LaunchTemplateHttpTokensStateRequired}
			},
		})
		require.NoError(t, err)
	})
}

// TestNextVersionOfATemplateWithoutAnImage has the launch name the image.
func TestNextVersionOfATemplateWithoutAnImage(t *testing.T) {
	cloud, client := start(t)
	ref := template(t, client, "web", &types.RequestLaunchTemplateData{InstanceType: types.InstanceTypeT3Micro})
	in := launchtemplate.NextVersionInput{
		Template: ref, Source: 1, Change: func(d *types.RequestLaunchTemplateData) { d.InstanceType = types.InstanceTypeT3Large },
	}
	next, err := launchtemplate.NextVersion(t.Context(), client, in)
	require.NoError(t, err)
	assert.Equal(t, int64(2), next.Version.Number)
	cloud.ForgetCalls()
	next, err = launchtemplate.NextVersion(t.Context(), client, in)
	require.NoError(t, err)
	assert.True(t, next.Adopted, "all versions are looked at")
	assert.Empty(t, cloud.Writes())
}

// TestNextVersionDescribesManyChanges has more changes than a description holds.
func TestNextVersionDescribesManyChanges(t *testing.T) {
	_, client := start(t)
	ref := template(t, client, "web", everything())
	next, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
		Template: ref, Source: 1, Change: func(d *types.RequestLaunchTemplateData) { *d = types.RequestLaunchTemplateData{ImageId: d.ImageId} },
	})
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(next.Version.Description, "version 1, changed ["), next.Version.Description)
	assert.Equal(t, "ami-00000001", next.Version.ImageID)
}

// TestNextVersionAlias goes from an image to an alias and back.
func TestNextVersionAlias(t *testing.T) {
	cloud, client := start(t)
	img := image(t, cloud, awstest.ImageSeed{Name: "golden"})
	parameter(t, cloud, "/golden", *img.ImageId)
	ref := base(t, cloud, client, mapping(*img.RootDeviceName, "snap-old", 20))
	for _, tt := range []struct {
		source   int64
		imageID  string
		image    *types.Image
		calls    int
		versions int64
	}{
		{1, "resolve:ssm:/golden", img, 3, 2},
		{2, "resolve:ssm:/golden", nil, 1, 2}, // unchanged, whatever stands there
		{2, *img.ImageId, nil, 3, 3},          // the same image now, and it will not move any more
		{3, "resolve:ssm:/golden:2", nil, 3, 4},
	} {
		in := launchtemplate.NextVersionInput{Template: ref, Source: tt.source, ImageID: tt.imageID, Image: tt.image}
		cloud.ForgetCalls()
		next, err := launchtemplate.NextVersion(t.Context(), client, in)
		require.NoError(t, err)
		assert.Equal(t, tt.versions, next.Version.Number)
		assert.Equal(t, tt.imageID, next.Version.ImageID)
		assert.Empty(t, snapshots(next.Version)[*img.RootDeviceName], "its disk is the image's")
		assert.Equal(t, tt.calls == 1, next.Unchanged)
		assert.Len(t, cloud.Calls(), tt.calls)

		cloud.ForgetCalls()
		again, err := launchtemplate.NextVersion(t.Context(), client, in)
		require.NoError(t, err)
		assert.Equal(t, next.Version.Number, again.Version.Number)
		assert.Empty(t, cloud.Writes(), "found again")
	}
	t.Run("which no filter of an endpoint finds", func(t *testing.T) {
		for _, call := range cloud.Calls() {
			in, ok := call.Input.(*ec2.DescribeLaunchTemplateVersionsInput)
			require.True(t, ok)
			assert.Empty(t, in.Filters)
		}
	})
	_, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "resolve:ssm:/golden"})
	assert.ErrorIs(t, err, launchtemplate.ErrPinnedSnapshot, "without the image behind it")
}
