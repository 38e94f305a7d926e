package awstest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// usageReport says which accounts use an image, as it was when the report was
// asked for.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/your-ec2-ami-usage.html
type usageReport struct {
	sight
	id       string
	image    *image
	accounts []string // as asked for; empty: all
	types    []ec2types.ImageUsageResourceType
	created  time.Time
	state    string
	reason   string // of an error
	tags     tagSet
	entries  []usageEntry
}

type usageEntry struct {
	account, kind string
	count         int64
}

// usageReports are those of an account in a Region.
type usageReports struct {
	order []*usageReport
	fail  []string // the reasons of those to come that fail
}

// The states of a report, and how an unavailable one is called.
const (
	reportPending   = "pending"
	reportAvailable = "available"
	reportError     = "error"
)

const (
	usageInstance    = "ec2:Instance"
	usageTemplate    = "ec2:LaunchTemplate"
	usageDepth       = "20" // versions of a template that are looked at, unless asked for more
	versionDepthName = "version-depth"
	maxUsageAccounts = 200
	maxUsageIDs      = 200
	usageReportLasts = 30 * 24 * time.Hour
	usageReportKind  = "image-usage-report"
)

func init() {
	handle(createImageUsageReport, "ImageId", "ResourceTypes", "AccountIds", "ClientToken", "TagSpecifications")
	handle(deleteImageUsageReport, "ReportId")
	taggable("amiur-", func(r *request, id string) (*tagSet, error) {
		report, err := r.findReport(id)
		if err != nil {
			return nil, err
		}
		return &report.tags, nil
	})
}

// FailUsageReports lets the next image usage report of the account in this
// Region end in the state error, for a reason. Called again, the one after.
func (r *Region) FailUsageReports(reason string) {
	r.do(func(s *store) { s.reports.fail = append(s.reports.fail, reason) })
}

// createImageUsageReport begins a report about an own image.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImageUsageReport.html
func createImageUsageReport(r *request, in *ec2.CreateImageUsageReportInput) (*ec2.CreateImageUsageReportOutput, error) {
	earlier, err := r.tokens.replay("CreateImageUsageReport", in.ClientToken, in)
	if err != nil {
		return nil, err
	}
	if earlier != "" {
		return &ec2.CreateImageUsageReportOutput{ReportId: new(earlier)}, nil
	}
	i, err := r.ownImage(*in.ImageId)
	if err != nil {
		return nil, err
	}
	if i.state == ec2types.ImageStateDeregistered {
		return nil, i.unavailable()
	}
	kinds, err := usageTypes(in.ResourceTypes)
	if err != nil {
		return nil, err
	}
	if len(in.AccountIds) > maxUsageAccounts {
		return nil, apiError("InvalidParameterValue", "A report can be about up to %d accounts", maxUsageAccounts)
	}
	for _, id := range in.AccountIds {
		if !isAccount(id) {
			return nil, apiError("InvalidParameterValue", "Value (%s) for parameter accountId is invalid.", id)
		}
	}
	tags, err := tagSpecs(in.TagSpecifications, usageReportKind)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	report := &usageReport{
		id:       r.newID("amiur-"),
		image:    i,
		accounts: slices.Clone(in.AccountIds),
		types:    kinds,
		created:  r.now,
		state:    reportPending,
		tags:     tags[usageReportKind],
		entries:  r.usage(i, in.AccountIds, kinds),
	}
	r.reports.order = append(r.reports.order, report)
	end, reason := reportAvailable, ""
	if len(r.reports.fail) > 0 {
		end, reason = reportError, r.reports.fail[0]
		r.reports.fail = r.reports.fail[1:]
	}
	r.transition(&report.sight, r.jitter(r.timing.UsageReport, report.id), func() { report.state, report.reason = end, reason })
	r.after(usageReportLasts, func() { r.dropReport(report) })
	r.tokens.remember("CreateImageUsageReport", in.ClientToken, in, report.id)
	return &ec2.CreateImageUsageReportOutput{ReportId: new(report.id)}, nil
}

// usageTypes reads what a report is about, and how far it looks.
func usageTypes(asked []ec2types.ImageUsageResourceTypeRequest) (out []ec2types.ImageUsageResourceType, err error) {
	if len(asked) == 0 {
		return nil, apiError("MissingParameter", "The request must contain the parameter resourceType")
	}
	for _, a := range asked {
		kind := aws.ToString(a.ResourceType)
		if kind != usageInstance && kind != usageTemplate {
			return nil, apiError("InvalidParameterValue", "Value (%s) for parameter resourceType is invalid.", kind)
		}
		if slices.ContainsFunc(out, func(t ec2types.ImageUsageResourceType) bool { return *t.ResourceType == kind }) {
			return nil, apiError("InvalidParameterValue", "The resource type %s is given twice", kind)
		}
		t := ec2types.ImageUsageResourceType{ResourceType: new(kind)}
		if kind == usageTemplate {
			t.ResourceTypeOptions = []ec2types.ImageUsageResourceTypeOption{{OptionName: new(versionDepthName), OptionValues: []string{usageDepth}}}
		}
		for _, o := range a.ResourceTypeOptions {
			if kind != usageTemplate || aws.ToString(o.OptionName) != versionDepthName {
				return nil, apiError("InvalidParameterValue", "The option '%s' is not valid for the resource type %s", aws.ToString(o.OptionName), kind)
			}
			if _, err := versionDepth(o.OptionValues); err != nil {
				return nil, err
			}
			t.ResourceTypeOptions[0].OptionValues = slices.Clone(o.OptionValues)
		}
		out = append(out, t)
	}
	return out, nil
}

// usage counts what uses an image in its Region, by account and type.
func (r *request) usage(i *image, accounts []string, kinds []ec2types.ImageUsageResourceType) (out []usageEntry) {
	places := slices.SortedFunc(maps.Keys(r.stores), func(a, b place) int { return cmp.Compare(a.account, b.account) })
	for _, p := range places {
		if p.region != r.region || len(accounts) > 0 && !slices.Contains(accounts, p.account) {
			continue
		}
		for _, kind := range kinds {
			scope := referenceScope{kind: ec2types.ImageReferenceResourceType(*kind.ResourceType)}
			if len(kind.ResourceTypeOptions) > 0 {
				scope.depth, _ = versionDepth(kind.ResourceTypeOptions[0].OptionValues)
			}
			if n := len(r.stores[p].references(i.id, scope)); n > 0 {
				out = append(out, usageEntry{p.account, *kind.ResourceType, int64(n)})
			}
		}
	}
	return out
}

func (s *store) findReport(id string) (*usageReport, error) {
	for _, report := range s.reports.order {
		if report.id == id {
			return report, nil
		}
	}
	return nil, apiError(cmp.Or(s.unconfirmed.UnknownReport, "InvalidImageUsageReportId.NotFound"), "The image usage report '%s' does not exist", id)
}

func (s *store) dropReport(report *usageReport) {
	s.reports.order = slices.DeleteFunc(s.reports.order, func(o *usageReport) bool { return o == report })
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteImageUsageReport.html
func deleteImageUsageReport(r *request, in *ec2.DeleteImageUsageReportInput) (*ec2.DeleteImageUsageReportOutput, error) {
	report, err := r.findReport(*in.ReportId)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.dropReport(report)
	return &ec2.DeleteImageUsageReportOutput{Return: new(true)}, nil
}
