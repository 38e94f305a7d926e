package readyami_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
	"github.com/readyami/readyami/plan"
)

// meddled are the scenarios in which somebody else changes what a group launches
// before the release has begun it: its Before is then what that somebody made it.
var meddled = map[string]bool{"changed-meanwhile": true}

// A plan that another process makes after any write of a release, as after a death
// there, has the same steps, the same Before and the same digest as the first one: in
// every scenario, of good releases and of rejected ones.
func TestAPlanMadeAnewIsTheSame(t *testing.T) {
	var mu sync.Mutex
	compared := 0
	t.Run("scenarios", func(t *testing.T) {
		for _, s := range scenarios {
			if s.refused || meddled[s.name] {
				continue
			}
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := s.world(t)
					n := w.planAnewAtEveryWrite()
					for range w.acts {
						_, _ = w.act() // how it ends is what the judges look at
					}
					require.Positive(t, *n)
					mu.Lock()
					defer mu.Unlock()
					compared += *n
				})
			})
		}
	})
	assert.Greater(t, compared, 500)
}

// planAnewAtEveryWrite plans the delivery in a process of its own after every write of
// a run, and compares the plan with the first one of that delivery and attempt. It
// returns the number of plans.
func (w *world) planAnewAtEveryWrite() *int {
	var mu sync.Mutex
	n, first := 0, map[string]*plan.Plan{}
	compare := func(operation string) {
		p, err := readyami.New(w.configs).Plan(context.WithoutCancel(w.t.Context()), w.Delivery)
		if err != nil {
			assert.ErrorIs(w.t, err, readyami.ErrCredentialsExpired, "after %s", operation)
			return
		}
		raw, err := json.Marshal(w.Delivery)
		assert.NoError(w.t, err)
		mu.Lock()
		defer mu.Unlock()
		n++
		key := string(raw) + string(rune('0'+p.Attempt))
		was := first[key]
		if was == nil {
			first[key] = p
			return
		}
		assert.Equal(w.t, was.Steps(), p.Steps(), "steps after %s", operation)
		for i := range was.Places {
			assert.Equal(w.t, was.Places[i].Templates, p.Places[i].Templates, "templates after %s", operation)
			for j, g := range was.Places[i].Groups {
				assert.Equal(w.t, g.Launch, p.Places[i].Groups[j].Launch, "%s after %s", g.Name, operation)
				assert.Equal(w.t, g.Images, p.Places[i].Groups[j].Images, "%s after %s", g.Name, operation)
			}
		}
		assert.Equal(w.t, was.Digest, p.Digest, "digest after %s", operation)
	}
	compare("nothing")
	w.inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		out, err := next(ctx)
		if call.Write && err == nil && invocationOf(ctx) != nil {
			compare(call.Operation)
		}
		return out, err
	})
	return &n
}

// A plan is data: another process applies it, also when the one before it has died in
// the middle.
func TestAPlanIsAppliedByAnotherProcess(t *testing.T) {
	for _, died := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := sharedTemplate(t, "web-b")
			w.SetDefault = true
			p, err := readyami.New(w.configs).Plan(t.Context(), w.Delivery)
			require.NoError(t, err)
			raw, err := json.Marshal(p)
			require.NoError(t, err)
			if died {
				_, err := dying(startsRefreshOf("web-b"))(w)
				require.ErrorIs(t, err, errDied)
			}

			var read plan.Plan
			require.NoError(t, json.Unmarshal(raw, &read))
			report, err := readyami.New(w.configs).Apply(t.Context(), &read)

			require.NoError(t, err)
			assert.Equal(t, plan.OutcomeDelivered, report.Outcome)
			w.requireDelivered()
			assert.EqualValues(t, 2, w.defaultOf("eu-west-1"))
		})
	}
}

// A plan that was edited is refused before any call.
func TestAPlanThatWasEditedIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.plan(t)
		p.Places[0].Groups[0].Launch[0].Version = 7
		w.cloud.ForgetCalls()
		_, err := readyami.New(w.configs).Apply(t.Context(), p)
		require.ErrorIs(t, err, readyami.ErrInvalidInput)
		assert.Empty(t, w.cloud.Calls())
	})
}

// Apply refuses a plan whose world is another one, names what differs, and has written
// nothing. What changes all day does not count.
func TestAStalePlanIsRefusedBeforeAnyWrite(t *testing.T) {
	tests := []struct {
		name   string
		change func(*testing.T, *world)
		says   string // what differs; empty: the plan is not stale
	}{
		{"a group launches another version", func(t *testing.T, w *world) {
			w.anotherVersion(t)
			w.onVersion("us-east-1", "web", "2")
		}, "web"},
		{"a group launches another template", func(t *testing.T, w *world) {
			_, err := asg.Update(t.Context(), autoscaling.NewFromConfig(w.cloud.Config("us-east-1")), asg.UpdateInput{
				Group: "web", Template: &asg.TemplateSpec{ID: w.template("us-east-1", "other"), Version: "1"},
			})
			require.NoError(t, err)
		}, "web"},
		{"the default version has moved", func(t *testing.T, w *world) {
			w.anotherVersion(t)
			_, err := launchtemplate.SetDefault(t.Context(), ec2.NewFromConfig(w.cloud.Config("us-east-1")),
				launchtemplate.Ref{ID: w.templateOf("us-east-1").id()}, 2)
			require.NoError(t, err)
		}, "default"},
		{"the name has been taken", func(t *testing.T, w *world) {
			w.cloud.Region("us-east-1").OwnImage(awstest.ImageSeed{Name: "web-2"})
		}, "web-2"},
		{"a group has been scaled", func(t *testing.T, w *world) {
			_, err := autoscaling.NewFromConfig(w.cloud.Config("us-east-1")).SetDesiredCapacity(t.Context(),
				&autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: new("web"), DesiredCapacity: new(int32(3))})
			require.NoError(t, err)
			w.settle()
		}, ""},
		{"an instance has been replaced", func(t *testing.T, w *world) {
			_, err := ec2.NewFromConfig(w.cloud.Config("us-east-1")).TerminateInstances(t.Context(),
				&ec2.TerminateInstancesInput{InstanceIds: []string{*w.describeGroup("us-east-1", "web").Instances[0].InstanceId}})
			require.NoError(t, err)
			w.settle()
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				c := readyami.New(w.configs)
				p, err := c.Plan(t.Context(), w.Delivery)
				require.NoError(t, err)
				tt.change(t, w)
				w.cloud.ForgetCalls()

				_, err = c.Apply(t.Context(), p)

				if tt.says == "" {
					require.NoError(t, err)
					w.requireDelivered()
					return
				}
				require.Error(t, err)
				if tt.name == "the name has been taken" { // a blocker that has come since
					require.ErrorIs(t, err, ami.ErrNameTaken)
				} else {
					require.ErrorIs(t, err, readyami.ErrStale)
				}
				assert.ErrorContains(t, err, tt.says)
				assert.ErrorContains(t, err, "us-east-1")
				assert.NotContains(t, err.Error(), "eu-west-1", "what has not changed is not named")
				assert.Empty(t, w.cloud.Writes())
			})
		})
	}
}

// anotherVersion is somebody else's, of the template "web" in us-east-1.
func (w *world) anotherVersion(t *testing.T) {
	t.Helper()
	_, err := launchtemplate.NextVersion(t.Context(), ec2.NewFromConfig(w.cloud.Config("us-east-1")), launchtemplate.NextVersionInput{
		Template: launchtemplate.Ref{ID: w.templateOf("us-east-1").id()}, Source: 1,
		ImageID: w.cloud.Region("us-east-1").OwnImage(awstest.ImageSeed{Name: "web-1b"}),
	})
	require.NoError(t, err)
}
