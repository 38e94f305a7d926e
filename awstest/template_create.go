package awstest

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(createLaunchTemplate, "LaunchTemplateName", "LaunchTemplateData", "VersionDescription", "TagSpecifications", "ClientToken")
	handle(createLaunchTemplateVersion, "LaunchTemplateId", "LaunchTemplateName", "LaunchTemplateData", "SourceVersion",
		"ResolveAlias", "VersionDescription", "ClientToken")
}

func createLaunchTemplate(r *request, in *ec2.CreateLaunchTemplateInput) (*ec2.CreateLaunchTemplateOutput, error) {
	params := *in
	params.ClientToken = nil
	earlier, err := r.tokens.replay(r.op, in.ClientToken, params)
	if err != nil {
		return nil, err
	}
	if t := r.templates.byID[earlier]; t != nil {
		return &ec2.CreateLaunchTemplateOutput{LaunchTemplate: r.renderTemplate(t)}, nil
	}

	if err := checkTemplateName(*in.LaunchTemplateName); err != nil {
		return nil, err
	}
	data := sentData(in.LaunchTemplateData)
	if err := checkTemplateData(data, false, in.VersionDescription); err != nil {
		return nil, err
	}
	for _, t := range in.TagSpecifications {
		if t.ResourceType != ec2types.ResourceTypeLaunchTemplate {
			// https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/979
			return nil, apiError("InvalidParameterValue", "The value for the ResourceType member of the TagSpecification request "+
				"parameter must be ‘launch-template’. Verify the ResourceType and try again.")
		}
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeLaunchTemplate)
	if err != nil {
		return nil, err
	}
	if r.templates.byName[*in.LaunchTemplateName] != nil {
		return nil, apiError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
	}
	if err := r.roomForTemplate(); err != nil {
		return nil, err
	}

	if err := r.checked(); err != nil {
		return nil, err
	}
	t := &template{
		id:      r.newID("lt-"),
		name:    *in.LaunchTemplateName,
		created: r.now.Truncate(time.Second),
		by:      r.caller.arn,
		tags:    tags[ec2types.ResourceTypeLaunchTemplate],
		def:     1,
	}
	v := t.add(r, data, in.VersionDescription)
	r.addTemplate(t)
	r.tokens.remember(r.op, in.ClientToken, params, t.id)
	return &ec2.CreateLaunchTemplateOutput{LaunchTemplate: r.renderTemplate(t), Warning: r.warning(v.data)}, nil
}

func (s *store) addTemplate(t *template) {
	s.made(&t.fresh)
	if s.templates.byID == nil {
		s.templates.byID = map[string]*template{}
		s.templates.byName = map[string]*template{}
	}
	s.templates.byID[t.id] = t
	s.templates.byName[t.name] = t
	s.templates.order = append(s.templates.order, t)
}

// add makes the next version.
func (t *template) add(r *request, data *ec2types.RequestLaunchTemplateData, description *string) *templateVersion {
	t.last++
	v := &templateVersion{
		number:      t.last,
		created:     r.now.Truncate(time.Second),
		by:          r.caller.arn,
		description: aws.ToString(description),
		data:        data,
		byCall:      r.answering,
	}
	t.versions = append(t.versions, v)
	return v
}

func createLaunchTemplateVersion(r *request, in *ec2.CreateLaunchTemplateVersionInput) (*ec2.CreateLaunchTemplateVersionOutput, error) {
	params := *in
	params.ClientToken = nil
	earlier, err := r.tokens.replay(r.op, in.ClientToken, params)
	if err != nil {
		return nil, err
	}
	t, err := r.findTemplate(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	// The token is of a version of this template, not of another that has had its
	// name before.
	if number, ok := strings.CutPrefix(earlier, t.id+":"); ok {
		if v, err := t.version(number); err == nil {
			return &ec2.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: r.showVersion(t, v, in.ResolveAlias)}, nil
		}
	}

	data := sentData(in.LaunchTemplateData)
	if err := checkTemplateData(data, in.SourceVersion != nil, in.VersionDescription); err != nil {
		return nil, err
	}
	if err := r.roomForVersion(t); err != nil {
		return nil, err
	}
	if in.SourceVersion != nil {
		source, err := t.version(*in.SourceVersion)
		if err != nil {
			return nil, err
		}
		data = r.merge(source.data, data)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	v := t.add(r, data, in.VersionDescription)
	r.versionsChanged(t)
	r.tokens.remember(r.op, in.ClientToken, params, t.id+":"+strconv.FormatInt(v.number, 10))
	return &ec2.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: r.showVersion(t, v, in.ResolveAlias), Warning: r.warning(v.data)}, nil
}

// showVersion is a version as the call that makes it answers it.
func (r *request) showVersion(t *template, v *templateVersion, resolve *bool) *ec2types.LaunchTemplateVersion {
	shown := t.renderVersion(v)
	if aws.ToBool(resolve) {
		_ = r.resolveAlias(&shown) // what cannot be resolved is in the warning
	}
	return &shown
}

// merge is a version on the base of another: each parameter that is sent takes
// the place of the source's, what is not sent stays. AWS documents that the
// snapshots of the source's block devices do not, and has been seen to keep them.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_templates.json (inherit)
func (s *store) merge(source, sent *ec2types.RequestLaunchTemplateData) *ec2types.RequestLaunchTemplateData {
	out := clone(source)
	for _, m := range out.BlockDeviceMappings {
		if m.Ebs != nil && s.unconfirmed.DropSnapshots {
			m.Ebs.SnapshotId = nil
		}
	}
	overlay(out, *sent)
	return out
}
