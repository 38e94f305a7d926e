package awsserver_test

import (
	"errors"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

func typed(err error) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api
	}
	return nil
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

func message(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorMessage()
	}
	return ""
}

func status(err error) int {
	if sent, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return sent.HTTPStatusCode()
	}
	return 0
}

func requestID(err error) string {
	if sent, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return sent.ServiceRequestID()
	}
	return ""
}

// withoutChecks lets a client send what it knows to be wrong.
func withoutChecks(o *ec2.Options) {
	o.APIOptions = append(o.APIOptions, dropValidation)
}

func dropValidation(stack *middleware.Stack) error {
	_, err := stack.Initialize.Remove("OperationInputValidation")
	return err
}
