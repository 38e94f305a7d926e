package awstest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func putInput(name, value string) *ssm.PutParameterInput {
	return &ssm.PutParameterInput{Name: &name, Value: &value, Type: ssmtypes.ParameterTypeString}
}

func TestParameterVersionsAndLabels(t *testing.T) {
	client := ssm.NewFromConfig(awstest.Start(t).Config(home))
	for n := range 3 {
		in := putInput("/app/ami", fmt.Sprint("value-", n+1))
		in.Overwrite = new(n > 0)
		out, err := client.PutParameter(t.Context(), in)
		require.NoError(t, err)
		assert.Equal(t, int64(n+1), out.Version)
	}
	_, err := client.LabelParameterVersion(t.Context(), &ssm.LabelParameterVersionInput{
		Name: new("/app/ami"), Labels: []string{"stable", "1st"}, ParameterVersion: new(int64(2)),
	})
	require.NoError(t, err)
	for asked, want := range map[string]string{
		"/app/ami": "value-3", "/app/ami:1": "value-1", "/app/ami:stable": "value-2",
		"arn:aws:ssm:eu-west-1:123456789012:parameter/app/ami":   "value-3",
		"arn:aws:ssm:eu-west-1:123456789012:parameter/app/ami:2": "value-2",
	} {
		got, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &asked})
		if assert.NoError(t, err, asked) {
			assert.Equal(t, want, *got.Parameter.Value, asked)
		}
	}
	moved, err := client.LabelParameterVersion(t.Context(), &ssm.LabelParameterVersionInput{
		Name: new("/app/ami"), Labels: []string{"stable", "aws-x"},
	})
	require.NoError(t, err)
	assert.Equal(t, int64(3), moved.ParameterVersion)
	assert.Equal(t, []string{"aws-x"}, moved.InvalidLabels)
	got, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("/app/ami:stable")})
	require.NoError(t, err)
	assert.Equal(t, int64(3), got.Parameter.Version)
	assert.Equal(t, ":stable", *got.Parameter.Selector)

	for _, labels := range [][]string{{}, make([]string, 11)} {
		_, err = client.LabelParameterVersion(t.Context(), &ssm.LabelParameterVersionInput{Name: new("/app/ami"), Labels: labels})
		assert.Equal(t, "ValidationException", codeOf(err), "one to ten labels a call")
	}
	_, err = client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("/app/ami:7")})
	assert.ErrorAs(t, err, new(*ssmtypes.ParameterVersionNotFound))
	_, err = client.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: new("/app/ami")})
	require.NoError(t, err)
	_, err = client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("/app/ami")})
	assert.ErrorAs(t, err, new(*ssmtypes.ParameterNotFound))
	_, err = client.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: new("/app/ami")})
	assert.ErrorAs(t, err, new(*ssmtypes.ParameterNotFound))
}

func TestPutParameterRefuses(t *testing.T) {
	cloud := awstest.Start(t)
	client := ssm.NewFromConfig(cloud.Config(home))
	in := putInput("/app/there", "a")
	in.Tier = ssmtypes.ParameterTierAdvanced
	_, err := client.PutParameter(t.Context(), in)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		change func(*ssm.PutParameterInput)
		code   string
	}{
		"exists": {func(in *ssm.PutParameterInput) { in.Name = new("/app/there") }, "ParameterAlreadyExists"},
		"other type": {func(in *ssm.PutParameterInput) {
			in.Name, in.Overwrite, in.Type = new("/app/there"), new(true), "StringList"
		}, "HierarchyTypeMismatchException"},
		"downgrade": {func(in *ssm.PutParameterInput) {
			in.Name, in.Overwrite, in.Tier = new("/app/there"), new(true), "Standard"
		}, "ValidationException"},
		"tagged overwrite": {func(in *ssm.PutParameterInput) {
			in.Name, in.Overwrite, in.Tags = new("/app/there"), new(true), []ssmtypes.Tag{{Key: new("a"), Value: new("b")}}
		}, "ValidationException"},
		"no type":         {func(in *ssm.PutParameterInput) { in.Type = "" }, "ValidationException"},
		"odd type":        {func(in *ssm.PutParameterInput) { in.Type = "Number" }, "UnsupportedParameterType"},
		"aws name":        {func(in *ssm.PutParameterInput) { in.Name = new("/AWSlimits/x") }, "AccessDeniedException"},
		"ssm name":        {func(in *ssm.PutParameterInput) { in.Name = new("SSM-x") }, "ValidationException"},
		"inner space":     {func(in *ssm.PutParameterInput) { in.Name = new("/a b") }, "ValidationException"},
		"unqualified":     {func(in *ssm.PutParameterInput) { in.Name = new("a/b") }, "ValidationException"},
		"trailing slash":  {func(in *ssm.PutParameterInput) { in.Name = new("/a/") }, "ValidationException"},
		"empty level":     {func(in *ssm.PutParameterInput) { in.Name = new("/a//b") }, "ValidationException"},
		"too deep":        {func(in *ssm.PutParameterInput) { in.Name = new(strings.Repeat("/a", 16)) }, "HierarchyLevelLimitExceededException"},
		"too long a name": {func(in *ssm.PutParameterInput) { in.Name = new(strings.Repeat("a", 1012)) }, "ValidationException"},
		"empty":           {func(in *ssm.PutParameterInput) { in.Value = new("") }, "ValidationException"},
		"too big":         {func(in *ssm.PutParameterInput) { in.Value = new(strings.Repeat("a", 4097)) }, "ValidationException"},
		"odd data type":   {func(in *ssm.PutParameterInput) { in.DataType = new("image") }, "ValidationException"},
		"image list":      {func(in *ssm.PutParameterInput) { in.DataType, in.Type = new("aws:ec2:image"), "StringList" }, "ValidationException"},
		"pattern":         {func(in *ssm.PutParameterInput) { in.AllowedPattern = new(`^\d+$`) }, "ParameterPatternMismatchException"},
		"bad pattern":     {func(in *ssm.PutParameterInput) { in.AllowedPattern = new(`(`) }, "InvalidAllowedPatternException"},
	} {
		t.Run(name, func(t *testing.T) {
			in := putInput("/app/new", "value")
			test.change(in)
			_, err := client.PutParameter(t.Context(), in)
			assert.Equal(t, test.code, codeOf(err))
		})
	}
	assert.Len(t, cloud.Region(home).Parameters(), 1, "nothing was stored")
}

func TestParameterIsStoredAsPut(t *testing.T) {
	cloud := awstest.Start(t)
	client := ssm.NewFromConfig(cloud.Config(home))
	in := putInput(" /app/secret ", "s3cret")
	in.Type, in.Description, in.Tier = ssmtypes.ParameterTypeSecureString, new("a secret"), ssmtypes.ParameterTierIntelligentTiering
	in.Tags = []ssmtypes.Tag{{Key: new("team"), Value: new("web")}}
	_, err := client.PutParameter(t.Context(), in)
	require.NoError(t, err)
	assert.Equal(t, []awstest.Parameter{{
		Name: "/app/secret", Type: "SecureString", DataType: "text", Value: "s3cret", Version: 1, Tier: "Standard",
		Description: "a secret", Tags: map[string]string{"team": "web"}, Labels: map[string]int64{},
	}}, cloud.Region(home).Parameters())
	sealed, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("/app/secret")})
	require.NoError(t, err)
	assert.NotContains(t, *sealed.Parameter.Value, "s3cret")
	open, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("/app/secret"), WithDecryption: new(true)})
	require.NoError(t, err)
	assert.Equal(t, "s3cret", *open.Parameter.Value)
}

func TestOldestVersionGivesWayUnlessLabelled(t *testing.T) {
	client := ssm.NewFromConfig(awstest.Start(t).Config(home))
	put := func() error {
		in := putInput("/app/n", "v")
		in.Overwrite = new(true)
		_, err := client.PutParameter(t.Context(), in)
		return err
	}
	for range 101 {
		require.NoError(t, put())
	}
	_, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("/app/n:1")})
	assert.ErrorAs(t, err, new(*ssmtypes.ParameterVersionNotFound))
	_, err = client.LabelParameterVersion(t.Context(), &ssm.LabelParameterVersionInput{
		Name: new("/app/n"), Labels: []string{"keep"}, ParameterVersion: new(int64(2)),
	})
	require.NoError(t, err)
	assert.ErrorAs(t, put(), new(*ssmtypes.ParameterMaxVersionLimitExceeded))
}

func TestImageParameterIsCheckedAfterTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{ParameterCheck: time.Minute}))
		client := ssm.NewFromConfig(cloud.Config(home))
		region := cloud.Region(home)
		good, better := region.OwnImage(awstest.ImageSeed{Name: "good"}), region.OwnImage(awstest.ImageSeed{Name: "better"})
		put := func(value string) error {
			in := putInput("/app/ami", value)
			in.DataType, in.Overwrite = new("aws:ec2:image"), new(true)
			_, err := client.PutParameter(t.Context(), in)
			return err
		}
		value := func() string {
			out, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("/app/ami")})
			if _, unknown := errors.AsType[*ssmtypes.ParameterNotFound](err); unknown {
				return ""
			}
			require.NoError(t, err)
			return *out.Parameter.Value
		}

		require.NoError(t, put("ami-0123456789abcdef0"), "no image, and no error")
		assert.ErrorAs(t, put(good), new(*ssmtypes.TooManyUpdates))
		time.Sleep(time.Minute)
		assert.Empty(t, value(), "never stored")

		require.NoError(t, put(good))
		time.Sleep(time.Minute - 1)
		assert.Empty(t, value())
		time.Sleep(time.Nanosecond)
		assert.Equal(t, good, value())

		require.NoError(t, put(better))
		assert.Equal(t, good, value(), "the old value holds while the new one is checked")
		time.Sleep(time.Minute)
		assert.Equal(t, better, value())
		require.NoError(t, put("no-image"))
		time.Sleep(time.Minute)
		assert.Equal(t, better, value())
		assert.Equal(t, int64(2), region.Parameters()[0].Version)
	})
}

func TestParametersByPath(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithPageSize(2))
	client := ssm.NewFromConfig(cloud.Config(home))
	for _, name := range []string{"/a/1", "/a/2", "/a/b/3", "/a/b/4", "/ab", "/c"} {
		_, err := client.PutParameter(t.Context(), putInput(name, "v"))
		require.NoError(t, err)
	}
	_, err := client.LabelParameterVersion(t.Context(), &ssm.LabelParameterVersionInput{Name: new("/a/2"), Labels: []string{"live"}})
	require.NoError(t, err)
	names := func(in ssm.GetParametersByPathInput) (out []string) {
		for p := ssm.NewGetParametersByPathPaginator(client, &in); p.HasMorePages(); {
			page, err := p.NextPage(t.Context())
			require.NoError(t, err)
			assert.LessOrEqual(t, len(page.Parameters), 2)
			for _, p := range page.Parameters {
				out = append(out, *p.Name)
			}
		}
		return out
	}
	assert.Equal(t, []string{"/a/1", "/a/2"}, names(ssm.GetParametersByPathInput{Path: new("/a")}))
	assert.Equal(t, []string{"/a/1", "/a/2", "/a/b/3", "/a/b/4"}, names(ssm.GetParametersByPathInput{Path: new("/a/"), Recursive: new(true)}))
	assert.Equal(t, []string{"/ab", "/c"}, names(ssm.GetParametersByPathInput{Path: new("/")}))
	assert.Equal(t, []string{"/a/2"}, names(ssm.GetParametersByPathInput{Path: new("/a"), ParameterFilters: []ssmtypes.ParameterStringFilter{
		{Key: new("Label"), Values: []string{"live"}}, {Key: new("Type"), Option: new("BeginsWith"), Values: []string{"Str"}},
	}}))
	public := names(ssm.GetParametersByPathInput{Path: new("/aws/service/ami-amazon-linux-latest")})
	assert.Contains(t, public, "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")

	for code, in := range map[string]ssm.GetParametersByPathInput{
		"ValidationException": {Path: new("a")},
		"InvalidFilterKey":    {Path: new("/a"), ParameterFilters: []ssmtypes.ParameterStringFilter{{Key: new("Name"), Values: []string{"x"}}}},
		"InvalidFilterOption": {Path: new("/a"), ParameterFilters: []ssmtypes.ParameterStringFilter{{Key: new("Label"), Option: new("BeginsWith"), Values: []string{"x"}}}},
		"InvalidFilterValue":  {Path: new("/a"), ParameterFilters: []ssmtypes.ParameterStringFilter{{Key: new("Label")}}},
		"InvalidNextToken":    {Path: new("/a"), NextToken: new("x")},
	} {
		_, err := client.GetParametersByPath(t.Context(), &in)
		assert.Equal(t, code, codeOf(err))
	}
}

func TestGetParametersSortsAndTellsTheUnknown(t *testing.T) {
	client := ssm.NewFromConfig(awstest.Start(t).Config(home))
	for _, name := range []string{"/b", "/a"} {
		_, err := client.PutParameter(t.Context(), putInput(name, "v"))
		require.NoError(t, err)
	}
	out, err := client.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"/b", "/x", "/a", "/a:9"}})
	require.NoError(t, err)
	require.Len(t, out.Parameters, 2)
	assert.Equal(t, "/a", *out.Parameters[0].Name)
	assert.Equal(t, []string{"/a:9", "/x"}, out.InvalidParameters)
	_, err = client.GetParameters(t.Context(), &ssm.GetParametersInput{Names: make([]string, 11)})
	assert.Equal(t, "ValidationException", codeOf(err))

	gone, err := client.DeleteParameters(t.Context(), &ssm.DeleteParametersInput{Names: []string{"/a", "/x"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"/a"}, gone.DeletedParameters)
	assert.Equal(t, []string{"/x"}, gone.InvalidParameters)
}

func TestLaunchFromParameter(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithUnconfirmed(awstest.Unconfirmed{UnresolvedParameter: "Odd"}))
	region, client := cloud.Region(home), ec2.NewFromConfig(cloud.Config(home))
	params := ssm.NewFromConfig(cloud.Config(home))
	first, second := region.OwnImage(awstest.ImageSeed{Name: "first"}), region.OwnImage(awstest.ImageSeed{Name: "second"})
	for _, id := range []string{first, second} {
		in := putInput("/app/ami", id)
		in.DataType, in.Overwrite = new("aws:ec2:image"), new(true)
		_, err := params.PutParameter(t.Context(), in)
		require.NoError(t, err)
	}
	_, err := params.LabelParameterVersion(t.Context(), &ssm.LabelParameterVersionInput{Name: new("/app/ami"), Labels: []string{"old"}, ParameterVersion: new(int64(1))})
	require.NoError(t, err)
	_, err = params.PutParameter(t.Context(), putInput("/app/text", first))
	require.NoError(t, err)
	launch := func(image string) (string, error) {
		out, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{
			ImageId: &image, InstanceType: "t3.micro", MinCount: new(int32(1)), MaxCount: new(int32(1)),
		})
		if err != nil {
			return "", err
		}
		return *out.Instances[0].ImageId, nil
	}
	for asked, want := range map[string]string{
		"resolve:ssm:/app/ami": second, "resolve:ssm:/app/ami:1": first, "resolve:ssm:/app/ami:old": first,
		"resolve:ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/app/ami:2": second,
	} {
		got, err := launch(asked)
		require.NoError(t, err, asked)
		assert.Equal(t, want, got, asked)
	}
	_, err = launch("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")
	require.NoError(t, err)
	for _, asked := range []string{"resolve:ssm:/app/none", "resolve:ssm:/app/ami:9", "resolve:ssm:/app/text"} {
		_, err = launch(asked)
		assert.Equal(t, "Odd", codeOf(err), asked)
	}

	made, err := client.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new("web"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new("resolve:ssm:/app/ami"), InstanceType: "t3.micro"},
	})
	require.NoError(t, err)
	assert.Nil(t, made.Warning)
	version, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateName: new("web"), SourceVersion: new("1"), ResolveAlias: new(true),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.small"},
	})
	require.NoError(t, err)
	assert.Equal(t, second, *version.LaunchTemplateVersion.LaunchTemplateData.ImageId)
	for resolve, want := range map[bool]string{true: second, false: "resolve:ssm:/app/ami"} {
		out, err := client.DescribeLaunchTemplateVersions(t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{
			LaunchTemplateName: new("web"), Versions: []string{"1"}, ResolveAlias: &resolve,
		})
		require.NoError(t, err)
		assert.Equal(t, want, *out.LaunchTemplateVersions[0].LaunchTemplateData.ImageId)
	}
}

func TestSharedParameterIsReadByItsARN(t *testing.T) {
	cloud := awstest.Start(t)
	owner := ssm.NewFromConfig(cloud.Account(stranger).Config(home))
	in := putInput("/golden/ami", "v")
	in.Tier = ssmtypes.ParameterTierAdvanced
	_, err := owner.PutParameter(t.Context(), in)
	require.NoError(t, err)
	reader := ssm.NewFromConfig(cloud.Config(home))
	arn := "arn:aws:ssm:" + home + ":" + stranger + ":parameter/golden/ami"
	_, err = reader.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &arn})
	assert.ErrorAs(t, err, new(*ssmtypes.ParameterNotFound))
	cloud.Account(stranger).Region(home).ShareParameter("/golden/ami", awstest.DefaultAccount)
	out, err := reader.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &arn})
	require.NoError(t, err)
	assert.Equal(t, arn, *out.Parameter.ARN)
}
