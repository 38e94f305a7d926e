package ami

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// reportBatch is how many images or reports one call may name.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageUsageReports.html
const reportBatch = 200

// defaultReportAge is how old a usage report may be unless the caller says.
const defaultReportAge = 24 * time.Hour

// reported reads what AWS has reported of the use of shared images, at most 200.
func reported(ctx context.Context, api ReferencesAPI, ids []string, images map[string]*types.Image, all map[string]*ReferencesResult, rules *UsageRules, o Options) error {
	newest, err := newestReports(ctx, api, ids, o, func(r types.ImageUsageReport) bool { return aws.ToString(r.State) == reportAvailable })
	if err != nil {
		return err
	}
	imageOf := map[string]string{}
	var reports []string
	for _, id := range ids {
		u := all[id]
		u.Unchecked = append(u.Unchecked, UncheckedOtherAccounts)
		r, found := newest[id]
		if found {
			u.ReportedAt = aws.ToTime(r.CreationTime).UTC()
			imageOf[aws.ToString(r.ReportId)] = id
			reports = append(reports, aws.ToString(r.ReportId))
		}
		if !found || time.Since(u.ReportedAt) > cmp.Or(rules.ReportMaxAge, defaultReportAge) {
			u.Unchecked = append(u.Unchecked, UncheckedUsageReport)
		}
	}
	if len(reports) == 0 {
		return nil
	}
	entries, err := patiently(ctx, o.Poll, func(ctx context.Context) ([]types.ImageUsageReportEntry, error) {
		return reportEntries(ctx, api, reports)
	})
	for _, e := range entries {
		id := imageOf[aws.ToString(e.ReportId)]
		u := all[id]
		if n := aws.ToInt64(e.UsageCount); u != nil && n > 0 && aws.ToString(e.AccountId) != aws.ToString(images[id].OwnerId) {
			u.References = append(u.References, Reference{Type: aws.ToString(e.ResourceType), Account: aws.ToString(e.AccountId), Count: n})
		}
	}
	return err
}

// newestReports are the newest reports of images, at most 200, that fit.
func newestReports(ctx context.Context, api ec2.DescribeImageUsageReportsAPIClient, ids []string, o Options, fits func(types.ImageUsageReport) bool) (map[string]types.ImageUsageReport, error) {
	all, err := patiently(ctx, o.Poll, func(ctx context.Context) ([]types.ImageUsageReport, error) {
		return describeReports(ctx, api, &ec2.DescribeImageUsageReportsInput{ImageIds: ids})
	})
	newest := map[string]types.ImageUsageReport{}
	for _, r := range slices.SortedFunc(slices.Values(all), func(a, b types.ImageUsageReport) int {
		return aws.ToTime(a.CreationTime).Compare(aws.ToTime(b.CreationTime))
	}) {
		if fits(r) {
			newest[aws.ToString(r.ImageId)] = r
		}
	}
	return newest, err
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

func reportEntries(ctx context.Context, api ec2.DescribeImageUsageReportEntriesAPIClient, reports []string) ([]types.ImageUsageReportEntry, error) {
	var out []types.ImageUsageReportEntry
	p := ec2.NewDescribeImageUsageReportEntriesPaginator(api, &ec2.DescribeImageUsageReportEntriesInput{ReportIds: reports})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, page.ImageUsageReportEntries...)
	}
	return out, nil
}
