package ami_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
)

// namer is a copier whose look-ups lag behind what its CopyImage knows.
type namer struct {
	*reader
	copies func(n int) (string, error)
	tokens []string
	last   *ec2.CopyImageInput
}

func (n *namer) CopyImage(_ context.Context, in *ec2.CopyImageInput, _ ...func(*ec2.Options)) (*ec2.CopyImageOutput, error) {
	n.tokens, n.last = append(n.tokens, *in.ClientToken), in
	id, err := n.copies(len(n.tokens))
	if err != nil {
		return nil, err
	}
	return &ec2.CopyImageOutput{ImageId: &id}, nil
}

// DescribeImages shows by id what a copy was given as.
func (n *namer) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, optFns ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	if len(in.ImageIds) == 1 {
		return &ec2.DescribeImagesOutput{Images: []types.Image{image(in.ImageIds[0], pending)}}, nil
	}
	return n.reader.DescribeImages(ctx, in, optFns...)
}

func (n *namer) DeregisterImage(context.Context, *ec2.DeregisterImageInput, ...func(*ec2.Options)) (*ec2.DeregisterImageOutput, error) {
	return &ec2.DeregisterImageOutput{}, nil
}

func duplicate(int) (string, error) { return "", awsError("InvalidAMIName.Duplicate") }

var source = ami.CopyInput{SourceImageID: "ami-0123456789abcdef0", SourceRegion: there, Name: "web 1"}

// ours is an image as a copy of source has it.
func ours(t *testing.T, state types.ImageState) types.Image {
	t.Helper()
	made, err := ami.Copy(t.Context(), &namer{reader: newReader(all()), copies: func(int) (string, error) { return id(1), nil }}, source)
	require.NoError(t, err)
	img := image(id(1), state)
	img.Name = &source.Name
	img.Tags = []types.Tag{{Key: new(ami.TagIntent), Value: &made.Intent}}
	return img
}

func TestNameThatIsNotVisibleYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mine := ours(t, pending)
		bare := mine
		bare.Tags = nil
		start := time.Now()
		var n int
		api := &namer{copies: duplicate, reader: newReader(func(_ int, in *ec2.DescribeImagesInput) ([]types.Image, error) {
			if *in.Filters[0].Name == "name" {
				n++
			}
			switch {
			case n < 3:
				return nil, nil
			case n < 5:
				return []types.Image{bare}, nil // the tags come last
			}
			return []types.Image{mine}, nil
		})}

		made, err := ami.Copy(t.Context(), api, source)

		require.NoError(t, err)
		assert.True(t, made.Adopted)
		assert.Equal(t, id(1), made.ImageID)
		assert.Equal(t, 8*time.Second, time.Since(start))
	})
}

func TestNameThatIsNotFreeYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := image(id(7), types.ImageStateDeregistered)
		gone.Name = &source.Name
		api := &namer{reader: newReader(all(gone)), copies: func(n int) (string, error) {
			if n < 3 {
				return duplicate(n)
			}
			return id(2), nil
		}}
		made, err := ami.Copy(t.Context(), api, source)
		require.NoError(t, err)
		assert.False(t, made.Adopted)
		assert.Equal(t, id(2), made.ImageID)
		assert.Equal(t, api.tokens[0], api.tokens[2], "the same call again")
	})
}

func TestNameTakenByNobodyWeCanSee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := ami.Copy(t.Context(), &namer{reader: newReader(all()), copies: duplicate}, source)
		require.ErrorIs(t, err, ami.ErrNameTaken)
		assert.ErrorContains(t, err, source.Name)
		assert.Equal(t, 5*time.Minute+3*time.Second, time.Since(start).Truncate(time.Second), "the grace")
	})
}

func TestNameOfAnImageWithoutTagsIsNotOurs(t *testing.T) {
	other := image(id(1), available)
	other.Name = &source.Name
	api := &namer{reader: newReader(all(other)), copies: duplicate}
	_, err := ami.Copy(t.Context(), api, source)
	require.ErrorIs(t, err, ami.ErrNameTaken)
	assert.Empty(t, api.tokens)
	assert.Len(t, api.asked, 1)
}

func TestNameOfAFailedImageGivesAnotherToken(t *testing.T) {
	mine := ours(t, types.ImageStateFailed)
	fresh := &namer{reader: newReader(all()), copies: func(int) (string, error) { return id(2), nil }}
	_, err := ami.Copy(t.Context(), fresh, source)
	require.NoError(t, err)
	api := &namer{reader: newReader(all(mine)), copies: func(int) (string, error) { return id(3), nil }}

	made, err := ami.Copy(t.Context(), api, source)

	require.NoError(t, err)
	assert.Equal(t, id(1), made.Replaced)
	assert.NotEqual(t, fresh.tokens[0], api.tokens[0], "the same one would give the failed image again")
}

func TestNamed(t *testing.T) {
	api := newReader(all())
	img, err := ami.Named(t.Context(), api, "web [1]")
	require.NoError(t, err)
	assert.Nil(t, img)
	in := api.asked[0]
	assert.Equal(t, []string{"self"}, in.Owners)
	assert.True(t, *in.IncludeDisabled)
	assert.True(t, *in.IncludeDeprecated)

	near := image(id(1), available)
	near.Name = new("web 11")
	gone := image(id(2), types.ImageStateDeregistered)
	gone.Name = new("web 1")
	img, err = ami.Named(t.Context(), newReader(all(near, gone)), "web 1")
	require.NoError(t, err)
	assert.Nil(t, img)

	_, err = ami.Named(t.Context(), api, "w*")
	require.ErrorIs(t, err, ami.ErrInvalidInput)
}

func TestTokenIsOfAllThatIsSent(t *testing.T) {
	token := func(change func(*ami.CopyInput)) string {
		in := source
		change(&in)
		api := &namer{reader: newReader(all()), copies: func(int) (string, error) { return id(1), nil }}
		_, err := ami.Copy(t.Context(), api, in)
		require.NoError(t, err)
		return api.tokens[0]
	}
	seen := map[string]string{}
	for name, change := range map[string]func(*ami.CopyInput){
		"nothing":     func(*ami.CopyInput) {},
		"name":        func(in *ami.CopyInput) { in.Name = "web 2" },
		"description": func(in *ami.CopyInput) { in.Description = "other" },
		"tags":        func(in *ami.CopyInput) { in.Tags = map[string]string{"a": "b"} },
		"CopyTags":    func(in *ami.CopyInput) { in.CopyTags = true },
		"encryption":  func(in *ami.CopyInput) { in.Encrypted, in.UseRegionDefaultKey = true, true },
		"promise":     func(in *ami.CopyInput) { in.CompletionDuration = 15 * time.Minute },
		"key":         func(in *ami.CopyInput) { in.Encrypted, in.KMSKeyID = true, "alias/web" },
		"revision":    func(in *ami.CopyInput) { in.Revision = "2" },
		"Region":      func(in *ami.CopyInput) { in.SourceRegion = here },
		"source":      func(in *ami.CopyInput) { in.SourceImageID = id(9) },
	} {
		got := token(change)
		assert.Empty(t, seen[got], name)
		seen[got] = name
		assert.Equal(t, got, token(change), "AWS refuses a token with other parameters, and takes another one for another call")
	}
}

// blind is a namer that does not see its first copy, and whose reads by name
// fail once at the start, and once after that copy was given up.
type blind struct {
	*namer
	reads int
}

func (b *blind) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, optFns ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	switch {
	case len(in.ImageIds) == 1 && in.ImageIds[0] == id(1):
		return &ec2.DescribeImagesOutput{}, nil
	case len(in.ImageIds) == 0 && *in.Filters[0].Name == "name":
		if b.reads++; b.reads == 1 || b.reads == 3 {
			return nil, awsError("RequestLimitExceeded")
		}
	}
	return b.namer.DescribeImages(ctx, in, optFns...)
}

// Errors that pass count from the last call that went well.
func TestNameOutlastsErrorsThatAreFarApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		api := &blind{namer: &namer{reader: newReader(all()), copies: func(n int) (string, error) { return id(n), nil }}}
		made, err := ami.Copy(t.Context(), api, source)
		require.NoError(t, err)
		assert.Equal(t, id(2), made.ImageID)
		assert.Greater(t, time.Since(start), 5*time.Minute, "the grace")
	})
}

// Errors that never pass end the call, however well the others go.
func TestNameEndsWhenOneCallFailsForTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		api := &namer{reader: newReader(all()), copies: func(int) (string, error) { return "", awsError("RequestLimitExceeded") }}
		_, err := ami.Copy(t.Context(), api, source)
		require.ErrorContains(t, err, "RequestLimitExceeded")
		assert.Less(t, time.Since(start), 7*time.Minute)
	})
}

// What is left of a failed copy is named also where no other takes its place.
func TestCopyNamesTheSnapshotsLeftOfAFailedOneInItsError(t *testing.T) {
	mine := ours(t, types.ImageStateFailed)
	api := &keeper{namer: &namer{reader: newReader(all(mine)), copies: func(int) (string, error) { return "", awsError("UnauthorizedOperation") }}}
	_, err := ami.Copy(t.Context(), api, source)
	e, ok := errors.AsType[*ami.Error](err)
	require.True(t, ok)
	assert.Equal(t, []string{id(1), "snap-00000000000000001"}, e.IDs)
}

// keeper keeps the snapshots of what it deregisters.
type keeper struct{ *namer }

func (*keeper) DeregisterImage(context.Context, *ec2.DeregisterImageInput, ...func(*ec2.Options)) (*ec2.DeregisterImageOutput, error) {
	return &ec2.DeregisterImageOutput{DeleteSnapshotResults: []types.DeleteSnapshotReturnCode{
		{SnapshotId: new("snap-00000000000000001"), ReturnCode: "internal-error"},
	}}, nil
}
