package awstest

import (
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// What DescribeRegions says of a Region to an account.
const (
	optInNotRequired = "opt-in-not-required"
	optedIn          = "opted-in"
	notOptedIn       = "not-opted-in"
)

// regionInfo is a Region, as an account has it.
type regionInfo struct{ name, optIn string }

// awsRegions are those that every account has.
//
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
var awsRegions = strings.Fields(`
	ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2
	ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1
	us-east-1 us-east-2 us-west-1 us-west-2
	cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1 eusc-de-east-1
	us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 eu-isoe-west-1 us-isof-east-1 us-isof-south-1`)

// optInRegions are those that an account has once it has enabled them.
//
// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
var optInRegions = strings.Fields(`
	af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
	ca-west-1 eu-central-2 eu-south-1 eu-south-2 il-central-1 me-central-1 me-south-1 mx-central-1`)

// partitions are AWS's, by how the names of their Regions begin, with the domain
// of their endpoints. All else is in the partition aws.
//
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var partitions = []struct{ prefix, id, domain string }{
	{"cn-", "aws-cn", "amazonaws.com.cn"},
	{"us-gov-", "aws-us-gov", "amazonaws.com"},
	{"eusc-", "aws-eusc", "amazonaws.eu"},
	{"us-iso-", "aws-iso", "c2s.ic.gov"},
	{"us-isob-", "aws-iso-b", "sc2s.sgov.gov"},
	{"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"},
	{"us-isof-", "aws-iso-f", "csp.hci.ic.gov"},
	{"", "aws", "amazonaws.com"},
}

// partition is the partition of a Region.
func partition(region string) string {
	id, _ := partitionOf(region)
	return id
}

func partitionOf(region string) (id, domain string) {
	at := slices.IndexFunc(partitions, func(p struct{ prefix, id, domain string }) bool { return strings.HasPrefix(region, p.prefix) })
	return partitions[at].id, partitions[at].domain
}

func endpoint(service, region string) string {
	_, domain := partitionOf(region)
	return service + "." + region + "." + domain
}

// regions is which Regions the accounts of a cloud have.
type regions struct {
	names  []string        // all there are, sorted
	seeded map[string]bool // whether every account has it, whatever AWS has as the default
	chosen map[place]*bool // whether the account that has chosen has it
}

var knownRegions = slices.Sorted(slices.Values(slices.Concat(awsRegions, optInRegions)))

func allRegions() regions {
	return regions{
		names:  slices.Clip(knownRegions), // or the Region that a cloud adds would be in all
		seeded: map[string]bool{},
		chosen: map[place]*bool{},
	}
}

// seed decides for every account, and adds a Region that AWS does not have.
func (r *regions) seed(enabled bool, names []string) {
	for _, name := range names {
		if at, known := slices.BinarySearch(r.names, name); !known {
			r.names = slices.Insert(r.names, at, name)
		}
		r.seeded[name] = enabled
	}
}

// status is the opt-in status of a Region, empty when there is none of that name.
func (r *regions) status(p place) string {
	if _, known := slices.BinarySearch(r.names, p.region); !known {
		return ""
	}
	optional := slices.Contains(optInRegions, p.region)
	enabled, decided := r.seeded[p.region]
	if chosen := r.chosen[p]; chosen != nil {
		enabled, decided = *chosen, true
	}
	switch {
	case decided && !enabled, optional && !decided:
		return notOptedIn
	case optional:
		return optedIn
	}
	return optInNotRequired
}

// has tells whether an account may use a Region.
func (r *regions) has(p place) bool {
	status := r.status(p)
	return status != "" && status != notOptedIn
}

// EnableRegion opts the account in to a Region, as EnableRegion of AWS Account
// Management does: from [Timing].RegionOptIn on, calls in the Region are answered.
// It panics for what is no opt-in Region, which AWS refuses.
// https://docs.aws.amazon.com/accounts/latest/reference/API_EnableRegion.html
func (a *Account) EnableRegion(name string) {
	a.choose("EnableRegion", name, func(c *Cloud, p place) {
		if c.regions.has(p) {
			return
		}
		enabled := new(false)
		c.regions.chosen[p] = enabled
		c.soon(c.jitter(c.timing.RegionOptIn, a.id+"/"+name), func() { *enabled = true })
	})
}

// DisableRegion takes an opt-in Region from the account, as DisableRegion of AWS
// Account Management does: calls in it fail from now on, and what the account has
// in it stays. It panics for what is no opt-in Region, which AWS refuses.
// https://docs.aws.amazon.com/accounts/latest/reference/API_DisableRegion.html
func (a *Account) DisableRegion(name string) {
	a.choose("DisableRegion", name, func(c *Cloud, p place) { c.regions.chosen[p] = new(false) })
}

func (a *Account) choose(what, name string, how func(*Cloud, place)) {
	if !slices.Contains(optInRegions, name) {
		panic("awstest: " + what + ": " + name + " is not an opt-in Region")
	}
	c := a.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step()
	how(c, place{a.id, name})
	c.step()
}

// enabled refuses what AWS refuses in a Region that the account does not have,
// which looks like bad credentials there too. Where there is no such Region no
// endpoint is found.
func (c *Cloud) enabled(call *Call) error {
	switch c.regions.status(place{call.Account, call.Region}) {
	case "":
		return &smithyhttp.RequestSendError{Err: &net.DNSError{
			Err: "no such host", Name: endpoint(strings.ReplaceAll(strings.ToLower(call.Service), " ", ""), call.Region), IsNotFound: true,
		}}
	case notOptedIn:
		return badCredentials(call.Service)
	}
	return nil
}

// badCredentials is the answer to credentials that nobody has, or that mean nothing
// in a Region, in the words of each service's protocol.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html,
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html,
// https://github.com/turbot/steampipe-plugin-aws/issues/75 (EC2),
// https://github.com/aws/aws-sdk-java/issues/2119 (services of the Query protocol),
// https://github.com/aws/chalice/issues/1445 (services of the JSON protocol)
func badCredentials(service string) error {
	const message = "The security token included in the request is invalid."
	switch service {
	case "EC2":
		return apiError("AuthFailure", "AWS was not able to validate the provided access credentials")
	case "SSM", "KMS":
		return apiError("UnrecognizedClientException", message)
	}
	return apiError("InvalidClientTokenId", message)
}

func init() {
	handle(describeRegions, "AllRegions", "RegionNames", "Filters")
}

var regionFilters = filterTable[regionInfo]{values: map[string]func(regionInfo) []string{
	"endpoint":      one(func(r regionInfo) string { return endpoint("ec2", r.name) }),
	"opt-in-status": one(func(r regionInfo) string { return r.optIn }),
	"region-name":   one(func(r regionInfo) string { return r.name }),
}}

// describeRegions lists the Regions of the partition that the account has, and
// others only where the call asks for all or for their names.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
func describeRegions(r *request, in *ec2.DescribeRegionsInput) (*ec2.DescribeRegionsOutput, error) {
	match, err := regionFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	var visible []regionInfo // a partition sees only itself
	for _, name := range r.regions.names {
		if partition(name) == partition(r.region) {
			visible = append(visible, regionInfo{name, r.regions.status(place{r.account, name})})
		}
	}
	for _, name := range in.RegionNames {
		if !slices.ContainsFunc(visible, func(i regionInfo) bool { return i.name == name }) {
			return nil, apiError("InvalidParameterValue", "Invalid region names: [%s]", name)
		}
	}
	out := &ec2.DescribeRegionsOutput{}
	for _, i := range visible {
		asked := i.optIn != notOptedIn || aws.ToBool(in.AllRegions)
		if len(in.RegionNames) > 0 {
			asked = slices.Contains(in.RegionNames, i.name)
		}
		if asked && match(i) {
			out.Regions = append(out.Regions, ec2types.Region{
				RegionName:  new(i.name),
				Endpoint:    new(endpoint("ec2", i.name)),
				OptInStatus: new(i.optIn),
			})
		}
	}
	return out, nil
}
