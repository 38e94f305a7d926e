package readyami_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

var chaosSeeds = flag.Int("chaos.seeds", 40, "how many random releases TestChaos plays")

// chaos is a random release in a random world, with a fault or two and perhaps somebody
// who meddles.
type chaos struct {
	*world
	random   *rand.Rand
	bad      bool
	meddler  *meddler
	faults   []string
	spelling map[string]string // of each group, by Region and name
	said     []error           // what the runs ended with
}

// TestChaos plays random releases: whatever happens, a few runs bring each to an end
// that a further run leaves alone, and the world is what it should be then.
func TestChaos(t *testing.T) {
	for seed := range *chaosSeeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newChaos(t, uint64(seed))
				c.play()
				c.check()
			})
		})
	}
}

func newChaos(t *testing.T, seed uint64) *chaos {
	c := &chaos{world: newWorld(t), random: rand.New(rand.NewPCG(seed, 1)), spelling: map[string]string{}}
	c.Targets = c.Targets[:1+c.random.IntN(len(threeRegions))]
	c.bad = c.one(3)
	if c.bad {
		c.cloud.NeverHealthy(awstest.ImageMatch{Name: "web-2"})
	}
	c.SetDefault, c.Pin = c.one(2), c.one(2)
	c.Rollout.Order = []plan.Order{plan.OrderCareful, plan.OrderTargetByTarget, plan.OrderAllAtOnce}[c.random.IntN(3)]
	c.Rollout.OnFailure = []plan.OnFailure{plan.OnFailureRollBackGroup, plan.OnFailureRollBackGroup, plan.OnFailureRollBackWave, plan.OnFailureRollBackRelease, plan.OnFailureLeave}[c.random.IntN(5)]
	if c.one(3) {
		c.Preferences.AutoRollback = new(false)
	}
	if c.one(4) {
		c.Attributes = &plan.Attributes{Tags: map[string]string{"tier": "gold"}, Share: plan.Permissions{Accounts: []string{consumer}}}
	}
	for i := range c.Targets {
		target := &c.Targets[i]
		for _, name := range []string{"api", "jobs"}[:c.random.IntN(3)] {
			template := c.templateID(target.Region, "web")
			if c.one(2) {
				template = c.template(target.Region, name)
			}
			c.group(target.Region, name, template, "1")
			target.Groups = append(target.Groups, name)
		}
		if i > 0 && !c.SetDefault && c.one(4) {
			target.Encrypted, target.UseRegionDefaultKey = true, true
			c.Attributes = nil
		}
		for _, name := range target.Groups {
			c.spelling[target.Region+" "+name] = "1"
			if c.Pin && c.one(2) {
				spelling := []string{"$Latest", "$Default"}[c.random.IntN(2)]
				c.spell(target.Region, name, spelling)
				c.spelling[target.Region+" "+name] = spelling
			}
		}
	}
	if c.one(3) {
		c.meddler = &meddlers[c.random.IntN(len(meddlers))]
	}
	c.settle()
	return c
}

func (c *chaos) one(in int) bool { return c.random.IntN(in) == 0 }

// disturb puts a fault in front of AWS. over ends it.
func (c *chaos) disturb() (over func()) {
	k := 1 + c.random.IntN(25)
	over = func() {}
	var f awstest.Fault
	switch kind := c.random.IntN(7); kind {
	case 0, 1:
		f, over = awstest.CrashAtWrite(k, kind == 1)
		c.faults = append(c.faults, fmt.Sprintf("crash at write %d, done %t", k, kind == 1))
	case 2:
		f = atWrite(k, awstest.LoseResponse(awstest.Match{Write: true}))
		c.faults = append(c.faults, fmt.Sprintf("answer %d lost once", k))
	case 3:
		f = atWrite(k, awstest.LoseResponseForGood(awstest.Match{Write: true}))
		c.faults = append(c.faults, fmt.Sprintf("answer %d lost for good", k))
	case 4:
		f, over = until(awstest.Throttle(awstest.Match{}, 2+c.random.IntN(2)))
		c.faults = append(c.faults, "throttled")
	case 5:
		f, over = until(awstest.ExpireCredentials(awstest.Match{}, 5+c.random.IntN(300)))
		c.faults = append(c.faults, "credentials expire")
	default:
		return over
	}
	c.inject(f)
	return over
}

// until is a fault that can be ended.
func until(f awstest.Fault) (_ awstest.Fault, over func()) {
	var ended atomic.Bool
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if ended.Load() {
			return next(ctx)
		}
		return f(ctx, call, next)
	}, func() { ended.Store(true) }
}

// run is one process, or two at once. It may be stopped at any time.
func (c *chaos) run(stops bool) error {
	ctx := c.t.Context()
	if stops && c.one(3) {
		var stop func()
		ctx, stop = context.WithTimeout(ctx, time.Duration(c.random.IntN(40*60))*time.Second)
		defer stop()
	}
	processes := 1
	if stops && c.one(4) {
		processes = 2
	}
	errs := make([]error, processes)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { _, errs[i] = c.deliver(ctx) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// play runs the release until a run writes nothing.
func (c *chaos) play() {
	ended := c.meddle()
	for i := range 10 {
		c.cloud.ForgetCalls()
		over := func() {}
		if i < 2 {
			over = c.disturb()
		}
		c.said = append(c.said, c.run(i < 2))
		over()
		if i < 2 {
			continue
		}
		if ended(); !c.wrote() {
			return
		}
	}
	c.fail("it does not come to rest: the last run writes %v", c.writes())
}

// wrote reports whether anything but a runner's mark was written.
func (c *chaos) wrote() bool { return len(c.writes()) > 0 }

func (c *chaos) writes() (out []string) {
	for _, call := range c.cloud.Writes() {
		if !strings.Contains(fmt.Sprint(call.Input), ":runner:") && call.Operation != "DeleteTags" {
			out = append(out, call.Region+" "+call.Operation)
		}
	}
	return out
}

func (c *chaos) fail(format string, args ...any) {
	c.t.Helper()
	name := "nobody"
	if c.meddler != nil {
		name = c.meddler.name
	}
	c.t.Fatalf("%s\n%+v\nbad %t, pin %t, default %t, faults %q, meddler %s, targets %+v\nspelling %v\nsaid %v",
		fmt.Sprintf(format, args...), c.Rollout, c.bad, c.Pin, c.SetDefault, c.faults, name, c.Targets, c.spelling, c.said)
}

// check checks the world itself.
func (c *chaos) check() {
	last := c.said[len(c.said)-1]
	rejected := errors.Is(last, readyami.ErrRejected)
	for _, target := range c.Targets {
		images := c.named(target.Region, "web-2")
		if len(images) != 1 || images[0].State != ec2types.ImageStateAvailable {
			c.fail("%s has %d images", target.Region, len(images))
		}
		c.requireNoStraySnapshots(target.Region)
		for _, name := range target.Groups {
			c.checkGroup(target.Region, name, *images[0].ImageId, last, rejected)
		}
		c.checkTemplates(target.Region, *images[0].ImageId, rejected)
	}
	if c.meddler == nil && !c.bad && last != nil {
		c.fail("a good image is not delivered: %v", last)
	}
	if c.meddler == nil && c.bad && !rejected && c.Rollout.OnFailure != plan.OnFailureLeave {
		c.fail("a bad image is not rejected: %v", last)
	}
}

// checkGroup checks what a group runs, launches, and names.
func (c *chaos) checkGroup(in, name, image string, last error, rejected bool) {
	g := c.describeGroup(in, name)
	stopped := c.meddler != nil && c.meddler.stops || c.bad && c.Rollout.OnFailure == plan.OnFailureLeave
	for _, i := range g.Instances {
		if stopped || c.meddler != nil && last != nil && !rejected {
			continue // somebody has stopped the release, and nothing is undone
		}
		if strings.HasPrefix(string(i.LifecycleState), "Terminating") {
			continue
		}
		is := c.imageOf(in, *i.InstanceId) == image
		switch {
		case last == nil && !is:
			c.fail("%s %s: %s does not run the new image", in, name, *i.InstanceId)
		case c.bad && rejected && is:
			c.fail("%s %s: %s runs the bad image", in, name, *i.InstanceId)
		}
	}
	spelled := *g.LaunchTemplate.Version
	want := c.spelling[in+" "+name]
	named := last != nil && strings.Contains(last.Error(), name)
	keepsDefault := want == "$Default" && !c.SetDefault && !rejected
	if strings.HasPrefix(want, "$") && spelled != want && !keepsDefault && !named && !stopped && c.meddler == nil {
		c.fail("%s %s is left at version %s, was %s", in, name, spelled, want)
	}
	if !c.Pin && strings.HasPrefix(spelled, "$") {
		c.fail("%s %s has come to launch %s", in, name, spelled)
	}
}

// checkTemplates checks that one version was made for each template, and after an undo
// one more.
func (c *chaos) checkTemplates(in, image string, rejected bool) {
	if c.meddler != nil {
		return
	}
	for _, template := range c.cloud.Region(in).Templates() {
		made, restored := 0, 0
		for _, v := range c.versions(in, *template.LaunchTemplateId) {
			switch {
			case *v.LaunchTemplateData.ImageId == image:
				made++
			case *v.VersionNumber > 1:
				restored++
			}
		}
		if made > 1 || restored > 1 || restored > made || restored > 0 && !rejected {
			c.fail("%s %s has %d versions with the image and %d restored", in, *template.LaunchTemplateName, made, restored)
		}
		if rejected && made > 0 && restored == 0 {
			c.fail("%s %s: $Latest is the rejected version", in, *template.LaunchTemplateName)
		}
	}
	require.NotEmpty(c.t, c.said)
}
