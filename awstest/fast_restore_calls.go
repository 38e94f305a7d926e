package awstest

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(enableFastSnapshotRestores, "SourceSnapshotIds", "AvailabilityZones", "AvailabilityZoneIds")
	handle(disableFastSnapshotRestores, "SourceSnapshotIds", "AvailabilityZones", "AvailabilityZoneIds")
	handle(describeFastSnapshotRestores, "Filters", "MaxResults", "NextToken")
}

// maxFastRestoreIDs is how many snapshots one call may name.
// https://github.com/pingcap/tidb/issues/48505
const maxFastRestoreIDs = 10

// fastRestoreTargets checks what holds for the call as a whole, and returns the
// zones that it names in either way.
func (r *request) fastRestoreTargets(ids, names, zoneIDs []string) (out []zone, err error) {
	switch {
	case len(ids) == 0:
		return nil, apiError("MissingParameter", "The request must contain the parameter SourceSnapshotId")
	case len(ids) > maxFastRestoreIDs:
		return nil, apiError("InvalidRequest", "Number of values of parameter SourceSnapshotIds must be less than or equal to %d.", maxFastRestoreIDs)
	case len(names) > 0 && len(zoneIDs) > 0:
		return nil, apiError("InvalidParameterCombination", "AvailabilityZone and AvailabilityZoneId cannot be specified together")
	case len(names)+len(zoneIDs) == 0:
		return nil, apiError("MissingParameter", "Either AvailabilityZone or AvailabilityZoneId must be specified")
	}
	for _, id := range ids {
		if !wellFormed("snap-", id) {
			return nil, malformedSnapshotID(id)
		}
	}
	for _, name := range names {
		z := r.network.zone(name)
		if z == nil {
			return nil, apiError("InvalidParameterValue", "Invalid availability zone: [%s]", name)
		}
		out = append(out, *z)
	}
	for _, id := range zoneIDs {
		at := slices.IndexFunc(r.network.zones, func(z zone) bool { return z.id == id })
		if at < 0 {
			return nil, apiError("InvalidParameterValue", "Invalid availability zone-id: [%s]", id)
		}
		out = append(out, r.network.zones[at])
	}
	return out, nil
}

// enableFastSnapshotRestores answers for each pair: some may be enabled and
// others not, and that is no error of the call.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableFastSnapshotRestores.html
func enableFastSnapshotRestores(r *request, in *ec2.EnableFastSnapshotRestoresInput) (*ec2.EnableFastSnapshotRestoresOutput, error) {
	zones, err := r.fastRestoreTargets(in.SourceSnapshotIds, in.AvailabilityZones, in.AvailabilityZoneIds)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	out := &ec2.EnableFastSnapshotRestoresOutput{}
	for _, id := range in.SourceSnapshotIds {
		var failed []ec2types.EnableFastSnapshotRestoreStateErrorItem
		for _, z := range zones {
			f, err := r.enablePair(id, z)
			if err != nil {
				code, message := apiParts(err)
				failed = append(failed, ec2types.EnableFastSnapshotRestoreStateErrorItem{AvailabilityZone: new(z.name), AvailabilityZoneId: new(z.id),
					Error: &ec2types.EnableFastSnapshotRestoreStateError{Code: &code, Message: &message}})
				continue
			}
			out.Successful = append(out.Successful, convert[ec2types.EnableFastSnapshotRestoreSuccessItem](f.render(r.account)))
		}
		if len(failed) > 0 {
			out.Unsuccessful = append(out.Unsuccessful, ec2types.EnableFastSnapshotRestoreErrorItem{SnapshotId: new(id), FastSnapshotRestoreStateErrors: failed})
		}
	}
	return out, nil
}

func (r *request) enablePair(id string, z zone) (*fastRestore, error) {
	n, err := r.findSnapshot(id)
	if err != nil {
		return nil, err
	}
	f := r.fastRestores.find(id, z.name)
	counted := slices.ContainsFunc(r.fastRestores, func(f *fastRestore) bool { return f.snapshot == n && f.on() })
	switch {
	case f != nil && f.on():
		if code := r.unconfirmed.FastRestoreTwice; code != "" {
			return nil, apiError(code, "Fast snapshot restore is already enabled for %s in %s", id, z.name)
		}
		return f, nil
	case f != nil && f.state == ec2types.FastSnapshotRestoreStateCodeDisabling:
		return nil, r.fastRestoreState(f)
	case n.state != ec2types.SnapshotStateCompleted:
		return nil, apiError(cmp.Or(r.unconfirmed.SnapshotState, "IncorrectState"), "The snapshot '%s' is in state %s, not completed", id, n.state)
	case n.sizeGiB > maxFastRestoreGiB:
		return nil, apiError("InvalidParameterValue", "The snapshot '%s' is larger than 16 TiB", id)
	case !counted && full(r.limits().FastRestores, r.fastRestores.snapshots()):
		return nil, exceeded(cmp.Or(r.unconfirmed.FastRestoreQuota, "ResourceLimitExceeded"),
			"snapshots enabled for fast snapshot restore", r.limits().FastRestores)
	}
	return r.enableFastRestore(n, z), nil
}

func (r *request) fastRestoreState(f *fastRestore) error {
	return apiError(cmp.Or(r.unconfirmed.FastRestoreState, "IncorrectState"), "Fast snapshot restore of %s in %s is %s", f.snapshot.id, f.zone.name, f.state)
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableFastSnapshotRestores.html
func disableFastSnapshotRestores(r *request, in *ec2.DisableFastSnapshotRestoresInput) (*ec2.DisableFastSnapshotRestoresOutput, error) {
	zones, err := r.fastRestoreTargets(in.SourceSnapshotIds, in.AvailabilityZones, in.AvailabilityZoneIds)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	out := &ec2.DisableFastSnapshotRestoresOutput{}
	for _, id := range in.SourceSnapshotIds {
		var failed []ec2types.DisableFastSnapshotRestoreStateErrorItem
		for _, z := range zones {
			f, err := r.disablePair(id, z)
			if err != nil {
				code, message := apiParts(err)
				failed = append(failed, ec2types.DisableFastSnapshotRestoreStateErrorItem{AvailabilityZone: new(z.name), AvailabilityZoneId: new(z.id),
					Error: &ec2types.DisableFastSnapshotRestoreStateError{Code: &code, Message: &message}})
				continue
			}
			out.Successful = append(out.Successful, convert[ec2types.DisableFastSnapshotRestoreSuccessItem](f.render(r.account)))
		}
		if len(failed) > 0 {
			out.Unsuccessful = append(out.Unsuccessful, ec2types.DisableFastSnapshotRestoreErrorItem{SnapshotId: new(id), FastSnapshotRestoreStateErrors: failed})
		}
	}
	return out, nil
}

func (r *request) disablePair(id string, z zone) (*fastRestore, error) {
	f := r.fastRestores.find(id, z.name)
	if f == nil {
		if _, err := r.findSnapshot(id); err != nil {
			return nil, err
		}
		return nil, apiError(cmp.Or(r.unconfirmed.FastRestoreState, "IncorrectState"), "Fast snapshot restore of %s in %s is not enabled", id, z.name)
	}
	if !f.on() {
		return nil, r.fastRestoreState(f)
	}
	r.disableFastRestore(f)
	return f, nil
}

type fastRestoreView struct {
	*fastRestore
	account string
}

var fastRestoreFilters = filterTable[fastRestoreView]{values: map[string]func(fastRestoreView) []string{
	"availability-zone":    one(func(v fastRestoreView) string { return v.zone.name }),
	"availability-zone-id": one(func(v fastRestoreView) string { return v.zone.id }),
	"owner-id":             one(func(v fastRestoreView) string { return v.account }),
	"snapshot-id":          one(func(v fastRestoreView) string { return v.fastRestore.snapshot.id }),
	"state":                one(func(v fastRestoreView) string { return string(v.state) }),
}}

// describeFastSnapshotRestores lists what the caller's account has enabled.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFastSnapshotRestores.html
func describeFastSnapshotRestores(r *request, in *ec2.DescribeFastSnapshotRestoresInput) (*ec2.DescribeFastSnapshotRestoresOutput, error) {
	match, err := fastRestoreFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	var all []*fastRestore
	for _, f := range r.fastRestores {
		if match(fastRestoreView{f, r.account}) && !r.unseen(&f.fresh) {
			all = append(all, f)
		}
	}
	cut, next, err := page(r.store, all, limits{max: 200}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeFastSnapshotRestoresOutput{NextToken: next}
	for _, f := range cut {
		r.show(&f.sight)
		out.FastSnapshotRestores = append(out.FastSnapshotRestores, f.render(r.account))
	}
	return out, nil
}

func (f *fastRestore) render(account string) ec2types.DescribeFastSnapshotRestoreSuccessItem {
	at := func(state ec2types.FastSnapshotRestoreStateCode) *time.Time {
		if t, ok := f.entered[state]; ok {
			return &t
		}
		return nil
	}
	return ec2types.DescribeFastSnapshotRestoreSuccessItem{
		AvailabilityZone:      new(f.zone.name),
		AvailabilityZoneId:    new(f.zone.id),
		DisabledTime:          at(ec2types.FastSnapshotRestoreStateCodeDisabled),
		DisablingTime:         at(ec2types.FastSnapshotRestoreStateCodeDisabling),
		EnabledTime:           at(ec2types.FastSnapshotRestoreStateCodeEnabled),
		EnablingTime:          at(ec2types.FastSnapshotRestoreStateCodeEnabling),
		OptimizingTime:        at(ec2types.FastSnapshotRestoreStateCodeOptimizing),
		OwnerId:               new(account),
		SnapshotId:            new(f.snapshot.id),
		State:                 f.state,
		StateTransitionReason: new(f.reason),
	}
}
