// Package fault holds the one shape that errors of this module have, the
// sentinels that several packages share, and the table that says which errors
// of AWS are worth another try.
//
// Nothing here, and nothing that builds on it, branches on message text: AWS's
// codes and Go's types decide.
package fault

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Sentinels that more than one package returns. Each package exports them
// again under its own name, so that a caller never imports this one.
var (
	// ErrInvalidInput marks input that was refused before anything was written.
	ErrInvalidInput = New("InvalidInput", "invalid input")
	// ErrNotFound marks a resource that does not exist, or not any more.
	ErrNotFound = New("NotFound", "not found")
	// ErrNotVisible marks a resource that AWS does not show, although it has
	// given its id, or refuses its name as taken. It is a kind of ErrNotFound.
	ErrNotVisible = New("NotVisible", "not visible", Under(ErrNotFound), Retryable)
	// ErrCredentialsExpired marks a call that AWS refused because the
	// credentials had expired; the same call with fresh ones may succeed.
	ErrCredentialsExpired = New("CredentialsExpired", "credentials expired", Retryable)
)

// Error says what was attempted on which resource, what AWS last said of it,
// and what a caller needs to go on or to clean up.
//
// errors.Is finds Kind and the cause; errors.As finds the cause, for example a
// smithy.APIError. The packages that export it say in their own docs what its
// fields are: a test holds them to that.
type Error struct {
	Op       string        // the function that failed, such as "ami.Wait"
	Account  string        // empty: the account of the client
	Region   string        // empty: not known
	ID       string        // the resource that the error is about
	IDs      []string      // further ids to resume from or to clean up
	State    string        // last state seen; empty: none was
	Reason   string        // AWS's own words for that state
	Progress string        // how far its snapshots were, such as "42%"; empty: not known
	Hint     string        // ours: what the reason usually means
	Elapsed  time.Duration // how long a wait lasted; zero: it was none
	Kind     error         // the sentinel to branch on; nil: none fits
	Err      error         // the cause; nil: the state itself is the failure

	sent *wire // what it was in JSON; nil: it was made in this process
}

// Error is one line: call, place, resource, kind, state, reason, hint, ids.
func (e *Error) Error() string {
	if e.sent != nil {
		return e.sent.Message
	}
	var b strings.Builder
	b.WriteString(e.Op)
	for _, s := range []string{e.Account, e.Region, e.ID} {
		if s != "" {
			b.WriteString(" " + s)
		}
	}
	if e.Kind != nil {
		b.WriteString(": " + e.Kind.Error())
	}
	if e.State != "" {
		b.WriteString(": state " + e.State)
		if e.Elapsed > 0 {
			b.WriteString(" after " + e.Elapsed.Round(time.Millisecond).String())
		}
	}
	if e.Progress != "" {
		b.WriteString(", snapshots " + e.Progress)
	}
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	if len(e.IDs) > 0 {
		b.WriteString(" [" + strings.Join(e.IDs, " ") + "]")
	}
	return b.String()
}

// Unwrap returns the sentinel and the cause.
func (e *Error) Unwrap() []error {
	var errs []error
	if e.Kind != nil {
		errs = append(errs, e.Kind)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}

// Code is stable and the same in every process: see [CodeOf].
func (e *Error) Code() string {
	if e.sent != nil {
		return e.sent.Code
	}
	if k, ok := errors.AsType[*Kind](e.Kind); ok {
		return k.code
	}
	return cmp.Or(CodeOf(e.Err), CodeUnknown)
}

// Retryable reports whether the same call may succeed later with nothing changed
// but the credentials: see [IsRetryable].
func (e *Error) Retryable() bool {
	if e.sent != nil {
		return e.sent.Retryable
	}
	if k, ok := errors.AsType[*Kind](e.Kind); ok && k.repeat != byCause {
		return k.repeat == always
	}
	return IsRetryable(e.Err)
}

// RequestID is that of the AWS call that failed; empty when there was none.
func (e *Error) RequestID() string {
	if e.sent != nil {
		return e.sent.RequestID
	}
	if re, ok := errors.AsType[*awshttp.ResponseError](e.Err); ok {
		return re.ServiceRequestID()
	}
	return ""
}

// Invalid refuses the input of op. The text names the field and what is wrong
// with it.
func Invalid(op string, at Place, format string, args ...any) *Error {
	return &Error{Op: op, Account: at.Account, Region: at.Region, Kind: ErrInvalidInput, Reason: fmt.Sprintf(format, args...)}
}

// Call reports that AWS refused a call of op about id. Kind is set where the
// class of the cause says which sentinel it is.
func Call(op string, at Place, id string, err error) *Error {
	e := &Error{Op: op, Account: at.Account, Region: at.Region, ID: id, Err: err}
	switch {
	case Expired(err):
		e.Kind = ErrCredentialsExpired
	case NotFound(err):
		e.Kind = ErrNotFound
	}
	return e
}
