package awstest

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/readyami/readyami/awstest/internal/backend"
)

func init() {
	backend.Of = func(cloud any) backend.Cloud { return inside{cloud.(*Cloud)} }
	backend.NewInput = newInput
}

// inside is a cloud for package awsserver.
type inside struct{ cloud *Cloud }

func (b inside) Answer(ctx context.Context, in backend.Call) backend.Answer {
	call := &Call{
		Service:   in.Service,
		Operation: in.Operation,
		Region:    in.Region,
		Input:     in.Input,
		Write:     mayChange(in.Operation, in.Input),
		accessKey: keyOf(in.AccessKey),
		refused:   in.Refused,
	}
	out, err := b.cloud.call(ctx, call)
	return backend.Answer{Output: out, Err: err, RequestID: call.RequestID}
}

// keyOf is whose key a client may have that was not given one by this cloud: 12
// digits are an account's, and whatever else is no temporary key is of the
// default account.
func keyOf(key string) string {
	account := strings.TrimPrefix(key, userKeyPrefix)
	switch {
	case isAccount(account):
		return userKeyPrefix + account
	case strings.HasPrefix(key, sessionKeyPrefix):
		return key
	}
	return userKeyPrefix + DefaultAccount
}

func (b inside) Places() []backend.Place {
	b.cloud.mu.Lock()
	defer b.cloud.mu.Unlock()
	var all []backend.Place
	for p := range maps.Keys(b.cloud.stores) {
		all = append(all, backend.Place{Account: p.account, Region: p.region})
	}
	slices.SortFunc(all, func(a, b backend.Place) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
	return all
}

func (b inside) Reset() {
	fresh := New(b.cloud.opts...)
	b.cloud.mu.Lock()
	defer b.cloud.mu.Unlock()
	b.cloud.world = fresh.world
}

// inputTypes are the types of the inputs, by service and operation.
var inputTypes = sync.OnceValue(func() map[[2]string]reflect.Type {
	all := map[[2]string]reflect.Type{}
	for t, op := range registry {
		all[[2]string{serviceOf(t), op.name}] = t.Elem()
	}
	return all
})

func newInput(service, operation string) any {
	t, ok := inputTypes()[[2]string{service, operation}]
	if !ok {
		return nil
	}
	return reflect.New(t).Interface()
}
