package awstest

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// regionInfo is a Region and whether the accounts of this cloud have it.
type regionInfo struct {
	name  string
	optIn string // opt-in-not-required, opted-in, not-opted-in
}

// defaultRegions are those that every account has, and some that none has
// before it opts in.
func defaultRegions() []regionInfo {
	var out []regionInfo
	for _, name := range []string{
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
		"ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
		"us-east-1", "us-east-2", "us-west-1", "us-west-2",
		"cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1",
	} {
		out = append(out, regionInfo{name, "opt-in-not-required"})
	}
	for _, name := range []string{
		"af-south-1", "ap-east-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ca-west-1", "eu-central-2",
		"eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1",
	} {
		out = append(out, regionInfo{name, "not-opted-in"})
	}
	return out
}

// regionNamed finds a Region, or adds one that the list above does not know.
func (c *Cloud) regionNamed(name string) *regionInfo {
	i := slices.IndexFunc(c.regions, func(r regionInfo) bool { return r.name == name })
	if i < 0 {
		c.regions = append(c.regions, regionInfo{name, "opt-in-not-required"})
		i = len(c.regions) - 1
	}
	return &c.regions[i]
}

// enabled refuses what AWS refuses in a Region that the account does not have.
// It looks like bad credentials there too.
func (c *Cloud) enabled(call *Call) error {
	i := slices.IndexFunc(c.regions, func(r regionInfo) bool { return r.name == call.Region })
	if i < 0 || c.regions[i].optIn == "not-opted-in" {
		return apiError("AuthFailure", "AWS was not able to validate the provided access credentials")
	}
	return nil
}

func init() {
	handle(describeRegions, "AllRegions", "RegionNames", "Filters")
}

var regionFilters = filterTable[regionInfo]{values: map[string]func(regionInfo) []string{
	"endpoint":      one(func(r regionInfo) string { return endpoint(r.name) }),
	"opt-in-status": one(func(r regionInfo) string { return r.optIn }),
	"region-name":   one(func(r regionInfo) string { return r.name }),
}}

func endpoint(region string) string { return "ec2." + region + ".amazonaws.com" }

func describeRegions(r *request, in *ec2.DescribeRegionsInput) (*ec2.DescribeRegionsOutput, error) {
	match, err := regionFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	for _, name := range in.RegionNames {
		if !slices.ContainsFunc(r.regions, func(i regionInfo) bool { return i.name == name }) {
			return nil, apiError("InvalidParameterValue", "Invalid region names: [%s]", name)
		}
	}
	out := &ec2.DescribeRegionsOutput{}
	for _, i := range r.regions {
		switch {
		case partition(i.name) != partition(r.place.region): // a partition sees only itself
		case i.optIn == "not-opted-in" && !deref(in.AllRegions):
		case len(in.RegionNames) > 0 && !slices.Contains(in.RegionNames, i.name):
		case match(i):
			out.Regions = append(out.Regions, ec2types.Region{
				RegionName:  new(i.name),
				Endpoint:    new(endpoint(i.name)),
				OptInStatus: new(i.optIn),
			})
		}
	}
	slices.SortFunc(out.Regions, func(a, b ec2types.Region) int { return strings.Compare(*a.RegionName, *b.RegionName) })
	return out, nil
}
