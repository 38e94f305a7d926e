package awstest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// story is what happens to one group, drawn from a seed.
type story struct {
	t        *testing.T
	rand     *rand.Rand
	cloud    *Cloud
	region   *Region
	as       *autoscaling.Client
	ec2      *ec2.Client
	g        *group
	calm     bool                          // nothing happens but a refresh with a good image
	kind     kind                          // of what the group launches from
	template string                        // id
	base     *astypes.MixedInstancesPolicy // the group's at first; nil for a template
	images   []string
	before   witness
	told     []string
}

func newStory(t *testing.T, seed uint64) *story {
	timing := Realistic
	timing.Call = 0
	c := New(WithTiming(timing), WithSeed(seed))
	s := &story{
		t: t, rand: rand.New(rand.NewPCG(seed, 1)), cloud: c, region: c.Region("eu-west-1"),
		as: autoscaling.NewFromConfig(c.Config("eu-west-1")), ec2: ec2.NewFromConfig(c.Config("eu-west-1")),
	}
	s.calm = chance(s.rand, 4)
	s.kind = oneOf(s.rand, ofTemplate, ofTemplate, ofTemplate, ofWeights, ofWeights, ofImages)
	size := 1 + s.rand.Int32N(8)
	group := s.region.Group(GroupSeed{Name: "web", Size: size, Overrides: s.firstOverrides(), Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
		in.MinSize, in.MaxSize, in.DesiredCapacity = new(int32(0)), new(int32(10)), new(size)
		in.HealthCheckGracePeriod = new(oneOf[int32](s.rand, 0, 0, 60))
		if chance(s.rand, 4) {
			in.DefaultInstanceWarmup = new(oneOf[int32](s.rand, 0, 120))
		}
		if chance(s.rand, 4) {
			in.InstanceMaintenancePolicy = &astypes.InstanceMaintenancePolicy{
				MinHealthyPercentage: new(oneOf[int32](s.rand, 90, 100)), MaxHealthyPercentage: new(oneOf[int32](s.rand, 100, 150)),
			}
		}
		in.NewInstancesProtectedFromScaleIn = new(!s.calm && chance(s.rand, 10))
		s.distribute(in.MixedInstancesPolicy)
		s.base = clone(in.MixedInstancesPolicy)
	}})
	s.template = group.TemplateID
	s.g = c.store(place{DefaultAccount, "eu-west-1"}).groups.byName["web"]
	c.NeverHealthy(ImageMatch{Name: "bad-*"})
	s.region.SetAlarm("errors", AlarmOK)
	for n := range 4 {
		kind := "good"
		if !s.calm {
			kind = oneOf(s.rand, "good", "good", "good", "bad", "odd", "odd")
		}
		id := s.region.OwnImage(ImageSeed{Name: fmt.Sprint(kind, "-", n)})
		if kind == "odd" {
			b := s.behavior()
			s.region.Behave(id, b)
			s.told = append(s.told, fmt.Sprintf("version %d: %s", n+2, asText(b)))
		}
		s.images = append(s.images, id)
		_, err := s.ec2.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &group.TemplateID, SourceVersion: new("1"),
			LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: &id},
		})
		s.holds(err == nil, "%v", err)
	}
	if s.kind == ofTemplate && chance(s.rand, 4) {
		s.tell("warm pool", s.put(&autoscaling.PutWarmPoolInput{AutoScalingGroupName: new("web"), MaxGroupPreparedCapacity: new(size + 2),
			PoolState: oneOf(s.rand, astypes.WarmPoolStateStopped, astypes.WarmPoolStateRunning)}))
		s.pass(10 * time.Minute)
	}
	s.putHooks()
	s.before = witness{source: describeSource(s.g), ready: map[*member]bool{}, at: map[*refresh]beginning{}, stood: map[string]bool{}, activities: len(s.g.activities)}
	return s
}

// putHooks lets launches and terminations wait, in some stories.
func (s *story) putHooks() {
	for _, transition := range []string{hookLaunching, hookTerminating} {
		if s.calm || !chance(s.rand, 3) {
			continue
		}
		_, err := s.as.PutLifecycleHook(s.t.Context(), &autoscaling.PutLifecycleHookInput{
			AutoScalingGroupName: new("web"), LifecycleHookName: new(strings.TrimPrefix(transition, "autoscaling:")), LifecycleTransition: &transition,
			HeartbeatTimeout: new(30 + s.rand.Int32N(300)), DefaultResult: new(oneOf(s.rand, resultContinue, resultContinue, resultAbandon)),
		})
		s.tell("PutLifecycleHook "+transition, err)
	}
}

// behavior is how an image's instances may turn out.
func (s *story) behavior() (b Behavior) {
	some := func() time.Duration { return time.Duration(1+s.rand.IntN(1800)) * time.Second }
	switch s.rand.IntN(5) {
	case 0:
		b.NeverStarts = true
	case 1:
		b.Boot = some()
	case 2:
		b.FailsAfter = some()
	case 3:
		b.Flaps = some()
	case 4:
		b.Boot, b.FailsAfter, b.Flaps = some(), some(), some()
	}
	b.Application = chance(s.rand, 4)
	return b
}

func (s *story) put(in *autoscaling.PutWarmPoolInput) error {
	_, err := s.as.PutWarmPool(s.t.Context(), in)
	return err
}

func asText(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// tell notes what was done and what AWS said to it.
func (s *story) tell(what string, err error) {
	s.noteReady() // before what the world makes of it
	code, _ := apiParts(err)
	s.told = append(s.told, fmt.Sprintf("%s %s %s", s.cloud.Now().Sub(s.cloud.born), what, code))
	s.holds(err == nil || code != "", "%v", err)
}

// run tells the story to its end.
func (s *story) run() {
	for range 1 + s.rand.IntN(3) {
		s.start()
		for range 2 + s.rand.IntN(8) {
			s.pass(time.Duration(1+s.rand.IntN(400)) * time.Second)
			if !s.calm {
				s.something()
			}
		}
		s.pass(oneOf(s.rand, 0, 20*time.Minute, 2*time.Hour))
	}
	s.recover()
	s.lookAtTheEnd()
}

// pass lets time pass and looks at all that happens in it, instant by instant.
func (s *story) pass(d time.Duration) {
	until := s.cloud.Now().Add(d)
	for {
		now := s.cloud.Now()
		next := until
		if q := s.cloud.queue.events; len(q) > 0 && s.cloud.born.Add(q[0].at).Before(until) {
			next = s.cloud.born.Add(q[0].at)
		}
		time.Sleep(next.Sub(now))
		s.cloud.Advance(0)
		if s.before.at != nil {
			s.look()
		}
		if !next.Before(until) {
			return
		}
	}
}

func (s *story) start() {
	in := &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web"), Preferences: s.preferences()}
	version := fmt.Sprint(2 + s.rand.IntN(len(s.images)))
	if !s.calm && chance(s.rand, 4) {
		version = oneOf(s.rand, versionLatest, versionDefault)
	}
	if !chance(s.rand, 5) {
		in.DesiredConfiguration = s.desired(version)
		if s.kind == ofImages && !chance(s.rand, 6) {
			in.Strategy = astypes.RefreshStrategyReplaceRootVolume
		}
	}
	_, err := s.as.StartInstanceRefresh(s.t.Context(), in)
	s.tell(fmt.Sprintf("StartInstanceRefresh %s %s %s", in.Strategy, asText(in.DesiredConfiguration), asText(in.Preferences)), err)
	s.pass(0)
}

func (s *story) preferences() *astypes.RefreshPreferences {
	r := s.rand
	p := &astypes.RefreshPreferences{
		SkipMatching: new(chance(r, 4)), AutoRollback: new(chance(r, 3)), StandbyInstances: oneOf(r, astypes.StandbyInstances("").Values()...),
		ScaleInProtectedInstances: oneOf(r, astypes.ScaleInProtectedInstances("").Values()...),
	}
	if chance(r, 2) {
		p.MinHealthyPercentage = new(oneOf[int32](r, 0, 50, 90, 100))
		if least := *p.MinHealthyPercentage; chance(r, 2) {
			p.MaxHealthyPercentage = new(min(oneOf[int32](r, 100, 110, 150, 200), least+100))
		}
	}
	if chance(r, 2) {
		p.InstanceWarmup = new(oneOf[int32](r, 0, 60, 300))
	}
	if chance(r, 3) {
		p.CheckpointPercentages = oneOf(r, []int32{50, 100}, []int32{10, 20, 100}, []int32{30}, []int32{100})
		p.CheckpointDelay = new(oneOf[int32](r, 0, 600, 3600))
	}
	if chance(r, 3) {
		p.BakeTime = new(oneOf[int32](r, 60, 1800))
	}
	if chance(r, 3) {
		p.AlarmSpecification = &astypes.AlarmSpecification{Alarms: []string{"errors"}}
	}
	return p
}

// something happens.
func (s *story) something() {
	ctx, name := s.t.Context(), new("web")
	switch s.rand.IntN(17) {
	case 0:
		n := s.rand.Int32N(9)
		_, err := s.as.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: name, DesiredCapacity: &n})
		s.tell(fmt.Sprint("SetDesiredCapacity ", n), err)
	case 1:
		if m, ok := anyOf(s.rand, s.g.members); ok {
			_, err := s.as.EnterStandby(ctx, &autoscaling.EnterStandbyInput{
				AutoScalingGroupName: name, InstanceIds: []string{m.id}, ShouldDecrementDesiredCapacity: new(chance(s.rand, 2)),
			})
			s.tell("EnterStandby "+m.id, err)
		}
	case 2:
		s.exitStandby()
	case 3:
		if m, ok := anyOf(s.rand, s.g.members); ok {
			_, err := s.as.SetInstanceProtection(ctx, &autoscaling.SetInstanceProtectionInput{
				AutoScalingGroupName: name, InstanceIds: []string{m.id}, ProtectedFromScaleIn: new(chance(s.rand, 2)),
			})
			s.tell("SetInstanceProtection "+m.id, err)
		}
	case 4:
		if m, ok := anyOf(s.rand, s.g.everyone()); ok {
			_, err := s.ec2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{m.id}})
			s.tell("TerminateInstances "+m.id, err)
		}
	case 5:
		if m, ok := anyOf(s.rand, s.g.members); ok {
			_, err := s.as.SetInstanceHealth(ctx, &autoscaling.SetInstanceHealthInput{InstanceId: &m.id, HealthStatus: new("Unhealthy")})
			s.tell("SetInstanceHealth "+m.id, err)
		}
	case 6:
		state := oneOf(s.rand, AlarmOK, AlarmOK, AlarmRaised, AlarmInsufficientData)
		s.region.SetAlarm("errors", state)
		s.tell("SetAlarm "+string(state), nil)
	case 7:
		process := oneOf(s.rand, allProcesses...)
		_, err := s.as.SuspendProcesses(ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: name, ScalingProcesses: []string{process}})
		s.tell("SuspendProcesses "+process, err)
	case 8:
		_, err := s.as.ResumeProcesses(ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: name})
		s.tell("ResumeProcesses", err)
	case 9:
		_, err := s.as.CancelInstanceRefresh(ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: name, WaitForTransitioningInstances: new(chance(s.rand, 2))})
		s.tell("CancelInstanceRefresh", err)
	case 10:
		_, err := s.as.RollbackInstanceRefresh(ctx, &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: name})
		s.tell("RollbackInstanceRefresh", err)
	case 11:
		if id, ok := anyOf(s.rand, s.images); ok && chance(s.rand, 3) {
			_, err := s.ec2.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: &id})
			s.tell("DeregisterImage "+id, err)
		}
	case 12:
		s.start()
	case 13:
		s.nextVersion()
	case 14:
		if a, ok := anyOf(s.rand, s.region.LifecycleActions("web")); ok {
			result := oneOf(s.rand, resultContinue, resultAbandon)
			_, err := s.as.CompleteLifecycleAction(ctx, &autoscaling.CompleteLifecycleActionInput{
				AutoScalingGroupName: name, LifecycleHookName: &a.Hook, InstanceId: &a.InstanceID, LifecycleActionResult: &result,
			})
			s.tell("CompleteLifecycleAction "+a.InstanceID+" "+result, err)
		}
	case 15:
		if m, ok := anyOf(s.rand, s.g.members); ok {
			_, err := s.as.SetInstanceHealth(ctx, &autoscaling.SetInstanceHealthInput{InstanceId: &m.id, HealthStatus: new("Healthy")})
			s.tell("SetInstanceHealth Healthy "+m.id, err)
		}
	case 16:
		s.lack()
	}
	s.pass(0)
}

// nextVersion makes $Latest or $Default another version.
func (s *story) nextVersion() {
	ctx, template := s.t.Context(), &s.template
	if id, ok := anyOf(s.rand, s.images); ok && chance(s.rand, 2) {
		_, err := s.ec2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: template, SourceVersion: new("1"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: &id},
		})
		s.tell("CreateLaunchTemplateVersion "+id, err)
		return
	}
	version := fmt.Sprint(1 + s.rand.IntN(len(s.images)))
	_, err := s.ec2.ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: template, DefaultVersion: &version})
	s.tell("ModifyLaunchTemplate "+version, err)
}

func (s *story) exitStandby() {
	for _, m := range s.g.members {
		if m.state == astypes.LifecycleStateStandby && !chance(s.rand, 3) {
			_, err := s.as.ExitStandby(s.t.Context(), &autoscaling.ExitStandbyInput{AutoScalingGroupName: new("web"), InstanceIds: []string{m.id}})
			s.tell("ExitStandby "+m.id, err)
			return
		}
	}
}

// recover ends all that is in the way, and lets the group settle on an image that
// is well.
func (s *story) recover() {
	ctx, name := s.t.Context(), new("web")
	s.cloud.ForgetScripts()
	s.region.LackCapacity()
	for _, h := range slices.Clone(s.g.hooks) {
		_, err := s.as.DeleteLifecycleHook(ctx, &autoscaling.DeleteLifecycleHookInput{AutoScalingGroupName: name, LifecycleHookName: h.LifecycleHookName})
		s.tell("DeleteLifecycleHook "+*h.LifecycleHookName, err)
	}
	for _, id := range s.images {
		if i := s.cloud.store(s.region.place).catalogue.images[id]; i != nil {
			i.behavior = nil
		}
	}
	_, err := s.as.ResumeProcesses(ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: name})
	s.tell("ResumeProcesses", err)
	s.region.SetAlarm("errors", AlarmOK)
	s.pass(10 * time.Hour)
	if s.g.active != nil {
		_, err := s.as.CancelInstanceRefresh(ctx, &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: name})
		s.tell("CancelInstanceRefresh", err)
		s.pass(time.Hour)
	}
	for _, m := range s.g.members {
		if m.protected {
			_, err := s.as.SetInstanceProtection(ctx, &autoscaling.SetInstanceProtectionInput{
				AutoScalingGroupName: name, InstanceIds: []string{m.id}, ProtectedFromScaleIn: new(false),
			})
			s.tell("SetInstanceProtection "+m.id, err)
		}
		if m.state == astypes.LifecycleStateStandby {
			_, err := s.as.TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
				InstanceId: &m.id, ShouldDecrementDesiredCapacity: new(false),
			})
			s.tell("TerminateInstanceInAutoScalingGroup "+m.id, err)
		}
	}
	back := &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: name, NewInstancesProtectedFromScaleIn: new(false), MixedInstancesPolicy: s.base,
	}
	if s.base == nil {
		back.LaunchTemplate = &astypes.LaunchTemplateSpecification{LaunchTemplateId: &s.template, Version: new("1")}
	}
	_, err = s.as.UpdateAutoScalingGroup(ctx, back)
	s.tell("UpdateAutoScalingGroup", err)
	s.before.source = describeSource(s.g)
	s.pass(3 * time.Hour)
}
