package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// Outside of a hierarchy a parameter is found with the slash and without, whichever
// way it was put.
func TestParameterWithASlashAndWithoutIsOne(t *testing.T) {
	for _, put := range []string{"golden", "/golden"} {
		for _, read := range []string{"golden", "/golden"} {
			t.Run(put+" "+read, func(t *testing.T) {
				cloud := awstest.Start(t)
				ctx, region, client := t.Context(), cloud.Region(home), ssm.NewFromConfig(cloud.Config(home))
				images := map[string]string{}
				for _, name := range []string{"first", "second"} {
					images[name] = region.OwnImage(awstest.ImageSeed{Name: name})
				}
				in := putInput(put, images["first"])
				in.DataType, in.Tier = new("aws:ec2:image"), ssmtypes.ParameterTierAdvanced
				_, err := client.PutParameter(ctx, in)
				require.NoError(t, err)
				_, err = client.PutParameter(ctx, putInput(read, "v"))
				assert.ErrorAs(t, err, new(*ssmtypes.ParameterAlreadyExists))
				again := putInput(read, images["second"])
				again.Overwrite = new(true)
				out, err := client.PutParameter(ctx, again)
				require.NoError(t, err)
				assert.Equal(t, int64(2), out.Version)

				got, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &read})
				require.NoError(t, err)
				assert.Equal(t, images["second"], *got.Parameter.Value)
				assert.Equal(t, "arn:aws:ssm:"+home+":123456789012:parameter/golden", *got.Parameter.ARN)
				assert.Equal(t, put, *got.Parameter.Name, "as it was put")
				_, err = client.LabelParameterVersion(ctx, &ssm.LabelParameterVersionInput{Name: &read, Labels: []string{"live"}, ParameterVersion: new(int64(1))})
				require.NoError(t, err)
				for asked, want := range map[string]string{read + ":1": "first", read + ":live": "first", *got.Parameter.ARN: "second"} {
					got, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &asked})
					if assert.NoError(t, err, asked) {
						assert.Equal(t, images[want], *got.Parameter.Value, asked)
					}
				}
				several, err := client.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"golden", "/golden", "/golden:1"}})
				require.NoError(t, err)
				assert.Len(t, several.Parameters, 2, "two versions of one")
				assert.Empty(t, several.InvalidParameters)
				listed, err := client.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: new("/")})
				require.NoError(t, err)
				assert.Len(t, listed.Parameters, 1)
				history, err := client.GetParameterHistory(ctx, &ssm.GetParameterHistoryInput{Name: &read})
				require.NoError(t, err)
				assert.Len(t, history.Parameters, 2)
				described, err := client.DescribeParameters(ctx, &ssm.DescribeParametersInput{
					ParameterFilters: []ssmtypes.ParameterStringFilter{{Key: new("Name"), Values: []string{read}}}})
				require.NoError(t, err)
				assert.Len(t, described.Parameters, 1)
				launched, err := ec2.NewFromConfig(cloud.Config(home)).RunInstances(ctx, &ec2.RunInstancesInput{
					ImageId: new("resolve:ssm:" + read), InstanceType: "t3.micro", MinCount: new(int32(1)), MaxCount: new(int32(1))})
				require.NoError(t, err)
				assert.Equal(t, images["second"], *launched.Instances[0].ImageId)

				region.ShareParameter(read, stranger)
				_, err = ssm.NewFromConfig(cloud.Account(stranger).Config(home)).GetParameter(ctx, &ssm.GetParameterInput{Name: got.Parameter.ARN})
				assert.NoError(t, err)
				gone, err := client.DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: []string{read}})
				require.NoError(t, err)
				assert.Equal(t, []string{read}, gone.DeletedParameters)
				assert.Empty(t, region.Parameters())
			})
		}
	}
}

// In a hierarchy the slash is part of the name.
func TestParameterInAHierarchyHasItsSlash(t *testing.T) {
	client := ssm.NewFromConfig(awstest.Start(t).Config(home))
	_, err := client.PutParameter(t.Context(), putInput("/app/ami", "v"))
	require.NoError(t, err)
	_, err = client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("app/ami")})
	assert.ErrorAs(t, err, new(*ssmtypes.ParameterNotFound))
}
