package asg_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

const (
	pending    = types.InstanceRefreshStatusPending
	inProgress = types.InstanceRefreshStatusInProgress
	baking     = types.InstanceRefreshStatusBaking
	successful = types.InstanceRefreshStatusSuccessful
	failed     = types.InstanceRefreshStatusFailed
)

// one watches refresh r1 of group web, and line is a status as text.
var one = []asg.RefreshKey{{Group: "web", ID: "r1"}}

func line(s *asg.Status) string {
	l := fmt.Sprintf("%v %s %s %d%% %d", s.Elapsed, s.RefreshKey, s.Status, s.Percentage, s.InstancesToUpdate)
	if s.LastErr != nil {
		l += " retried"
	}
	if s.Done {
		l += " done"
	}
	return l
}

// follow walks a watch to its end.
func follow(ctx context.Context, api asg.WatchAPI, keys []asg.RefreshKey, optFns ...func(*asg.Options)) (lines []string, last map[string]*asg.Status, err error) {
	last = map[string]*asg.Status{}
	for s, e := range asg.Watch(ctx, api, keys, optFns...) {
		if e != nil {
			return lines, last, e
		}
		lines, last[s.RefreshKey.String()] = append(lines, line(s)), s
	}
	return lines, last, nil
}

func TestWatchYieldsFirstSightAndEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
			switch {
			case at < 5*time.Second:
				return []types.InstanceRefresh{refresh("r1", pending, -1)}, nil
			case at < time.Minute:
				return []types.InstanceRefresh{refresh("r1", inProgress, 0)}, nil
			case at < 2*time.Minute:
				return []types.InstanceRefresh{refresh("r1", inProgress, 50)}, nil
			case at < 3*time.Minute:
				return []types.InstanceRefresh{refresh("r1", baking, 100)}, nil
			}
			return []types.InstanceRefresh{refresh("r1", successful, 100)}, nil
		}}
		lines, last, err := follow(t.Context(), api, one)
		require.NoError(t, err)
		assert.Equal(t, []string{
			"0s web/r1 Pending -1% -1",
			"5s web/r1 InProgress 0% 4",
			"1m0s web/r1 InProgress 50% 2",
			"2m0s web/r1 Baking 100% 0",
			"3m0s web/r1 Successful 100% 0 done",
		}, lines)
		assert.NoError(t, last["web/r1"].Err)
		assert.Equal(t, successful, last["web/r1"].Refresh.Status)
		assert.Len(t, api.calls, 37, "every 5 seconds, the first at once")
	})
}

func TestWatchYieldsEachReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
			if at >= time.Minute {
				return []types.InstanceRefresh{refresh("r1", successful, 100)}, nil
			}
			r := refresh("r1", inProgress, 0)
			r.StatusReason = new(fmt.Sprintf("waiting for instance %d", at/(30*time.Second)))
			return []types.InstanceRefresh{r}, nil
		}}
		var reasons []string
		for s, err := range asg.Watch(t.Context(), api, one) {
			require.NoError(t, err)
			reasons = append(reasons, s.Reason)
		}
		assert.Equal(t, []string{"waiting for instance 0", "waiting for instance 1", ""}, reasons)
	})
}

func TestWatchReadsLessOftenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
			if at < 4*time.Hour {
				return []types.InstanceRefresh{refresh("r1", inProgress, 0)}, nil
			}
			return []types.InstanceRefresh{refresh("r1", successful, 100)}, nil
		}}
		_, _, err := follow(t.Context(), api, one)
		require.NoError(t, err)
		for i, at := range api.at[1:] {
			before := api.at[i]
			want := min(max(before/200, 5*time.Second), 30*time.Second)
			require.Equal(t, want, at-before, "pause after the read at %v", before)
		}
	})
}

func TestWatchEnds(t *testing.T) {
	for status, kind := range map[types.InstanceRefreshStatus]error{
		failed:                               asg.ErrRefreshFailed,
		types.InstanceRefreshStatusCancelled: asg.ErrRefreshCancelled,
		types.InstanceRefreshStatusRollbackSuccessful: asg.ErrRolledBack,
		types.InstanceRefreshStatusRollbackFailed:     asg.ErrRollbackFailed,
	} {
		t.Run(string(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := &script{show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
					if at < time.Minute {
						return []types.InstanceRefresh{refresh("r1", inProgress, 0)}, nil
					}
					r := refresh("r1", status, 25)
					r.StatusReason = new("so says AWS")
					return []types.InstanceRefresh{r}, nil
				}}
				_, last, err := follow(t.Context(), api, one, func(o *asg.Options) { o.Region = "eu-west-1" })
				require.NoError(t, err, "the watch itself ended well")
				got := last["web/r1"]
				assert.True(t, got.Done)
				require.ErrorIs(t, got.Err, kind)
				e, _ := errors.AsType[*asg.Error](got.Err)
				assert.Equal(t, asg.Error{
					Op: "asg.Watch", Region: "eu-west-1", ID: "web", IDs: []string{"r1"},
					State: string(status), Reason: "so says AWS", Elapsed: time.Minute, Kind: kind,
				}, *e)
			})
		})
	}
}

func TestWatchNotVisible(t *testing.T) {
	seen := []types.InstanceRefresh{refresh("r1", inProgress, 0)}
	done := []types.InstanceRefresh{refresh("r1", successful, 100)}
	tests := map[string]struct {
		show  func(at time.Duration, _ string) ([]types.InstanceRefresh, error)
		lines []string
		is    error
		code  string // in the error's text
	}{
		"seen within the grace": {
			show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
				if at < 4*time.Minute {
					return nil, nil
				}
				return done, nil
			},
			lines: []string{"0s web/r1  -1% -1", "4m0s web/r1 Successful 100% 0 done"},
		},
		"refused within the grace": {
			show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
				if at < 4*time.Minute {
					return nil, refusal("ValidationError")
				}
				return done, nil
			},
			lines: []string{"0s web/r1  -1% -1 retried", "4m0s web/r1 Successful 100% 0 done"},
		},
		"never seen": {
			show:  func(time.Duration, string) ([]types.InstanceRefresh, error) { return nil, nil },
			lines: []string{"0s web/r1  -1% -1", "5m0s web/r1  -1% -1 done"},
			is:    asg.ErrNotFound,
		},
		"group never known": {
			show:  func(time.Duration, string) ([]types.InstanceRefresh, error) { return nil, refusal("ValidationError") },
			lines: []string{"0s web/r1  -1% -1 retried", "5m0s web/r1  -1% -1 done"},
			code:  "the message of ValidationError",
		},
		"missing in one read": {
			show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
				switch at {
				case 5 * time.Second:
					return nil, nil
				case 20 * time.Second:
					return done, nil
				}
				return seen, nil
			},
			lines: []string{"0s web/r1 InProgress 0% 4", "20s web/r1 Successful 100% 0 done"},
		},
		"missing in one read, twice": {
			show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
				switch at {
				case 5 * time.Second, 15 * time.Second:
					return nil, nil
				case 20 * time.Second:
					return done, nil
				}
				return seen, nil
			},
			lines: []string{"0s web/r1 InProgress 0% 4", "20s web/r1 Successful 100% 0 done"},
		},
		"gone": {
			show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
				if at < time.Minute {
					return seen, nil
				}
				return nil, nil
			},
			lines: []string{"0s web/r1 InProgress 0% 4", "1m5s web/r1 InProgress 0% 4 done"},
			is:    asg.ErrNotFound,
		},
		"group deleted": {
			show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
				if at < time.Minute {
					return seen, nil
				}
				return nil, refusal("ValidationError")
			},
			lines: []string{"0s web/r1 InProgress 0% 4", "1m0s web/r1 InProgress 0% 4 retried", "1m5s web/r1 InProgress 0% 4 done"},
			code:  "the message of ValidationError",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lines, last, err := follow(t.Context(), &script{show: tt.show}, one)
				require.NoError(t, err)
				assert.Equal(t, tt.lines, lines)
				got := last["web/r1"]
				switch {
				case tt.is != nil:
					assert.ErrorIs(t, got.Err, tt.is)
				case tt.code != "":
					assert.ErrorContains(t, got.Err, tt.code)
					assert.ErrorIs(t, got.Err, asg.ErrNotFound, "as the group tells, which is not there either")
				default:
					assert.NoError(t, got.Err)
				}
				assert.NoError(t, got.LastErr)
			})
		})
	}
}

func TestWatchOutlastsWhatPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
			switch {
			case at < 10*time.Second:
				return []types.InstanceRefresh{refresh("r1", inProgress, 0)}, nil
			case at < time.Hour: // longer than the grace
				return nil, refusal("Throttling")
			case at < 2*time.Hour:
				return nil, refusal("ServiceUnavailable")
			}
			return []types.InstanceRefresh{refresh("r1", successful, 100)}, nil
		}}
		lines, last, err := follow(t.Context(), api, one)
		require.NoError(t, err)
		require.Len(t, lines, 4, "one line for each kind of error, not for each error")
		assert.Equal(t, "0s web/r1 InProgress 0% 4", lines[0])
		assert.Equal(t, "10s web/r1 InProgress 0% 4 retried", lines[1])
		assert.Contains(t, lines[2], "InProgress 0% 4 retried")
		assert.Contains(t, lines[3], "Successful 100% 0 done")
		assert.NoError(t, last["web/r1"].LastErr)
	})
}

func TestWatchEndsOnWhatDoesNotPass(t *testing.T) {
	for code, kind := range map[string]error{"AccessDenied": nil, "ExpiredToken": asg.ErrCredentialsExpired} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := &script{show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
					if at < 10*time.Second {
						return []types.InstanceRefresh{refresh("r1", inProgress, 0)}, nil
					}
					return nil, refusal(code)
				}}
				_, last, err := follow(t.Context(), api, one)
				e, ok := errors.AsType[*asg.Error](err)
				require.True(t, ok)
				assert.Equal(t, kind, e.Kind)
				assert.Equal(t, "web", e.ID)
				assert.Equal(t, []string{"r1"}, e.IDs)
				assert.Equal(t, "InProgress", e.State)
				assert.Equal(t, 10*time.Second, e.Elapsed)
				assert.ErrorContains(t, err, "the message of "+code)
				assert.False(t, last["web/r1"].Done)
			})
		})
	}
}

func TestWatchEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(at time.Duration, group string) ([]types.InstanceRefresh, error) {
			if group == "db" && at > 0 {
				return nil, refusal("Throttling")
			}
			return []types.InstanceRefresh{refresh("r1", inProgress, 0), refresh("r2", pending, -1)}, nil
		}}
		tooLate := errors.New("the maintenance window is over")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 7*time.Second, tooLate)
		defer cancel()
		start := time.Now()
		_, _, err := follow(ctx, api, []asg.RefreshKey{{"web", "r1"}, {"db", "r2"}})
		assert.Equal(t, 7*time.Second, time.Since(start), "at once, not at the next read")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, tooLate)
		assert.ErrorContains(t, err, "last error: ")
		assert.ErrorContains(t, err, "Throttling")
		e, _ := errors.AsType[*asg.Error](err)
		assert.Equal(t, []string{"web/r1", "db/r2"}, e.IDs)
		assert.Equal(t, "InProgress web/r1, Pending db/r2", e.State)
		assert.Equal(t, 7*time.Second, e.Elapsed)
	})
}

func TestWatchReadsEachGroupOnceATick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(at time.Duration, group string) ([]types.InstanceRefresh, error) {
			switch {
			case at >= 10*time.Second:
				return []types.InstanceRefresh{refresh("r1", successful, 100), refresh("r2", successful, 100), refresh("r3", successful, 100)}, nil
			case group == "db":
				return []types.InstanceRefresh{refresh("r3", failed, 0)}, nil
			}
			return []types.InstanceRefresh{refresh("r1", inProgress, 0), refresh("r2", pending, -1)}, nil
		}}
		keys := []asg.RefreshKey{{"web", "r1"}, {"db", "r3"}, {"web", "r2"}, {"web", "r1"}}
		lines, last, err := follow(t.Context(), api, keys)
		require.NoError(t, err)
		assert.Equal(t, []string{
			"0s web/r1 InProgress 0% 4",
			"0s web/r2 Pending -1% -1",
			"0s db/r3 Failed 0% 4 done",
			"10s web/r1 Successful 100% 0 done",
			"10s web/r2 Successful 100% 0 done",
		}, lines)
		assert.ErrorIs(t, last["db/r3"].Err, asg.ErrRefreshFailed, "and the others went on")
		var groups []string
		for _, call := range api.calls {
			groups = append(groups, *call.AutoScalingGroupName)
		}
		assert.Equal(t, []string{"web", "db", "web", "web"}, groups)
		assert.Equal(t, []string{"r1", "r2"}, api.calls[0].InstanceRefreshIds)
	})
}

func TestWatchManyRefreshesOfOneGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var keys []asg.RefreshKey
		var all []types.InstanceRefresh
		for i := range 120 {
			id := fmt.Sprintf("r%d", i)
			keys = append(keys, asg.RefreshKey{Group: "web", ID: id})
			all = append(all, refresh(id, successful, 100))
		}
		api := &script{show: func(time.Duration, string) ([]types.InstanceRefresh, error) { return all, nil }}
		_, last, err := follow(t.Context(), api, keys)
		require.NoError(t, err)
		assert.Len(t, last, 120)
		require.Len(t, api.calls, 3)
		assert.Len(t, api.calls[0].InstanceRefreshIds, 50, "no more than AWS returns in one page")
	})
}

func TestWatchCanBeLeftAndWalkedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(at time.Duration, _ string) ([]types.InstanceRefresh, error) {
			if at < time.Minute {
				return []types.InstanceRefresh{refresh("r1", inProgress, 0)}, nil
			}
			return []types.InstanceRefresh{refresh("r1", successful, 100)}, nil
		}}
		keys := []asg.RefreshKey{{"web", "r1"}}
		watch := asg.Watch(t.Context(), api, keys)
		keys[0].ID = "overwritten by the caller"
		for s, err := range watch {
			require.NoError(t, err)
			assert.Equal(t, "0s web/r1 InProgress 0% 4", line(s))
			break
		}
		assert.Len(t, api.calls, 1)
		var lines []string
		for s, err := range watch {
			require.NoError(t, err)
			lines = append(lines, line(s))
		}
		assert.Equal(t, []string{"0s web/r1 InProgress 0% 4", "1m0s web/r1 Successful 100% 0 done"}, lines)
	})
}

func TestWatchInput(t *testing.T) {
	api := &script{}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	lines, _, err := follow(ended, api, nil)
	require.NoError(t, err, "nothing was left undone")
	assert.Empty(t, lines)
	for _, s := range []asg.RefreshKey{{Group: "web"}, {ID: "r1"}} {
		_, _, err := follow(t.Context(), api, []asg.RefreshKey{s})
		assert.ErrorIs(t, err, asg.ErrInvalidInput)
	}
	assert.Empty(t, api.calls)
}

func TestWatchExpiredCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.group("web")
		started, err := asg.StartRefresh(t.Context(), f, f.refresh())
		require.NoError(t, err)
		f.Inject(awstest.ExpireCredentials(awstest.Match{Operation: "DescribeInstanceRefreshes"}, 3))
		began := time.Now()
		_, err = asg.Wait(t.Context(), f, []asg.RefreshKey{{"web", started.RefreshID}})
		require.ErrorIs(t, err, asg.ErrCredentialsExpired)
		assert.Equal(t, 10*time.Second, time.Since(began), "at the third read, at once")
		assert.Equal(t, []string{started.RefreshID}, failure(t, err).IDs)
		assert.NotEmpty(t, failure(t, err).RequestID())
	})
}
