package awstest

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchSpec is what RunInstances, a launch template version and a launch
// configuration come down to: everything that one launch needs.
type launchSpec struct {
	imageID        string
	instanceType   string // empty: m1.small, as on AWS
	subnetID       string // empty: the default subnet of the first zone
	keyName        string
	securityGroups []string // ids; empty: the VPC's default group
	interfaces     []ec2types.InstanceNetworkInterfaceSpecification
	namedGroups    bool                          // the security groups were given by their names
	requirements   *astypes.InstanceRequirements // of a template that names no type
	mappings       []ec2types.BlockDeviceMapping
	metadata       *ec2types.InstanceMetadataOptionsRequest // nil: as the image has it
	userData       string                                   // in base64
	placement      placement
	profile        *ec2types.IamInstanceProfile
	instanceTags   tagSet
	volumeTags     tagSet
	template       *templateUse // nil: launched without one
	group          string       // the Auto Scaling group, empty for none
	spot           bool         // a Spot Instance
	reservation    string       // empty: a new one
}

// templateUse is the template version that an instance was launched with.
type templateUse struct {
	id, name string
	version  int64
}

// launchPlan is a spec that has been checked: what is left to do cannot fail.
type launchPlan struct {
	launchSpec
	image    *image
	subnet   *subnet
	mappings []mapping
}

// launch starts one instance. It is the one way in for RunInstances and for
// groups.
func (s *store) launch(spec launchSpec) (*instance, error) {
	plan, err := s.planLaunch(spec)
	if err != nil {
		return nil, err
	}
	if err := s.checkCapacity(plan); err != nil {
		return nil, err
	}
	if why := s.keyFault(plan); why != nil && spec.group != "" {
		// Auto Scaling sees the instance die before it is any of the group's
		return nil, apiError(*why.Code, "%s", *why.Message)
	}
	return s.execute(plan), nil
}

// planLaunch checks a spec as EC2 does before it starts anything.
func (s *store) planLaunch(spec launchSpec) (*launchPlan, error) {
	spec.securityGroups, spec.interfaces = slices.Clone(spec.securityGroups), clone(spec.interfaces) // may be the caller's
	spec.instanceType = cmp.Or(spec.instanceType, "m1.small")
	if !instanceTypeShape.MatchString(spec.instanceType) {
		return nil, apiError("InvalidParameterValue", "Invalid value '%s' for InstanceType.", spec.instanceType)
	}
	if spec.imageID == "" {
		return nil, apiError("MissingParameter", "The request must contain the parameter ImageId")
	}
	var err error
	if spec.imageID, err = s.resolveImage(spec.imageID); err != nil {
		return nil, err
	}
	plan := &launchPlan{launchSpec: spec}
	if plan.image, err = s.usableImage(spec.imageID); err != nil {
		return nil, err
	}
	if err = s.checkSubscription(plan.image); err != nil {
		return nil, err
	}
	if have, want := architectureOf(spec.instanceType), plan.image.architecture; !slices.Contains(architecturesOf(spec.instanceType), want) {
		return nil, apiError("InvalidParameterValue", "The architecture '%s' of the specified instance type does not match "+
			"the architecture '%s' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.",
			have, want)
	}
	if err = checkDrivers(spec.instanceType, plan.image); err != nil {
		return nil, err
	}
	if err = checkBootMode(spec.instanceType, plan.image); err != nil {
		return nil, err
	}
	if plan.subnet, err = s.launchSubnet(spec.subnetID, spec.placement); err != nil {
		return nil, err
	}
	if err = s.checkAccess(&plan.launchSpec, plan.subnet); err != nil {
		return nil, err
	}
	if plan.mappings, err = s.overlay(plan.image, spec.mappings); err != nil {
		return nil, err
	}
	return plan, nil
}

// checkAccess checks the security groups, putting in the default one, and the
// key pair.
func (s *store) checkAccess(spec *launchSpec, in *subnet) error {
	if len(spec.securityGroups) == 0 {
		spec.securityGroups = []string{s.network.defaultGroup(in.vpcID).id}
	}
	for _, id := range spec.securityGroups {
		switch {
		case !wellFormed("sg-", id):
			return apiError("InvalidGroupId.Malformed", "Invalid id: \"%s\" (expecting \"sg-...\")", id)
		case s.network.securityGroup(id) == nil:
			return apiError("InvalidGroup.NotFound", "The security group '%s' does not exist in VPC '%s'", id, in.vpcID)
		case s.network.securityGroup(id).vpcID != in.vpcID:
			return apiError("InvalidParameter", "Security group %s and subnet %s belong to different networks.", id, in.id)
		}
	}
	if spec.keyName != "" && s.network.keyPair(spec.keyName) == nil {
		return apiError("InvalidKeyPair.NotFound", "The key pair '%s' does not exist", spec.keyName)
	}
	return nil
}

// execute makes the instance of a plan: pending, then running.
func (s *store) execute(plan *launchPlan) *instance {
	spec := plan.launchSpec
	i := &instance{
		id:          s.newID("i-"),
		spec:        spec,
		image:       plan.image,
		subnet:      plan.subnet,
		address:     s.network.address(plan.subnet),
		reservation: spec.reservation,
		launched:    s.now,
		metadata:    plan.image.metadata(spec.metadata),
		tags:        spec.instanceTags,
		behavior:    s.behaviorOf(plan.image),
	}
	if i.reservation == "" {
		i.reservation = s.newID("r-")
	}
	for range max(len(spec.interfaces), 1) {
		i.interfaceIDs = append(i.interfaceIDs, s.newID("eni-"))
	}
	if t := spec.template; t != nil {
		i.tags = i.tags.with(
			tagPair{"aws:ec2launchtemplate:id", t.id},
			tagPair{"aws:ec2launchtemplate:version", strconv.FormatInt(t.version, 10)},
		)
	}
	for _, m := range plan.mappings {
		if m.virtual != "" {
			i.ephemeral = append(i.ephemeral, m)
			continue
		}
		i.volumes = append(i.volumes, volume{
			id:         s.newID("vol-"),
			device:     m.device,
			created:    s.now,
			attached:   s.now,
			volumeSpec: m.volumeSpec,
			fast:       s.fastRestored(m.snapshotID, plan.subnet.zone.name),
			tags:       spec.volumeTags,
		})
	}
	if s.instances.byID == nil {
		s.instances.byID = map[string]*instance{}
	}
	s.made(&i.fresh)
	s.instances.byID[i.id] = i
	s.instances.order = append(s.instances.order, i)
	s.reportLaunch(plan.image)
	s.enter(i, ec2types.InstanceStateNamePending, "")
	if spec.group == "" && s.keyFault(plan) != nil {
		i.failure = errLaunchKey
		s.moveOn(i, s.timing.InstanceStart, ec2types.InstanceStateNameTerminated)
		return i
	}
	if i.behaves().NeverStarts {
		i.failure = errStart
		s.moveOn(i, s.timing.InstanceStart, ec2types.InstanceStateNameTerminated)
		return i
	}
	s.moveOn(i, s.timing.InstanceStart, ec2types.InstanceStateNameRunning)
	return i
}

// errStart is how an instance ends whose image cannot be started.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
var errStart = &ec2types.StateReason{
	Code:    new("Server.InternalError"),
	Message: new("Server.InternalError: Internal error on launch"),
}

var (
	instanceTypeShape = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`)
	// Graviton families have a g after the generation: t4g, m7gd, im4gn.
	gravitonFamily = regexp.MustCompile(`^(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.`)
)

// architectureOf is the processor architecture of an instance type.
func architectureOf(instanceType string) string {
	if gravitonFamily.MatchString(instanceType) {
		return string(ec2types.ArchitectureValuesArm64)
	}
	return string(ec2types.ArchitectureValuesX8664)
}
