package region

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/pace"
	"github.com/readyami/readyami/internal/poll"
)

// ClientSet holds the clients of one target. All that is done in the target
// goes through the same ones, so that they keep to AWS's rates together. What the
// other packages do with them names the account in its errors.
type ClientSet struct {
	Target      Target
	EC2         *ec2.Client
	AutoScaling *autoscaling.Client
	// Config is what they were made from, for a client of another service.
	Config aws.Config

	copies *queue
	owned  *fault.Owned // nil: no credentials
}

// ClientPool makes the clients of each target once.
type ClientPool struct {
	configs ConfigFunc
	copies  int
	mu      sync.Mutex
	made    map[Target]*making
	passed  map[Target]Target // by Preflight, with their accounts
}

// making is a client set that is being made, or is made when done is closed.
type making struct {
	done    chan struct{}
	clients *ClientSet
	err     error
}

// ClientPoolOptions says how a pool makes clients.
type ClientPoolOptions struct {
	// Unpaced leaves out the pacing of calls, by which the clients of a target
	// together stay below the request rates that AWS documents. For endpoints
	// that have none. False: calls are paced.
	Unpaced bool
	// SnapshotCopies is how many snapshots are copied into one target at a time,
	// by all that use the pool. Zero: 20, which is AWS's default.
	// https://docs.aws.amazon.com/general/latest/gr/ebs-service.html
	SnapshotCopies int
}

// attempts is how often a call is sent that AWS throttles or answers with a
// server error, where the configuration does not say. The SDK's own default of
// three is soon used up in an account that others work in too.
const attempts = 10

// NewClientPool returns a ClientPool that asks configs for the configuration of
// each target. The clients of one target share one bucket for each API of EC2,
// and one for Auto Scaling.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
//
// A configuration that sets neither Retryer nor RetryMaxAttempts gets ten
// attempts a call, of the SDK's standard retryer.
func NewClientPool(configs ConfigFunc, optFns ...func(*ClientPoolOptions)) *ClientPool {
	var o ClientPoolOptions
	for _, fn := range optFns {
		fn(&o)
	}
	paced := configs
	if !o.Unpaced {
		paced = func(ctx context.Context, t Target) (aws.Config, error) {
			cfg, err := configs(ctx, t)
			// A copy: the list may be shared with other targets.
			cfg.APIOptions = append(slices.Clone(cfg.APIOptions), pace.New().Install)
			return cfg, err
		}
	}
	return &ClientPool{configs: paced, copies: o.SnapshotCopies, made: map[Target]*making{}, passed: map[Target]Target{}}
}

// Clients returns the clients of a target, the same ones for each call. Callers
// that ask at the same time share one question to the ConfigFunc; an error
// is not kept. No call is made but those that the ConfigFunc makes.
//
// Errors: [ErrInvalidInput]; what the ConfigFunc returned.
func (p *ClientPool) Clients(ctx context.Context, t Target) (*ClientSet, error) {
	const op = "region.Clients"
	if err := t.check(op); err != nil {
		return nil, err
	}
	for {
		p.mu.Lock()
		m, others := p.made[t]
		if !others {
			m = &making{done: make(chan struct{})}
			p.made[t] = m
		}
		p.mu.Unlock()
		if !others {
			p.make(ctx, t, m)
		}
		select {
		case <-m.done:
		case <-ctx.Done():
			return nil, &Error{Op: op, Account: t.Account, Region: t.Region, Err: poll.Ended(ctx)}
		}
		if m.err == nil {
			return m.clients, nil
		}
		// The context that ended may be that of the caller who was first.
		if others && ctx.Err() == nil && (errors.Is(m.err, context.Canceled) || errors.Is(m.err, context.DeadlineExceeded)) {
			continue
		}
		return nil, fault.Call(op, fault.Place(t), "", m.err)
	}
}

func (p *ClientPool) make(ctx context.Context, t Target, m *making) {
	defer close(m.done)
	cfg, err := p.configs(ctx, t)
	if err != nil {
		m.err = err
		p.mu.Lock()
		delete(p.made, t)
		p.mu.Unlock()
		return
	}
	cfg.Region = t.Region
	var owned *fault.Owned
	if cfg.Credentials != nil {
		// What is done with the clients names the account in its errors.
		owned = fault.Own(cfg.Credentials, t.Account)
		cfg.Credentials = owned
	}
	if cfg.RetryMode == aws.RetryModeAdaptive {
		// It holds calls back by a guess at the rates that pacing knows.
		cfg.RetryMode = aws.RetryModeStandard
	}
	if cfg.Retryer == nil && cfg.RetryMaxAttempts == 0 {
		cfg.RetryMaxAttempts = attempts
	}
	m.clients = &ClientSet{
		Target:      t,
		EC2:         ec2.NewFromConfig(cfg),
		AutoScaling: autoscaling.NewFromConfig(cfg),
		Config:      cfg,
		copies:      newQueue(p.copies),
		owned:       owned,
	}
}

// settle lets a target whose account was found out have the clients that were
// made for it without: two sets would not share their rates.
func (p *ClientPool) settle(t Target, account string) Target {
	full := Target{account, t.Region}
	if t == full {
		return full
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.made[t]
	if m == nil {
		return full
	}
	select {
	case <-m.done:
		if m.err != nil {
			break
		}
		if m.clients.owned != nil {
			m.clients.owned.Learn(account)
		}
		if p.made[full] == nil {
			clients := *m.clients
			clients.Target = full
			p.made[full] = &making{done: m.done, clients: &clients}
		}
	default:
	}
	return full
}
