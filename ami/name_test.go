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
		require.ErrorIs(t, err, ami.ErrNotVisible)
		require.NotErrorIs(t, err, ami.ErrNameTaken, "it may be taken by our own copy")
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

func TestFindByName(t *testing.T) {
	api := newReader(all())
	img, err := ami.FindByName(t.Context(), api, "web [1]")
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
	img, err = ami.FindByName(t.Context(), newReader(all(near, gone)), "web 1")
	require.NoError(t, err)
	assert.Nil(t, img)

	_, err = ami.FindByName(t.Context(), api, "w*")
	require.ErrorIs(t, err, ami.ErrInvalidInput)
}

// Every try of a call is the same to AWS, and no other call is.
func TestTokenIsOfOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &namer{reader: newReader(all()), copies: func(n int) (string, error) {
			if n < 3 {
				return "", awsError("RequestLimitExceeded")
			}
			return id(n), nil
		}}
		_, err := ami.Copy(t.Context(), api, source)
		require.NoError(t, err)
		_, err = ami.Copy(t.Context(), api, source)
		require.NoError(t, err)
		require.Len(t, api.tokens, 4)
		assert.Equal(t, api.tokens[0], api.tokens[2])
		assert.NotEqual(t, api.tokens[2], api.tokens[3], "AWS would answer with what may have been deregistered since")
		assert.LessOrEqual(t, len(api.tokens[0]), 64)
	})
}

// blind is a namer whose reads by name fail for most of the grace, twice, with a
// refusal of the name between them.
type blind struct {
	*namer
	start time.Time
}

func (b *blind) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, optFns ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	if at := time.Since(b.start); at < 4*time.Minute || at > 5*time.Minute && at < 9*time.Minute {
		return nil, awsError("RequestLimitExceeded")
	}
	return b.namer.DescribeImages(ctx, in, optFns...)
}

// Errors that pass count from the last call that went well.
func TestNameOutlastsErrorsThatAreFarApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		api := &blind{start: start, namer: &namer{reader: newReader(all()), copies: func(n int) (string, error) {
			if time.Since(start) < 6*time.Minute {
				return "", awsError("RequestLimitExceeded")
			}
			return id(1), nil
		}}}
		made, err := ami.Copy(t.Context(), api, source)
		require.NoError(t, err)
		assert.Equal(t, id(1), made.ImageID)
		assert.Greater(t, time.Since(start), 9*time.Minute, "longer than the grace")
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
