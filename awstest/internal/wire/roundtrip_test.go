package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	autoscalingsdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	ssmsdk "github.com/aws/aws-sdk-go-v2/service/ssm"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// far is the far end of the network: it reads what the SDK's serializers have
// written, and writes what the SDK's deserializers are to read.
type far struct {
	*http.Client
	service *Service
	in, out any // what the operation takes, to be set; and what it answers
	err     error
}

func (f *far) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var answer []byte
	if f.service.Kind == JSON11 {
		f.err = f.service.DecodeJSON(body, f.in)
		answer = f.service.AppendJSON(nil, f.out)
	} else {
		params, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		f.err = f.service.DecodeQuery(params, f.in)
		answer = f.service.AppendXML(nil, params.Get("Action"), "request", f.out)
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(answer)), Request: req}, nil
}

// clients are the SDK's, of each service.
func clients(f aws.HTTPClient) map[*Service]any {
	cfg := aws.Config{Region: "eu-west-1", HTTPClient: f, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}
	return map[*Service]any{
		autoscaling: autoscalingsdk.NewFromConfig(cfg),
		ec2:         ec2sdk.NewFromConfig(cfg),
		kms:         kmssdk.NewFromConfig(cfg),
		ssm:         ssmsdk.NewFromConfig(cfg),
		sts:         stssdk.NewFromConfig(cfg),
	}
}

// operation is a method of a client.
type operation struct {
	name    string
	call    reflect.Value
	in, out reflect.Type // structures
}

func operations(client any) (all []operation) {
	c := reflect.ValueOf(client)
	for i := range c.NumMethod() {
		m, t := c.Type().Method(i), c.Method(i).Type()
		if t.NumIn() == 3 && t.NumOut() == 2 && t.In(0) == reflect.TypeFor[context.Context]() {
			all = append(all, operation{m.Name, c.Method(i), t.In(1).Elem(), t.Out(0).Elem()})
		}
	}
	return all
}

// unions are the operations that nobody can call without a value of one of
// several types, which nothing here reads.
var unions = map[string]bool{"CreateCloudConnector": true}

// Every operation of every service, modelled or not: random inputs that the
// SDK's serializer writes are read as they were, and random outputs that are
// written here are so to the SDK's deserializer.
func TestRoundTrip(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 1
	}
	for _, s := range Services {
		t.Run(s.ID, func(t *testing.T) {
			f := &far{service: s}
			all := operations(clients(f)[s])
			require.NotEmpty(t, all)
			t.Logf("%d operations", len(all))
			for _, op := range all {
				if unions[op.name] {
					continue
				}
				for round := range rounds {
					g := &generator{rand.New(rand.NewPCG(uint64(round), uint64(len(op.name)))), s}
					in := g.make(op.in, request)
					f.in, f.out, f.err = reflect.New(op.in).Interface(), g.make(op.out, answer).Interface(), errors.New("nothing was sent")
					answers := op.call.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
					require.NoError(t, f.err, op.name)
					if err, _ := answers[1].Interface().(error); err != nil {
						require.NoError(t, err, op.name)
					}
					require.Empty(t, differ(in, reflect.ValueOf(f.in), op.name), "the request")
					require.Empty(t, differ(reflect.ValueOf(f.out), answers[0], op.name), "the answer")
				}
			}
		})
	}
}

// What the comparison lets pass is only what the wire cannot tell.
func TestDiffer(t *testing.T) {
	type thing struct {
		Name *string
		List []string
		Sub  *struct{ N *int32 }
	}
	at := func(a, b thing) string { return differ(reflect.ValueOf(a), reflect.ValueOf(b), "") }
	assert.Empty(t, at(thing{}, thing{List: []string{}}))
	assert.NotEmpty(t, at(thing{}, thing{Name: new("")}))
	assert.NotEmpty(t, at(thing{Name: new("a")}, thing{Name: new("b")}))
	assert.NotEmpty(t, at(thing{List: []string{"a", "b"}}, thing{List: []string{"b", "a"}}))
	assert.NotEmpty(t, at(thing{Sub: &struct{ N *int32 }{new(int32(1))}}, thing{}))
}

// differ is where two values are not the same. A list that is nil and one that
// is empty are.
func differ(a, b reflect.Value, path string) string {
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return fmt.Sprintf("%s: %v and %v", path, a, b)
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
		if a.Type() == timeType {
			// The SDK cuts the fractions of JSON's seconds off, and those of a float
			// may be a bit short.
			if d := a.Interface().(time.Time).Sub(b.Interface().(time.Time)); d.Abs() > time.Millisecond {
				return fmt.Sprintf("%s: %v and %v", path, a, b)
			}
			return ""
		}
		for i := range a.NumField() {
			f := a.Type().Field(i)
			if !f.IsExported() || f.Name == "ResultMetadata" {
				continue
			}
			if d := differ(a.Field(i), b.Field(i), path+"."+f.Name); d != "" {
				return d
			}
		}
		return ""
	}
	if !reflect.DeepEqual(a.Interface(), b.Interface()) {
		return fmt.Sprintf("%s: %#v and %#v", path, a.Interface(), b.Interface())
	}
	return ""
}

// generator makes values at random.
type generator struct {
	*rand.Rand
	service *Service
}

// make makes a structure.
func (g *generator) make(t reflect.Type, way direction) reflect.Value {
	v := reflect.New(t)
	g.fill(v.Elem(), way, 0)
	return v
}

// fill sets fields, those that are required always, and at least one: a
// structure with nothing in it has no form in a query.
func (g *generator) fill(v reflect.Value, way direction, depth int) {
	fields := g.service.planOf(v.Type(), way).fields
	if len(fields) == 0 {
		return
	}
	always := g.IntN(len(fields))
	for i, f := range fields {
		isPresigned := f.field == "PresignedUrl" // or the SDK signs one
		if f.required || isPresigned || (i == always || g.IntN(3) == 0) && (depth < 6 || isScalar(f.of)) {
			g.set(v.Field(f.index), way, depth)
		}
	}
	if way == request && depth > 0 && !anySet(v) {
		for _, f := range fields {
			if isScalar(f.of) {
				g.set(v.Field(f.index), way, depth)
				return
			}
		}
	}
}

func (g *generator) set(v reflect.Value, way direction, depth int) {
	switch t := v.Type(); t.Kind() {
	case reflect.Pointer:
		if isStruct(t.Elem()) {
			one := reflect.New(t.Elem())
			g.fill(one.Elem(), way, depth+1)
			if way == answer || anySet(one.Elem()) {
				v.Set(one)
			}
			return
		}
		v.Set(reflect.New(t.Elem()))
		g.set(v.Elem(), way, depth)
	case reflect.Struct:
		if t == timeType {
			v.Set(reflect.ValueOf(time.UnixMilli(g.Int64N(4e12)).UTC()))
			return
		}
		g.fill(v, way, depth+1)
	case reflect.Slice:
		if t == bytesType {
			v.SetBytes([]byte(g.text()))
			return
		}
		n := 1 + g.IntN(12)/4 // often one, so that the whole stays small
		v.Set(reflect.MakeSlice(t, 0, n))
		for range n {
			one := reflect.New(t.Elem()).Elem()
			g.set(one, way, depth+1)
			if way == answer || anySet(one) {
				v.Set(reflect.Append(v, one))
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		for range 1 + g.IntN(2) {
			one := reflect.New(t.Elem()).Elem()
			g.set(one, way, depth+1)
			v.SetMapIndex(reflect.ValueOf(g.text()).Convert(t.Key()), one)
		}
	case reflect.String:
		v.SetString(g.text())
	case reflect.Bool:
		v.SetBool(g.IntN(2) == 0)
	case reflect.Int32:
		v.SetInt(int64(int32(g.Uint32())))
	case reflect.Int64:
		v.SetInt(int64(g.Uint64()))
	case reflect.Float32:
		v.SetFloat(float64(g.Float32() * 1000))
	case reflect.Float64:
		v.SetFloat(g.NormFloat64() * 1000)
	case reflect.Interface: // unions
	default:
		panic("unknown kind of " + t.String())
	}
}

// text has whatever may have to be escaped somewhere.
func (g *generator) text() string {
	letters := []rune("abcXYZ019 -_./:=+&<>\"'%#?;,\\{}[]\n\täß漢🙂")
	var b strings.Builder
	b.WriteByte('a')
	for range g.IntN(12) {
		b.WriteRune(letters[g.IntN(len(letters))])
	}
	b.WriteByte('z')
	return b.String()
}

// isScalar is true for what has no parts.
func isScalar(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() != reflect.Map && !isStruct(t) && !isList(t)
}

// anySet is true for a value that is on the wire at all.
func anySet(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil() && (!isStruct(v.Type().Elem()) || anySet(v.Elem()))
	case reflect.Slice:
		return v.Len() > 0
	case reflect.Struct:
		if v.Type() == timeType {
			return true
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && anySet(v.Field(i)) {
				return true
			}
		}
		return false
	}
	return !v.IsZero()
}
