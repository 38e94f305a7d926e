package awstest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// parameters are the Systems Manager parameters of a store, by key.
type parameters struct {
	byKey map[string]*parameter
}

// parameterKey is the same for all that names one parameter: outside of a
// hierarchy the slash may be there or not, whichever way the parameter was put.
func parameterKey(name string) string {
	if rest, ok := strings.CutPrefix(name, "/"); ok && !strings.Contains(rest, "/") {
		return rest
	}
	return name
}

// named finds an own parameter that has a value, nil when there is none.
func (p *parameters) named(name string) *parameter {
	if found := p.byKey[parameterKey(name)]; found != nil && len(found.versions) > 0 {
		return found
	}
	return nil
}

// parameter is one parameter of Parameter Store. One without versions is not
// there: its first value is still being checked.
type parameter struct {
	sight
	parameterSettings
	name       string // as it was put first
	kind       ssmtypes.ParameterType
	tags       tagSet
	versions   []*parameterVersion // ascending
	last       int64               // the highest number so far
	checking   bool                // a value is being checked
	sharedWith map[string]bool
}

// parameterSettings are what a new version may change of its parameter.
type parameterSettings struct {
	tier        ssmtypes.ParameterTier
	description string
	pattern     string // AllowedPattern
}

// parameterVersion is one value of a parameter.
type parameterVersion struct {
	parameterSettings
	number   int64
	user     string // ARN of who put it
	value    string
	dataType string
	modified time.Time
	labels   []string
}

const (
	dataText  = "text"
	dataImage = "aws:ec2:image"
)

func missingParameter(name string) error {
	return &ssmtypes.ParameterNotFound{Message: new(fmt.Sprintf("Parameter %s not found.", name))}
}

func badParameter(format string, args ...any) error {
	return apiError("ValidationException", format, args...)
}

// foundParameter is a version together with its parameter, and how a call asked
// for it.
type foundParameter struct {
	*parameter
	*parameterVersion
	arn      string
	selector string // ":3" or ":stable", empty when none was given
}

// findParameter finds a parameter by what GetParameter takes as a name: a name
// or an ARN, and after a colon a version or a label.
func (s *store) findParameter(asked string) (foundParameter, error) {
	owner, name, err := s.parameterOwner(asked)
	if err != nil {
		return foundParameter{}, err
	}
	name, selector, selected := strings.Cut(name, ":")
	p, err := owner.parameterNamed(name)
	if err != nil {
		return foundParameter{}, err
	}
	if p == nil || owner.account != s.account && !p.sharedWith[s.account] {
		return foundParameter{}, missingParameter(asked)
	}
	s.show(&p.sight)
	if len(p.versions) == 0 {
		return foundParameter{}, missingParameter(asked)
	}
	found := foundParameter{parameter: p, parameterVersion: p.versions[len(p.versions)-1], arn: owner.parameterARN(p.name)}
	if !selected {
		return found, nil
	}
	found.selector = ":" + selector
	if found.parameterVersion = p.selected(selector); found.parameterVersion == nil {
		return found, &ssmtypes.ParameterVersionNotFound{Message: new(fmt.Sprintf("Systems Manager could not find version %s of %s. "+
			"Verify the version and try again.", selector, p.name))}
	}
	return found, nil
}

// parameterOwner tells whose a parameter is that a call names, by its name or its
// ARN, and gives the name back.
func (s *store) parameterOwner(asked string) (owner *store, name string, err error) {
	if !strings.HasPrefix(asked, "arn:") {
		return s, asked, nil
	}
	// arn:aws:ssm:eu-west-1:123456789012:parameter/a/b:3
	parts := strings.SplitN(asked, ":", 6)
	if len(parts) != 6 || parts[2] != "ssm" || !strings.HasPrefix(parts[5], "parameter/") {
		return nil, "", badParameter("Invalid parameter ARN: %s", asked)
	}
	if parts[3] != s.region {
		return nil, "", missingParameter(asked)
	}
	owner = s
	if parts[4] != s.account && parts[4] != "" { // AWS's own have no account
		owner = s.Cloud.store(place{parts[4], s.region})
	}
	return owner, strings.TrimPrefix(parts[5], "parameter"), nil
}

// parameterNamed finds an own parameter or one of AWS's; nil: there is none.
func (s *store) parameterNamed(name string) (*parameter, error) {
	if strings.HasPrefix(name, "/aws/") {
		return s.publicParameter(name)
	}
	return s.parameters.byKey[parameterKey(name)], nil
}

func (s *store) parameterARN(name string) string {
	resource := "parameter/" + strings.TrimPrefix(name, "/")
	if strings.HasPrefix(name, "/aws/") {
		return fmt.Sprintf("arn:%s:ssm:%s::%s", partition(s.region), s.region, resource)
	}
	return s.arn("ssm", resource)
}

// selected is the version with a number or a label, nil when there is none.
func (p *parameter) selected(selector string) *parameterVersion {
	number, err := strconv.ParseInt(selector, 10, 64)
	for _, v := range p.versions {
		if err == nil && v.number == number || v.hasLabel(selector) {
			return v
		}
	}
	return nil
}

func (v *parameterVersion) hasLabel(label string) bool {
	for _, l := range v.labels {
		if l == label {
			return true
		}
	}
	return false
}

func (f foundParameter) render(decrypt bool) *ssmtypes.Parameter {
	return &ssmtypes.Parameter{
		ARN: new(f.arn), DataType: new(f.dataType), LastModifiedDate: new(f.modified), Name: new(f.name),
		Selector: some(f.selector), Type: f.kind, Value: new(f.shown(f.parameterVersion, decrypt)), Version: f.number,
	}
}

func init() {
	handle(getParameter, "Name", "WithDecryption")
	handle(getParameters, "Names", "WithDecryption")
}

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
func getParameter(r *request, in *ssm.GetParameterInput) (*ssm.GetParameterOutput, error) {
	found, err := r.findParameter(*in.Name)
	if err != nil {
		return nil, err
	}
	return &ssm.GetParameterOutput{Parameter: found.render(aws.ToBool(in.WithDecryption))}, nil
}
