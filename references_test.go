package readyami_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
	"github.com/readyami/readyami/launchtemplate"
)

// shared is a fleet in which a template of many versions is used in every way.
type shared struct {
	cloud    *awstest.Cloud
	as       *autoscaling.Client
	ec2      *ec2.Client
	template launchtemplate.Ref
	images   []string // of the versions, from 1
}

// newShared has a template of eleven versions of our own, 4 the default, and
// groups of it: "number" of 2, "default" of $Default, "latest" of $Latest,
// "mixed" with an override of 3, and "refreshed" of 5, which can be brought to 6.
func newShared(t *testing.T, opts ...awstest.Option) *shared {
	t.Helper()
	cloud := awstest.Start(t, append([]awstest.Option{awstest.WithTiming(awstest.Realistic)}, opts...)...)
	region := cloud.Region("eu-west-1")
	s := &shared{cloud: cloud, as: autoscaling.NewFromConfig(region.Config()), ec2: ec2.NewFromConfig(region.Config())}
	for n := range 11 {
		s.images = append(s.images, region.OwnImage(awstest.ImageSeed{Name: fmt.Sprint("web-", n+1)}))
	}
	s.template.ID = region.Template(awstest.TemplateSeed{Name: "web", ImageID: s.images[0]})
	for n := 1; n < len(s.images); n++ {
		_, err := launchtemplate.NextVersion(t.Context(), s.ec2, launchtemplate.NextVersionInput{Template: s.template, Source: int64(n), ImageID: s.images[n]})
		require.NoError(t, err)
	}
	_, err := launchtemplate.SetDefault(t.Context(), s.ec2, s.template, 4)
	require.NoError(t, err)
	for name, version := range map[string]string{"number": "2", "default": "$Default", "latest": "$Latest", "refreshed": "5"} {
		region.Group(awstest.GroupSeed{Name: name, TemplateID: s.template.ID, Version: version})
	}
	other := region.Template(awstest.TemplateSeed{Name: "other"})
	region.Group(awstest.GroupSeed{Name: "mixed", TemplateID: other, Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
		in.LaunchTemplate = nil
		in.MixedInstancesPolicy = &asgtypes.MixedInstancesPolicy{LaunchTemplate: &asgtypes.LaunchTemplate{
			LaunchTemplateSpecification: &asgtypes.LaunchTemplateSpecification{LaunchTemplateId: &other, Version: new("1")},
			Overrides: []asgtypes.LaunchTemplateOverrides{{InstanceType: new("t3.small")}, {
				InstanceType: new("t3.large"), LaunchTemplateSpecification: &asgtypes.LaunchTemplateSpecification{LaunchTemplateName: new("web"), Version: new("3")},
			}},
		}}
	}})
	cloud.ForgetCalls()
	return s
}

func (s *shared) refresh(t *testing.T) {
	t.Helper()
	_, err := asg.StartRefresh(t.Context(), s.as, asg.RefreshInput{Group: "refreshed", TemplateID: s.template.ID, Version: 6})
	require.NoError(t, err)
}

// TestPruneKeepsWhatGroupsUse has every way in which a group uses a version.
func TestPruneKeepsWhatGroupsUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared(t)
		s.refresh(t)
		in := launchtemplate.PruneInput{
			Template: s.template, Keep: 1, Foreign: true, Protect: []int64{9},
			Users: []launchtemplate.UsesFunc{readyami.TemplateUses(s.as)},
		}
		done, err := launchtemplate.Prune(t.Context(), s.ec2, in)
		require.NoError(t, err)
		assert.Equal(t, []int64{1, 7, 8, 10}, done.Deleted)
		why := map[int64][]string{}
		for _, k := range done.Plan.Kept {
			for _, w := range k.Why {
				if len(w) < 11 || w[:9] != "instance " || w[:16] == "instance refresh" {
					why[k.Version] = append(why[k.Version], w)
				}
			}
		}
		assert.Equal(t, map[int64][]string{
			2: {"group number"}, 3: {"override of group mixed"}, 4: {"default", "group default"}, 5: {"group refreshed"},
			6: {"instance refresh refreshed"}, 9: {"protected"}, 11: {"latest", "newest 1", "group latest"},
		}, why)

		// Whatever is pruned, every group launches as before.
		time.Sleep(time.Hour)
		for _, name := range []string{"number", "default", "latest", "mixed", "refreshed"} {
			_, err := s.as.SetDesiredCapacity(t.Context(), &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &name, DesiredCapacity: new(int32(2))})
			require.NoError(t, err)
		}
		time.Sleep(time.Hour)
		groups, err := asg.Describe(t.Context(), s.as, []string{"number", "default", "latest", "mixed", "refreshed"})
		require.NoError(t, err)
		for _, g := range groups {
			assert.Len(t, g.Instances, 2, *g.AutoScalingGroupName)
		}
		assert.Equal(t, "6", *groups[4].LaunchTemplate.Version)
	})
}

// TestTemplateUsesThatCannotBeRead keeps everything.
func TestTemplateUsesThatCannotBeRead(t *testing.T) {
	s := newShared(t)
	for _, operation := range []string{"DescribeAutoScalingGroups", "DescribeInstanceRefreshes"} {
		s.cloud.Inject(awstest.Refuse(awstest.Match{Operation: operation}, 1, "AccessDenied", "no"))
		_, err := launchtemplate.Prune(t.Context(), s.ec2, launchtemplate.PruneInput{
			Template: s.template, Keep: 1, Users: []launchtemplate.UsesFunc{readyami.TemplateUses(s.as)},
		})
		require.ErrorIs(t, err, launchtemplate.ErrUsesUnknown)
		assert.ErrorContains(t, err, "AccessDenied")
	}
	assert.Empty(t, s.cloud.Writes())
}

// TestImagesThatGroupsUseStay has the reference check of images see what the
// groups launch, also what no instance runs.
func TestImagesThatGroupsUseStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared(t)
		s.refresh(t)
		hook := readyami.GroupReferences(s.as, s.ec2)
		found, err := hook.Find(t.Context(), s.images)
		require.NoError(t, err)
		assert.Equal(t, map[string][]string{
			s.images[1]:  {"group number by " + s.template.ID + " version 2"},
			s.images[2]:  {"override of group mixed by " + s.template.ID + " version 3"},
			s.images[3]:  {"group default by " + s.template.ID + " version $Default"},
			s.images[4]:  {"group refreshed by " + s.template.ID + " version 5"},
			s.images[5]:  {"instance refresh refreshed by " + s.template.ID + " version 6"},
			s.images[10]: {"group latest by " + s.template.ID + " version $Latest"},
		}, found)

		usage, err := ami.References(t.Context(), s.ec2, s.images[5:7], ami.UsageRules{Hooks: []ami.ReferenceHook{hook}})
		require.NoError(t, err)
		for _, u := range usage {
			assert.NotContains(t, u.Unchecked, ami.UncheckedGroups)
			assert.NotContains(t, u.Unchecked, ami.UncheckedLaunchConfigurations)
			byGroup := 0
			for _, r := range u.References {
				if r.Type == "autoscaling:Group" {
					byGroup++
				}
			}
			assert.Equal(t, map[string]int{s.images[5]: 1, s.images[6]: 0}[u.ImageID], byGroup)
		}
	})
}

// TestJoinedFaults runs what joins the packages through every fault.
func TestJoinedFaults(t *testing.T) {
	t.Run("GroupReferences", func(t *testing.T) {
		faulttest.Run(t, func(t *testing.T, opts ...awstest.Option) faulttest.World {
			cloud := awstest.Start(t, opts...)
			region := cloud.Region("eu-west-1")
			group := region.Group(awstest.GroupSeed{Name: "web", ImageID: region.OwnImage(awstest.ImageSeed{Name: "web-1"})})
			var found map[string][]string
			return faulttest.World{
				Cloud: cloud,
				Call: func(ctx context.Context) (err error) {
					hook := readyami.GroupReferences(autoscaling.NewFromConfig(faulttest.Config(cloud, "eu-west-1")), ec2.NewFromConfig(faulttest.Config(cloud, "eu-west-1")))
					found, err = hook.Find(ctx, []string{group.ImageID})
					return err
				},
				Check: func(t *testing.T) { assert.Len(t, found[group.ImageID], 1) },
			}
		})
	})
	t.Run("Prune with TemplateUses", func(t *testing.T) {
		faulttest.Run(t, func(t *testing.T, opts ...awstest.Option) faulttest.World {
			cloud := awstest.Start(t, opts...)
			region := cloud.Region("eu-west-1")
			group := region.Group(awstest.GroupSeed{Name: "web"})
			api := ec2.NewFromConfig(faulttest.Config(cloud, "eu-west-1"))
			for n := int64(1); n < 4; n++ {
				_, err := launchtemplate.NextVersion(t.Context(), api, launchtemplate.NextVersionInput{
					Template: launchtemplate.Ref{ID: group.TemplateID}, Source: n, ImageID: fmt.Sprintf("ami-%08d", n),
				})
				require.NoError(t, err)
			}
			_, err := launchtemplate.SetDefault(t.Context(), api, launchtemplate.Ref{ID: group.TemplateID}, 4)
			require.NoError(t, err)
			return faulttest.World{
				Cloud: cloud,
				Call: func(ctx context.Context) error {
					_, err := launchtemplate.Prune(ctx, ec2.NewFromConfig(faulttest.Config(cloud, "eu-west-1")), launchtemplate.PruneInput{
						Template: launchtemplate.Ref{ID: group.TemplateID}, Keep: 1, Foreign: true,
						Users: []launchtemplate.UsesFunc{readyami.TemplateUses(autoscaling.NewFromConfig(faulttest.Config(cloud, "eu-west-1")))},
					})
					return err
				},
				Check: func(t *testing.T) {
					var left []int64
					for _, v := range region.TemplateVersions(group.TemplateID) {
						left = append(left, *v.VersionNumber)
					}
					assert.Equal(t, []int64{1, 4}, left)
				},
			}
		})
	})
}
