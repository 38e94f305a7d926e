package awstest

import ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

// Templates lists the launch templates, oldest first.
func (r *Region) Templates() (out []ec2types.LaunchTemplate) {
	r.do(func(s *store) {
		for _, t := range s.templates.order {
			out = append(out, *s.renderTemplate(t))
		}
	})
	return out
}

// TemplateVersions lists the versions of a launch template, given by id or by
// name, in the order of their numbers; none for an unknown template.
func (r *Region) TemplateVersions(template string) (out []ec2types.LaunchTemplateVersion) {
	r.do(func(s *store) {
		t := s.templates.byID[template]
		if t == nil {
			t = s.templates.byName[template]
		}
		if t == nil {
			return
		}
		for _, v := range t.versions {
			out = append(out, t.renderVersion(v))
		}
	})
	return out
}
