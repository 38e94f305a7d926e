package launchtemplate

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Version is one version of a launch template.
type Version struct {
	TemplateID   string
	TemplateName string
	Number       int64
	Default      bool   // it is what $Default means
	Description  string // with our mark at its end where we made it
	// ImageID is an AMI id, or an alias such as resolve:ssm:/path that AWS
	// looks up at each launch. Empty: the version names no image.
	ImageID string
	// Data is the version as AWS has it.
	Data *types.ResponseLaunchTemplateData
}

// Ref names the template of the version.
func (v *Version) Ref() Ref { return Ref{ID: v.TemplateID} }

func versionOf(v types.LaunchTemplateVersion) *Version {
	out := &Version{
		TemplateID:   aws.ToString(v.LaunchTemplateId),
		TemplateName: aws.ToString(v.LaunchTemplateName),
		Number:       aws.ToInt64(v.VersionNumber),
		Default:      aws.ToBool(v.DefaultVersion),
		Description:  aws.ToString(v.VersionDescription),
		Data:         v.LaunchTemplateData,
	}
	if v.LaunchTemplateData != nil {
		out.ImageID = aws.ToString(v.LaunchTemplateData.ImageId)
	}
	return out
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// warnings are what AWS found wrong with data that it stored all the same.
func warnings(w *types.ValidationWarning) []string {
	if w == nil {
		return nil
	}
	var out []string
	for _, e := range w.Errors {
		out = append(out, aws.ToString(e.Code)+": "+aws.ToString(e.Message))
	}
	return out
}
