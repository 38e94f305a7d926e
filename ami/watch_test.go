package ami_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
)

const (
	pending   = types.ImageStatePending
	available = types.ImageStateAvailable
)

// watch drains a watch and returns all that it yielded.
func watch(ctx context.Context, api ec2.DescribeImagesAPIClient, ids []string) (seen []*ami.Status, ended error) {
	for s, err := range ami.Watch(ctx, api, ids) {
		if err != nil {
			return seen, err
		}
		seen = append(seen, s)
	}
	return seen, nil
}

func states(seen []*ami.Status) (out []types.ImageState) {
	for _, s := range seen {
		out = append(out, s.State)
	}
	return out
}

func TestWatchReadsTwoHundredACallByFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newReader(func(n int, in *ec2.DescribeImagesInput) ([]types.Image, error) {
			state := pending
			if n > 3 { // the second tick
				state = available
			}
			var images []types.Image
			for _, id := range in.Filters[0].Values {
				images = append(images, image(id, state))
			}
			return images, nil
		})

		seen, err := watch(t.Context(), api, ids(450))

		require.NoError(t, err)
		assert.Len(t, seen, 900, "each image pending once and available once")
		require.Len(t, api.asked, 6, "three calls a tick, two ticks")
		for i, in := range api.asked {
			assert.Equal(t, "image-id", *in.Filters[0].Name)
			assert.Len(t, in.Filters[0].Values, []int{200, 200, 50}[i%3])
			assert.Empty(t, in.ImageIds)
			assert.True(t, *in.IncludeDeprecated)
			assert.True(t, *in.IncludeDisabled)
		}
	})
}

func TestWatchReadsOnlyWhatIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newReader(func(n int, in *ec2.DescribeImagesInput) ([]types.Image, error) {
			images := []types.Image{image(id(0), available), image(id(1), pending)}
			if n == 3 {
				images[1].State = available
			}
			return images, nil
		})
		_, err := watch(t.Context(), api, []string{id(0), id(1), id(0)})
		require.NoError(t, err)
		assert.Equal(t, []string{id(0), id(1)}, api.asked[0].Filters[0].Values, "an id given twice is read once")
		assert.Equal(t, []string{id(1)}, api.asked[1].Filters[0].Values)
		assert.Equal(t, []string{id(1)}, api.asked[2].Filters[0].Values)
	})
}

func TestWatchYieldsChangesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newReader(func(n int, _ *ec2.DescribeImagesInput) ([]types.Image, error) {
			switch {
			case n < 3:
				return nil, nil
			case n < 6:
				return []types.Image{image(id(0), pending)}, nil
			}
			return []types.Image{image(id(0), available)}, nil
		})

		seen, err := watch(t.Context(), api, ids(1))

		require.NoError(t, err)
		require.Equal(t, []types.ImageState{"", pending, available}, states(seen))
		assert.Nil(t, seen[0].Image)
		assert.False(t, seen[1].Done)
		assert.Equal(t, 4*time.Second, seen[1].Elapsed)
		assert.True(t, seen[2].Done)
		assert.Equal(t, 10*time.Second, seen[2].Elapsed)
		assert.Equal(t, id(0), *seen[2].Image.ImageId)
	})
}

func TestWatchPausesGrowWithTheTimeWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		api := newReader(all(image(id(0), pending)))
		_, err := watch(ctx, api, ids(1))
		require.ErrorIs(t, err, context.DeadlineExceeded)

		assert.Equal(t, time.Duration(0), api.at[0])
		assert.Equal(t, 2*time.Second, api.at[1])
		for i, at := range api.at[1:] {
			want := min(max(time.Duration(0.015*float64(api.at[i])), 2*time.Second), 15*time.Second)
			assert.Equal(t, want, at-api.at[i])
		}
	})
}

func TestWatchEveryTerminalState(t *testing.T) {
	for state, want := range map[types.ImageState]error{
		types.ImageStateFailed:       ami.ErrFailed,
		types.ImageStateError:        ami.ErrFailed,
		types.ImageStateInvalid:      ami.ErrFailed,
		types.ImageStateDisabled:     ami.ErrDisabled,
		types.ImageStateDeregistered: ami.ErrDeregistered,
	} {
		t.Run(string(state), func(t *testing.T) {
			img := image(id(0), state)
			img.StateReason = &types.StateReason{Code: new("Client.InternalError"), Message: new("as it is")}
			api := newReader(all(img))

			seen, err := watch(t.Context(), api, ids(1))

			require.NoError(t, err, "one image's failure is not the watch's")
			require.Len(t, seen, 1)
			assert.Len(t, api.asked, 1)
			require.ErrorIs(t, seen[0].Err, want)
			e, ok := errors.AsType[*ami.Error](seen[0].Err)
			require.True(t, ok)
			assert.Equal(t, id(0), e.ID)
			assert.Equal(t, string(state), e.State)
			assert.Equal(t, "Client.InternalError: as it is", e.Reason)
		})
	}
}

func TestWatchAbsentImage(t *testing.T) {
	shown := image(id(0), available)
	byID := func(in *ec2.DescribeImagesInput) bool { return len(in.ImageIds) > 0 }
	for name, tc := range map[string]struct {
		answer  func(n int, in *ec2.DescribeImagesInput) ([]types.Image, error)
		kind    error
		elapsed time.Duration
	}{
		"unknown to a read by id after the grace": {
			answer: func(_ int, in *ec2.DescribeImagesInput) ([]types.Image, error) {
				if byID(in) {
					return nil, awsError("InvalidAMIID.NotFound")
				}
				return nil, nil
			},
			kind: ami.ErrNotVisible, elapsed: 5*time.Minute + 3*time.Second,
		},
		"hidden from a read by id after the grace": {
			answer: all(),
			kind:   ami.ErrNotVisible, elapsed: 5*time.Minute + 3*time.Second,
		},
		"known to a read by id after the grace": {
			answer: func(_ int, in *ec2.DescribeImagesInput) ([]types.Image, error) {
				if byID(in) {
					return []types.Image{shown}, nil
				}
				return nil, nil
			},
			elapsed: 5*time.Minute + 3*time.Second,
		},
		"seen and then gone": {
			answer: func(n int, in *ec2.DescribeImagesInput) ([]types.Image, error) {
				if n == 1 {
					return []types.Image{image(id(0), pending)}, nil
				}
				return nil, nil
			},
			kind: ami.ErrDeregistered, elapsed: 4 * time.Second,
		},
		"one read older than the one before": {
			answer: func(n int, in *ec2.DescribeImagesInput) ([]types.Image, error) {
				switch n {
				case 1:
					return []types.Image{image(id(0), pending)}, nil
				case 2:
					return nil, nil
				}
				return []types.Image{shown}, nil
			},
			elapsed: 4 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen, err := watch(t.Context(), newReader(tc.answer), ids(1))
				require.NoError(t, err)
				last := seen[len(seen)-1]
				assert.True(t, last.Done)
				if tc.kind != nil {
					require.ErrorIs(t, last.Err, tc.kind)
				} else {
					require.NoError(t, last.Err)
				}
				assert.Equal(t, tc.elapsed, last.Elapsed.Truncate(time.Second))
			})
		})
	}
}

func TestWatchAvailableNeedsSnapshots(t *testing.T) {
	bare := image(id(0), available)
	bare.BlockDeviceMappings[0].Ebs = &types.EbsBlockDevice{VolumeSize: new(int32(8))}

	t.Run("listed later", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			api := newReader(func(n int, _ *ec2.DescribeImagesInput) ([]types.Image, error) {
				if n < 3 {
					return []types.Image{bare}, nil
				}
				return []types.Image{image(id(0), available)}, nil
			})
			seen, err := watch(t.Context(), api, ids(1))
			require.NoError(t, err)
			require.Len(t, seen, 2)
			assert.False(t, seen[0].Done)
			assert.True(t, seen[1].Done)
			assert.Equal(t, 4*time.Second, seen[1].Elapsed)
		})
	})
	t.Run("an empty volume never has one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			seen, err := watch(t.Context(), newReader(all(bare)), ids(1))
			require.NoError(t, err)
			last := seen[len(seen)-1]
			assert.True(t, last.Done)
			require.NoError(t, last.Err)
			assert.Equal(t, 5*time.Minute+3*time.Second, last.Elapsed.Truncate(time.Second))
		})
	})
}

func TestWatchOutlastsWhatPasses(t *testing.T) {
	for _, code := range []string{"RequestLimitExceeded", "ServiceUnavailable", "InternalError"} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newReader(func(n int, _ *ec2.DescribeImagesInput) ([]types.Image, error) {
					switch n {
					case 2, 3:
						return nil, awsError(code)
					case 4:
						return []types.Image{image(id(0), available)}, nil
					}
					return []types.Image{image(id(0), pending)}, nil
				})
				seen, err := watch(t.Context(), api, ids(1))
				require.NoError(t, err)
				require.Len(t, seen, 3, "the second error of the same code is no change")
				assert.Equal(t, pending, seen[1].State, "the last state stays")
				require.ErrorContains(t, seen[1].LastErr, code)
				assert.True(t, seen[2].Done)
				require.NoError(t, seen[2].LastErr)
			})
		})
	}
}

func TestWatchEndsAtOnceOnWhatDoesNotPass(t *testing.T) {
	for code, want := range map[string]error{
		"UnauthorizedOperation": nil,
		"AuthFailure":           nil,
		"InvalidParameterValue": nil,
		"ExpiredToken":          ami.ErrCredentialsExpired,
		"RequestExpired":        ami.ErrCredentialsExpired,
	} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newReader(func(n int, _ *ec2.DescribeImagesInput) ([]types.Image, error) {
					if n == 3 {
						return nil, awsError(code)
					}
					return []types.Image{image(id(0), pending), image(id(1), available)}, nil
				})
				seen, err := watch(t.Context(), api, ids(2))
				assert.Len(t, seen, 2)
				assert.Len(t, api.asked, 3)
				e, ok := errors.AsType[*ami.Error](err)
				require.True(t, ok)
				assert.Equal(t, id(0), e.ID, "the one that was not done")
				assert.Equal(t, "pending", e.State)
				assert.Equal(t, 4*time.Second, e.Elapsed)
				if want != nil {
					require.ErrorIs(t, err, want)
				}
				assert.ErrorContains(t, err, code)
			})
		})
	}
}

func TestWatchCanBeWalkedAgainAndLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newReader(all(image(id(0), pending), image(id(1), available)))
		walk := ami.Watch(t.Context(), api, ids(2))
		for range 2 {
			for s, err := range walk {
				require.NoError(t, err)
				assert.Equal(t, id(0), s.ImageID)
				break
			}
		}
		assert.Len(t, api.asked, 2)
	})
}

func TestWatchRefusesWhatIsNoID(t *testing.T) {
	api := newReader(all())
	_, err := watch(t.Context(), api, []string{"i-0123456789abcdef0"})
	require.ErrorIs(t, err, ami.ErrInvalidInput)
	assert.Empty(t, api.asked)
}

func TestWatchNamesOnlyWhatIsNotDone(t *testing.T) {
	api := newReader(func(n int, in *ec2.DescribeImagesInput) ([]types.Image, error) {
		if n == 2 {
			return nil, awsError("UnauthorizedOperation")
		}
		var images []types.Image
		for _, id := range in.Filters[0].Values {
			images = append(images, image(id, available))
		}
		return images, nil
	})
	_, err := watch(t.Context(), api, ids(201))
	e, ok := errors.AsType[*ami.Error](err)
	require.True(t, ok)
	assert.Equal(t, id(200), e.ID, "the other 200 were done in the same tick")
	assert.Empty(t, e.IDs)
}
