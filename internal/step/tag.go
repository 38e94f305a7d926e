package step

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/region"
)

// Tag puts tags on resources, all of them on each.
func Tag(ctx context.Context, c *region.ClientSet, tags map[string]string, resources ...string) error {
	_, err := c.EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: resources, Tags: tagList(tags)})
	return called(c, "readyami.Apply", resources[0], err)
}

// Untag removes tags from a resource, whatever their values are.
func Untag(ctx context.Context, c *region.ClientSet, resource string, keys ...string) error {
	in := &ec2.DeleteTagsInput{Resources: []string{resource}}
	for _, k := range keys {
		in.Tags = append(in.Tags, ec2types.Tag{Key: &k})
	}
	_, err := c.EC2.DeleteTags(ctx, in)
	return called(c, "readyami.Apply", resource, err)
}

func tagList(tags map[string]string) []ec2types.Tag {
	var out []ec2types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, ec2types.Tag{Key: &k, Value: new(tags[k])})
	}
	return out
}

// called is the error of a call about a resource, nil if there is none.
func called(c *region.ClientSet, op, id string, err error) error {
	if err == nil {
		return nil
	}
	e := fault.Call(op, fault.Place(c.Target), id, err)
	e.Account = c.Target.Account
	return e
}
