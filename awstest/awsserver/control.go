package awsserver

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/readyami/readyami/awstest"
)

const controlPath = "/_awstest/"

// controls are the requests that are not AWS's.
func (h *handler) controls() *http.ServeMux {
	mux := http.NewServeMux()
	on := func(pattern string, answer func(r *http.Request) (any, error)) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+controlPath+path, func(w http.ResponseWriter, r *http.Request) {
			out, err := answer(r)
			status := http.StatusOK
			if err != nil {
				status = http.StatusBadRequest
				if errors.Is(err, errNotThere) {
					status = http.StatusNotFound
				}
				out = map[string]string{"error": err.Error()}
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			encoder := json.NewEncoder(w)
			encoder.SetIndent("", "  ")
			_ = encoder.Encode(out) // a client that has gone misses it
		})
	}
	on("GET health", func(*http.Request) (any, error) { return done, nil })
	on("POST reset", func(*http.Request) (any, error) {
		h.reset()
		return done, nil
	})
	on("GET state", func(*http.Request) (any, error) { return h.state(), nil })
	on("GET calls", func(*http.Request) (any, error) { return h.calls(), nil })
	on("DELETE calls", func(*http.Request) (any, error) {
		h.cloud.ForgetCalls()
		return done, nil
	})
	on("GET leaks", func(*http.Request) (any, error) {
		return map[string]any{"leaks": append([]awstest.Leak{}, h.cloud.Leaks()...)}, nil
	})
	on("GET clock", func(*http.Request) (any, error) { return h.clock(), nil })
	on("POST clock", h.advance)
	on("GET faults", func(*http.Request) (any, error) { return map[string]any{"faults": h.faults.list()}, nil })
	on("POST faults", func(r *http.Request) (any, error) {
		fault, err := readFault(json.NewDecoder(r.Body))
		if err != nil {
			return nil, err
		}
		return h.faults.turnOn(h.cloud, fault)
	})
	on("DELETE faults", func(*http.Request) (any, error) {
		h.faults.turnAllOff(h.cloud)
		return done, nil
	})
	on("DELETE faults/{id}", func(r *http.Request) (any, error) {
		ok, err := h.faults.turnOff(r.PathValue("id"))
		if err == nil && !ok {
			err = errNotThere
		}
		return done, err
	})
	return mux
}

// done is the answer of what has no other.
var done = map[string]any{}

var errNotThere = errors.New("there is no such fault")

// reset makes all as it was at the start.
func (h *handler) reset() {
	h.faults.turnAllOff(h.cloud)
	h.broken.forget()
	h.inside.Reset()
	h.begin()
}

func (h *handler) clock() any { return map[string]time.Time{"now": h.cloud.Now().UTC()} }

func (h *handler) advance(r *http.Request) (any, error) {
	var in struct {
		Advance string `json:"advance"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, err
	}
	by, err := time.ParseDuration(in.Advance)
	if err != nil {
		return nil, err
	}
	if by < 0 {
		return nil, errors.New("the clock goes forward only")
	}
	h.cloud.Advance(by)
	return h.clock(), nil
}

// call is a line of GET /_awstest/calls.
type call struct {
	Service   string    `json:"service"`
	Operation string    `json:"operation"`
	Account   string    `json:"account"`
	Region    string    `json:"region"`
	Write     bool      `json:"write"`
	N         int       `json:"n"`
	At        time.Time `json:"at"`
	RequestID string    `json:"requestId"`
	Error     string    `json:"error,omitempty"`   // its code, or what became of the connection
	Message   string    `json:"message,omitempty"` // AWS's words
	Input     any       `json:"input,omitempty"`   // with [awstest.WithInputs]
}

func (h *handler) calls() any {
	all := []call{}
	for _, c := range h.cloud.Calls() {
		line := call{c.Service, c.Operation, c.Account, c.Region, c.Write, c.N, c.At.UTC(), c.RequestID, "", "", given(c.Input)}
		if api, ok := errors.AsType[smithy.APIError](c.Err); ok {
			line.Error, line.Message = api.ErrorCode(), api.ErrorMessage()
		} else if c.Err != nil {
			line.Error = c.Err.Error()
		}
		all = append(all, line)
	}
	return map[string]any{"calls": all}
}
