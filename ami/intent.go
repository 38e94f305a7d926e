package ami

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"reflect"
)

// digest is a hash of values that is the same in every process and stays the
// same when a newer SDK adds fields to its structures: fields that are not set
// do not count, and each that is counts with its name. It has 64 characters,
// which is what AWS takes for a client token.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
func digest(kind string, values ...any) string {
	h := sha256.New()
	text(h, kind)
	for _, v := range values {
		feed(h, reflect.ValueOf(v))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func feed(h hash.Hash, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			text(h, "nil")
			return
		}
		feed(h, v.Elem())
	case reflect.Struct:
		text(h, "{")
		for i := range v.NumField() {
			f, field := v.Type().Field(i), v.Field(i)
			// A pointer to a zero is set and counts: NoDevice is given as "".
			unset := field.IsZero() || field.Kind() == reflect.Slice && field.Len() == 0
			if f.IsExported() && !unset {
				text(h, f.Name)
				feed(h, field)
			}
		}
		text(h, "}")
	case reflect.Slice:
		text(h, fmt.Sprintf("[%d", v.Len()))
		for i := range v.Len() {
			feed(h, v.Index(i))
		}
	default:
		text(h, fmt.Sprint(v.Interface()))
	}
}

// text writes s with its length, so that no two lists of texts look alike.
func text(h hash.Hash, s string) { fmt.Fprintf(h, "%d:%s,", len(s), s) }
