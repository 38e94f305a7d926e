package ami_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

const stranger = "444455556666"

// shelf has images of every category in one Region. Those of strangers are
// newer than one's own and have the same names.
func shelf(t *testing.T) *awstest.Cloud {
	cloud := awstest.Start(t)
	r := cloud.Region(here)
	r.OwnImage(awstest.ImageSeed{Name: "mine", Age: 48 * time.Hour})
	r.OwnImage(awstest.ImageSeed{Name: "mine, shared", Age: 24 * time.Hour, SharedWith: []string{stranger}})
	r.OwnImage(awstest.ImageSeed{Name: "mine, public", Age: 12 * time.Hour, Public: true})
	r.OwnImage(awstest.ImageSeed{Name: "mine, product", Age: time.Hour, ProductCodes: []string{"abc"}})
	r.ForeignImage(stranger, "mine", true)
	r.ForeignImage(stranger, "hidden", false)
	cloud.Account(stranger).Region(here).OwnImage(awstest.ImageSeed{Name: "mine, public", Public: true})
	r.MarketplaceImage("product", "def")
	return cloud
}

func owned(images []types.Image) (out []string) {
	for _, img := range images {
		owner := "theirs"
		if *img.OwnerId == awstest.DefaultAccount {
			owner = "own"
		}
		out = append(out, owner+" "+*img.Name)
	}
	return out
}

func TestFindByCategory(t *testing.T) {
	anybody := []string{ami.AnyOwner}
	self := []string{ami.Self}
	for name, tc := range map[string]struct {
		query ami.Query
		want  []string
	}{
		"private": {ami.Query{Owners: self, Category: ami.CategoryPrivate}, []string{"own mine, shared", "own mine"}},
		"shared":  {ami.Query{Owners: anybody, Category: ami.CategorySharedWithMe}, []string{"theirs mine"}},
		"shared by one account": {
			ami.Query{Owners: []string{stranger}, Category: ami.CategorySharedWithMe}, []string{"theirs mine"}},
		"shared by another": {ami.Query{Owners: []string{"777788889999"}, Category: ami.CategorySharedWithMe}, nil},
		"public": {
			ami.Query{Owners: anybody, Category: ami.CategoryPublic}, []string{"theirs mine, public", "own mine, public"}},
		"public and one's own": {ami.Query{Owners: self, Category: ami.CategoryPublic}, []string{"own mine, public"}},
		"products":             {ami.Query{Owners: anybody, Category: ami.CategoryMarketplace}, []string{"theirs product", "own mine, product"}},
		"of the Marketplace":   {ami.Query{Owners: []string{ami.Marketplace}}, []string{"theirs product"}},
	} {
		t.Run(name, func(t *testing.T) {
			images, err := ami.Find(t.Context(), client(shelf(t), here), tc.query)
			require.NoError(t, err)
			assert.ElementsMatch(t, tc.want, owned(images))
			for _, img := range images {
				if tc.query.Category != "" {
					assert.Equal(t, tc.query.Category, ami.Category(img, awstest.DefaultAccount))
				}
			}
		})
	}
}

func TestLatestByOwnerIsNeverAStrangers(t *testing.T) {
	cloud := shelf(t)
	img, err := ami.Latest(t.Context(), client(cloud, here), ami.Query{Owners: []string{ami.Self}, Name: "mine"})
	require.NoError(t, err)
	assert.Equal(t, awstest.DefaultAccount, *img.OwnerId, "a stranger's of that name is newer")
}

func TestFindByAge(t *testing.T) {
	for name, tc := range map[string]struct {
		min, max time.Duration
		want     []string
	}{
		"any":               {0, 0, []string{"own mine, product", "own mine, public", "own mine, shared", "own mine"}},
		"of a day and more": {24 * time.Hour, 0, []string{"own mine, shared", "own mine"}},
		"of the last day":   {0, 24 * time.Hour, []string{"own mine, product", "own mine, public", "own mine, shared"}},
		"in between":        {2 * time.Hour, 13 * time.Hour, []string{"own mine, public"}},
		"older than all":    {49 * time.Hour, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				images, err := ami.Find(t.Context(), client(shelf(t), here), ami.Query{
					Owners: []string{ami.Self}, MinAge: tc.min, MaxAge: tc.max,
				})
				require.NoError(t, err)
				assert.Equal(t, tc.want, owned(images))
			})
		})
	}
}

func TestFindKnowsNoAgeWhereAWSSaysNone(t *testing.T) {
	images, err := ami.Find(t.Context(), newReader(all(dated(1, ""))), ami.Query{Owners: []string{ami.Self}, MinAge: time.Hour})
	require.NoError(t, err)
	assert.Empty(t, images)
}

func TestFindByDeprecation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, coming, none := dated(1, ""), dated(2, ""), dated(3, "")
		old.DeprecationTime = new(time.Now().UTC().Format(time.RFC3339))
		coming.DeprecationTime = new(time.Now().Add(time.Minute).UTC().Format(time.RFC3339))
		for which, want := range map[ami.Deprecation][]string{
			"": ids(4)[1:], ami.DeprecatedOnly: {id(1)}, ami.NotDeprecated: {id(2), id(3)},
		} {
			api := newReader(all(old, coming, none))
			images, err := ami.Find(t.Context(), api, ami.Query{Owners: []string{ami.Self}, Deprecation: which})
			require.NoError(t, err)
			var got []string
			for _, img := range images {
				got = append(got, *img.ImageId)
			}
			assert.Equal(t, want, got)
			assert.Equal(t, which == ami.DeprecatedOnly, *api.asked[0].IncludeDeprecated, "those of others show only then")
		}
		assert.False(t, ami.Deprecated(coming, time.Now()))
		assert.True(t, ami.Deprecated(coming, time.Now().Add(time.Minute)))
	})
}

func TestFindDisabledBesideAvailable(t *testing.T) {
	cloud := shelf(t)
	id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "off"})
	_, err := client(cloud, here).DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &id})
	require.NoError(t, err)
	for include, want := range map[bool]int{false: 4, true: 5} {
		images, err := ami.Find(t.Context(), client(cloud, here), ami.Query{Owners: []string{ami.Self}, IncludeDisabled: include})
		require.NoError(t, err)
		assert.Len(t, images, want)
	}
}

func TestFindReadsEveryPage(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithPageSize(2))
	for _, name := range []string{"a 1", "a 2", "b 1", "b 2", "b 3"} {
		cloud.Region(here).OwnImage(awstest.ImageSeed{Name: name})
	}
	images, err := ami.Find(t.Context(), client(cloud, here), ami.Query{Owners: []string{ami.Self}, Name: "b *"})
	require.NoError(t, err)
	assert.Len(t, images, 3)
}

func TestFindRefusesWhatCannotBe(t *testing.T) {
	for name, spoil := range map[string]func(*ami.Query){
		"a category that is none":     func(q *ami.Query) { q.Category = "secret" },
		"private and any owner":       func(q *ami.Query) { q.Category, q.Owners = ami.CategoryPrivate, []string{ami.AnyOwner} },
		"private and another owner":   func(q *ami.Query) { q.Category, q.Owners = ami.CategoryPrivate, []string{ami.Self, stranger} },
		"shared with me by me":        func(q *ami.Query) { q.Category = ami.CategorySharedWithMe },
		"a root device that is none":  func(q *ami.Query) { q.RootDevice = "floppy" },
		"a deprecation that is none":  func(q *ami.Query) { q.Deprecation = "soon" },
		"an age below zero":           func(q *ami.Query) { q.MinAge = -1 },
		"an age that ends too early":  func(q *ami.Query) { q.MinAge, q.MaxAge = 2, 1 },
		"a filter without a name":     func(q *ami.Query) { q.Filters = []types.Filter{{Values: []string{"x"}}} },
		"a filter without any values": func(q *ami.Query) { q.Filters = []types.Filter{{Name: new("x")}} },
	} {
		t.Run(name, func(t *testing.T) {
			api := newReader(all())
			q := ami.Query{Owners: []string{ami.Self}}
			spoil(&q)
			_, err := ami.Find(t.Context(), api, q)
			require.ErrorIs(t, err, ami.ErrInvalidInput)
			assert.Empty(t, api.asked)
		})
	}
}

func TestCopyable(t *testing.T) {
	product := []types.ProductCode{{ProductCodeId: new("abc"), ProductCodeType: types.ProductCodeValuesMarketplace}}
	devpay := []types.ProductCode{{ProductCodeId: new("abc"), ProductCodeType: types.ProductCodeValuesDevpay}}
	for name, tc := range map[string]struct {
		image types.Image
		ok    bool
	}{
		"one's own":                   {types.Image{OwnerId: new("111122223333"), RootDeviceType: "ebs"}, true},
		"another's":                   {types.Image{OwnerId: new(stranger), RootDeviceType: "ebs"}, true},
		"one's own of a product":      {types.Image{OwnerId: new("111122223333"), ProductCodes: product}, true},
		"another's of a product":      {types.Image{OwnerId: new(stranger), ProductCodes: product}, false},
		"another's with another code": {types.Image{OwnerId: new(stranger), ProductCodes: devpay}, true},
		"backed by an instance store": {types.Image{OwnerId: new("111122223333"), RootDeviceType: "instance-store"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := ami.Copyable(tc.image, "111122223333")
			if tc.ok {
				assert.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, ami.ErrUnsupported)
			}
		})
	}
}
