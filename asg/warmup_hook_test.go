package asg_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
)

// hooked has the instances of group web say by a launch lifecycle hook when they
// are ready: so long after their launch, by image. It ends with ctx.
func (f *fleet) hooked(ctx context.Context, ready map[string]time.Duration) {
	f.t.Helper()
	_, err := f.PutLifecycleHook(f.t.Context(), &autoscaling.PutLifecycleHookInput{
		AutoScalingGroupName: new("web"), LifecycleHookName: new("ready"), LifecycleTransition: new("autoscaling:EC2_INSTANCE_LAUNCHING"),
	})
	require.NoError(f.t, err)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
			launched := map[string]time.Time{}
			for _, i := range f.Region(home).Instances() {
				launched[*i.InstanceId] = i.LaunchTime.Add(ready[*i.ImageId])
			}
			for _, a := range f.Region(home).LifecycleActions("web") {
				if time.Now().Before(launched[a.InstanceID]) {
					continue
				}
				_, err := f.CompleteLifecycleAction(f.t.Context(), &autoscaling.CompleteLifecycleActionInput{
					AutoScalingGroupName: new("web"), LifecycleHookName: &a.Hook, InstanceId: &a.InstanceID, LifecycleActionResult: new("CONTINUE"),
				})
				assert.NoError(f.t, err)
			}
		}
	}()
}

// TestWhatAReadyImageBuys compares an image whose instances install all that they
// need with one that has it.
func TestWhatAReadyImageBuys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		ctx, stop := context.WithCancel(t.Context())
		in := f.input("web")
		in.MinSize, in.Desired = 0, new(int32(0))
		_, err := asg.Create(ctx, f, in)
		require.NoError(t, err)
		f.hooked(ctx, map[string]time.Duration{f.image("1"): 250 * time.Second, f.image("2"): 38 * time.Second})
		_, err = asg.Update(ctx, f, asg.UpdateInput{Group: "web", Desired: new(int32(2))})
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		_, err = asg.Wait(ctx, f, []asg.RefreshKey{{Group: "web", ID: f.start(f.refresh()).RefreshID}})
		require.NoError(t, err)
		stop()
		synctest.Wait()

		w := f.measure()
		c := asg.CompareWarmup(w, f.image("2"), f.image("1"))
		assert.Equal(t, "in service in 38 s; the one before in 4 min 10 s", c.String())
		s, err := asg.RecommendWarmup(c.Now)
		require.NoError(t, err)
		assert.Equal(t, 40*time.Second, s.DefaultInstanceWarmup.Value)
	})
}
