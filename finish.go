package readyami

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/region"
)

func (d Delivery) validateFinish() error {
	if d.Finish == nil {
		return nil
	}
	if d.Finish.ImageID != "" {
		return invalid("Finish: ImageID is %q, and each target has an image of its own", d.Finish.ImageID)
	}
	in := *d.Finish
	in.ImageID = unmade
	return in.Check("")
}

// shares tells whether the images of the targets are to be shared.
func (d Delivery) shares() bool {
	if d.Finish == nil {
		return false
	}
	s := d.Finish.Share
	return s.Public || len(s.Accounts)+len(s.Organizations)+len(s.OrganizationalUnits) > 0
}

// inspectSharing refuses, before there is anything to share, copies that could
// not be shared because of the key that encrypts them.
func (r *run) inspectSharing(ctx context.Context) error {
	if r.home == nil || !r.shares() {
		return nil
	}
	var copies []region.Destination
	for _, to := range r.copyInput("").Targets {
		if to.Target != r.home.Target {
			copies = append(copies, to)
		}
	}
	if len(copies) == 0 {
		return nil
	}
	return region.CheckShareable(ctx, r.pool, copies)
}

// finishImages gives the image of every place what the delivery says, each with
// the clients of its place.
func (r *run) finishImages(ctx context.Context) error {
	if r.Finish == nil {
		return nil
	}
	images := make([]region.Finishing, len(r.places))
	for i, p := range r.places {
		images[i] = region.Finishing{Target: p.target, FinishInput: *r.Finish}
		images[i].ImageID = *p.image.ImageId
	}
	results, err := region.Finish(ctx, r.pool, images, func(o *region.Options) { o.Poll, o.Limit = r.o.Images, r.o.Limit })
	for i, res := range results {
		p := r.places[i]
		if res.Finished != nil {
			p.report.Image.finished(res.Finished)
		}
		if res.Err != nil {
			p.report.Image.end(Failed, res.Err)
		}
	}
	return err
}

// finished adds to the report what an image has been given.
func (i *ImageReport) finished(f *ami.Finished) {
	if f.Image != nil {
		i.DeprecateAt = aws.ToString(f.Image.DeprecationTime)
	}
	p := f.Permissions
	i.SharedWith = append(append(append(i.SharedWith, p.Accounts...), p.Organizations...), p.OrganizationalUnits...)
	if p.Public {
		i.SharedWith = append(i.SharedWith, "all")
	}
	for _, w := range f.Warnings {
		i.Warnings = append(i.Warnings, w.String())
	}
	if len(f.Written) > 0 && i.Outcome == Unchanged {
		i.Outcome = Delivered
	}
}
