package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeTags, "Filters", "MaxResults", "NextToken")
}

// resourceTag is one tag of one resource.
type resourceTag struct {
	id, key, value string
	kind           ec2types.ResourceType
}

var tagFilters = filterTable[resourceTag]{
	values: map[string]func(resourceTag) []string{
		"key":           one(func(t resourceTag) string { return t.key }),
		"resource-id":   one(func(t resourceTag) string { return t.id }),
		"resource-type": one(func(t resourceTag) string { return string(t.kind) }),
		"value":         func(t resourceTag) []string { return []string{t.value} },
	},
	tags: func(t resourceTag) tagSet { return tagSet{{t.key, t.value}} },
}

// describeTags lists the caller's own tags, also those on what others share and
// on what is in the Recycle Bin.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html
func describeTags(r *request, in *ec2.DescribeTagsInput) (*ec2.DescribeTagsOutput, error) {
	match, err := tagFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	var found []resourceTag
	r.eachTagged(func(id string, kind ec2types.ResourceType, tags tagSet) {
		for _, p := range tags {
			if t := (resourceTag{id, p.key, p.value, kind}); match(t) {
				found = append(found, t)
			}
		}
	})
	cut, next, err := page(r.store, found, limits{def: 1000, max: 1000}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeTagsOutput{NextToken: next}
	for _, t := range cut {
		out.Tags = append(out.Tags, ec2types.TagDescription{Key: new(t.key), Value: new(t.value), ResourceId: new(t.id), ResourceType: t.kind})
	}
	return out, nil
}

// eachTagged goes over all that the account can have tagged in the Region.
func (s *store) eachTagged(visit func(id string, kind ec2types.ResourceType, tags tagSet)) {
	for _, i := range s.catalogue.imageOrder {
		if i.state != ec2types.ImageStateDeregistered && s.sees(i) {
			visit(i.id, ec2types.ResourceTypeImage, *i.tags.of(s.account))
		}
	}
	for _, b := range s.bin.images {
		visit(b.thing.id, ec2types.ResourceTypeImage, *b.thing.tags.of(s.account))
	}
	for _, n := range s.catalogue.snapshotOrder {
		if s.reads(n) {
			visit(n.id, ec2types.ResourceTypeSnapshot, *n.tags.of(s.account))
		}
	}
	for _, b := range s.bin.snapshots {
		visit(b.thing.id, ec2types.ResourceTypeSnapshot, *b.thing.tags.of(s.account))
	}
	for _, i := range s.instances.order {
		visit(i.id, ec2types.ResourceTypeInstance, i.tags)
		for _, v := range i.volumes {
			visit(v.id, ec2types.ResourceTypeVolume, v.tags)
		}
	}
	for _, l := range s.free {
		visit(l.id, ec2types.ResourceTypeVolume, l.tags)
	}
	for _, t := range s.templates.order {
		visit(t.id, ec2types.ResourceTypeLaunchTemplate, t.tags)
	}
	for _, u := range s.reports.order {
		visit(u.id, usageReportKind, u.tags)
	}
	s.network.eachTagged(visit)
}
