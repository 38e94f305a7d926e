package awstest

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// templates are the launch templates of a store.
type templates struct {
	byID   map[string]*template
	byName map[string]*template
	order  []*template // oldest first
}

// template is one launch template.
type template struct {
	fresh
	id, name string
	created  time.Time
	by       string // ARN
	tags     tagSet
	versions []*templateVersion // ascending; numbers are never used again
	last     int64              // the highest number so far
	def      int64              // the default version
}

// templateVersion is one version: it never changes.
type templateVersion struct {
	number      int64
	created     time.Time
	by          string
	description string
	data        *ec2types.RequestLaunchTemplateData
	byCall      bool // a call has made it: it is no seed
}

// templateName is AWS's rule for names.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
// https://github.com/github-aws-runners/terraform-aws-github-runner/issues/932 (what it says)
var templateName = regexp.MustCompile(`^[a-zA-Z0-9().\-/_]{3,128}$`)

func checkTemplateName(name string) error {
	if !templateName.MatchString(name) {
		return apiError("InvalidLaunchTemplateName.MalformedException",
			"A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.")
	}
	return nil
}

// findTemplate finds a template by exactly one of id and name. With both, AWS
// speaks of modifying whatever the operation is.
// https://github.com/getmoto/moto/blob/master/tests/test_ec2/test_launch_templates.py (aws_verified)
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_templates.json (both-selectors)
func (s *store) findTemplate(id, name *string) (*template, error) {
	switch {
	case id != nil && name != nil:
		return nil, apiError("InvalidParameterCombination", "Either provide launch template ID or launch template name to modify the template.")
	case id != nil:
		return s.templateByID(*id)
	case name != nil:
		return s.templateByName(*name)
	}
	return nil, apiError("MissingParameter", "Either provide launch template ID or launch template name to the request.")
}

func (s *store) templateByID(id string) (*template, error) {
	if !wellFormed("lt-", id) {
		return nil, apiError("InvalidLaunchTemplateId.Malformed", "Invalid id: \"%s\" (expecting \"lt-...\")", id)
	}
	if t := s.templates.byID[id]; t != nil && !s.unseen(&t.fresh) {
		return t, nil
	}
	return nil, apiError("InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID %s, does not exist.", id)
}

func (s *store) templateByName(name string) (*template, error) {
	if err := checkTemplateName(name); err != nil {
		return nil, err
	}
	if t := s.templates.byName[name]; t != nil && !s.unseen(&t.fresh) {
		return t, nil
	}
	// https://github.com/getmoto/moto/pull/5477
	return nil, apiError("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name %s, does not exist.", name)
}

// latest is the highest version that there is.
func (t *template) latest() int64 { return t.versions[len(t.versions)-1].number }

// version finds a version by its number, "$Latest" or "$Default"; empty is the
// default one.
func (t *template) version(spelled string) (*templateVersion, error) {
	var number int64
	switch spelled {
	case "", versionDefault:
		number = t.def
	case versionLatest:
		number = t.latest()
	default:
		n, err := versionNumber(spelled)
		if err != nil {
			return nil, err
		}
		number = n
	}
	// Versions ascend, so the place of a number is found by halving.
	i, ok := slices.BinarySearchFunc(t.versions, number, func(v *templateVersion, n int64) int { return int(v.number - n) })
	if !ok {
		return nil, apiError("InvalidLaunchTemplateId.VersionNotFound",
			"Could not find the specified version %s for the launch template with ID %s.", spelled, t.id)
	}
	return t.versions[i], nil
}

const (
	versionLatest  = "$Latest"
	versionDefault = "$Default"
)

// versionNumber reads a version that has to be a number.
func versionNumber(spelled string) (int64, error) {
	n, err := strconv.ParseInt(spelled, 10, 64)
	if err != nil || n < 1 {
		return 0, apiError("InvalidParameterValue",
			"Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed.")
	}
	return n, nil
}

// renderTemplate is the template as answers show it.
func (s *store) renderTemplate(t *template) *ec2types.LaunchTemplate {
	latest := t.latest()
	if s.unconfirmed.LatestVersionStays {
		latest = t.last
	}
	return &ec2types.LaunchTemplate{
		LaunchTemplateId:     new(t.id),
		LaunchTemplateName:   new(t.name),
		CreateTime:           new(t.created),
		CreatedBy:            new(t.by),
		DefaultVersionNumber: new(t.def),
		LatestVersionNumber:  new(latest),
		Tags:                 t.tags.ec2(),
	}
}

// renderVersion is a version as answers show it.
func (t *template) renderVersion(v *templateVersion) ec2types.LaunchTemplateVersion {
	out := ec2types.LaunchTemplateVersion{
		LaunchTemplateId:   new(t.id),
		LaunchTemplateName: new(t.name),
		VersionNumber:      new(v.number),
		CreateTime:         new(v.created),
		CreatedBy:          new(v.by),
		DefaultVersion:     new(v.number == t.def),
		LaunchTemplateData: new(convert[ec2types.ResponseLaunchTemplateData](*v.data)),
	}
	if v.description != "" {
		out.VersionDescription = new(v.description)
	}
	return out
}

func init() {
	taggable("lt-", func(r *request, id string) (*tagSet, error) {
		t, err := r.templateByID(id)
		if err != nil {
			return nil, err
		}
		return &t.tags, nil
	})
}
