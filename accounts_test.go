package readyami_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
	"github.com/readyami/readyami/region"
)

const secondAccount = "222222222222"

// failures makes one error of each package with these clients, and one of a watch.
func failures(t *testing.T, groups *autoscaling.Client, images *ec2.Client) map[string]error {
	t.Helper()
	ctx := t.Context()
	errs := map[string]error{}
	_, errs["ami"] = ami.Get(ctx, images, "ami-0123456789abcdef0")
	_, errs["launchtemplate"] = launchtemplate.Describe(ctx, images, launchtemplate.Ref{Name: "none"})
	_, errs["asg"] = asg.Describe(ctx, groups, []string{"none"})
	_, errs["input"] = asg.StartRefresh(ctx, groups, asg.RefreshInput{})
	found, err := asg.Describe(ctx, groups, []string{"web"})
	require.NoError(t, err)
	source := asg.SourceOf(found[0])
	started, err := asg.StartRefresh(ctx, groups, asg.RefreshInput{Group: "web", TemplateID: source.Template.ID, Version: 1})
	require.NoError(t, err)
	_, err = groups.CancelInstanceRefresh(ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: new("web")})
	require.NoError(t, err)
	_, errs["watch"] = asg.Wait(ctx, groups, []asg.RefreshKey{{Group: "web", ID: started.RefreshID}})
	return errs
}

func TestErrorsTellTwoAccountsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		accounts := []string{awstest.DefaultAccount, secondAccount}
		for _, a := range accounts {
			cloud.Account(a).Region("eu-west-1").Group(awstest.GroupSeed{Name: "web"})
		}
		pool := region.NewClientPool(func(_ context.Context, target region.Target) (aws.Config, error) {
			return cloud.Account(target.Account).Config(""), nil
		})
		texts := map[string]bool{}
		for _, account := range accounts {
			clients, err := pool.Clients(t.Context(), region.Target{Account: account, Region: "eu-west-1"})
			require.NoError(t, err)
			for name, err := range failures(t, clients.AutoScaling, clients.EC2) {
				e, ok := errors.AsType[*readyami.Error](err)
				require.True(t, ok, "%s: %v", name, err)
				assert.Equal(t, account, e.Account, "%s: %v", name, err)
				assert.Equal(t, "eu-west-1", e.Region, name)
				assert.ErrorContains(t, err, e.Op+" "+account+" eu-west-1")
				assert.False(t, texts[name+account])
				texts[name+account] = true
			}
		}
	})
}

// What the client knows wins in every package, and the options are for the rest.
func TestTheClientWinsOverTheOptions(t *testing.T) {
	cloud := awstest.Start(t)
	cfg := cloud.Config("eu-west-1")
	clients, err := region.NewClientPool(region.OneAccount(cfg)).Clients(t.Context(), region.Target{Account: awstest.DefaultAccount, Region: "eu-west-1"})
	require.NoError(t, err)
	type mock struct{ ec2.DescribeImagesAPIClient }
	type mockGroups struct {
		autoscaling.DescribeAutoScalingGroupsAPIClient
	}
	type mockTemplates struct{ launchtemplate.DescribeAPI }

	for name, tt := range map[string]struct {
		images          ec2.DescribeImagesAPIClient
		groups          autoscaling.DescribeAutoScalingGroupsAPIClient
		templates       launchtemplate.DescribeAPI
		account, region string
	}{
		"clients of a pool": {clients.EC2, clients.AutoScaling, clients.EC2, awstest.DefaultAccount, "eu-west-1"},
		"other clients":     {ec2.NewFromConfig(cfg), autoscaling.NewFromConfig(cfg), ec2.NewFromConfig(cfg), secondAccount, "eu-west-1"},
		"mocks":             {mock{clients.EC2}, mockGroups{clients.AutoScaling}, mockTemplates{clients.EC2}, secondAccount, "us-west-2"},
	} {
		t.Run(name, func(t *testing.T) {
			errs := make([]error, 3)
			_, errs[0] = ami.Get(t.Context(), tt.images, "ami-0123456789abcdef0", func(o *ami.Options) { o.Account, o.Region = secondAccount, "us-west-2" })
			_, errs[1] = asg.Describe(t.Context(), tt.groups, []string{"none"}, func(o *asg.Options) { o.Account, o.Region = secondAccount, "us-west-2" })
			_, errs[2] = launchtemplate.Describe(t.Context(), tt.templates, launchtemplate.Ref{Name: "none"}, func(o *launchtemplate.Options) { o.Account, o.Region = secondAccount, "us-west-2" })
			for _, err := range errs {
				e, ok := errors.AsType[*readyami.Error](err)
				require.True(t, ok, "%v", err)
				assert.Equal(t, []string{tt.account, tt.region}, []string{e.Account, e.Region}, e.Op)
			}
		})
	}
}

// anonymousUser are credentials that do not name their account, as those of a
// user do not.
type anonymousUser struct{ aws.CredentialsProvider }

func (u anonymousUser) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := u.CredentialsProvider.Retrieve(ctx)
	c.AccountID = ""
	return c, err
}

// The account of a target is often not named. It is known once Preflight has
// asked for it, and the clients that were made before know it then.
func TestClientsLearnTheirAccount(t *testing.T) {
	cloud := awstest.Start(t)
	cfg := cloud.Config("")
	cfg.Credentials = anonymousUser{cfg.Credentials}
	pool := region.NewClientPool(region.OneAccount(cfg))
	target := region.Target{Region: "eu-west-1"}
	clients, err := pool.Clients(t.Context(), target)
	require.NoError(t, err)
	_, err = asg.Describe(t.Context(), clients.AutoScaling, []string{"web"})
	assert.ErrorContains(t, err, "asg.Describe eu-west-1 web")
	_, err = pool.Preflight(t.Context(), []region.Target{target})
	require.NoError(t, err)
	_, err = asg.Describe(t.Context(), clients.AutoScaling, []string{"web"})
	assert.ErrorContains(t, err, "asg.Describe "+awstest.DefaultAccount+" eu-west-1 web")
}
