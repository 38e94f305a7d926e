package launchtemplate_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

func webInput() launchtemplate.CreateInput {
	return launchtemplate.CreateInput{
		Name:        "web",
		Description: "first",
		Data: &types.RequestLaunchTemplateData{
			ImageId:      new("ami-0123456789abcdef0"),
			InstanceType: types.InstanceTypeT2Micro,
			KeyName:      new("my-key-pair"),
		},
		Tags: map[string]string{"team": "web", "env": "prod"},
	}
}

func TestCreate(t *testing.T) {
	cloud, api := start(t)
	made, err := launchtemplate.Create(t.Context(), api, webInput())
	require.NoError(t, err)
	assert.False(t, made.Adopted)
	assert.Equal(t, int64(1), made.Version)

	v, err := launchtemplate.Resolve(t.Context(), api, launchtemplate.Ref{Name: "web"}, "")
	require.NoError(t, err)
	assert.Equal(t, made.TemplateID, v.TemplateID)
	assert.True(t, strings.HasPrefix(v.Description, "first ["), v.Description)
	assert.Equal(t, types.InstanceTypeT2Micro, v.Data.InstanceType)
	out, err := api.DescribeLaunchTemplates(t.Context(), &ec2.DescribeLaunchTemplatesInput{})
	require.NoError(t, err)
	assert.ElementsMatch(t, []types.Tag{{Key: new("team"), Value: new("web")}, {Key: new("env"), Value: new("prod")}}, out.LaunchTemplates[0].Tags)

	cloud.ForgetCalls()
	again, err := launchtemplate.Create(t.Context(), ec2.NewFromConfig(cloud.Config(home)), webInput())
	require.NoError(t, err)
	assert.Equal(t, &launchtemplate.CreateResult{TemplateID: made.TemplateID, Version: 1, Adopted: true}, again)
	assert.Empty(t, cloud.Writes())
	assert.Len(t, cloud.Calls(), 1)
}

func TestCreateNameTaken(t *testing.T) {
	changes := map[string]func(*launchtemplate.CreateInput){
		"other description": func(in *launchtemplate.CreateInput) { in.Description = "second" },
		"other data":        func(in *launchtemplate.CreateInput) { in.Data.KeyName = nil },
		"other tags":        func(in *launchtemplate.CreateInput) { in.Tags["env"] = "test" },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			cloud, api := start(t)
			made, err := launchtemplate.Create(t.Context(), api, webInput())
			require.NoError(t, err)
			cloud.ForgetCalls()
			in := webInput()
			change(&in)
			_, err = launchtemplate.Create(t.Context(), api, in)
			require.ErrorIs(t, err, launchtemplate.ErrNameTaken)
			assert.Equal(t, []string{made.TemplateID}, failure(t, err).IDs)
			assert.Equal(t, home, failure(t, err).Region)
			assert.Empty(t, cloud.Writes())
		})
	}
	t.Run("by somebody else", func(t *testing.T) {
		cloud, api := start(t)
		_, err := api.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("web"), LaunchTemplateData: webInput().Data})
		require.NoError(t, err)
		cloud.ForgetCalls()
		_, err = launchtemplate.Create(t.Context(), api, webInput())
		require.ErrorIs(t, err, launchtemplate.ErrNameTaken)
		assert.Empty(t, cloud.Writes())
	})
	t.Run("version 1 is deleted", func(t *testing.T) {
		cloud, api := start(t)
		_, err := launchtemplate.Create(t.Context(), api, webInput())
		require.NoError(t, err)
		cloud.ForgetCalls()
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeLaunchTemplateVersions"}, 0, "InvalidLaunchTemplateId.VersionNotFound", "no version 1"))
		_, err = launchtemplate.Create(t.Context(), api, webInput())
		require.ErrorIs(t, err, launchtemplate.ErrNameTaken)
		assert.Empty(t, cloud.Writes())
	})
}

func TestCreateAfterLostResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, api := start(t)
		cloud.Inject(awstest.LoseResponse(awstest.Match{Operation: "CreateLaunchTemplate"}))
		made, err := launchtemplate.Create(t.Context(), api, webInput())
		require.NoError(t, err)
		assert.Equal(t, 2, cloud.Count("CreateLaunchTemplate"), "the SDK sends it again with the same token")

		cloud.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "CreateLaunchTemplate"}))
		in := webInput()
		in.Name = "other"
		_, err = launchtemplate.Create(t.Context(), api, in)
		require.Error(t, err)
		cloud.ForgetCalls()
		found, err := launchtemplate.Create(t.Context(), api, in)
		require.NoError(t, err)
		assert.True(t, found.Adopted)
		assert.NotEqual(t, made.TemplateID, found.TemplateID)
		assert.Empty(t, cloud.Writes())
	})
}

func TestCreateToken(t *testing.T) {
	token := func(in launchtemplate.CreateInput) string {
		cloud, api := start(t)
		_, err := launchtemplate.Create(t.Context(), api, in)
		require.NoError(t, err)
		return *cloud.Writes()[0].Input.(*ec2.CreateLaunchTemplateInput).ClientToken
	}
	other := webInput()
	other.Data.KeyName = nil
	assert.Equal(t, token(webInput()), token(webInput()), "another process sends the same")
	assert.NotEqual(t, token(webInput()), token(other))
	assert.LessOrEqual(t, len(token(other)), 64)
}

// TestCreateFindsWhatIsNotVisibleYet has a template that AWS does not show at
// first although it has its name.
func TestCreateFindsWhatIsNotVisibleYet(t *testing.T) {
	for name, tt := range map[string]struct {
		hidden time.Duration
		is     error
		after  time.Duration
	}{
		"visible soon":  {hidden: 10 * time.Second, after: 11 * time.Second},
		"visible never": {hidden: time.Hour, after: time.Minute, is: launchtemplate.ErrNotVisible},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, api := start(t)
				_, err := launchtemplate.Create(t.Context(), api, webInput())
				require.NoError(t, err)
				began := time.Now()
				cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					if call.Operation == "DescribeLaunchTemplateVersions" && time.Since(began) < tt.hidden {
						return awstest.Refuse(awstest.Match{}, 0, "InvalidLaunchTemplateName.NotFoundException", "does not exist")(ctx, call, next)
					}
					if call.Operation == "CreateLaunchTemplate" {
						return awstest.Refuse(awstest.Match{}, 0, "InvalidLaunchTemplateName.AlreadyExistsException", "in use")(ctx, call, next)
					}
					return next(ctx)
				})
				found, err := launchtemplate.Create(t.Context(), api, webInput())
				if tt.is != nil {
					require.ErrorIs(t, err, tt.is)
				} else {
					require.NoError(t, err)
					assert.True(t, found.Adopted)
				}
				assert.InDelta(t, tt.after.Seconds(), time.Since(began).Seconds(), 5)
			})
		})
	}
}

// The id that AWS has given comes back with every error after it.
func TestCreateKeepsTheIDOfATemplateThatIsNotVisible(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  awstest.Fault
		ended  time.Duration
		answer time.Duration // how old what AWS answers with is
		is     error
	}{
		"for as long as the options say":  {awstest.Refuse(awstest.Match{}, 0, "InvalidLaunchTemplateName.NotFoundException", "no"), time.Hour, 0, launchtemplate.ErrNotVisible},
		"until the context ends":          {awstest.Refuse(awstest.Match{}, 0, "InvalidLaunchTemplateName.NotFoundException", "no"), 5 * time.Second, 0, context.DeadlineExceeded},
		"since the read is refused":       {awstest.Refuse(awstest.Match{}, 0, "ExpiredToken", "old"), time.Hour, 0, launchtemplate.ErrCredentialsExpired},
		"and AWS answers with an old one": {awstest.Refuse(awstest.Match{}, 0, "InvalidLaunchTemplateName.NotFoundException", "no"), time.Hour, time.Hour, launchtemplate.ErrNotVisible},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, api := start(t)
				made := false
				cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					if made && call.Operation == "DescribeLaunchTemplateVersions" {
						return c.spoil(ctx, call, next)
					}
					out, err := next(ctx)
					if answer, ok := out.(*ec2.CreateLaunchTemplateOutput); ok && err == nil {
						made = true
						answer.LaunchTemplate.CreateTime = new(time.Now().Add(-c.answer))
					}
					return out, err
				})
				ctx, cancel := context.WithTimeout(t.Context(), c.ended)
				defer cancel()
				got, err := launchtemplate.Create(ctx, api, webInput())
				require.ErrorIs(t, err, c.is)
				require.NotErrorIs(t, err, launchtemplate.ErrNameTaken)
				require.NotNil(t, got)
				assert.Equal(t, []string{got.TemplateID}, failure(t, err).IDs)
				out, err := api.DescribeLaunchTemplates(t.Context(), &ec2.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{"web"}})
				require.NoError(t, err)
				assert.Equal(t, got.TemplateID, *out.LaunchTemplates[0].LaunchTemplateId)
			})
		})
	}
}

func TestCreateStopsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, api := start(t)
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeLaunchTemplateVersions"}, 0, "InvalidLaunchTemplateName.NotFoundException", "does not exist"))
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "CreateLaunchTemplate"}, 0, "InvalidLaunchTemplateName.AlreadyExistsException", "in use"))
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := launchtemplate.Create(ctx, api, webInput())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 2500*time.Millisecond, time.Since(began))
		assert.Equal(t, 2500*time.Millisecond, failure(t, err).Elapsed)
	})
}

func TestCreateWarnings(t *testing.T) {
	cloud, api := start(t)
	cloud.Inject(alter("CreateLaunchTemplate", 1, func(out *ec2.CreateLaunchTemplateOutput) {
		out.Warning = &types.ValidationWarning{Errors: []types.ValidationError{{Code: new("InvalidParameterValue"), Message: new("no such key")}}}
	}))
	made, err := launchtemplate.Create(t.Context(), api, webInput())
	require.NoError(t, err)
	assert.Equal(t, []string{"InvalidParameterValue: no such key"}, made.Warnings)
}

func TestCreateRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for code, kind := range map[string]error{"UnauthorizedOperation": nil, "ExpiredToken": launchtemplate.ErrCredentialsExpired} {
			for _, operation := range []string{"DescribeLaunchTemplateVersions", "CreateLaunchTemplate"} {
				cloud, api := start(t)
				cloud.Inject(awstest.Refuse(awstest.Match{Operation: operation}, 0, code, "no"))
				_, err := launchtemplate.Create(t.Context(), api, webInput())
				e := failure(t, err)
				assert.Equal(t, kind, e.Kind)
				assert.Equal(t, "launchtemplate.Create", e.Op)
				assert.Equal(t, "web", e.ID)
				assert.NotEmpty(t, e.RequestID())
			}
		}
	})
}

func TestCreateInvalid(t *testing.T) {
	changes := map[string]func(*launchtemplate.CreateInput){
		`Name ""`:                             func(in *launchtemplate.CreateInput) { in.Name = "" },
		`Name "ab"`:                           func(in *launchtemplate.CreateInput) { in.Name = "ab" },
		`Name "my template"`:                  func(in *launchtemplate.CreateInput) { in.Name = "my template" },
		`Name "aaa`:                           func(in *launchtemplate.CreateInput) { in.Name = strings.Repeat("a", 129) },
		"Data is missing":                     func(in *launchtemplate.CreateInput) { in.Data = nil },
		"Description has more than 223 bytes": func(in *launchtemplate.CreateInput) { in.Description = strings.Repeat("é", 112) },
		"a key of Tags is empty":              func(in *launchtemplate.CreateInput) { in.Tags[""] = "x" },
	}
	for want, change := range changes {
		cloud, api := start(t)
		in := webInput()
		change(&in)
		_, err := launchtemplate.Create(t.Context(), api, in)
		assert.ErrorIs(t, err, launchtemplate.ErrInvalidInput, want)
		assert.ErrorContains(t, err, want)
		assert.Empty(t, cloud.Calls())
	}
	_, api := start(t)
	in := webInput()
	in.Description = strings.Repeat("é", 111) + "x"
	_, err := launchtemplate.Create(t.Context(), api, in)
	assert.NoError(t, err, "the longest description fits with its mark")
}
