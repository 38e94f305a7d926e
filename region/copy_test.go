package region_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

var (
	london   = region.Target{Region: "eu-west-2"}
	paris    = region.Target{Region: "eu-west-3"}
	virginia = region.Target{Region: "us-east-1"}
)

func to(targets ...region.Target) (out []region.Destination) {
	for _, t := range targets {
		out = append(out, region.Destination{Target: t})
	}
	return out
}

// steady takes seven minutes for every copy.
var steady = awstest.Timing{Image: 5 * time.Minute, ImageCopy: 7 * time.Minute}

// atHome has an image in Ireland, and what it takes to bring it everywhere.
func atHome(t *testing.T, opts ...awstest.Option) (*awstest.Cloud, region.CopyInput) {
	cloud := awstest.Start(t, append([]awstest.Option{awstest.WithTiming(steady)}, opts...)...)
	return cloud, region.CopyInput{
		Source: ireland,
		SourceImageID: cloud.Region(ireland.Region).OwnImage(awstest.ImageSeed{Name: "web 1", Tags: map[string]string{
			"team": "web", "env": "test", ami.TagIntent: "of the source", ami.TagRejected: "yes",
		}}),
		Name:    "web 1",
		Targets: to(london, ireland, virginia, paris),
		Tags:    map[string]string{"env": "prod"},
	}
}

// fresh is a pool as another process would have it.
func fresh(cloud *awstest.Cloud) *region.ClientPool { return region.NewClientPool(accounts(cloud)) }

func count(cloud *awstest.Cloud, op, region string) (n int) {
	for _, call := range cloud.Calls() {
		if call.Operation == op && call.Region == region {
			n++
		}
	}
	return n
}

func TestCopyToManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		start := time.Now()

		results, err := region.Copy(t.Context(), fresh(cloud), in)

		require.NoError(t, err)
		assert.Less(t, time.Since(start), 7*time.Minute+15*time.Second, "no target waits for another")
		require.Len(t, results, 4)
		for i, want := range []region.Target{london, ireland, virginia, paris} {
			r := results[i]
			assert.Equal(t, want, r.Target)
			require.NoError(t, r.Err)
			assert.Equal(t, types.ImageStateAvailable, r.Image.State)
			assert.Equal(t, r.ImageID, *r.Image.ImageId)
			assert.Equal(t, want == ireland, r.Adopted)
		}
		assert.Equal(t, in.SourceImageID, results[1].ImageID, "home has the source")
		assert.Zero(t, count(cloud, "CopyImage", ireland.Region))
		assert.Len(t, cloud.Writes(), 3)
	})
}

func TestCopyAgainByAnotherProcessWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		first, err := region.Copy(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		cloud.ForgetCalls()
		again, err := region.Copy(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		for i := range first {
			assert.Equal(t, first[i].ImageID, again[i].ImageID)
			assert.True(t, again[i].Adopted)
		}
		assert.Empty(t, cloud.Writes())
	})
}

func TestCopyGoesOnAfterItsContextEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		why := errors.New("the budget of the copies")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 3*time.Minute, why)
		defer cancel()
		start := time.Now()

		results, err := region.Copy(ctx, fresh(cloud), in)

		assert.Equal(t, 3*time.Minute, time.Since(start))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, why)
		require.NoError(t, results[1].Err, "home had it already")
		for _, i := range []int{0, 2, 3} {
			require.ErrorIs(t, results[i].Err, why)
			assert.Equal(t, types.ImageStatePending, results[i].Image.State)
			assert.ErrorContains(t, results[i].Err, results[i].ImageID)
		}
		again, err := region.Copy(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		for i := range again {
			assert.Equal(t, results[i].ImageID, again[i].ImageID)
		}
		assert.Len(t, cloud.Writes(), 3, "three copies in both runs together")
	})
}

func TestCopyOneFailureStopsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		in.Source.Account = awstest.DefaultAccount
		for i := range in.Targets {
			in.Targets[i].Account = awstest.DefaultAccount
		}
		cloud.FailImages(awstest.ImageMatch{Region: paris.Region}, "Client.InternalError", "Copy image failed with an internal error")

		results, err := region.Copy(t.Context(), fresh(cloud), in)

		require.ErrorIs(t, err, ami.ErrFailed)
		for i, r := range results {
			assert.Equal(t, i == 3, r.Err != nil)
		}
		e, ok := errors.AsType[*region.Error](err)
		require.True(t, ok)
		assert.Equal(t, paris.Region, e.Region)
		assert.Equal(t, awstest.DefaultAccount, e.Account)
		assert.Equal(t, results[3].ImageID, e.ID)
		assert.Contains(t, e.Reason, "Copy image failed")
		assert.Equal(t, types.ImageStateFailed, results[3].Image.State)

		cloud.ForgetScripts()
		cloud.ForgetCalls()
		again, err := region.Copy(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		assert.Equal(t, 1, cloud.Count("CopyImage"), "only the one that failed")
		assert.Equal(t, 1, cloud.Count("DeregisterImage"))
		assert.NotEqual(t, results[3].ImageID, again[3].ImageID)
	})
}

func TestCopyMakesAnewWhatWasDeregistered(t *testing.T) {
	for name, after := range map[string]time.Duration{"listed still": 0, "not any more": 2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := atHome(t)
				in.Targets = to(london)
				first, err := region.Copy(t.Context(), fresh(cloud), in)
				require.NoError(t, err)
				_, err = ami.Deregister(t.Context(), ec2.NewFromConfig(cloud.Config(london.Region)), first[0].ImageID)
				require.NoError(t, err)
				time.Sleep(after)

				again, err := region.Copy(t.Context(), fresh(cloud), in)

				require.NoError(t, err)
				assert.NotEqual(t, first[0].ImageID, again[0].ImageID)
				assert.Equal(t, types.ImageStateAvailable, again[0].Image.State)
				assert.Equal(t, 2, cloud.Count("CopyImage"))
			})
		})
	}
}

func TestCopyGivesUpOnWhatVanishesUnderIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		in.Targets = to(london)
		api := ec2.NewFromConfig(cloud.Config(london.Region))
		results, err := region.Copy(t.Context(), fresh(cloud), in, func(o *region.Options) {
			o.OnEvent = func(e region.Event) {
				if e.State == types.ImageStatePending {
					_, err := ami.Deregister(t.Context(), api, e.ImageID)
					assert.NoError(t, err)
				}
			}
		})
		require.ErrorIs(t, err, ami.ErrDeregistered, "somebody did not want it: it is not made again")
		assert.NotEmpty(t, results[0].ImageID)
		assert.Equal(t, 1, cloud.Count("CopyImage"))
	})
}

func TestCopyGivesUpOnAnAdoptedOneThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		in.Targets = to(london)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		first, err := region.Copy(ctx, fresh(cloud), in)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		api := ec2.NewFromConfig(cloud.Config(london.Region))
		cloud.ForgetCalls()
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			out, err := next(ctx)
			if call.Operation == "DescribeImages" && call.Region == london.Region && call.N == 1 {
				_, err := ami.Deregister(ctx, api, first[0].ImageID)
				assert.NoError(t, err)
			}
			return out, err
		})
		_, err = region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, ami.ErrNotVisible)
		assert.Zero(t, cloud.Count("CopyImage"))
	})
}

func TestCopyWaitsForAPendingSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		made, err := ami.Create(t.Context(), ec2.NewFromConfig(cloud.Config(ireland.Region)), ami.CreateInput{
			InstanceID: cloud.Region(ireland.Region).PreparedInstance(awstest.InstanceSeed{}), Name: "web 2", Reboot: ami.NoReboot,
		})
		require.NoError(t, err)
		in.SourceImageID, in.Name, in.Targets = made.ImageID, "web 2", to(london)
		start := time.Now()
		_, err = region.Copy(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		assert.InDelta(t, 12*time.Minute, time.Since(start), float64(30*time.Second), "five minutes for the source and seven for the copy")
	})
}

func TestCopyOfASourceThatIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		in.SourceImageID = "ami-0123456789abcdef0"
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, ami.ErrNotVisible)
		assert.Empty(t, results)
		assert.Empty(t, cloud.Writes())
	})
}

func TestCopyThroughThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		cloud.Inject(awstest.Throttle(awstest.Match{}, 2))
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		assert.Len(t, results, 4)
		for _, t2 := range []region.Target{london, virginia, paris} {
			out, err := ec2.NewFromConfig(cloud.Config(t2.Region)).DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
			require.NoError(t, err)
			assert.Len(t, out.Images, 1)
		}
	})
}

func TestCopyEndsWhenCredentialsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		in.Targets = to(london)
		cloud.Inject(awstest.ExpireCredentials(awstest.Match{Operation: "DescribeImages", Region: london.Region}, 5))
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, region.ErrCredentialsExpired)
		assert.NotEmpty(t, results[0].ImageID)
		assert.Equal(t, 5, count(cloud, "DescribeImages", london.Region), "at once")
	})
}

func TestCopyLimitsOnlyTheStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		var now, most atomic.Int64
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if call.Operation == "CopyImage" {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				time.Sleep(time.Minute)
			}
			return next(ctx)
		})
		start := time.Now()
		_, err := region.Copy(t.Context(), fresh(cloud), in, func(o *region.Options) { o.Limit = 1 })
		require.NoError(t, err)
		assert.EqualValues(t, 1, most.Load())
		assert.InDelta(t, 10*time.Minute, time.Since(start), float64(30*time.Second), "three minutes of starts, seven of one copy")
	})
}

func TestCopyTellsOfEveryChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		got := map[region.Target][]string{} // the race detector sees that calls come one at a time
		_, err := region.Copy(t.Context(), fresh(cloud), in, func(o *region.Options) {
			o.OnEvent = func(e region.Event) {
				if e.Err == nil {
					got[e.Target] = append(got[e.Target], string(e.State))
				}
				if e.State == types.ImageStateAvailable && e.Target != ireland {
					assert.InDelta(t, 7*time.Minute, e.Elapsed, float64(15*time.Second))
				}
			}
		})
		require.NoError(t, err)
		assert.Equal(t, "available", strings.Join(got[ireland], " "))
		for _, target := range []region.Target{london, virginia, paris} {
			assert.Equal(t, "pending available", strings.Join(got[target], " "))
		}
	})
}

func TestCopyTags(t *testing.T) {
	for name, with := range map[string]bool{"of the source too": true, "of the input only": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := atHome(t)
				in.CopyTags = with
				results, err := region.Copy(t.Context(), fresh(cloud), in)
				require.NoError(t, err)
				tags := results[0].Image.Tags
				assert.Equal(t, "prod", ami.Tag(tags, "env"), "the input wins")
				assert.Equal(t, with, ami.Tag(tags, "team") == "web")
				assert.Equal(t, ireland.Region+"/"+in.SourceImageID, ami.Tag(tags, ami.TagSource))
				assert.Empty(t, ami.Tag(tags, ami.TagRejected), "a copy has its own")
				assert.Equal(t, map[string]string{"env": "prod"}, in.Tags, "the caller's map is not touched")
			})
		})
	}
}

func TestCopyToAnotherAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		in.SourceImageID = cloud.Region(ireland.Region).OwnImage(awstest.ImageSeed{Name: "shared", SharedWith: []string{other}})
		in.Source.Account = awstest.DefaultAccount
		in.Targets = to(region.Target{Account: other, Region: ireland.Region}, region.Target{Account: other, Region: paris.Region})
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		for _, r := range results {
			assert.NotEqual(t, in.SourceImageID, r.ImageID)
			assert.Equal(t, other, *r.Image.OwnerId)
		}
	})
}

func TestCopyIntoADisabledRegion(t *testing.T) {
	for skip, writes := range map[bool]int{false: 0, true: 2} {
		synctest.Test(t, func(t *testing.T) {
			cloud, in := atHome(t, awstest.WithDisabledRegions(paris.Region))
			in.SkipDisabled = skip
			results, err := region.Copy(t.Context(), fresh(cloud), in)
			assert.Len(t, cloud.Writes(), writes)
			if !skip {
				require.ErrorIs(t, err, region.ErrRegionNotEnabled)
				assert.Nil(t, results)
				return
			}
			require.NoError(t, err)
			for i, r := range results {
				assert.Equal(t, i == 3, r.Skipped)
				assert.Equal(t, i == 3, r.ImageID == "")
			}
		})
	}
}

func TestCopyOutOfADisabledRegionIsNotSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t, awstest.WithDisabledRegions(paris.Region))
		in.Source, in.SkipDisabled, in.Targets = paris, true, to(london)
		_, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, region.ErrRegionNotEnabled)
	})
}

func TestCopyWithoutClientsForOneTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		ok := accounts(cloud)
		var asked atomic.Int64
		pool := region.NewClientPool(func(ctx context.Context, target region.Target) (aws.Config, error) {
			if target == paris {
				asked.Add(1)
				return aws.Config{}, errors.New("no such role")
			}
			return ok(ctx, target)
		})
		results, err := region.Copy(t.Context(), pool, in)
		require.ErrorContains(t, err, "no such role")
		require.Error(t, results[3].Err)
		require.NoError(t, results[0].Err, "one bad target stops no other")
	})
}

func TestCopyRefusesBadInputWithoutACall(t *testing.T) {
	for name, spoil := range map[string]func(*region.CopyInput){
		"no Region of the source": func(in *region.CopyInput) { in.Source.Region = "" },
		"no image":                func(in *region.CopyInput) { in.SourceImageID = "" },
		"no name":                 func(in *region.CopyInput) { in.Name = "" },
		"no targets":              func(in *region.CopyInput) { in.Targets = nil },
		"a target without Region": func(in *region.CopyInput) { in.Targets = to(region.Target{}) },
		"a target twice":          func(in *region.CopyInput) { in.Targets = to(london, london) },
		"one account unnamed":     func(in *region.CopyInput) { in.Targets[0].Account = other },
		"home encrypted":          func(in *region.CopyInput) { in.Targets[1].Encrypted = true },
		"home with a default key": func(in *region.CopyInput) { in.Targets[1].UseRegionDefaultKey = true },
		"encryption and no key":   func(in *region.CopyInput) { in.Targets[0].Encrypted = true },
		"a key and the default": func(in *region.CopyInput) {
			in.Targets[0].Encrypted, in.Targets[0].KMSKeyID, in.Targets[0].UseRegionDefaultKey = true, "alias/web", true
		},
		"a policy that is none": func(in *region.CopyInput) { in.Policy = "best-effort" },
		"twenty minutes":        func(in *region.CopyInput) { in.CompletionDuration = 20 * time.Minute },
		"more than two days":    func(in *region.CopyInput) { in.CompletionDuration = 48*time.Hour + 15*time.Minute },
		"less than a quarter":   func(in *region.CopyInput) { in.CompletionDuration = -15 * time.Minute },
		"a key of another Region": func(in *region.CopyInput) {
			in.Targets[0].Encrypted = true
			in.Targets[0].KMSKeyID = "arn:aws:kms:eu-west-1:123456789012:alias/web"
		},
	} {
		t.Run(name, func(t *testing.T) {
			cloud, in := atHome(t)
			spoil(&in)
			results, err := region.Copy(t.Context(), fresh(cloud), in)
			require.ErrorIs(t, err, region.ErrInvalidInput)
			assert.Nil(t, results)
			assert.Empty(t, cloud.Calls())
		})
	}
}

// Twenty Regions at once, each of which refuses every other call: each has its
// one copy, and no client comes faster than AWS allows.
func TestCopyToTwentyRegionsThroughThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		out, err := ec2.NewFromConfig(cloud.Config(ireland.Region)).DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{})
		require.NoError(t, err)
		in.Targets = nil
		for _, r := range out.Regions {
			if len(in.Targets) < 20 && *r.RegionName != ireland.Region {
				in.Targets = append(in.Targets, region.Destination{Target: region.Target{Region: *r.RegionName}})
			}
		}
		require.GreaterOrEqual(t, len(in.Targets), 16)
		for _, d := range in.Targets {
			cloud.Inject(awstest.Throttle(awstest.Match{Region: d.Region}, 2))
		}
		start := time.Now()
		_, err = region.Copy(t.Context(), fresh(cloud), in)
		require.NoError(t, err)
		assert.Less(t, time.Since(start), 9*time.Minute, "seven for a copy")
		seconds := map[string]map[int64]int{}
		for _, d := range in.Targets {
			assert.Len(t, cloud.Region(d.Region).Images(), 1)
			seconds[d.Region] = map[int64]int{}
		}
		for _, call := range cloud.Calls() {
			if call.Operation == "DescribeImages" && seconds[call.Region] != nil {
				seconds[call.Region][call.At.Unix()]++
			}
		}
		for name, s := range seconds {
			for _, n := range s {
				assert.LessOrEqual(t, n, 20, name)
			}
		}
	})
}
