package awsserver

import (
	"errors"
	"net"
	"net/http"

	"github.com/aws/smithy-go"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/internal/backend"
	"github.com/readyami/readyami/awstest/internal/wire"
)

// unreadable is the answer to a parameter that is not as the operation has it.
// One that is not known may be newer than this module: a test must not pass
// because it is looked over.
func (req *request) unreadable(wrong *wire.Unreadable) error {
	switch {
	case wrong.Unknown:
		return &awstest.Unmodelled{Service: req.service.ID, Operation: req.operation, Field: wrong.Name}
	case req.service.Kind == wire.EC2Query:
		return refusal("InvalidParameterValue", "Value ("+wrong.Value+") for parameter "+wrong.Name+" is invalid. Expected "+wrong.Want+".")
	case req.service.Kind == wire.AWSQuery:
		return refusal("MalformedInput", "Value ("+wrong.Value+") for parameter "+wrong.Name+" is invalid: "+wrong.Want+" is expected")
	}
	return refusal("SerializationException", wrong.Error())
}

// unmodelled is the answer to what the fake does not have, which to AWS does not
// exist.
func (req *request) unmodelled(u *awstest.Unmodelled) error {
	switch {
	case u.Field != "" && req.service.Kind == wire.EC2Query:
		return refusal("UnknownParameter", "The parameter "+u.Field+" is not recognized: "+u.Error())
	case u.Field != "":
		return refusal(req.service.InvalidCode(), "The parameter "+u.Field+" is not recognized: "+u.Error())
	case req.service.Kind == wire.JSON11:
		return refusal("UnknownOperationException", "")
	case req.service.Kind == wire.AWSQuery && req.service.ID != "":
		return refusal("InvalidAction", "Could not find operation "+u.Operation+" for version "+req.service.Version)
	}
	return refusal("InvalidAction", "The action "+u.Operation+" is not valid for this web service.")
}

// httpStatus is an error of AWS's in the SDK's clothes.
type httpStatus interface {
	error
	HTTPStatusCode() int
}

// retried is an error of the network that the SDK sends the call again after.
type retried interface {
	error
	ConnectionError() bool
}

// fail writes the error that a call has got.
func (h *handler) fail(w http.ResponseWriter, req *request, answer backend.Answer) {
	err := answer.Err
	status := http.StatusBadRequest
	if u, ok := errors.AsType[*awstest.Unmodelled](err); ok {
		h.Logger.Warn("not modelled", "service", u.Service, "operation", u.Operation, "field", u.Field, "region", req.region)
		err = req.unmodelled(u)
	} else if sent, ok := errors.AsType[httpStatus](err); ok {
		status = sent.HTTPStatusCode()
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		// The network's own end: a connection that breaks. A client sends the call
		// again, which then must not reach the cloud where nothing would retry it.
		_, again := errors.AsType[retried](err)
		if _, nowhere := errors.AsType[*net.DNSError](err); nowhere {
			// Elsewhere it would have no endpoint, which no client looks for twice.
			h.Logger.Warn("there is no such Region", "region", req.region, "service", req.service.ID, "operation", req.operation)
			again = false
		}
		if !again {
			h.broken.add(req.invocation)
			h.Logger.Debug("connection broken", "operation", req.operation, "error", err.Error())
		}
		panic(http.ErrAbortHandler)
	}
	h.writeError(w, req, status, answer.RequestID, api)
}

// refuse answers a request that is no call of any service here.
func (h *handler) refuse(w http.ResponseWriter, req *request, problem error) {
	status := http.StatusBadRequest
	if u, ok := errors.AsType[*awstest.Unmodelled](problem); ok {
		h.Logger.Warn("not modelled", "service", u.Service, "operation", u.Operation, "field", "", "region", req.region)
		problem = req.unmodelled(u)
	}
	api, ok := errors.AsType[smithy.APIError](problem)
	if !ok {
		panic(problem)
	}
	if api.ErrorCode() == "MissingAuthenticationToken" {
		status = http.StatusForbidden
	}
	h.writeError(w, req, status, "00000000-0000-4000-8000-000000000000", api)
}

func (h *handler) writeError(w http.ResponseWriter, req *request, status int, requestID string, api smithy.APIError) {
	s := req.service
	var text []byte
	if s.Kind == wire.JSON11 {
		text = s.AppendJSONError(nil, api.ErrorCode(), api.ErrorMessage(), api)
	} else {
		text = s.AppendXMLError(nil, requestID, api.ErrorCode(), api.ErrorMessage(), status < 500)
	}
	write(w, s, status, requestID, text)
}
