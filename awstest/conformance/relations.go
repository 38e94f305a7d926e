package conformance

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	ancestry   = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-ancestry.html"
	references = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageReferences.html"
)

// launch tries to run an instance of an image, and ends it where it could be
// run.
func (l *lab) launch(id string, arch types.ArchitectureValues) error {
	kind := types.InstanceTypeT3Nano
	if arch == types.ArchitectureValuesArm64 {
		kind = types.InstanceTypeT4gNano
	}
	out, err := l.home.RunInstances(l.ctx, &ec2.RunInstancesInput{
		ImageId: &id, InstanceType: kind, MinCount: new(int32(1)), MaxCount: new(int32(1)), TagSpecifications: l.tagged(nil, types.ResourceTypeInstance),
	})
	if err == nil {
		l.later(func(ctx context.Context) error {
			_, err := l.home.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{*out.Instances[0].InstanceId}})
			return err
		})
	}
	return err
}

var relationCases = []Case{
	{"launch/unknown image", "An image that does not exist cannot be launched.", errorCodes, func(l *lab) {
		l.refused(l.launch("ami-0123456789abcdef0", types.ArchitectureValuesX8664), "InvalidAMIID.NotFound")
	}},
	{"launch/disabled image", "A disabled image cannot be launched.", disableImage, func(l *lab) {
		image := l.available(nil)
		_, err := l.home.DisableImage(l.ctx, &ec2.DisableImageInput{ImageId: image.ImageId})
		l.do(err)
		l.refused(l.launch(*image.ImageId, image.Architecture))
	}},
	{"ancestry/of a copy", "The ancestry of a copy begins with itself and names its source.", ancestry, func(l *lab) {
		source := *l.available(nil).ImageId
		id := *l.settled(l.away, l.copy(l.copyInput(source))).ImageId
		out, err := l.away.GetImageAncestry(l.ctx, &ec2.GetImageAncestryInput{ImageId: &id})
		l.do(err)
		l.that(len(out.ImageAncestryEntries) > 0, "there is none")
		first := out.ImageAncestryEntries[0]
		l.that(aws.ToString(first.ImageId) == id, "it begins with %q", aws.ToString(first.ImageId))
		l.that(aws.ToString(first.SourceImageId) == source, "its source is %q", aws.ToString(first.SourceImageId))
	}},
	{"references/of a template", "A launch template that names an image is found as a reference to it.", references, func(l *lab) {
		id := *l.available(nil).ImageId
		in := l.templateInput()
		in.LaunchTemplateData.ImageId = &id
		template := l.template(in)
		l.until("the reference of "+template, func() bool {
			out, err := l.home.DescribeImageReferences(l.ctx, &ec2.DescribeImageReferencesInput{
				ImageIds: []string{id}, ResourceTypes: []types.ResourceTypeRequest{{ResourceType: types.ImageReferenceResourceTypeEc2LaunchTemplate}},
			})
			l.do(err)
			return len(out.ImageReferences) == 1 && out.ImageReferences[0].ResourceType == types.ImageReferenceResourceTypeEc2LaunchTemplate
		})
	}},
	{"tags/life", "Tags are put on what exists, and taken away.",
		"https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html", func(l *lab) {
			id := *l.available(nil).ImageId
			value := func() string { return tag(l.byFilter(l.home, "image-id", id)[0].Tags, "part") }
			_, err := l.home.CreateTags(l.ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: new("part"), Value: new("image")}}})
			l.do(err)
			l.that(value() == "image", "the tag is %q", value())
			_, err = l.home.DeleteTags(l.ctx, &ec2.DeleteTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: new("part")}}})
			l.do(err)
			l.that(value() == "", "it still has the tag")
		}},
	{"copy/pending source", "An image that is pending cannot be copied.", copyImage, func(l *lab) {
		id, _ := l.image(nil)
		out, err := l.away.CopyImage(l.ctx, l.copyInput(id))
		if err == nil {
			l.discard(l.away, *out.ImageId)
		}
		l.refused(err, "InvalidAMIID.Unavailable", "InvalidRequest")
	}},
	{"copy/encryption stays", "A copy of an encrypted image cannot be unencrypted.", copyImage, func(l *lab) {
		in := l.copyInput(*l.available(nil).ImageId)
		in.Encrypted = new(true)
		encrypted := *l.settled(l.away, l.copy(in)).ImageId
		again := l.copyInput(encrypted)
		again.SourceRegion, again.Encrypted = new(l.env.Away.Region), new(false)
		out, err := l.away.CopyImage(l.ctx, again)
		if err == nil {
			l.discard(l.away, *out.ImageId)
		}
		l.refused(err)
	}},
	{"versions/from and to", "Versions are listed between two numbers, both included.", readVersions, func(l *lab) {
		id := l.template(l.templateInput())
		l.version(id, "1")
		l.version(id, "1")
		out, err := l.home.DescribeLaunchTemplateVersions(l.ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, MinVersion: new("2"), MaxVersion: new("2")})
		l.do(err)
		l.that(len(out.LaunchTemplateVersions) == 1 && aws.ToInt64(out.LaunchTemplateVersions[0].VersionNumber) == 2, "%d versions", len(out.LaunchTemplateVersions))
	}},
	{"versions/latest of all templates", "Without a template $Latest is the latest version of each.", readVersions, func(l *lab) {
		id := l.template(l.templateInput())
		l.version(id, "1")
		pages := ec2.NewDescribeLaunchTemplateVersionsPaginator(l.home, &ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Latest"}})
		for pages.HasMorePages() {
			page, err := pages.NextPage(l.ctx)
			l.do(err)
			for _, v := range page.LaunchTemplateVersions {
				if aws.ToString(v.LaunchTemplateId) == id {
					l.that(aws.ToInt64(v.VersionNumber) == 2, "it is number %d", aws.ToInt64(v.VersionNumber))
					return
				}
			}
		}
		l.fail("it is not listed")
	}},
}
