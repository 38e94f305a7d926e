package ami_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// usage is what References says of one image.
func usage(t *testing.T, cloud *awstest.Cloud, id string, rules ami.UsageRules) ami.ReferencesResult {
	t.Helper()
	all, err := ami.References(t.Context(), client(cloud, here), []string{id}, rules)
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}

// reportUsage has AWS report on one image.
func reportUsage(ctx context.Context, api ami.ReportUsageAPI, id string, maxAge time.Duration) (ami.ReportUsageResult, error) {
	all, err := ami.ReportUsage(ctx, api, ami.ReportUsageInput{ImageIDs: []string{id}, MaxAge: maxAge})
	if len(all) == 0 {
		return ami.ReportUsageResult{}, err
	}
	return all[0], err
}

func launch(t *testing.T, api *ec2.Client, image string) string {
	t.Helper()
	out, err := api.RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId: &image, MinCount: new(int32(1)), MaxCount: new(int32(1)), InstanceType: types.InstanceTypeM5Large,
	})
	require.NoError(t, err)
	return *out.Instances[0].InstanceId
}

func TestReferencesOfInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		image := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web"})
		api := client(cloud, here)
		assert.False(t, usage(t, cloud, image, ami.UsageRules{}).InUse)
		instance := launch(t, api, image)
		_, err := api.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: []string{instance}})
		require.NoError(t, err)
		u := usage(t, cloud, image, ami.UsageRules{})
		assert.True(t, u.InUse, "a stopped one may be started again")
		require.Len(t, u.References, 1)
		assert.Equal(t, "ec2:Instance", u.References[0].Type)
		assert.Contains(t, u.References[0].String(), "instance/"+instance)
		_, err = api.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{instance}})
		require.NoError(t, err)
		assert.False(t, usage(t, cloud, image, ami.UsageRules{}).InUse, "terminated")
	})
}

// AWS looks at the ten newest versions of a template unless it is told not to;
// a group may use an older one.
func TestReferencesOfEveryTemplateVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		api := client(cloud, here)
		old := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "old"})
		image := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "new"})
		_, err := api.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
			LaunchTemplateName: new("web"), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: &old},
		})
		require.NoError(t, err)
		for range 30 {
			_, err := api.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
				LaunchTemplateName: new("web"), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: &image},
			})
			require.NoError(t, err)
		}
		u := usage(t, cloud, old, ami.UsageRules{})
		assert.True(t, u.InUse)
		require.Len(t, u.References, 1)
		assert.Equal(t, "ec2:LaunchTemplate", u.References[0].Type)
		u = usage(t, cloud, old, ami.UsageRules{Without: []types.ImageReferenceResourceType{types.ImageReferenceResourceTypeEc2LaunchTemplate}})
		assert.False(t, u.InUse, "the caller does not look")
		assert.Contains(t, u.Unchecked, ami.Unchecked("ec2:LaunchTemplate"), "and is told")
	})
}

func TestReferencesTenACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		var ids []string
		for i := range 25 {
			ids = append(ids, cloud.Region(here).OwnImage(awstest.ImageSeed{Name: fmt.Sprint("web ", i)}))
		}
		used := ids[24]
		launch(t, client(cloud, here), used)
		ids[0], ids[24] = used, ids[0] // not in the order of the ids
		ids = append(ids, used)
		cloud.ForgetCalls()
		all, err := ami.References(t.Context(), client(cloud, here), ids, ami.UsageRules{})
		require.NoError(t, err)
		assert.Equal(t, 3, cloud.Count("DescribeImageReferences"))
		assert.Equal(t, 1, cloud.Count("DescribeImages"))
		assert.Empty(t, cloud.Writes())
		for i, u := range all {
			assert.Equal(t, ids[i], u.ImageID)
			assert.Equal(t, u.ImageID == used, u.InUse)
		}
	})
}

// Who shares an image cannot see what the others do with it.
func TestReferencesOfSharedImages(t *testing.T) {
	const month = 30 * day
	for name, c := range map[string]struct {
		age      int // of the image, in days
		launched int // days ago; negative: never
		stale    time.Duration
		with     string
		inUse    bool
	}{
		"launched yesterday":                {400, 2, month, consumer, true},
		"launched long ago":                 {400, 60, month, consumer, false},
		"no age given":                      {400, 60, 0, consumer, true},
		"never launched, old":               {400, -1, month, consumer, false},
		"never launched, younger than that": {20, -1, month, consumer, true},
		"with an organization":              {400, 2, month, company, true},
		"with a unit, long ago":             {400, 60, month, unit, false},
		"with nobody, launched yesterday":   {400, 2, month, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := awstest.Start(t)
				seed := awstest.ImageSeed{Name: "web", Age: time.Duration(c.age-max(c.launched, 0)) * day}
				if c.with != "" {
					seed.SharedWith = []string{c.with}
				}
				id := cloud.Region(here).OwnImage(seed)
				if c.launched >= 0 {
					api := client(cloud, here)
					instance := launch(t, api, id)
					_, err := api.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{instance}})
					require.NoError(t, err)
					time.Sleep(time.Duration(c.launched)*day + time.Hour)
				}
				u := usage(t, cloud, id, ami.UsageRules{StaleAfter: c.stale})
				assert.Equal(t, c.inUse, u.InUse)
				assert.Equal(t, c.with != "", !assert.ObjectsAreEqual(ami.Permissions{}, u.Shared))
				assert.Equal(t, c.launched >= 0, !u.LastLaunched.IsZero())
				if c.with != "" {
					assert.Contains(t, u.Unchecked, ami.UncheckedOtherAccounts)
				}
			})
		})
	}
}

// A usage report of AWS names the accounts that have something of the image,
// however long ago they launched it.
func TestReferencesInOtherAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web", SharedWith: []string{consumer}, Age: 400 * day})
		launch(t, ec2.NewFromConfig(cloud.Account(consumer).Config(here)), id)
		time.Sleep(60 * day)
		rules := ami.UsageRules{StaleAfter: 30 * day}
		assert.False(t, usage(t, cloud, id, rules).InUse, "nobody has asked AWS")

		began := time.Now()
		report, err := reportUsage(t.Context(), client(cloud, here), id, day)
		require.NoError(t, err)
		assert.Greater(t, time.Since(began), 8*time.Minute)
		u := usage(t, cloud, id, rules)
		assert.True(t, u.InUse)
		assert.True(t, u.Stale)
		require.Len(t, u.References, 1)
		assert.Equal(t, ami.Reference{Type: "ec2:Instance", Account: consumer, Count: 1}, u.References[0])
		assert.Equal(t, "1 × ec2:Instance in account "+consumer, u.References[0].String())

		again, err := reportUsage(t.Context(), client(cloud, here), id, day)
		require.NoError(t, err)
		assert.Equal(t, report.ReportID, again.ReportID, "young enough")
		time.Sleep(2 * day)
		again, err = reportUsage(t.Context(), client(cloud, here), id, day)
		require.NoError(t, err)
		assert.NotEqual(t, report.ReportID, again.ReportID)
		assert.Equal(t, 2, cloud.Count("CreateImageUsageReport"))
	})
}

func TestReportUsageThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web"})
		cloud.Region(here).FailUsageReports("internal error")
		_, err := reportUsage(t.Context(), client(cloud, here), id, 0)
		require.ErrorIs(t, err, ami.ErrFailed)
		e, _ := errors.AsType[*ami.Error](err)
		assert.Equal(t, "internal error", e.Reason)
		require.Len(t, e.IDs, 1)

		_, err = reportUsage(t.Context(), client(cloud, here), "web", 0)
		require.ErrorIs(t, err, ami.ErrInvalidInput)
		_, err = reportUsage(t.Context(), client(cloud, here), id, -1)
		require.ErrorIs(t, err, ami.ErrInvalidInput)
	})
}

func TestReportUsageThroughFaults(t *testing.T) {
	for name, f := range map[string]awstest.Fault{
		"throttling": awstest.Throttle(awstest.Match{}, 2),
		"lost":       awstest.LoseResponse(awstest.Match{Operation: "CreateImageUsageReport"}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
				id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web"})
				cloud.Inject(f)
				_, err := reportUsage(t.Context(), client(cloud, here), id, day)
				require.NoError(t, err)
				out, err := client(cloud, here).DescribeImageUsageReports(t.Context(), &ec2.DescribeImageUsageReportsInput{ImageIds: []string{id}})
				require.NoError(t, err)
				assert.Len(t, out.ImageUsageReports, 1)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Realistic))
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := reportUsage(ctx, client(cloud, here), id, day)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		e, _ := errors.AsType[*ami.Error](err)
		assert.Equal(t, "pending", e.State)
		require.Len(t, e.IDs, 1)
		report, err := reportUsage(t.Context(), client(cloud, here), id, day)
		require.NoError(t, err)
		assert.Equal(t, e.IDs[0], report.ReportID, "the one that was begun")
	})
}

func TestReferencesHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		a := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "a"})
		b := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "b"})
		hook := ami.ReferenceHook{
			Type: "autoscaling:Group", Covers: []ami.Unchecked{ami.UncheckedGroups},
			Find: func(_ context.Context, ids []string) (map[string][]string, error) {
				assert.ElementsMatch(t, []string{a, b}, ids)
				return map[string][]string{a: {"web-group"}}, nil
			},
		}
		all, err := ami.References(t.Context(), client(cloud, here), []string{a, b}, ami.UsageRules{Hooks: []ami.ReferenceHook{hook}})
		require.NoError(t, err)
		assert.Equal(t, []ami.Reference{{Type: "autoscaling:Group", ID: "web-group", Count: 1}}, all[0].References)
		assert.True(t, all[0].InUse)
		assert.False(t, all[1].InUse)
		assert.NotContains(t, all[0].Unchecked, ami.UncheckedGroups)
		assert.Contains(t, all[0].Unchecked, ami.UncheckedFleets)

		broken := errors.New("no such region")
		hook.Find = func(context.Context, []string) (map[string][]string, error) { return nil, broken }
		all, err = ami.References(t.Context(), client(cloud, here), []string{a, b}, ami.UsageRules{Hooks: []ami.ReferenceHook{hook}})
		require.ErrorIs(t, err, ami.ErrHookFailed)
		require.ErrorIs(t, err, broken)
		for _, u := range all {
			assert.True(t, u.InUse, "not known is in use")
		}
	})
}

// A check that cannot finish clears nothing.
func TestReferencesFailClosed(t *testing.T) {
	for _, op := range []string{"DescribeImages", "DescribeImageReferences", "DescribeImageAttribute", "DescribeImageUsageReports", "DescribeImageUsageReportEntries"} {
		t.Run(op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := grow(t, []int{300, 200, 1})
				_, err := reportUsage(t.Context(), client(g.cloud, here), g.images[0], day)
				require.NoError(t, err)
				g.cloud.Inject(awstest.Refuse(awstest.Match{Operation: op}, 0, "UnauthorizedOperation", "no"))
				all, err := ami.References(t.Context(), g.api, g.images[:1], ami.UsageRules{StaleAfter: day})
				require.ErrorContains(t, err, "UnauthorizedOperation")
				assert.True(t, all[0].InUse)
				e, ok := errors.AsType[*ami.Error](all[0].Err)
				require.True(t, ok)
				assert.Equal(t, g.images[0], e.ID)
				assert.Equal(t, here, e.Region)
			})
		})
	}
}

func TestReferencesOfForeignAndUnknownImages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		own := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web"})
		foreign := cloud.Region(here).ForeignImage(consumer, "theirs", true)
		all, err := ami.References(t.Context(), client(cloud, here), []string{foreign, own, id(5)}, ami.UsageRules{})
		require.ErrorIs(t, err, ami.ErrNotOwner)
		require.ErrorIs(t, err, ami.ErrNotFound)
		assert.True(t, all[0].InUse)
		require.ErrorIs(t, all[0].Err, ami.ErrNotOwner)
		assert.False(t, all[1].InUse)
		require.NoError(t, all[1].Err)
		assert.True(t, all[2].InUse)
		require.ErrorIs(t, all[2].Err, ami.ErrNotFound)

		_, err = ami.References(t.Context(), client(cloud, here), []string{"web"}, ami.UsageRules{})
		require.ErrorIs(t, err, ami.ErrInvalidInput)
		_, err = ami.References(t.Context(), client(cloud, here), nil, ami.UsageRules{StaleAfter: time.Hour})
		require.ErrorIs(t, err, ami.ErrInvalidInput)
	})
}

// One that vanishes while it is looked at spoils no other: AWS may refuse a call
// as a whole for it.
func TestReferencesOfOneThatVanishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		a := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "a"})
		b := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "b"})
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			in, ok := call.Input.(*ec2.DescribeImageReferencesInput)
			if ok && slices.Contains(in.ImageIds, a) {
				return nil, awsError("InvalidAMIID.NotFound")
			}
			return next(ctx)
		})
		all, err := ami.References(t.Context(), client(cloud, here), []string{a, b}, ami.UsageRules{})
		require.ErrorIs(t, err, ami.ErrNotFound)
		assert.True(t, all[0].InUse)
		assert.False(t, all[1].InUse)
	})
}

func TestReferencesThroughThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{300, 200, 1})
		_, err := reportUsage(t.Context(), client(g.cloud, here), g.images[0], day)
		require.NoError(t, err)
		launch(t, client(g.cloud, here), g.images[1])
		g.cloud.Inject(awstest.Throttle(awstest.Match{}, 2))
		all, err := ami.References(t.Context(), g.api, g.images, ami.UsageRules{StaleAfter: 30 * day})
		require.NoError(t, err)
		assert.False(t, all[0].InUse)
		assert.True(t, all[1].InUse)
	})
}

// A plan that cannot see keeps.
func TestPlanKeepsWhatIsInUseOrCannotBeChecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		launch(t, client(g.cloud, here), g.images[1])
		plan := g.plan(rules)
		d := decision(t, plan, g.images[1])
		assert.Equal(t, ami.ActionKeep, d.Action)
		assert.Contains(t, d.Reason, "in use by ec2:Instance ")
		require.NotNil(t, d.Usage)
		assert.Equal(t, ami.ActionDeregister, decision(t, plan, g.images[0]).Action)

		rules.Usage.StaleAfter = 0
		assert.Equal(t, ami.ActionDeregister, decision(t, g.plan(rules), g.images[0]).Action, "a disabled one is shared with nobody")
		g.cloud.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeImageReferences"}, 0, "UnauthorizedOperation", "no"))
		plan = g.plan(rules)
		for _, i := range g.images[:2] {
			d := decision(t, plan, i)
			assert.Equal(t, ami.ActionKeep, d.Action)
			assert.Contains(t, d.Reason, "its use cannot be checked: ")
		}
	})
}

// Answers that are lost one after another, also beyond what the SDK sends again,
// make no second report.
func TestReportUsageIsMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		image := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web", SharedWith: []string{consumer}})
		lost := 0
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			out, err := next(ctx)
			if call.Operation == "CreateImageUsageReport" && err == nil && lost < 7 {
				lost++
				return nil, awsError("ServiceUnavailable")
			}
			return out, err
		})
		_, err := reportUsage(t.Context(), client(cloud, here), image, 0)
		require.NoError(t, err)
		assert.Equal(t, 7, lost)
		out, err := client(cloud, here).DescribeImageUsageReports(t.Context(), &ec2.DescribeImageUsageReportsInput{ImageIds: []string{image}})
		require.NoError(t, err)
		assert.Len(t, out.ImageUsageReports, 1)
	})
}
