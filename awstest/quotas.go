package awstest

// Quotas are limits that AWS sets on what an account may have in a Region. Zero
// is no limit.
type Quotas struct {
	// ImageSharing is how many accounts, organizations and organizational units
	// one image may be shared with. An organization counts as one.
	ImageSharing int
	// PublicImages is how many images an account may have made public.
	PublicImages int
}

// AWSQuotas are the quotas that an account has before it asks for more.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-quotas.html
var AWSQuotas = Quotas{ImageSharing: 1000, PublicImages: 5}

// WithQuotas limits every account in every Region. A call that would exceed a
// quota answers ResourceLimitExceeded. The default is no limits; see
// [AWSQuotas].
func WithQuotas(q Quotas) Option { return func(c *Cloud) { c.quotas = q } }
