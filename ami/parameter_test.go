package ami_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

const linux = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

func TestResolve(t *testing.T) {
	cloud := awstest.Start(t)
	own := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1"})
	parameters := ssm.NewFromConfig(cloud.Config(here))
	yesterday := cloud.Now().UTC().AddDate(0, 0, -1).Format("20060102")
	for name, value := range map[string]string{"/golden": own, "/empty-handed": "ami-0123456789abcdef0", "/words": "web 1"} {
		_, err := parameters.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: &value, Type: ssmtypes.ParameterTypeString})
		require.NoError(t, err)
	}
	for ref, want := range map[string]struct {
		name string
		kind error
		says string
	}{
		own:                     {name: "web 1"},
		"ssm:/golden":           {name: "web 1"},
		"ssm:/golden:1":         {name: "web 1"},
		"resolve:ssm:/golden":   {name: "web 1"},
		"ssm:" + linux:          {name: "al2023-ami-2023.0." + yesterday + ".0-kernel-6.18-x86_64"},
		"ami-0123456789abcdef0": {kind: ami.ErrNotFound},
		"ssm:/empty-handed":     {kind: ami.ErrNotFound, says: "the value of ssm:/empty-handed"},
		"ssm:/none":             {kind: ami.ErrNotFound, says: "/none"},
		"ssm:/golden:2":         {kind: ami.ErrNotFound, says: "/golden:2"},
		"ssm:/words":            {kind: ami.ErrInvalidInput, says: "no image id"},
		"ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended": {kind: ami.ErrInvalidInput, says: "/image_id"},
		"ssm:":   {kind: ami.ErrInvalidInput},
		"":       {kind: ami.ErrInvalidInput},
		"web 1":  {kind: ami.ErrInvalidInput},
		"ami-xx": {kind: ami.ErrInvalidInput},
	} {
		t.Run(ref, func(t *testing.T) {
			img, err := ami.Resolve(t.Context(), client(cloud, here), parameters, ref)
			if want.kind != nil {
				require.ErrorIs(t, err, want.kind)
				assert.ErrorContains(t, err, want.says)
				assert.ErrorContains(t, err, here)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, want.name, *img.Name)
		})
	}
}

func TestResolveNeedsParametersForOneOnly(t *testing.T) {
	cloud := awstest.Start(t)
	own := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1"})
	_, err := ami.Resolve(t.Context(), client(cloud, here), nil, own)
	require.NoError(t, err)
	_, err = ami.Resolve(t.Context(), client(cloud, here), nil, "ssm:"+linux)
	require.ErrorIs(t, err, ami.ErrInvalidInput)
}

func TestResolveWithCredentialsThatHaveExpired(t *testing.T) {
	cloud := awstest.Start(t)
	cloud.Inject(awstest.ExpireCredentials(awstest.Match{Operation: "GetParameter"}, 1))
	_, err := ami.Resolve(t.Context(), client(cloud, here), ssm.NewFromConfig(cloud.Config(here)), "ssm:"+linux)
	require.ErrorIs(t, err, ami.ErrCredentialsExpired)
}
