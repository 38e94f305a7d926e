package awstest

import (
	"fmt"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Quotas are limits that AWS sets on what an account may have in a Region. Zero
// is no limit.
type Quotas struct {
	// Images is how many images an account may have, disabled and pending ones
	// and those in the Recycle Bin included.
	Images int
	// PublicImages is how many images an account may have made public.
	PublicImages int
	// ImageSharing is how many accounts, organizations and organizational units
	// one image may be shared with. An organization counts as one.
	ImageSharing int
	// ImageCopies is how many images may be on their way into a Region.
	ImageCopies int
	// Snapshots is how many snapshots an account may have.
	Snapshots int
	// SnapshotCopies is how many calls of CopySnapshot may be going on.
	SnapshotCopies int
	// FastRestores is how many snapshots an account may have enabled for fast
	// snapshot restore, in however many zones.
	FastRestores int
	// StoringGiB is how many GiB of snapshots an account's store image tasks may
	// have in progress. A task is accepted while they are below it.
	StoringGiB int
	// RestoringGiB is how many GiB of snapshots an account's restore image tasks
	// may have in progress. A task is accepted while they are below it.
	RestoringGiB int
	// Templates is how many launch templates an account may have.
	Templates int
	// TemplateVersions is how many versions a launch template may have.
	TemplateVersions int
	// Groups is how many Auto Scaling groups an account may have.
	Groups int
	// LaunchConfigurations is how many launch configurations it may have.
	LaunchConfigurations int
}

// AWSQuotas are the quotas that an account has before it asks for more.
//
//   - https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-quotas.html
//   - https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ami-copy-works.html
//   - https://docs.aws.amazon.com/general/latest/gr/ebs-service.html
//   - https://docs.aws.amazon.com/ebs/latest/userguide/ebs-fast-snapshot-restore.html
//   - https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-store-restore.html
//   - https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-template-restrictions.html
//   - https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html
var AWSQuotas = Quotas{
	Images:               50_000,
	PublicImages:         5,
	ImageSharing:         1000,
	ImageCopies:          300,
	Snapshots:            100_000,
	SnapshotCopies:       20,
	FastRestores:         5,
	StoringGiB:           1200,
	RestoringGiB:         600,
	Templates:            5000,
	TemplateVersions:     10_000,
	Groups:               500,
	LaunchConfigurations: 200,
}

// WithQuotas limits every account in every Region. A call that would exceed a
// quota is refused with AWS's code: ResourceLimitExceeded for images, for copies
// and for tasks that store and restore images, SnapshotLimitExceeded, MaxTemplateLimitExceeded,
// MaxTemplateVersionLimitExceeded, and LimitExceeded of Auto Scaling. Seeds are
// not refused, but count. The default is no limits; see [AWSQuotas].
func WithQuotas(q Quotas) Option { return func(c *Cloud) { c.quotas = q } }

// WithAWSLimits switches on all that AWS limits, with its default figures: the
// quotas ([AWSQuotas]) and the request rates ([AWSRates]). For other figures
// use [WithQuotas] and [LimitRates].
func WithAWSLimits() Option {
	return func(c *Cloud) {
		c.quotas = AWSQuotas
		c.faults = append(c.faults, LimitRates(AWSRates()))
	}
}

// exceeded is the answer to one more of what there is as much of as may be.
func exceeded(code, what string, most int) error {
	return apiError(code, "The maximum number of %s (%d) has been reached.", what, most)
}

// limits are the quotas that hold now: none for what is seeded.
func (c *Cloud) limits() Quotas {
	if !c.answering {
		return Quotas{}
	}
	return c.quotas
}

// full is true when one more is too many.
func full(quota, have int) bool { return quota > 0 && have >= quota }

// roomForImage refuses an image too many, and a copy too many at a time.
func (s *store) roomForImage(copied bool) error {
	q := s.limits()
	if q.Images > 0 {
		n := len(s.bin.images)
		for _, i := range s.images.order {
			if i.state != ec2types.ImageStateFailed {
				n++
			}
		}
		if full(q.Images, n) {
			return exceeded("ResourceLimitExceeded", "AMIs", q.Images)
		}
	}
	if q.ImageCopies > 0 && copied {
		n := 0
		for _, i := range s.images.order {
			if i.copying() {
				n++
			}
		}
		if full(q.ImageCopies, n) {
			return exceeded("ResourceLimitExceeded", "AMI copies in progress in this Region", q.ImageCopies)
		}
	}
	return nil
}

// copying is true while CopyImage makes the image.
func (i *image) copying() bool {
	return i.state == ec2types.ImageStatePending && i.sourceImage != "" && i.sourceInstance == "" && !i.restored
}

// roomForSnapshots refuses n snapshots when they are too many, and a copy too
// many at a time.
func (s *store) roomForSnapshots(n int, copied bool) error {
	q := s.limits()
	if q.Snapshots > 0 && len(s.snapshots.order)+n > q.Snapshots {
		return exceeded("SnapshotLimitExceeded", "snapshots", q.Snapshots)
	}
	if q.SnapshotCopies > 0 && copied {
		going := 0
		for _, o := range s.snapshots.order {
			if o.state == ec2types.SnapshotStatePending && o.volumeID == copiedVolume && o.madeFor == nil {
				going++
			}
		}
		if full(q.SnapshotCopies, going) {
			return exceeded("ResourceLimitExceeded", "snapshot copies in progress in this Region", q.SnapshotCopies)
		}
	}
	return nil
}

// roomForTemplate refuses a launch template too many.
func (s *store) roomForTemplate() error {
	if q := s.limits().Templates; full(q, len(s.templates.order)) {
		return exceeded("MaxTemplateLimitExceeded", "launch templates", q)
	}
	return nil
}

// roomForVersion refuses a version too many.
func (s *store) roomForVersion(t *template) error {
	if q := s.limits().TemplateVersions; full(q, len(t.versions)) {
		return exceeded("MaxTemplateVersionLimitExceeded", "versions of a launch template", q)
	}
	return nil
}

// roomFor refuses a group or a launch configuration too many.
func roomFor(what string, quota, have int) error {
	if !full(quota, have) {
		return nil
	}
	return &astypes.LimitExceededFault{Message: new(fmt.Sprintf("Only %d %s are allowed", quota, what))}
}
