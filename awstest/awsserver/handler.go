package awsserver

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/internal/backend"
	"github.com/readyami/readyami/awstest/internal/wire"
)

// handler answers calls, and control requests.
type handler struct {
	cloud  *awstest.Cloud
	inside backend.Cloud
	Options
	control *http.ServeMux
	faults  faults
	broken  invocations
}

// NewHandler is a server's handler for a server of one's own: as [New], without
// the address and the limits of time and header size.
func NewHandler(cloud *awstest.Cloud, optFns ...func(*Options)) http.Handler {
	h := &handler{cloud: cloud, inside: backend.Of(cloud)}
	for _, fn := range optFns {
		fn(&h.Options)
	}
	if h.MaxBody == 0 {
		h.MaxBody = defaultMaxBody
	}
	if h.Logger == nil {
		h.Logger = slog.Default()
	}
	h.control = h.controls()
	h.begin()
	return h
}

// begin makes the cloud ready, at the start and after a reset.
func (h *handler) begin() {
	h.cloud.Inject(h.faults.hook)
	if h.Seed != nil {
		h.Seed(h.cloud)
	}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer h.survive(w, r)
	if strings.HasPrefix(r.URL.Path, controlPath) {
		r.Body = http.MaxBytesReader(w, r.Body, h.MaxBody)
		h.control.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		http.Error(w, fmt.Sprintf("the body is larger than %d bytes", h.MaxBody), http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the client has gone, or is too slow
	}
	req, problem := parse(r, body)
	if problem != nil {
		h.refuse(w, req, problem)
		return
	}
	if h.broken.has(req.invocation) {
		panic(http.ErrAbortHandler)
	}
	h.answer(w, r, req)
}

// answer makes the call, and writes down what comes of it.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, req *request) {
	call := backend.Call{
		Service:   req.service.ID,
		Operation: req.operation,
		Region:    req.region,
		AccessKey: req.accessKey,
		Input:     backend.NewInput(req.service.ID, req.operation),
	}
	if call.Input != nil {
		call.Refused = req.decode(call.Input)
	}
	out := h.inside.Answer(r.Context(), call)
	if out.Err != nil {
		h.fail(w, req, out)
		return
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	if req.service.Kind == wire.JSON11 {
		*buffer = req.service.AppendJSON((*buffer)[:0], out.Output)
	} else {
		*buffer = req.service.AppendXML((*buffer)[:0], req.operation, out.RequestID, out.Output)
	}
	write(w, req.service, http.StatusOK, out.RequestID, *buffer)
}

// buffers are for answers: a page of a thousand images is two megabytes.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// write sends an answer.
func write(w http.ResponseWriter, s *wire.Service, status int, requestID string, text []byte) {
	// A deadline of the whole call would count the time of a fault as the client's.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime))
	header := w.Header()
	header["Content-Type"] = contentTypes[s.Kind]
	header["X-Amzn-Requestid"] = []string{requestID}
	header["Content-Length"] = []string{fmt.Sprint(len(text))}
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that has gone misses it
}

var contentTypes = map[wire.Kind][]string{
	wire.EC2Query: {"text/xml;charset=UTF-8"},
	wire.AWSQuery: {"text/xml"},
	wire.JSON11:   {"application/x-amz-json-1.1"},
}

// survive answers for a mistake of this module's, and says which in the log.
func (h *handler) survive(w http.ResponseWriter, r *http.Request) {
	what := recover()
	if what == nil {
		return
	}
	if what == http.ErrAbortHandler {
		panic(what)
	}
	h.Logger.Error("panic", "request", r.Method+" "+r.URL.Path, "value", fmt.Sprint(what), "stack", string(debug.Stack()))
	http.Error(w, "awstest has panicked; its log has the stack", http.StatusInternalServerError)
}
