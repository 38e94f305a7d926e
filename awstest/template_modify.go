package awstest

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func init() {
	handle(modifyLaunchTemplate, "LaunchTemplateId", "LaunchTemplateName", "DefaultVersion", "ClientToken")
}

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
	if strings.HasPrefix(*in.DefaultVersion, "$") { // AWS documents numbers, and reports disagree on the rest
		return nil, &Unmodelled{Service: r.service, Operation: r.op, Field: "DefaultVersion=" + *in.DefaultVersion}
	}
	v, err := t.version(*in.DefaultVersion)
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
