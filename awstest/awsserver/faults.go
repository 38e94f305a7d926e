package awsserver

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/readyami/readyami/awstest"
)

// Fault is what POST /_awstest/faults turns on: trouble for the calls that its
// Match fits, by its Kind one of those of package awstest.
//
//	{"kind": "throttle", "every": 2, "match": {"operation": "DescribeImages"}}
//
// A fault that another field is of has that field in its line:
//
//	throttle             every-th call is throttled; with 0 each
//	limitRates           calls draw from AWS's token buckets, as awstest.AWSRates
//	refuse               the call-th call gets an error with a code and a message; with call 0 each
//	deny                 calls are refused for want of a permission
//	expireCredentials    credentials have expired from the call-th call on
//	delay                calls take a delay longer
//	loseResponse         the next call takes effect and its connection breaks
//	loseResponseForGood  as before, and no attempt of that call is answered
//	crashAtWrite         from the call-th write on no call is answered; with done it takes effect itself
//	failImages           images end in the state failed, with a code and a message
//	neverHealthy         the instances of images never become healthy
//
// The last two are about images, by the region and the account of the Match
// and by the image's name, and hold for those that are made from then on.
type Fault struct {
	ID    string `json:"id,omitempty"` // it is given one
	Kind  string `json:"kind"`
	Match Match  `json:"match,omitzero"`
	Every int    `json:"every,omitempty"`
	Call  int    `json:"call,omitempty"` // from 1
	// Delay is a duration, "2s".
	Delay   string `json:"delay,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Done    bool   `json:"done,omitempty"`
	// Name is a pattern of images' names with * and ?. Empty: all.
	Name string `json:"name,omitempty"`
}

// Match says which calls a fault is about, as [awstest.Match].
type Match struct {
	Operation string `json:"operation,omitempty"`
	Region    string `json:"region,omitempty"`
	Account   string `json:"account,omitempty"`
	Write     bool   `json:"write,omitempty"`
	N         int    `json:"n,omitempty"`
}

// faults are those that are on.
type faults struct {
	mu   sync.Mutex
	last int
	on   []activeFault
}

type activeFault struct {
	Fault
	hook awstest.Fault // nil: it is a script of the cloud's
}

// hook is the one fault that the server puts in front of its cloud: it passes a
// call along those that are on.
func (f *faults) hook(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
	f.mu.Lock()
	on := f.on
	f.mu.Unlock()
	return through(ctx, on, call, next)
}

func through(ctx context.Context, on []activeFault, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
	for len(on) > 0 && on[0].hook == nil {
		on = on[1:]
	}
	if len(on) == 0 {
		return next(ctx)
	}
	return on[0].hook(ctx, call, func(ctx context.Context) (any, error) { return through(ctx, on[1:], call, next) })
}

// turnOn puts a fault behind those that are on already.
func (f *faults) turnOn(cloud *awstest.Cloud, fault Fault) (Fault, error) {
	hook, err := fault.start(cloud)
	if err != nil {
		return fault, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	fault.ID = strconv.Itoa(f.last)
	f.on = append(slices.Clip(f.on), activeFault{fault, hook})
	return fault, nil
}

// turnOff ends one fault; false: there is none with the id.
func (f *faults) turnOff(id string) (ok bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := slices.IndexFunc(f.on, func(a activeFault) bool { return a.ID == id })
	if at < 0 {
		return false, nil
	}
	if f.on[at].hook == nil {
		return true, fmt.Errorf("a fault of the kind %s ends with all the others", f.on[at].Kind)
	}
	f.on = slices.Concat(f.on[:at], f.on[at+1:])
	return true, nil
}

func (f *faults) turnAllOff(cloud *awstest.Cloud) {
	f.mu.Lock()
	f.on = nil
	f.mu.Unlock()
	cloud.ForgetScripts()
}

func (f *faults) list() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := []Fault{}
	for _, a := range f.on {
		all = append(all, a.Fault)
	}
	return all
}

// start makes the hook of a fault, or tells the cloud of its script.
func (f Fault) start(cloud *awstest.Cloud) (awstest.Fault, error) {
	match := awstest.Match(f.Match)
	images := awstest.ImageMatch{Account: f.Match.Account, Region: f.Match.Region, Name: f.Name}
	if f.Every < 0 || f.Call < 0 {
		return nil, fmt.Errorf("every and call must be 0 or more")
	}
	switch f.Kind {
	case "throttle":
		return awstest.Throttle(match, cmp.Or(f.Every, 1)), nil
	case "limitRates":
		return awstest.LimitRates(awstest.AWSRates()), nil
	case "refuse":
		if f.Code == "" {
			return nil, fmt.Errorf("code is required")
		}
		return awstest.Refuse(match, f.Call, f.Code, f.Message), nil
	case "deny":
		return awstest.Deny(match), nil
	case "expireCredentials":
		return awstest.ExpireCredentials(match, cmp.Or(f.Call, 1)), nil
	case "delay":
		d, err := time.ParseDuration(f.Delay)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("invalid delay %q", f.Delay)
		}
		return awstest.Delay(match, d), nil
	case "loseResponse":
		return awstest.LoseResponse(match), nil
	case "loseResponseForGood":
		return awstest.LoseResponseForGood(match), nil
	case "crashAtWrite":
		hook, _ := awstest.CrashAtWrite(cmp.Or(f.Call, 1), f.Done) // it ends by being turned off
		return hook, nil
	case "failImages":
		cloud.FailImages(images, f.Code, f.Message)
		return nil, nil
	case "neverHealthy":
		cloud.NeverHealthy(images)
		return nil, nil
	}
	return nil, fmt.Errorf("invalid kind %q", f.Kind)
}

// readFault reads a fault, in which nothing may be misspelled.
func readFault(d *json.Decoder) (f Fault, err error) {
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fmt.Errorf("invalid fault: %w", err)
	}
	return f, nil
}
