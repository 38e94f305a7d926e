package facts

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/region"
)

// ImageQuery is how the image of a place is found, and what is asked of it. One of
// ID and Intent is set; if both are empty, there can be no image yet.
type ImageQuery struct {
	// ID of an image that exists.
	ID string
	// Intent of one that the release makes.
	Intent string
	// Instance is the source of an image that is created with the instance stopped.
	Instance string
	// Share are the permissions that the source image needs, and Attributes what the
	// image is to have. Nil: nothing.
	Share, Attributes *ami.ConfigureInput
	// Devices are those that the image is to have a snapshot for: AWS may say that a
	// copy is available a moment before it lists them.
	Devices []string
	// Progress reads how far the snapshots of an image that is pending are.
	Progress bool
	// Verify is what an encrypted copy is compared with. Nil: nothing.
	Verify *region.VerifyCopyInput
}

// ReadImage reads the image of a place, and what of the place its tags hold.
func ReadImage(ctx context.Context, q Query) (Place, error) {
	p := Place{}
	image, err := findImage(ctx, &q)
	if err != nil {
		return p, err
	}
	if image != nil {
		p.Image = imageOf(image)
		if p.Image.State == string(ec2types.ImageStateAvailable) && !listed(image, q.Image.Devices) {
			p.Image.State = string(ec2types.ImageStatePending)
		}
		if q.Image.Progress && p.Image.State == string(ec2types.ImageStatePending) {
			p.Image.Progress, _ = ami.Progress(ctx, q.Clients.EC2, *image) // it is news, and nothing rests on it
		}
		if err := readWanted(ctx, &q, &p); err != nil {
			return p, err
		}
	}
	if q.Image.Instance != "" {
		return p, readInstance(ctx, &q, &p)
	}
	return p, nil
}

// ReadTags reads the tags of an image.
func ReadTags(ctx context.Context, c *region.ClientSet, id string) (map[string]string, error) {
	out := map[string]string{}
	pages := ec2.NewDescribeTagsPaginator(c.EC2, &ec2.DescribeTagsInput{Filters: []ec2types.Filter{
		{Name: aws.String("resource-id"), Values: []string{id}},
	}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.Call("readyami.Look", fault.Place(c.Target), id, err)
		}
		for _, t := range page.Tags {
			out[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return out, nil
}

// findImage is the image of the place, nil if there is none. Of several with one
// intent, which a lost answer can leave, one that is good counts, and else the newest.
func findImage(ctx context.Context, q *Query) (*ec2types.Image, error) {
	switch {
	case q.Image.ID != "":
		return ami.Get(ctx, q.Clients.EC2, q.Image.ID)
	case q.Image.Intent == "":
		return nil, nil
	}
	found, err := ami.Find(ctx, q.Clients.EC2, ami.Query{
		Owners: []string{ami.Self}, IncludeDisabled: true,
		Tags:    map[string]string{ami.TagIntent: q.Image.Intent, ami.TagDelivery: q.Delivery.Name},
		Filters: []ec2types.Filter{{Name: aws.String("state"), Values: []string{"pending", "available", "failed", "error", "invalid", "disabled"}}},
	})
	found = slices.DeleteFunc(found, func(i ec2types.Image) bool { // AWS may list one that has failed without its name
		return aws.ToString(i.Name) != "" && aws.ToString(i.Name) != q.Delivery.Name
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	best := slices.MaxFunc(found, func(a, b ec2types.Image) int {
		return cmp.Or(cmp.Compare(rank(a.State), rank(b.State)), cmp.Compare(aws.ToString(a.CreationDate), aws.ToString(b.CreationDate)))
	})
	return &best, nil
}

func rank(s ec2types.ImageState) int {
	switch s {
	case ec2types.ImageStateAvailable:
		return 2
	case ec2types.ImageStatePending:
		return 1
	}
	return 0
}

// listed reports whether an image has a snapshot for each of these devices.
func listed(i *ec2types.Image, devices []string) bool {
	for _, device := range devices {
		if !slices.ContainsFunc(i.BlockDeviceMappings, func(m ec2types.BlockDeviceMapping) bool {
			return aws.ToString(m.DeviceName) == device && m.Ebs != nil && aws.ToString(m.Ebs.SnapshotId) != ""
		}) {
			return false
		}
	}
	return true
}

func imageOf(i *ec2types.Image) Image {
	out := Image{ID: aws.ToString(i.ImageId), State: string(i.State), Shared: true, Attributed: true, Raw: i, Tags: map[string]string{}}
	out.Created, _ = time.Parse(time.RFC3339, aws.ToString(i.CreationDate))
	if r := i.StateReason; r != nil {
		out.Reason = strings.Trim(aws.ToString(r.Code)+": "+aws.ToString(r.Message), ": ")
	}
	out.Hint = ami.Hint(*i)
	out.Rejected = ami.Tag(i.Tags, ami.TagRejected)
	for _, m := range i.BlockDeviceMappings {
		if m.Ebs != nil && m.Ebs.SnapshotId != nil {
			out.Snapshots = append(out.Snapshots, *m.Ebs.SnapshotId)
		}
	}
	for _, t := range i.Tags {
		out.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

// readWanted compares an image that is available with what is asked of it, and reads
// the pin record of the place.
func readWanted(ctx context.Context, q *Query, p *Place) error {
	i := &p.Image
	i.Shared, i.Attributed = q.Image.Share == nil, q.Image.Attributes == nil
	p.Record = ParseRecord(q.Release, i.Tags)
	if i.State != string(ec2types.ImageStateAvailable) {
		return nil
	}
	if q.Image.Share != nil {
		has, err := missing(ctx, q, i, q.Image.Share)
		if err != nil {
			return err
		}
		i.Shared = len(has.Missing) == 0
	}
	if q.Image.Attributes != nil {
		has, err := missing(ctx, q, i, q.Image.Attributes)
		if err != nil {
			return err
		}
		i.Attributed, i.SharedWith, i.DeprecateAt = len(has.Missing) == 0, has.SharedWith, aws.ToString(i.Raw.DeprecationTime)
		for _, w := range has.Warnings {
			i.Warnings = append(i.Warnings, w.String())
		}
	}
	if q.Image.Verify != nil {
		if err := region.VerifyCopy(ctx, q.Clients, *i.Raw, *q.Image.Verify); err != nil {
			return err
		}
	}
	return readRecord(ctx, q, p)
}

// missing compares an image with what is asked of it.
func missing(ctx context.Context, q *Query, i *Image, wanted *ami.ConfigureInput) (*ami.MissingAttributesResult, error) {
	in := *wanted
	in.ImageID = i.ID
	return ami.MissingAttributes(ctx, q.Clients.EC2, in)
}

// readRecord reads what of the pin record the snapshots hold.
func readRecord(ctx context.Context, q *Query, p *Place) error {
	if !q.Delivery.Pin || len(p.Image.Snapshots) == 0 || len(q.Groups) == 0 {
		return nil
	}
	p.RecordTags = map[string]map[string]string{}
	pages := ec2.NewDescribeTagsPaginator(q.Clients.EC2, &ec2.DescribeTagsInput{Filters: []ec2types.Filter{
		{Name: aws.String("resource-id"), Values: p.Image.Snapshots},
		{Name: aws.String("key"), Values: []string{key(q.Release, tagPins) + "*"}},
	}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fault.Call("readyami.Look", fault.Place(q.Clients.Target), p.Image.ID, err)
		}
		for _, t := range page.Tags {
			id := aws.ToString(t.ResourceId)
			if p.RecordTags[id] == nil {
				p.RecordTags[id] = map[string]string{}
			}
			p.RecordTags[id][aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	for _, tags := range p.RecordTags {
		for k, v := range ParseRecord(q.Release, tags).Spellings {
			p.Record.Spellings[k] = v
		}
	}
	return nil
}

// readInstance reads the instance that is stopped for its image.
func readInstance(ctx context.Context, q *Query, p *Place) error {
	out, err := q.Clients.EC2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{q.Image.Instance}})
	if err != nil {
		return fault.Call("readyami.Look", fault.Place(q.Clients.Target), q.Image.Instance, err)
	}
	for _, r := range out.Reservations {
		for _, i := range r.Instances {
			if i.State != nil {
				p.Image.Instance.State = string(i.State.Name)
			}
			p.Image.Instance.Restart = ami.Tag(i.Tags, ami.TagRestart) != ""
		}
	}
	return nil
}
