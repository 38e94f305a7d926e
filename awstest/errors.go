package awstest

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"
)

// apiError is an error as EC2 sends it: EC2 models none, all are generic.
func apiError(code, format string, args ...any) error {
	return &smithy.GenericAPIError{Code: code, Message: fmt.Sprintf(format, args...)}
}

// validation is Auto Scaling's answer to most mistakes, a missing group among
// them.
func validation(format string, args ...any) error {
	return apiError("ValidationError", format, args...)
}

// apiParts takes an error of AWS's apart; both are empty for any other.
func apiParts(err error) (code, message string) {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode(), api.ErrorMessage()
	}
	return "", ""
}

// statusOf is the HTTP status that comes with a code; most are 400.
func statusOf(code string) int {
	switch code {
	case "UnauthorizedOperation", "AccessDenied", "ExpiredToken", "InvalidClientTokenId", "MissingAuthenticationToken":
		return 403
	case "AuthFailure":
		return 401
	case "DryRunOperation":
		return 412
	case "InternalError", "InternalFailure", "ResourceContention", "ServiceLinkedRoleFailure":
		return 500
	case "RequestLimitExceeded", "ServiceUnavailable", "Unavailable":
		return 503
	}
	return 400
}
