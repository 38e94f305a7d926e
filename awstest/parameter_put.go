package awstest

import (
	"cmp"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func init() {
	handle(putParameter, "Name", "Value", "Type", "DataType", "Overwrite", "Description", "Tier", "AllowedPattern", "Tags")
	handle(deleteParameter, "Name")
	handle(deleteParameters, "Names")
	handle(labelParameterVersion, "Name", "Labels", "ParameterVersion")
}

const (
	maxParameterVersions = 100
	maxParameterDepth    = 15
	maxStandardValue     = 4096
	maxAdvancedValue     = 8192
	maxParameterLabels   = 10
	maxParameterName     = 1011
)

var parameterName = regexp.MustCompile(`^[a-zA-Z0-9_.\-/]+$`)

func checkParameterName(name string) error {
	first, _, _ := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	lower := strings.ToLower(first)
	switch {
	case !parameterName.MatchString(name) || len(name) > maxParameterName:
		return badParameter("Parameter name: can't be longer than 1011 characters, and can contain the following letters and symbols only: a-zA-Z0-9_.-/")
	case strings.HasPrefix(lower, "aws"):
		return errReserved(name)
	case strings.HasPrefix(lower, "ssm"):
		return badParameter("Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of " +
			"sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_")
	case strings.Contains(name, "/") && !strings.HasPrefix(name, "/"):
		return badParameter("Parameter name must be a fully qualified name.")
	case strings.HasSuffix(name, "/") || strings.Contains(name, "//"):
		return badParameter("Parameter name: each level of a hierarchy must have a name: %s", name)
	case strings.Count(name, "/") > maxParameterDepth:
		return &ssmtypes.HierarchyLevelLimitExceededException{Message: new("A hierarchy can have a maximum of 15 levels.")}
	}
	return nil
}

// errReserved is the answer to a name that is AWS's, in the form without the slash:
// https://github.com/aws-solutions/quota-monitor-for-aws/issues/30
func errReserved(name string) error {
	return apiError("AccessDeniedException", "No access to reserved parameter name: %s.", strings.TrimPrefix(name, "/"))
}

// putParameter stores a value. One of the data type aws:ec2:image is answered
// at once and checked afterwards: what is no image of the account's is never
// stored, and nobody is told.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-ec2-aliases.html
func putParameter(r *request, in *ssm.PutParameterInput) (*ssm.PutParameterOutput, error) {
	name := strings.TrimSpace(*in.Name)
	if err := checkParameterName(name); err != nil {
		return nil, err
	}
	key := parameterKey(name)
	p := r.parameters.byKey[key]
	exists := p != nil && len(p.versions) > 0
	switch {
	case p != nil && p.checking:
		return nil, r.parameterBusy()
	case exists && !aws.ToBool(in.Overwrite):
		return nil, &ssmtypes.ParameterAlreadyExists{Message: new("The parameter already exists. To overwrite this value, " +
			"set the overwrite option in the request to true.")}
	case aws.ToBool(in.Overwrite) && len(in.Tags) > 0:
		return nil, badParameter("Invalid request: tags and overwrite can't be used together. " +
			"To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	}
	if p == nil {
		p = &parameter{name: name}
	}
	next, err := p.with(in)
	if err != nil {
		return nil, err
	}
	if next.tags, err = parameterTags(p.tags, in.Tags); err != nil {
		return nil, err
	}
	v := &parameterVersion{
		value: *in.Value, dataType: cmp.Or(aws.ToString(in.DataType), p.valueType()), modified: r.now, user: r.caller.arn, parameterSettings: next.parameterSettings,
	}
	if err := next.check(v); err != nil {
		return nil, err
	}
	if r.parameters.byKey == nil {
		r.parameters.byKey = map[string]*parameter{}
	}
	r.parameters.byKey[key] = p
	out := &ssm.PutParameterOutput{Version: p.last + 1, Tier: next.tier}
	if v.dataType != dataImage {
		return out, p.store(next, v)
	}
	p.checking = true
	r.transition(&p.sight, r.jitter(r.timing.ParameterCheck, r.place.account+name), func() {
		p.checking = false
		if i, err := r.findImage(v.value); err == nil && i.state == "available" && r.parameters.byKey[key] == p {
			_ = p.store(next, v) // a version too many is not told either
		} else if len(p.versions) == 0 && r.parameters.byKey[key] == p {
			delete(r.parameters.byKey, key)
		}
	})
	return out, nil
}

func (s *store) parameterBusy() error {
	message := "There are concurrent updates for a resource that supports one update at a time."
	if code := s.unconfirmed.ParameterBusy; code != "" {
		return apiError(code, "%s", message)
	}
	return &ssmtypes.TooManyUpdates{Message: new(message)}
}

// with is the parameter as a call wants it.
func (p *parameter) with(in *ssm.PutParameterInput) (parameter, error) {
	next := parameter{
		name: p.name,
		kind: cmp.Or(in.Type, p.kind),
		parameterSettings: parameterSettings{
			tier:        cmp.Or(in.Tier, p.tier, ssmtypes.ParameterTierStandard),
			description: cmp.Or(aws.ToString(in.Description), p.description),
			pattern:     aws.ToString(in.AllowedPattern),
		},
	}
	if next.tier == ssmtypes.ParameterTierIntelligentTiering {
		next.tier = ssmtypes.ParameterTierStandard
		if len(*in.Value) > maxStandardValue || p.tier == ssmtypes.ParameterTierAdvanced {
			next.tier = ssmtypes.ParameterTierAdvanced
		}
	}
	switch {
	case next.kind == "":
		return next, badParameter("A parameter type is required when you create a parameter.")
	case !slices.Contains(next.kind.Values(), next.kind):
		return next, &ssmtypes.UnsupportedParameterType{Message: new("Parameter type isn't supported: " + string(next.kind))}
	case p.kind != "" && p.kind != next.kind:
		return next, &ssmtypes.HierarchyTypeMismatchException{Message: new("Parameter Store doesn't support changing a parameter type in a hierarchy.")}
	case p.tier == ssmtypes.ParameterTierAdvanced && next.tier != p.tier:
		return next, badParameter("This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.")
	}
	return next, nil
}

func parameterTags(have tagSet, tags []ssmtypes.Tag) (tagSet, error) {
	var more tagSet
	for _, t := range tags {
		if aws.ToString(t.Key) == "" || strings.HasPrefix(*t.Key, "aws:") {
			return nil, badParameter("The tag key %q is not valid", aws.ToString(t.Key))
		}
		more = append(more.without(func(p tagPair) bool { return p.key == *t.Key }), tagPair{*t.Key, aws.ToString(t.Value)})
	}
	return have.with(more...), nil
}

// valueType is the data type of the newest value; an update that names none keeps it.
func (p *parameter) valueType() string {
	if len(p.versions) == 0 {
		return dataText
	}
	return p.versions[len(p.versions)-1].dataType
}

// check refuses what is known to be wrong with a value at once.
func (p *parameter) check(v *parameterVersion) error {
	most := maxStandardValue
	if p.tier == ssmtypes.ParameterTierAdvanced {
		most = maxAdvancedValue
	}
	switch {
	case v.value == "":
		return badParameter("Parameter value can't be empty.")
	case len(v.value) > most:
		return badParameter("%s tier parameters support a maximum parameter value of %d characters.", p.tier, most)
	case v.dataType != dataText && v.dataType != dataImage:
		return badParameter("The following data type is not supported: %s (Data type names are all lowercase.)", v.dataType)
	case v.dataType == dataImage && p.kind != ssmtypes.ParameterTypeString:
		return badParameter("The data type %s requires a parameter of type String.", v.dataType)
	}
	if p.pattern == "" {
		return nil
	}
	allowed, err := regexp.Compile(p.pattern)
	if err != nil {
		return &ssmtypes.InvalidAllowedPatternException{Message: new("The request does not meet the regular expression requirement.")}
	}
	if !allowed.MatchString(v.value) {
		return &ssmtypes.ParameterPatternMismatchException{Message: new("Parameter value, cannot be validated against allowedPattern: " + p.pattern)}
	}
	return nil
}

// store makes the next version. The oldest gives way when there are too many,
// unless a label holds it.
func (p *parameter) store(next parameter, v *parameterVersion) error {
	if len(p.versions) >= maxParameterVersions {
		if len(p.versions[0].labels) > 0 {
			return &ssmtypes.ParameterMaxVersionLimitExceeded{Message: new("You attempted to create a new version of " + p.name +
				" by calling the PutParameter API with the overwrite flag, but the oldest version has labels.")}
		}
		p.versions = p.versions[1:]
	}
	p.kind, p.parameterSettings, p.tags = next.kind, next.parameterSettings, next.tags
	p.last++
	v.number = p.last
	p.versions = append(p.versions, v)
	return nil
}

// encrypted stands in for what KMS would make of a value.
func encrypted(value string) string {
	return "AQICAH" + base64.StdEncoding.EncodeToString([]byte(value))
}
