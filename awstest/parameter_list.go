package awstest

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	told := map[string]bool{}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(in.Names))) {
		found, err := r.findParameter(name)
		_, unknown := errors.AsType[*ssmtypes.ParameterNotFound](err)
		_, noVersion := errors.AsType[*ssmtypes.ParameterVersionNotFound](err)
		switch {
		case unknown || noVersion:
			out.InvalidParameters = append(out.InvalidParameters, name)
		case err != nil:
			return nil, err
		case !told[found.arn+found.selector]: // one parameter may be asked for by two names
			told[found.arn+found.selector] = true
			out.Parameters = append(out.Parameters, *found.render(aws.ToBool(in.WithDecryption)))
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
	var found []foundParameter
	for _, name := range r.parameterNames(*in.Path, aws.ToBool(in.Recursive)) {
		if p, err := r.findParameter(name); err == nil {
			if v, ok := match(p); ok {
				p.parameterVersion = v
				found = append(found, p)
			}
		}
	}
	cut, next, err := parameterPage(r, found, parameterPages, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ssm.GetParametersByPathOutput{NextToken: next}
	for _, p := range cut {
		out.Parameters = append(out.Parameters, *p.render(aws.ToBool(in.WithDecryption)))
	}
	return out, nil
}

// parameterPage is page with the errors of Systems Manager.
func parameterPage[T any](r *request, all []T, l limits, size *int32, token *string) ([]T, *string, error) {
	out, next, err := page(r.store, all, l, size, token)
	code, message := apiParts(err)
	switch code {
	case "":
		return out, next, err
	case "InvalidNextToken":
		return nil, nil, &ssmtypes.InvalidNextToken{Message: new(message)}
	}
	return nil, nil, badParameter("1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: "+
		"Member must have value between 1 and %d", *size, l.max)
}

// parameterNames lists, sorted, the names of what may stand below a path: the
// account's own, and AWS's where the path leads there.
func (s *store) parameterNames(path string, recursive bool) (out []string) {
	if strings.HasPrefix(path, "/aws/") {
		for name := range publicParameters() {
			if belowPath(name, path, recursive) {
				out = append(out, name)
			}
		}
		slices.Sort(out)
		return out
	}
	for _, p := range s.ownParameters() {
		if belowPath(p.name, path, recursive) {
			out = append(out, p.name)
		}
	}
	return out
}

// belowPath tells whether a parameter stands below a path. What is outside of a
// hierarchy stands below the root, its name with a slash or without.
func belowPath(name, path string, recursive bool) bool {
	rest, ok := strings.CutPrefix("/"+strings.TrimPrefix(name, "/"), strings.TrimSuffix(path, "/")+"/")
	return ok && (recursive || !strings.Contains(rest, "/"))
}

// ownParameters are those of the account that have a value, by name.
func (s *store) ownParameters() (out []*parameter) {
	for _, p := range s.parameters.byKey {
		if len(p.versions) > 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *parameter) int { return strings.Compare(a.name, b.name) })
	return out
}

// parameterFilters reads the filters of GetParametersByPath. What it returns
// says whether a parameter is wanted, and which version of it.
func parameterFilters(filters []ssmtypes.ParameterStringFilter) (func(foundParameter) (*parameterVersion, bool), error) {
	for _, f := range filters {
		option := aws.ToString(f.Option)
		switch key := aws.ToString(f.Key); {
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
				return string(p.kind) == value || aws.ToString(f.Option) == "BeginsWith" && strings.HasPrefix(string(p.kind), value)
			}) {
				return nil, false
			}
		}
		return version, true
	}, nil
}
