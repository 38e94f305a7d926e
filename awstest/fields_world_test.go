package awstest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/readyami/readyami/awstest"
)

// fieldWorld is where a case makes its call: as the default account, at home.
type fieldWorld struct {
	*testing.T
	cloud   *awstest.Cloud
	region  *awstest.Region
	clients map[string]any    // by service, account and Region
	ids     map[string]string // what a case has made, for its values and looks
	tokens  int
	config  func(account, region string) aws.Config // of the clients; nil: the cloud's
}

func newFieldWorld(t *testing.T) *fieldWorld {
	timing := awstest.Realistic
	timing.Call = 0 // so that looking takes no time
	cloud := awstest.Start(t, awstest.WithTiming(timing))
	return &fieldWorld{T: t, cloud: cloud, region: cloud.Region(home), clients: map[string]any{}, ids: map[string]string{}}
}

// GetIdempotencyToken gives the SDK tokens that are the same in every world.
func (w *fieldWorld) GetIdempotencyToken() (string, error) {
	w.tokens++
	return "token-" + strconv.Itoa(w.tokens), nil
}

// fieldAnswer is what a call has answered, to be compared.
type fieldAnswer struct {
	out string // JSON
	err string // "Code: message"
}

// try makes a call.
func (w *fieldWorld) try(in any) fieldAnswer { return w.tryAs(awstest.DefaultAccount, home, in) }

func (w *fieldWorld) tryAs(account, region string, in any) fieldAnswer {
	out, err := w.callAs(account, region, in)
	if err == nil {
		return fieldAnswer{out: asJSON(out)}
	}
	return fieldAnswer{err: errorText(err)}
}

// errorText is an error's code and words.
func errorText(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return err.Error()
}

// do makes a call that succeeds.
func (w *fieldWorld) do(in any) any { return w.doAs(awstest.DefaultAccount, home, in) }

func (w *fieldWorld) doAs(account, region string, in any) any {
	w.Helper()
	out, err := w.callAs(account, region, in)
	if err != nil {
		w.Fatalf("%T: %v", in, err)
	}
	return out
}

// callAs makes a call of any service, which the type of the input names.
func (w *fieldWorld) callAs(account, region string, in any) (any, error) {
	t := reflect.TypeOf(in).Elem()
	service, _, _ := strings.Cut(t.String(), ".")
	key := service + "/" + account + "/" + region
	if w.clients[key] == nil {
		w.clients[key] = w.client(service, account, region)
	}
	method := reflect.ValueOf(w.clients[key]).MethodByName(strings.TrimSuffix(t.Name(), "Input"))
	result := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), reflect.ValueOf(in)})
	err, _ := result[1].Interface().(error)
	return result[0].Interface(), err
}

func (w *fieldWorld) client(service, account, region string) any {
	cfg := w.cloud.Account(account).Config(region)
	if w.config != nil {
		cfg = w.config(account, region)
	}
	switch service {
	case "ec2":
		return ec2.NewFromConfig(cfg, func(o *ec2.Options) { o.IdempotencyTokenProvider = w })
	case "autoscaling":
		return autoscaling.NewFromConfig(cfg)
	case "kms":
		return kms.NewFromConfig(cfg)
	case "ssm":
		return ssm.NewFromConfig(cfg)
	case "sts":
		return sts.NewFromConfig(cfg)
	}
	panic("no client for " + service)
}

// look is the state as three onlookers read it: the default account at home and
// away, and a stranger. It makes every reading call that needs no parameters,
// and those that looks add.
func (w *fieldWorld) look(looks []func(*fieldWorld) any) string {
	var all strings.Builder
	for _, place := range [][2]string{{awstest.DefaultAccount, home}, {awstest.DefaultAccount, away}, {stranger, home}} {
		for _, op := range openReads() {
			in := reflect.New(op.Input)
			wide(op, in.Elem())
			out, err := w.cloud.Answer(place[0], place[1], in.Interface())
			if err != nil {
				w.Fatalf("looking: %v", err)
			}
			fmt.Fprintln(&all, place, op.Name, asJSON(out))
		}
	}
	for _, look := range looks {
		fmt.Fprintln(&all, asJSON(look(w)))
	}
	return all.String()
}

// openReads are the reading operations without required parameters.
var openReads = sync.OnceValue(func() (out []awstest.Registered) {
	w := &fieldWorld{cloud: awstest.New(), clients: map[string]any{}}
	for _, op := range awstest.Operations() {
		if awstest.IsWrite(op.Name) {
			continue
		}
		_, err := w.callAs(awstest.DefaultAccount, home, reflect.New(op.Input).Interface())
		if _, required := errors.AsType[smithy.InvalidParamsError](err); !required {
			out = append(out, op)
		}
	}
	return out
})

// wide lets a reading call leave nothing out.
func wide(op awstest.Registered, in reflect.Value) {
	for _, name := range op.Fields {
		switch {
		case strings.HasPrefix(name, "Include") || strings.HasPrefix(name, "All"):
			setAt(in, name, true)
		case name == "Versions":
			setAt(in, name, []string{"$Latest", "$Default"})
		}
	}
}

// image is an image of the default account's.
func (w *fieldWorld) image(name string) string {
	return w.region.OwnImage(awstest.ImageSeed{Name: name})
}

func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// nextOf is the token to the page after that of a call.
func nextOf(in any) func(*fieldWorld) any {
	return func(w *fieldWorld) any {
		token := reflect.ValueOf(w.do(in)).Elem().FieldByName("NextToken")
		if token.IsNil() {
			w.Fatalf("%T: there is one page only", in)
		}
		return token.Elem().Interface()
	}
}
