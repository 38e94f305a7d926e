package awsserver

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/internal/wire"
)

// request is one call as it was sent.
type request struct {
	service   *wire.Service
	operation string
	region    string
	accessKey string
	// invocation is the same for each attempt of one call: the SDKs send it.
	invocation string

	params url.Values // of a query service
	body   []byte     // of a JSON service
}

// parse finds out which call a request is. What cannot be answered by a service
// is a problem; of the request, as much is known as it says.
func parse(r *http.Request, body []byte) (*request, error) {
	req := &request{body: body, invocation: r.Header.Get("Amz-Sdk-Invocation-Id")}
	target, operation, isJSON := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var unreadable error
	if !isJSON {
		req.params, unreadable = parameters(r, body)
		operation = req.params.Get("Action")
	}
	req.operation = operation
	signed, problem := req.readScope(r)
	known := wire.Named(signed)
	req.service = known
	if known == nil { // then what speaks for it has the shape of what was sent
		req.service = wire.Unknown(wire.AWSQuery)
		if isJSON {
			req.service = wire.Unknown(wire.JSON11)
		}
	}
	switch {
	case problem != nil:
		return req, problem
	case known == nil:
		return req, &awstest.Unmodelled{Service: signed, Operation: operation}
	case r.Method != http.MethodPost && r.Method != http.MethodGet:
		return req, refusal("InvalidRequest", "The method "+r.Method+" is not allowed.")
	case unreadable != nil:
		return req, refusal("MalformedQueryString", "The query string contains a syntax error.")
	case isJSON != (req.service.Kind == wire.JSON11), isJSON && target != req.service.Target:
		return req, &awstest.Unmodelled{Service: req.service.ID, Operation: operation}
	case operation == "":
		return req, refusal("MissingAction", "The request must contain the parameter Action.")
	}
	return req, nil
}

// parameters are those of the address and, in a form, of the body.
func parameters(r *http.Request, body []byte) (url.Values, error) {
	params, err := url.ParseQuery(r.URL.RawQuery)
	if r.Method == http.MethodPost {
		inBody, also := url.ParseQuery(string(body))
		for key, values := range inBody {
			params[key] = values
		}
		err = errors.Join(err, also)
	}
	return params, err
}

// readScope reads whose the request is and where it goes out of its signature:
// Credential=KEY/20260102/eu-west-1/ec2/aws4_request, in a header or, presigned,
// in the address.
func (req *request) readScope(r *http.Request) (service string, problem error) {
	_, credential, ok := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if !ok {
		credential, ok = r.URL.Query().Get("X-Amz-Credential"), r.URL.Query().Has("X-Amz-Credential")
	}
	credential, _, _ = strings.Cut(credential, ",")
	parts := strings.Split(strings.TrimSpace(credential), "/")
	switch {
	case !ok:
		return "", refusal("MissingAuthenticationToken", "Request is missing Authentication Token")
	case len(parts) != 5 || parts[0] == "" || parts[2] == "":
		return "", refusal("IncompleteSignature", "Credential must have the form KEY/DATE/REGION/SERVICE/aws4_request, and is "+credential)
	}
	req.accessKey, req.region = parts[0], parts[2]
	return parts[3], nil
}

// decode reads the operation's input. What is wrong with it is an error that
// the call is to be answered with.
func (req *request) decode(input any) error {
	var err error
	if req.service.Kind == wire.JSON11 {
		err = req.service.DecodeJSON(req.body, input)
	} else {
		err = req.service.DecodeQuery(req.params, input)
	}
	if wrong, ok := errors.AsType[*wire.Unreadable](err); ok {
		return req.unreadable(wrong)
	}
	if name := req.service.Missing(input); name != "" {
		return req.service.MissingError(name)
	}
	return tooMany(input)
}

// refusal is an error of AWS's.
func refusal(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message}
}
