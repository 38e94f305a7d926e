package awstest

import (
	"encoding/base64"
	"strconv"
	"strings"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// limits are the page sizes of one list operation.
type limits struct {
	def, max int // when the caller names none; the largest allowed. Zero: all
}

// page cuts one page out of a list that keeps its order from call to call. The
// token is opaque to the caller: it names the offset.
func page[T any](s *store, all []T, l limits, size *int32, token *string) ([]T, *string, error) {
	start := 0
	if deref(token) != "" {
		raw, err := base64.RawURLEncoding.DecodeString(*token)
		offset, ok := strings.CutPrefix(string(raw), "offset:")
		n, err2 := strconv.Atoi(offset)
		if err != nil || !ok || err2 != nil || n > len(all) {
			return nil, nil, apiError("InvalidNextToken", "The token '%s' is invalid", *token)
		}
		start = n
	}
	n := l.def
	if size != nil {
		n = int(*size)
		if n < 1 || l.max > 0 && n > l.max {
			return nil, nil, apiError("InvalidParameterValue", "Value ( %d ) for parameter maxResults is invalid", n)
		}
	}
	if s.pageSize > 0 && (n == 0 || n > s.pageSize) {
		n = s.pageSize
	}
	end := len(all)
	if n > 0 && start+n < end {
		end = start + n
		return all[start:end], new(base64.RawURLEncoding.EncodeToString([]byte("offset:" + strconv.Itoa(end)))), nil
	}
	return all[start:end], nil, nil
}

// asPage is page with the errors of Auto Scaling.
func asPage[T any](s *store, all []T, l limits, size *int32, token *string) ([]T, *string, error) {
	out, next, err := page(s, all, l, size, token)
	code, message := apiParts(err)
	switch code {
	case "":
		return out, next, err
	case "InvalidNextToken":
		return nil, nil, &astypes.InvalidNextToken{Message: new(message)}
	}
	return nil, nil, validation("1 validation error detected: Value '%d' at 'maxRecords' failed to satisfy constraint: "+
		"Member must have value less than or equal to %d", *size, l.max)
}
