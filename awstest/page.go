package awstest

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// limits are the page sizes of one list operation.
type limits struct {
	def, max int // when the caller names none; the largest allowed. Zero: all
}

// page cuts one page out of a list that keeps its order from call to call. The
// token is opaque to the caller: it names the offset.
func page[T any](s *store, all []T, l limits, size *int32, token *string) ([]T, *string, error) {
	p, err := s.openPage(l, size, token)
	if err != nil {
		return nil, nil, err
	}
	if p.after > len(all) {
		return nil, nil, badToken(*token)
	}
	if p.empty {
		return nil, p.here(), nil
	}
	all = all[p.after:]
	if p.size > 0 && p.size < len(all) {
		return all[:p.size], s.next(p.after + p.size), nil
	}
	return all, nil, nil
}

// openedPage is what a call asks for of a list.
type openedPage struct {
	after int // how far the pages before have gone; zero: this is the first
	size  int // zero: all that is left
	empty bool
}

const (
	tokenOffset = "offset:" // then comes a full page
	tokenPause  = "pause:"  // then comes an empty one
)

// openPage reads the paging parameters of a list.
func (s *store) openPage(l limits, size *int32, token *string) (openedPage, error) {
	p := openedPage{empty: s.consistency.EmptyPages, size: l.def}
	if aws.ToString(token) != "" {
		raw, err := base64.RawURLEncoding.DecodeString(*token)
		kind, digits, _ := strings.Cut(string(raw), ":")
		n, err2 := strconv.Atoi(digits)
		if err != nil || err2 != nil || n < 0 || kind+":" != tokenOffset && kind+":" != tokenPause {
			return p, badToken(*token)
		}
		p.after, p.empty = n, kind+":" == tokenPause
	}
	if size != nil {
		p.size = int(*size)
		if p.size < 1 || l.max > 0 && p.size > l.max {
			return p, apiError("InvalidParameterValue", "Value ( %d ) for parameter maxResults is invalid", p.size)
		}
	}
	if s.pageSize > 0 && (p.size == 0 || p.size > s.pageSize) {
		p.size = s.pageSize
	}
	return p, nil
}

// here is the token to what this page, an empty one, leaves untold.
func (p openedPage) here() *string { return pageToken(tokenOffset, p.after) }

// next is the token to what comes after a place in the list.
func (s *store) next(after int) *string {
	if s.consistency.EmptyPages {
		return pageToken(tokenPause, after)
	}
	return pageToken(tokenOffset, after)
}

func pageToken(kind string, n int) *string {
	return new(base64.RawURLEncoding.EncodeToString([]byte(kind + strconv.Itoa(n))))
}

func badToken(token string) error {
	return apiError("InvalidNextToken", "The token '%s' is invalid", token)
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
