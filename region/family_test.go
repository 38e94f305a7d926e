package region_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/region"
)

// Copies are of the family of their source, and each target has its own
// predecessor.
func TestCopiesHaveTheFamilyAndTheirPredecessors(t *testing.T) {
	for name, c := range map[string]struct {
		family, tag, want string
	}{
		"of the source":         {"", "", "storefront"},
		"of the input":          {"shop", "", "shop"},
		"of the tags, as given": {"", "tagged", "tagged"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := atHome(t)
				api := ec2.NewFromConfig(cloud.Config(ireland.Region))
				_, err := api.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{in.SourceImageID}, Tags: []types.Tag{{Key: new(ami.TagFamily), Value: new("storefront")}}})
				require.NoError(t, err)
				in.Family = c.family
				if c.tag != "" {
					in.Tags[ami.TagFamily] = c.tag
				}
				in.Targets = to(london, virginia)
				in.Targets[1].Predecessor = "ami-0123456789abcdef0"
				results, err := region.Copy(t.Context(), fresh(cloud), in)
				require.NoError(t, err)
				for i, predecessor := range []string{"", "ami-0123456789abcdef0"} {
					assert.Equal(t, c.want, ami.Tag(results[i].Image.Tags, ami.TagFamily))
					assert.Equal(t, predecessor, ami.Tag(results[i].Image.Tags, ami.TagPredecessor))
				}
			})
		})
	}
}

func TestPredecessorIsRefused(t *testing.T) {
	cloud, in := atHome(t)
	for _, spoil := range []func(*region.CopyInput){
		func(in *region.CopyInput) { in.Targets[0].Predecessor = "web 1" },
		func(in *region.CopyInput) { in.Targets[1].Predecessor = "ami-0123456789abcdef0" }, // has the source itself
	} {
		in.Targets = to(london, ireland)
		spoil(&in)
		_, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, region.ErrInvalidInput)
	}
	assert.Empty(t, cloud.Calls())
}
