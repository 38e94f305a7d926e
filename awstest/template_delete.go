package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(deleteLaunchTemplate, "LaunchTemplateId", "LaunchTemplateName")
	handle(deleteLaunchTemplateVersions, "LaunchTemplateId", "LaunchTemplateName", "Versions")
}

// deleteLaunchTemplate deletes a template with all of its versions, whoever
// still launches from it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplate.html
func deleteLaunchTemplate(r *request, in *ec2.DeleteLaunchTemplateInput) (*ec2.DeleteLaunchTemplateOutput, error) {
	t, err := r.findTemplate(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	delete(r.templates.byID, t.id)
	delete(r.templates.byName, t.name)
	r.templates.order = slices.DeleteFunc(r.templates.order, func(o *template) bool { return o == t })
	return &ec2.DeleteLaunchTemplateOutput{LaunchTemplate: r.renderTemplate(t)}, nil
}

// maxDeletedVersions is how many versions one call may delete.
const maxDeletedVersions = 200

// deleteLaunchTemplateVersions refuses the call as a whole for a template that
// does not exist, for its default version and for what is no version; what
// became of each version else stands in the answer.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_template_edges.json (delete-default-latest-missing, delete-zero, delete-missing)
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_template_deletion.json (delete-latest-and-missing, delete-symbolic-latest)
func deleteLaunchTemplateVersions(r *request, in *ec2.DeleteLaunchTemplateVersionsInput) (*ec2.DeleteLaunchTemplateVersionsOutput, error) {
	if len(in.Versions) == 0 || len(in.Versions) > maxDeletedVersions {
		return nil, apiError("InvalidParameterValue", "Between 1 and %d versions can be deleted at a time, not %d", maxDeletedVersions, len(in.Versions))
	}
	for _, spelled := range in.Versions {
		if _, err := versionNumber(spelled); err != nil && spelled != versionLatest && spelled != versionDefault {
			return nil, apiError("InvalidParameterValue", "Invalid value for version: %s", spelled)
		}
	}
	t, err := r.findTemplate(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	numbers := make([]int64, len(in.Versions))
	for n, spelled := range in.Versions {
		if v, err := t.version(spelled); err == nil {
			numbers[n] = v.number
		} else {
			numbers[n], _ = versionNumber(spelled)
		}
	}
	if slices.Contains(numbers, t.def) {
		return nil, apiError("InvalidParameterValue", "The default version cannot be deleted. Either specify another version as default or delete the launch template.")
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	out := &ec2.DeleteLaunchTemplateVersionsOutput{
		SuccessfullyDeletedLaunchTemplateVersions:   []ec2types.DeleteLaunchTemplateVersionsResponseSuccessItem{},
		UnsuccessfullyDeletedLaunchTemplateVersions: []ec2types.DeleteLaunchTemplateVersionsResponseErrorItem{},
	}
	for _, n := range numbers {
		at := slices.IndexFunc(t.versions, func(v *templateVersion) bool { return v.number == n })
		if at < 0 {
			out.UnsuccessfullyDeletedLaunchTemplateVersions = append(out.UnsuccessfullyDeletedLaunchTemplateVersions,
				ec2types.DeleteLaunchTemplateVersionsResponseErrorItem{
					LaunchTemplateId: new(t.id), LaunchTemplateName: new(t.name), VersionNumber: new(n),
					ResponseError: &ec2types.ResponseError{
						Code:    ec2types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist,
						Message: new("The launch template version does not exist."),
					},
				})
			continue
		}
		t.versions = slices.Delete(t.versions, at, at+1)
		out.SuccessfullyDeletedLaunchTemplateVersions = append(out.SuccessfullyDeletedLaunchTemplateVersions,
			ec2types.DeleteLaunchTemplateVersionsResponseSuccessItem{
				LaunchTemplateId: new(t.id), LaunchTemplateName: new(t.name), VersionNumber: new(n),
			})
	}
	r.versionsChanged(t)
	return out, nil
}
