package ami

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
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

// ReportUsageInput says which images AWS reports on.
type ReportUsageInput struct {
	// ImageIDs are images that the caller owns. Required.
	ImageIDs []string
	// MaxAge is how old a report may be that is returned instead of a new one,
	// whether it is available or still pending. The default is 24 hours.
	MaxAge time.Duration
}

// ReportUsageResult is the usage report of one image.
type ReportUsageResult struct {
	ImageID string `json:"imageId"`
	// ReportID is empty if AWS has created no report. It is also set if the
	// report did not become available.
	ReportID string `json:"reportId,omitempty"`
	// CreatedAt is when AWS counted.
	CreatedAt time.Time `json:"createdAt,omitzero"`
	// Adopted means that an earlier call created the report.
	Adopted bool `json:"adopted,omitempty"`
	// Err is why the report is not available. Nil if it is.
	Err error `json:"-"`
}

// ReportUsage asks AWS to count what other accounts have of images that the
// caller owns: instances and all versions of launch templates. It asks for the
// reports of all images first and then waits for them together, which takes AWS
// minutes; one call for every 200 images reads their states. A report that is
// not older than MaxAge is returned instead of a new one. [References] and
// [PlanLifecycle] read the newest report of each image. AWS deletes a report
// after 30 days.
//
// The results are in the order of ImageIDs, and the error joins theirs. If ctx
// ends, AWS completes the reports, and the same call made later finds them.
//
// Errors: [ErrInvalidInput]; [ErrFailed], with AWS's reason; [ErrNotVisible]: AWS
// does not show the report that it has created; those of AWS, such as of an image
// of another account.
//
// Calls and IAM actions: ec2:DescribeImageUsageReports,
// ec2:CreateImageUsageReport.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/your-ec2-ami-usage.html
func ReportUsage(ctx context.Context, api ReportUsageAPI, in ReportUsageInput, optFns ...func(*Options)) ([]ReportUsageResult, error) {
	const op = "ami.ReportUsage"
	o := resolve(api, optFns)
	if err := in.check(op, o.place()); err != nil {
		return nil, err
	}
	r := &reporting{api: api, op: op, o: o, results: map[string]*reportUsage{}}
	for _, id := range in.ImageIDs {
		if r.results[id] == nil {
			r.results[id] = &reportUsage{ReportUsageResult: ReportUsageResult{ImageID: id}, state: reportPending}
			r.open = append(r.open, r.results[id])
		}
	}
	r.find(ctx, cmp.Or(in.MaxAge, defaultReportAge))
	r.begin(ctx)
	r.wait(ctx)
	out, errs := make([]ReportUsageResult, len(in.ImageIDs)), []error(nil)
	for i, id := range in.ImageIDs {
		out[i] = r.results[id].ReportUsageResult
		if out[i].Err != nil && !slices.Contains(in.ImageIDs[:i], id) {
			errs = append(errs, out[i].Err)
		}
	}
	return out, errors.Join(errs...)
}

func (in *ReportUsageInput) check(op string, at fault.Place) error {
	if len(in.ImageIDs) == 0 {
		return fault.Invalid(op, at, "ImageIDs is required")
	}
	for _, id := range in.ImageIDs {
		if err := checkImageID(op, at, "ImageIDs", id); err != nil {
			return err
		}
	}
	if in.MaxAge < 0 {
		return fault.Invalid(op, at, "MaxAge must not be negative: %s", in.MaxAge)
	}
	return nil
}

func resourceTypes() []types.ImageUsageResourceTypeRequest {
	return []types.ImageUsageResourceTypeRequest{
		{ResourceType: new("ec2:Instance")},
		{ResourceType: new("ec2:LaunchTemplate"), ResourceTypeOptions: []types.ImageUsageResourceTypeOptionRequest{
			{OptionName: new("version-depth"), OptionValues: []string{strconv.Itoa(allVersions)}},
		}},
	}
}
