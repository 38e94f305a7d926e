package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/smithy-go"
)

// wire is an Error in JSON: its [Data], and what a program reads besides. What
// the causes say is in the message, and their ids are among the ids.
type wire struct {
	Data
	Op         string   `json:"op,omitempty"`
	Account    string   `json:"account,omitempty"`
	Region     string   `json:"region,omitempty"`
	ID         string   `json:"id,omitempty"`
	IDs        []string `json:"ids,omitempty"`
	State      string   `json:"state,omitempty"`
	Reason     string   `json:"reason,omitempty"`
	Progress   string   `json:"progress,omitempty"`
	Elapsed    string   `json:"elapsed,omitempty"`
	AWSCode    string   `json:"awsCode,omitempty"`
	AWSMessage string   `json:"awsMessage,omitempty"`
	RequestID  string   `json:"requestId,omitempty"`
}

// MarshalJSON writes code, message, hint and retryable, and the fields of the
// error. The elapsed time is text, such as "1m30s".
func (e *Error) MarshalJSON() ([]byte, error) {
	if e.sent != nil {
		return json.Marshal(e.sent)
	}
	w := wire{
		Data: *DataOf(e),
		Op:   e.Op, Account: e.Account, Region: e.Region, ID: e.ID, IDs: e.allIDs(),
		State: e.State, Reason: e.Reason, Progress: e.Progress,
		RequestID: e.RequestID(),
	}
	if api, ok := errors.AsType[smithy.APIError](e.Err); ok {
		w.AWSCode, w.AWSMessage = api.ErrorCode(), api.ErrorMessage()
	}
	if e.Elapsed > 0 {
		w.Elapsed = e.Elapsed.String()
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON wrote, also in another process. Text,
// code, hint and retryable are those that were written. errors.Is finds the
// sentinel again, and errors.As a smithy.APIError with AWS's code.
func (e *Error) UnmarshalJSON(b []byte) error {
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	read := Error{
		Op: w.Op, Account: w.Account, Region: w.Region, ID: w.ID, IDs: w.IDs,
		State: w.State, Reason: w.Reason, Progress: w.Progress, Hint: w.Hint, sent: &w,
	}
	if w.Elapsed != "" {
		d, err := time.ParseDuration(w.Elapsed)
		if err != nil {
			return fmt.Errorf("invalid elapsed %q: %w", w.Elapsed, err)
		}
		read.Elapsed = d
	}
	if k := kinds[w.Code]; k != nil {
		read.Kind = k
	}
	if w.AWSCode != "" {
		read.Err = &smithy.GenericAPIError{Code: w.AWSCode, Message: w.AWSMessage}
	}
	*e = read
	return nil
}

// allIDs are the further ids of e and those that its causes name.
func (e *Error) allIDs() []string {
	ids := slices.Clone(e.IDs)
	for _, inner := range topmost(e.Err) {
		for _, id := range append([]string{inner.ID}, inner.allIDs()...) {
			if id != "" && id != e.ID && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
