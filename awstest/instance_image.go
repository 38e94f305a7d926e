package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeInstanceImageMetadata, "InstanceIds", "Filters", "MaxResults", "NextToken")
}

var instanceImageFilters = filterTable[instanceView]{
	values: map[string]func(instanceView) []string{
		"availability-zone":   instanceFilters.values["availability-zone"],
		"image-allowed":       one(func(instanceView) string { return "true" }), // Allowed AMIs is off
		"instance-id":         instanceFilters.values["instance-id"],
		"instance-state-name": instanceFilters.values["instance-state-name"],
		"instance-type":       instanceFilters.values["instance-type"],
		"launch-time":         instanceFilters.values["launch-time"],
		"owner-alias":         one(func(v instanceView) string { return v.image.ownerAlias }),
		"owner-id":            one(func(v instanceView) string { return v.image.account }),
		"zone-id":             one(func(v instanceView) string { return v.subnet.zone.id }),
	},
	tags: instanceFilters.tags,
}

// describeInstanceImageMetadata tells of what each instance was launched, also
// when that is gone.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceImageMetadata.html
func describeInstanceImageMetadata(r *request, in *ec2.DescribeInstanceImageMetadataInput) (*ec2.DescribeInstanceImageMetadataOutput, error) {
	match, err := instanceImageFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	from := r.instances.all()
	if len(in.InstanceIds) > 0 {
		if from, err = r.findInstances(in.InstanceIds); err != nil {
			return nil, err
		}
	}
	var all []*instance
	for _, i := range from {
		if match(instanceView{i, r.store}) {
			all = append(all, i)
		}
	}
	cut, next, err := page(r.store, all, limits{def: 1000, max: 1000}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeInstanceImageMetadataOutput{NextToken: next}
	for _, i := range cut {
		r.show(&i.sight)
		out.InstanceImageMetadata = append(out.InstanceImageMetadata, ec2types.InstanceImageMetadata{
			AvailabilityZone: new(i.subnet.zone.name),
			ImageMetadata:    i.image.facts(),
			InstanceId:       new(i.id),
			InstanceType:     ec2types.InstanceType(i.spec.instanceType),
			LaunchTime:       new(i.launched),
			OwnerId:          new(r.account),
			State:            instanceState(i.state),
			Tags:             i.tags.ec2(),
			ZoneId:           new(i.subnet.zone.id),
		})
	}
	return out, nil
}

// facts are what is told of the image of an instance.
func (i *image) facts() *ec2types.ImageMetadata {
	return &ec2types.ImageMetadata{
		CreationDate:    new(stamp(i.created)),
		DeprecationTime: some(i.deprecation()),
		ImageAllowed:    new(true),
		ImageId:         new(i.id),
		ImageOwnerAlias: some(i.ownerAlias),
		IsPublic:        new(i.permissions.public),
		Name:            new(i.name),
		OwnerId:         new(i.account),
		State:           i.state,
	}
}
