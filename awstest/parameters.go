package awstest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// parameters are the Systems Manager parameters of a store.
type parameters struct {
	byName map[string]*parameter
}

// parameter is one parameter of Parameter Store. One without versions is not
// there: its first value is still being checked.
type parameter struct {
	sight
	name        string
	kind        ssmtypes.ParameterType
	tier        ssmtypes.ParameterTier
	description string
	pattern     string // AllowedPattern
	tags        tagSet
	versions    []*parameterVersion // ascending
	last        int64               // the highest number so far
	checking    bool                // a value is being checked
	sharedWith  map[string]bool
}

// parameterVersion is one value of a parameter.
type parameterVersion struct {
	number   int64
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
	owner, name := s, asked
	if strings.HasPrefix(asked, "arn:") {
		// arn:aws:ssm:eu-west-1:123456789012:parameter/a/b:3
		parts := strings.SplitN(asked, ":", 6)
		if len(parts) != 6 || parts[2] != "ssm" || !strings.HasPrefix(parts[5], "parameter/") {
			return foundParameter{}, badParameter("Invalid parameter ARN: %s", asked)
		}
		if parts[3] != s.region {
			return foundParameter{}, missingParameter(asked)
		}
		if parts[4] != s.account && parts[4] != "" { // AWS's own have no account
			owner = s.Cloud.store(place{parts[4], s.region})
		}
		name = strings.TrimPrefix(parts[5], "parameter")
	}
	name, selector, selected := strings.Cut(name, ":")
	p := owner.parameterNamed(name)
	if p == nil && strings.HasPrefix(asked, "arn:") { // of a name without a hierarchy
		p = owner.parameterNamed(strings.TrimPrefix(name, "/"))
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

// parameterNamed finds an own parameter or one of AWS's; nil: there is none.
func (s *store) parameterNamed(name string) *parameter {
	if strings.HasPrefix(name, "/aws/") {
		return s.publicParameter(name)
	}
	return s.parameters.byName[name]
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
	value := f.value
	if f.kind == ssmtypes.ParameterTypeSecureString && !decrypt {
		value = encrypted(value)
	}
	return &ssmtypes.Parameter{
		ARN: new(f.arn), DataType: new(f.dataType), LastModifiedDate: new(f.modified), Name: new(f.name),
		Selector: some(f.selector), Type: f.kind, Value: new(value), Version: f.number,
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
	return &ssm.GetParameterOutput{Parameter: found.render(deref(in.WithDecryption))}, nil
}
