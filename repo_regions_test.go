package readyami_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// The SDK knows the Regions and partitions of its day. When it is updated and
// there is a new one, the fake has to learn it.
func TestTheFakeKnowsEveryRegionOfTheSDK(t *testing.T) {
	dir := goList(t, "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2")[0]
	raw, err := os.ReadFile(filepath.Join(dir, "internal", "endpoints", "awsrulesfn", "partitions.json"))
	require.NoError(t, err)
	var sdk struct {
		Partitions []struct {
			ID      string `json:"id"`
			Outputs struct {
				Suffix string `json:"dnsSuffix"`
			} `json:"outputs"`
			Regions map[string]any `json:"regions"`
		} `json:"partitions"`
	}
	require.NoError(t, json.Unmarshal(raw, &sdk))
	require.NotEmpty(t, sdk.Partitions)

	cloud := awstest.Start(t)
	for _, p := range sdk.Partitions {
		var want []string
		for name := range p.Regions {
			if !strings.HasSuffix(name, "-global") {
				want = append(want, name)
			}
		}
		slices.Sort(want)
		home := want[0]
		if p.ID == "aws" {
			home = "us-east-1"
		}
		cfg := cloud.Config(home)
		out, err := ec2.NewFromConfig(cfg).DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})
		require.NoError(t, err, p.ID)
		var got []string
		for _, r := range out.Regions {
			got = append(got, *r.RegionName)
			assert.Equal(t, "ec2."+*r.RegionName+"."+p.Outputs.Suffix, *r.Endpoint)
		}
		assert.Equal(t, want, got, p.ID)
		who, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(*who.Arn, "arn:"+p.ID+":"), *who.Arn)
	}
}
