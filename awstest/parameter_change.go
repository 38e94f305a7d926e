package awstest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html
func deleteParameter(r *request, in *ssm.DeleteParameterInput) (*ssm.DeleteParameterOutput, error) {
	if r.parameters.named(*in.Name) == nil {
		return nil, missingParameter(*in.Name)
	}
	delete(r.parameters.byKey, parameterKey(*in.Name))
	return &ssm.DeleteParameterOutput{}, nil
}

// deleteParameters deletes those that there are.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html
func deleteParameters(r *request, in *ssm.DeleteParametersInput) (*ssm.DeleteParametersOutput, error) {
	if len(in.Names) < 1 || len(in.Names) > 10 {
		return nil, badParameter("1 validation error detected: Value at 'names' failed to satisfy constraint: " +
			"Member must have length less than or equal to 10 and greater than or equal to 1")
	}
	out := &ssm.DeleteParametersOutput{}
	for _, name := range in.Names {
		if _, err := deleteParameter(r, &ssm.DeleteParameterInput{Name: &name}); err != nil {
			out.InvalidParameters = append(out.InvalidParameters, name)
		} else {
			out.DeletedParameters = append(out.DeletedParameters, name)
		}
	}
	return out, nil
}

// parameterLabel is AWS's rule: no digit first, no "aws" or "ssm".
var parameterLabel = regexp.MustCompile(`^[a-zA-Z_.\-][a-zA-Z0-9_.\-]{0,99}$`)

// labelParameterVersion moves labels to a version; what is no label comes back
// in the answer.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
func labelParameterVersion(r *request, in *ssm.LabelParameterVersionInput) (*ssm.LabelParameterVersionOutput, error) {
	if len(in.Labels) < 1 || len(in.Labels) > maxParameterLabels {
		return nil, badParameter("1 validation error detected: Value at 'labels' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d and greater than or equal to 1", maxParameterLabels)
	}
	p := r.parameters.named(*in.Name)
	if p == nil {
		return nil, missingParameter(*in.Name)
	}
	v := p.versions[len(p.versions)-1]
	if in.ParameterVersion != nil {
		at := slices.IndexFunc(p.versions, func(o *parameterVersion) bool { return o.number == *in.ParameterVersion })
		if at < 0 {
			return nil, &ssmtypes.ParameterVersionNotFound{Message: new(fmt.Sprintf("Systems Manager could not find version %d of %s.",
				*in.ParameterVersion, p.name))}
		}
		v = p.versions[at]
	}
	out := &ssm.LabelParameterVersionOutput{ParameterVersion: v.number}
	labels := slices.Clone(v.labels)
	for _, l := range in.Labels {
		lower := strings.ToLower(l)
		if !parameterLabel.MatchString(l) || strings.HasPrefix(lower, "aws") || strings.HasPrefix(lower, "ssm") {
			out.InvalidLabels = append(out.InvalidLabels, l)
		} else if !slices.Contains(labels, l) {
			labels = append(labels, l)
		}
	}
	if len(labels) > maxParameterLabels {
		return nil, &ssmtypes.ParameterVersionLabelLimitExceeded{Message: new("A parameter version can have a maximum of ten labels.")}
	}
	for _, o := range p.versions {
		o.labels = slices.DeleteFunc(o.labels, func(l string) bool { return slices.Contains(labels, l) })
	}
	v.labels = labels
	return out, nil
}

// Parameter is a parameter of the account, as it is now.
type Parameter struct {
	Name        string
	Type        string // String, StringList, SecureString
	DataType    string // text, aws:ec2:image
	Value       string // in clear
	Version     int64
	Tier        string // Standard, Advanced
	Description string
	Tags        map[string]string
	Labels      map[string]int64 // to the version that has it
	Checking    bool             // a new value is still being checked
}

// Parameters lists the Systems Manager parameters that the account has stored
// in the Region, by name. AWS's public ones are not among them.
func (r *Region) Parameters() (out []Parameter) {
	r.do(func(s *store) {
		for _, p := range s.ownParameters() {
			v := p.versions[len(p.versions)-1]
			one := Parameter{
				Name: p.name, Type: string(p.kind), DataType: v.dataType, Value: v.value, Version: v.number, Tier: string(p.tier),
				Description: p.description, Tags: p.tags.asMap(), Labels: map[string]int64{}, Checking: p.checking,
			}
			for _, v := range p.versions {
				for _, l := range v.labels {
					one.Labels[l] = v.number
				}
			}
			out = append(out, one)
		}
	})
	return out
}

// ShareParameter lets accounts read a parameter by its ARN. It panics unless
// there is a parameter of that name in the advanced tier: AWS shares no others.
func (r *Region) ShareParameter(name string, accounts ...string) {
	r.do(func(s *store) {
		p := s.parameters.byKey[parameterKey(name)]
		if p == nil || p.tier != ssmtypes.ParameterTierAdvanced {
			panic("awstest: ShareParameter: no parameter " + name + " in the advanced tier")
		}
		if p.sharedWith == nil {
			p.sharedWith = map[string]bool{}
		}
		for _, account := range accounts {
			p.sharedWith[account] = true
		}
	})
}
