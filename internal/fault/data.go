package fault

import (
	"cmp"
	"context"
	"errors"
)

// Codes of errors that no [Kind] fits.
const (
	// CodeDeadlineExceeded and CodeCanceled are for a wait whose context ended.
	CodeDeadlineExceeded = "DeadlineExceeded"
	CodeCanceled         = "Canceled"
	// CodeUnknown is for everything that has no code.
	CodeUnknown = "Unknown"
	// prefixAWS is in front of AWS's own code where AWS refused a call.
	prefixAWS = "aws."
)

// Data is an error as plain data, for a report and for another process.
type Data struct {
	Code      string `json:"code"`           // stable; see [CodeOf]
	Message   string `json:"message"`        // the whole text, for people; its wording changes
	Hint      string `json:"hint,omitempty"` // what to do about it, where that is known
	Retryable bool   `json:"retryable"`      // the same call may succeed with nothing changed
}

// DataOf is err as data; nil for nil. Of joined errors the first gives
// the code, the first that has one gives the hint, the message is that of all, and they are retryable only
// if each of them is.
func DataOf(err error) *Data {
	if err == nil {
		return nil
	}
	d := &Data{Code: CodeOf(err), Message: err.Error(), Retryable: IsRetryable(err)}
	for _, e := range topmost(err) {
		d.Hint = cmp.Or(d.Hint, e.hint())
	}
	return d
}

// CodeOf is the stable code of err: that of its sentinel, such as
// "asg.RefreshFailed" or "NotFound"; without one "DeadlineExceeded" or "Canceled"
// where a context ended, else AWS's own code, such as
// "aws.UnauthorizedOperation"; else "Unknown". It is empty for nil.
func CodeOf(err error) string {
	if err == nil {
		return ""
	}
	if k, ok := err.(*Kind); ok {
		return k.code
	}
	if first := topmost(err); len(first) > 0 {
		return first[0].Code()
	}
	if k, ok := errors.AsType[*Kind](err); ok {
		return k.code
	}
	switch code := Code(err); {
	case errors.Is(err, context.DeadlineExceeded):
		return CodeDeadlineExceeded
	case errors.Is(err, context.Canceled):
		return CodeCanceled
	case code != "":
		return prefixAWS + code
	}
	return CodeUnknown
}

// IsRetryable reports whether the same call may succeed later with nothing
// changed but the credentials: AWS throttled it or was not to be reached, what it
// met passes by itself, the credentials had expired, or its context ended, and
// another run goes on where it stopped.
func IsRetryable(err error) bool {
	if err == nil {
		return false
	}
	errs := topmost(err)
	for _, e := range errs {
		if !e.Retryable() {
			return false
		}
	}
	if len(errs) > 0 {
		return true
	}
	if k, ok := errors.AsType[*Kind](err); ok && k.repeat != byCause {
		return k.repeat == always
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		Expired(err) || Transient(err)
}

// hint is that of e, or the first that its causes have.
func (e *Error) hint() string {
	h := e.Hint
	for _, inner := range topmost(e.Err) {
		h = cmp.Or(h, inner.hint())
	}
	return h
}

// topmost are the Errors in err that are in no other.
func topmost(err error) []*Error {
	switch e := err.(type) {
	case *Error:
		return []*Error{e}
	case interface{ Unwrap() error }:
		return topmost(e.Unwrap())
	case interface{ Unwrap() []error }:
		var all []*Error
		for _, inner := range e.Unwrap() {
			all = append(all, topmost(inner)...)
		}
		return all
	}
	return nil
}
