package conformance

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const createTemplate = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html"

// templateInput is a template with a version that has a little of everything
// that a merge can lose.
func (l *lab) templateInput() *ec2.CreateLaunchTemplateInput {
	return &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new(l.name()),
		TagSpecifications:  l.tagged(nil, types.ResourceTypeLaunchTemplate),
		LaunchTemplateData: &types.RequestLaunchTemplateData{
			ImageId:      new("ami-0123456789abcdef0"),
			InstanceType: types.InstanceTypeT3Micro,
			UserData:     new("IyEvYmluL3NoCg=="),
			BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMappingRequest{{
				DeviceName: new("/dev/sdf"),
				Ebs:        &types.LaunchTemplateEbsBlockDeviceRequest{SnapshotId: new("snap-0123456789abcdef0"), VolumeSize: new(int32(9))},
			}},
			TagSpecifications: []types.LaunchTemplateTagSpecificationRequest{{
				ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{{Key: new("k"), Value: new("v")}},
			}},
		},
	}
}

func (l *lab) template(in *ec2.CreateLaunchTemplateInput) (id string) {
	out, err := l.home.CreateLaunchTemplate(l.ctx, in)
	l.do(err)
	id = *out.LaunchTemplate.LaunchTemplateId
	l.later(func(ctx context.Context) error {
		_, err := l.home.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: &id})
		return err
	})
	return id
}

// read is one template.
func (l *lab) read(id string) types.LaunchTemplate {
	out, err := l.home.DescribeLaunchTemplates(l.ctx, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{id}})
	l.do(err)
	l.that(len(out.LaunchTemplates) == 1, "template %s is not listed", id)
	return out.LaunchTemplates[0]
}

var templateCases = []Case{
	{"template/first version", "A new template has version 1, which is its default and its latest.", createTemplate, func(l *lab) {
		t := l.read(l.template(l.templateInput()))
		l.that(aws.ToInt64(t.DefaultVersionNumber) == 1 && aws.ToInt64(t.LatestVersionNumber) == 1, "default %d, latest %d",
			aws.ToInt64(t.DefaultVersionNumber), aws.ToInt64(t.LatestVersionNumber))
	}},
	{"template/name twice", "A name belongs to one template of an account in a Region.", errorCodes, func(l *lab) {
		in := l.templateInput()
		l.template(in)
		in.ClientToken = nil // the SDK has filled in one: it is to make another
		_, err := l.home.CreateLaunchTemplate(l.ctx, in)
		l.refused(err, "InvalidLaunchTemplateName.AlreadyExistsException")
	}},
	{"template/same token", "The same token with the same parameters gives the same template.", idempotency, func(l *lab) {
		in := l.templateInput()
		in.ClientToken = new(l.name())
		first := l.template(in)
		out, err := l.home.CreateLaunchTemplate(l.ctx, in)
		l.do(err)
		l.that(*out.LaunchTemplate.LaunchTemplateId == first, "made %s and %s", first, *out.LaunchTemplate.LaunchTemplateId)
	}},
	{"template/tags", "Tags of the call are the template's.", createTemplate, func(l *lab) {
		in := l.templateInput()
		in.TagSpecifications = l.tagged([]types.TagSpecification{
			{ResourceType: types.ResourceTypeLaunchTemplate, Tags: []types.Tag{{Key: new("part"), Value: new("template")}}},
		}, types.ResourceTypeLaunchTemplate)
		t := l.read(l.template(in))
		l.that(tag(t.Tags, "part") == "template", "tags are %v", t.Tags)
	}},
	{"template/unknown", "Ids and names of templates that do not exist are refused, each in its way.", errorCodes, func(l *lab) {
		_, err := l.home.DescribeLaunchTemplates(l.ctx, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{"lt-0123456789abcdef0"}})
		l.refused(err, "InvalidLaunchTemplateId.NotFound")
		_, err = l.home.DescribeLaunchTemplates(l.ctx, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{l.name()}})
		l.refused(err, "InvalidLaunchTemplateName.NotFoundException")
	}},
	{"template/dry run", "A dry run makes nothing and answers an error of its own.", createTemplate, func(l *lab) {
		in := l.templateInput()
		in.DryRun = new(true)
		_, err := l.home.CreateLaunchTemplate(l.ctx, in)
		l.refused(err, "DryRunOperation")
	}},
	{"template/delete", "A template goes with all its versions.", "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplate.html", func(l *lab) {
		id := l.template(l.templateInput())
		_, err := l.home.DeleteLaunchTemplate(l.ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: &id})
		l.do(err)
		_, err = l.home.DescribeLaunchTemplateVersions(l.ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id})
		l.refused(err, "InvalidLaunchTemplateId.NotFound")
	}},
	{"template/delete unknown", "A template that does not exist cannot be deleted.", errorCodes, func(l *lab) {
		_, err := l.home.DeleteLaunchTemplate(l.ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: new("lt-0123456789abcdef0")})
		l.refused(err, "InvalidLaunchTemplateId.NotFound")
	}},
}
