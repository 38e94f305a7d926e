package ami

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// reporting is one call of ReportUsage.
type reporting struct {
	api     ReportUsageAPI
	op      string
	o       Options
	results map[string]*reportUsage // by image
	open    []*reportUsage          // not done, in the order of the input
}

// reportUsage is a ReportUsageResult in the making.
type reportUsage struct {
	ReportUsageResult
	state string
	done  bool
}

// fail ends one report.
func (r *reporting) fail(u *reportUsage, elapsed time.Duration, e *Error) {
	e.Op, e.Account, e.Region, e.ID, e.Elapsed = r.op, r.o.Account, r.o.Region, u.ImageID, elapsed
	if u.ReportID != "" {
		e.IDs, e.State = []string{u.ReportID}, u.state
	}
	u.Err, u.done = e, true
}

// refuse ends reports for which a call failed.
func (r *reporting) refuse(ctx context.Context, all []*reportUsage, elapsed time.Duration, err error) {
	for _, u := range all {
		r.fail(u, elapsed, refused(ctx, "", fault.Place{}, "", err))
	}
}

func (r *reporting) drop() {
	r.open = slices.DeleteFunc(r.open, func(u *reportUsage) bool { return u.done })
}

func idsOf(all []*reportUsage) []string {
	ids := make([]string, len(all))
	for i, u := range all {
		ids[i] = u.ImageID
	}
	return ids
}

// find takes the reports that are there already and young enough.
func (r *reporting) find(ctx context.Context, maxAge time.Duration) {
	young := func(r types.ImageUsageReport) bool {
		return aws.ToString(r.State) != reportError && time.Since(aws.ToTime(r.CreationTime)) <= maxAge
	}
	for part := range slices.Chunk(r.open, reportBatch) {
		found, err := newestReports(ctx, r.api, idsOf(part), r.o, young)
		if err != nil {
			r.refuse(ctx, part, 0, err)
			continue
		}
		for _, u := range part {
			if report, ok := found[u.ImageID]; ok {
				u.Adopted = true
				u.saw(report)
			}
		}
	}
	r.drop()
}

// saw takes in what AWS shows of a report.
func (u *reportUsage) saw(report types.ImageUsageReport) {
	u.ReportID, u.CreatedAt, u.state = aws.ToString(report.ReportId), aws.ToTime(report.CreationTime).UTC(), aws.ToString(report.State)
	u.done = u.state == reportAvailable
}

// begin asks for all reports that are missing, before any is waited for.
func (r *reporting) begin(ctx context.Context) {
	for _, u := range r.open {
		if u.ReportID != "" {
			continue
		}
		// One token for all tries: a lost answer makes no second report.
		token := digest("usage", u.ImageID, time.Now().UnixNano())
		made, err := patiently(ctx, r.o.Poll, func(ctx context.Context) (*ec2.CreateImageUsageReportOutput, error) {
			return r.api.CreateImageUsageReport(ctx, &ec2.CreateImageUsageReportInput{ImageId: &u.ImageID, ResourceTypes: resourceTypes(), ClientToken: &token})
		})
		if err != nil {
			r.refuse(ctx, []*reportUsage{u}, 0, err)
			continue
		}
		u.ReportID = aws.ToString(made.ReportId)
	}
	r.drop()
}

// wait waits until no report is pending.
func (r *reporting) wait(ctx context.Context) {
	if len(r.open) == 0 {
		return
	}
	var lastErr error
	for elapsed, err := range poll.Ticks(ctx, r.o.Poll) {
		if err != nil {
			for _, u := range r.open {
				r.fail(u, elapsed, &Error{Err: after(err, lastErr)})
			}
			return
		}
		for part := range slices.Chunk(r.open, reportBatch) {
			if err := r.read(ctx, part, elapsed); err != nil {
				lastErr = err
			} else {
				lastErr = nil
			}
		}
		if r.drop(); len(r.open) == 0 {
			return
		}
	}
}

// read brings reports up to date. Its error is one that passes by itself.
func (r *reporting) read(ctx context.Context, part []*reportUsage, elapsed time.Duration) error {
	// By the images: asking for the id of a report that AWS does not show yet
	// would be an error.
	all, err := describeReports(ctx, r.api, &ec2.DescribeImageUsageReportsInput{ImageIds: idsOf(part)})
	if err != nil {
		if ctx.Err() == nil && fault.Transient(err) {
			return err
		}
		r.refuse(ctx, part, elapsed, err)
		return nil
	}
	shown := map[string]types.ImageUsageReport{}
	for _, report := range all {
		shown[aws.ToString(report.ReportId)] = report
	}
	for _, u := range part {
		report, ok := shown[u.ReportID]
		switch {
		case ok:
			if u.saw(report); u.state == reportError {
				r.fail(u, elapsed, &Error{Kind: ErrFailed, Reason: aws.ToString(report.StateReason)})
			}
		case elapsed >= r.o.Poll.Grace:
			r.fail(u, elapsed, &Error{Kind: ErrNotVisible})
		}
	}
	return nil
}
