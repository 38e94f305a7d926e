package awstest_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
	"github.com/readyami/readyami/awstest/internal/wire"
)

// The calls of the field cases, and variants of each, are made in two worlds
// that are the same: in process, and by the SDK's client through the server's
// handler. Answers must be the same.

// direct is an HTTP client without a network: in a synctest bubble time would
// not pass on one.
type direct struct{ handler http.Handler }

func (d direct) Do(req *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, req)
	return rec.Result(), nil
}

// overHTTP lets the calls of a world go through a handler from now on. What the
// SDK's clients check before they send is left out if unchecked.
func (w *fieldWorld) overHTTP(unchecked bool) {
	handler := awsserver.NewHandler(w.cloud, quietly)
	w.clients = map[string]any{}
	w.config = func(account, region string) aws.Config {
		cfg := aws.Config{Region: region, BaseEndpoint: aws.String("http://awstest"), HTTPClient: direct{handler},
			Credentials: credentials.NewStaticCredentialsProvider(account, "secret", "")}
		if unchecked {
			cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
				_, _ = stack.Initialize.Remove("OperationInputValidation") // some have none
				return nil
			})
		}
		return cfg
	}
}

func TestEveryCallIsAnsweredOverHTTPAsInProcess(t *testing.T) {
	for _, op := range awstest.Operations() {
		for n, c := range fieldCases[op.Input] {
			t.Run(fmt.Sprint(op.Input, "/", n), func(t *testing.T) {
				for name, vary := range c.variants(op) {
					var here, there reply
					unsendable := false
					inWorld(t, func(w *fieldWorld) {
						in := vary(w)
						unsendable = hasEmpty(reflect.ValueOf(in).Elem())
						here = w.reply(in)
					})
					if unsendable {
						continue
					}
					inWorld(t, func(w *fieldWorld) {
						in := vary(w)
						w.overHTTP(false)
						there = w.reply(in)
					})
					if code, _, _ := strings.Cut(here.err, ":"); wordless[code] {
						here.err = code + ": "
					}
					assert.Equal(t, here.err, there.err, name)
					assert.Empty(t, differ(reflect.ValueOf(here.out), reflect.ValueOf(there.out), "answer"), name)
				}
			})
		}
	}
}

// wordless are errors whose message the SDK for Go does not read: their types have
// no member for it.
var wordless = map[string]bool{"InvalidFilterKey": true}

// variants are the call as it is, with each of its values, with each enumeration
// set to what it does not have, and with each text empty.
func (c fieldCase) variants(op awstest.Registered) map[string]func(*fieldWorld) any {
	all := map[string]func(*fieldWorld) any{"as it is": c.call}
	for path, value := range c.values {
		if r, ok := value.(refused); ok {
			value = r.value
		}
		all[path] = c.with(path, value)
	}
	for _, path := range leaves(op) {
		if isEnum(typeAt(op.Input, path)) {
			all[path+" broken"] = c.with(path, "no-such-value")
		}
		if t := typeAt(op.Input, path); t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.String {
			all[path+" empty"] = c.with(path, "")
		}
	}
	return all
}

func (c fieldCase) with(path string, value any) func(*fieldWorld) any {
	return func(w *fieldWorld) any {
		in, value := c.call(w), value
		if f, ok := value.(func(*fieldWorld) any); ok {
			value = f(w)
		}
		setAt(reflect.ValueOf(in).Elem(), path, value)
		return in
	}
}

func isEnum(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	_, ok := t.MethodByName("Values")
	return ok && t.Kind() == reflect.String
}

// hasEmpty is true for an input with a structure that has nothing in it, which
// no query client has a form for.
func hasEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return false
		}
		return isNothing(v.Elem()) || hasEmpty(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if isNothing(v.Index(i)) || hasEmpty(v.Index(i)) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && hasEmpty(v.Field(i)) {
				return true
			}
		}
	}
	return false
}

// isNothing is true for a structure in which no value is set.
func isNothing(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !isNothing(v.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Pointer:
		return v.IsNil() || isNothing(v.Elem()) && v.Elem().Kind() == reflect.Struct
	case reflect.Slice:
		return v.Len() == 0
	}
	return false
}

// What must be given and is not, which the SDK's own clients never send, gets
// the code that AWS has for it.
func TestWhatIsMissingGetsAWSsCode(t *testing.T) {
	seen := 0
	for _, op := range awstest.Operations() {
		for n, c := range fieldCases[op.Input] {
			t.Run(fmt.Sprint(op.Input, "/", n), func(t *testing.T) {
				inWorld(t, func(w *fieldWorld) {
					in := c.call(w)
					service, _, _ := strings.Cut(op.Input.String(), ".")
					w.overHTTP(true)
					for path, field := range requiredIn(wire.Named(service), reflect.ValueOf(in).Elem(), "") {
						before := reflect.New(field.Type()).Elem()
						before.Set(field)
						field.SetZero()
						if hasEmpty(reflect.ValueOf(in).Elem()) {
							field.Set(before)
							continue
						}
						seen++
						code, _, _ := strings.Cut(w.reply(in).err, ":")
						field.Set(before)
						assert.Equal(t, missingCodes[service], code, path)
					}
				})
			})
		}
	}
	assert.Greater(t, seen, 100, "the tables say what is required")
}

var missingCodes = map[string]string{"ec2": "MissingParameter", "autoscaling": "ValidationError", "sts": "ValidationError",
	"ssm": "ValidationException", "kms": "ValidationException"}

// requiredIn are the fields of an input that are set and must be, by path.
func requiredIn(s *wire.Service, v reflect.Value, path string) map[string]reflect.Value {
	all := map[string]reflect.Value{}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			maps.Copy(all, requiredIn(s, v.Elem(), path))
		}
	case reflect.Slice:
		for i := range v.Len() {
			maps.Copy(all, requiredIn(s, v.Index(i), fmt.Sprintf("%s[%d]", path, i)))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			if s.Required(v.Type(), f.Name) {
				all[path+"."+f.Name] = v.Field(i)
			}
			maps.Copy(all, requiredIn(s, v.Field(i), path+"."+f.Name))
		}
	}
	return all
}

// reply is what a call has answered, to be compared.
type reply struct {
	out any
	err string // "Code: message"
}

func (w *fieldWorld) reply(in any) reply {
	out, err := w.callAs(awstest.DefaultAccount, home, in)
	if err != nil {
		return reply{err: errorText(err)}
	}
	return reply{out: out}
}

// differ is where two answers are not the same. The wire has no lists that are
// not there, and milliseconds, of which a float of seconds may lose one.
func differ(a, b reflect.Value, path string) string {
	if a.IsValid() != b.IsValid() {
		return path + ": one is nil"
	}
	if !a.IsValid() {
		return ""
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return path + ": one is nil"
			}
			return ""
		}
		return differ(a.Elem(), b.Elem(), path)
	case reflect.Slice:
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s: %d and %d elements", path, a.Len(), b.Len())
		}
		for i := range a.Len() {
			if d := differ(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Struct:
		if at, ok := a.Interface().(time.Time); ok {
			if at.Sub(b.Interface().(time.Time)).Abs() > 2*time.Millisecond {
				return fmt.Sprintf("%s: %v and %v", path, a, b)
			}
			return ""
		}
		for i := range a.NumField() {
			f := a.Type().Field(i)
			if f.IsExported() && f.Name != "ResultMetadata" {
				if d := differ(a.Field(i), b.Field(i), path+"."+f.Name); d != "" {
					return d
				}
			}
		}
		return ""
	}
	if !reflect.DeepEqual(a.Interface(), b.Interface()) {
		return fmt.Sprintf("%s: %#v and %#v", path, a.Interface(), b.Interface())
	}
	return ""
}

// Whatever is sent to whichever operation, the answer is one of AWS's.
func FuzzServer(f *testing.F) {
	operations := awstest.Operations()
	for n := range operations {
		f.Add(uint16(n), "ImageId=ami-1&InstanceId.1=i-1&AutoScalingGroupName=web&DryRun=true")
	}
	f.Add(uint16(0), `{"Name":"/golden","Names":["a"],"KeyId":"alias/a"}`)
	f.Add(uint16(0), "MaxResults=-5&MinCount=-1&MaxCount=2147483647&SecondsAgo=1&Filter.1.Name=&Filter.1.Value.1=%00%ff")
	handler := awsserver.NewHandler(awstest.New(), quietly)
	f.Fuzz(func(t *testing.T, n uint16, body string) {
		op := operations[int(n)%len(operations)]
		service, _, _ := strings.Cut(op.Input.String(), ".")
		s := wire.Named(service)
		req := httptest.NewRequest(http.MethodPost, "/", nil)
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260102/"+home+"/"+service+"/aws4_request")
		if s.Kind == wire.JSON11 {
			req.Header.Set("X-Amz-Target", s.Target+"."+op.Name)
		} else {
			body = "Action=" + op.Name + "&" + body
		}
		req.Body = io.NopCloser(bytes.NewBufferString(body))
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, req)
		if rec.Header().Get("X-Amzn-Requestid") == "" {
			t.Fatalf("%s of %q: %d %s", op.Name, body, rec.Code, rec.Body)
		}
	})
}

// quietly lets a server not say what is not modelled.
func quietly(o *awsserver.Options) { o.Logger = slog.New(slog.DiscardHandler) }
