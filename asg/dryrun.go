package asg

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/mirror"
)

// dryRunAPI is what a dry run calls.
type dryRunAPI interface {
	RunInstances(context.Context, *ec2.RunInstancesInput, ...func(*ec2.Options)) (*ec2.RunInstancesOutput, error)
}

// dryRun asks EC2 whether it would make a launch; nil: it would.
func dryRun(ctx context.Context, api dryRunAPI, in *ec2.RunInstancesInput) error {
	in.DryRun, in.MinCount, in.MaxCount = new(true), new(int32(1)), new(int32(1))
	_, err := api.RunInstances(ctx, in)
	if fault.Is(err, "DryRunOperation") {
		return nil
	}
	return err
}

// request is a launch of one instance into a subnet, as RunInstances takes it
// beside what the template says: EC2 refuses a subnet and an instance type where
// the template has network interfaces or InstanceRequirements, and a zone beside a
// subnet of another one. Nil: RunInstances cannot launch from such a template, or
// cannot be asked about it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html
func (l newLaunch) request(data *ec2types.ResponseLaunchTemplateData, subnet string) (*ec2.RunInstancesInput, error) {
	if data.InstanceRequirements != nil || subnet != "" && namesZone(data.Placement) {
		return nil, nil
	}
	in := &ec2.RunInstancesInput{
		LaunchTemplate: &ec2types.LaunchTemplateSpecification{Version: l.template.Version},
		ImageId:        l.image,
		InstanceType:   ec2types.InstanceType(aws.ToString(l.instanceType)),
	}
	if l.template.LaunchTemplateId != nil {
		in.LaunchTemplate.LaunchTemplateId = l.template.LaunchTemplateId
	} else {
		in.LaunchTemplate.LaunchTemplateName = l.template.LaunchTemplateName
	}
	switch {
	case subnet == "":
	case len(data.NetworkInterfaces) == 0:
		in.SubnetId = &subnet
	default:
		var err error
		in.NetworkInterfaces, err = interfacesIn(subnet, data.NetworkInterfaces)
		return in, err
	}
	return in, nil
}

// namesZone reports whether a template says in which Availability Zone it launches. The
// group launches into the zones of its own subnets.
func namesZone(p *ec2types.LaunchTemplatePlacement) bool {
	return p != nil && (aws.ToString(p.AvailabilityZone) != "" || aws.ToString(p.AvailabilityZoneId) != "")
}

// interfacesIn are the network interfaces of a template, each in the subnet unless
// it has one. Those of a call take the place of the template's, so that they are
// sent whole. Nil: each has its own, and nothing has to be sent.
func interfacesIn(subnet string, all []ec2types.LaunchTemplateInstanceNetworkInterfaceSpecification) ([]ec2types.InstanceNetworkInterfaceSpecification, error) {
	out := make([]ec2types.InstanceNetworkInterfaceSpecification, len(all))
	placed := false
	for i := range all {
		if err := mirror.Assign(&out[i], &all[i]); err != nil {
			return nil, err
		}
		if out[i].DeviceIndex == nil {
			out[i].DeviceIndex = new(int32(0)) // a template may leave it out, a call may not
		}
		if aws.ToString(out[i].SubnetId) == "" && aws.ToString(out[i].NetworkInterfaceId) == "" {
			out[i].SubnetId, placed = &subnet, true
		}
	}
	if !placed {
		return nil, nil
	}
	return out, nil
}

// firstSubnet is one that the group launches into; empty: it names none, and EC2
// takes the default subnet of a zone.
func firstSubnet(g types.AutoScalingGroup) string {
	subnet, _, _ := strings.Cut(aws.ToString(g.VPCZoneIdentifier), ",")
	return strings.TrimSpace(subnet)
}
