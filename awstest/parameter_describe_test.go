package awstest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestDescribeParameters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithPageSize(2))
		client := ssm.NewFromConfig(cloud.Config(home))
		for name, change := range map[string]func(*ssm.PutParameterInput){
			"golden":      func(in *ssm.PutParameterInput) { in.Description = new("the base of all") },
			"/app/ami":    func(in *ssm.PutParameterInput) { in.Tags = []ssmtypes.Tag{{Key: new("team"), Value: new("web")}} },
			"/app/secret": func(in *ssm.PutParameterInput) { in.Type = ssmtypes.ParameterTypeSecureString },
			"/app/db/url": func(in *ssm.PutParameterInput) {
				in.Tier, in.AllowedPattern = ssmtypes.ParameterTierAdvanced, new("^db:")
			},
		} {
			in := putInput(name, "db:1")
			change(in)
			_, err := client.PutParameter(t.Context(), in)
			require.NoError(t, err)
		}
		described := func(in ssm.DescribeParametersInput) (names []string, all []ssmtypes.ParameterMetadata) {
			for p := ssm.NewDescribeParametersPaginator(client, &in); p.HasMorePages(); {
				page, err := p.NextPage(t.Context())
				require.NoError(t, err)
				assert.LessOrEqual(t, len(page.Parameters), 2)
				for _, p := range page.Parameters {
					names, all = append(names, *p.Name), append(all, p)
				}
			}
			return names, all
		}
		names, all := described(ssm.DescribeParametersInput{})
		assert.Equal(t, []string{"/app/ami", "/app/db/url", "/app/secret", "golden"}, names, "AWS's own are not among them")
		user := new("arn:aws:iam::123456789012:user/awstest")
		assert.Equal(t, ssmtypes.ParameterMetadata{
			ARN: new("arn:aws:ssm:eu-west-1:123456789012:parameter/golden"), DataType: new("text"), Description: new("the base of all"),
			LastModifiedDate: new(time.Now()), LastModifiedUser: user, Name: new("golden"), Policies: []ssmtypes.ParameterInlinePolicy{},
			Tier: "Standard", Type: "String", Version: 1,
		}, all[3])
		assert.Equal(t, "^db:", *all[1].AllowedPattern)
		assert.Equal(t, "alias/aws/ssm", *all[2].KeyId)

		filter := func(key, option string, values ...string) ssmtypes.ParameterStringFilter {
			f := ssmtypes.ParameterStringFilter{Key: &key, Values: values}
			if option != "" {
				f.Option = &option
			}
			return f
		}
		type filters []ssmtypes.ParameterStringFilter
		for _, test := range []struct {
			by   filters
			want []string
		}{
			{filters{filter("Name", "", "/golden")}, []string{"golden"}},
			{filters{filter("Name", "Equals", "golden", "/app/ami")}, []string{"/app/ami", "golden"}},
			{filters{filter("Name", "BeginsWith", "/app")}, []string{"/app/ami", "/app/db/url", "/app/secret"}},
			{filters{filter("Name", "Contains", "db")}, []string{"/app/db/url"}},
			{filters{filter("Type", "BeginsWith", "Secure"), filter("Path", "", "/app")}, []string{"/app/secret"}},
			{filters{filter("Path", "OneLevel", "/app")}, []string{"/app/ami", "/app/secret"}},
			{filters{filter("Path", "Recursive", "/app"), filter("Name", "Contains", "db", "secret")}, []string{"/app/db/url", "/app/secret"}},
			{filters{filter("tag:team", "", "web", "ops")}, []string{"/app/ami"}},
			{filters{filter("tag:other", "BeginsWith", "w")}, nil},
			{filters{filter("Tier", "", "Advanced")}, []string{"/app/db/url"}},
			{filters{filter("KeyId", "", "alias/aws/ssm")}, []string{"/app/secret"}},
			{filters{filter("DataType", "", "aws:ec2:image")}, nil},
		} {
			names, _ := described(ssm.DescribeParametersInput{ParameterFilters: test.by})
			assert.Equal(t, test.want, names, "%s %v", *test.by[0].Key, test.by[0].Values)
		}
		for code, in := range map[string]ssm.DescribeParametersInput{
			"InvalidFilterKey":    {ParameterFilters: []ssmtypes.ParameterStringFilter{filter("Label", "", "x")}},
			"InvalidFilterOption": {ParameterFilters: []ssmtypes.ParameterStringFilter{filter("Type", "Contains", "x")}},
			"InvalidFilterValue":  {ParameterFilters: []ssmtypes.ParameterStringFilter{filter("Type", "")}},
			"ValidationException": {MaxResults: new(int32(51))},
			"InvalidNextToken":    {NextToken: new("x")},
		} {
			_, err := client.DescribeParameters(t.Context(), &in)
			assert.Equal(t, code, codeOf(err))
		}
		_, err := client.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{ParameterFilters: []ssmtypes.ParameterStringFilter{filter("Path", "", "app")}})
		assert.Equal(t, "ValidationException", codeOf(err))

		cloud.Region(home).ShareParameter("/app/db/url", stranger)
		theirs := ssm.NewFromConfig(cloud.Account(stranger).Config(home))
		for shared, want := range map[bool]int{true: 1, false: 0} {
			out, err := theirs.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{Shared: &shared})
			require.NoError(t, err)
			assert.Len(t, out.Parameters, want)
		}
	})
}

func TestParameterHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithPageSize(2))
		client := ssm.NewFromConfig(cloud.Config(home))
		for n := range 3 {
			in := putInput("/app/secret", fmt.Sprint("s3cret-", n+1))
			in.Type, in.Overwrite, in.Description = ssmtypes.ParameterTypeSecureString, new(n > 0), new(fmt.Sprint("take ", n+1))
			if n == 2 {
				in.Tier = ssmtypes.ParameterTierAdvanced
			}
			_, err := client.PutParameter(t.Context(), in)
			require.NoError(t, err)
			time.Sleep(time.Hour)
		}
		_, err := client.LabelParameterVersion(t.Context(), &ssm.LabelParameterVersionInput{Name: new("/app/secret"), Labels: []string{"live"}, ParameterVersion: new(int64(2))})
		require.NoError(t, err)
		history := func(client *ssm.Client, in ssm.GetParameterHistoryInput) (out []ssmtypes.ParameterHistory) {
			for p := ssm.NewGetParameterHistoryPaginator(client, &in); p.HasMorePages(); {
				page, err := p.NextPage(t.Context())
				require.NoError(t, err)
				out = append(out, page.Parameters...)
			}
			return out
		}
		all := history(client, ssm.GetParameterHistoryInput{Name: new("/app/secret"), WithDecryption: new(true)})
		require.Len(t, all, 3)
		for n, v := range all {
			assert.Equal(t, int64(n+1), v.Version, "the oldest first")
			assert.Equal(t, fmt.Sprint("s3cret-", n+1), *v.Value)
			assert.Equal(t, fmt.Sprint("take ", n+1), *v.Description)
			assert.Equal(t, time.Now().Add(time.Duration(n-3)*time.Hour), *v.LastModifiedDate)
			assert.Equal(t, "arn:aws:iam::123456789012:user/awstest", *v.LastModifiedUser)
			assert.Equal(t, [][]string{{}, {"live"}, {}}[n], v.Labels)
			assert.Equal(t, []string{"Standard", "Standard", "Advanced"}[n], string(v.Tier))
		}
		for _, v := range history(client, ssm.GetParameterHistoryInput{Name: new("/app/secret")}) {
			assert.NotContains(t, *v.Value, "s3cret")
		}
		all[1].Labels[0] = "spoiled"
		assert.Equal(t, "live", history(client, ssm.GetParameterHistoryInput{Name: new("/app/secret")})[1].Labels[0])

		theirs, arn := ssm.NewFromConfig(cloud.Account(stranger).Config(home)), "arn:aws:ssm:"+home+":123456789012:parameter/app/secret"
		_, err = theirs.GetParameterHistory(t.Context(), &ssm.GetParameterHistoryInput{Name: &arn})
		assert.ErrorAs(t, err, new(*ssmtypes.ParameterNotFound))
		cloud.Region(home).ShareParameter("/app/secret", stranger)
		assert.Len(t, history(theirs, ssm.GetParameterHistoryInput{Name: &arn}), 3)

		_, err = client.GetParameterHistory(t.Context(), &ssm.GetParameterHistoryInput{Name: new("/app/none")})
		assert.ErrorAs(t, err, new(*ssmtypes.ParameterNotFound))
		_, err = client.GetParameterHistory(t.Context(), &ssm.GetParameterHistoryInput{Name: new("/app/secret"), MaxResults: new(int32(51))})
		assert.Equal(t, "ValidationException", codeOf(err))
	})
}

func TestPublicParametersHaveNoHistory(t *testing.T) {
	for code, u := range map[string]awstest.Unconfirmed{"AccessDeniedException": {}, "Odd": {PublicParameterHistory: "Odd"}} {
		client := ssm.NewFromConfig(awstest.Start(t, awstest.WithUnconfirmed(u)).Config(home))
		for _, name := range []string{baseImage, "arn:aws:ssm:" + home + "::parameter" + baseImage} {
			_, err := client.GetParameterHistory(t.Context(), &ssm.GetParameterHistoryInput{Name: &name})
			requireCode(t, err, code, "")
		}
	}
}
