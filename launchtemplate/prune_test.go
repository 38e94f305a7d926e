package launchtemplate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// many is a template with n versions of our own, the first the default.
func many(t *testing.T, n int, opts ...awstest.Option) (*awstest.Cloud, *ec2.Client, launchtemplate.Ref) {
	t.Helper()
	cloud, client := start(t, opts...)
	ref := template(t, client, "web", withImage(*image(t, cloud, awstest.ImageSeed{Name: "one"}).ImageId))
	for i := 1; i < n; i++ {
		_, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{
			Template: ref, Source: int64(i), ImageID: fmt.Sprintf("ami-%08d", i),
		})
		require.NoError(t, err)
	}
	cloud.ForgetCalls()
	return cloud, client, ref
}

// usedBy is what somebody uses.
func usedBy(uses ...launchtemplate.Use) []launchtemplate.UsesFunc {
	return []launchtemplate.UsesFunc{func(context.Context, launchtemplate.Template) ([]launchtemplate.Use, error) { return uses, nil }}
}

func run(t *testing.T, client *ec2.Client, ref launchtemplate.Ref, version string) string {
	t.Helper()
	out, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{
		MinCount: new(int32(1)), MaxCount: new(int32(1)),
		LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: &ref.ID, Version: &version},
	})
	require.NoError(t, err)
	return *out.Instances[0].InstanceId
}

func TestUses(t *testing.T) {
	_, client, ref := many(t, 1)
	running, ended := run(t, client, ref, "1"), run(t, client, ref, "$Latest")
	_, err := client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{ended}})
	require.NoError(t, err)
	other := template(t, client, "other", withImage("ami-00000001"))

	group := launchtemplate.Use{Version: "$Latest", By: "group", ID: "my-asg"}
	var asked launchtemplate.Template
	got, err := launchtemplate.Uses(t.Context(), client, launchtemplate.Ref{Name: "web"}, []launchtemplate.UsesFunc{
		func(_ context.Context, t launchtemplate.Template) ([]launchtemplate.Use, error) {
			asked = t
			return []launchtemplate.Use{group}, nil
		},
	})
	require.NoError(t, err)
	group.Number = 1
	assert.Equal(t, []launchtemplate.Use{{Version: "1", Number: 1, By: "instance", ID: running}, group}, got)
	assert.Equal(t, ref.ID, asked.ID)

	got, err = launchtemplate.Uses(t.Context(), client, other, nil)
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestUsesFailsClosed(t *testing.T) {
	cloud, client, ref := many(t, 1)
	run(t, client, ref, "1")
	denied := errors.New("denied")
	for name, users := range map[string][]launchtemplate.UsesFunc{
		"a search that fails":    {func(context.Context, launchtemplate.Template) ([]launchtemplate.Use, error) { return nil, denied }},
		"a version of no number": usedBy(launchtemplate.Use{Version: "v1", By: "group", ID: "my-asg"}),
	} {
		got, err := launchtemplate.Uses(t.Context(), client, ref, users)
		require.ErrorIs(t, err, launchtemplate.ErrUsesUnknown, name)
		assert.Nil(t, got)
	}
	_, err := launchtemplate.Uses(t.Context(), client, ref, []launchtemplate.UsesFunc{
		func(context.Context, launchtemplate.Template) ([]launchtemplate.Use, error) { return nil, denied },
	})
	assert.ErrorIs(t, err, denied)

	cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeInstances"}, 1, "UnauthorizedOperation", "no"))
	_, err = launchtemplate.Uses(t.Context(), client, ref, nil)
	assert.ErrorContains(t, err, "UnauthorizedOperation")
	_, err = launchtemplate.Uses(t.Context(), client, launchtemplate.Ref{Name: "nobody"}, nil)
	assert.ErrorIs(t, err, launchtemplate.ErrNotFound)

	cloud.Inject(alter("DescribeInstances", 1, func(out *ec2.DescribeInstancesOutput) {
		out.Reservations[0].Instances[0].Tags = nil
	}))
	_, err = launchtemplate.Uses(t.Context(), client, ref, nil)
	assert.ErrorIs(t, err, launchtemplate.ErrUsesUnknown, "no version is not $Default")
}

func kept(plan launchtemplate.PrunePlan) map[int64]string {
	out := map[int64]string{}
	for _, k := range plan.Kept {
		out[k.Version] = strings.Join(k.Why, ", ")
	}
	return out
}

func TestPrune(t *testing.T) {
	cloud, client, ref := many(t, 9)
	instance := run(t, client, ref, "1") // of another version than the default, below
	_, err := launchtemplate.SetDefault(t.Context(), client, ref, 2)
	require.NoError(t, err)
	_, err = client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &ref.ID, LaunchTemplateData: withImage("ami-00000001"),
	})
	require.NoError(t, err) // 10: somebody else's
	_, err = launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: 9, ImageID: "ami-00000099"})
	require.NoError(t, err) // 11
	_, err = launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: 11, ImageID: "ami-00000098"})
	require.NoError(t, err) // 12

	in := launchtemplate.PruneInput{
		Template: ref, Keep: 2, Protect: []int64{5},
		Users: usedBy(
			launchtemplate.Use{Version: "3", By: "group", ID: "my-asg"},
			launchtemplate.Use{Version: "4", By: "instance refresh", ID: "my-asg"},
			launchtemplate.Use{Version: "", By: "group", ID: "b"},
			launchtemplate.Use{Version: "$Latest", By: "group", ID: "c"},
			launchtemplate.Use{Version: "77", By: "group", ID: "of a version that is gone"},
		),
	}
	cloud.ForgetCalls()
	plan, err := launchtemplate.PlanPrune(t.Context(), client, in)
	require.NoError(t, err)
	assert.Empty(t, cloud.Writes())
	assert.Equal(t, []int64{6, 7, 8, 9}, plan.Delete)
	assert.Equal(t, map[int64]string{
		1: "instance " + instance, 2: "default, group b", 3: "group my-asg", 4: "instance refresh my-asg", 5: "protected",
		10: "not made by this package", 11: "newest 2", 12: "latest, newest 2, group c",
	}, kept(*plan))

	t.Run("only what a plan says, and what still may", func(t *testing.T) {
		in := in
		in.Plan = &launchtemplate.PrunePlan{Template: plan.Template, Delete: []int64{3, 6}} // 3 is used by now
		done, err := launchtemplate.Prune(t.Context(), client, in)
		require.NoError(t, err)
		assert.Equal(t, []int64{6}, done.Deleted)
		assert.Equal(t, "not in the plan", kept(done.Plan)[7])
		in.Plan.Template.ID = "lt-other"
		_, err = launchtemplate.Prune(t.Context(), client, in)
		assert.ErrorIs(t, err, launchtemplate.ErrInvalidInput)
	})
	t.Run("all", func(t *testing.T) {
		done, err := launchtemplate.Prune(t.Context(), client, in)
		require.NoError(t, err)
		assert.Equal(t, []int64{7, 8, 9}, done.Deleted)
		assert.Empty(t, done.Failed)
		in.Foreign = true
		done, err = launchtemplate.Prune(t.Context(), client, in)
		require.NoError(t, err)
		assert.Equal(t, []int64{10}, done.Deleted)
		cloud.ForgetCalls()
		done, err = launchtemplate.Prune(t.Context(), client, in)
		require.NoError(t, err)
		assert.Empty(t, done.Deleted)
		assert.Empty(t, cloud.Writes())
	})
}

// TestPruneLatestIsWhatIsNewest has AWS call a version the latest that another
// one, made after that answer, has come after; and one that has been deleted.
func TestPruneLatestIsWhatIsNewest(t *testing.T) {
	for _, latest := range []int64{3, 4, 9} {
		cloud, client, ref := many(t, 4)
		cloud.Inject(alter("DescribeLaunchTemplates", 1, func(out *ec2.DescribeLaunchTemplatesOutput) {
			out.LaunchTemplates[0].LatestVersionNumber = &latest
		}))
		plan, err := launchtemplate.PlanPrune(t.Context(), client, launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()})
		require.NoError(t, err)
		assert.NotContains(t, plan.Delete, int64(4))
		assert.NotContains(t, plan.Delete, latest)
	}
}

func TestPruneInBatches(t *testing.T) {
	cloud, client, ref := many(t, 403)
	done, err := launchtemplate.Prune(t.Context(), client, launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()})
	require.NoError(t, err)
	assert.Len(t, done.Deleted, 401, "all but the default and the latest")
	var sizes []int
	for _, call := range cloud.Writes() {
		sizes = append(sizes, len(call.Input.(*ec2.DeleteLaunchTemplateVersionsInput).Versions))
	}
	assert.Equal(t, []int{200, 200, 1}, sizes)
	assert.Len(t, cloud.Region(home).TemplateVersions(ref.ID), 2)
}

func TestPrunePartialFailure(t *testing.T) {
	cloud, client, ref := many(t, 8)
	in := launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()}
	fail := func(n int64, code types.LaunchTemplateErrorCode) types.DeleteLaunchTemplateVersionsResponseErrorItem {
		return types.DeleteLaunchTemplateVersionsResponseErrorItem{
			LaunchTemplateId: &ref.ID, VersionNumber: &n,
			ResponseError: &types.ResponseError{Code: code, Message: new("AWS's words")},
		}
	}
	cloud.Inject(alter("DeleteLaunchTemplateVersions", 1, func(out *ec2.DeleteLaunchTemplateVersionsOutput) {
		out.SuccessfullyDeletedLaunchTemplateVersions = out.SuccessfullyDeletedLaunchTemplateVersions[:1] // 2
		out.UnsuccessfullyDeletedLaunchTemplateVersions = []types.DeleteLaunchTemplateVersionsResponseErrorItem{
			fail(3, types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist),
			fail(4, types.LaunchTemplateErrorCodeUnexpectedError),
			fail(5, types.LaunchTemplateErrorCodeLaunchTemplateIdDoesNotExist),
			{LaunchTemplateId: &ref.ID, VersionNumber: new(int64(6))},
		} // nothing of 7
	}))
	done, err := launchtemplate.Prune(t.Context(), client, in)
	require.ErrorIs(t, err, launchtemplate.ErrNotDeleted)
	assert.ElementsMatch(t, []int64{2, 3, 5}, done.Deleted, "what does not exist is gone")
	assert.Equal(t, []int64{4, 6, 7}, done.Failed)
	var reasons []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		each := failure(t, e)
		assert.Equal(t, ref.ID, each.ID)
		assert.Equal(t, "launchtemplate.Prune", each.Op)
		reasons = append(reasons, each.IDs[0]+" "+each.Reason)
	}
	assert.Equal(t, []string{"4 unexpectedError: AWS's words", "6 ", "7 "}, reasons)
}

// TestPruneWhereTheDefaultMovesMeanwhile has somebody else make a version the
// default between the plan and the deletion.
func TestPruneWhereTheDefaultMovesMeanwhile(t *testing.T) {
	cloud, client, ref := many(t, 4)
	cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if call.Operation == "DeleteLaunchTemplateVersions" {
			_, err := launchtemplate.SetDefault(context.Background(), ec2.NewFromConfig(cloud.Config(home)), ref, 2)
			assert.NoError(t, err)
		}
		return next(ctx)
	})
	done, err := launchtemplate.Prune(t.Context(), client, launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()})
	require.ErrorIs(t, err, launchtemplate.ErrNotDeleted)
	assert.ErrorContains(t, err, "The default version cannot be deleted")
	assert.Equal(t, []int64{2}, done.Failed)
	assert.Equal(t, []int64{3}, done.Deleted, "AWS deletes none of them with the default among them")
	assert.Equal(t, 2, cloud.Count("DeleteLaunchTemplateVersions"))
}

func TestPruneFaults(t *testing.T) {
	t.Run("a batch that fails ends it", func(t *testing.T) {
		cloud, client, ref := many(t, 403)
		cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DeleteLaunchTemplateVersions"}, 2, "UnauthorizedOperation", "no"))
		done, err := launchtemplate.Prune(t.Context(), client, launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()})
		assert.ErrorContains(t, err, "UnauthorizedOperation")
		assert.Len(t, done.Deleted, 200)
		assert.Len(t, done.Failed, 200)
		assert.Equal(t, 2, cloud.Count("DeleteLaunchTemplateVersions"))
	})
	t.Run("a search that fails deletes nothing", func(t *testing.T) {
		cloud, client, ref := many(t, 4)
		for _, operation := range []string{"DescribeLaunchTemplates", "DescribeLaunchTemplateVersions", "DescribeInstances"} {
			cloud.Inject(awstest.Refuse(awstest.Match{Operation: operation}, 1, "UnauthorizedOperation", "no"))
			done, err := launchtemplate.Prune(t.Context(), client, launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()})
			assert.ErrorContains(t, err, "UnauthorizedOperation")
			assert.Nil(t, done)
		}
		assert.Empty(t, cloud.Writes())
	})
	t.Run("a response that is lost", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cloud, client, ref := many(t, 4)
			in := launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()}
			cloud.Inject(awstest.LoseResponse(awstest.Match{Operation: "DeleteLaunchTemplateVersions"}))
			done, err := launchtemplate.Prune(t.Context(), client, in)
			require.NoError(t, err, "the second attempt finds nothing left")
			assert.Equal(t, []int64{2, 3}, done.Deleted)
		})
	})
	t.Run("a response that is lost for good, expired credentials, throttling", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cloud, client, ref := many(t, 4)
			in := launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()}
			cloud.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "DeleteLaunchTemplateVersions"}))
			_, err := launchtemplate.Prune(t.Context(), client, in)
			require.Error(t, err)
			done, err := launchtemplate.Prune(t.Context(), client, in)
			require.NoError(t, err)
			assert.Empty(t, done.Deleted, "nothing is left")

			cloud.Inject(awstest.Throttle(awstest.Match{Operation: "DescribeInstances"}, 2))
			_, err = launchtemplate.PlanPrune(t.Context(), client, in)
			require.NoError(t, err)
			cloud.Inject(awstest.ExpireCredentials(awstest.Match{}, 1))
			_, err = launchtemplate.PlanPrune(t.Context(), client, in)
			assert.ErrorIs(t, err, launchtemplate.ErrCredentialsExpired)
		})
	})
}

func TestPruneInvalid(t *testing.T) {
	cloud, client, ref := many(t, 1)
	for says, change := range map[string]func(*launchtemplate.PruneInput){
		"Keep 0":               func(in *launchtemplate.PruneInput) { in.Keep = 0 },
		"Users has":            func(in *launchtemplate.PruneInput) { in.Users = nil },
		"Users has no":         func(in *launchtemplate.PruneInput) { in.Users = []launchtemplate.UsesFunc{nil} },
		"needs an ID or":       func(in *launchtemplate.PruneInput) { in.Template = launchtemplate.Ref{} },
		"does not start with ": func(in *launchtemplate.PruneInput) { in.Template.ID = "web" },
	} {
		in := launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()}
		change(&in)
		_, err := launchtemplate.PlanPrune(t.Context(), client, in)
		require.ErrorIs(t, err, launchtemplate.ErrInvalidInput)
		assert.ErrorContains(t, err, says)
		_, err = launchtemplate.Prune(t.Context(), client, in)
		require.ErrorIs(t, err, launchtemplate.ErrInvalidInput)
	}
	assert.Empty(t, cloud.Calls())
}
