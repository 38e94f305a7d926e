package conformance

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	createVersion  = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html"
	modifyTemplate = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyLaunchTemplate.html"
	deleteVersions = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html"
	readVersions   = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html"
)

// version makes a version with another image, from a source when there is one.
func (l *lab) version(id, source string) types.LaunchTemplateVersion {
	in := &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId:   &id,
		LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: new("ami-0fedcba9876543210")},
	}
	if source != "" {
		in.SourceVersion = &source
	}
	out, err := l.home.CreateLaunchTemplateVersion(l.ctx, in)
	l.do(err)
	return *out.LaunchTemplateVersion
}

// versions lists the versions of a template, by numbers or $Latest, $Default.
func (l *lab) versions(id string, which ...string) (out []types.LaunchTemplateVersion) {
	pages := ec2.NewDescribeLaunchTemplateVersionsPaginator(l.home, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: which})
	for pages.HasMorePages() {
		page, err := pages.NextPage(l.ctx)
		l.do(err)
		out = append(out, page.LaunchTemplateVersions...)
	}
	return out
}

var versionCases = []Case{
	{"version/numbers", "Versions are numbered on, and a new one does not become the default.", createVersion, func(l *lab) {
		id := l.template(l.templateInput())
		l.that(aws.ToInt64(l.version(id, "1").VersionNumber) == 2, "the second version is not number 2")
		t := l.read(id)
		l.that(aws.ToInt64(t.DefaultVersionNumber) == 1 && aws.ToInt64(t.LatestVersionNumber) == 2, "default %d, latest %d",
			aws.ToInt64(t.DefaultVersionNumber), aws.ToInt64(t.LatestVersionNumber))
	}},
	{"version/without a source", "A version without a source holds only what it is sent with.", createVersion, func(l *lab) {
		data := l.version(l.template(l.templateInput()), "").LaunchTemplateData
		l.that(data.InstanceType == "" && data.UserData == nil && len(data.BlockDeviceMappings) == 0, "it holds more: %+v", data)
	}},
	{"version/with a source", "A version with a source holds what the source holds, but for what it is sent with.", createVersion, func(l *lab) {
		id := l.template(l.templateInput())
		l.version(id, "1")
		data := l.versions(id, "2")[0].LaunchTemplateData
		l.that(aws.ToString(data.ImageId) == "ami-0fedcba9876543210", "ImageId is %q", aws.ToString(data.ImageId))
		l.that(data.InstanceType == types.InstanceTypeT3Micro, "InstanceType is %q", data.InstanceType)
		l.that(data.UserData != nil, "UserData is lost")
		l.that(len(data.TagSpecifications) == 1, "TagSpecifications are %v", data.TagSpecifications)
		l.that(len(data.BlockDeviceMappings) == 1 && aws.ToInt32(data.BlockDeviceMappings[0].Ebs.VolumeSize) == 9, "BlockDeviceMappings are lost")
	}},
	{"version/source unknown", "A source that does not exist is refused.", errorCodes, func(l *lab) {
		_, err := l.home.CreateLaunchTemplateVersion(l.ctx, &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId:   new(l.template(l.templateInput())),
			SourceVersion:      new("7"),
			LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: new("ami-0fedcba9876543210")},
		})
		l.refused(err, "InvalidLaunchTemplateId.VersionNotFound")
	}},
	{"version/same token", "The same token with the same parameters gives the same version.", idempotency, func(l *lab) {
		id := l.template(l.templateInput())
		in := &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &id, ClientToken: new(l.name()),
			LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: new("ami-0fedcba9876543210")},
		}
		for range 2 {
			_, err := l.home.CreateLaunchTemplateVersion(l.ctx, in)
			l.do(err)
		}
		l.that(len(l.versions(id)) == 2, "%d versions", len(l.versions(id)))
	}},
	{"version/default", "The default is moved to a version that exists.", modifyTemplate, func(l *lab) {
		id := l.template(l.templateInput())
		l.version(id, "1")
		_, err := l.home.ModifyLaunchTemplate(l.ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &id, DefaultVersion: new("2")})
		l.do(err)
		l.that(aws.ToInt64(l.read(id).DefaultVersionNumber) == 2, "it has not moved")
		_, err = l.home.ModifyLaunchTemplate(l.ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &id, DefaultVersion: new("7")})
		l.refused(err, "InvalidLaunchTemplateId.VersionNotFound")
	}},
	{"version/delete", "A version is deleted, and its number is not used again.", deleteVersions, func(l *lab) {
		id := l.template(l.templateInput())
		l.version(id, "1")
		out, err := l.home.DeleteLaunchTemplateVersions(l.ctx, &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"2"}})
		l.do(err)
		l.that(len(out.SuccessfullyDeletedLaunchTemplateVersions) == 1, "not deleted: %v", out.UnsuccessfullyDeletedLaunchTemplateVersions)
		l.that(aws.ToInt64(l.version(id, "1").VersionNumber) == 3, "the number is used again")
	}},
	{"version/delete in part", "A version that does not exist is told in an answer that succeeds, beside those that are deleted.", deleteVersions, func(l *lab) {
		id := l.template(l.templateInput())
		l.version(id, "1")
		out, err := l.home.DeleteLaunchTemplateVersions(l.ctx, &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"2", "7"}})
		l.do(err)
		l.that(len(out.SuccessfullyDeletedLaunchTemplateVersions) == 1, "deleted %d", len(out.SuccessfullyDeletedLaunchTemplateVersions))
		l.that(len(out.UnsuccessfullyDeletedLaunchTemplateVersions) == 1, "kept %d", len(out.UnsuccessfullyDeletedLaunchTemplateVersions))
		for _, item := range out.UnsuccessfullyDeletedLaunchTemplateVersions {
			if aws.ToInt64(item.VersionNumber) == 7 {
				l.that(item.ResponseError.Code == types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist, "code is %q", item.ResponseError.Code)
			}
		}
	}},
	{"version/delete the default", "A deletion that names the default version is refused as a whole.", deleteVersions, func(l *lab) {
		id := l.template(l.templateInput())
		l.version(id, "1")
		_, err := l.home.DeleteLaunchTemplateVersions(l.ctx, &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"1", "2"}})
		l.refused(err, "InvalidParameterValue")
		l.that(len(l.versions(id)) == 2, "%d versions are left", len(l.versions(id)))
	}},
}

var versionQueryCases = []Case{
	{"versions/latest and default", "$Latest and $Default are read as versions.", readVersions, func(l *lab) {
		id := l.template(l.templateInput())
		l.version(id, "1")
		for which, want := range map[string]int64{"$Latest": 2, "$Default": 1} {
			got := l.versions(id, which)
			l.that(len(got) == 1 && aws.ToInt64(got[0].VersionNumber) == want, "%s is %d versions", which, len(got))
		}
	}},
	{"versions/unknown", "A version that does not exist is refused.", errorCodes, func(l *lab) {
		id := l.template(l.templateInput())
		_, err := l.home.DescribeLaunchTemplateVersions(l.ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"7"}})
		l.refused(err, "InvalidLaunchTemplateId.VersionNotFound")
	}},
	{"versions/of an unknown template", "Versions of a template that does not exist are refused.", errorCodes, func(l *lab) {
		_, err := l.home.DescribeLaunchTemplateVersions(l.ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new("lt-0123456789abcdef0")})
		l.refused(err, "InvalidLaunchTemplateId.NotFound")
	}},
	{"versions/pages", "Versions come in pages of the size that is asked for.", readVersions, func(l *lab) {
		id := l.template(l.templateInput())
		l.version(id, "1")
		l.version(id, "1")
		out, err := l.home.DescribeLaunchTemplateVersions(l.ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, MaxResults: new(int32(1))})
		l.do(err)
		l.that(len(out.LaunchTemplateVersions) == 1 && out.NextToken != nil, "%d versions in the first page", len(out.LaunchTemplateVersions))
		l.that(len(l.versions(id)) == 3, "%d versions in all", len(l.versions(id)))
	}},
	{"versions/by image", "Versions are found by the image that they name.", readVersions, func(l *lab) {
		id := l.template(l.templateInput())
		l.version(id, "1")
		out, err := l.home.DescribeLaunchTemplateVersions(l.ctx, &ec2.DescribeLaunchTemplateVersionsInput{
			LaunchTemplateId: &id, Filters: []types.Filter{{Name: new("image-id"), Values: []string{"ami-0fedcba9876543210"}}},
		})
		l.do(err)
		l.that(len(out.LaunchTemplateVersions) == 1, "found %d", len(out.LaunchTemplateVersions))
	}},
	{"versions/id and name", "A template is named by its id or by its name, not by both.", errorCodes, func(l *lab) {
		in := l.templateInput()
		id := l.template(in)
		_, err := l.home.DescribeLaunchTemplateVersions(l.ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, LaunchTemplateName: in.LaunchTemplateName})
		l.refused(err, "InvalidParameterCombination")
	}},
	{"versions/neither id nor name", "Without a template only $Latest and $Default can be read.", errorCodes, func(l *lab) {
		_, err := l.home.DescribeLaunchTemplateVersions(l.ctx, &ec2.DescribeLaunchTemplateVersionsInput{})
		l.refused(err, "MissingParameter")
		_, err = l.home.DescribeLaunchTemplateVersions(l.ctx, &ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"1"}})
		l.refused(err, "InvalidParameterValue")
	}},
}
