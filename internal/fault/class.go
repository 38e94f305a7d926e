package fault

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// The codes are those of the EC2 API's list of error codes and of the fault
// types of the Auto Scaling client; both APIs share the ones about credentials.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
var (
	notFound = set(
		"InvalidAMIID.NotFound",
		"InvalidInstanceID.NotFound",
		"InvalidSnapshot.NotFound",
		"InvalidLaunchTemplateId.NotFound",
		"InvalidLaunchTemplateId.NotFoundException",
		"InvalidLaunchTemplateName.NotFoundException",
		"InvalidLaunchTemplateId.VersionNotFound",
		"ParameterNotFound",
	)
	expired = set(
		"ExpiredToken",
		"ExpiredTokenException",
		"RequestExpired",
		"TokenRefreshRequired",
	)
	// Refusals that pass by themselves and that the SDK does not retry.
	passing = set(
		"ConcurrentTagAccess",
		"Unavailable",
		"ServiceUnavailable",
		"InternalError",
		"InternalFailure",
		"ServerInternal",
		// A volume is snapshotted at most once in 15 seconds.
		"SnapshotCreationPerVolumeRateExceeded",
	)
)

func set(codes ...string) map[string]bool {
	m := make(map[string]bool, len(codes))
	for _, c := range codes {
		m[c] = true
	}
	return m
}

// Code is AWS's error code, empty when err did not come from AWS.
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// Is reports whether err carries one of AWS's error codes.
func Is(err error, codes ...string) bool {
	got := Code(err)
	for _, c := range codes {
		if got == c {
			return true
		}
	}
	return false
}

// NotFound reports whether AWS does not know the resource. Auto Scaling has no
// such code: it answers ValidationError, which says too little to be in here.
func NotFound(err error) bool { return notFound[Code(err)] }

// Expired reports whether fresh credentials would help.
func Expired(err error) bool { return expired[Code(err)] }

// Transient reports whether the same read may succeed later with nothing
// changed: throttling, a server error, a broken connection, and the SDK's own
// retry quota being used up. A wait goes on after these and ends on all others.
func Transient(err error) bool {
	if _, ok := errors.AsType[ratelimit.QuotaExceededError](err); ok {
		return true
	}
	if passing[Code(err)] {
		return true
	}
	retryable := retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err)
	return retryable == aws.TrueTernary
}
