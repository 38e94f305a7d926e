package fault_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/internal/fault"
)

var (
	errPlain   = fault.New("test.Plain", "plain")
	errPassing = fault.New("test.Passing", "passing", fault.Retryable)
	errFinal   = fault.New("test.Final", "final", fault.Final)
	errUnder   = fault.New("test.Under", "under", fault.Under(fault.ErrNotFound))
)

func TestCodeAndRetryable(t *testing.T) {
	throttled, denied := api("RequestLimitExceeded", 503), api("UnauthorizedOperation", 403)
	for name, tt := range map[string]struct {
		err       error
		code      string
		retryable bool
	}{
		"nil":                           {},
		"a sentinel":                    {errPlain, "test.Plain", false},
		"a sentinel that passes":        {fmt.Errorf("wrapped: %w", errPassing), "test.Passing", true},
		"a kind":                        {&fault.Error{Kind: errPlain}, "test.Plain", false},
		"a kind and a cause":            {&fault.Error{Kind: errPlain, Err: throttled}, "test.Plain", true},
		"a kind and a lasting cause":    {&fault.Error{Kind: errPlain, Err: denied}, "test.Plain", false},
		"a kind that passes":            {&fault.Error{Kind: errPassing, Err: denied}, "test.Passing", true},
		"a final kind":                  {&fault.Error{Kind: errFinal, Err: throttled}, "test.Final", false},
		"a kind under another":          {&fault.Error{Kind: errUnder}, "test.Under", false},
		"a kind without a code":         {&fault.Error{Kind: errors.New("x")}, "Unknown", false},
		"the kind of the cause":         {&fault.Error{Err: fmt.Errorf("x: %w", &fault.Error{Kind: errPassing})}, "test.Passing", true},
		"AWS throttles":                 {&fault.Error{Err: throttled}, "aws.RequestLimitExceeded", true},
		"AWS refuses":                   {denied, "aws.UnauthorizedOperation", false},
		"expired":                       {fault.Call("op", fault.Place{}, "", api("ExpiredToken", 400)), "CredentialsExpired", true},
		"deadline":                      {&fault.Error{Err: fmt.Errorf("%w: %w", context.DeadlineExceeded, denied)}, "DeadlineExceeded", true},
		"cancelled":                     {context.Canceled, "Canceled", true},
		"anything else":                 {errors.New("no such file"), "Unknown", false},
		"joined: the first has the say": {errors.Join(&fault.Error{Kind: errPassing}, &fault.Error{Kind: errPlain}), "test.Passing", false},
		"joined: each passes":           {errors.Join(&fault.Error{Err: throttled}, &fault.Error{Kind: errPassing}), "aws.RequestLimitExceeded", true},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.code, fault.CodeOf(tt.err))
			assert.Equal(t, tt.retryable, fault.IsRetryable(tt.err))
			if d := fault.DataOf(tt.err); tt.err != nil {
				assert.Equal(t, fault.Data{Code: tt.code, Message: tt.err.Error(), Retryable: tt.retryable}, *d)
			} else {
				assert.Nil(t, d)
			}
		})
	}
}

func TestDataHasTheFirstHint(t *testing.T) {
	inner := &fault.Error{Kind: errPlain, Hint: "share the key"}
	assert.Equal(t, "share the key", fault.DataOf(&fault.Error{Op: "outer", Err: inner}).Hint)
	assert.Equal(t, "look", fault.DataOf(&fault.Error{Hint: "look", Err: inner}).Hint)
	assert.Equal(t, "share the key", fault.DataOf(errors.Join(&fault.Error{Kind: errPlain}, inner)).Hint)
}

func TestErrorSurvivesJSON(t *testing.T) {
	sent := &fault.Error{
		Op: "ami.Wait", Account: "123456789012", Region: "eu-west-1", ID: "ami-1", IDs: []string{"snap-1"},
		State: "failed", Reason: "Client.InternalError", Progress: "42%", Hint: "share the key", Elapsed: 90 * time.Second,
		Kind: errUnder, Err: &fault.Error{Op: "EC2", ID: "ami-2", IDs: []string{"snap-1", "snap-2"}, Err: api("RequestLimitExceeded", 503)},
	}
	text, err := json.Marshal(sent)
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"code": "test.Under", "message": "`+sent.Error()+`", "hint": "share the key", "retryable": true,
		"op": "ami.Wait", "account": "123456789012", "region": "eu-west-1",
		"id": "ami-1", "ids": ["snap-1", "ami-2", "snap-2"],
		"state": "failed", "reason": "Client.InternalError", "progress": "42%", "elapsed": "1m30s",
		"awsCode": "RequestLimitExceeded", "awsMessage": "AWS's words", "requestId": "req-1"
	}`, string(text))

	var got *fault.Error
	require.NoError(t, json.Unmarshal(text, &got))
	assert.EqualError(t, got, sent.Error())
	assert.Equal(t, fault.DataOf(sent), fault.DataOf(got))
	require.ErrorIs(t, got, errUnder)
	require.ErrorIs(t, got, fault.ErrNotFound)
	aws, ok := errors.AsType[smithy.APIError](got)
	require.True(t, ok)
	assert.Equal(t, "RequestLimitExceeded", aws.ErrorCode())
	assert.Equal(t, "req-1", got.RequestID())
	assert.Equal(t, 90*time.Second, got.Elapsed)
	again, err := json.Marshal(got)
	require.NoError(t, err)
	assert.JSONEq(t, string(text), string(again))
}

// A report can be read by a program that does not have the package, or an older
// version of it.
func TestErrorOfAnUnknownCode(t *testing.T) {
	var got fault.Error
	require.NoError(t, json.Unmarshal([]byte(`{"code":"new.Thing","message":"a new thing","retryable":true}`), &got))
	assert.Equal(t, "new.Thing", got.Code())
	assert.True(t, got.Retryable())
	assert.EqualError(t, &got, "a new thing")
	require.Error(t, json.Unmarshal([]byte(`{"elapsed":"soon"}`), &got))
	require.Error(t, json.Unmarshal([]byte(`[]`), &got))
}

func TestACodeIsGivenOnce(t *testing.T) {
	assert.PanicsWithValue(t, `fault: two kinds have the code "test.Plain"`, func() { fault.New("test.Plain", "again") })
}
