package ami

import (
	"context"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// StoreTaskState is the state of a task that stores an image in S3.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StoreImageTaskResult.html
type StoreTaskState string

const (
	StoreTaskInProgress StoreTaskState = "InProgress"
	StoreTaskCompleted  StoreTaskState = "Completed"
	StoreTaskFailed     StoreTaskState = "Failed"
)

// StoreTask is a task that stores one image in an S3 bucket.
type StoreTask struct {
	ImageID string `json:"imageId"`
	Bucket  string `json:"bucket"`
	// ObjectKey is the name of the object, which exists once the task has completed.
	ObjectKey string `json:"objectKey,omitempty"`
	// State is empty if AWS does not list the task yet.
	State StoreTaskState `json:"state,omitempty"`
	// Progress in percent, as AWS estimates it.
	Progress int `json:"progress"`
	// StartedAt is when the task began; zero if AWS does not list it yet.
	StartedAt time.Time `json:"startedAt,omitzero"`
	// Reason is why it failed.
	Reason string `json:"reason,omitempty"`
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// storedKey is the object that AWS stores an image as.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/store-restore-how-it-works.html
func storedKey(imageID string) string { return imageID + ".bin" }

// storeTasks reads the newest task of each image in a bucket. By the bucket, for
// an image may be deregistered once it is stored.
func storeTasks(ctx context.Context, api ec2.DescribeStoreImageTasksAPIClient, bucket string) (map[string]StoreTask, error) {
	out := map[string]StoreTask{}
	p := ec2.NewDescribeStoreImageTasksPaginator(api, &ec2.DescribeStoreImageTasksInput{
		Filters:    []types.Filter{{Name: new("bucket"), Values: []string{literal.Replace(bucket)}}},
		MaxResults: new(int32(batch)), // the most that AWS takes
	})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range page.StoreImageTaskResults {
			task := StoreTask{
				ImageID: aws.ToString(t.AmiId), Bucket: aws.ToString(t.Bucket), ObjectKey: aws.ToString(t.S3objectKey),
				State: StoreTaskState(aws.ToString(t.StoreTaskState)), Progress: int(aws.ToInt32(t.ProgressPercentage)),
				StartedAt: aws.ToTime(t.TaskStartTime), Reason: aws.ToString(t.StoreTaskFailureReason),
			}
			if have, ok := out[task.ImageID]; !ok || have.StartedAt.Before(task.StartedAt) {
				out[task.ImageID] = task
			}
		}
	}
	return out, nil
}
