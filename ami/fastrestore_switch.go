package ami

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/readyami/readyami/internal/fault"
)

// maxFastRestoreIDs is how many snapshots AWS takes in one call. It answers
// InvalidRequest to more.
const maxFastRestoreIDs = 10

// refusalDoubt is how long what AWS has refused is read back before the refusal
// counts: an earlier call, whose answer was lost, may have had its effect and not
// be visible yet.
const refusalDoubt = 30 * time.Second

// fastSwitch enables or disables fast snapshot restore.
type fastSwitch struct {
	api   ec2.DescribeFastSnapshotRestoresAPIClient
	ids   []string
	zones []string
	found bool // the zones are those in which it is enabled
	on    bool
	doubt time.Duration
	call  func(ctx context.Context, ids, names, zoneIDs []string) ([]refusal, error)

	pairs   []FastSnapshotRestore // as last read
	asked   map[string]bool       // by pair: AWS has answered
	refused map[string]refusal    // by pair
	written []FastSnapshotRestore // what AWS has accepted
}

// refusal is AWS's answer for one pair.
type refusal struct {
	FastSnapshotRestore
	code, message string
	at            time.Time
}

func (r refusal) error() error {
	return fmt.Errorf("%s: %w", r, &smithy.GenericAPIError{Code: r.code, Message: r.message})
}

// due returns what is yet to be done. A pair is asked for once; what AWS has
// accepted and what it is still disabling is waited for.
func (s *fastSwitch) due(ctx context.Context) ([]change, error) {
	listed, err := describeFastRestores(ctx, s.api, s.ids)
	if err != nil {
		return nil, err
	}
	for _, f := range listed {
		if s.found && f.Billed() && !slices.Contains(s.zones, f.Zone) {
			s.zones = append(s.zones, f.Zone)
		}
	}
	s.pairs = pairs(s.ids, s.zones, listed)
	var out []change
	var errs []error
	todo := map[string][]FastSnapshotRestore{} // by snapshot
	for _, f := range s.pairs {
		if f.Billed() == s.on {
			continue
		}
		r, refused := s.refused[f.String()]
		switch {
		case refused && time.Since(r.at) >= s.doubt:
			errs = append(errs, r.error())
		case s.asked[f.String()] || s.on && f.State == types.FastSnapshotRestoreStateCodeDisabling:
			out = append(out, change{s.name(f), func(context.Context) error { return nil }})
		default:
			todo[f.SnapshotID] = append(todo[f.SnapshotID], f)
		}
	}
	if len(errs) > 0 {
		return nil, s.fail(errors.Join(errs...))
	}
	return append(s.calls(todo), out...), nil
}

func (s *fastSwitch) name(f FastSnapshotRestore) string {
	if s.on {
		return "fast snapshot restore of " + f.String()
	}
	return "the end of fast snapshot restore of " + f.String()
}

// calls makes one call of all snapshots that lack the same zones: AWS enables
// every snapshot of a call in every zone of it.
func (s *fastSwitch) calls(todo map[string][]FastSnapshotRestore) (out []change) {
	groups := map[string][]string{}
	var order []string
	for _, id := range s.ids {
		if len(todo[id]) == 0 {
			continue
		}
		var zones []string
		for _, f := range todo[id] {
			zones = append(zones, f.zone())
		}
		key := strings.Join(zones, " ")
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], id)
	}
	for _, key := range order {
		var names, zoneIDs []string
		for _, z := range strings.Fields(key) {
			if zoneID.MatchString(z) {
				zoneIDs = append(zoneIDs, z)
			} else {
				names = append(names, z)
			}
		}
		for ids := range slices.Chunk(groups[key], maxFastRestoreIDs) {
			// AWS takes names or IDs in a call, not both.
			for _, c := range [][2][]string{{names, nil}, {nil, zoneIDs}} {
				if zones := slices.Concat(c[0], c[1]); len(zones) > 0 {
					what := fmt.Sprintf("call for %s in %s", join(ids), join(zones))
					out = append(out, change{what, func(ctx context.Context) error { return s.ask(ctx, ids, c[0], c[1]) }})
				}
			}
		}
	}
	return out
}

// ask makes a call and notes AWS's answer for each pair.
func (s *fastSwitch) ask(ctx context.Context, ids, names, zoneIDs []string) error {
	refusals, err := s.call(ctx, ids, names, zoneIDs)
	if err != nil {
		return err
	}
	for _, f := range pairs(ids, slices.Concat(names, zoneIDs), s.pairs) {
		s.asked[f.String()] = true
		at := slices.IndexFunc(refusals, func(r refusal) bool { return r.SnapshotID == f.SnapshotID && (r.in(f.Zone) || r.in(f.ZoneID)) })
		if at < 0 {
			s.written = append(s.written, f)
			continue
		}
		r := refusals[at]
		r.FastSnapshotRestore, r.at = f, time.Now()
		s.refused[f.String()] = r
	}
	return nil
}

func (s *fastSwitch) fail(err error) *Error {
	e := fault.Call("", fault.Place{}, "", err)
	if e.Kind == nil && s.on {
		e.Kind = ErrNotFastRestored
	}
	return e
}

// billed are the snapshots that AWS bills for, of what was last read and what it
// has accepted since.
func (s *fastSwitch) billed() []string {
	ids := map[string]bool{}
	for _, f := range s.pairs {
		if f.Billed() {
			ids[f.SnapshotID] = true
		}
	}
	for _, f := range s.written {
		if s.on {
			ids[f.SnapshotID] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// run does it, and completes the error.
func (s *fastSwitch) run(ctx context.Context, op string, in FastSnapshotRestoreInput, o Options) (*FastSnapshotRestoreResult, error) {
	s.asked, s.refused = map[string]bool{}, map[string]refusal{}
	s.doubt = min(refusalDoubt, o.Poll.Grace)
	_, err := settling{op: op, at: o.place(), id: in.subject(), poll: o.Poll, missing: s.due}.run(ctx)
	result := &FastSnapshotRestoreResult{ImageID: in.ImageID, Restores: s.pairs, Written: len(s.written)}
	if e, ok := errors.AsType[*Error](err); ok {
		e.IDs = s.billed()
		if len(e.IDs) > 0 && e.Hint == "" {
			e.Hint = "AWS bills for the snapshots that are named until fast snapshot restore is disabled"
		}
	}
	return result, err
}

func refusalOf(snapshotID, zone, zoneID *string) refusal {
	return refusal{FastSnapshotRestore: FastSnapshotRestore{
		SnapshotID: aws.ToString(snapshotID), Zone: aws.ToString(zone), ZoneID: aws.ToString(zoneID),
	}}
}
