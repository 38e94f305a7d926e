package awstest

import "cmp"

// Unconfirmed is what AWS's documentation leaves open and reports disagree on:
// a tool should pass its tests whatever stands here. The zero value is the most
// likely answer each time.
type Unconfirmed struct {
	// CreateImageState is the code for CreateImage of an instance that is
	// neither running nor stopped. Empty: IncorrectState. Also reported:
	// IncorrectInstanceState.
	CreateImageState string
	// CopySourceState is the code for CopyImage of an image that is not
	// available. Empty: InvalidAMIID.Unavailable. Also reported: InvalidRequest.
	CopySourceState string
	// DisabledByID is the code for DescribeImages of a disabled image by id
	// without IncludeDisabled. Empty: no error, an empty list.
	DisabledByID string
	// WrongImageState is the code for DisableImage and EnableImage of an image
	// in another state than these start from. Empty: InvalidAMIID.Unavailable.
	WrongImageState string
}

// WithUnconfirmed chooses other answers where AWS's are not documented.
func WithUnconfirmed(u Unconfirmed) Option { return func(c *Cloud) { c.unconfirmed = u } }

func (u Unconfirmed) createImageState() string { return cmp.Or(u.CreateImageState, "IncorrectState") }

func (u Unconfirmed) copySourceState() string {
	return cmp.Or(u.CopySourceState, "InvalidAMIID.Unavailable")
}
