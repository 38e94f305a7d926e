package awstest

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(createStoreImageTask, "ImageId", "Bucket", "S3ObjectTags")
	handle(describeStoreImageTasks, "ImageIds", "Filters", "MaxResults", "NextToken")
}

// storeTask puts one image into a bucket.
type storeTask struct {
	sight
	fresh
	image       *image
	bucket, key string
	sizeGiB     int32
	state       string
	reason      string // of a failure
	started     time.Time
	takes       time.Duration
}

// The states of a task that stores an image.
const (
	storeInProgress = "InProgress"
	storeCompleted  = "Completed"
	storeFailed     = "Failed"
)

const (
	maxStoredGiB   = 5000
	maxStoreIDs    = 20
	storeTaskLasts = 31 * 24 * time.Hour // that DescribeStoreImageTasks lists it
)

// FailStoreImages lets the next store image task of the account in this Region
// end as Failed, for a reason. Called again, the one after.
func (r *Region) FailStoreImages(reason string) {
	r.do(func(s *store) { s.storeFaults = append(s.storeFaults, reason) })
}

// createStoreImageTask begins to put an image into a bucket. The object is there
// when the task has completed.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-store-restore.html
func createStoreImageTask(r *request, in *ec2.CreateStoreImageTaskInput) (*ec2.CreateStoreImageTaskOutput, error) {
	i, err := r.usableImage(*in.ImageId)
	if err != nil {
		return nil, err
	}
	into, err := r.usableBucket(*in.Bucket)
	if err != nil {
		return nil, err
	}
	tags, err := objectTags(in.S3ObjectTags)
	if err != nil {
		return nil, err
	}
	disks, err := r.storableDisks(i)
	if err != nil {
		return nil, err
	}
	task := &storeTask{image: i, bucket: *in.Bucket, key: i.id + ".bin", state: storeInProgress, started: r.now}
	for _, d := range disks {
		task.sizeGiB += d.sizeGiB
	}
	if err := r.storable(task, into); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	object := &storedImage{image: *i, disks: disks, sizeGiB: task.sizeGiB, tags: tags, imageTags: userTags(i.tags.seenBy(r.account, i.account))}
	object.image.mappings = slices.Clone(i.mappings)
	task.takes = r.jitter(r.timing.StoreImage, i.id+"/"+task.bucket)
	r.storeTasks = append(r.storeTasks, task)
	r.made(&task.fresh)
	fault := ""
	if len(r.storeFaults) > 0 {
		fault, r.storeFaults = r.storeFaults[0], r.storeFaults[1:]
	}
	s := r.store
	s.transition(&task.sight, task.takes, func() { s.endStore(task, into, object, fault) })
	s.after(storeTaskLasts, func() {
		s.storeTasks = slices.DeleteFunc(s.storeTasks, func(o *storeTask) bool { return o == task })
	})
	return &ec2.CreateStoreImageTaskOutput{ObjectKey: new(task.key)}, nil
}

// endStore completes a task. The snapshots must be there and readable until then.
func (s *store) endStore(task *storeTask, into *s3Bucket, object *storedImage, fault string) {
	for _, d := range object.disks {
		if n := s.catalogue.snapshots[d.snapshotID]; n == nil || !s.reads(n) {
			fault = cmp.Or(fault, "The snapshot '"+d.snapshotID+"' does not exist.")
		}
	}
	if fault != "" {
		task.state, task.reason = storeFailed, fault
		return
	}
	task.state = storeCompleted
	into.objects[task.key] = object
}

// storableDisks are the snapshots of an image that the caller may store.
func (r *request) storableDisks(i *image) (out []storedDisk, err error) {
	refused := cmp.Or(r.unconfirmed.StoreRefused, "InvalidRequest")
	direct := func(p launchPermissions, owner string) bool { return owner == r.account || p.users[r.account] }
	switch {
	case len(i.codes) > 0 && i.account != r.account:
		return nil, apiError(refused, "Images from AWS Marketplace cannot be stored by another AWS account")
	case i.account != r.account && !r.shares(i, r.account):
		return nil, apiError(refused, "The AMI %s must be owned by you or shared with your account directly", i.id)
	}
	for _, id := range i.snapshotIDs() {
		n := r.catalogue.snapshots[id]
		if n == nil || !direct(n.permissions, n.account) {
			return nil, apiError(refused, "You do not have permission to access the storage of this ami")
		}
		out = append(out, storedDisk{id, n.sizeGiB, userTags(n.tags.seenBy(r.account, n.account))})
	}
	return out, nil
}

// storable refuses what is too large, too much at a time, or in the bucket
// already: there cannot be several objects of one image.
func (r *request) storable(task *storeTask, into *s3Bucket) error {
	refused := cmp.Or(r.unconfirmed.StoreRefused, "InvalidRequest")
	if task.sizeGiB > maxStoredGiB {
		return apiError(refused, "The size of the AMI %s exceeds the limit of %d GB", task.image.id, maxStoredGiB)
	}
	going := int32(0)
	for _, o := range r.storeTasks {
		if o.state != storeInProgress {
			continue
		}
		if o.bucket == task.bucket && o.key == task.key {
			return apiError(refused, "The AMI %s is already being stored in the bucket %s", task.image.id, task.bucket)
		}
		going += o.sizeGiB
	}
	if into.objects[task.key] != nil {
		return apiError(refused, "The AMI %s is already stored in the bucket %s", task.image.id, task.bucket)
	}
	if most := r.limits().StoringGiB; full(most, int(going)) {
		return exceeded("ResourceLimitExceeded", "GB of snapshots that are being stored", most)
	}
	return nil
}

var storeTaskFilters = filterTable[*storeTask]{values: map[string]func(*storeTask) []string{
	"bucket":     one(func(t *storeTask) string { return t.bucket }),
	"task-state": one(func(t *storeTask) string { return t.state }),
}}

// describeStoreImageTasks lists the tasks of the last 31 days, newest first.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeStoreImageTasks.html
func describeStoreImageTasks(r *request, in *ec2.DescribeStoreImageTasksInput) (*ec2.DescribeStoreImageTasksOutput, error) {
	switch {
	case len(in.ImageIds) > maxStoreIDs:
		return nil, apiError("InvalidParameterValue", "Up to %d image IDs can be given in one request", maxStoreIDs)
	case len(in.ImageIds) > 0 && in.MaxResults != nil:
		return nil, apiError("InvalidParameterCombination", "The parameter imageIds cannot be used with the parameter maxResults")
	}
	match, err := storeTaskFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	for _, id := range in.ImageIds {
		if !wellFormed("ami-", id) {
			return nil, malformedImageID(id)
		}
	}
	var all []*storeTask
	for _, t := range slices.Backward(r.storeTasks) {
		wanted := match(t)
		if len(in.ImageIds) > 0 { // filters are ignored
			wanted = slices.Contains(in.ImageIds, t.image.id)
		}
		if wanted && !r.unseen(&t.fresh) {
			all = append(all, t)
		}
	}
	cut, next, err := page(r.store, all, limits{max: 200}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeStoreImageTasksOutput{NextToken: next}
	for _, t := range cut {
		r.show(&t.sight)
		out.StoreImageTaskResults = append(out.StoreImageTaskResults, ec2types.StoreImageTaskResult{
			AmiId: new(t.image.id), Bucket: new(t.bucket), S3objectKey: new(t.key), ProgressPercentage: new(t.progress(r.store)),
			StoreTaskState: new(t.state), StoreTaskFailureReason: some(t.reason), TaskStartTime: new(t.started),
		})
	}
	return out, nil
}

func (t *storeTask) progress(s *store) int32 {
	switch {
	case t.state == storeCompleted:
		return 100
	case t.state != storeInProgress || t.takes <= 0 || s.timing.SeenOnce:
		return 0
	}
	return int32(min(99, 100*s.now.Sub(t.started)/t.takes))
}
