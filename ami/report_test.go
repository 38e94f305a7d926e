package ami_test

import (
	"context"
	"errors"
	"fmt"
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

// AWS is asked for all reports before any is waited for, and one call reads the
// states of two hundred.
func TestReportUsageOfManyImagesIsOneWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{UsageReport: 10 * time.Minute}))
		var ids []string
		for i := range 250 {
			ids = append(ids, cloud.Region(here).OwnImage(awstest.ImageSeed{Name: fmt.Sprint("web ", i)}))
		}
		old, err := reportUsage(t.Context(), client(cloud, here), ids[7], 0)
		require.NoError(t, err)
		cloud.Region(here).FailUsageReports("internal error")
		foreign := cloud.Region(here).ForeignImage(consumer, "theirs", true)
		cloud.ForgetCalls()
		start := time.Now()
		asked := append([]string{foreign}, append(ids, ids[3])...)

		all, err := ami.ReportUsage(t.Context(), client(cloud, here), ami.ReportUsageInput{ImageIDs: asked})

		require.ErrorIs(t, err, ami.ErrFailed)
		require.Len(t, all, len(asked))
		for i, r := range all {
			assert.Equal(t, asked[i], r.ImageID)
			switch i {
			case 0:
				require.Error(t, r.Err)
				assert.Empty(t, r.ReportID)
			case 1:
				require.ErrorIs(t, r.Err, ami.ErrFailed)
				assert.NotEmpty(t, r.ReportID)
			default:
				require.NoError(t, r.Err)
				assert.NotEmpty(t, r.ReportID)
				assert.Equal(t, asked[i] == ids[7], r.Adopted)
				assert.WithinDuration(t, start, r.CreatedAt, 11*time.Minute)
			}
		}
		assert.Equal(t, old.ReportID, all[8].ReportID)
		assert.Equal(t, all[4].ReportID, all[251].ReportID)
		assert.InDelta(t, 10*time.Minute, time.Since(start), float64(30*time.Second), "as long as one")
		created, read, ticks := 0, 0, map[time.Time]bool{}
		for _, call := range cloud.Calls() {
			switch call.Operation {
			case "CreateImageUsageReport":
				created++
				assert.LessOrEqual(t, read, 2, "none is waited for before all are asked for")
			case "DescribeImageUsageReports":
				read++
				ticks[call.At] = true
			}
		}
		assert.Equal(t, 250, created, "but for the one that is young enough, and with that which is refused")
		assert.LessOrEqual(t, read, 3*len(ticks), "two a tick, and pages")
		assert.Less(t, len(ticks), 200)
	})
}

// A report that AWS has created and never shows keeps its id.
func TestReportUsageKeepsTheIDOfWhatIsNotVisible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web"})
		cloud.Inject(answered(func(out *ec2.DescribeImageUsageReportsOutput) { out.ImageUsageReports = nil }))
		start := time.Now()
		got, err := reportUsage(t.Context(), client(cloud, here), id, 0)
		require.ErrorIs(t, err, ami.ErrNotVisible)
		assert.NotEmpty(t, got.ReportID)
		e, ok := errors.AsType[*ami.Error](err)
		require.True(t, ok)
		assert.Equal(t, []string{got.ReportID}, e.IDs)
		assert.Equal(t, 5*time.Minute, time.Since(start).Truncate(time.Minute), "the grace")
		assert.Equal(t, 1, cloud.Count("CreateImageUsageReport"))
	})
}

// toDisable has a shared image that is to be disabled, and a consumer whose
// template launches it.
func toDisable(t *testing.T) (*grown, ami.Lifecycle) {
	g, rules := atOnce(t)
	theirs := ec2.NewFromConfig(g.cloud.Account(consumer).Config(here))
	_, err := theirs.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: new("web"), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: &g.images[1]},
	})
	require.NoError(t, err)
	return g, rules
}

// What no check sees is in the plan: that there are other accounts, and that
// nothing is known of their templates.
func TestPlanSaysThatOtherAccountsWereNotLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := toDisable(t)
		plan := g.plan(rules)
		assert.Equal(t, ami.ActionDisable, decision(t, plan, g.images[1]).Action, "nobody sees the consumer's template")
		assert.Contains(t, plan.Unchecked, ami.UncheckedOtherAccounts)
		assert.Contains(t, plan.Unchecked, ami.UncheckedUsageReport)

		_, err := ami.ReportUsage(t.Context(), client(g.cloud, here), ami.ReportUsageInput{ImageIDs: g.images[1:3]})
		require.NoError(t, err)
		plan = g.plan(rules)
		d := decision(t, plan, g.images[1])
		assert.Equal(t, ami.ActionKeep, d.Action)
		assert.Equal(t, "in use by 1 × ec2:LaunchTemplate in account "+consumer, d.Reason)
		assert.WithinDuration(t, time.Now(), d.Usage.ReportedAt, time.Minute)
		assert.Contains(t, plan.Unchecked, ami.UncheckedOtherAccounts, "their groups and tools stay unseen")
		assert.NotContains(t, plan.Unchecked, ami.UncheckedUsageReport)
		seen := map[ami.Unchecked]int{}
		for _, b := range plan.Unchecked {
			seen[b]++
			assert.Equal(t, 1, seen[b], b)
		}
	})
}

// An image that is shared with nobody has no such blind spots.
func TestPlanOfImagesThatAreNotShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		_, err := ami.Unshare(t.Context(), client(g.cloud, here), g.images[1], ami.Permissions{Accounts: []string{consumer}})
		require.NoError(t, err)
		plan := g.plan(rules)
		assert.Equal(t, ami.ActionDisable, decision(t, plan, g.images[1]).Action)
		assert.NotContains(t, plan.Unchecked, ami.UncheckedOtherAccounts)
		assert.NotContains(t, plan.Unchecked, ami.UncheckedUsageReport)
	})
}

// How old a report may be is the caller's to say. One that is older still shows
// what is in use.
func TestUsageReportsGrowOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := toDisable(t)
		_, err := ami.ReportUsage(t.Context(), client(g.cloud, here), ami.ReportUsageInput{ImageIDs: g.images[1:3]})
		require.NoError(t, err)
		for _, c := range []struct {
			after, maxAge time.Duration
			blind         bool
		}{{23 * time.Hour, 0, false}, {2 * time.Hour, 0, true}, {0, 7 * day, false}, {7 * day, 7 * day, true}, {0, time.Hour, true}} {
			time.Sleep(c.after)
			rules.Usage.ReportMaxAge = c.maxAge
			u := usage(t, g.cloud, g.images[1], rules.Usage)
			blind := false
			for _, b := range u.Unchecked {
				blind = blind || b == ami.UncheckedUsageReport
			}
			assert.Equal(t, c.blind, blind, "%s", c.maxAge)
			assert.True(t, u.InUse)
		}
	})
}

// The reports of all shared images are read in one call.
func TestReferencesReadReportsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := grow(t, []int{300, 200, 100, 50})
		_, err := ami.ReportUsage(t.Context(), client(g.cloud, here), ami.ReportUsageInput{ImageIDs: g.images})
		require.NoError(t, err)
		g.cloud.ForgetCalls()
		all, err := ami.References(t.Context(), g.api, g.images, ami.UsageRules{StaleAfter: 30 * day})
		require.NoError(t, err)
		for _, u := range all {
			assert.False(t, u.ReportedAt.IsZero())
		}
		assert.Equal(t, 1, g.cloud.Count("DescribeImageUsageReports"))
		assert.Equal(t, 1, g.cloud.Count("DescribeImageUsageReportEntries"))
	})
}

// A plan of many images takes a while: one that comes into use on the way is left
// alone.
func TestApplyChecksTheUseRightBeforeEachStep(t *testing.T) {
	for action, days := range map[ami.Action]int{ami.ActionDisable: 0, ami.ActionDeregister: 40} {
		t.Run(string(action), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := grow(t, []int{300, 200, 2, 1})
				rules := monthly()
				rules.DisableAfter, rules.Usage.StaleAfter = 0, 30*day
				var template string
				for _, id := range g.images[:2] {
					if action == ami.ActionDeregister {
						g.disabledSince(id, days)
					} else {
						g.deprecated(id)
					}
				}
				write := map[ami.Action]string{ami.ActionDisable: "DisableImage", ami.ActionDeregister: "DeregisterImage"}[action]
				plan := g.plan(rules)
				assert.Equal(t, map[string]ami.Action{g.images[0]: action, g.images[1]: action}, actions(plan))
				g.cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					out, err := next(ctx)
					if call.Operation == write && template == "" {
						made, err := client(g.cloud, here).CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
							LaunchTemplateName: new("web"), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: &g.images[1]},
						})
						require.NoError(t, err)
						template = *made.LaunchTemplate.LaunchTemplateId
					}
					return out, err
				})
				before := g.state(g.images[1])

				done, err := g.apply(t.Context(), rules, plan)

				require.NoError(t, err)
				assert.True(t, done[0].Done)
				assert.False(t, done[1].Done)
				assert.Contains(t, done[1].Skipped, "since the plan: in use by ec2:LaunchTemplate ")
				assert.Contains(t, done[1].Skipped, template)
				assert.Equal(t, before, g.state(g.images[1]))
			})
		})
	}
}

// A check that cannot finish clears nothing, on the way either.
func TestApplyStopsWhereTheUseCannotBeChecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rules := atOnce(t)
		plan, deny := g.plan(rules), false
		g.cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if deny && call.Operation == "DescribeImageReferences" {
				return nil, awsError("UnauthorizedOperation")
			}
			deny = deny || call.Operation == "DeregisterImage"
			return next(ctx)
		})
		done, err := g.apply(t.Context(), rules, plan)
		require.ErrorContains(t, err, "UnauthorizedOperation")
		assert.True(t, done[0].Done)
		assert.False(t, done[1].Done)
		require.Error(t, done[1].Err)
		assert.Equal(t, types.ImageStateAvailable, g.state(g.images[1]))
	})
}
