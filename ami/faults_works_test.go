package ami_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// works are all functions that make calls.
var works = map[string]func(*testing.T, ...awstest.Option) work{
	"Create": func(t *testing.T, opts ...awstest.Option) work {
		cloud := awstest.Start(t, opts...)
		in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{DataGiB: []int32{20}}))
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.CreateResult, error) { return ami.Create(ctx, client(cloud, here), in) }), good: one(t, cloud, 2)}
	},
	"Create, in place of a failed one": func(t *testing.T, opts ...awstest.Option) work {
		cloud := awstest.Start(t, opts...)
		in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
		run := errorOf(func(ctx context.Context) (*ami.CreateResult, error) { return ami.Create(ctx, client(cloud, here), in) })
		failed(t, cloud, run)
		return work{cloud: cloud, run: run, good: one(t, cloud, 1)}
	},
	"CreateStopped": func(t *testing.T, opts ...awstest.Option) work {
		cloud := awstest.Start(t, opts...)
		in := web(cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}))
		in.Reboot = ""
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.CreateResult, error) {
			return ami.CreateStopped(ctx, client(cloud, here), in)
		}), good: func() {
			one(t, cloud, 1)()
			assert.Equal(t, types.InstanceStateNameRunning, stateOf(t, cloud, in.InstanceID))
			assert.Empty(t, cloud.Region(here).Instances()[0].Tags)
		}}
	},
	"Copy": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := abroad(t, opts...)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.CreateResult, error) { return ami.Copy(ctx, client(cloud, here), in) }), good: one(t, cloud, 1)}
	},
	"Copy, in place of a failed one": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := abroad(t, opts...)
		run := errorOf(func(ctx context.Context) (*ami.CreateResult, error) { return ami.Copy(ctx, client(cloud, here), in) })
		failed(t, cloud, run)
		return work{cloud: cloud, run: run, good: one(t, cloud, 1)}
	},
	"Register": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := fromDisks(t, opts...)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.CreateResult, error) {
			return ami.Register(ctx, client(cloud, here), in)
		}), good: one(t, cloud, 2)}
	},
	"Register, in place of a failed one": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := fromDisks(t, opts...)
		run := errorOf(func(ctx context.Context) (*ami.CreateResult, error) {
			return ami.Register(ctx, client(cloud, here), in)
		})
		failed(t, cloud, run)
		return work{cloud: cloud, run: run, good: one(t, cloud, 2)}
	},
	"Configure": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := finishing(t, opts...)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.ConfigureResult, error) {
			return ami.Configure(ctx, client(cloud, here), nil, in)
		}), good: func() {
			allOf(t, cloud, in.ImageID, in)
		}}
	},
	"Unconfigure": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := finishing(t, opts...)
		_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
		require.NoError(t, err)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.ConfigureResult, error) {
			return ami.Unconfigure(ctx, client(cloud, here), in)
		}), good: func() {
			untouched(t, cloud, in)
		}}
	},
	"Unshare": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := finishing(t, opts...)
		in = ami.ConfigureInput{ImageID: in.ImageID, Share: in.Share}
		_, err := ami.Configure(t.Context(), client(cloud, here), nil, in)
		require.NoError(t, err)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.ConfigureResult, error) {
			return ami.Unshare(ctx, client(cloud, here), in.ImageID, in.Share)
		}), good: func() { untouched(t, cloud, in) }}
	},
	"Deregister": func(t *testing.T, opts ...awstest.Option) work {
		cloud := awstest.Start(t, opts...)
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{20}})
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) ([]types.DeleteSnapshotReturnCode, error) {
			return ami.Deregister(ctx, client(cloud, here), id)
		}), good: func() {
			assert.Empty(t, held(t, cloud, here))
			assert.Empty(t, snapshots(t, cloud, here))
		}}
	},
	"ReportUsage": func(t *testing.T, opts ...awstest.Option) work {
		cloud := awstest.Start(t, opts...)
		id := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", SharedWith: []string{consumer}})
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) ([]ami.ReportUsageResult, error) {
			return ami.ReportUsage(ctx, client(cloud, here), ami.ReportUsageInput{ImageIDs: []string{id}, MaxAge: time.Hour})
		}), good: func() {
			time.Sleep(time.Minute)
			reports := 0
			for p := ec2.NewDescribeImageUsageReportsPaginator(client(cloud, here), &ec2.DescribeImageUsageReportsInput{ImageIds: []string{id}}); p.HasMorePages(); {
				page, err := p.NextPage(t.Context())
				require.NoError(t, err)
				reports += len(page.ImageUsageReports)
			}
			assert.Equal(t, 1, reports)
		}}
	},
	"PlanLifecycle and ApplyLifecycle": func(t *testing.T, opts ...awstest.Option) work {
		g, rules := atOnce(t, opts...)
		own := g.snapshotsOf(g.images[0])
		return work{many: true, cloud: g.cloud, run: errorOf(func(ctx context.Context) ([]ami.ApplyLifecycleResult, error) {
			plan, err := ami.PlanLifecycle(ctx, g.api, rules)
			if err != nil {
				return nil, err
			}
			return ami.ApplyLifecycle(ctx, g.api, ami.ApplyLifecycleInput{Rules: rules, Plan: plan, Max: 10, Record: g.record})
		}), good: func() { g.finished(own) }}
	},
	"Reenable": func(t *testing.T, opts ...awstest.Option) work {
		g, _, r := disabledBy(t, opts...)
		return work{cloud: g.cloud, run: errorOf(func(ctx context.Context) (*ami.ConfigureResult, error) {
			return ami.Reenable(ctx, client(g.cloud, here), r)
		}), good: func() { g.back(r) }}
	},
	"EnableFastSnapshotRestore": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := fast(t, opts...)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.FastSnapshotRestoreResult, error) {
			return ami.EnableFastSnapshotRestore(ctx, client(cloud, here), in)
		}), good: func() {
			time.Sleep(5 * time.Minute)
			assert.Equal(t, []string{"enabled", "enabled", "enabled", "enabled"}, fastStates(t, cloud))
		}}
	},
	"EnableFastSnapshotRestore, which AWS refuses twice": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := fast(t, append(opts, awstest.WithUnconfirmed(awstest.Unconfirmed{FastRestoreTwice: "InvalidParameter"}))...)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.FastSnapshotRestoreResult, error) {
			return ami.EnableFastSnapshotRestore(ctx, client(cloud, here), in)
		}), good: func() {
			time.Sleep(5 * time.Minute)
			assert.Equal(t, []string{"enabled", "enabled", "enabled", "enabled"}, fastStates(t, cloud))
		}}
	},
	"WaitFastSnapshotRestore": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := fast(t, opts...)
		_, err := ami.EnableFastSnapshotRestore(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) ([]ami.FastSnapshotRestore, error) {
			return ami.WaitFastSnapshotRestore(ctx, client(cloud, here), in)
		}), good: func() { assert.Empty(t, cloud.Writes()) }}
	},
	"DisableFastSnapshotRestore": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := fast(t, opts...)
		_, err := ami.EnableFastSnapshotRestore(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		in.Zones = nil
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.FastSnapshotRestoreResult, error) {
			return ami.DisableFastSnapshotRestore(ctx, client(cloud, here), in)
		}), good: func() {
			time.Sleep(5 * time.Minute)
			assert.Equal(t, []string{"disabled", "disabled", "disabled", "disabled"}, fastStates(t, cloud))
		}}
	},
	"StoreToS3": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := toBucket(t, opts...)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.StoreToS3Result, error) {
			return ami.StoreToS3(ctx, client(cloud, here), in)
		}), good: func() {
			time.Sleep(5 * time.Minute)
			storeTasks(t, cloud) // it may show late
			storeTasks(t, cloud)
			tasks := storeTasks(t, cloud)
			require.Len(t, tasks, 1)
			assert.Equal(t, "Completed", *tasks[0].StoreTaskState)
			assert.Len(t, cloud.Region(here).StoredImages("images"), 1)
		}}
	},
	"WaitStoreToS3": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := toBucket(t, opts...)
		_, err := ami.StoreToS3(t.Context(), client(cloud, here), in)
		require.NoError(t, err)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) ([]ami.StoreTask, error) {
			return ami.WaitStoreToS3(ctx, client(cloud, here), ami.WatchStoreToS3Input{ImageIDs: []string{in.ImageID}, Bucket: in.Bucket})
		}), good: func() { assert.Empty(t, cloud.Writes()) }}
	},
	"RestoreFromS3": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := fromBucket(t, opts...)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.CreateResult, error) {
			return ami.RestoreFromS3(ctx, client(cloud, here), in)
		}), good: one(t, cloud, 2)}
	},
	"RestoreFromS3, where the stored tags win": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := fromBucket(t, append(opts, awstest.WithUnconfirmed(awstest.Unconfirmed{StoredTagsWin: true}))...)
		return work{cloud: cloud, run: errorOf(func(ctx context.Context) (*ami.CreateResult, error) {
			return ami.RestoreFromS3(ctx, client(cloud, here), in)
		}), good: one(t, cloud, 2)}
	},
	"RestoreFromS3, in place of a failed one": func(t *testing.T, opts ...awstest.Option) work {
		cloud, in := fromBucket(t, opts...)
		run := errorOf(func(ctx context.Context) (*ami.CreateResult, error) {
			return ami.RestoreFromS3(ctx, client(cloud, here), in)
		})
		failed(t, cloud, run)
		return work{cloud: cloud, run: run, good: one(t, cloud, 2)}
	},

	"Ancestry": reading(func(ctx context.Context, w world) error {
		_, err := ami.Ancestry(ctx, w.api, w.image)
		return err
	}),
	"Find": reading(func(ctx context.Context, w world) error {
		found, err := ami.Find(ctx, w.api, ami.Query{Owners: []string{ami.Self}, Name: "web *"})
		assert.True(w.t, err != nil || len(found) == 1)
		return err
	}),
	"Latest": reading(func(ctx context.Context, w world) error {
		_, err := ami.Latest(ctx, w.api, ami.Query{Owners: []string{ami.Self}, Name: "web *"})
		return err
	}),
	"Get": reading(func(ctx context.Context, w world) error {
		_, err := ami.Get(ctx, w.api, w.image)
		return err
	}),
	"FindByName": reading(func(ctx context.Context, w world) error {
		found, err := ami.FindByName(ctx, w.api, "web 1")
		assert.True(w.t, err != nil || found != nil)
		return err
	}),
	"Resolve": reading(func(ctx context.Context, w world) error {
		_, err := ami.Resolve(ctx, w.api, ssm.NewFromConfig(w.cloud.Config(here)), "ssm:/golden")
		return err
	}),
	"Wait": reading(func(ctx context.Context, w world) error {
		_, err := ami.Wait(ctx, w.api, []string{w.image, w.pending})
		return err
	}),
	"Watch": reading(func(ctx context.Context, w world) error {
		for _, err := range ami.Watch(ctx, w.api, []string{w.pending}, func(o *ami.Options) { o.Progress = true }) {
			if err != nil {
				return err
			}
		}
		return nil
	}),
	"Verify": reading(func(ctx context.Context, w world) error {
		source, _ := w.cloud.Region(here).Image(w.image)
		found, err := ami.Verify(ctx, w.api, ami.VerifyInput{ImageID: w.image, Source: source, Share: &ami.Permissions{Accounts: []string{consumer}}})
		assert.Empty(w.t, found)
		return err
	}),
	"FindCopy": reading(func(ctx context.Context, w world) error {
		_, err := ami.FindCopy(ctx, w.api, ami.CopyInput{SourceImageID: w.image, SourceRegion: here, Name: "web 2"})
		return err
	}),
	"CheckConfigure": reading(func(ctx context.Context, w world) error {
		return ami.CheckConfigure(ctx, w.api, nil, ami.ConfigureInput{ImageID: w.pending, Share: ami.Permissions{Accounts: []string{consumer}}})
	}),
	"CheckShareable": reading(func(ctx context.Context, w world) error {
		return ami.CheckShareable(ctx, w.api, keysOf(w.cloud, here), ami.KeyUse{Encrypted: true, KMSKeyID: w.key})
	}),
	"References": reading(func(ctx context.Context, w world) error {
		_, err := ami.References(ctx, w.api, []string{w.image}, ami.UsageRules{})
		return err
	}),
}

// errorOf is a call without its result.
func errorOf[T any](call func(context.Context) (T, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := call(ctx)
		return err
	}
}

// one says that there is one image, which becomes available, with so many
// snapshots and no others.
func one(t *testing.T, cloud *awstest.Cloud, disks int) func() {
	return func() {
		t.Helper()
		time.Sleep(10 * time.Minute)
		all := cloud.Region(here).Images()
		require.Len(t, all, 1)
		assert.Equal(t, types.ImageStateAvailable, all[0].State)
		assert.NotEmpty(t, ami.Tag(all[0].Tags, ami.TagIntent))
		assert.Len(t, cloud.Region(here).Snapshots(), disks)
	}
}

// failed has a run make an image that fails.
func failed(t *testing.T, cloud *awstest.Cloud, run func(context.Context) error) {
	t.Helper()
	cloud.FailImages(awstest.ImageMatch{}, "Client.InternalError", "it failed")
	require.NoError(t, run(t.Context()))
	time.Sleep(10 * time.Minute)
	require.Equal(t, types.ImageStateFailed, cloud.Region(here).Images()[0].State)
	cloud.ForgetScripts()
}

// world is what functions that only read are given.
type world struct {
	t                   *testing.T
	cloud               *awstest.Cloud
	api                 *ec2.Client
	image, pending, key string
}

// reading is a function that only reads.
func reading(call func(context.Context, world) error) func(*testing.T, ...awstest.Option) work {
	return func(t *testing.T, opts ...awstest.Option) work {
		cloud := awstest.Start(t, opts...)
		w := world{t: t, cloud: cloud, api: client(cloud, here)}
		w.image = cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", SharedWith: []string{consumer}})
		w.key = cloud.Region(here).Key(awstest.KeySeed{})
		_, err := ssm.NewFromConfig(cloud.Config(here)).PutParameter(t.Context(), &ssm.PutParameterInput{Name: new("/golden"), Value: &w.image, Type: ssmtypes.ParameterTypeString})
		require.NoError(t, err)
		made, err := ami.Create(t.Context(), w.api, ami.CreateInput{
			InstanceID: cloud.Region(here).PreparedInstance(awstest.InstanceSeed{}), Name: "db 1", Reboot: ami.NoReboot,
		})
		require.NoError(t, err)
		w.pending = made.ImageID
		return work{cloud: cloud, run: func(ctx context.Context) error { return call(ctx, w) }, good: func() { assert.Empty(t, cloud.Writes(), "it only reads") }}
	}
}
