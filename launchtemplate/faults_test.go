package launchtemplate_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
	"github.com/readyami/readyami/launchtemplate"
)

// versionsOf are the images of a template's versions, oldest first, and which
// of them is the default.
func versionsOf(cloud *awstest.Cloud, name string) (out []string) {
	for _, v := range cloud.Region(home).TemplateVersions(name) {
		line := fmt.Sprint(*v.VersionNumber, " ", *v.LaunchTemplateData.ImageId)
		if *v.DefaultVersion {
			line += " default"
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// seeded is a template of n versions of our own, which shows at once.
func seeded(t *testing.T, n int, opts ...awstest.Option) (*awstest.Cloud, launchtemplate.Ref) {
	t.Helper()
	cloud, _ := start(t, opts...)
	one := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "one"})
	ref := launchtemplate.Ref{ID: cloud.Region(home).Template(awstest.TemplateSeed{Name: "web", ImageID: one})}
	api := ec2.NewFromConfig(cloud.Config(home))
	for i := 1; i < n; i++ {
		_, err := launchtemplate.NextVersion(t.Context(), api, launchtemplate.NextVersionInput{
			Template: ref, Source: int64(i), ImageID: fmt.Sprintf("ami-%08d", i),
		})
		require.NoError(t, err)
	}
	return cloud, ref
}

// TestFaults runs every function of the package through every fault. Each reads
// or writes the template of that many versions, and leaves these.
func TestFaults(t *testing.T) {
	one := "" // the image of the first version
	functions := map[string]struct {
		versions int
		call     func(context.Context, *ec2.Client, launchtemplate.Ref) (any, error)
		want     func(launchtemplate.Ref) any
		left     []string // nil: nothing changes
	}{
		"Create, then Resolve": {0, func(ctx context.Context, api *ec2.Client, _ launchtemplate.Ref) (any, error) {
			made, err := launchtemplate.Create(ctx, api, launchtemplate.CreateInput{
				Name: "web", Data: withImage("ami-00000001"), Tags: map[string]string{"team": "web"},
			})
			if err == nil { // what follows at once finds it
				_, err = launchtemplate.Resolve(ctx, api, launchtemplate.Ref{ID: made.TemplateID}, "")
			}
			return nil, err
		}, nil, []string{"1 ami-00000001 default"}},
		"NextVersion": {1, func(ctx context.Context, api *ec2.Client, ref launchtemplate.Ref) (any, error) {
			next, err := launchtemplate.NextVersion(ctx, api, launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"})
			if err != nil {
				return nil, err
			}
			return next.Version.Number, nil
		}, func(launchtemplate.Ref) any { return int64(2) }, []string{"1 one default", "2 ami-00000002"}},
		"NextVersion, with another type": {1, func(ctx context.Context, api *ec2.Client, ref launchtemplate.Ref) (any, error) {
			next, err := launchtemplate.NextVersion(ctx, api, launchtemplate.NextVersionInput{
				Template: ref, Source: 1, Change: func(d *types.RequestLaunchTemplateData) { d.InstanceType = types.InstanceTypeT3Large },
			})
			if err != nil {
				return nil, err
			}
			return next.Version.Number, nil
		}, func(launchtemplate.Ref) any { return int64(2) }, []string{"1 one default", "2 one"}},
		"SetDefault": {2, func(ctx context.Context, api *ec2.Client, ref launchtemplate.Ref) (any, error) {
			_, err := launchtemplate.SetDefault(ctx, api, ref, 2)
			return nil, err
		}, nil, []string{"1 one", "2 ami-00000001 default"}},
		"Prune": {4, func(ctx context.Context, api *ec2.Client, ref launchtemplate.Ref) (any, error) {
			_, err := launchtemplate.Prune(ctx, api, launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()})
			return nil, err
		}, nil, []string{"1 one default", "4 ami-00000003"}},
		"PlanPrune": {4, func(ctx context.Context, api *ec2.Client, ref launchtemplate.Ref) (any, error) {
			plan, err := launchtemplate.PlanPrune(ctx, api, launchtemplate.PruneInput{Template: ref, Keep: 1, Users: usedBy()})
			if err != nil {
				return nil, err
			}
			return plan.Delete, nil
		}, func(launchtemplate.Ref) any { return []int64{2, 3} }, nil},
		"Describe": {3, func(ctx context.Context, api *ec2.Client, ref launchtemplate.Ref) (any, error) {
			t, err := launchtemplate.Describe(ctx, api, ref)
			if err != nil {
				return nil, err
			}
			return t.Latest, nil
		}, func(launchtemplate.Ref) any { return int64(3) }, nil},
		"All": {1, func(ctx context.Context, api *ec2.Client, _ launchtemplate.Ref) (any, error) {
			var ids []string
			for t, err := range launchtemplate.All(ctx, api) {
				if err != nil {
					return nil, err
				}
				ids = append(ids, t.ID)
			}
			return ids, nil
		}, func(ref launchtemplate.Ref) any { return []string{ref.ID} }, nil},
		"Versions": {3, func(ctx context.Context, api *ec2.Client, ref launchtemplate.Ref) (any, error) {
			var numbers []int64
			for v, err := range launchtemplate.Versions(ctx, api, ref) {
				if err != nil {
					return nil, err
				}
				numbers = append(numbers, v.Number)
			}
			return numbers, nil
		}, func(launchtemplate.Ref) any { return []int64{3, 2, 1} }, nil},
		"Resolve": {2, func(ctx context.Context, api *ec2.Client, ref launchtemplate.Ref) (any, error) {
			v, err := launchtemplate.Resolve(ctx, api, ref, "$Latest")
			if err != nil {
				return nil, err
			}
			return v.Number, nil
		}, func(launchtemplate.Ref) any { return int64(2) }, nil},
		"ResolveImage": {1, func(ctx context.Context, api *ec2.Client, ref launchtemplate.Ref) (any, error) {
			i, err := launchtemplate.ResolveImage(ctx, api, ref, "1")
			if err != nil {
				return nil, err
			}
			return i.ID, nil
		}, func(launchtemplate.Ref) any { return one }, nil},
		"VersionsUsingImage": {3, func(ctx context.Context, api *ec2.Client, _ launchtemplate.Ref) (any, error) {
			refs, err := launchtemplate.VersionsUsingImage(ctx, api, "ami-00000001")
			if err != nil {
				return nil, err
			}
			return refs[0].Version.Number, nil
		}, func(launchtemplate.Ref) any { return int64(2) }, nil},
		"Uses": {1, func(ctx context.Context, api *ec2.Client, ref launchtemplate.Ref) (any, error) {
			uses, err := launchtemplate.Uses(ctx, api, ref, usedBy(launchtemplate.Use{Version: "1", By: "group", ID: "my-asg"}))
			return len(uses), err
		}, func(launchtemplate.Ref) any { return 1 }, nil},
	}
	traces := faulttest.Traces{}
	for name, f := range functions {
		t.Run(name, func(t *testing.T) {
			first, again := faulttest.Run(t, func(t *testing.T, opts ...awstest.Option) faulttest.World {
				var cloud *awstest.Cloud
				var ref launchtemplate.Ref
				if f.versions == 0 {
					cloud, _ = start(t, opts...)
				} else {
					cloud, ref = seeded(t, f.versions, opts...)
					one = *cloud.Region(home).TemplateVersions("web")[0].LaunchTemplateData.ImageId
				}
				left := slices.Clone(f.left)
				for i := range left {
					left[i] = strings.ReplaceAll(left[i], "one", one)
				}
				if left == nil {
					left = versionsOf(cloud, "web")
				}
				var got any
				return faulttest.World{
					Cloud: cloud,
					Call: func(ctx context.Context) (err error) {
						got, err = f.call(ctx, ec2.NewFromConfig(faulttest.Config(cloud, home)), ref)
						return err
					},
					Check: func(t *testing.T) {
						assert.Len(t, cloud.Region(home).Templates(), 1)
						assert.Equal(t, left, versionsOf(cloud, "web"))
						if f.want != nil {
							assert.Equal(t, f.want(ref), got)
						}
					},
				}
			})
			traces.Add(name, first, again)
		})
	}
	traces.Compare(t, "testdata/calls.txt", len(functions))
}

var _ = flag.Bool("update", false, "write the golden files of this package anew")
