package awstest

import (
	"encoding/base64"
	"strconv"
	"strings"
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
