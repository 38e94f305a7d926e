package wire

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"time"

	smithytime "github.com/aws/smithy-go/time"
)

// setScalar sets a value without parts to what a request says of it. It returns
// what would be right when that is wrong.
func setScalar(v reflect.Value, text string) (want string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return setScalar(v.Elem(), text)
	case reflect.String:
		v.SetString(text)
		return ""
	case reflect.Bool:
		// The SDK's clients say true, and the forms that people write True or 1.
		b, err := strconv.ParseBool(text)
		if err != nil {
			return "a boolean"
		}
		v.SetBool(b)
		return ""
	case reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return "an integer"
		}
		v.SetInt(n)
		return ""
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil {
			return "a number"
		}
		v.SetFloat(f)
		return ""
	case reflect.Slice:
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return "base64"
		}
		v.SetBytes(b)
		return ""
	}
	if v.Type() == timeType {
		t, err := parseTime(text)
		if err != nil {
			return "a time"
		}
		v.Set(reflect.ValueOf(t.UTC()))
		return ""
	}
	return "nothing that is known here"
}

// parseTime reads a time as AWS does, which is not strict about it.
func parseTime(text string) (time.Time, error) {
	t, err := smithytime.ParseDateTime(text)
	if err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999Z0700"} {
		if t, also := time.Parse(layout, text); also == nil {
			return t, nil
		}
	}
	return t, err
}

// appendScalar writes a value without parts as text.
func appendScalar(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Float32, reflect.Float64:
		return strconv.AppendFloat(b, v.Float(), 'f', -1, v.Type().Bits())
	case reflect.Slice:
		return base64.StdEncoding.AppendEncode(b, v.Bytes())
	}
	return v.Interface().(time.Time).UTC().AppendFormat(b, timeLayout)
}

const timeLayout = "2006-01-02T15:04:05.000Z"
