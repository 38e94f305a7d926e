package ami

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
)

// digest is a hash of values that is the same in every process and stays the
// same when a newer SDK adds fields to its structures: fields that are not set
// do not count, and each that is counts with its name. It has 64 characters,
// which is what AWS takes for a client token.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
func digest(kind string, values ...any) string {
	b := text(make([]byte, 0, 1024), kind)
	for _, v := range values {
		b = feed(b, reflect.ValueOf(v))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func feed(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return text(b, "nil")
		}
		return feed(b, v.Elem())
	case reflect.Struct:
		b = text(b, "{")
		typ := v.Type()
		for i := range v.NumField() {
			field := v.Field(i)
			// A pointer to a zero is set and counts: NoDevice is given as "".
			if field.IsZero() || field.Kind() == reflect.Slice && field.Len() == 0 {
				continue
			}
			if f := typ.Field(i); f.IsExported() {
				b = feed(text(b, f.Name), field)
			}
		}
		return text(b, "}")
	case reflect.Slice:
		b = text(b, "["+strconv.Itoa(v.Len()))
		for i := range v.Len() {
			b = feed(b, v.Index(i))
		}
		return b
	case reflect.String:
		return text(b, v.String())
	}
	return text(b, fmt.Sprint(v.Interface()))
}

// text adds s with its length, so that no two lists of texts look alike.
func text(b []byte, s string) []byte {
	b = append(strconv.AppendInt(b, int64(len(s)), 10), ':')
	return append(append(b, s...), ',')
}
