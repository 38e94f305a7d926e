package ami_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// Each function that makes an image writes its family and its predecessor in the
// call that makes it.
func TestFamilyAndPredecessorAreWrittenByTheCall(t *testing.T) {
	const before = "ami-0123456789abcdef0"
	for name, make := range map[string]func(*testing.T) (*awstest.Cloud, *ami.CreateResult, error){
		"Create": func(t *testing.T) (*awstest.Cloud, *ami.CreateResult, error) {
			cloud := awstest.Start(t)
			in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
			in.Family, in.Predecessor = "web", before
			made, err := ami.Create(t.Context(), client(cloud, here), in)
			return cloud, made, err
		},
		"Copy": func(t *testing.T) (*awstest.Cloud, *ami.CreateResult, error) {
			cloud, in := abroad(t)
			in.Family, in.Predecessor = "web", before
			made, err := ami.Copy(t.Context(), client(cloud, here), in)
			return cloud, made, err
		},
		"Register": func(t *testing.T) (*awstest.Cloud, *ami.CreateResult, error) {
			cloud, in := fromDisks(t)
			in.Family, in.Predecessor = "web", before
			made, err := ami.Register(t.Context(), client(cloud, here), in)
			return cloud, made, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			cloud, made, err := make(t)
			require.NoError(t, err)
			img, ok := cloud.Region(here).Image(made.ImageID)
			require.True(t, ok)
			assert.Equal(t, "web", ami.Tag(img.Tags, ami.TagFamily))
			assert.Equal(t, before, ami.Tag(img.Tags, ami.TagPredecessor))
			assert.Zero(t, cloud.Count("CreateTags"))
		})
	}
}

func TestFamilyAndPredecessorRefuse(t *testing.T) {
	for name, spoil := range map[string]func(*ami.CreateInput){
		"no image":       func(in *ami.CreateInput) { in.Predecessor = "web 1" },
		"a long family":  func(in *ami.CreateInput) { in.Family = strings.Repeat("f", 257) },
		"a family twice": func(in *ami.CreateInput) { in.Family, in.Tags = "web", map[string]string{ami.TagFamily: "db"} },
		"a predecessor twice": func(in *ami.CreateInput) {
			in.Predecessor, in.Tags = id(1), map[string]string{ami.TagPredecessor: id(2)}
		},
		"one tag too many":        func(in *ami.CreateInput) { in.Family, in.Tags = "web", many(48) },
		"two tags of it too many": func(in *ami.CreateInput) { in.Family, in.Predecessor, in.Tags = "web", id(1), many(47) },
	} {
		in := web("i-0123456789abcdef0")
		spoil(&in)
		require.ErrorIs(t, in.Check(here), ami.ErrInvalidInput, name)
	}
	in := web("i-0123456789abcdef0")
	in.Family, in.Predecessor, in.Tags = "web", id(1), many(46)
	require.NoError(t, in.Check(here))
	in.Family, in.Predecessor, in.Tags = "", "", map[string]string{ami.TagFamily: "web", ami.TagPredecessor: id(1)}
	require.NoError(t, in.Check(here), "as tags among others, for those who know them")
}

func many(n int) map[string]string {
	tags := map[string]string{}
	for i := range n {
		tags[strings.Repeat("k", i+1)] = "v"
	}
	return tags
}

// Releases have names of their own. What they have in common is the family, so
// that keeping one image does not keep all.
func TestReleasesOfOneFamilyAreRetired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, nil)
		var made []string
		predecessor := ""
		for _, name := range []string{"storefront-1", "storefront-2", "storefront-3", "storefront-4"} {
			in := web(g.cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
			in.Name, in.Family, in.Predecessor = name, "storefront", predecessor
			in.Tags = map[string]string{ami.TagDelivery: name}
			out, err := ami.Create(t.Context(), client(g.cloud, here), in)
			require.NoError(t, err)
			made = append(made, out.ImageID)
			predecessor = out.ImageID
			time.Sleep(40 * day)
		}
		rules := monthly()
		rules.Keep = 1
		want := map[string]ami.Action{made[0]: ami.ActionDeprecate, made[1]: ami.ActionDeprecate}
		plan := g.plan(rules)
		assert.Equal(t, want, actions(plan))
		assert.Equal(t, "the last good image before "+made[3], decision(t, plan, made[2]).Reason)

		rules.Family = func(img types.Image) string { return ami.Tag(img.Tags, ami.TagDelivery) }
		assert.Empty(t, actions(g.plan(rules)), "by their own names each is the newest of its kind")
	})
}
