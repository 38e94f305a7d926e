package awstest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"
)

// life is a group to which things happen at random, while nobody refreshes it.
type life struct {
	*testing.T
	*rand.Rand
	cloud  *Cloud
	region *Region
	as     *autoscaling.Client
	ec2    *ec2.Client
	image  string
	ever   map[string]bool // instances that were members
}

func newLife(t *testing.T, seed uint64) *life {
	r := rand.New(rand.NewPCG(seed, 7))
	cloud := New(WithTiming(Realistic), WithSeed(seed))
	l := &life{T: t, Rand: r, cloud: cloud, region: cloud.Region("eu-west-1"), ever: map[string]bool{}}
	l.as, l.ec2 = autoscaling.NewFromConfig(l.region.Config()), ec2.NewFromConfig(l.region.Config())
	l.image = l.region.OwnImage(ImageSeed{Name: "golden"})
	g := GroupSeed{Name: "web", Size: int32(1 + r.IntN(6)), MaxSize: 12, ImageID: l.image}
	switch r.IntN(3) {
	case 1:
		g.Overrides = []astypes.LaunchTemplateOverrides{{InstanceType: new("m5.large")}, {InstanceType: new("c5.large")}}
	case 2:
		g.Overrides = []astypes.LaunchTemplateOverrides{
			{InstanceType: new("m5.xlarge"), WeightedCapacity: new("3")}, {InstanceType: new("m5.large"), WeightedCapacity: new("1")},
		}
	}
	g.Customize = func(in *autoscaling.CreateAutoScalingGroupInput) {
		in.DesiredCapacity, in.MinSize = in.MinSize, new(int32(0))
		in.HealthCheckGracePeriod = new(int32(r.IntN(300)))
		in.HealthCheckType = new([]string{"EC2", "ELB"}[r.IntN(2)])
		if r.IntN(2) == 0 {
			in.InstanceMaintenancePolicy = &astypes.InstanceMaintenancePolicy{MinHealthyPercentage: new(int32(50 + r.IntN(51))), MaxHealthyPercentage: new(int32(100 + r.IntN(50)))}
		}
	}
	l.region.Group(g)
	return l
}

// happen does one thing. AWS may refuse it.
func (l *life) happen() string {
	ctx, group := l.Context(), new("web")
	var id string
	if all := l.region.Groups()[0].Instances; len(all) > 0 {
		id = *all[l.IntN(len(all))].InstanceId
	}
	process := []string{[]string{"Launch", "Terminate", "HealthCheck", "ReplaceUnhealthy"}[l.IntN(4)]}
	var what string
	var err error
	switch n := l.IntN(14); {
	case n == 0:
		what = "desired"
		_, err = l.as.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: group, DesiredCapacity: new(int32(l.IntN(10)))})
	case n == 1:
		what = "maximum"
		_, err = l.as.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: group, MaxSize: new(int32(3 + l.IntN(10)))})
	case n == 2:
		what = "suspend " + process[0]
		_, err = l.as.SuspendProcesses(ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: group, ScalingProcesses: process})
	case n == 3:
		what = "resume " + process[0]
		_, err = l.as.ResumeProcesses(ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: group, ScalingProcesses: process})
	case n == 4:
		what = "behave"
		l.region.Behave(l.image, []Behavior{{}, {NeverHealthy: true}, {NeverStarts: true}, {FailsAfter: 5 * time.Minute}, {Flaps: time.Minute}, {Boot: time.Minute}}[l.IntN(6)])
	case n == 5:
		what = "lack"
		l.region.LackCapacity([]string{"m5.large", "m5.xlarge", "t3.micro"}[l.IntN(3)])
	case n == 6:
		what = "disable"
		_, err = l.ec2.DisableImage(ctx, &ec2.DisableImageInput{ImageId: &l.image})
	case n == 7:
		what = "enable"
		_, err = l.ec2.EnableImage(ctx, &ec2.EnableImageInput{ImageId: &l.image})
	case n == 8:
		what = "hook"
		_, err = l.as.PutLifecycleHook(ctx, &autoscaling.PutLifecycleHookInput{
			AutoScalingGroupName: group, LifecycleHookName: new(string(rune('a' + l.IntN(2)))), HeartbeatTimeout: new(int32(60 + l.IntN(300))),
			LifecycleTransition: new([]string{hookLaunching, hookTerminating}[l.IntN(2)]), DefaultResult: new([]string{resultContinue, resultAbandon}[l.IntN(2)]),
		})
	case n == 9:
		what = "unhook"
		_, err = l.as.DeleteLifecycleHook(ctx, &autoscaling.DeleteLifecycleHookInput{AutoScalingGroupName: group, LifecycleHookName: new(string(rune('a' + l.IntN(2))))})
	case n == 10 && id != "":
		what = "kill"
		_, err = l.ec2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
	case n == 11 && id != "":
		what = "unhealthy"
		_, err = l.as.SetInstanceHealth(ctx, &autoscaling.SetInstanceHealthInput{InstanceId: &id, HealthStatus: new("Unhealthy")})
	case n == 12 && id != "":
		what = "protect"
		_, err = l.as.SetInstanceProtection(ctx, &autoscaling.SetInstanceProtectionInput{AutoScalingGroupName: group, InstanceIds: []string{id}, ProtectedFromScaleIn: new(l.IntN(2) == 0)})
	case id != "":
		what = "terminate"
		_, err = l.as.TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{InstanceId: &id, ShouldDecrementDesiredCapacity: new(l.IntN(2) == 0)})
	}
	require.Empty(l, asAWS(err))
	return what
}

// calm takes back all that keeps the group from what it is for.
func (l *life) calm() {
	ctx := l.Context()
	l.region.LackCapacity()
	l.region.Behave(l.image, Behavior{})
	_, _ = l.ec2.EnableImage(ctx, &ec2.EnableImageInput{ImageId: &l.image}) // perhaps it is
	_, err := l.as.ResumeProcesses(ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: new("web")})
	require.NoError(l, err)
	for _, name := range []string{"a", "b"} {
		_, _ = l.as.DeleteLifecycleHook(ctx, &autoscaling.DeleteLifecycleHookInput{AutoScalingGroupName: new("web"), LifecycleHookName: &name}) // perhaps there is none
	}
	for _, m := range l.region.Groups()[0].Instances {
		_, _ = l.as.SetInstanceProtection(ctx, &autoscaling.SetInstanceProtectionInput{ // unless it is on its way out
			AutoScalingGroupName: new("web"), InstanceIds: []string{*m.InstanceId}, ProtectedFromScaleIn: new(false),
		})
	}
}

// recounted is what is wrong with the group's books: they are kept by the way,
// so that they are counted here from the start.
func (l *life) recounted() (why string) {
	l.region.do(func(s *store) {
		g := s.groups.byName["web"]
		fresh := &group{groupSettings: g.groupSettings, store: g.store, subnets: g.subnets, placed: make([]int, len(g.subnets))}
		for _, m := range g.members {
			l.ever[m.id] = true
			one := *m
			one.group, one.refresh = fresh, nil
			one.count(1)
		}
		switch {
		case fresh.tally != g.tally:
			why = fmt.Sprintf("the tally is %+v, and counted %+v", g.tally, fresh.tally)
		case fmt.Sprint(fresh.placed) != fmt.Sprint(g.placed):
			why = fmt.Sprintf("by subnet it is %v, and counted %v", g.placed, fresh.placed)
		case g.held < 0:
			why = fmt.Sprintf("%d units are held", g.held)
		case g.tally.live+g.held < g.desired() && !g.suspended(processLaunch):
			why = fmt.Sprintf("%d of %d units are there, %d held, and the rest is lost", g.tally.live, g.desired(), g.held)
		}
	})
	return why
}

// unexplained is an instance without an activity that explains why it came or
// went, or an activity that never ends.
func (l *life) unexplained() (why string) {
	l.region.do(func(s *store) {
		g := s.groups.byName["web"]
		launched, ended := map[string]bool{}, map[string]bool{}
		for _, a := range g.activities {
			what, id, _ := strings.Cut(a.description, ": ")
			id, _, _ = strings.Cut(id, ".")
			switch {
			case a.cause == "":
				why = "an activity without a cause: " + a.description
			case strings.HasPrefix(what, "Launching"):
				launched[id] = true
				ended[id] = ended[id] || a.status == astypes.ScalingActivityStatusCodeFailed // it never came
			case strings.HasPrefix(what, "Terminating"):
				ended[id] = true
			}
		}
		members := map[string]*member{}
		for _, m := range g.members {
			members[m.id] = m
		}
		for id := range l.ever {
			m := members[id]
			switch {
			case !launched[id]:
				why = id + " was launched for no reason"
			case m == nil && !ended[id]:
				why = id + " is gone for no reason"
			case m != nil && (m.ending != nil) != ended[id]:
				why = id + " is " + string(m.state) + " and its activities say otherwise"
			}
		}
		for _, i := range s.instances.order {
			if i.spec.group == "web" && !i.gone() && members[i.id] == nil {
				why = i.id + " runs on and belongs to nobody"
			}
		}
	})
	return why
}

// Whatever happens to a group, its capacity is kept: what it wants is there, or
// on its way, or missing for a reason that passes; and each instance that came or
// went has an activity that says why.
func TestCapacityIsConservedAndExplained(t *testing.T) {
	for seed := range uint64(150) {
		synctest.Test(t, func(t *testing.T) {
			l := newLife(t, seed)
			for range 40 {
				what := l.happen()
				time.Sleep(time.Duration(l.IntN(240)) * time.Second)
				require.Empty(t, l.recounted(), "seed %d after %s", seed, what)
				require.Empty(t, l.unexplained(), "seed %d after %s", seed, what)
			}
			l.calm()
			time.Sleep(3 * time.Hour)
			l.recounted()
			require.Empty(t, l.unexplained(), "seed %d", seed)
			c := l.region.Capacity("web")
			heavy := 1
			for _, m := range l.region.Groups()[0].Instances {
				require.Equal(t, "Healthy", *m.HealthStatus, "seed %d", seed)
				if m.WeightedCapacity != nil {
					heavy = 3
				}
			}
			require.GreaterOrEqual(t, c.InService, c.Desired, "seed %d", seed)
			require.Less(t, c.InService, c.Desired+heavy, "seed %d", seed)
		})
	}
}
