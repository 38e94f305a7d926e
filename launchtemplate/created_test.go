package launchtemplate_test

import (
	"context"
	"strconv"
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

// replay answers every creation of a version by what the first of its token was
// answered, as EC2 does, whatever has become of the version since.
func replay() awstest.Fault {
	first := map[string]types.LaunchTemplateVersion{}
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		in, ok := call.Input.(*ec2.CreateLaunchTemplateVersionInput)
		if !ok {
			return next(ctx)
		}
		if v, ok := first[*in.ClientToken]; ok {
			return &ec2.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: &v}, nil
		}
		out, err := next(ctx)
		if err == nil {
			first[*in.ClientToken] = *out.(*ec2.CreateLaunchTemplateVersionOutput).LaunchTemplateVersion
		}
		return out, err
	}
}

func TestNextVersionWhereAWSReplaysADeletedVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, client := start(t)
		ref := base(t, cloud, client)
		cloud.Inject(replay())
		in := launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"}
		for want := int64(2); want < 5; want++ { // the third is behind two that have been deleted
			cloud.ForgetCalls()
			next, err := launchtemplate.NextVersion(t.Context(), client, in)
			require.NoError(t, err)
			require.Equal(t, want, next.Version.Number)
			assert.Equal(t, int(want)-1, cloud.Count("CreateLaunchTemplateVersion"))
			_, err = launchtemplate.Resolve(t.Context(), client, ref, strconv.FormatInt(next.Version.Number, 10))
			require.NoError(t, err, "it exists")
			time.Sleep(time.Hour)
			_, err = client.DeleteLaunchTemplateVersions(t.Context(), &ec2.DeleteLaunchTemplateVersionsInput{
				LaunchTemplateId: &ref.ID, Versions: []string{strconv.FormatInt(next.Version.Number, 10)},
			})
			require.NoError(t, err)
		}
	})
}

func TestNextVersionWhereAnOldVersionIsReplayedAndStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, client := start(t)
		ref := base(t, cloud, client)
		in := launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"}
		_, err := launchtemplate.NextVersion(t.Context(), client, in)
		require.NoError(t, err)
		time.Sleep(time.Hour)
		cloud.Inject(alter("DescribeLaunchTemplateVersions", 2, func(out *ec2.DescribeLaunchTemplateVersionsOutput) {
			out.LaunchTemplateVersions = nil // the look-up does not show it
		}))
		cloud.ForgetCalls()
		next, err := launchtemplate.NextVersion(t.Context(), client, in)
		require.NoError(t, err)
		assert.Equal(t, int64(2), next.Version.Number)
		assert.Equal(t, 1, cloud.Count("CreateLaunchTemplateVersion"))
		assert.Equal(t, 3, cloud.Count("DescribeLaunchTemplateVersions"))
	})
}

func TestNextVersionCannotTellWhetherAReplayStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, client := start(t)
		ref := base(t, cloud, client)
		in := launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"}
		cloud.Inject(alter("CreateLaunchTemplateVersion", 1, func(out *ec2.CreateLaunchTemplateVersionOutput) {
			out.LaunchTemplateVersion.CreateTime = new(time.Now().Add(-time.Hour))
		}))
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeLaunchTemplateVersions"}, 3, "UnauthorizedOperation", "no"))
		next, err := launchtemplate.NextVersion(t.Context(), client, in)
		assert.ErrorContains(t, err, "UnauthorizedOperation")
		require.NotNil(t, next, "AWS has given a number")
		assert.Equal(t, int64(2), next.Version.Number)
		assert.Equal(t, []string{"2"}, failure(t, err).IDs)
		assert.Equal(t, "launchtemplate.NextVersion", failure(t, err).Op)
	})
}

// TestNextVersionWhereTheReplayNeverEnds has AWS answer every token with the
// same version, which does not exist.
func TestNextVersionWhereTheReplayNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, client := start(t)
		ref := base(t, cloud, client)
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if call.Operation != "CreateLaunchTemplateVersion" {
				return next(ctx)
			}
			return &ec2.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: &types.LaunchTemplateVersion{
				VersionNumber: new(int64(9)), CreateTime: new(time.Now().Add(-time.Hour)),
			}}, nil
		})
		_, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"})
		require.ErrorIs(t, err, launchtemplate.ErrNotFound)
		assert.Equal(t, "AWS answers with version 9, which has been deleted", failure(t, err).Reason)
	})
}

func TestNextVersionOldImage(t *testing.T) {
	cloud, client := start(t)
	was := image(t, cloud, awstest.ImageSeed{Name: "was"})
	next := image(t, cloud, awstest.ImageSeed{Name: "next", DataGiB: []int32{5}}) // root and /dev/sdb
	other := *was
	other.ImageId = new("ami-0a0a0a0a0a0a0a0a0")
	tests := map[string]struct {
		oldRoot string
		device  string // that the template sets up
		old     *types.Image
		image   *types.Image
		is      error
		says    string
	}{
		"the same root device":                    {oldRoot: *next.RootDeviceName, device: *next.RootDeviceName, old: was, image: next},
		"a root device of an odd name":            {oldRoot: "/dev/sdz", device: "/dev/sdz", old: was, image: next, is: launchtemplate.ErrRootDevice, says: "sets up /dev/sdz"},
		"a disk of the next image where root was": {oldRoot: "/dev/sdb", device: "/dev/sdb", old: was, image: next, is: launchtemplate.ErrRootDevice, says: "sets up /dev/sdb"},
		"no settings of the root disk":            {oldRoot: "/dev/sdz", device: "/dev/sdf", old: was, image: next},
		"the old image is not given":              {oldRoot: "/dev/sdz", device: "/dev/sdz", image: next},
		"an image that is not the source's":       {device: "/dev/sdf", old: &other, image: next, is: launchtemplate.ErrInvalidInput, says: "OldImage is"},
		"the next image is not given":             {device: "/dev/sdf", old: was, is: launchtemplate.ErrInvalidInput, says: "without Image"},
	}
	n := 0
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n++
			if tt.old == was {
				old := *was
				old.RootDeviceName = &tt.oldRoot
				tt.old = &old
			}
			ref := template(t, client, "web"+string(rune('a'+n)), &types.RequestLaunchTemplateData{
				ImageId: was.ImageId, BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMappingRequest{mapping(tt.device, "", 20)},
			})
			cloud.ForgetCalls()
			_, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
				Template: ref, Source: 1, ImageID: *next.ImageId, Image: tt.image, OldImage: tt.old,
			})
			if tt.is == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, tt.is)
			assert.ErrorContains(t, err, tt.says)
			assert.Empty(t, cloud.Writes())
		})
	}
}

// TestCreateWhereAWSReplaysADeletedTemplate makes a template, deletes it, and
// makes the same again; AWS remembers the token.
func TestCreateWhereAWSReplaysADeletedTemplate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, client := start(t)
		first := map[string]types.LaunchTemplate{}
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			in, ok := call.Input.(*ec2.CreateLaunchTemplateInput)
			if !ok {
				return next(ctx)
			}
			if t, ok := first[*in.ClientToken]; ok {
				return &ec2.CreateLaunchTemplateOutput{LaunchTemplate: &t}, nil
			}
			out, err := next(ctx)
			if err == nil {
				first[*in.ClientToken] = *out.(*ec2.CreateLaunchTemplateOutput).LaunchTemplate
			}
			return out, err
		})
		seen := map[string]bool{}
		for range 3 { // the third is behind two that have been deleted
			made, err := launchtemplate.Create(t.Context(), client, webInput())
			require.NoError(t, err)
			assert.False(t, made.Adopted)
			assert.False(t, seen[made.TemplateID])
			seen[made.TemplateID] = true
			_, err = launchtemplate.Describe(t.Context(), client, launchtemplate.Ref{ID: made.TemplateID})
			require.NoError(t, err, "it exists")
			time.Sleep(time.Hour)
			_, err = client.DeleteLaunchTemplate(t.Context(), &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: &made.TemplateID})
			require.NoError(t, err)
		}
	})
}

// TestCreateWhereTheReplayedTemplateStands has one that the look-up did not show.
func TestCreateWhereTheReplayedTemplateStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, client := start(t)
		made, err := launchtemplate.Create(t.Context(), client, webInput())
		require.NoError(t, err)
		time.Sleep(time.Hour)
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeLaunchTemplateVersions"}, 1, "InvalidLaunchTemplateName.NotFoundException", "does not exist"))
		again, err := launchtemplate.Create(t.Context(), client, webInput())
		require.NoError(t, err)
		assert.Equal(t, made.TemplateID, again.TemplateID)
		assert.True(t, again.Adopted)
		assert.Len(t, cloud.Region(home).Templates(), 1)
	})
}
