package awstest

import (
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchSpec is what RunInstances, a launch template version and a launch
// configuration come down to: everything that one launch needs.
type launchSpec struct {
	imageID        string
	instanceType   string
	subnetID       string // empty: the default subnet of the first zone
	keyName        string
	securityGroups []string // ids; empty: the VPC's default group
	mappings       []ec2types.BlockDeviceMapping
	instanceTags   tagSet
	volumeTags     tagSet
	template       *templateUse // nil: launched without one
	group          string       // the Auto Scaling group, empty for none
}

// templateUse is the template version that an instance was launched with.
type templateUse struct {
	id, name string
	version  int64
}

// instances are the EC2 instances of a store.
type instances struct {
	byID  map[string]*instance
	order []*instance
}

// instance is one EC2 instance.
type instance struct {
	sight
	id       string
	spec     launchSpec
	image    *image // as it was at launch; deregistering does not touch it
	state    ec2types.InstanceStateName
	reason   string // StateTransitionReason
	launched time.Time
	volumes  []volume
	tags     tagSet
	// neverHealthy: the application in its image is broken.
	neverHealthy bool
	// onState tells the instance's Auto Scaling group of a change of state.
	onState func()
}

// volume is one EBS volume of an instance.
type volume struct {
	id, device string
	sizeGiB    int32
	volumeType string
	encrypted  bool
	keyID      string
	snapshotID string // what it was made from; empty: nothing
	deleteWith bool   // DeleteOnTermination
	tags       tagSet
}
