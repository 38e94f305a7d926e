package region

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/readyami/readyami/internal/fanout"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// Preflight finds out, without writing anything, whether the targets can be
// used: that the credentials are of the account that is named, and that the
// account has the Region. It returns the targets with their accounts filled in,
// in the order given, and the error joins all that is wrong with any of them;
// a target that nothing is wrong with is filled in also then.
//
// It calls each account once, in the Region of the partition that every account
// has, since a Region that is not enabled answers as if the credentials were
// wrong.
//
// Errors: [ErrInvalidInput]: a target is malformed, or given twice, or its
// Region does not exist ([ErrUnknownRegion]); [ErrRegionNotEnabled];
// [ErrWrongAccount].
//
// Calls and IAM actions: sts:GetCallerIdentity (which needs no permission),
// ec2:DescribeRegions.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
func (p *ClientPool) Preflight(ctx context.Context, targets []Target) ([]Target, error) {
	if len(targets) == 0 {
		return nil, fault.Invalid("region.Preflight", fault.Place{}, "targets: none is given")
	}
	full, errs := p.preflight(ctx, targets)
	return full, errors.Join(errs...)
}

// usable is Preflight with an error for each target, which asks only for those
// that it has not let pass before.
func (p *ClientPool) usable(ctx context.Context, targets []Target) (full []Target, errs []error) {
	full = make([]Target, len(targets))
	p.mu.Lock()
	asked := false
	for i, t := range targets {
		known, ok := p.passed[t]
		full[i], asked = known, asked || !ok
	}
	p.mu.Unlock()
	if !asked {
		return full, make([]error, len(targets))
	}
	return p.preflight(ctx, targets)
}

func (p *ClientPool) preflight(ctx context.Context, targets []Target) (full []Target, errs []error) {
	const op = "region.Preflight"
	full = append([]Target(nil), targets...)
	errs = make([]error, len(targets))
	for i, t := range targets {
		errs[i] = t.check(op)
	}
	homes := map[Target]int{} // index in asked
	var asked []Target
	for i, t := range targets {
		if _, known := homes[t.home()]; errs[i] == nil && !known {
			homes[t.home()] = len(asked)
			asked = append(asked, t.home())
		}
	}
	answers := fanout.Map(asked, defaultLimit, func(home Target) answer { return p.ask(ctx, op, home) })
	told := map[Target]bool{}
	given := map[Target]bool{}
	for i, t := range targets {
		if errs[i] != nil {
			continue
		}
		a := answers[homes[t.home()]]
		if a.err != nil {
			if !told[t.home()] { // once for all targets of the account
				told[t.home()] = true
				errs[i] = a.err
			}
			continue
		}
		full[i] = p.settle(t, a.account)
		status, known := a.regions[t.Region]
		e := &Error{Op: op, Account: a.account, Region: t.Region}
		switch {
		case given[full[i]]:
			e.Kind, e.Reason = ErrInvalidInput, "the target is given twice"
		case !known:
			e.Kind = ErrUnknownRegion
		case status == "not-opted-in":
			e.Kind, e.State = ErrRegionNotEnabled, status
		default:
			e = nil
		}
		given[full[i]] = true
		if e != nil {
			errs[i] = e
			continue
		}
		p.mu.Lock()
		p.passed[t], p.passed[full[i]] = full[i], full[i]
		p.mu.Unlock()
	}
	return full, errs
}

// answer is what an account says of itself and its Regions.
type answer struct {
	account string
	regions map[string]string // name to opt-in status
	err     error
}

func (p *ClientPool) ask(ctx context.Context, op string, home Target) answer {
	fail := func(err error) answer {
		if ended := poll.Ended(ctx); ended != nil {
			err = fmt.Errorf("%w: %w", ended, err)
		}
		return answer{err: fault.Call(op, fault.Place(home), "", err)}
	}
	c, err := p.Clients(ctx, home)
	if err != nil {
		return answer{err: err}
	}
	id, err := sts.NewFromConfig(c.Config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fail(err)
	}
	account := aws.ToString(id.Account)
	if home.Account != "" && home.Account != account {
		return answer{err: &Error{
			Op: op, Account: home.Account, Region: home.Region, Kind: ErrWrongAccount,
			Reason: "the credentials are of " + account,
		}}
	}
	out, err := c.EC2.DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: new(true)})
	if err != nil {
		return fail(err)
	}
	regions := make(map[string]string, len(out.Regions))
	for _, r := range out.Regions {
		regions[aws.ToString(r.RegionName)] = aws.ToString(r.OptInStatus)
	}
	return answer{account: account, regions: regions}
}
