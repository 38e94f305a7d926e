package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// Values are alternatives, names are all to hold; * stands for any characters
// and ? for one, unless a backslash stands before them; case counts.
func TestFilterValues(t *testing.T) {
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	for name, version := range map[string]string{"star": "a*b", "mark": "a?b", "slash": `a\b`, "long": "axxb", "short": "axb"} {
		region.OwnImage(awstest.ImageSeed{Name: name, Tags: map[string]string{"version": version, "team": "web"}})
	}
	region.OwnImage(awstest.ImageSeed{Name: "bare"})
	client := ec2.NewFromConfig(cloud.Config(home))
	for _, c := range []struct {
		filters []ec2types.Filter
		want    []string
	}{
		{filter("tag:version", "axb"), []string{"short"}},
		{filter("tag:version", "AXB"), nil},
		{filter("tag:version", "a?b"), []string{"star", "mark", "slash", "short"}},
		{filter("tag:version", "a*b"), []string{"star", "mark", "slash", "long", "short"}},
		{filter("tag:version", "a**b*"), []string{"star", "mark", "slash", "long", "short"}},
		{filter("tag:version", `a\*b`), []string{"star"}},
		{filter("tag:version", `a\?b`), []string{"mark"}},
		{filter("tag:version", `a\\b`), []string{"slash"}},
		{filter("tag:version", "axb", "axxb"), []string{"long", "short"}},
		{filter("tag:version", "?"), nil},
		{filter("tag-key", "vers*"), []string{"star", "mark", "slash", "long", "short"}},
		{append(filter("tag:team", "web"), filter("name", "s*")...), []string{"star", "slash", "short"}},
		{append(filter("tag:team", "web"), filter("name", "bare")...), nil},
		{append(filter("name", "s*"), filter("name", "*t")...), []string{"short"}},
	} {
		out, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Filters: c.filters})
		require.NoError(t, err)
		var got []string
		for _, i := range out.Images {
			got = append(got, *i.Name)
		}
		assert.ElementsMatch(t, c.want, got, "%v", asJSON(c.filters))
	}
}
