package asg

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/mirror"
)

// CheckLaunchAPI is what [CheckLaunch] calls.
type CheckLaunchAPI interface {
	ec2.DescribeInstanceTypesAPIClient
	ec2.DescribeSnapshotsAPIClient
	ec2.GetInstanceTypesFromInstanceRequirementsAPIClient
	RunInstances(context.Context, *ec2.RunInstancesInput, ...func(*ec2.Options)) (*ec2.RunInstancesOutput, error)
}

var _ CheckLaunchAPI = (*ec2.Client)(nil)

// CheckLaunchInput is what would be launched, and by which group.
type CheckLaunchInput struct {
	// Image that would be launched, as DescribeImages returns it; required.
	Image ec2types.Image
	// Data that the launch template version would have; required. Its ImageId is not
	// looked at.
	Data *ec2types.RequestLaunchTemplateData
	// Group that would launch it, as [Describe] returns it. If zero, the instance
	// types are those of Data alone.
	Group types.AutoScalingGroup
	// Template is the one of the group's launch templates that would get the version.
	// Only the overrides that launch from it are looked at. The default is the base
	// template.
	Template *TemplateSpec
	// Source is the version that Data would be made from, as
	// DescribeLaunchTemplateVersions returns it. If set, EC2 is also asked, with a dry
	// run of RunInstances, whether it would launch Source with Image, unless Data
	// differs from Source in more than that. Optional.
	Source *ec2types.LaunchTemplateVersion
}

// CheckLaunchResult is what is known of a launch before it can be made.
type CheckLaunchResult struct {
	// InstanceTypes that the group can launch with the template.
	InstanceTypes []string
	// Findings, those that block first.
	Findings []Finding
}

// CheckLaunch checks whether a group could launch an image with launch template data
// of which no version exists yet, so that a version that cannot be launched never
// becomes $Latest. It writes nothing. It checks:
//
//   - the image's architecture, virtualization type, boot mode, NitroTPM and ENA
//     against every instance type that the group can launch with the template: that
//     of Data, those of all overrides, and all that meet InstanceRequirements;
//   - the sizes of Data's volumes against the snapshots that they are created from,
//     the image's and others;
//   - the root device: a root volume under another name, or left out;
//   - fields of Data that exclude one another, such as security groups beside
//     network interfaces.
//
// What does not fit an instance type that Data or an override names blocks. What does
// not fit some of the types that meet InstanceRequirements does not: AWS launches
// another one. The error joins one [Error] with [ErrLaunchRefused] for each finding
// that blocks, and the result comes with it. Without a result the check itself has
// failed: [ErrInvalidInput], or an error of AWS. If AWS does not permit a read, the
// rest is checked and the finding is [FindingNotChecked].
//
// AWS calls: DescribeInstanceTypes, one for each 100 types;
// GetInstanceTypesFromInstanceRequirements, one for each set of requirements;
// DescribeSnapshots, if the image itself does not tell that a volume is large enough;
// RunInstances with DryRun, if Source is set. IAM: ec2:DescribeInstanceTypes,
// ec2:GetInstanceTypesFromInstanceRequirements, ec2:DescribeSnapshots, and what
// launching the template needs (ec2:RunInstances, ec2:CreateTags, iam:PassRole).
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceTypeInfo.html
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-instance-boot-mode.html
func CheckLaunch(ctx context.Context, api CheckLaunchAPI, in CheckLaunchInput, optFns ...func(*Options)) (*CheckLaunchResult, error) {
	const op = "asg.CheckLaunch"
	o := newOptions(api, optFns)
	if problem := in.problem(); problem != "" {
		return nil, fault.Invalid(op, o.place(), "%s", problem)
	}
	c := launchCheck{api: api, op: op, o: o, in: in}
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	return c.result()
}

// run makes all checks.
func (c *launchCheck) run(ctx context.Context) error {
	c.image()
	c.conflicts()
	for _, step := range []func(context.Context) error{c.instanceTypes, c.volumes, c.dryRun} {
		if err := step(ctx); err != nil {
			return fault.Call(c.op, c.o.place(), c.id(), err)
		}
	}
	return nil
}

// launchCheck is one call of CheckLaunch.
type launchCheck struct {
	api      CheckLaunchAPI
	op       string
	o        Options
	in       CheckLaunchInput
	done     CheckLaunchResult
	warnings []Finding
}

func (in *CheckLaunchInput) problem() string {
	switch {
	case aws.ToString(in.Image.ImageId) == "":
		return "Image is required"
	case in.Data == nil:
		return "Data is required"
	case in.Source != nil && (aws.ToString(in.Source.LaunchTemplateId) == "" || aws.ToInt64(in.Source.VersionNumber) < 1 || in.Source.LaunchTemplateData == nil):
		return "Source must be a launch template version with its id, number and data"
	}
	return in.Template.problem()
}

// id is what the errors are about.
func (c *launchCheck) id() string {
	if name := aws.ToString(c.in.Group.AutoScalingGroupName); name != "" {
		return name
	}
	return aws.ToString(c.in.Image.ImageId)
}

func (c *launchCheck) find(f Finding) {
	if f.Blocks {
		c.done.Findings = append(c.done.Findings, f)
	} else {
		c.warnings = append(c.warnings, f)
	}
}

// blocks finds what makes a launch impossible.
func (c *launchCheck) blocks(code FindingCode, ids []string, format string, args ...any) {
	c.find(Finding{Code: code, Blocks: true, Detail: fmt.Sprintf(format, args...), IDs: ids})
}

// unread notes that AWS did not permit a read. Any other error is returned.
func (c *launchCheck) unread(err error, what string) error {
	if !fault.Is(err, "UnauthorizedOperation", "AccessDenied", "AccessDeniedException") {
		return err
	}
	c.find(Finding{Code: FindingNotChecked, Detail: what, Err: fault.Call(c.op, c.o.place(), c.id(), err)})
	return nil
}

// image looks at the image alone.
func (c *launchCheck) image() {
	if s := c.in.Image.State; s != "" && s != ec2types.ImageStateAvailable {
		c.blocks(FindingImageUnavailable, []string{aws.ToString(c.in.Image.ImageId)}, "it is %s", s)
	}
	if m := c.in.Image.BootMode; c.in.Image.TpmSupport != "" && m != "" && m != ec2types.BootModeValuesUefi {
		c.blocks(FindingTPM, []string{aws.ToString(c.in.Image.ImageId)}, "a NitroTPM needs the boot mode uefi, and that of the image is %s", m)
	}
}

// conflicts looks at fields of the template that EC2 or Auto Scaling stores and
// does not launch.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups-set-up-overview.html
func (c *launchCheck) conflicts() {
	d := c.in.Data
	if len(d.NetworkInterfaces) > 0 && len(d.SecurityGroupIds)+len(d.SecurityGroups) > 0 {
		c.blocks(FindingTemplateConflict, nil, "security groups beside NetworkInterfaces: set the Groups of the interfaces")
	}
	if len(d.SecurityGroups) > 0 && firstSubnet(c.in.Group) != "" {
		c.blocks(FindingTemplateConflict, d.SecurityGroups, "security groups by name in a group with subnets: set SecurityGroupIds")
	}
	if d.InstanceType != "" && d.InstanceRequirements != nil {
		c.blocks(FindingTemplateConflict, nil, "InstanceType beside InstanceRequirements")
	}
	if d.InstanceMarketOptions != nil && c.in.Group.MixedInstancesPolicy != nil {
		c.blocks(FindingTemplateConflict, nil, "InstanceMarketOptions in a group with a mixed instances policy, whose InstancesDistribution decides")
	}
}

// dryRun asks EC2 about the source version with the new image.
func (c *launchCheck) dryRun(ctx context.Context) error {
	s := c.in.Source
	if s == nil || len(c.done.Findings) > 0 {
		return nil // EC2 could only say the same
	}
	spec := TemplateSpec{ID: aws.ToString(s.LaunchTemplateId), Version: strconv.FormatInt(aws.ToInt64(s.VersionNumber), 10)}
	if same, err := c.fromSource(); err != nil {
		return err
	} else if !same {
		c.find(Finding{Code: FindingLaunchNotTried, Detail: "there is no version yet, and it would differ from " + spec.String() + " in more than its image"})
		return nil
	}
	l := newLaunch{template: spec.send(), image: c.in.Image.ImageId}
	if len(c.done.InstanceTypes) > 0 {
		l.instanceType = &c.done.InstanceTypes[0]
	}
	request, err := l.request(s.LaunchTemplateData, firstSubnet(c.in.Group))
	if err != nil {
		return err
	}
	if request == nil {
		c.find(Finding{Code: FindingLaunchNotTried, Detail: spec.String() + " has InstanceRequirements, with which RunInstances launches nothing"})
		return nil
	}
	if err := dryRun(ctx, c.api, request); err != nil {
		if fault.Code(err) == "" || fault.Transient(err) || fault.Expired(err) {
			return err
		}
		c.find(Finding{Code: FindingLaunchRefused, Blocks: true, Detail: spec.String() + " with " + aws.ToString(l.image), Err: fault.Call(c.op, c.o.place(), c.id(), err)})
	}
	return nil
}

// fromSource reports whether the data differs from the source version in its image
// alone, so that the two launch the same.
func (c *launchCheck) fromSource() (bool, error) {
	var source ec2types.RequestLaunchTemplateData
	if err := mirror.Assign(&source, c.in.Source.LaunchTemplateData); err != nil {
		return false, err
	}
	data := *c.in.Data
	data.ImageId = source.ImageId
	return reflect.DeepEqual(data, source), nil
}

func (c *launchCheck) result() (*CheckLaunchResult, error) {
	var errs []error
	for _, f := range c.done.Findings {
		errs = append(errs, f.asError(c.op, c.id(), c.o))
	}
	c.done.Findings = append(c.done.Findings, c.warnings...)
	return &c.done, errors.Join(errs...)
}
