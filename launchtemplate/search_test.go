package launchtemplate_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// parameter lets a Systems Manager parameter stand for an image.
func parameter(t *testing.T, cloud *awstest.Cloud, name, imageID string) {
	t.Helper()
	_, err := ssm.NewFromConfig(cloud.Config(home)).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: &name, Value: &imageID, Type: ssmtypes.ParameterTypeString, DataType: new("aws:ec2:image"), Overwrite: new(true),
	})
	require.NoError(t, err)
}

func withImage(id string) *types.RequestLaunchTemplateData {
	return &types.RequestLaunchTemplateData{ImageId: &id}
}

func TestResolveImage(t *testing.T) {
	cloud, client := start(t)
	one, two := *image(t, cloud, awstest.ImageSeed{Name: "one"}).ImageId, *image(t, cloud, awstest.ImageSeed{Name: "two"}).ImageId
	parameter(t, cloud, "/golden", one)
	alias := template(t, client, "alias", withImage("resolve:ssm:/golden"))
	plain := template(t, client, "plain", withImage(one))
	none := template(t, client, "none", &types.RequestLaunchTemplateData{InstanceType: types.InstanceTypeT3Micro})
	gone := template(t, client, "gone", withImage("resolve:ssm:/gone"))

	for _, want := range []string{one, two} {
		parameter(t, cloud, "/golden", want)
		cloud.ForgetCalls()
		got, err := launchtemplate.ResolveImage(t.Context(), client, alias, "$Latest")
		require.NoError(t, err)
		assert.Equal(t, want, got.ID)
		assert.Equal(t, "resolve:ssm:/golden", got.Alias)
		assert.Equal(t, "resolve:ssm:/golden", got.Version.ImageID)
		assert.Len(t, cloud.Calls(), 2)
	}
	cloud.ForgetCalls()
	got, err := launchtemplate.ResolveImage(t.Context(), client, plain, "1")
	require.NoError(t, err)
	assert.Equal(t, one, got.ID)
	assert.Empty(t, got.Alias)
	assert.Len(t, cloud.Calls(), 1)

	got, err = launchtemplate.ResolveImage(t.Context(), client, none, "1")
	require.NoError(t, err)
	assert.Empty(t, got.ID)

	_, err = launchtemplate.ResolveImage(t.Context(), client, gone, "1")
	require.ErrorIs(t, err, launchtemplate.ErrUnresolvedAlias)
	assert.Equal(t, "version 1 has resolve:ssm:/gone", failure(t, err).Reason)
	assert.Equal(t, gone.ID, failure(t, err).ID)
	for _, bad := range []launchtemplate.Ref{{}, {Name: "nobody"}} {
		_, err = launchtemplate.ResolveImage(t.Context(), client, bad, "1")
		assert.Equal(t, "launchtemplate.ResolveImage", failure(t, err).Op)
	}
}

func TestResolveImageFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			code string
			is   error
		}{
			{"ExpiredToken", launchtemplate.ErrCredentialsExpired},
			{"InvalidLaunchTemplateId.VersionNotFound", launchtemplate.ErrNotFound},
			{"UnauthorizedOperation", launchtemplate.ErrUnresolvedAlias}, // no right to read the parameter
		} {
			cloud, client := start(t)
			ref := template(t, client, "alias", withImage("resolve:ssm:/golden"))
			cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeLaunchTemplateVersions"}, 2, tt.code, "no"))
			_, err := launchtemplate.ResolveImage(t.Context(), client, ref, "1")
			assert.ErrorIs(t, err, tt.is)
			assert.ErrorContains(t, err, tt.code)
		}
	})
}

func TestResolveImageFromAnEndpointThatKnowsNoAliases(t *testing.T) {
	cloud, client := start(t)
	ref := template(t, client, "alias", withImage("resolve:ssm:/golden"))
	parameter(t, cloud, "/golden", *image(t, cloud, awstest.ImageSeed{Name: "one"}).ImageId)
	cloud.Inject(alter("DescribeLaunchTemplateVersions", 2, func(out *ec2.DescribeLaunchTemplateVersionsOutput) {
		out.LaunchTemplateVersions[0].LaunchTemplateData.ImageId = new("resolve:ssm:/golden")
	}))
	_, err := launchtemplate.ResolveImage(t.Context(), client, ref, "1")
	assert.ErrorIs(t, err, launchtemplate.ErrUnresolvedAlias)
}

func TestDescribe(t *testing.T) {
	cloud, ref, client := three(t)
	for _, r := range []launchtemplate.Ref{ref, {Name: "web"}} {
		got, err := launchtemplate.Describe(t.Context(), client, r)
		require.NoError(t, err)
		assert.Equal(t, ref, got.Ref())
		assert.Equal(t, "web", got.Name)
		assert.Equal(t, int64(2), got.Default)
		assert.Equal(t, int64(3), got.Latest)
		assert.NotEmpty(t, got.CreatedBy)
		assert.WithinDuration(t, time.Now(), got.Created, time.Minute)
	}
	made, err := launchtemplate.Create(t.Context(), client, launchtemplate.CreateInput{
		Name: "tagged", Data: withImage("ami-00000001"), Tags: map[string]string{"team": "a"},
	})
	require.NoError(t, err)
	got, err := launchtemplate.Describe(t.Context(), client, launchtemplate.Ref{ID: made.TemplateID})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"team": "a"}, got.Tags)

	for r, is := range map[launchtemplate.Ref]error{{}: launchtemplate.ErrInvalidInput, {Name: "nobody"}: launchtemplate.ErrNotFound} {
		_, err := launchtemplate.Describe(t.Context(), client, r)
		assert.ErrorIs(t, err, is)
	}
	cloud.Inject(alter("DescribeLaunchTemplates", 1, func(out *ec2.DescribeLaunchTemplatesOutput) { out.LaunchTemplates = nil }))
	_, err = launchtemplate.Describe(t.Context(), client, ref)
	assert.ErrorIs(t, err, launchtemplate.ErrNotFound, "an empty answer is none")
}

func TestAll(t *testing.T) {
	cloud, client := start(t, awstest.WithPageSize(1))
	for _, name := range []string{"one", "two", "three"} {
		template(t, client, name, withImage("ami-00000001"))
	}
	templates := launchtemplate.All(t.Context(), client)
	for range 2 {
		var names []string
		for got, err := range templates {
			require.NoError(t, err)
			names = append(names, got.Name)
		}
		assert.ElementsMatch(t, []string{"one", "two", "three"}, names)
	}
	cloud.ForgetCalls()
	for range templates {
		break
	}
	assert.Len(t, cloud.Calls(), 1, "no page is read ahead")

	cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeLaunchTemplates"}, 2, "UnauthorizedOperation", "no"))
	n := 0
	for _, err := range templates {
		if n++; n == 2 {
			assert.Equal(t, "launchtemplate.All", failure(t, err).Op)
		}
	}
	assert.Equal(t, 2, n)
}

func TestVersionsUsingImage(t *testing.T) {
	cloud, client := start(t, awstest.WithPageSize(1))
	one, two := *image(t, cloud, awstest.ImageSeed{Name: "one"}).ImageId, *image(t, cloud, awstest.ImageSeed{Name: "two"}).ImageId
	parameter(t, cloud, "/golden", one)
	web := template(t, client, "web", withImage(one))
	for source, id := range []string{two, one, two} {
		_, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: web, Source: int64(source + 1), ImageID: id})
		require.NoError(t, err)
	}
	template(t, client, "alias", withImage("resolve:ssm:/golden"))
	template(t, client, "again", withImage("resolve:ssm:/golden"))
	template(t, client, "none", &types.RequestLaunchTemplateData{InstanceType: types.InstanceTypeT3Micro})

	cloud.ForgetCalls()
	got, err := launchtemplate.VersionsUsingImage(t.Context(), client, one)
	require.NoError(t, err)
	var lines []string
	for _, r := range got {
		line := r.Version.TemplateName + " " + string(rune('0'+r.Version.Number)) + " " + r.Alias
		if r.Latest {
			line += " latest"
		}
		if r.Default {
			line += " default"
		}
		lines = append(lines, line)
	}
	assert.ElementsMatch(t, []string{
		"web 1  default", "web 3 ", "alias 1 resolve:ssm:/golden latest default", "again 1 resolve:ssm:/golden latest default",
	}, lines)
	resolved := 0
	for _, call := range cloud.Calls() {
		if in, ok := call.Input.(*ec2.DescribeLaunchTemplateVersionsInput); ok && in.ResolveAlias != nil {
			resolved++
		}
	}
	assert.Equal(t, 1, resolved, "an alias is looked up once")

	t.Run("a template that goes away meanwhile", func(t *testing.T) {
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeLaunchTemplateVersions"}, 1, "InvalidLaunchTemplateId.NotFound", "gone"))
		got, err := launchtemplate.VersionsUsingImage(t.Context(), client, one)
		require.NoError(t, err)
		assert.Len(t, got, 2, "those of the other templates")
	})
	t.Run("all or nothing", func(t *testing.T) {
		cloud.ForgetCalls()
		_, err := launchtemplate.VersionsUsingImage(t.Context(), client, one)
		require.NoError(t, err)
		calls := len(cloud.Calls())
		for n := 1; n <= calls; n++ {
			k := 0
			over := false
			cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
				if k++; k == n && !over {
					over = true
					return awstest.Refuse(awstest.Match{}, 0, "UnauthorizedOperation", "no")(ctx, call, next)
				}
				return next(ctx)
			})
			got, err := launchtemplate.VersionsUsingImage(t.Context(), client, one)
			assert.Error(t, err, "call %d", n)
			assert.Nil(t, got)
		}
	})
	t.Run("an alias that cannot be resolved", func(t *testing.T) {
		gone := template(t, client, "gone", withImage("resolve:ssm:/gone"))
		_, err := launchtemplate.VersionsUsingImage(t.Context(), client, one)
		require.ErrorIs(t, err, launchtemplate.ErrUnresolvedAlias)
		assert.Equal(t, gone.ID, failure(t, err).ID)
	})
	_, err = launchtemplate.VersionsUsingImage(t.Context(), client, "golden")
	assert.ErrorIs(t, err, launchtemplate.ErrInvalidInput)
}
