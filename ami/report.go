package ami

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// The states of a usage report. The SDK's own waiter waits for "failed", which
// is none of them.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImageUsageReport.html
const (
	reportPending   = "pending"
	reportAvailable = "available"
	reportError     = "error"
)

// ReportUsageAPI is what [ReportUsage] calls.
type ReportUsageAPI interface {
	ec2.DescribeImageUsageReportsAPIClient
	CreateImageUsageReport(context.Context, *ec2.CreateImageUsageReportInput, ...func(*ec2.Options)) (*ec2.CreateImageUsageReportOutput, error)
}

var _ ReportUsageAPI = (*ec2.Client)(nil)

// ReportUsage lets AWS count what other accounts have of an image that the
// caller owns, instances and all versions of launch templates, and waits for the
// report, which takes AWS minutes. A report that is not older than maxAge,
// finished or not, is taken instead of a new one. [References] reads the newest;
// AWS deletes a report after 30 days.
//
// Errors: [ErrInvalidInput]; [ErrFailed], with AWS's reason; [ErrNotFound]: AWS
// does not show the report that it has begun.
//
// Calls and IAM actions: ec2:DescribeImageUsageReports,
// ec2:CreateImageUsageReport.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/your-ec2-ami-usage.html
func ReportUsage(ctx context.Context, api ReportUsageAPI, id string, maxAge time.Duration, optFns ...func(*Options)) (*types.ImageUsageReport, error) {
	const op = "ami.ReportUsage"
	o := resolve(api, optFns)
	if err := checkImageID(op, o.Region, "id", id); err != nil {
		return nil, err
	}
	if maxAge < 0 {
		return nil, fault.Invalid(op, o.Region, "maxAge: %s is negative", maxAge)
	}
	report, err := patiently(ctx, o.Poll, func(ctx context.Context) (*types.ImageUsageReport, error) {
		return newestReport(ctx, api, id, func(r types.ImageUsageReport) bool {
			return aws.ToString(r.State) != reportError && time.Since(aws.ToTime(r.CreationTime)) <= maxAge
		})
	})
	if err != nil {
		return nil, refused(ctx, op, o.Region, id, err)
	}
	if report == nil {
		// One token for all tries: a lost answer makes no second report.
		token := digest("usage", id, time.Now().UnixNano())
		made, err := patiently(ctx, o.Poll, func(ctx context.Context) (*ec2.CreateImageUsageReportOutput, error) {
			return api.CreateImageUsageReport(ctx, &ec2.CreateImageUsageReportInput{ImageId: &id, ResourceTypes: reported(), ClientToken: &token})
		})
		if err != nil {
			return nil, refused(ctx, op, o.Region, id, err)
		}
		report = &types.ImageUsageReport{ReportId: made.ReportId, State: new(reportPending)}
	}
	return waitReport(ctx, api, op, id, aws.ToString(report.ReportId), o)
}

func reported() []types.ImageUsageResourceTypeRequest {
	return []types.ImageUsageResourceTypeRequest{
		{ResourceType: new("ec2:Instance")},
		{ResourceType: new("ec2:LaunchTemplate"), ResourceTypeOptions: []types.ImageUsageResourceTypeOptionRequest{
			{OptionName: new("version-depth"), OptionValues: []string{strconv.Itoa(allVersions)}},
		}},
	}
}

func waitReport(ctx context.Context, api ec2.DescribeImageUsageReportsAPIClient, op, id, report string, o Options) (*types.ImageUsageReport, error) {
	state := reportPending
	var lastErr error
	fail := func(elapsed time.Duration, e *Error) error {
		e.Op, e.Region, e.ID, e.IDs, e.State, e.Elapsed = op, o.Region, id, []string{report}, state, elapsed
		return e
	}
	for elapsed, err := range poll.Ticks(ctx, o.Poll) {
		if err != nil {
			return nil, fail(elapsed, &Error{Err: after(err, lastErr)})
		}
		// By the image: asking for the id of a report that AWS does not show yet
		// would be an error.
		r, err := newestReport(ctx, api, id, func(r types.ImageUsageReport) bool { return aws.ToString(r.ReportId) == report })
		switch {
		case err != nil && (ctx.Err() != nil || !fault.Transient(err)):
			return nil, fail(elapsed, refused(ctx, op, o.Region, id, err))
		case err != nil:
		case r == nil && elapsed >= o.Poll.Grace:
			return nil, fail(elapsed, &Error{Kind: ErrNotFound})
		case r != nil:
			state = aws.ToString(r.State)
			switch state {
			case reportAvailable:
				return r, nil
			case reportError:
				return nil, fail(elapsed, &Error{Kind: ErrFailed, Reason: aws.ToString(r.StateReason)})
			}
		}
		lastErr = err
	}
	panic("unreachable: Ticks ends only with an error")
}

func describeReports(ctx context.Context, api ec2.DescribeImageUsageReportsAPIClient, in *ec2.DescribeImageUsageReportsInput) ([]types.ImageUsageReport, error) {
	var out []types.ImageUsageReport
	for p := ec2.NewDescribeImageUsageReportsPaginator(api, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, page.ImageUsageReports...)
	}
	return out, nil
}

// newestReport is the newest report of an image that fits; nil: none does.
func newestReport(ctx context.Context, api ec2.DescribeImageUsageReportsAPIClient, id string, fits func(types.ImageUsageReport) bool) (*types.ImageUsageReport, error) {
	all, err := describeReports(ctx, api, &ec2.DescribeImageUsageReportsInput{ImageIds: []string{id}})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(r types.ImageUsageReport) bool { return !fits(r) })
	if len(all) == 0 {
		return nil, nil
	}
	newest := slices.MaxFunc(all, func(a, b types.ImageUsageReport) int {
		return aws.ToTime(a.CreationTime).Compare(aws.ToTime(b.CreationTime))
	})
	return &newest, nil
}

func reportEntries(ctx context.Context, api ec2.DescribeImageUsageReportEntriesAPIClient, report string) ([]types.ImageUsageReportEntry, error) {
	var out []types.ImageUsageReportEntry
	p := ec2.NewDescribeImageUsageReportEntriesPaginator(api, &ec2.DescribeImageUsageReportEntriesInput{ReportIds: []string{report}})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, page.ImageUsageReportEntries...)
	}
	return out, nil
}
