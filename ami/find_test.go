package ami_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
)

func TestFindAsksForWhatTheQuerySays(t *testing.T) {
	api := newReader(all())
	_, err := ami.Find(t.Context(), api, ami.Query{
		Owners:            []string{ami.Self, "111122223333"},
		Name:              "web-*",
		Tags:              map[string]string{"team": `a*b?c\d`, "env": "prod"},
		Architecture:      "arm64",
		IncludeDeprecated: true,
		Filters:           []types.Filter{{Name: new("root-device-type"), Values: []string{"ebs"}}},
	})
	require.NoError(t, err)

	in := api.asked[0]
	assert.Equal(t, []string{"self", "111122223333"}, in.Owners)
	assert.True(t, *in.IncludeDeprecated)
	assert.False(t, *in.IncludeDisabled)
	assert.NotNil(t, in.MaxResults, "AWS throttles a call without pages harder")
	var got [][2]string
	for _, f := range in.Filters {
		got = append(got, [2]string{*f.Name, f.Values[0]})
	}
	assert.Equal(t, [][2]string{
		{"root-device-type", "ebs"}, {"name", "web-*"}, {"architecture", "arm64"},
		{"tag:env", "prod"}, {"tag:team", `a\*b\?c\\d`}, {"state", "available"},
	}, got)
}

func TestFindTakesTheCallersState(t *testing.T) {
	api := newReader(all())
	_, err := ami.Find(t.Context(), api, ami.Query{
		Owners:  []string{ami.AnyOwner},
		Filters: []types.Filter{{Name: new("state"), Values: []string{"pending"}}},
	})
	require.NoError(t, err)
	assert.Empty(t, api.asked[0].Owners)
	require.Len(t, api.asked[0].Filters, 1)
	assert.Equal(t, []string{"pending"}, api.asked[0].Filters[0].Values)
}

func TestFindRefusesOwners(t *testing.T) {
	for name, owners := range map[string][]string{
		"none":                nil,
		"any and another":     {ami.AnyOwner, ami.Self},
		"another and any":     {ami.Self, ami.AnyOwner},
		"an alias of nobody":  {"canonical"},
		"an account too long": {"1111222233334"},
		"an empty one":        {""},
	} {
		t.Run(name, func(t *testing.T) {
			api := newReader(all())
			_, err := ami.Find(t.Context(), api, ami.Query{Owners: owners, Name: "x"})
			require.ErrorIs(t, err, ami.ErrInvalidInput)
			assert.Empty(t, api.asked)
		})
	}
}

func dated(n int, created string) types.Image {
	img := image(id(n), available)
	img.CreationDate = &created
	return img
}

func TestFindIsNewestFirst(t *testing.T) {
	api := newReader(all(
		dated(1, "2026-01-01T00:00:00.000Z"), dated(3, "2026-01-02T00:00:00.000Z"),
		dated(2, "2026-01-02T00:00:00.000Z"), dated(4, ""),
	))
	images, err := ami.Find(t.Context(), api, ami.Query{Owners: []string{ami.Self}})
	require.NoError(t, err)
	var got []string
	for _, img := range images {
		got = append(got, *img.ImageId)
	}
	assert.Equal(t, []string{id(2), id(3), id(1), id(4)}, got)
}

func TestLatest(t *testing.T) {
	q := ami.Query{Owners: []string{ami.Self}, Name: "web"}
	t.Run("one", func(t *testing.T) {
		img, err := ami.Latest(t.Context(), newReader(all(
			dated(1, "2026-01-01T00:00:00.000Z"), dated(2, "2026-01-02T00:00:00.000Z"), dated(3, "2026-01-01T00:00:00.000Z"),
		)), q)
		require.NoError(t, err)
		assert.Equal(t, id(2), *img.ImageId)
	})
	t.Run("a tie", func(t *testing.T) {
		_, err := ami.Latest(t.Context(), newReader(all(
			dated(1, "2026-01-01T00:00:00.000Z"), dated(3, "2026-01-02T00:00:00.000Z"), dated(2, "2026-01-02T00:00:00Z"),
		)), q)
		require.ErrorIs(t, err, ami.ErrAmbiguous)
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Equal(t, []string{id(2), id(3)}, e.IDs)
	})
	t.Run("none", func(t *testing.T) {
		_, err := ami.Latest(t.Context(), newReader(all()), q)
		require.ErrorIs(t, err, ami.ErrNotFound)
	})
}

func TestGet(t *testing.T) {
	t.Run("in whatever state", func(t *testing.T) {
		api := newReader(all(image(id(1), types.ImageStateDisabled)))
		img, err := ami.Get(t.Context(), api, id(1))
		require.NoError(t, err)
		assert.Equal(t, types.ImageStateDisabled, img.State)
		in := api.asked[0]
		assert.Equal(t, []string{id(1)}, in.ImageIds)
		assert.Nil(t, in.MaxResults, "not together with ids")
		assert.True(t, *in.IncludeDisabled)
	})
	t.Run("hidden", func(t *testing.T) {
		_, err := ami.Get(t.Context(), newReader(all()), id(1))
		require.ErrorIs(t, err, ami.ErrNotFound)
	})
	t.Run("unknown", func(t *testing.T) {
		_, err := ami.Get(t.Context(), newReader(func(int, *ec2.DescribeImagesInput) ([]types.Image, error) {
			return nil, awsError("InvalidAMIID.NotFound")
		}), id(1))
		require.ErrorIs(t, err, ami.ErrNotFound)
	})
	t.Run("no id", func(t *testing.T) {
		api := newReader(all())
		_, err := ami.Get(t.Context(), api, "ami-xyz")
		require.ErrorIs(t, err, ami.ErrInvalidInput)
		assert.Empty(t, api.asked)
	})
}
