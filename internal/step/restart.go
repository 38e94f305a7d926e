package step

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/poll"
	"github.com/readyami/readyami/region"
)

// restartEvery is how often the state of the instance is read.
const restartEvery = 5 * time.Second

// Restart starts an instance again that a run has stopped for its image, and takes its
// mark away. It waits while the instance is stopping. An instance without the mark is
// left alone.
func Restart(ctx context.Context, c *region.ClientSet, id string) error {
	for _, err := range poll.Ticks(ctx, poll.Schedule{Min: restartEvery, Max: restartEvery}) {
		if err != nil {
			return called(c, "readyami.Apply", id, err)
		}
		out, err := c.EC2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{id}})
		if err != nil {
			return called(c, "readyami.Apply", id, err)
		}
		for _, r := range out.Reservations {
			for _, i := range r.Instances {
				if over, err := restart(ctx, c, i); over || err != nil {
					return called(c, "readyami.Apply", id, err)
				}
			}
		}
	}
	return nil
}

func restart(ctx context.Context, c *region.ClientSet, i ec2types.Instance) (over bool, err error) {
	if ami.Tag(i.Tags, ami.TagRestart) == "" || i.State == nil {
		return true, nil
	}
	switch i.State.Name {
	case ec2types.InstanceStateNameStopping:
		return false, nil
	case ec2types.InstanceStateNameStopped:
		_, err := c.EC2.StartInstances(ctx, &ec2.StartInstancesInput{InstanceIds: []string{aws.ToString(i.InstanceId)}})
		return false, err
	}
	_, err = c.EC2.DeleteTags(ctx, &ec2.DeleteTagsInput{
		Resources: []string{aws.ToString(i.InstanceId)}, Tags: []ec2types.Tag{{Key: aws.String(ami.TagRestart)}},
	})
	return true, err
}
