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
		LaunchTemplateName: new("web"), Versions: []string{"1", "2", "9"},
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
		2: ec2types.LaunchTemplateErrorCodeUnexpectedError,
		9: ec2types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist,
	}, codes)
}

func TestDeletedNumbersAreNotUsedAgain(t *testing.T) {
	for _, stays := range []bool{false, true} {
		client, id := templateWorld(t, awstest.WithUnconfirmed(awstest.Unconfirmed{LatestVersionStays: stays, DeleteDefaultVersion: "odd"}))
		out, err := client.DeleteLaunchTemplateVersions(t.Context(), &ec2.DeleteLaunchTemplateVersionsInput{
			LaunchTemplateId: &id, Versions: []string{"3", "2"},
		})
		require.NoError(t, err)
		assert.Equal(t, ec2types.LaunchTemplateErrorCode("odd"), out.UnsuccessfullyDeletedLaunchTemplateVersions[0].ResponseError.Code)

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

func TestDeletingVersionsOfNoTemplateSucceeds(t *testing.T) {
	client, id := templateWorld(t)
	for name, test := range map[string]struct {
		in   ec2.DeleteLaunchTemplateVersionsInput
		item ec2types.LaunchTemplateErrorCode // else the call fails with
		code string
	}{
		"unknown id":     {in: ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: new("lt-00000000000000000")}, item: "launchTemplateIdDoesNotExist"},
		"malformed id":   {in: ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: new("web")}, item: "launchTemplateIdMalformed"},
		"unknown name":   {in: ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateName: new("other")}, item: "launchTemplateNameDoesNotExist"},
		"malformed name": {in: ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateName: new("a b")}, item: "launchTemplateNameMalformed"},
		"neither":        {in: ec2.DeleteLaunchTemplateVersionsInput{}, code: "MissingParameter"},
		"both":           {in: ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, LaunchTemplateName: new("web")}, code: "InvalidParameterCombination"},
		"no number":      {in: ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"$Latest"}}, code: "InvalidParameterValue"},
		"too many":       {in: ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: make([]string, 201)}, code: "InvalidParameterValue"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.in.Versions == nil {
				test.in.Versions = []string{"1"}
			}
			out, err := client.DeleteLaunchTemplateVersions(t.Context(), &test.in)
			assert.Equal(t, test.code, codeOf(err))
			if test.item != "" && assert.NoError(t, err) {
				assert.Equal(t, test.item, out.UnsuccessfullyDeletedLaunchTemplateVersions[0].ResponseError.Code)
			}
		})
	}
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
