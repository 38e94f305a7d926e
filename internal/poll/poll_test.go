package poll_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/internal/poll"
)

func TestPauseGrowsWithTheWait(t *testing.T) {
	s := poll.Schedule{Min: 2 * time.Second, Max: 15 * time.Second, Fraction: 0.015}
	for elapsed, want := range map[time.Duration]time.Duration{
		0:                2 * time.Second,
		time.Minute:      2 * time.Second,
		10 * time.Minute: 9 * time.Second,
		time.Hour:        15 * time.Second,
	} {
		assert.Equal(t, want, s.Pause(elapsed), elapsed)
	}
}

func TestOrFillsOnlyWhatIsZero(t *testing.T) {
	def := poll.Schedule{Gate: 1, Min: 2, Max: 3, Fraction: 0.5, Grace: 4}
	assert.Equal(t, def, poll.Schedule{}.Or(def))
	set := poll.Schedule{Gate: 5, Min: 6, Max: 7, Fraction: 0.25, Grace: 8}
	assert.Equal(t, set, set.Or(def))
	assert.Equal(t, time.Duration(10), poll.Schedule{Min: 10}.Or(def).Max, "a default never bounds below what was asked for")
}

func TestTicksAreExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var end error
		for elapsed, err := range poll.Ticks(ctx, poll.Schedule{Gate: 3 * time.Second, Min: 2 * time.Second, Max: 2 * time.Second}) {
			if err != nil {
				end = err
				break
			}
			at = append(at, elapsed)
		}
		assert.Equal(t, []time.Duration{3 * time.Second, 5 * time.Second, 7 * time.Second, 9 * time.Second}, at)
		assert.ErrorIs(t, end, context.DeadlineExceeded)
	})
}

func TestTicksCanBeWalkedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticks := poll.Ticks(t.Context(), poll.Schedule{Min: time.Second, Max: time.Second})
		for range 2 {
			n := 0
			for elapsed, err := range ticks {
				assert.NoError(t, err)
				assert.Equal(t, time.Duration(n)*time.Second, elapsed)
				if n++; n == 3 {
					break
				}
			}
		}
	})
}

func TestACancelledContextWinsOverNoPause(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, poll.Sleep(ctx, 0), context.Canceled)
}

func TestEndedCarriesErrAndCause(t *testing.T) {
	why := errors.New("the deploy was called off")
	ctx, cancel := context.WithCancelCause(t.Context())
	assert.NoError(t, poll.Ended(ctx))
	cancel(why)
	assert.ErrorIs(t, poll.Ended(ctx), why)
	assert.ErrorIs(t, poll.Ended(ctx), context.Canceled)
	assert.ErrorContains(t, poll.Ended(ctx), "context canceled: the deploy was called off")
}
