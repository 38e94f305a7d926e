package asg

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/mirror"
)

// typesPerCall is how many instance types AWS takes in one call.
const typesPerCall = 100

// launchable are the instance types that a group can launch: those that are named,
// of which each has to work, and those that requirements select, of which AWS
// launches one that does.
type launchable struct {
	named        []string
	requirements []*ec2types.InstanceRequirementsRequest
	unnamed      bool // something launches from the template, and nothing says which type
}

func (l *launchable) add(name string) {
	if !slices.Contains(l.named, name) {
		l.named = append(l.named, name)
	}
}

// launchable looks at the overrides that launch from the template, and at the
// template's own type where none says another.
func (c *launchCheck) launchable() (out launchable, err error) {
	own := func() {
		switch {
		case c.in.Data.InstanceRequirements != nil:
			out.requirements = append(out.requirements, c.in.Data.InstanceRequirements)
		case c.in.Data.InstanceType != "":
			out.add(string(c.in.Data.InstanceType))
		default:
			out.unnamed = true
		}
	}
	policy := c.in.Group.MixedInstancesPolicy
	if len(overrides(policy)) == 0 {
		own()
		return out, nil
	}
	base := baseTemplate(policy)
	for _, o := range overrides(policy) {
		from := o.LaunchTemplateSpecification
		if from == nil {
			from = base
		}
		want := base
		if c.in.Template != nil {
			want = c.in.Template.send()
		}
		if !sameTemplate(want, from) {
			continue
		}
		switch {
		case o.InstanceRequirements != nil:
			r := &ec2types.InstanceRequirementsRequest{}
			if err := mirror.Assign(r, o.InstanceRequirements); err != nil {
				return out, err
			}
			out.requirements = append(out.requirements, r)
		case aws.ToString(o.InstanceType) != "":
			out.add(*o.InstanceType)
		default:
			own()
		}
	}
	return out, nil
}

// instanceTypes checks the image against all types that the group can launch.
func (c *launchCheck) instanceTypes(ctx context.Context) error {
	all, err := c.launchable()
	if err != nil {
		return err
	}
	selected, err := c.selected(ctx, all.requirements)
	if err != nil {
		return err
	}
	if all.unnamed {
		c.blocks(FindingInstanceType, nil, "neither the template nor an override names one")
	}
	known, err := c.describeTypes(ctx, append(slices.Clone(all.named), selected...))
	if err != nil {
		return err
	}
	var missing []string
	for _, name := range all.named {
		if _, ok := known[name]; !ok && known != nil {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		c.blocks(FindingInstanceType, missing, "the Region does not offer %s", strings.Join(missing, ", "))
	}
	c.done.InstanceTypes = slices.Concat(all.named, c.fit(known, all.named, selected))
	return nil
}

// selected are the types that meet the requirements and take the image.
func (c *launchCheck) selected(ctx context.Context, all []*ec2types.InstanceRequirementsRequest) (out []string, err error) {
	architecture, virtualization := c.in.Image.Architecture, c.in.Image.VirtualizationType
	if virtualization == "" {
		virtualization = ec2types.VirtualizationTypeHvm
	}
	for _, r := range all {
		found := 0
		pages := ec2.NewGetInstanceTypesFromInstanceRequirementsPaginator(c.api, &ec2.GetInstanceTypesFromInstanceRequirementsInput{
			ArchitectureTypes:    []ec2types.ArchitectureType{ec2types.ArchitectureType(architecture)},
			VirtualizationTypes:  []ec2types.VirtualizationType{virtualization},
			InstanceRequirements: r,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, c.unread(err, "the instance types that meet the InstanceRequirements")
			}
			for _, t := range page.InstanceTypes {
				found++
				if name := aws.ToString(t.InstanceType); !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
		if found == 0 {
			c.blocks(FindingInstanceType, nil, "no instance type that meets the InstanceRequirements supports %s and %s", architecture, virtualization)
		}
	}
	return out, nil
}

// describeTypes is what AWS says of types, by name; nil: it did not permit that. A
// type that the Region does not have is not in it.
func (c *launchCheck) describeTypes(ctx context.Context, names []string) (map[string]ec2types.InstanceTypeInfo, error) {
	out := map[string]ec2types.InstanceTypeInfo{}
	read := func(in *ec2.DescribeInstanceTypesInput) error {
		pages := ec2.NewDescribeInstanceTypesPaginator(c.api, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, t := range page.InstanceTypes {
				out[string(t.InstanceType)] = t
			}
		}
		return nil
	}
	for batch := range slices.Chunk(names, typesPerCall) {
		in := &ec2.DescribeInstanceTypesInput{}
		for _, name := range batch {
			in.InstanceTypes = append(in.InstanceTypes, ec2types.InstanceType(name))
		}
		err := read(in)
		if fault.Is(err, "InvalidInstanceType") { // one of them; a filter leaves it out
			err = read(&ec2.DescribeInstanceTypesInput{Filters: []ec2types.Filter{{Name: new("instance-type"), Values: batch}}})
		}
		if err != nil {
			return nil, c.unread(err, "what the instance types need of an image")
		}
	}
	return out, nil
}

// fit checks the image against the types and returns those of the selected that it
// fits.
func (c *launchCheck) fit(known map[string]ec2types.InstanceTypeInfo, named, selected []string) (fitting []string) {
	failed := map[string]bool{}
	for _, need := range needs {
		misfits := func(names []string) (out []string) {
			for _, name := range names {
				if info, ok := known[name]; ok && need.fails(&c.in.Image, info) {
					out = append(out, name)
				}
			}
			return out
		}
		must, may := misfits(named), misfits(selected)
		if len(must)+len(may) == 0 {
			continue
		}
		f := Finding{Code: need.code, IDs: append(must, may...), Blocks: !need.warns && (len(must) > 0 || len(may) == len(selected))}
		f.Detail = fmt.Sprintf("%s, and %s", need.image(&c.in.Image), few(f.IDs))
		c.find(f)
		for _, name := range may {
			failed[name] = failed[name] || !need.warns
		}
	}
	for _, name := range selected {
		if !failed[name] {
			fitting = append(fitting, name)
		}
	}
	if len(selected) > 0 && len(fitting) == 0 && len(c.done.Findings) == 0 {
		c.blocks(FindingInstanceType, nil, "none of the %d types that meet the InstanceRequirements can launch the image", len(selected))
	}
	return fitting
}

// few is the names in a text: requirements can select hundreds.
func few(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more types", strings.Join(names[:most], ", "), len(names)-most)
}
