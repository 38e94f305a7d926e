package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeImageUsageReports, "ImageIds", "ReportIds", "Filters", "MaxResults", "NextToken")
	handle(describeImageUsageReportEntries, "ImageIds", "ReportIds", "Filters", "MaxResults", "NextToken")
}

var reportFilters = filterTable[*usageReport]{
	values: map[string]func(*usageReport) []string{
		"creation-time": one(func(u *usageReport) string { return stamp(u.created) }),
		"state":         one(func(u *usageReport) string { return u.state }),
	},
	tags: func(u *usageReport) tagSet { return u.tags },
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageUsageReports.html
func describeImageUsageReports(r *request, in *ec2.DescribeImageUsageReportsInput) (*ec2.DescribeImageUsageReportsOutput, error) {
	match, err := reportFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	named, err := r.namedReports(in.ImageIds, in.ReportIds)
	if err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(named, func(u *usageReport) bool { return !match(u) })
	cut, next, err := page(r.store, all, limits{}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeImageUsageReportsOutput{NextToken: next}
	for _, u := range cut {
		r.show(&u.sight)
		out.ImageUsageReports = append(out.ImageUsageReports, ec2types.ImageUsageReport{
			AccountIds:     slices.Clone(u.accounts),
			CreationTime:   new(u.created),
			ExpirationTime: new(u.created.Add(usageReportLasts)),
			ImageId:        new(u.image.id),
			ReportId:       new(u.id),
			ResourceTypes:  clone(u.types),
			State:          new(u.state),
			StateReason:    some(u.reason),
			Tags:           u.tags.ec2(),
		})
	}
	return out, nil
}

// namedReports are the reports with these ids and of these images, all of them
// without any.
func (r *request) namedReports(images, reports []string) (out []*usageReport, err error) {
	if len(images) > maxUsageIDs || len(reports) > maxUsageIDs {
		return nil, apiError("InvalidParameterValue", "Up to %d IDs can be given in one request", maxUsageIDs)
	}
	for _, id := range images {
		if !wellFormed("ami-", id) {
			return nil, malformedImageID(id)
		}
	}
	for _, id := range reports {
		if _, err := r.findReport(id); err != nil {
			return nil, err
		}
	}
	for _, u := range r.reports.order {
		if (len(images) == 0 || slices.Contains(images, u.image.id)) && (len(reports) == 0 || slices.Contains(reports, u.id)) {
			out = append(out, u)
		}
	}
	return out, nil
}

// shownEntry is an entry together with its report.
type shownEntry struct {
	*usageReport
	usageEntry
}

var entryFilters = filterTable[shownEntry]{values: map[string]func(shownEntry) []string{
	"account-id":    one(func(e shownEntry) string { return e.account }),
	"creation-time": one(func(e shownEntry) string { return stamp(e.created) }),
	"resource-type": one(func(e shownEntry) string { return e.kind }),
}}

// describeImageUsageReportEntries lists what reports that are available have
// found.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageUsageReportEntries.html
func describeImageUsageReportEntries(r *request, in *ec2.DescribeImageUsageReportEntriesInput) (*ec2.DescribeImageUsageReportEntriesOutput, error) {
	match, err := entryFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	named, err := r.namedReports(in.ImageIds, in.ReportIds)
	if err != nil {
		return nil, err
	}
	var all []shownEntry
	for _, u := range named {
		r.show(&u.sight)
		for _, e := range u.entries {
			if shown := (shownEntry{u, e}); u.state == reportAvailable && match(shown) {
				all = append(all, shown)
			}
		}
	}
	cut, next, err := page(r.store, all, limits{}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeImageUsageReportEntriesOutput{NextToken: next}
	for _, e := range cut {
		out.ImageUsageReportEntries = append(out.ImageUsageReportEntries, ec2types.ImageUsageReportEntry{
			AccountId:          new(e.account),
			ImageId:            new(e.image.id),
			ReportCreationTime: new(e.created),
			ReportId:           new(e.id),
			ResourceType:       new(e.kind),
			UsageCount:         new(e.count),
		})
	}
	return out, nil
}
