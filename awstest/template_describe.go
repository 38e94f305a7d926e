package awstest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeLaunchTemplates, "LaunchTemplateIds", "LaunchTemplateNames", "Filters", "MaxResults", "NextToken")
	handle(describeLaunchTemplateVersions, "LaunchTemplateId", "LaunchTemplateName", "Versions", "MinVersion", "MaxVersion",
		"Filters", "ResolveAlias", "MaxResults", "NextToken")
}

var templatePages = limits{def: 200, max: 200}

var templateFilters = filterTable[*template]{
	values: map[string]func(*template) []string{
		"create-time":          one(func(t *template) string { return stamp(t.created) }),
		"launch-template-name": one(func(t *template) string { return t.name }),
	},
	tags: func(t *template) tagSet { return t.tags },
}

func describeLaunchTemplates(r *request, in *ec2.DescribeLaunchTemplatesInput) (*ec2.DescribeLaunchTemplatesOutput, error) {
	match, err := templateFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	named, err := r.namedTemplates(in.LaunchTemplateIds, in.LaunchTemplateNames)
	if err != nil {
		return nil, err
	}
	var found []*template
	for _, t := range named {
		if match(t) && !r.unseen(&t.fresh) {
			found = append(found, t)
		}
	}
	found, next, err := page(r.store, found, templatePages, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeLaunchTemplatesOutput{NextToken: next}
	for _, t := range found {
		out.LaunchTemplates = append(out.LaunchTemplates, *r.renderTemplate(t))
	}
	return out, nil
}

// namedTemplates are the templates with these ids and names, all without any.
// One that does not exist fails the call, in other words than of an operation
// on one template.
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_templates.json (describe-bad-id, describe-missing-id, describe-missing-name)
func (s *store) namedTemplates(ids, names []string) ([]*template, error) {
	if len(ids) == 0 && len(names) == 0 {
		return s.templates.order, nil
	}
	var out []*template
	add := func(t *template) {
		if !slices.Contains(out, t) { // named twice, it is there once
			out = append(out, t)
		}
	}
	malformed := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return wellFormed("lt-", id) })
	if len(malformed) > 0 {
		return nil, apiError("InvalidLaunchTemplateId.Malformed", "The following launch template ids are malformed: %s", strings.Join(malformed, ", "))
	}
	for _, id := range ids {
		t, err := s.templateByID(id)
		if err != nil {
			return nil, oneOfTemplates(err)
		}
		add(t)
	}
	for _, name := range names {
		t, err := s.templateByName(name)
		if err != nil {
			return nil, oneOfTemplates(err)
		}
		add(t)
	}
	return out, nil
}

// oneOfTemplates says of a template that does not exist what AWS says where
// several may be named.
func oneOfTemplates(err error) error {
	code, _ := apiParts(err)
	if !strings.Contains(code, "NotFound") {
		return err
	}
	return apiError(code, "At least one of the launch templates specified in the request does not exist.")
}

// shownVersion is a version together with its template.
type shownVersion struct {
	*template
	*templateVersion
}

func describeLaunchTemplateVersions(r *request, in *ec2.DescribeLaunchTemplateVersionsInput) (*ec2.DescribeLaunchTemplateVersionsOutput, error) {
	match, err := versionFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	chosen, err := r.chosenVersions(in)
	if err != nil {
		return nil, err
	}
	var found []shownVersion
	for _, v := range chosen {
		if match(v) {
			found = append(found, v)
		}
	}
	found, next, err := page(r.store, found, templatePages, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeLaunchTemplateVersionsOutput{NextToken: next}
	for _, v := range found {
		shown := v.template.renderVersion(v.templateVersion)
		if aws.ToBool(in.ResolveAlias) {
			if err := r.resolveAlias(&shown); err != nil {
				return nil, err
			}
		}
		out.LaunchTemplateVersions = append(out.LaunchTemplateVersions, shown)
	}
	return out, nil
}

// chosenVersions are those that the call names, newest first.
func (s *store) chosenVersions(in *ec2.DescribeLaunchTemplateVersionsInput) ([]shownVersion, error) {
	if in.LaunchTemplateId == nil && in.LaunchTemplateName == nil {
		return s.versionsOfAll(in)
	}
	t, err := s.findTemplate(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	var out []shownVersion
	if len(in.Versions) > 0 {
		// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_templates.json (versions-mixed-range)
		switch {
		case in.MinVersion != nil:
			return nil, apiError("InvalidParameterCombination", "Minimum version filter is not applicable when given a list of versions.")
		case in.MaxVersion != nil:
			return nil, apiError("InvalidParameterCombination", "Maximum version filter is not applicable when given a list of versions.")
		}
		for _, spelled := range in.Versions {
			v, err := t.version(spelled)
			if err != nil {
				return nil, err
			}
			// One that is named twice, or is $Latest too, is answered twice.
			// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_templates.json (versions-duplicate)
			out = append(out, shownVersion{t, v})
		}
		slices.SortFunc(out, func(a, b shownVersion) int { return int(b.number - a.number) })
		return out, nil
	}
	least, most := int64(1), t.last
	if in.MinVersion != nil {
		if least, err = versionNumber(*in.MinVersion); err != nil {
			return nil, err
		}
	}
	if in.MaxVersion != nil {
		if most, err = versionNumber(*in.MaxVersion); err != nil {
			return nil, err
		}
	}
	for _, v := range slices.Backward(t.versions) {
		if v.number >= least && v.number <= most {
			out = append(out, shownVersion{t, v})
		}
	}
	return out, nil
}

// whichVersions is what AWS says to a call that names neither a template nor
// only $Latest and $Default.
// https://github.com/getmoto/moto/blob/master/tests/test_ec2/test_launch_templates.py (aws_verified)
const whichVersions = "To describe the launch template data for all your launch templates, for ‘--versions’ specify ‘$Latest’, ‘$Default’, " +
	"or both, and omit ‘--launch-template-id’, ‘--launch-template-name’, and version numbers. To describe the launch template data for a " +
	"specific launch template, specify ‘--launch-template-id’ or ‘--launch-template-name’, and for ‘--versions’ specify one or more of the " +
	"following values: ‘$Latest’, ‘$Default’, or one or more version numbers."

// versionsOfAll are the latest or default versions, or both, of all templates.
func (s *store) versionsOfAll(in *ec2.DescribeLaunchTemplateVersionsInput) ([]shownVersion, error) {
	if len(in.Versions) == 0 || in.MinVersion != nil || in.MaxVersion != nil {
		return nil, apiError("MissingParameter", whichVersions)
	}
	for _, spelled := range in.Versions {
		if spelled != versionLatest && spelled != versionDefault {
			return nil, apiError("InvalidParameterValue", whichVersions)
		}
	}
	var out []shownVersion
	for _, t := range s.templates.order {
		if s.unseen(&t.fresh) {
			continue
		}
		if slices.Contains(in.Versions, versionLatest) {
			v, _ := t.version(versionLatest)
			out = append(out, shownVersion{t, v})
		}
		if slices.Contains(in.Versions, versionDefault) && !(slices.Contains(in.Versions, versionLatest) && t.def == t.latest()) {
			v, _ := t.version(versionDefault)
			out = append(out, shownVersion{t, v})
		}
	}
	return out, nil
}

var versionFilters = filterTable[shownVersion]{values: map[string]func(shownVersion) []string{
	"create-time":        one(func(v shownVersion) string { return stamp(v.templateVersion.created) }),
	"is-default-version": one(func(v shownVersion) string { return yesNo(v.number == v.def) }),
	"ebs-optimized": fromData(func(d *ec2types.RequestLaunchTemplateData) string {
		if d.EbsOptimized == nil {
			return ""
		}
		return yesNo(*d.EbsOptimized)
	}),
	"image-id":      fromData(func(d *ec2types.RequestLaunchTemplateData) string { return aws.ToString(d.ImageId) }),
	"instance-type": fromData(func(d *ec2types.RequestLaunchTemplateData) string { return string(d.InstanceType) }),
	// a version of this cloud cannot set it
	"http-protocol-ipv4": func(shownVersion) []string { return nil },
	"kernel-id":          fromData(func(d *ec2types.RequestLaunchTemplateData) string { return aws.ToString(d.KernelId) }),
	"ram-disk-id":        fromData(func(d *ec2types.RequestLaunchTemplateData) string { return aws.ToString(d.RamDiskId) }),
	"iam-instance-profile": fromData(func(d *ec2types.RequestLaunchTemplateData) string {
		return aws.ToString(deref(d.IamInstanceProfile).Arn)
	}),
	"http-endpoint": fromData(func(d *ec2types.RequestLaunchTemplateData) string {
		return string(deref(d.MetadataOptions).HttpEndpoint)
	}),
	"http-tokens": fromData(func(d *ec2types.RequestLaunchTemplateData) string { return string(deref(d.MetadataOptions).HttpTokens) }),
	"host-resource-group-arn": fromData(func(d *ec2types.RequestLaunchTemplateData) string {
		return aws.ToString(deref(d.Placement).HostResourceGroupArn)
	}),
	"license-configuration-arn": func(v shownVersion) (out []string) {
		for _, l := range v.data.LicenseSpecifications {
			out = append(out, aws.ToString(l.LicenseConfigurationArn))
		}
		return out
	},
	"network-card-index": func(v shownVersion) (out []string) {
		for _, n := range v.data.NetworkInterfaces {
			if n.NetworkCardIndex != nil {
				out = append(out, strconv.Itoa(int(*n.NetworkCardIndex)))
			}
		}
		return out
	},
}}

func fromData(f func(*ec2types.RequestLaunchTemplateData) string) func(shownVersion) []string {
	return one(func(v shownVersion) string { return f(v.data) })
}
