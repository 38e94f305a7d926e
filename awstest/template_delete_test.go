package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestDeletingVersionsTellsEachApart(t *testing.T) {
	client, id := templateWorld(t) // versions 1, 2 (default), 3
	out, err := client.DeleteLaunchTemplateVersions(t.Context(), &ec2.DeleteLaunchTemplateVersionsInput{
		LaunchTemplateName: new("web"), Versions: []string{"1", "9"},
	})
	require.NoError(t, err)
	require.Len(t, out.SuccessfullyDeletedLaunchTemplateVersions, 1)
	done := out.SuccessfullyDeletedLaunchTemplateVersions[0]
	assert.Equal(t, int64(1), *done.VersionNumber)
	assert.Equal(t, id, *done.LaunchTemplateId)
	assert.Equal(t, "web", *done.LaunchTemplateName)
	codes := map[int64]ec2types.LaunchTemplateErrorCode{}
	for _, u := range out.UnsuccessfullyDeletedLaunchTemplateVersions {
		codes[*u.VersionNumber] = u.ResponseError.Code
		assert.NotEmpty(t, *u.ResponseError.Message)
	}
	assert.Equal(t, map[int64]ec2types.LaunchTemplateErrorCode{
		9: ec2types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist,
	}, codes)
}

func TestDeletedNumbersAreNotUsedAgain(t *testing.T) {
	for _, stays := range []bool{false, true} {
		client, id := templateWorld(t, awstest.WithUnconfirmed(awstest.Unconfirmed{LatestVersionStays: stays}))
		out, err := client.DeleteLaunchTemplateVersions(t.Context(), &ec2.DeleteLaunchTemplateVersionsInput{
			LaunchTemplateId: &id, Versions: []string{"$Latest"},
		})
		require.NoError(t, err)
		assert.Equal(t, int64(3), *out.SuccessfullyDeletedLaunchTemplateVersions[0].VersionNumber)

		got, err := client.DescribeLaunchTemplates(t.Context(), &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{id}})
		require.NoError(t, err)
		want := int64(2)
		if stays {
			want = 3
		}
		assert.Equal(t, want, *got.LaunchTemplates[0].LatestVersionNumber)
		latest, err := client.DescribeLaunchTemplateVersions(t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{
			LaunchTemplateId: &id, Versions: []string{"$Latest"},
		})
		require.NoError(t, err)
		assert.Equal(t, int64(2), *latest.LaunchTemplateVersions[0].VersionNumber)

		next, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &id, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"},
		})
		require.NoError(t, err)
		assert.Equal(t, int64(4), *next.LaunchTemplateVersion.VersionNumber)
	}
}

// TestVersionsThatCannotBeDeletedFailTheCall: nothing is deleted then.
func TestVersionsThatCannotBeDeletedFailTheCall(t *testing.T) {
	client, id := templateWorld(t) // versions 1, 2 (default), 3
	const unknown = "lt-00000000000000000"
	for name, test := range map[string]struct {
		in            ec2.DeleteLaunchTemplateVersionsInput
		code, message string
	}{
		"unknown id":      {ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: new(unknown)}, "InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID " + unknown + ", does not exist."},
		"malformed id":    {ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: new("web")}, "InvalidLaunchTemplateId.Malformed", "web"},
		"unknown name":    {ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateName: new("other")}, "InvalidLaunchTemplateName.NotFoundException", "with template name other"},
		"malformed name":  {ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateName: new("a b")}, "InvalidLaunchTemplateName.MalformedException", "between 3 and 128"},
		"neither":         {ec2.DeleteLaunchTemplateVersionsInput{}, "MissingParameter", ""},
		"both":            {ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, LaunchTemplateName: new("web")}, "InvalidParameterCombination", ""},
		"the default":     {ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"1", "2"}}, "InvalidParameterValue", "The default version cannot be deleted. Either specify another version as default or delete the launch template."},
		"the default so":  {ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"1", "$Default"}}, "InvalidParameterValue", "The default version cannot be deleted."},
		"no version":      {ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"1", "x"}}, "InvalidParameterValue", "Invalid value for version: x"},
		"negative number": {ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"1", "-1"}}, "InvalidParameterValue", "Invalid value for version: -1"},
		"too many":        {ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: make([]string, 201)}, "InvalidParameterValue", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if test.in.Versions == nil {
				test.in.Versions = []string{"1"}
			}
			_, err := client.DeleteLaunchTemplateVersions(t.Context(), &test.in)
			requireCode(t, err, test.code, test.message)
		})
	}
	left, err := client.DescribeLaunchTemplateVersions(t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id})
	require.NoError(t, err)
	assert.Len(t, left.LaunchTemplateVersions, 3)
}

func TestDeleteTemplateFreesItsName(t *testing.T) {
	client, id := templateWorld(t)
	out, err := client.DeleteLaunchTemplate(t.Context(), &ec2.DeleteLaunchTemplateInput{LaunchTemplateName: new("web")})
	require.NoError(t, err)
	assert.Equal(t, id, *out.LaunchTemplate.LaunchTemplateId)
	_, err = client.DeleteLaunchTemplate(t.Context(), &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: &id})
	assert.Equal(t, "InvalidLaunchTemplateId.NotFound", codeOf(err))
	again, err := client.CreateLaunchTemplate(t.Context(), templateInput("web"))
	require.NoError(t, err)
	assert.NotEqual(t, id, *again.LaunchTemplate.LaunchTemplateId)
}

func TestTemplateDataOfAnInstanceLaunchesOneLikeIt(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	id := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{Type: "m5.large", RootGiB: 20, DataGiB: []int32{7}})

	out, err := client.GetLaunchTemplateData(t.Context(), &ec2.GetLaunchTemplateDataInput{InstanceId: &id})
	require.NoError(t, err)
	like := readInstance(t, client, id)
	data := out.LaunchTemplateData
	assert.Equal(t, *like.ImageId, *data.ImageId)
	assert.Equal(t, ec2types.InstanceTypeM5Large, data.InstanceType)
	assert.Equal(t, *like.SubnetId, *data.NetworkInterfaces[0].SubnetId)
	require.Len(t, data.BlockDeviceMappings, 2)
	assert.Equal(t, int32(20), *data.BlockDeviceMappings[0].Ebs.VolumeSize)

	_, err = client.GetLaunchTemplateData(t.Context(), &ec2.GetLaunchTemplateDataInput{InstanceId: new("i-00000000000000000")})
	assert.Equal(t, "InvalidInstanceID.NotFound", codeOf(err))
}
