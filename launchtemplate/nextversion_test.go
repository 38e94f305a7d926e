package launchtemplate_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// fill sets every field of v, and of all below it, to something.
func fill(v reflect.Value, path string) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), path)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fill(v.Field(i), path+"."+f.Name)
			}
		}
	case reflect.String:
		if values := v.MethodByName("Values"); values.IsValid() {
			v.Set(values.Call(nil)[0].Index(0)) // an enumeration
			return
		}
		v.SetString(strings.TrimPrefix(path, "."))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(7)
	default:
		panic(fmt.Sprintf("%s: %s", path, v.Kind()))
	}
}

// everything is template data with no field unset.
func everything() *types.RequestLaunchTemplateData {
	data := &types.RequestLaunchTemplateData{}
	fill(reflect.ValueOf(data).Elem(), "")
	data.ImageId = new("ami-00000001")
	return data
}

func TestNextVersionKeepsEveryField(t *testing.T) {
	cloud, client := start(t)
	img := image(t, cloud, awstest.ImageSeed{Name: "next"})
	ref := template(t, client, "web", everything())
	source, err := launchtemplate.Resolve(t.Context(), client, ref, "1")
	require.NoError(t, err)
	data := reflect.ValueOf(*source.Data)
	for i := range data.NumField() {
		if f := data.Type().Field(i); f.IsExported() {
			require.False(t, data.Field(i).IsZero(), "the test has to set %s", f.Name)
		}
	}
	require.NotNil(t, source.Data.BlockDeviceMappings[0].Ebs.SnapshotId, "not of the image: it has to stay")

	next, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
		Template: ref, Source: 1, ImageID: *img.ImageId, Image: img,
	})
	require.NoError(t, err)
	got, err := launchtemplate.Resolve(t.Context(), client, ref, "2")
	require.NoError(t, err)
	want := *source.Data
	want.ImageId = img.ImageId
	assert.Equal(t, want, *got.Data)
	assert.Equal(t, *got, next.Version)
}

// base is a template with one version that launches ami-00000001.
func base(t *testing.T, cloud *awstest.Cloud, client *ec2.Client, mappings ...types.LaunchTemplateBlockDeviceMappingRequest) launchtemplate.Ref {
	t.Helper()
	ref := template(t, client, "web", &types.RequestLaunchTemplateData{
		ImageId: new("ami-00000001"), InstanceType: types.InstanceTypeT3Micro, BlockDeviceMappings: mappings,
	})
	cloud.ForgetCalls()
	return ref
}

func TestNextVersion(t *testing.T) {
	cloud, client := start(t)
	ref := base(t, cloud, client)
	in := launchtemplate.NextVersionInput{Template: launchtemplate.Ref{Name: "web"}, Source: 1, ImageID: "ami-00000002"}
	next, err := launchtemplate.NextVersion(t.Context(), client, in)
	require.NoError(t, err)
	assert.Equal(t, int64(2), next.Version.Number)
	assert.Equal(t, int64(1), next.Source.Number)
	assert.Equal(t, "ami-00000002", next.Version.ImageID)
	assert.Equal(t, types.InstanceTypeT3Micro, next.Version.Data.InstanceType)
	assert.False(t, next.Version.Default)
	assert.False(t, next.Adopted || next.Unchanged)
	assert.True(t, strings.HasPrefix(next.Version.Description, "ami-00000002 on version 1 ["), next.Version.Description)
	assert.Len(t, cloud.Calls(), 3)
	sent := cloud.Writes()[0].Input.(*ec2.CreateLaunchTemplateVersionInput)
	assert.Equal(t, "1", *sent.SourceVersion, "a number: nobody can change what it means")
	assert.Equal(t, types.RequestLaunchTemplateData{ImageId: new("ami-00000002")}, *sent.LaunchTemplateData)
	assert.LessOrEqual(t, len(*sent.ClientToken), 64)

	t.Run("again is adopted", func(t *testing.T) {
		cloud.ForgetCalls()
		in := in
		in.Description = "another text is no other version"
		again, err := launchtemplate.NextVersion(t.Context(), ec2.NewFromConfig(cloud.Config(home)), in)
		require.NoError(t, err)
		assert.True(t, again.Adopted)
		assert.Equal(t, next.Version, again.Version)
		assert.Empty(t, cloud.Writes())
	})
	t.Run("the same image is unchanged", func(t *testing.T) {
		cloud.ForgetCalls()
		in := in
		in.Source = 2
		same, err := launchtemplate.NextVersion(t.Context(), client, in)
		require.NoError(t, err)
		assert.True(t, same.Unchanged)
		assert.Equal(t, next.Version, same.Version)
		assert.Len(t, cloud.Calls(), 1)
	})
	t.Run("a source that is known is not read", func(t *testing.T) {
		cloud.ForgetCalls()
		in := in
		in.SourceVersion = &next.Source
		_, err := launchtemplate.NextVersion(t.Context(), client, in)
		require.NoError(t, err)
		assert.Len(t, cloud.Calls(), 1)
	})
	t.Run("another source is another version", func(t *testing.T) {
		third, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
			Template: ref, Source: 2, ImageID: "ami-00000003", Description: "the third",
		})
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(third.Version.Description, "the third ["))
		fourth, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
			Template: ref, Source: 3, ImageID: "ami-00000002",
		})
		require.NoError(t, err)
		assert.Equal(t, int64(4), fourth.Version.Number, "version 2 has that image, from another source")
	})
}

func TestNextVersionAfterLostResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, client := start(t)
		ref := base(t, cloud, client)
		cloud.Inject(awstest.LoseResponse(awstest.Match{Operation: "CreateLaunchTemplateVersion"}))
		in := launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"}
		next, err := launchtemplate.NextVersion(t.Context(), client, in)
		require.NoError(t, err)
		assert.Equal(t, int64(2), next.Version.Number, "the SDK sends it again with the same token")
		assert.Equal(t, 2, cloud.Count("CreateLaunchTemplateVersion"))

		cloud.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "CreateLaunchTemplateVersion"}))
		in.ImageID = "ami-00000003"
		_, err = launchtemplate.NextVersion(t.Context(), client, in)
		require.Error(t, err)
		cloud.ForgetCalls()
		next, err = launchtemplate.NextVersion(t.Context(), client, in)
		require.NoError(t, err)
		assert.True(t, next.Adopted)
		assert.Equal(t, int64(3), next.Version.Number)
		assert.Empty(t, cloud.Writes())
	})
}

// TestNextVersionTokenIsStable has a version that the look-up does not show
// yet: the token still keeps it from being made twice.
func TestNextVersionTokenIsStable(t *testing.T) {
	cloud, client := start(t)
	ref := base(t, cloud, client)
	in := launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"}
	first, err := launchtemplate.NextVersion(t.Context(), client, in)
	require.NoError(t, err)
	cloud.Inject(alter("DescribeLaunchTemplateVersions", 2, func(out *ec2.DescribeLaunchTemplateVersionsOutput) {
		out.LaunchTemplateVersions = nil
	}))
	again, err := launchtemplate.NextVersion(t.Context(), client, in)
	require.NoError(t, err)
	assert.Equal(t, first.Version.Number, again.Version.Number)
	assert.Equal(t, 2, cloud.Count("CreateLaunchTemplateVersion"))
}

func mapping(device, snapshot string, gib int32) types.LaunchTemplateBlockDeviceMappingRequest {
	ebs := &types.LaunchTemplateEbsBlockDeviceRequest{VolumeSize: &gib, VolumeType: types.VolumeTypeGp3}
	if snapshot != "" {
		ebs.SnapshotId = &snapshot
	}
	return types.LaunchTemplateBlockDeviceMappingRequest{DeviceName: &device, Ebs: ebs}
}

// snapshots are the snapshot ids of a version by device.
func snapshots(v launchtemplate.Version) map[string]string {
	out := map[string]string{}
	for _, m := range v.Data.BlockDeviceMappings {
		id := ""
		if m.Ebs != nil && m.Ebs.SnapshotId != nil {
			id = *m.Ebs.SnapshotId
		}
		out[*m.DeviceName] = id
	}
	return out
}

// TestNextVersionSnapshots holds whether AWS takes the snapshots of a source over,
// as it was seen to, or drops them, as it documents.
func TestNextVersionSnapshots(t *testing.T) {
	for _, drops := range []bool{false, true} {
		t.Run(fmt.Sprintf("AWS drops them: %t", drops), func(t *testing.T) { testNextVersionSnapshots(t, drops) })
	}
}

func testNextVersionSnapshots(t *testing.T, drops bool) {
	tests := map[string]struct {
		mappings []types.LaunchTemplateBlockDeviceMappingRequest
		want     map[string]string
		resent   bool
	}{
		"no snapshot is pinned": {
			mappings: []types.LaunchTemplateBlockDeviceMappingRequest{mapping("root", "", 20), mapping("/dev/sdf", "", 5)},
			want:     map[string]string{"root": "", "/dev/sdf": ""},
		},
		"a disk of the image gets the image's data": {
			mappings: []types.LaunchTemplateBlockDeviceMappingRequest{mapping("root", "snap-old-root", 20), mapping("/dev/sdb", "snap-old-data", 5)},
			want:     map[string]string{"root": "", "/dev/sdb": ""},
			resent:   true,
		},
		"a disk that comes empty needs nothing": {
			mappings: []types.LaunchTemplateBlockDeviceMappingRequest{mapping("root", "snap-old-root", 20), mapping("/dev/sdf", "", 5)},
			want:     map[string]string{"root": "", "/dev/sdf": ""},
			resent:   true,
		},
		"any other disk keeps its data": {
			mappings: []types.LaunchTemplateBlockDeviceMappingRequest{mapping("root", "snap-old-root", 20), mapping("/dev/sdf", "snap-tools", 5), mapping("/dev/sdg", "", 9)},
			want:     map[string]string{"root": "", "/dev/sdf": "snap-tools", "/dev/sdg": ""},
			resent:   true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud, client := start(t, awstest.WithUnconfirmed(awstest.Unconfirmed{DropSnapshots: drops}))
			img := image(t, cloud, awstest.ImageSeed{Name: "next", DataGiB: []int32{5}}) // root and /dev/sdb
			if r, ok := tt.want["root"]; ok {
				tt.want[*img.RootDeviceName] = r
				delete(tt.want, "root")
			}
			if *tt.mappings[0].DeviceName == "root" {
				tt.mappings[0].DeviceName = img.RootDeviceName
			}
			ref := base(t, cloud, client, tt.mappings...)
			next, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
				Template: ref, Source: 1, ImageID: *img.ImageId, Image: img,
			})
			require.NoError(t, err)
			assert.Equal(t, tt.want, snapshots(next.Version))
			read, err := launchtemplate.Resolve(t.Context(), client, ref, "1")
			require.NoError(t, err)
			assert.Equal(t, *read, next.Source, "what was read is not written to")
			assert.Equal(t, int32(20), *next.Version.Data.BlockDeviceMappings[0].Ebs.VolumeSize)
			sent := cloud.Writes()[0].Input.(*ec2.CreateLaunchTemplateVersionInput)
			assert.Equal(t, tt.resent, sent.LaunchTemplateData.BlockDeviceMappings != nil)

			cloud.ForgetCalls()
			again, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
				Template: ref, Source: 1, ImageID: *img.ImageId, Image: img,
			})
			require.NoError(t, err)
			assert.True(t, again.Adopted)
			assert.Empty(t, cloud.Writes())
		})
	}
}

// TestNextVersionOddImages has images whose mappings do not tell all.
func TestNextVersionOddImages(t *testing.T) {
	t.Run("the root is the image's, listed or not", func(t *testing.T) {
		cloud, client := start(t)
		img := image(t, cloud, awstest.ImageSeed{Name: "next"})
		img.BlockDeviceMappings = nil
		ref := base(t, cloud, client, mapping(*img.RootDeviceName, "snap-old-root", 20))
		next, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: *img.ImageId, Image: img})
		require.NoError(t, err)
		assert.Empty(t, snapshots(next.Version)[*img.RootDeviceName])
	})
	t.Run("an image that brings the other root device as well", func(t *testing.T) {
		cloud, client := start(t)
		img := image(t, cloud, awstest.ImageSeed{Name: "next"})
		img.RootDeviceName = new("/dev/xvda")
		img.BlockDeviceMappings = []types.BlockDeviceMapping{{DeviceName: new("/dev/sda1"), Ebs: &types.EbsBlockDevice{SnapshotId: new("snap-data")}}}
		ref := base(t, cloud, client, mapping("/dev/sda1", "", 20))
		_, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: *img.ImageId, Image: img})
		require.NoError(t, err)
	})
	t.Run("an image of which no root device is known", func(t *testing.T) {
		cloud, client := start(t)
		img := image(t, cloud, awstest.ImageSeed{Name: "next"})
		img.RootDeviceName = nil
		ref := base(t, cloud, client, mapping("/dev/sda1", "", 20))
		_, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: *img.ImageId, Image: img})
		require.NoError(t, err)
	})
}

func TestNextVersionRefusesBeforeTheWrite(t *testing.T) {
	cloud, _ := start(t)
	img := image(t, cloud, awstest.ImageSeed{Name: "next"})
	other := map[string]string{"/dev/xvda": "/dev/sda1", "/dev/sda1": "/dev/xvda"}[*img.RootDeviceName]
	pending := *img
	pending.State = types.ImageStatePending
	foreign := launchtemplate.Version{TemplateID: "lt-other", Number: 1, Data: &types.ResponseLaunchTemplateData{}}
	tests := map[string]struct {
		mappings []types.LaunchTemplateBlockDeviceMappingRequest
		change   func(*launchtemplate.NextVersionInput)
		is       error
		says     string
		calls    int
	}{
		"a pinned snapshot without the image": {
			mappings: []types.LaunchTemplateBlockDeviceMappingRequest{mapping("/dev/sdf", "snap-tools", 5)},
			change:   func(in *launchtemplate.NextVersionInput) { in.Image = nil },
			is:       launchtemplate.ErrPinnedSnapshot, says: "version 1 pins /dev/sdf", calls: 1,
		},
		"another root device": {
			mappings: []types.LaunchTemplateBlockDeviceMappingRequest{mapping(other, "", 20)},
			is:       launchtemplate.ErrRootDevice, says: "the version sets up " + other, calls: 1,
		},
		"no such version":  {change: func(in *launchtemplate.NextVersionInput) { in.Source = 9 }, is: launchtemplate.ErrNotFound, calls: 1},
		"no such template": {change: func(in *launchtemplate.NextVersionInput) { in.Template.ID = "lt-0fffffffffffffff0" }, is: launchtemplate.ErrNotFound, calls: 1},
		"no template":      {change: func(in *launchtemplate.NextVersionInput) { in.Template = launchtemplate.Ref{} }, is: launchtemplate.ErrInvalidInput},
		"no source":        {change: func(in *launchtemplate.NextVersionInput) { in.Source = 0 }, is: launchtemplate.ErrInvalidInput, says: "Source 0"},
		"no image":         {change: func(in *launchtemplate.NextVersionInput) { in.ImageID = "" }, is: launchtemplate.ErrInvalidInput, says: "neither ImageID nor Change"},
		"an odd image":     {change: func(in *launchtemplate.NextVersionInput) { in.ImageID = "golden" }, is: launchtemplate.ErrInvalidInput, says: `ImageID "golden"`},
		"an image by Change": {
			change: func(in *launchtemplate.NextVersionInput) {
				in.Change = func(d *types.RequestLaunchTemplateData) { d.ImageId = new("ami-00000009") }
			},
			is: launchtemplate.ErrInvalidInput, says: `Change sets ImageId to "ami-00000009"`, calls: 1,
		},
		"a root device by Change": {
			change: func(in *launchtemplate.NextVersionInput) {
				in.Change = func(d *types.RequestLaunchTemplateData) {
					d.BlockDeviceMappings = []types.LaunchTemplateBlockDeviceMappingRequest{mapping(other, "", 20)}
				}
			},
			is: launchtemplate.ErrRootDevice, says: "the version sets up " + other, calls: 1,
		},
		"another image":      {change: func(in *launchtemplate.NextVersionInput) { in.ImageID = "ami-00000009" }, is: launchtemplate.ErrInvalidInput, says: "ImageID is"},
		"an image in making": {change: func(in *launchtemplate.NextVersionInput) { in.Image = &pending }, is: launchtemplate.ErrInvalidInput, says: "is pending"},
		"a long description": {change: func(in *launchtemplate.NextVersionInput) { in.Description = strings.Repeat("x", 224) }, is: launchtemplate.ErrInvalidInput, says: "223 bytes"},
		"another source":     {change: func(in *launchtemplate.NextVersionInput) { in.SourceVersion = &foreign }, is: launchtemplate.ErrInvalidInput, says: "lt-other"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud, client := start(t)
			ref := base(t, cloud, client, tt.mappings...)
			in := launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: *img.ImageId, Image: img}
			if tt.change != nil {
				tt.change(&in)
			}
			next, err := launchtemplate.NextVersion(t.Context(), client, in)
			require.ErrorIs(t, err, tt.is)
			assert.ErrorContains(t, err, tt.says)
			assert.Nil(t, next)
			assert.Equal(t, "launchtemplate.NextVersion", failure(t, err).Op)
			assert.Equal(t, home, failure(t, err).Region)
			assert.Empty(t, cloud.Writes())
			assert.Len(t, cloud.Calls(), tt.calls)
		})
	}
}

func TestNextVersionDrift(t *testing.T) {
	cloud, client := start(t)
	ref := base(t, cloud, client, mapping("/dev/sdf", "", 5), mapping("/dev/sdg", "", 6))
	in := launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"}
	drifted := func(data *types.ResponseLaunchTemplateData) {
		data.InstanceType, data.UserData = types.InstanceTypeT3Large, new("eA==")
	}
	cloud.Inject(alter("CreateLaunchTemplateVersion", 1, func(out *ec2.CreateLaunchTemplateVersionOutput) {
		drifted(out.LaunchTemplateVersion.LaunchTemplateData)
	}))
	next, err := launchtemplate.NextVersion(t.Context(), client, in)
	require.ErrorIs(t, err, launchtemplate.ErrDrift)
	assert.Equal(t, "version 2 from version 1: InstanceType, UserData", failure(t, err).Reason)
	assert.Equal(t, ref.ID, failure(t, err).ID)
	require.NotNil(t, next, "the version exists")
	assert.Equal(t, int64(2), next.Version.Number)

	t.Run("of a version that is adopted", func(t *testing.T) {
		cloud.Inject(alter("DescribeLaunchTemplateVersions", 2, func(out *ec2.DescribeLaunchTemplateVersionsOutput) {
			drifted(out.LaunchTemplateVersions[0].LaunchTemplateData)
		}))
		next, err := launchtemplate.NextVersion(t.Context(), client, in)
		require.ErrorIs(t, err, launchtemplate.ErrDrift)
		assert.True(t, next.Adopted)
	})
	t.Run("not by the order of a list", func(t *testing.T) {
		cloud.Inject(alter("CreateLaunchTemplateVersion", 1, func(out *ec2.CreateLaunchTemplateVersionOutput) {
			m := out.LaunchTemplateVersion.LaunchTemplateData.BlockDeviceMappings
			m[0], m[1] = m[1], m[0]
		}))
		in.ImageID = "ami-00000003"
		_, err := launchtemplate.NextVersion(t.Context(), client, in)
		require.NoError(t, err)
	})
	t.Run("not where AWS tells no data", func(t *testing.T) {
		cloud.Inject(alter("CreateLaunchTemplateVersion", 1, func(out *ec2.CreateLaunchTemplateVersionOutput) {
			out.LaunchTemplateVersion.LaunchTemplateData = nil
		}))
		in.ImageID = "ami-00000004"
		next, err := launchtemplate.NextVersion(t.Context(), client, in)
		require.NoError(t, err)
		assert.Equal(t, int64(4), next.Version.Number)
	})
	t.Run("by a time alone", func(t *testing.T) {
		cloud, client := start(t)
		ref := template(t, client, "spot", everything())
		source, err := launchtemplate.Resolve(t.Context(), client, ref, "1")
		require.NoError(t, err)
		cloud.Inject(alter("CreateLaunchTemplateVersion", 1, func(out *ec2.CreateLaunchTemplateVersionOutput) {
			until := out.LaunchTemplateVersion.LaunchTemplateData.InstanceMarketOptions.SpotOptions.ValidUntil
			*until = until.Add(time.Second)
		}))
		img := image(t, cloud, awstest.ImageSeed{Name: "next"})
		_, err = launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: 1, SourceVersion: source, ImageID: *img.ImageId, Image: img})
		assert.Equal(t, "version 2 from version 1: InstanceMarketOptions", failure(t, err).Reason)
	})
	t.Run("by an option to omit a device", func(t *testing.T) {
		cloud.Inject(alter("CreateLaunchTemplateVersion", 1, func(out *ec2.CreateLaunchTemplateVersionOutput) {
			out.LaunchTemplateVersion.LaunchTemplateData.BlockDeviceMappings[0].NoDevice = new("")
		}))
		in.ImageID = "ami-00000005"
		_, err := launchtemplate.NextVersion(t.Context(), client, in)
		assert.Equal(t, "version 5 from version 1: BlockDeviceMappings", failure(t, err).Reason)
	})
}

func TestNextVersionRefusedByAWS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			operation string
			n         int
			code      string
			kind      error
		}{
			{"DescribeLaunchTemplateVersions", 1, "UnauthorizedOperation", nil},
			{"DescribeLaunchTemplateVersions", 2, "UnauthorizedOperation", nil},
			{"CreateLaunchTemplateVersion", 1, "VersionLimitExceeded", nil},
			{"CreateLaunchTemplateVersion", 1, "ExpiredToken", launchtemplate.ErrCredentialsExpired},
		} {
			cloud, client := start(t)
			ref := base(t, cloud, client)
			cloud.Inject(awstest.Refuse(awstest.Match{Operation: tt.operation}, tt.n, tt.code, "no"))
			_, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"})
			e := failure(t, err)
			assert.Equal(t, tt.kind, e.Kind)
			assert.ErrorContains(t, err, tt.code)
			assert.NotEmpty(t, e.RequestID())
		}
	})
}
