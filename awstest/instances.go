package awstest

import (
	"slices"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// instances are the EC2 instances of a store.
type instances struct {
	byID      map[string]*instance
	order     []*instance // as they were launched; some are forgotten: see all
	forgotten int
}

// instance is one EC2 instance.
type instance struct {
	sight
	fresh
	id          string
	reservation string
	token       string // ClientToken of the RunInstances that made it
	spec        launchSpec
	image       *image // as it was at launch; deregistering does not touch it
	subnet      *subnet
	address     string
	// interfaceIDs are those of its network interfaces, the primary one among them.
	interfaceIDs []string
	state        ec2types.InstanceStateName
	changes      int    // how many states it has been in: a move that is overtaken does nothing
	reason       string // StateTransitionReason
	launched     time.Time
	ran          time.Time // when it last came to run
	volumes      []volume
	ephemeral    []mapping // instance store volumes
	tags         tagSet
	index        int       // AmiLaunchIndex: its place in the reservation
	reboots      int       // by CreateImage
	behavior     *Behavior // nil: it is fine
	metadata     *ec2types.InstanceMetadataOptionsResponse
	failure      *ec2types.StateReason // why it never came to run; nil: it did
	// onState tells the instance's Auto Scaling group of a change of state.
	onState func()
	member  *member // nil: it is in no group
}

// volume is one EBS volume of an instance.
type volume struct {
	id, device string
	created    time.Time
	attached   time.Time
	attachment ec2types.VolumeAttachmentState // attaching or detaching; empty: attached
	seen       *sight                         // of what is made and attached by itself; nil: made with its instance
	volumeSpec
	fast bool // created with fast snapshot restore
	tags tagSet
}

// terminatedFor is how long EC2 still shows a terminated instance: about an
// hour.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html
const terminatedFor = time.Hour

// enter puts an instance into a state and tells its group.
func (s *store) enter(i *instance, state ec2types.InstanceStateName, reason string) {
	i.state = state
	i.reason = reason
	i.changes++
	if state == ec2types.InstanceStateNameRunning {
		i.ran = s.now
	}
	if state == ec2types.InstanceStateNameTerminated {
		s.forgetImage(i.image)
		s.detach(i)
		s.after(terminatedFor, func() {
			s.instances.forget(i)
		})
	}
	if i.onState != nil {
		i.onState()
	}
}

// all is every instance that EC2 still shows, as they were launched.
func (n *instances) all() []*instance {
	if n.forgotten > 0 {
		n.order = slices.DeleteFunc(n.order, func(i *instance) bool { return n.byID[i.id] != i })
		n.forgotten = 0
	}
	return n.order
}

// forget takes an instance away. The list of all is tidied up when it is read or
// half of it is gone: fleets are replaced by the thousand, and all of that is
// forgotten an hour later.
func (n *instances) forget(i *instance) {
	delete(n.byID, i.id)
	n.forgotten++
	if n.forgotten > len(n.order)/2 {
		n.all()
	}
}

// moveOn lets an instance enter its next state when d has passed, if nothing
// else happens to it before.
func (s *store) moveOn(i *instance, d time.Duration, next ec2types.InstanceStateName) {
	at := i.changes
	s.transition(&i.sight, s.jitter(d, i.id+"/"+string(next)), func() {
		if i.changes == at {
			s.enter(i, next, i.reason)
		}
	})
}

// terminate ends an instance. One that has ended, or is about to, stays as it
// is.
func (s *store) terminate(i *instance) {
	if i.gone() {
		return
	}
	s.enter(i, ec2types.InstanceStateNameShuttingDown, s.userInitiated())
	s.moveOn(i, s.timing.InstanceStop, ec2types.InstanceStateNameTerminated)
}

// gone is true once an instance is on its way out.
func (i *instance) gone() bool {
	return i.state == ec2types.InstanceStateNameShuttingDown || i.state == ec2types.InstanceStateNameTerminated
}

// stop stops a running instance; a stopped or stopping one stays as it is.
func (s *store) stop(i *instance) error {
	if err := i.stoppable(); err != nil || i.state != ec2types.InstanceStateNameRunning {
		return err
	}
	s.enter(i, ec2types.InstanceStateNameStopping, s.userInitiated())
	s.moveOn(i, s.timing.InstanceStop, ec2types.InstanceStateNameStopped)
	return nil
}

// stoppable refuses the states that an instance cannot be stopped in, and a Spot
// Instance: all of them are of one-time requests here, as those are that an Auto
// Scaling group launches.
// https://github.com/diodonfrost/terraform-aws-lambda-scheduler-stop-start/pull/8
func (i *instance) stoppable() error {
	if i.spec.spot && !i.gone() {
		return apiError("UnsupportedOperation", "You can't stop the Spot Instance '%s' because it is associated with a one-time Spot Instance request. "+
			"You can only stop Spot Instances associated with persistent Spot Instance requests.", i.id)
	}
	switch i.state {
	case ec2types.InstanceStateNameRunning, ec2types.InstanceStateNameStopping, ec2types.InstanceStateNameStopped:
		return nil
	}
	return apiError("IncorrectInstanceState", "This instance '%s' is not in a state from which it can be stopped.", i.id)
}

// start starts a stopped instance; a running or pending one stays as it is.
func (s *store) start(i *instance) error {
	if err := i.startable(); err != nil || i.state != ec2types.InstanceStateNameStopped {
		return err
	}
	i.launched = s.now
	s.enter(i, ec2types.InstanceStateNamePending, "")
	s.moveOn(i, s.timing.InstanceStart, ec2types.InstanceStateNameRunning)
	return nil
}

func (i *instance) startable() error {
	switch i.state {
	case ec2types.InstanceStateNamePending, ec2types.InstanceStateNameRunning, ec2types.InstanceStateNameStopped:
		return nil
	}
	return apiError("IncorrectInstanceState", "The instance '%s' is not in a state from which it can be started.", i.id)
}

func (s *store) userInitiated() string {
	return "User initiated (" + s.now.UTC().Format("2006-01-02 15:04:05") + " GMT)"
}

// findInstances finds all of the instances, or fails for all.
func (s *store) findInstances(ids []string) ([]*instance, error) {
	var found []*instance
	var unknown []string
	for _, id := range ids {
		if !wellFormed("i-", id) {
			return nil, apiError("InvalidInstanceID.Malformed", "Invalid id: \"%s\"", id)
		}
		if i := s.instances.byID[id]; i == nil || s.unseen(&i.fresh) {
			unknown = append(unknown, id)
		} else if !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	if unknown != nil {
		return nil, missing("InvalidInstanceID.NotFound", "instance ID", unknown)
	}
	return found, nil
}
