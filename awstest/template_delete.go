package awstest

import (
	"fmt"
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

// deleteLaunchTemplateVersions succeeds even if nothing is deleted: what became
// of each version stands in the answer.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
func deleteLaunchTemplateVersions(r *request, in *ec2.DeleteLaunchTemplateVersionsInput) (*ec2.DeleteLaunchTemplateVersionsOutput, error) {
	if len(in.Versions) == 0 || len(in.Versions) > maxDeletedVersions {
		return nil, apiError("InvalidParameterValue", "Between 1 and %d versions can be deleted at a time, not %d", maxDeletedVersions, len(in.Versions))
	}
	var numbers []int64
	for _, spelled := range in.Versions {
		n, err := versionNumber(spelled)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	t, err := r.findTemplate(in.LaunchTemplateId, in.LaunchTemplateName)
	failure, message := apiParts(err)
	reason, each := versionDeletion[failure]
	if err != nil && !each {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	out := &ec2.DeleteLaunchTemplateVersionsOutput{}
	for _, n := range numbers {
		code, why := reason, message
		if err == nil {
			code, why = r.deleteVersion(t, n)
		}
		id, name := in.LaunchTemplateId, in.LaunchTemplateName
		if t != nil {
			id, name = &t.id, &t.name
		}
		if code == "" {
			out.SuccessfullyDeletedLaunchTemplateVersions = append(out.SuccessfullyDeletedLaunchTemplateVersions,
				ec2types.DeleteLaunchTemplateVersionsResponseSuccessItem{
					LaunchTemplateId: clone(id), LaunchTemplateName: clone(name), VersionNumber: new(n),
				})
			continue
		}
		out.UnsuccessfullyDeletedLaunchTemplateVersions = append(out.UnsuccessfullyDeletedLaunchTemplateVersions,
			ec2types.DeleteLaunchTemplateVersionsResponseErrorItem{
				LaunchTemplateId: clone(id), LaunchTemplateName: clone(name), VersionNumber: new(n),
				ResponseError: &ec2types.ResponseError{Code: code, Message: new(why)},
			})
	}
	return out, nil
}

// versionDeletion is how DeleteLaunchTemplateVersions spells, for each version,
// what other operations answer for the whole call.
var versionDeletion = map[string]ec2types.LaunchTemplateErrorCode{
	"InvalidLaunchTemplateId.NotFound":             ec2types.LaunchTemplateErrorCodeLaunchTemplateIdDoesNotExist,
	"InvalidLaunchTemplateId.Malformed":            ec2types.LaunchTemplateErrorCodeLaunchTemplateIdMalformed,
	"InvalidLaunchTemplateName.NotFoundException":  ec2types.LaunchTemplateErrorCodeLaunchTemplateNameDoesNotExist,
	"InvalidLaunchTemplateName.MalformedException": ec2types.LaunchTemplateErrorCodeLaunchTemplateNameMalformed,
	"InvalidLaunchTemplateId.VersionNotFound":      ec2types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist,
}

// deleteVersion deletes one version; code is empty when that is done.
func (r *request) deleteVersion(t *template, number int64) (code ec2types.LaunchTemplateErrorCode, message string) {
	at := slices.IndexFunc(t.versions, func(v *templateVersion) bool { return v.number == number })
	switch {
	case at < 0:
		return ec2types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist,
			fmt.Sprintf("Could not find the specified version %d for the launch template with ID %s.", number, t.id)
	case number == t.def:
		return ec2types.LaunchTemplateErrorCode(r.unconfirmed.deleteDefaultVersion()),
			"Cannot delete the default version of a launch template."
	}
	t.versions = slices.Delete(t.versions, at, at+1)
	r.versionsChanged(t)
	return "", ""
}
