package region_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// family is a base image of Amazon's, what was baked of it at home, a copy of
// that in each of two Regions, and what was baked of one copy, for which the copy
// itself was deregistered. The ids are by name.
func family(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, region.LineageInput, map[string]string) {
	t.Helper()
	cloud := awstest.Start(t, opts...)
	ids := map[string]string{"base": cloud.Region(ireland.Region).PublicImage("base")}
	bake := func(where region.Target, name, from string) {
		instance := cloud.Region(where.Region).PreparedInstance(awstest.InstanceSeed{ImageID: ids[from]})
		out, err := ec2.NewFromConfig(cloud.Config(where.Region)).CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: &name})
		require.NoError(t, err)
		ids[name] = *out.ImageId
		time.Sleep(10 * time.Minute)
	}
	copyTo := func(where region.Target, name, from string) {
		shown(t, cloud, ireland, ids[from])
		out, err := ec2.NewFromConfig(cloud.Config(where.Region)).CopyImage(t.Context(), &ec2.CopyImageInput{
			SourceImageId: new(ids[from]), SourceRegion: &ireland.Region, Name: &name,
		})
		require.NoError(t, err)
		ids[name] = *out.ImageId
		time.Sleep(10 * time.Minute)
	}
	bake(ireland, "golden", "base")
	copyTo(london, "golden in london", "golden")
	copyTo(paris, "golden in paris", "golden")
	bake(paris, "web", "golden in paris")
	bake(paris, "api", "golden in paris")
	for where, name := range map[region.Target]string{london: "golden in london", paris: "golden in paris"} {
		shown(t, cloud, where, ids[name])
	}
	shown(t, cloud, paris, ids["web"])
	shown(t, cloud, paris, ids["api"])
	_, err := ec2.NewFromConfig(cloud.Config(paris.Region)).DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: new(ids["golden in paris"])})
	require.NoError(t, err)
	time.Sleep(3 * time.Hour)
	return cloud, region.LineageInput{Targets: []region.Target{paris, london, ireland}}, ids
}

// shown waits until AWS shows an image.
func shown(t *testing.T, cloud *awstest.Cloud, where region.Target, id string) {
	t.Helper()
	_, err := ami.Wait(t.Context(), ec2.NewFromConfig(cloud.Config(where.Region)), []string{id})
	require.NoError(t, err)
}

// drawn is a forest with names, for people.
func drawn(roots []*region.LineageNode, ids map[string]string) (out []string) {
	names := map[string]string{}
	for name, id := range ids {
		names[id] = name
	}
	for _, root := range roots {
		for depth, n := range root.All() {
			state := string(n.State)
			if state == "" {
				state = "not owned " + n.OwnerAlias
			}
			out = append(out, strings.TrimSpace(fmt.Sprint(strings.Repeat("  ", depth), names[n.ImageID], ", ", n.Region, ", ", state)))
		}
	}
	return out
}

func TestLineageIsATreeOverRegions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in, ids := family(t)
		cloud.ForgetCalls()
		roots, err := region.Lineage(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		assert.Equal(t, []string{
			"base, eu-west-1, not owned amazon",
			"golden, eu-west-1, available",
			"golden in london, eu-west-2, available",
			"golden in paris, eu-west-3, not owned",
			"web, eu-west-3, available",
			"api, eu-west-3, available",
		}, drawn(roots, ids))
		var depths []int
		for depth := range roots[0].All() {
			depths = append(depths, depth)
		}
		assert.Equal(t, []int{0, 1, 2, 2, 3, 3}, depths)
		assert.Equal(t, 3, cloud.Count("DescribeImages"), "one list a target")
		assert.Equal(t, 2, cloud.Count("GetImageAncestry"), "for each parent that no target owns")
		for _, n := range roots[0].All() {
			assert.False(t, n.CreatedAt.IsZero())
		}
		golden := roots[0].Children[0]
		assert.Equal(t, []string{awstest.DefaultAccount, "golden", ids["base"], ireland.Region}, []string{golden.Account, golden.Name, golden.SourceImageID, golden.SourceRegion})
		raw, err := json.Marshal(golden.Children[0])
		require.NoError(t, err)
		assert.Contains(t, string(raw), `"region":"eu-west-2","imageId":"`+ids["golden in london"]+`"`)

		// The tree of one image, and of none.
		lone := cloud.Region(london.Region).OwnImage(awstest.ImageSeed{Name: "lone"})
		all, err := region.Lineage(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		assert.Len(t, all, 2)
		in.ImageID = ids["web"]
		one, err := region.Lineage(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		require.Len(t, one, 1)
		assert.Equal(t, ids["base"], one[0].ImageID)
		in.ImageID = lone
		one, err = region.Lineage(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		require.Len(t, one, 1)
		assert.Empty(t, one[0].Children)
		in.ImageID = "ami-00000000000000009"
		_, err = region.Lineage(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, ami.ErrNotFound)
	})
}

// Disabled and failed images are members too, and leaving the loop early is fine.
func TestLineageHasImagesInAnyState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in, ids := family(t)
		_, err := ec2.NewFromConfig(cloud.Config(london.Region)).DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: new(ids["golden in london"])})
		require.NoError(t, err)
		roots, err := region.Lineage(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		assert.Contains(t, drawn(roots, ids), "golden in london, eu-west-2, disabled")
		for range roots[0].All() {
			break
		}
	})
}

// One target that fails stops no other.
func TestLineageOfTargetsThatFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in, ids := family(t)
		cloud.Inject(awstest.Deny(awstest.Match{Region: london.Region}))
		cloud.Inject(awstest.Deny(awstest.Match{Region: paris.Region, Operation: "GetImageAncestry"}))
		roots, err := region.Lineage(t.Context(), fresh(cloud), in)
		require.Error(t, err)
		assert.ErrorContains(t, err, london.Region)
		assert.ErrorContains(t, err, ids["api"], "the newest child of a parent is asked for")
		assert.Equal(t, []string{"base, eu-west-1, not owned amazon", "golden, eu-west-1, available", "web, eu-west-3, available", "api, eu-west-3, available"}, drawn(roots, ids))
		assert.Equal(t, ids["golden in paris"], roots[1].SourceImageID, "its ancestry is not known, but that it has one")
	})
}

func TestLineageInput(t *testing.T) {
	pool := region.NewClientPool(region.OneAccount(awstest.Start(t).Config("")))
	for want, in := range map[string]region.LineageInput{
		"Targets is required": {},
		"Region":              {Targets: []region.Target{{Region: "x"}}},
		"given once":          {Targets: []region.Target{ireland, ireland}},
	} {
		_, err := region.Lineage(t.Context(), pool, in)
		require.ErrorIs(t, err, region.ErrInvalidInput)
		assert.ErrorContains(t, err, want)
	}
}
