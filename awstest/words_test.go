package awstest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// requireWords checks an error's code and the whole of its message.
func requireWords(t *testing.T, err error, code, message string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	require.True(t, ok, "not an API error: %v", err)
	assert.Equal(t, code, api.ErrorCode())
	assert.Equal(t, message, api.ErrorMessage())
}

const versionsWords = "To describe the launch template data for all your launch templates, for ‘--versions’ specify ‘$Latest’, ‘$Default’, or both, " +
	"and omit ‘--launch-template-id’, ‘--launch-template-name’, and version numbers. To describe the launch template data for a specific launch " +
	"template, specify ‘--launch-template-id’ or ‘--launch-template-name’, and for ‘--versions’ specify one or more of the following values: " +
	"‘$Latest’, ‘$Default’, or one or more version numbers."

// TestTemplatesRefuseInAWSsWords has messages that AWS has sent: where each was
// seen stands beside the code that makes it.
func TestTemplatesRefuseInAWSsWords(t *testing.T) {
	client, id := templateWorld(t) // "web": versions 1, 2 (default), 3
	type data = ec2types.RequestLaunchTemplateData
	create := func(d data) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := client.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("new"), LaunchTemplateData: &d})
			return err
		}
	}
	version := func(in ec2.CreateLaunchTemplateVersionInput) func(context.Context) error {
		return func(ctx context.Context) error {
			if in.LaunchTemplateData == nil {
				in.LaunchTemplateData = &data{InstanceType: "t3.micro"}
			}
			_, err := client.CreateLaunchTemplateVersion(ctx, &in)
			return err
		}
	}
	describe := func(in ec2.DescribeLaunchTemplatesInput) func(context.Context) error {
		return func(ctx context.Context) error { _, err := client.DescribeLaunchTemplates(ctx, &in); return err }
	}
	versions := func(in ec2.DescribeLaunchTemplateVersionsInput) func(context.Context) error {
		return func(ctx context.Context) error { _, err := client.DescribeLaunchTemplateVersions(ctx, &in); return err }
	}
	modify := func(in ec2.ModifyLaunchTemplateInput) func(context.Context) error {
		return func(ctx context.Context) error { _, err := client.ModifyLaunchTemplate(ctx, &in); return err }
	}
	tagSpec := func(spec ec2types.LaunchTemplateTagSpecificationRequest) data {
		return data{TagSpecifications: []ec2types.LaunchTemplateTagSpecificationRequest{spec}}
	}
	const (
		unknown   = "lt-00000000000000000"
		notThere  = "At least one of the launch templates specified in the request does not exist."
		noData    = "No launch template data was provided. Launch template data is required to create a launch template."
		malformed = "InvalidTagSpecification.Malformed"
	)
	for name, test := range map[string]struct {
		call          func(context.Context) error
		code, message string
	}{
		"versions: of nothing":       {versions(ec2.DescribeLaunchTemplateVersionsInput{}), "MissingParameter", versionsWords},
		"versions: a bare number":    {versions(ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"1"}}), "InvalidParameterValue", versionsWords},
		"versions: unknown name":     {versions(ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateName: new("other")}), "InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name other, does not exist."},
		"versions: unknown id":       {versions(ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(unknown)}), "InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID " + unknown + ", does not exist."},
		"versions: id and name":      {versions(ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, LaunchTemplateName: new("web")}), "InvalidParameterCombination", "Either provide launch template ID or launch template name to modify the template."},
		"versions: unknown number":   {versions(ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateName: new("web"), Versions: []string{"9"}}), "InvalidLaunchTemplateId.VersionNotFound", "Could not find the specified version 9 for the launch template with ID " + id + "."},
		"versions: zero":             {versions(ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"0"}}), "InvalidParameterValue", "Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed."},
		"versions: and a minimum":    {versions(ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"1"}, MinVersion: new("2")}), "InvalidParameterCombination", "Minimum version filter is not applicable when given a list of versions."},
		"templates: unknown name":    {describe(ec2.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{"other"}}), "InvalidLaunchTemplateName.NotFoundException", notThere},
		"templates: unknown id":      {describe(ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{unknown}}), "InvalidLaunchTemplateId.NotFound", notThere},
		"templates: malformed id":    {describe(ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{id, "oops"}}), "InvalidLaunchTemplateId.Malformed", "The following launch template ids are malformed: oops"},
		"modify: id and name":        {modify(ec2.ModifyLaunchTemplateInput{LaunchTemplateId: new("template_n"), LaunchTemplateName: new("web"), DefaultVersion: new("2")}), "InvalidParameterCombination", "Either provide launch template ID or launch template name to modify the template."},
		"modify: unknown number":     {modify(ec2.ModifyLaunchTemplateInput{LaunchTemplateName: new("web"), DefaultVersion: new("9")}), "InvalidLaunchTemplateId.VersionNotFound", "The launch template version 9 is not found for the specified launch template."},
		"version: unknown name":      {version(ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: new("other")}), "InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name other, does not exist."},
		"version: no data":           {version(ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: new("web"), LaunchTemplateData: &data{}}), "MissingParameter", noData},
		"create: no data":            {create(data{}), "MissingParameter", noData},
		"create: nothing in it":      {create(data{Monitoring: &ec2types.LaunchTemplatesMonitoringRequest{}, KeyName: new("")}), "MissingParameter", noData},
		"create: tags of no type":    {create(tagSpec(ec2types.LaunchTemplateTagSpecificationRequest{Tags: []ec2types.Tag{{Key: new("a"), Value: new("b")}}})), malformed, "The resource type cannot be null or empty."},
		"create: a type and no tags": {create(tagSpec(ec2types.LaunchTemplateTagSpecificationRequest{ResourceType: "instance"})), malformed, "The tags cannot be null or empty."},
		"version: a type, no tags": {version(ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: new("web"), SourceVersion: new("1"),
			LaunchTemplateData: new(tagSpec(ec2types.LaunchTemplateTagSpecificationRequest{ResourceType: "instance", Tags: []ec2types.Tag{}}))}), malformed, "The tags cannot be null or empty."},
		"create: no image's id":   {create(data{ImageId: new("nonsense")}), "InvalidAMIID.Malformed", "The image ID 'nonsense' is not valid. The expected format is ami-xxxxxxxx or ami-xxxxxxxxxxxxxxxxx."},
		"create: plain user data": {create(data{UserData: new("#!/bin/sh")}), "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data."},
		"create: hops":            {create(data{MetadataOptions: &ec2types.LaunchTemplateInstanceMetadataOptionsRequest{HttpPutResponseHopLimit: new(int32(999))}}), "InvalidParameterValue", "A value of ‘999’ is not valid for http-put-response-hop-limit. Specify a value between 1 and 64, and try again."},
		"create: tags an instance": {func(ctx context.Context) error {
			_, err := client.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("new"), LaunchTemplateData: &data{InstanceType: "t3.micro"},
				TagSpecifications: tags("instance", "a", "b")})
			return err
		}, "InvalidParameterValue", "The value for the ResourceType member of the TagSpecification request parameter must be ‘launch-template’. Verify the ResourceType and try again."},
		"create: short name": {func(ctx context.Context) error {
			_, err := client.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("a"), LaunchTemplateData: &data{InstanceType: "t3.micro"}})
			return err
		}, "InvalidLaunchTemplateName.MalformedException", "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _."},
	} {
		t.Run(name, func(t *testing.T) { requireWords(t, test.call(t.Context()), test.code, test.message) })
	}
	assertOneTemplate(t, client)
}

// assertOneTemplate is true where no refused call has left something.
func assertOneTemplate(t *testing.T, client *ec2.Client) {
	t.Helper()
	out, err := client.DescribeLaunchTemplates(t.Context(), &ec2.DescribeLaunchTemplatesInput{})
	require.NoError(t, err)
	require.Len(t, out.LaunchTemplates, 1)
	assert.Equal(t, int64(3), *out.LaunchTemplates[0].LatestVersionNumber)
}

func TestTokensMismatchInAWSsWords(t *testing.T) {
	client, id := templateWorld(t)
	data := &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}
	for n := range 2 { // the second with other parameters
		differs := new(string(rune('a' + n)))
		_, create := client.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("new"), LaunchTemplateData: data, VersionDescription: differs, ClientToken: new("t")})
		_, version := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &id, LaunchTemplateData: data, VersionDescription: differs, ClientToken: new("t")})
		_, modify := client.ModifyLaunchTemplate(t.Context(), &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &id, DefaultVersion: new([]string{"1", "2"}[n]), ClientToken: new("t")})
		if n == 0 {
			require.NoError(t, errors.Join(create, version, modify))
			continue
		}
		requireWords(t, create, "IdempotentParameterMismatch", "Client token already used before.")
		requireWords(t, version, "IdempotentParameterMismatch", "Client token already used before")
		requireWords(t, modify, "IdempotentParameterMismatch", "The specified client token has already been used before.")
	}
}

// TestDefaultVersionOfLatestIsANumber: it does not follow later versions.
func TestDefaultVersionOfLatestIsANumber(t *testing.T) {
	client, id := templateWorld(t)
	moved, err := client.ModifyLaunchTemplate(t.Context(), &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &id, DefaultVersion: new("$Latest")})
	require.NoError(t, err)
	assert.Equal(t, int64(3), *moved.LaunchTemplate.DefaultVersionNumber)
	_, err = client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &id,
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}})
	require.NoError(t, err)
	got, err := client.DescribeLaunchTemplates(t.Context(), &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{id}})
	require.NoError(t, err)
	assert.Equal(t, int64(3), *got.LaunchTemplates[0].DefaultVersionNumber)
	assert.Equal(t, int64(4), *got.LaunchTemplates[0].LatestVersionNumber)
}

func TestEmptyValuesLeaveTheSourceVersionsOwn(t *testing.T) {
	client, id := templateWorld(t)
	userData := new("IyEvYmluL3No")
	_, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &id,
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro", UserData: userData, SecurityGroups: []string{"default"}}})
	require.NoError(t, err)
	for name, sent := range map[string]ec2types.RequestLaunchTemplateData{
		"nothing": {}, "empty": {UserData: new(""), SecurityGroups: []string{}},
	} {
		made, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &id, SourceVersion: new("4"), LaunchTemplateData: &sent})
		require.NoError(t, err, name)
		data := made.LaunchTemplateVersion.LaunchTemplateData
		assert.Equal(t, userData, data.UserData, name)
		assert.Equal(t, []string{"default"}, data.SecurityGroups, name)
	}
}

func TestVersionsThatAreNamedTwiceAreAnsweredTwice(t *testing.T) {
	client, id := templateWorld(t) // version 2 is the default one
	out, err := client.DescribeLaunchTemplateVersions(t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &id, Versions: []string{"2", "2", "$Default"}})
	require.NoError(t, err)
	require.Len(t, out.LaunchTemplateVersions, 3)
	for _, v := range out.LaunchTemplateVersions {
		assert.Equal(t, int64(2), *v.VersionNumber)
	}
}

func TestWarningOfAnInstanceTypeThatThereIsNot(t *testing.T) {
	client, id := templateWorld(t)
	out, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &id, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "not-real"}})
	require.NoError(t, err)
	require.Len(t, out.Warning.Errors, 1)
	assert.Equal(t, "InvalidInstanceType", *out.Warning.Errors[0].Code)
	assert.Equal(t, "The following supplied instance types do not exist: [not-real]", *out.Warning.Errors[0].Message)
}

func TestTagsOfGroupsRefuseInAWSsWords(t *testing.T) {
	cloud := awstest.Start(t)
	cloud.Region(home).Group(awstest.GroupSeed{Name: "web"})
	client := autoscaling.NewFromConfig(cloud.Config(home))
	tag := func(key string, propagate *bool, group, kind *string) astypes.Tag {
		return astypes.Tag{Key: &key, Value: new("v"), PropagateAtLaunch: propagate, ResourceId: group, ResourceType: kind}
	}
	web, kind := new("web"), new("auto-scaling-group")
	_, err := client.CreateOrUpdateTags(t.Context(), &autoscaling.CreateOrUpdateTagsInput{Tags: []astypes.Tag{
		tag("Lab", new(true), web, nil), tag("whole", new(true), web, kind), tag("Name", nil, web, kind)}})
	requireWords(t, err, "ValidationError", "Incomplete tags information for these tags. "+
		"Tag - 'Key:Lab,PropagateAtLaunch:true,ResourceId:web,ResourceType:null' , "+
		"Tag - 'Key:Name,PropagateAtLaunch:null,ResourceId:web,ResourceType:auto-scaling-group' , ")
	_, err = client.DeleteTags(t.Context(), &autoscaling.DeleteTagsInput{Tags: []astypes.Tag{tag("Lab", nil, nil, kind)}})
	requireWords(t, err, "ValidationError", "Incomplete tags information for these tags. "+
		"Tag - 'Key:Lab,PropagateAtLaunch:null,ResourceId:null,ResourceType:auto-scaling-group' , ")
	_, err = client.DeleteTags(t.Context(), &autoscaling.DeleteTagsInput{Tags: []astypes.Tag{tag("Lab", nil, web, kind)}})
	require.NoError(t, err, "a deletion goes by the key")
}

func TestRegionThatIsNamedIsAnswered(t *testing.T) {
	client := ec2.NewFromConfig(awstest.Start(t).Config(home))
	out, err := client.DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{RegionNames: []string{"me-south-1", home}})
	require.NoError(t, err)
	require.Len(t, out.Regions, 2)
	assert.Equal(t, "me-south-1", *out.Regions[1].RegionName)
	assert.Equal(t, "not-opted-in", *out.Regions[1].OptInStatus)
	all, err := client.DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{})
	require.NoError(t, err)
	for _, r := range all.Regions {
		assert.NotEqual(t, "not-opted-in", *r.OptInStatus)
	}
}
