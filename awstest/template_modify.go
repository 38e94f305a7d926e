package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func init() {
	handle(modifyLaunchTemplate, "LaunchTemplateId", "LaunchTemplateName", "DefaultVersion", "ClientToken")
}

// modifyLaunchTemplate moves the default version. AWS documents a number and
// takes $Latest too, which stands for the number that it is then: the default
// does not follow later versions.
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_templates.json (modify-symbolic)
func modifyLaunchTemplate(r *request, in *ec2.ModifyLaunchTemplateInput) (*ec2.ModifyLaunchTemplateOutput, error) {
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
	if earlier != "" {
		return &ec2.ModifyLaunchTemplateOutput{LaunchTemplate: r.renderTemplate(t)}, nil
	}
	if in.DefaultVersion == nil {
		return nil, apiError("MissingParameter", "The request must contain the parameter DefaultVersion")
	}
	v, err := t.version(*in.DefaultVersion)
	if code, _ := apiParts(err); code == "InvalidLaunchTemplateId.VersionNotFound" {
		// https://github.com/getmoto/moto/blob/master/tests/test_ec2/test_launch_templates.py (aws_verified)
		return nil, apiError(code, "The launch template version %s is not found for the specified launch template.", *in.DefaultVersion)
	}
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	t.def = v.number
	r.versionsChanged(t)
	r.tokens.remember(r.op, in.ClientToken, params, t.id)
	return &ec2.ModifyLaunchTemplateOutput{LaunchTemplate: r.renderTemplate(t)}, nil
}
