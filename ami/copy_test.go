package ami_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// abroad has an image in the other Region, and what it takes to copy it here.
func abroad(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, ami.CopyInput) {
	cloud := awstest.Start(t, opts...)
	image := cloud.Region(there).OwnImage(awstest.ImageSeed{Name: "web 1"})
	return cloud, ami.CopyInput{SourceImageID: image, SourceRegion: there, Name: "web 1", Tags: map[string]string{"team": "web"}}
}

func TestCopyTagsImageAndSnapshotsInTheCall(t *testing.T) {
	cloud, in := abroad(t, awstest.WithInputs())
	made, err := ami.Copy(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	images, err := ami.Wait(t.Context(), client(cloud, here), []string{made.ImageID})
	require.NoError(t, err)

	want := map[string]string{"team": "web", ami.TagIntent: made.Intent, ami.TagSource: there + "/" + in.SourceImageID}
	for key, value := range want {
		assert.Equal(t, value, ami.Tag(images[0].Tags, key))
		assert.Equal(t, value, ami.Tag(snapshots(t, cloud, here)[0].Tags, key))
	}
	require.Len(t, cloud.Writes(), 1)
	sent := cloud.Writes()[0].Input.(*ec2.CopyImageInput)
	assert.Nil(t, sent.Encrypted, "false would be refused for an encrypted source")
	assert.Len(t, *sent.ClientToken, 64)
	assert.Equal(t, here, cloud.Writes()[0].Region)
}

func TestCopyAgainAdopts(t *testing.T) {
	cloud, in := abroad(t)
	first, err := ami.Copy(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	cloud.ForgetCalls()
	again, err := ami.Copy(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	assert.True(t, again.Adopted)
	assert.Equal(t, first.ImageID, again.ImageID)
	assert.Len(t, cloud.Calls(), 1)
}

func TestCopyAfterALostResponseIsOne(t *testing.T) {
	for name, lose := range map[string]func(awstest.Match) awstest.Fault{
		"sent again by the SDK": awstest.LoseResponse,
		"for good":              awstest.LoseResponseForGood,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := abroad(t, awstest.WithTiming(awstest.Realistic), awstest.WithFault(lose(awstest.Match{Operation: "CopyImage"})))
				made, err := ami.Copy(t.Context(), client(cloud, here), in)
				if name == "for good" {
					require.Error(t, err)
					made, err = ami.Copy(t.Context(), client(cloud, here), in)
				}
				require.NoError(t, err)
				require.Len(t, held(t, cloud, here), 1)
				assert.Equal(t, made.ImageID, *held(t, cloud, here)[0].ImageId)
			})
		})
	}
}

func TestCopyRefusesATakenName(t *testing.T) {
	for name, dis := range map[string]bool{"available": false, "disabled": true} {
		t.Run(name, func(t *testing.T) {
			cloud, in := abroad(t)
			other := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: in.Name})
			if dis {
				cloud.Inject(disabled(other))
			}
			_, err := ami.Copy(t.Context(), client(cloud, here), in)
			require.ErrorIs(t, err, ami.ErrNameTaken)
			e, ok := errors.AsType[*ami.Error](err)
			require.True(t, ok)
			assert.Equal(t, other, e.ID)
			assert.Empty(t, cloud.Writes())
		})
	}
}

func TestCopyReplacesAFailedOne(t *testing.T) {
	cloud, in := abroad(t)
	cloud.FailImages(awstest.ImageMatch{Region: here}, "Client.InternalError", "Copy image failed with an internal error")
	first, err := ami.Copy(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	_, err = ami.Wait(t.Context(), client(cloud, here), []string{first.ImageID})
	require.ErrorIs(t, err, ami.ErrFailed)
	e, ok := errors.AsType[*ami.Error](err)
	require.True(t, ok)
	assert.Contains(t, e.Hint, "KMS key")
	cloud.ForgetScripts()

	second, err := ami.Copy(t.Context(), client(cloud, here), in)

	require.NoError(t, err)
	assert.Equal(t, first.ImageID, second.Replaced)
	assert.NotEqual(t, first.ImageID, second.ImageID)
	_, err = ami.Wait(t.Context(), client(cloud, here), []string{second.ImageID})
	require.NoError(t, err)
	assert.Len(t, held(t, cloud, here), 1)
	assert.Len(t, snapshots(t, cloud, here), 1)
}

// AWS answers a token that it knows with the image that it made then, so that
// each call has another one.
func TestCopyMakesAnewWhatIsOver(t *testing.T) {
	for name, c := range map[string]struct {
		timing awstest.Timing
		after  time.Duration
	}{
		"listed still": {awstest.Timing{Listed: time.Hour, Linger: 2 * time.Hour}, 0},
		"known by id":  {awstest.Timing{Linger: time.Hour}, 0},
		"not any more": {awstest.Timing{Linger: time.Hour}, 3 * time.Hour},
		"gone at once": {awstest.Timing{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := abroad(t, awstest.WithTiming(c.timing))
				var made []string
				for range 3 {
					out, err := ami.Copy(t.Context(), client(cloud, here), in)
					require.NoError(t, err)
					assert.False(t, out.Adopted)
					assert.NotContains(t, made, out.ImageID)
					made = append(made, out.ImageID)
					images, err := ami.Wait(t.Context(), client(cloud, here), []string{out.ImageID})
					require.NoError(t, err)
					assert.Equal(t, available, images[0].State)
					_, err = ami.Deregister(t.Context(), client(cloud, here), out.ImageID)
					require.NoError(t, err)
					time.Sleep(c.after)
				}
				assert.Equal(t, 3, cloud.Count("CopyImage"))
			})
		})
	}
}

// A copy that fails at once has not failed before.
func TestCopyThatFailsAtOnceIsNotMadeTwice(t *testing.T) {
	cloud, in := abroad(t)
	cloud.FailImages(awstest.ImageMatch{Region: here}, "Client.InternalError", "Copy image failed with an internal error")
	made, err := ami.Copy(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	assert.Equal(t, 1, cloud.Count("CopyImage"))
	_, err = ami.Wait(t.Context(), client(cloud, here), []string{made.ImageID})
	require.ErrorIs(t, err, ami.ErrFailed)
}

func TestCopyEncrypted(t *testing.T) {
	cloud, in := abroad(t, awstest.WithInputs())
	in.Encrypted = true
	in.KMSKeyID = "arn:aws:kms:" + here + ":123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	_, err := ami.Copy(t.Context(), client(cloud, here), in)
	require.NoError(t, err)
	sent := cloud.Writes()[0].Input.(*ec2.CopyImageInput)
	assert.True(t, *sent.Encrypted)
	assert.Equal(t, in.KMSKeyID, *sent.KmsKeyId)
}

func TestCopyRefusesBadInputWithoutACall(t *testing.T) {
	for name, spoil := range map[string]func(*ami.CopyInput){
		"no source":               func(in *ami.CopyInput) { in.SourceImageID = "" },
		"an instance as source":   func(in *ami.CopyInput) { in.SourceImageID = "i-0123456789abcdef0" },
		"no Region of the source": func(in *ami.CopyInput) { in.SourceRegion = "" },
		"no name":                 func(in *ami.CopyInput) { in.Name = "" },
		"a long description":      func(in *ami.CopyInput) { in.Description = strings.Repeat("d", 256) },
		"a key and no encryption": func(in *ami.CopyInput) { in.KMSKeyID = "alias/web" },
		"a key of another Region": func(in *ami.CopyInput) {
			in.Encrypted, in.KMSKeyID = true, "arn:aws-cn:kms:"+there+":123456789012:alias/web"
		},
		"a tag of ours": func(in *ami.CopyInput) { in.Tags = map[string]string{ami.TagIntent: "x"} },
	} {
		t.Run(name, func(t *testing.T) {
			cloud, in := abroad(t)
			spoil(&in)
			_, err := ami.Copy(t.Context(), client(cloud, here), in)
			require.ErrorIs(t, err, ami.ErrInvalidInput)
			require.ErrorIs(t, in.Check(here), ami.ErrInvalidInput)
			assert.Empty(t, cloud.Calls())
		})
	}
}

func TestCopyPromisedInATime(t *testing.T) {
	in := source
	in.CompletionDuration = 90 * time.Minute
	api := &namer{reader: newReader(all()), copies: func(int) (string, error) { return id(1), nil }}
	_, err := ami.Copy(t.Context(), api, in)
	require.NoError(t, err)
	assert.EqualValues(t, 90, *api.last.SnapshotCopyCompletionDurationMinutes)
	_, err = ami.Copy(t.Context(), api, source)
	require.NoError(t, err)
	assert.Nil(t, api.last.SnapshotCopyCompletionDurationMinutes, "nobody pays unasked")
	for _, d := range []time.Duration{-15 * time.Minute, time.Minute, 20 * time.Minute, 49 * time.Hour} {
		in.CompletionDuration = d
		require.ErrorIs(t, in.Check(here), ami.ErrInvalidInput, d)
	}
}

// The copy is not seen in its Region for far longer than usual.
func TestCopyThatStaysUnseenIsNotANameTakenByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := abroad(t, awstest.WithConsistency(awstest.Consistency{UnseenFor: 2 * time.Hour}))
		time.Sleep(3 * time.Hour) // the source is seen
		cloud.ForgetCalls()
		made, err := ami.Copy(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		require.Len(t, held(t, cloud, here), 1)
		assert.Equal(t, *held(t, cloud, here)[0].ImageId, made.ImageID)

		start := time.Now()
		_, err = ami.Wait(t.Context(), client(cloud, here), []string{made.ImageID})
		require.ErrorIs(t, err, ami.ErrNotVisible)
		require.NotErrorIs(t, err, ami.ErrDeregistered, "nobody knows that")
		require.ErrorIs(t, err, ami.ErrNotFound)
		assert.Equal(t, 5*time.Minute, time.Since(start).Truncate(time.Minute), "the grace")
		assert.Equal(t, 1, cloud.Count("CopyImage"))

		again, err := ami.Copy(t.Context(), client(cloud, here), in)
		require.ErrorIs(t, err, ami.ErrNotVisible, "AWS says that the name is taken: by our own copy")
		require.NotErrorIs(t, err, ami.ErrNameTaken)
		assert.Nil(t, again, "and does not say the id")
		assert.Len(t, held(t, cloud, here), 1)

		time.Sleep(2 * time.Hour)
		again, err = ami.Copy(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		assert.True(t, again.Adopted)
		assert.Equal(t, made.ImageID, again.ImageID)
	})
}

// Processes that copy at the same time make one image, although none of them
// sees that of the other.
func TestCopiesOfOneTimeAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := abroad(t, awstest.WithConsistency(awstest.Consistency{UnseenFor: time.Minute}))
		time.Sleep(2 * time.Minute)
		var ids [3]string
		var group errgroup.Group
		for i := range ids {
			group.Go(func() error {
				made, err := ami.Copy(t.Context(), client(cloud, here), in)
				if err == nil {
					ids[i] = made.ImageID
				}
				return err
			})
		}
		require.NoError(t, group.Wait())
		require.Len(t, held(t, cloud, here), 1)
		for _, id := range ids {
			assert.Equal(t, *held(t, cloud, here)[0].ImageId, id)
		}
	})
}
