package readyami

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/region"
)

// deliverImages has the image available in every place, or fails: a rollout
// that could not reach every place does not begin.
func (r *run) deliverImages(ctx context.Context) error {
	if r.Source == (Source{}) {
		return r.each(func(p *place) error {
			image, err := r.waitFor(ctx, p.clients, p.spec.ImageID)
			p.report.Image.set(image, Unchanged, err)
			p.image = image
			return err
		})
	}
	image, err := r.sourceImage(ctx)
	if err != nil {
		return err
	}
	r.source = image
	if err := r.shareSource(ctx, image); err != nil {
		return err
	}
	return r.copies(ctx, image)
}

// sourceImage makes the image or finds it, and waits until it is available.
func (r *run) sourceImage(ctx context.Context) (image *ec2types.Image, err error) {
	at := r.home.Target
	rep := &ImageReport{Account: at.Account, Region: at.Region}
	r.report.Source = rep
	outcome := Unchanged
	defer func() { rep.set(image, outcome, err) }()

	if r.Source.Image != nil {
		rep.ID = r.Source.Image.ImageID
		return r.waitFor(ctx, r.home, rep.ID)
	}
	made, err := r.create(ctx)
	if made != nil {
		rep.ID = made.ImageID
		if !made.Adopted {
			outcome = Delivered
		}
	}
	if err != nil {
		return nil, err
	}
	return r.waitFor(ctx, r.home, rep.ID)
}

func (r *run) create(ctx context.Context) (*ami.Created, error) {
	in := r.createInput()
	if r.Source.Instance.StopFirst {
		in.AutoScaling = r.home.AutoScaling
		return ami.CreateStopped(ctx, r.home.EC2, in, r.imageOptions)
	}
	return ami.Create(ctx, r.home.EC2, in, r.imageOptions)
}

func (r *run) copyInput(imageID string) region.CopyInput {
	in := region.CopyInput{
		Source:        r.home.Target,
		SourceImageID: imageID,
		Name:          r.Name,
		Description:   r.Description,
		Tags:          r.tags(),
		Revision:      r.Revision,
	}
	for _, p := range r.places {
		in.Targets = append(in.Targets, region.Destination{
			Target: p.target, Encrypted: p.spec.Encrypted, KMSKeyID: p.spec.KMSKeyID, UseRegionDefaultKey: p.spec.UseRegionDefaultKey,
		})
	}
	return in
}

func (r *run) imageOptions(o *ami.Options) { o.Poll = r.o.Images }

// waitFor waits for one image and tells of each change.
func (r *run) waitFor(ctx context.Context, c *region.Clients, id string) (*ec2types.Image, error) {
	var last *ami.Status
	for s, err := range ami.Watch(ctx, c.EC2, []string{id}, r.imageOptions) {
		if err != nil {
			return nil, err
		}
		last = s
		r.events.send(ImageEvent{
			Target: c.Target, ImageID: id, State: s.State, Elapsed: s.Elapsed, Err: errors.Join(s.Err, s.LastErr),
		})
	}
	return last.Image, last.Err
}

// shareSource lets the accounts of the targets copy the image, with its
// snapshots: a copy is made by the account that it is for. An image that is not
// the home account's own is somebody else's to share.
func (r *run) shareSource(ctx context.Context, image *ec2types.Image) error {
	if aws.ToString(image.OwnerId) != r.home.Target.Account {
		return nil
	}
	var share ami.Permissions
	for _, p := range r.places {
		if a := p.target.Account; a != r.home.Target.Account && !slices.Contains(share.Accounts, a) {
			share.Accounts = append(share.Accounts, a)
		}
	}
	if len(share.Accounts) == 0 {
		return nil
	}
	_, err := ami.Finish(ctx, r.home.EC2, kms.NewFromConfig(r.home.Config),
		ami.FinishInput{ImageID: *image.ImageId, Share: share}, r.imageOptions)
	return err
}

// copies brings the image to every place at once.
func (r *run) copies(ctx context.Context, image *ec2types.Image) error {
	results, err := region.Copy(ctx, r.pool, r.copyInput(*image.ImageId), func(o *region.Options) {
		o.Poll, o.Limit = r.o.Images, r.o.Limit
		o.OnEvent = func(e region.Event) {
			r.events.send(ImageEvent{Target: e.Target, ImageID: e.ImageID, State: e.State, Elapsed: e.Elapsed, Err: e.Err})
		}
	})
	if results == nil {
		return err
	}
	for i, p := range r.places {
		res := results[i]
		outcome := Delivered
		if res.Adopted {
			outcome = Unchanged
		}
		p.image = res.Image
		p.report.Image.ID = res.ImageID
		p.report.Image.set(res.Image, outcome, res.Err)
	}
	return err
}

// set fills the report of an image from what came of it.
func (i *ImageReport) set(image *ec2types.Image, outcome Outcome, err error) {
	i.Outcome = outcome
	if image != nil {
		i.ID, i.State = aws.ToString(image.ImageId), string(image.State)
		i.Snapshots = nil
		for _, m := range image.BlockDeviceMappings {
			if m.Ebs != nil && m.Ebs.SnapshotId != nil {
				i.Snapshots = append(i.Snapshots, *m.Ebs.SnapshotId)
			}
		}
	}
	if err == nil {
		return
	}
	i.end(Failed, err)
	if e, ok := errors.AsType[*Error](err); ok && e.State != "" {
		i.State = e.State
	}
}

// end settles an image that something has gone wrong with.
func (i *ImageReport) end(outcome Outcome, err error) {
	i.Outcome, i.Error = outcome, err.Error()
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		i.Outcome = Interrupted
	}
}
