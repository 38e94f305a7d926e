package awstest_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// codeOf is the code of an error of AWS's.
func codeOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// templateWorld is a client and a template "web" with three versions, the
// second of which is the default one.
func templateWorld(t *testing.T, opts ...awstest.Option) (*ec2.Client, string) {
	t.Helper()
	client := ec2.NewFromConfig(awstest.Start(t, opts...).Config("eu-west-1"))
	made, err := client.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new("web"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new("ami-00000001")},
		TagSpecifications: []ec2types.TagSpecification{{
			ResourceType: ec2types.ResourceTypeLaunchTemplate, Tags: []ec2types.Tag{{Key: new("team"), Value: new("a")}},
		}},
	})
	require.NoError(t, err)
	id := *made.LaunchTemplate.LaunchTemplateId
	for _, image := range []string{"ami-00000002", "ami-00000003"} {
		_, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId:   new(id),
			LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new(image)},
			VersionDescription: new("for " + image),
		})
		require.NoError(t, err)
	}
	_, err = client.ModifyLaunchTemplate(t.Context(), &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: new(id), DefaultVersion: new("2")})
	require.NoError(t, err)
	return client, id
}

func TestTemplateErrors(t *testing.T) {
	client, id := templateWorld(t)
	data := &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}
	const unknown = "lt-00000000000000000"
	create := func(in ec2.CreateLaunchTemplateInput) func(context.Context) error {
		return func(ctx context.Context) error { _, err := client.CreateLaunchTemplate(ctx, &in); return err }
	}
	version := func(in ec2.CreateLaunchTemplateVersionInput) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := client.CreateLaunchTemplateVersion(ctx, &in)
			return err
		}
	}
	describe := func(in ec2.DescribeLaunchTemplatesInput) func(context.Context) error {
		return func(ctx context.Context) error { _, err := client.DescribeLaunchTemplates(ctx, &in); return err }
	}
	versions := func(in ec2.DescribeLaunchTemplateVersionsInput) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := client.DescribeLaunchTemplateVersions(ctx, &in)
			return err
		}
	}
	modify := func(in ec2.ModifyLaunchTemplateInput) func(context.Context) error {
		return func(ctx context.Context) error { _, err := client.ModifyLaunchTemplate(ctx, &in); return err }
	}
	for name, test := range map[string]struct {
		call func(context.Context) error
		code string
	}{
		"name taken":            {create(ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("web"), LaunchTemplateData: data}), "InvalidLaunchTemplateName.AlreadyExistsException"},
		"name with a space":     {create(ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("my web"), LaunchTemplateData: data}), "InvalidLaunchTemplateName.MalformedException"},
		"name too short":        {create(ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("we"), LaunchTemplateData: data}), "InvalidLaunchTemplateName.MalformedException"},
		"no data":               {create(ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("new"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{}}), "MissingParameter"},
		"tags on an instance":   {create(ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("new"), LaunchTemplateData: data, TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeInstance}}}), "InvalidParameterValue"},
		"long description":      {create(ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("new"), LaunchTemplateData: data, VersionDescription: new(string(make([]byte, 256)))}), "InvalidParameterValue"},
		"dry run":               {create(ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("new"), LaunchTemplateData: data, DryRun: new(true)}), "DryRunOperation"},
		"version: unknown id":   {version(ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: new(unknown), LaunchTemplateData: data}), "InvalidLaunchTemplateId.NotFound"},
		"version: unknown name": {version(ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: new("other"), LaunchTemplateData: data}), "InvalidLaunchTemplateName.NotFoundException"},
		"version: bad id":       {version(ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: new("web"), LaunchTemplateData: data}), "InvalidLaunchTemplateId.Malformed"},
		"version: id and name":  {version(ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: new(id), LaunchTemplateName: new("web"), LaunchTemplateData: data}), "InvalidParameterCombination"},
		"version: neither":      {version(ec2.CreateLaunchTemplateVersionInput{LaunchTemplateData: data}), "MissingParameter"},
		"version: no source":    {version(ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: new(id), LaunchTemplateData: data, SourceVersion: new("4")}), "InvalidLaunchTemplateId.VersionNotFound"},
		"version: bad source":   {version(ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: new(id), LaunchTemplateData: data, SourceVersion: new("latest")}), "InvalidParameterValue"},
		"describe: unknown id":  {describe(ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{id, unknown}}), "InvalidLaunchTemplateId.NotFound"},
		"describe: name":        {describe(ec2.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{"other"}}), "InvalidLaunchTemplateName.NotFoundException"},
		"describe: filter":      {describe(ec2.DescribeLaunchTemplatesInput{Filters: []ec2types.Filter{{Name: new("image-id")}}}), "InvalidParameterValue"},
		"describe: page of 201": {describe(ec2.DescribeLaunchTemplatesInput{MaxResults: new(int32(201))}), "InvalidParameterValue"},
		"describe: token":       {describe(ec2.DescribeLaunchTemplatesInput{NextToken: new("x")}), "InvalidNextToken"},
		"versions: unknown":     {versions(ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(id), Versions: []string{"1", "9"}}), "InvalidLaunchTemplateId.VersionNotFound"},
		"versions: by name":     {versions(ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateName: new("web"), Versions: []string{"9"}}), "InvalidLaunchTemplateId.VersionNotFound"},
		"versions: nothing":     {versions(ec2.DescribeLaunchTemplateVersionsInput{}), "MissingParameter"},
		"versions: both":        {versions(ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(id), LaunchTemplateName: new("web")}), "InvalidParameterCombination"},
		"versions: number only": {versions(ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"1"}}), "InvalidParameterValue"},
		"versions: and range":   {versions(ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(id), Versions: []string{"1"}, MinVersion: new("1")}), "InvalidParameterCombination"},
		"modify: unknown":       {modify(ec2.ModifyLaunchTemplateInput{LaunchTemplateId: new(id), DefaultVersion: new("9")}), "InvalidLaunchTemplateId.VersionNotFound"},
		"modify: nothing":       {modify(ec2.ModifyLaunchTemplateInput{LaunchTemplateId: new(id)}), "MissingParameter"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.call(t.Context())
			assert.Equal(t, test.code, codeOf(err), "%v", err)
		})
	}
}

func TestTemplateVersionsAreChosen(t *testing.T) {
	client, id := templateWorld(t, awstest.WithPageSize(1))
	for name, test := range map[string]struct {
		in   ec2.DescribeLaunchTemplateVersionsInput
		want []int64
	}{
		"all, newest first":  {ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(id)}, []int64{3, 2, 1}},
		"by name":            {ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateName: new("web")}, []int64{3, 2, 1}},
		"a word and numbers": {ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(id), Versions: []string{"1", "$Latest", "3"}}, []int64{3, 3, 1}},
		"default":            {ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(id), Versions: []string{"$Default"}}, []int64{2}},
		"range":              {ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(id), MinVersion: new("2"), MaxVersion: new("2")}, []int64{2}},
		"latest of all":      {ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Latest"}}, []int64{3}},
		"both of all":        {ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Default", "$Latest"}}, []int64{3, 2}},
		"by image":           {ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(id), Filters: []ec2types.Filter{{Name: new("image-id"), Values: []string{"ami-00000001", "ami-00000003"}}}}, []int64{3, 1}},
		"not the default":    {ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(id), Filters: []ec2types.Filter{{Name: new("is-default-version"), Values: []string{"false"}}}}, []int64{3, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int64
			pages := ec2.NewDescribeLaunchTemplateVersionsPaginator(client, &test.in)
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				require.NoError(t, err)
				for _, v := range page.LaunchTemplateVersions {
					got = append(got, *v.VersionNumber)
					assert.Equal(t, *v.VersionNumber == 2, *v.DefaultVersion)
				}
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestTemplateIsFoundByTagAndName(t *testing.T) {
	client, id := templateWorld(t)
	for name, value := range map[string]string{"tag:team": "a", "tag-key": "te*", "launch-template-name": "web"} {
		out, err := client.DescribeLaunchTemplates(t.Context(), &ec2.DescribeLaunchTemplatesInput{
			Filters: []ec2types.Filter{{Name: new(name), Values: []string{value}}},
		})
		require.NoError(t, err)
		require.Len(t, out.LaunchTemplates, 1, name)
		assert.Equal(t, id, *out.LaunchTemplates[0].LaunchTemplateId)
		assert.Equal(t, int64(3), *out.LaunchTemplates[0].LatestVersionNumber)
		assert.Equal(t, int64(2), *out.LaunchTemplates[0].DefaultVersionNumber)
	}
}

func TestVersionInheritsFromItsSource(t *testing.T) {
	client, id := templateWorld(t)
	base, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: new(id),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
			ImageId: new("ami-00000004"), InstanceType: "t3.micro", SecurityGroupIds: []string{"sg-1", "sg-2"},
			BlockDeviceMappings: []ec2types.LaunchTemplateBlockDeviceMappingRequest{{
				DeviceName: new("/dev/sdb"),
				Ebs:        &ec2types.LaunchTemplateEbsBlockDeviceRequest{SnapshotId: new("snap-1"), VolumeSize: new(int32(20))},
			}},
		},
	})
	require.NoError(t, err)

	next, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: new(id), SourceVersion: new("$Latest"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new("ami-00000005"), SecurityGroupIds: []string{"sg-3"}},
	})
	require.NoError(t, err)

	got := next.LaunchTemplateVersion.LaunchTemplateData
	assert.Equal(t, "ami-00000005", *got.ImageId, "sent")
	assert.Equal(t, []string{"sg-3"}, got.SecurityGroupIds, "a list is replaced as a whole")
	assert.Equal(t, ec2types.InstanceType("t3.micro"), got.InstanceType, "inherited")
	require.Len(t, got.BlockDeviceMappings, 1)
	assert.Equal(t, "snap-1", *got.BlockDeviceMappings[0].Ebs.SnapshotId, "a snapshot is inherited as well: see Unconfirmed.DropSnapshots")
	assert.Equal(t, int32(20), *got.BlockDeviceMappings[0].Ebs.VolumeSize)
	assert.Equal(t, "snap-1", *base.LaunchTemplateVersion.LaunchTemplateData.BlockDeviceMappings[0].Ebs.SnapshotId, "the source keeps its own")

	plain, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: new(id), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{KeyName: new("default")},
	})
	require.NoError(t, err)
	assert.Equal(t, &ec2types.ResponseLaunchTemplateData{KeyName: new("default")}, plain.LaunchTemplateVersion.LaunchTemplateData)
	assert.Equal(t, int64(6), *plain.LaunchTemplateVersion.VersionNumber)
}

func TestEveryFieldOfTemplateDataSurvives(t *testing.T) {
	client, id := templateWorld(t)
	var data ec2types.RequestLaunchTemplateData
	fill(reflect.ValueOf(&data).Elem())
	data.ImageId, data.UserData = new("ami-text"), new("dGV4dA==") // EC2 looks at these

	_, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: new(id), LaunchTemplateData: &data})
	require.NoError(t, err)
	out, err := client.DescribeLaunchTemplateVersions(t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: new(id), Versions: []string{"$Latest"},
	})
	require.NoError(t, err)

	same(t, "", reflect.ValueOf(data), reflect.ValueOf(*out.LaunchTemplateVersions[0].LaunchTemplateData))
}

// fill sets everything that can be set.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	}
}

// same compares two structures by the names of their fields.
func same(t *testing.T, path string, want, got reflect.Value) {
	t.Helper()
	switch want.Kind() {
	case reflect.Pointer:
		if assert.False(t, got.IsNil(), path) {
			same(t, path, want.Elem(), got.Elem())
		}
	case reflect.Slice:
		if assert.Equal(t, want.Len(), got.Len(), path) {
			for i := range want.Len() {
				same(t, path, want.Index(i), got.Index(i))
			}
		}
	case reflect.Struct:
		for f := range want.Type().Fields() {
			if f.IsExported() {
				same(t, path+"."+f.Name, want.FieldByIndex(f.Index), got.FieldByName(f.Name))
			}
		}
	default:
		assert.EqualValues(t, want.Interface(), got.Convert(want.Type()).Interface(), path)
	}
}

func TestTemplateTokens(t *testing.T) {
	client, _ := templateWorld(t)
	in := &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new("second"), ClientToken: new("once"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new("ami-00000001")},
	}
	first, err := client.CreateLaunchTemplate(t.Context(), in)
	require.NoError(t, err)
	again, err := client.CreateLaunchTemplate(t.Context(), in)
	require.NoError(t, err)
	assert.Equal(t, first.LaunchTemplate.LaunchTemplateId, again.LaunchTemplate.LaunchTemplateId)

	in.LaunchTemplateData.ImageId = new("ami-00000002")
	_, err = client.CreateLaunchTemplate(t.Context(), in)
	assert.Equal(t, "IdempotentParameterMismatch", codeOf(err))

	version := &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateName: new("second"), ClientToken: new("once"), // the same token for another operation is another token
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new("ami-00000002")},
	}
	for range 2 {
		out, err := client.CreateLaunchTemplateVersion(t.Context(), version)
		require.NoError(t, err)
		assert.Equal(t, int64(2), *out.LaunchTemplateVersion.VersionNumber)
	}
	version.ClientToken = nil // the SDK makes one
	out, err := client.CreateLaunchTemplateVersion(t.Context(), version)
	require.NoError(t, err)
	assert.Equal(t, int64(3), *out.LaunchTemplateVersion.VersionNumber)
}

func TestTemplateThatCannotLaunchIsAWarning(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	out, err := client.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new("web"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new("ami-0123456789abcdef0"), InstanceType: "t3.micro"},
	})
	require.NoError(t, err)
	require.NotNil(t, out.Warning)
	assert.Equal(t, "InvalidAMIID.NotFound", aws.ToString(out.Warning.Errors[0].Code))

	out, err = client.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new("good"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
			ImageId: new(cloud.Region("eu-west-1").PublicImage("base")), InstanceType: "t3.micro",
		},
	})
	require.NoError(t, err)
	assert.Nil(t, out.Warning)
}

// A token repeats what it made: with the image resolved when that was asked for,
// and never a version of another template that has the name now.
func TestTokenOfAVersion(t *testing.T) {
	cloud := awstest.Start(t)
	client, id := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home).PublicImage("base")
	_, err := ssm.NewFromConfig(cloud.Config(home)).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: new("golden"), Value: &id, Type: "String", DataType: new("aws:ec2:image")})
	require.NoError(t, err)
	version := func(token string) *ec2types.LaunchTemplateVersion {
		out, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateName: new("web"), ClientToken: &token, ResolveAlias: new(true), VersionDescription: new(token[:1]),
			LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new("resolve:ssm:golden")},
		})
		require.NoError(t, err)
		return out.LaunchTemplateVersion
	}
	_, err = client.CreateLaunchTemplate(t.Context(), templateInput("web"))
	require.NoError(t, err)
	first, again := version("a"), version("a")
	assert.Equal(t, int64(2), *again.VersionNumber)
	assert.Equal(t, id, *first.LaunchTemplateData.ImageId)
	assert.Equal(t, id, *again.LaunchTemplateData.ImageId)

	_, err = client.DeleteLaunchTemplate(t.Context(), &ec2.DeleteLaunchTemplateInput{LaunchTemplateName: new("web")})
	require.NoError(t, err)
	_, err = client.CreateLaunchTemplate(t.Context(), templateInput("web"))
	require.NoError(t, err)
	assert.Equal(t, int64(2), *version("b").VersionNumber)
	assert.Equal(t, int64(3), *version("a").VersionNumber, "not the one that token b has made here")
}

// TestSnapshotsOfASourceAreDroppedWhereThatIsChosen: AWS documents it, and has been
// seen to do the other.
func TestSnapshotsOfASourceAreDroppedWhereThatIsChosen(t *testing.T) {
	client, id := templateWorld(t, awstest.WithUnconfirmed(awstest.Unconfirmed{DropSnapshots: true}))
	pinned := []ec2types.LaunchTemplateBlockDeviceMappingRequest{{DeviceName: new("/dev/sdb"), Ebs: &ec2types.LaunchTemplateEbsBlockDeviceRequest{SnapshotId: new("snap-1")}}}
	made, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &id,
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{BlockDeviceMappings: pinned}})
	require.NoError(t, err)
	next, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &id,
		SourceVersion: new("$Latest"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}})
	require.NoError(t, err)
	assert.Equal(t, "snap-1", *made.LaunchTemplateVersion.LaunchTemplateData.BlockDeviceMappings[0].Ebs.SnapshotId)
	assert.Nil(t, next.LaunchTemplateVersion.LaunchTemplateData.BlockDeviceMappings[0].Ebs.SnapshotId)
}
