package awstest

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func init() {
	handle(getParametersByPath, "Path", "Recursive", "ParameterFilters", "WithDecryption", "MaxResults", "NextToken")
}

// getParameters finds those that there are, in the order of their names; the
// others are no error.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
func getParameters(r *request, in *ssm.GetParametersInput) (*ssm.GetParametersOutput, error) {
	if len(in.Names) < 1 || len(in.Names) > 10 {
		return nil, badParameter("1 validation error detected: Value at 'names' failed to satisfy constraint: " +
			"Member must have length less than or equal to 10 and greater than or equal to 1")
	}
	out := &ssm.GetParametersOutput{}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(in.Names))) {
		found, err := r.findParameter(name)
		_, unknown := errors.AsType[*ssmtypes.ParameterNotFound](err)
		_, noVersion := errors.AsType[*ssmtypes.ParameterVersionNotFound](err)
		switch {
		case unknown || noVersion:
			out.InvalidParameters = append(out.InvalidParameters, name)
		case err != nil:
			return nil, err
		default:
			out.Parameters = append(out.Parameters, *found.render(deref(in.WithDecryption)))
		}
	}
	return out, nil
}

var parameterPages = limits{def: 10, max: 10}

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
func getParametersByPath(r *request, in *ssm.GetParametersByPathInput) (*ssm.GetParametersByPathOutput, error) {
	if !strings.HasPrefix(*in.Path, "/") {
		return nil, badParameter("The parameter path must begin with a forward slash: %s", *in.Path)
	}
	match, err := parameterFilters(in.ParameterFilters)
	if err != nil {
		return nil, err
	}
	under := strings.TrimSuffix(*in.Path, "/") + "/"
	var found []foundParameter
	for _, name := range r.parameterNames(under) {
		if !deref(in.Recursive) && strings.Contains(name[len(under):], "/") {
			continue
		}
		if p, err := r.findParameter(name); err == nil {
			if v, ok := match(p); ok {
				p.parameterVersion = v
				found = append(found, p)
			}
		}
	}
	cut, next, err := page(r.store, found, parameterPages, in.MaxResults, in.NextToken)
	if err != nil {
		code, message := apiParts(err)
		if code == "InvalidNextToken" {
			return nil, &ssmtypes.InvalidNextToken{Message: new(message)}
		}
		return nil, badParameter("%s", message)
	}
	out := &ssm.GetParametersByPathOutput{NextToken: next}
	for _, p := range cut {
		out.Parameters = append(out.Parameters, *p.render(deref(in.WithDecryption)))
	}
	return out, nil
}

// parameterNames lists, sorted, the names of what may stand below a path that
// ends with a slash: the account's own, and AWS's where the path leads there.
func (s *store) parameterNames(under string) (out []string) {
	names := maps.Keys(s.parameters.byName)
	if strings.HasPrefix(under, "/aws/") {
		names = maps.Keys(publicParameters())
	}
	for name := range names {
		if strings.HasPrefix(name, under) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// parameterFilters reads the filters of GetParametersByPath. What it returns
// says whether a parameter is wanted, and which version of it.
func parameterFilters(filters []ssmtypes.ParameterStringFilter) (func(foundParameter) (*parameterVersion, bool), error) {
	for _, f := range filters {
		option := deref(f.Option)
		switch key := deref(f.Key); {
		case key != "Type" && key != "Label":
			return nil, &ssmtypes.InvalidFilterKey{Message: new("The filter key " + key + " is not valid for GetParametersByPath")}
		case option != "" && option != "Equals" && (option != "BeginsWith" || key == "Label"):
			return nil, &ssmtypes.InvalidFilterOption{Message: new("The following filter option is not valid: " + option)}
		case len(f.Values) == 0:
			return nil, &ssmtypes.InvalidFilterValue{Message: new("The filter " + key + " has no values")}
		}
	}
	return func(p foundParameter) (*parameterVersion, bool) {
		version := p.parameterVersion
		for _, f := range filters {
			if *f.Key == "Label" {
				at := slices.IndexFunc(p.versions, func(v *parameterVersion) bool { return slices.ContainsFunc(f.Values, v.hasLabel) })
				if at < 0 {
					return nil, false
				}
				version = p.versions[at]
				continue
			}
			if !slices.ContainsFunc(f.Values, func(value string) bool {
				return string(p.kind) == value || deref(f.Option) == "BeginsWith" && strings.HasPrefix(string(p.kind), value)
			}) {
				return nil, false
			}
		}
		return version, true
	}, nil
}
