package ami

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// StoreToS3Input names the image to store and the bucket.
type StoreToS3Input struct {
	// ImageID of an available image. The account owns it, or the image and its
	// snapshots are shared with the account directly. Required.
	ImageID string
	// Bucket is an S3 bucket in the Region of the client. Required.
	Bucket string
	// ObjectTags are tags of the S3 object. They are not those of the image, which
	// AWS stores with it. Optional.
	ObjectTags map[string]string
	// ObjectExists reports whether the bucket has an object, for example with
	// HeadObject of S3. If nil, a task that has completed in the last 31 days counts
	// as stored, even if the object was deleted in the meantime. Optional.
	ObjectExists func(ctx context.Context, bucket, key string) (bool, error)
}

// StoreToS3Result is the task that stores the image.
type StoreToS3Result struct {
	StoreTask
	// Adopted means that the image was stored already, or was being stored.
	Adopted bool `json:"adopted"`
}

// StoreToS3API is what [StoreToS3] calls.
type StoreToS3API interface {
	ec2.DescribeStoreImageTasksAPIClient
	CreateStoreImageTask(context.Context, *ec2.CreateStoreImageTaskInput, ...func(*ec2.Options)) (*ec2.CreateStoreImageTaskOutput, error)
}

var _ StoreToS3API = (*ec2.Client)(nil)

// StoreToS3 starts to store an image as an object in an S3 bucket, once: if the
// image is stored there already, or is being stored, that task is returned. It
// returns as soon as AWS has accepted the task; [WaitStoreToS3] waits until the
// object exists. A task that has failed is started again.
//
// This is how images cross partitions, where [Copy] cannot go: store the image,
// copy the object to a bucket in the other partition with S3, and call
// [RestoreFromS3] there. AWS encrypts neither the object nor what is restored from
// it with the key of the snapshots.
//
// AWS stores images of up to 5,000 GB, and has a quota of 1,200 GB of snapshots
// that an account stores at the same time. Beyond it AWS refuses a task; the same
// call may succeed later.
//
// Errors: [ErrInvalidInput]; [ErrNotFound]: AWS does not show the image; what
// ObjectExists returned.
//
// Calls and IAM actions: ec2:DescribeStoreImageTasks, ec2:CreateStoreImageTask;
// AWS also needs s3:GetObject, s3:ListBucket, s3:PutObject, s3:PutObjectTagging
// and s3:AbortMultipartUpload for the bucket, and ebs:GetSnapshotBlock,
// ebs:ListChangedBlocks and ebs:ListSnapshotBlocks for the snapshots.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-store-restore.html
func StoreToS3(ctx context.Context, api StoreToS3API, in StoreToS3Input, optFns ...func(*Options)) (*StoreToS3Result, error) {
	o := resolve(api, optFns)
	if err := in.check("ami.StoreToS3", o.place()); err != nil {
		return nil, err
	}
	s := storing{api: api, in: in, poll: o.Poll}
	s.poll.Gate = 0
	result, err := s.run(ctx)
	if err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok {
			e = refused(ctx, "", fault.Place{}, "", err)
		}
		e.Op, e.Account, e.Region, e.ID = "ami.StoreToS3", o.Account, o.Region, in.ImageID
		return nil, e
	}
	return result, nil
}

// Check refuses what [StoreToS3] refuses first. It makes no call.
//
// Errors: [ErrInvalidInput].
func (in StoreToS3Input) Check(region string) error {
	return in.check("ami.StoreToS3", fault.Place{Region: region})
}

func (in *StoreToS3Input) check(op string, at fault.Place) error {
	switch {
	case !imageID.MatchString(in.ImageID):
		return fault.Invalid(op, at, "invalid ImageID %q", in.ImageID)
	case !bucketName.MatchString(in.Bucket):
		return fault.Invalid(op, at, "invalid Bucket %q", in.Bucket)
	case len(in.ObjectTags) > maxObjectTags:
		return fault.Invalid(op, at, "ObjectTags must be at most %d", maxObjectTags)
	}
	for _, k := range slices.Sorted(maps.Keys(in.ObjectTags)) {
		switch {
		case k == "" || utf8.RuneCountInString(k) > maxTagKey || strings.HasPrefix(strings.ToLower(k), "aws:"):
			return fault.Invalid(op, at, "invalid key %q in ObjectTags", k)
		case utf8.RuneCountInString(in.ObjectTags[k]) > maxTagValue:
			return fault.Invalid(op, at, "the value of %q in ObjectTags must have at most %d characters", k, maxTagValue)
		}
	}
	return nil
}

// maxObjectTags is how many tags an S3 object may have.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
const maxObjectTags = 10

// storing is one image on its way into a bucket.
type storing struct {
	api  StoreToS3API
	in   StoreToS3Input
	poll Schedule
}

func (s storing) run(ctx context.Context) (*StoreToS3Result, error) {
	var trouble, refusedAt time.Time
	var lastErr, refusal error
	for elapsed, ended := range poll.Ticks(ctx, s.poll) {
		if ended != nil {
			return nil, &Error{Err: after(ended, lastErr), Elapsed: elapsed}
		}
		task, err := s.stands(ctx)
		switch {
		case err != nil:
		case task != nil:
			return &StoreToS3Result{StoreTask: *task, Adopted: true}, nil
		case refusal != nil && time.Since(refusedAt) >= min(refusalDoubt, s.poll.Grace):
			return nil, refusal
		case refusal == nil:
			var out *ec2.CreateStoreImageTaskOutput
			if out, err = s.api.CreateStoreImageTask(ctx, s.call()); err == nil {
				return &StoreToS3Result{StoreTask: StoreTask{ImageID: s.in.ImageID, Bucket: s.in.Bucket, ObjectKey: aws.ToString(out.ObjectKey)}}, nil
			}
			if ctx.Err() == nil && doubtful(err) {
				// An earlier call, whose answer was lost, may have begun the task.
				refusal, refusedAt = err, time.Now()
				err = nil
			}
		}
		if err == nil {
			trouble, lastErr = time.Time{}, nil
			continue
		}
		if trouble.IsZero() {
			trouble = time.Now()
		}
		if lastErr = err; ctx.Err() != nil || !fault.Transient(err) || time.Since(trouble) >= s.poll.Grace {
			return nil, err
		}
	}
	panic("unreachable: Ticks ends only with an error")
}

// doubtful reports whether a refusal may come of an earlier call that had its
// effect: AWS does not store an image twice in a bucket.
func doubtful(err error) bool {
	return fault.Code(err) != "" && !fault.Transient(err) && !fault.NotFound(err) && !fault.Expired(err) &&
		!fault.Is(err, "UnauthorizedOperation", "AccessDenied", "AuthFailure")
}

// stands is the task that has stored the image, or is doing so; nil if none has.
func (s storing) stands(ctx context.Context) (*StoreTask, error) {
	tasks, err := storeTasks(ctx, s.api, s.in.Bucket)
	if err != nil {
		return nil, err
	}
	task, known := tasks[s.in.ImageID]
	switch {
	case known && task.State == StoreTaskInProgress, known && task.State == StoreTaskCompleted && s.in.ObjectExists == nil:
		return &task, nil
	case s.in.ObjectExists == nil:
		return nil, nil
	case !known || task.State == StoreTaskFailed: // AWS lists tasks for 31 days
		task = StoreTask{ImageID: s.in.ImageID, Bucket: s.in.Bucket, ObjectKey: storedKey(s.in.ImageID), State: StoreTaskCompleted, Progress: 100}
	}
	exists, err := s.in.ObjectExists(ctx, s.in.Bucket, task.ObjectKey)
	if err != nil || !exists {
		return nil, err
	}
	return &task, nil
}

func (s storing) call() *ec2.CreateStoreImageTaskInput {
	call := &ec2.CreateStoreImageTaskInput{ImageId: &s.in.ImageID, Bucket: &s.in.Bucket}
	for _, k := range slices.Sorted(maps.Keys(s.in.ObjectTags)) {
		call.S3ObjectTags = append(call.S3ObjectTags, types.S3ObjectTag{Key: new(k), Value: new(s.in.ObjectTags[k])})
	}
	return call
}
