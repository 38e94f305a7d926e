package awstest

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func init() {
	handle(describeParameters, "ParameterFilters", "Shared", "MaxResults", "NextToken")
}

var parameterMetadataPages = limits{def: 10, max: 50}

// keyOfParameters is the key that encrypts SecureStrings: others are not modelled.
const keyOfParameters = "alias/aws/ssm"

// describeParameters lists the account's own parameters, without their values, or
// those that others share with it. AWS's public ones are in neither list.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
func describeParameters(r *request, in *ssm.DescribeParametersInput) (*ssm.DescribeParametersOutput, error) {
	match, err := describedParameters(in.ParameterFilters)
	if err != nil {
		return nil, err
	}
	var found []ssmtypes.ParameterMetadata
	for _, owner := range r.parameterOwners(aws.ToBool(in.Shared)) {
		for _, p := range owner.ownParameters() {
			if (owner == r.store || p.sharedWith[r.account]) && match(p) {
				r.show(&p.sight)
				found = append(found, p.metadata(owner.parameterARN(p.name)))
			}
		}
	}
	out := &ssm.DescribeParametersOutput{}
	out.Parameters, out.NextToken, err = parameterPage(r, found, parameterMetadataPages, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// parameterOwners are the accounts whose parameters a list may show: the caller's,
// or all others of the Region, in the order of their ids.
func (s *store) parameterOwners(shared bool) (out []*store) {
	if !shared {
		return []*store{s}
	}
	for p, o := range s.stores {
		if p.region == s.region && p.account != s.account {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b *store) int { return strings.Compare(a.account, b.account) })
	return out
}

func (p *parameter) metadata(arn string) ssmtypes.ParameterMetadata {
	v := p.versions[len(p.versions)-1]
	return ssmtypes.ParameterMetadata{
		ARN: new(arn), AllowedPattern: some(p.pattern), DataType: new(v.dataType), Description: some(p.description), KeyId: p.keyID(),
		LastModifiedDate: new(v.modified), LastModifiedUser: new(v.user), Name: new(p.name), Policies: []ssmtypes.ParameterInlinePolicy{},
		Tier: p.tier, Type: p.kind, Version: v.number,
	}
}

func (p *parameter) keyID() *string {
	if p.kind != ssmtypes.ParameterTypeSecureString {
		return nil
	}
	return new(keyOfParameters)
}

// parameterMatch tells whether a parameter fits one value of a filter.
type parameterMatch func(p *parameter, value string) bool

// equalOr makes the two ways in which most filters compare.
func equalOr(of func(*parameter) []string) map[string]parameterMatch {
	with := func(same func(have, value string) bool) parameterMatch {
		return func(p *parameter, value string) bool {
			return slices.ContainsFunc(of(p), func(have string) bool { return same(have, value) })
		}
	}
	return map[string]parameterMatch{
		"Equals":     with(func(have, value string) bool { return have == value }),
		"BeginsWith": with(strings.HasPrefix),
		"Contains":   with(strings.Contains),
	}
}

// describedBy are the filters of DescribeParameters and their options.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
var describedBy = map[string]map[string]parameterMatch{
	"Name": equalOr(func(p *parameter) []string { // with the slash and without, where that is one parameter
		if key := parameterKey(p.name); !strings.Contains(key, "/") {
			return []string{key, "/" + key}
		}
		return []string{p.name}
	}),
	"Type":     equalOr(func(p *parameter) []string { return []string{string(p.kind)} }),
	"Tier":     equalOr(func(p *parameter) []string { return []string{string(p.tier)} }),
	"DataType": equalOr(func(p *parameter) []string { return []string{p.valueType()} }),
	"KeyId":    equalOr(func(p *parameter) []string { return []string{aws.ToString(p.keyID())} }),
	"Path": {
		"OneLevel":  func(p *parameter, path string) bool { return belowPath(p.name, path, false) },
		"Recursive": func(p *parameter, path string) bool { return belowPath(p.name, path, true) },
	},
}

// describedParameters reads the filters of DescribeParameters. A parameter has to
// fit all, and of each filter one value.
func describedParameters(filters []ssmtypes.ParameterStringFilter) (func(*parameter) bool, error) {
	var all []func(*parameter) bool
	for _, f := range filters {
		key, option := aws.ToString(f.Key), aws.ToString(f.Option)
		options := describedBy[key]
		if tag, ok := strings.CutPrefix(key, "tag:"); ok {
			options = equalOr(func(p *parameter) (values []string) {
				if value, ok := p.tags.asMap()[tag]; ok {
					values = append(values, value)
				}
				return values
			})
		}
		switch {
		case options == nil:
			return nil, &ssmtypes.InvalidFilterKey{Message: new("The following filter key is not valid: " + key + ". Valid filter keys include: " +
				"[Path, Name, Type, KeyId, Tier, DataType, tag:Key].")}
		case option == "" && key == "Path":
			option = "OneLevel"
		case option == "":
			option = "Equals"
		}
		match := options[option]
		switch {
		case match == nil, option == "Contains" && key != "Name":
			return nil, &ssmtypes.InvalidFilterOption{Message: new("The following filter option is not valid: " + option)}
		case len(f.Values) == 0 || len(f.Values) > 50:
			return nil, &ssmtypes.InvalidFilterValue{Message: new("The filter " + key + " takes 1 to 50 values")}
		case key == "Path" && slices.ContainsFunc(f.Values, func(path string) bool { return !strings.HasPrefix(path, "/") }):
			return nil, badParameter("The parameter path must begin with a forward slash: %s", strings.Join(f.Values, ", "))
		}
		all = append(all, func(p *parameter) bool {
			return slices.ContainsFunc(f.Values, func(value string) bool { return match(p, value) })
		})
	}
	return func(p *parameter) bool {
		return !slices.ContainsFunc(all, func(fits func(*parameter) bool) bool { return !fits(p) })
	}, nil
}
