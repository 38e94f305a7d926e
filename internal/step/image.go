package step

import (
	"context"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/release"
	"github.com/readyami/readyami/plan"
)

// image creates the source image, or copies it.
func (e *Env) image(ctx context.Context, w release.Write) error {
	c := e.clients(w)
	if e.place(w).Image.Action == plan.ImageActionCopy {
		in := CopyInput(&e.Plan.Delivery, e.target(w), e.Look.Places[e.Plan.Home].Image.Raw, e.Plan.Places[e.Plan.Home].Region)
		in.Predecessor = predecessor(e.place(w))
		_, err := ami.Copy(ctx, c.EC2, in)
		return err
	}
	in := CreateInput(&e.Plan.Delivery)
	if e.Plan.Delivery.Source.Instance.Reboot == plan.StopFirst {
		if due, err := e.stop(ctx, w); due || err != nil {
			return err
		}
	}
	// The mark of the runner is in the creating call. It is not part of the intent.
	k, v := facts.RunnerTag(e.Plan.Release, e.Runner)
	in.Tags, in.Predecessor = maps.Clone(in.Tags), predecessor(e.place(w))
	in.Tags[k] = v
	_, err := ami.Create(ctx, c.EC2, in)
	return err
}

// predecessor is the image that the first group of a place ran before the release.
func predecessor(at *plan.Place) string {
	for i := range at.Groups {
		for _, l := range at.Groups[i].Launch {
			if l.Template < 0 {
				continue
			}
			if s := at.Templates[l.Template].Source(l.Version); s != nil && strings.HasPrefix(s.Image, "ami-") {
				return s.Image
			}
		}
	}
	return ""
}

// target is the specification of a place.
func (e *Env) target(w release.Write) *plan.Target {
	if w.Place < len(e.Plan.Delivery.Targets) {
		return &e.Plan.Delivery.Targets[w.Place]
	}
	return &plan.Target{}
}

// stop has the instance stopped before its image is created, or running again after
// that. It reports whether there was anything to write.
func (e *Env) stop(ctx context.Context, w release.Write) (bool, error) {
	c, id := e.clients(w), e.Plan.Delivery.Source.Instance.InstanceID
	i := e.facts(w).Image.Instance
	restart := []ec2types.Tag{{Key: aws.String(ami.TagRestart), Value: aws.String(e.Plan.Release)}}
	var err error
	switch over := e.facts(w).Image.ID != ""; {
	case !over && i.State == "running" && !i.Restart:
		_, err = c.EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: restart})
	case !over && i.State == "running":
		_, err = c.EC2.StopInstances(ctx, &ec2.StopInstancesInput{InstanceIds: []string{id}})
	case !over && i.State != "stopped":
	case over && i.Restart && i.State == "stopped":
		_, err = c.EC2.StartInstances(ctx, &ec2.StartInstancesInput{InstanceIds: []string{id}})
	case over && i.Restart && i.State != "stopping":
		_, err = c.EC2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{id}, Tags: restart[:1:1]})
	case over:
	default:
		return false, nil
	}
	return true, called(c, "readyami.Apply", id, err)
}

// share lets the accounts of the targets copy the source image.
func (e *Env) share(ctx context.Context, w release.Write) error {
	in := ShareInput(e.place(w))
	in.ImageID = e.facts(w).Image.ID
	_, err := ami.Configure(ctx, e.clients(w).EC2, kms.NewFromConfig(e.clients(w).Config), *in)
	return err
}

// attributes applies what the delivery asks for to the image of a place.
func (e *Env) attributes(ctx context.Context, w release.Write) error {
	in := AttributesInput(e.Plan.Delivery.Attributes)
	in.ImageID = e.facts(w).Image.ID
	_, err := ami.Configure(ctx, e.clients(w).EC2, kms.NewFromConfig(e.clients(w).Config), *in)
	return err
}
