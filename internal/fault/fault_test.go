package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/internal/fault"
)

func api(code string, status int) error {
	err := error(&smithy.GenericAPIError{Code: code, Message: "AWS's words"})
	return &smithy.OperationError{ServiceID: "EC2", OperationName: "DescribeImages", Err: &awshttp.ResponseError{
		RequestID: "req-1",
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
			Err:      err,
		},
	}}
}

func TestTransient(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"throttled", api("RequestLimitExceeded", 503), true},
		{"throttled, Auto Scaling", api("Throttling", 400), true},
		{"server error", api("InternalError", 500), true},
		{"service down", api("Unavailable", 503), true},
		{"connection reset", &smithyhttp.RequestSendError{Err: errors.New("reset")}, true},
		{"time-out", &net.OpError{Op: "read", Err: timeout{}}, true},
		{"retry quota used up", fmt.Errorf("failed: %w", ratelimit.QuotaExceededError{Available: 3, Requested: 5}), true},
		{"denied", api("UnauthorizedOperation", 403), false},
		{"bad input", api("InvalidParameterValue", 400), false},
		{"unknown image", api("InvalidAMIID.NotFound", 400), false},
		{"expired credentials", api("ExpiredToken", 400), false},
		{"too many copies", api("ResourceLimitExceeded", 400), false},
		{"cancelled", &aws.RequestCanceledError{Err: context.Canceled}, false},
		{"anything else", errors.New("no such file"), false},
		{"nil", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, fault.Transient(tt.err))
		})
	}
}

type timeout struct{}

func (timeout) Error() string { return "i/o timeout" }
func (timeout) Timeout() bool { return true }

func TestCallNamesTheClassOfTheCause(t *testing.T) {
	assert.ErrorIs(t, fault.Call("ami.Wait", fault.Place{Region: "eu-west-1"}, "ami-1", api("ExpiredToken", 400)), fault.ErrCredentialsExpired)
	assert.ErrorIs(t, fault.Call("ami.Wait", fault.Place{Region: "eu-west-1"}, "ami-1", api("InvalidAMIID.NotFound", 400)), fault.ErrNotFound)
	e := fault.Call("ami.Wait", fault.Place{Region: "eu-west-1"}, "ami-1", api("UnauthorizedOperation", 403))
	assert.Nil(t, e.Kind)
	assert.Equal(t, "req-1", e.RequestID())
	assert.Equal(t, "UnauthorizedOperation", fault.Code(e))
	assert.True(t, fault.Is(e, "AccessDenied", "UnauthorizedOperation"))
}

func TestErrorSaysEverythingInOneLine(t *testing.T) {
	kind := errors.New("image failed")
	e := &fault.Error{
		Op: "ami.Wait", Account: "123456789012", Region: "eu-west-1", ID: "ami-1", IDs: []string{"snap-1", "snap-2"},
		State: "failed", Reason: "Client.InternalError", Hint: "the key cannot be used", Elapsed: 90 * time.Second,
		Kind: kind, Err: errors.New("last read failed"),
	}
	assert.EqualError(t, e, "ami.Wait 123456789012 eu-west-1 ami-1: image failed: state failed after 1m30s: "+
		"Client.InternalError: last read failed (the key cannot be used) [snap-1 snap-2]")
	assert.ErrorIs(t, e, kind)
}

func TestAnErrorWithoutACauseUnwrapsToItsKindAlone(t *testing.T) {
	assert.Len(t, fault.Invalid("ami.Create", fault.Place{}, "Name is missing").Unwrap(), 1)
	assert.Empty(t, (&fault.Error{Op: "x"}).Unwrap())
	assert.Empty(t, (&fault.Error{Op: "x"}).RequestID())
}
