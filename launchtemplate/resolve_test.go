package launchtemplate_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// three is a template with versions 1 to 3, of which 2 is the default.
func three(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, launchtemplate.Ref, api) {
	t.Helper()
	cloud, client := start(t, opts...)
	ref := template(t, client, "web", &types.RequestLaunchTemplateData{ImageId: new("ami-00000001")})
	for i, id := range []string{"ami-00000002", "ami-00000003"} {
		_, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: int64(i + 1), ImageID: id})
		require.NoError(t, err)
	}
	_, err := launchtemplate.SetDefault(t.Context(), client, ref, 2)
	require.NoError(t, err)
	cloud.ForgetCalls()
	return cloud, ref, client
}

// api is all that this package calls.
type api interface {
	launchtemplate.CreateAPI
	launchtemplate.NextVersionAPI
	launchtemplate.SetDefaultAPI
}

func TestResolve(t *testing.T) {
	cloud, ref, client := three(t)
	for version, want := range map[string]int64{"": 2, "$Default": 2, "$Latest": 3, "1": 1, "3": 3} {
		for _, r := range []launchtemplate.Ref{ref, {Name: "web"}} {
			v, err := launchtemplate.Resolve(t.Context(), client, r, version)
			require.NoError(t, err)
			assert.Equal(t, want, v.Number)
			assert.Equal(t, want == 2, v.Default)
			assert.Equal(t, "ami-0000000"+string(rune('0'+want)), v.ImageID)
			assert.Equal(t, ref, v.Ref())
			assert.Equal(t, "web", v.TemplateName)
			assert.NotNil(t, v.Data)
		}
	}
	assert.Len(t, cloud.Calls(), 10, "one call each")
}

func TestResolveErrors(t *testing.T) {
	cloud, ref, client := three(t)
	for name, tt := range map[string]struct {
		ref     launchtemplate.Ref
		version string
		is      error
	}{
		"no such version": {ref, "9", launchtemplate.ErrNotFound},
		"no such id":      {launchtemplate.Ref{ID: "lt-0fffffffffffffff0"}, "1", launchtemplate.ErrNotFound},
		"no such name":    {launchtemplate.Ref{Name: "none"}, "", launchtemplate.ErrNotFound},
		"neither":         {launchtemplate.Ref{}, "1", launchtemplate.ErrInvalidInput},
		"both":            {launchtemplate.Ref{ID: ref.ID, Name: "web"}, "1", launchtemplate.ErrInvalidInput},
		"no id":           {launchtemplate.Ref{ID: "web"}, "1", launchtemplate.ErrInvalidInput},
		"no number":       {ref, "latest", launchtemplate.ErrInvalidInput},
		"zero":            {ref, "0", launchtemplate.ErrInvalidInput},
	} {
		t.Run(name, func(t *testing.T) {
			cloud.ForgetCalls()
			_, err := launchtemplate.Resolve(t.Context(), client, tt.ref, tt.version)
			require.ErrorIs(t, err, tt.is)
			assert.Equal(t, "launchtemplate.Resolve", failure(t, err).Op)
			assert.Equal(t, home, failure(t, err).Region)
			if tt.is == launchtemplate.ErrInvalidInput {
				assert.Empty(t, cloud.Calls())
			}
		})
	}
}

func TestVersions(t *testing.T) {
	cloud, ref, client := three(t, awstest.WithPageSize(1))
	versions := launchtemplate.Versions(t.Context(), client, ref)
	for range 2 {
		got := map[int64]string{}
		for v, err := range versions {
			require.NoError(t, err)
			got[v.Number] = v.ImageID
		}
		assert.Equal(t, map[int64]string{1: "ami-00000001", 2: "ami-00000002", 3: "ami-00000003"}, got)
	}
	cloud.ForgetCalls()
	for range versions {
		break
	}
	assert.Len(t, cloud.Calls(), 1, "no page is read ahead")

	for _, bad := range []launchtemplate.Ref{{}, {Name: "none"}} {
		n := 0
		for v, err := range launchtemplate.Versions(t.Context(), client, bad) {
			assert.Nil(t, v)
			assert.Error(t, err)
			n++
		}
		assert.Equal(t, 1, n)
	}
}
