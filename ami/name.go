package ami

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// CreateResult is an image that a function of this package made, or found made.
type CreateResult struct {
	ImageID string
	// Intent is the value of [TagIntent] on the image.
	Intent string
	// Adopted says that the image stood already: it has the name and the intent.
	Adopted bool
	// Image is what AWS says of an adopted image; nil for one that is new.
	Image *types.Image
	// Replaced is a failed image of the same name and intent that was
	// deregistered first; empty: there was none.
	Replaced string
	// Leftover are snapshots of the replaced image that AWS did not delete.
	Leftover []types.DeleteSnapshotReturnCode
}

// claimAPI is what it takes to get hold of a name.
type claimAPI interface {
	ec2.DescribeImagesAPIClient
	DeregisterAPI
}

// claim makes an image of a name once. A name belongs to one image of an
// account in a Region, which makes it the lock that CreateImage, having no
// client token, needs. Errors that pass by themselves are outlasted for the
// grace of the schedule: nothing tells a caller of them, unlike in a watch.
type claim struct {
	op           string
	at           fault.Place
	name, intent string
	// tag is the key of the tag that has the intent. Empty: TagIntent.
	tag  string
	poll Schedule
	// nameless says that AWS may list a failed image of this kind without its
	// name, so that only its tags tell whose it is.
	nameless bool
	// keep leaves the snapshots of a failed image alone: they were there before.
	keep bool
	// ready makes the checks that cost a call, before the first write.
	ready func(context.Context) error
	// write makes the image. before are the failed ones that it takes the place of.
	write func(ctx context.Context, before []string) (id string, err error)
}

func (c claim) make(ctx context.Context, api claimAPI) (*CreateResult, error) {
	made := &CreateResult{Intent: c.intent}
	var before []string
	var refusedAt time.Time // when AWS first said that the name is taken
	// Since when each of the calls fails with errors that pass.
	var reading, removing, writing time.Time
	outlast := func(trouble *time.Time, err error) bool {
		if err == nil || !fault.Transient(err) {
			*trouble = time.Time{}
			return false
		}
		if trouble.IsZero() {
			*trouble = time.Now()
		}
		return ctx.Err() == nil && time.Since(*trouble) < c.poll.Grace
	}
	c.poll.Gate = 0
	for _, err := range poll.Ticks(ctx, c.poll) {
		if err != nil {
			return nil, c.fail(made, &Error{Err: err})
		}
		inGrace := !refusedAt.IsZero() && time.Since(refusedAt) < c.poll.Grace
		holder, err := c.holder(ctx, api)
		if outlast(&reading, err) {
			continue
		}
		if err != nil {
			return nil, c.fail(made, refused(ctx, "", fault.Place{}, "", err))
		}
		if holder != nil {
			id := aws.ToString(holder.ImageId)
			switch {
			case Tag(holder.Tags, c.key()) == "" && inGrace:
				continue // perhaps ours, its tags not visible yet
			case !c.ours(holder):
				return nil, c.fail(made, c.taken(holder))
			case !hasFailed(holder.State):
				made.ImageID, made.Adopted, made.Image = id, true, holder
				return made, nil
			}
			made.Replaced = id
		}
		if c.ready != nil {
			if err := c.ready(ctx); err != nil {
				return nil, err
			}
			c.ready = nil
		}
		if holder != nil {
			left, err := deregister(ctx, api, made.Replaced, !c.keep)
			if outlast(&removing, err) {
				continue
			}
			if err != nil {
				return nil, c.fail(made, refused(ctx, "", fault.Place{}, made.Replaced, err))
			}
			made.Leftover = append(made.Leftover, survivors(left)...)
			before = append(before, made.Replaced)
		}
		id, err := c.write(ctx, before)
		passing := outlast(&writing, err)
		switch {
		case err == nil:
			made.ImageID = id
			return made, nil
		case passing: // it may have had its effect: look again
		case !fault.Is(err, "InvalidAMIName.Duplicate"):
			return nil, c.fail(made, refused(ctx, "", fault.Place{}, "", err))
		case refusedAt.IsZero():
			// A response of ours that was lost, an image that is not visible
			// yet, or a name not free yet after a deregistration: look again.
			refusedAt = time.Now()
		case !inGrace: // nobody can see whose it is: it may be ours
			return nil, c.fail(made, &Error{Kind: ErrNotVisible, Err: err, Hint: "an earlier call may have created the image that has the name; make the same call again later"})
		}
	}
	panic("unreachable: Ticks ends only with an error")
}

// holder is the image of this account that has the name, nil when none has; or
// a failed one of the same intent that has lost it.
func (c claim) holder(ctx context.Context, api ec2.DescribeImagesAPIClient) (*types.Image, error) {
	holder, err := c.named(ctx, api)
	if holder != nil || err != nil || !c.nameless {
		return holder, err
	}
	images, err := own(ctx, api, "tag:"+c.key(), c.intent)
	for i := range images {
		if hasFailed(images[i].State) && aws.ToString(images[i].Name) == "" {
			return &images[i], nil
		}
	}
	return nil, err
}

// named is the image of this account that has the name. One that is
// deregistered is still listed for a while and does not count.
func (c claim) named(ctx context.Context, api ec2.DescribeImagesAPIClient) (*types.Image, error) {
	images, err := own(ctx, api, "name", literal.Replace(c.name))
	for i := range images {
		if aws.ToString(images[i].Name) == c.name && images[i].State != types.ImageStateDeregistered {
			return &images[i], nil
		}
	}
	return nil, err
}

// own reads the images of this account that a filter fits, in whatever state.
func own(ctx context.Context, api ec2.DescribeImagesAPIClient, filter, value string) ([]types.Image, error) {
	return describe(ctx, api, &ec2.DescribeImagesInput{
		Owners:            []string{Self},
		Filters:           []types.Filter{{Name: &filter, Values: []string{value}}},
		IncludeDeprecated: new(true),
		IncludeDisabled:   new(true),
		MaxResults:        new(int32(pageSize)),
	})
}

func (c claim) key() string { return cmp.Or(c.tag, TagIntent) }

// ours reports whether an image is what this claim would make, and not retired.
func (c claim) ours(holder *types.Image) bool {
	return Tag(holder.Tags, c.key()) == c.intent && holder.State != types.ImageStateDisabled
}

func (c claim) taken(holder *types.Image) *Error {
	e := &Error{
		Kind:  ErrNameTaken,
		ID:    aws.ToString(holder.ImageId),
		State: string(holder.State),
		Hint:  "it is not made from the same source and settings; choose another name or revision",
	}
	if Tag(holder.Tags, c.key()) == c.intent {
		e.Hint = "it is the same image, and was disabled; enable it or choose another name"
	}
	return e
}

// fail completes an error with the place, the name, and what stands: snapshots
// that are left of a replaced image too.
func (c claim) fail(made *CreateResult, e *Error) error {
	e.Op, e.Account, e.Region = c.op, c.at.Account, c.at.Region
	if e.ID == "" {
		e.ID = c.name
	}
	if made.Replaced != "" && made.Replaced != e.ID {
		e.IDs = append(e.IDs, made.Replaced)
	}
	for _, r := range made.Leftover {
		e.IDs = append(e.IDs, aws.ToString(r.SnapshotId))
	}
	return e
}

func hasFailed(s types.ImageState) bool {
	return s == types.ImageStateFailed || s == types.ImageStateError || s == types.ImageStateInvalid
}
