package awstest

import (
	"cmp"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(createRestoreImageTask, "Bucket", "ObjectKey", "Name", "TagSpecifications")
}

// createRestoreImageTask makes an image of an object in a bucket of the Region,
// in whatever partition the object was stored. Stored snapshots are not
// encrypted; those of the restored image are if the account encrypts by default.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-store-restore.html
func createRestoreImageTask(r *request, in *ec2.CreateRestoreImageTaskInput) (*ec2.CreateRestoreImageTaskOutput, error) {
	from, err := r.usableBucket(*in.Bucket)
	if err != nil {
		return nil, err
	}
	object := from.objects[*in.ObjectKey]
	if object == nil {
		return nil, apiError(cmp.Or(r.unconfirmed.ImageBucket, "InvalidParameter"), "The given S3 object does not exist: %s", *in.ObjectKey)
	}
	name := cmp.Or(aws.ToString(in.Name), object.image.name)
	if err := r.freeName(name); err != nil {
		return nil, err
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeImage, ec2types.ResourceTypeSnapshot)
	if err != nil {
		return nil, err
	}
	if err := r.roomForImage(false); err != nil {
		return nil, err
	}
	if err := r.roomForSnapshots(len(object.disks), false); err != nil {
		return nil, err
	}
	if most, going := r.limits().RestoringGiB, r.restoringGiB(); full(most, going) {
		return nil, exceeded("ResourceLimitExceeded", "GB of snapshots that are being restored", most)
	}
	imageTags := r.restoredTags(object.imageTags, tags[ec2types.ResourceTypeImage])
	if len(imageTags) > maxTags {
		return nil, apiError("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	stored := &object.image
	i := &image{
		id: r.newID("ami-"), name: name, description: stored.description, restored: true,
		architecture: stored.architecture, rootDevice: stored.rootDevice, bootMode: stored.bootMode, platform: stored.platform, ena: stored.ena,
		tags:            accountTags{{r.account, imageTags}},
		crashConsistent: stored.crashConsistent, inherited: stored.inherited, behavior: r.behaviorOf(stored),
	}
	if partition(stored.region) == partition(r.region) {
		i.sourceImage, i.sourceRegion = stored.id, stored.region
	}
	snapshots := map[string]*snapshot{}
	for _, d := range object.disks {
		n := &snapshot{
			volumeID: copiedVolume, sizeGiB: d.sizeGiB, codes: stored.codes, encrypted: r.encryption.byDefault,
			description: fmt.Sprintf("Restored for %s from %s", i.id, *in.ObjectKey),
			tags:        accountTags{{r.account, r.restoredTags(d.tags, tags[ec2types.ResourceTypeSnapshot])}},
		}
		if n.encrypted {
			n.keyID = r.defaultKey()
		}
		r.addSnapshot(n)
		snapshots[d.snapshotID] = n
	}
	for _, m := range stored.mappings {
		if n := snapshots[m.snapshotID]; n != nil {
			m.snapshotID, m.encrypted, m.keyID = n.id, n.encrypted, n.keyID
		} else if m.encrypted {
			m.keyID = r.defaultKey()
		}
		i.mappings = append(i.mappings, m)
	}
	r.addImage(i)
	r.make(i, r.timing.RestoreImage, "")
	return &ec2.CreateRestoreImageTaskOutput{ImageId: new(i.id)}, nil
}

// restoredTags joins the tags that were stored and those of the call.
func (r *request) restoredTags(stored, given tagSet) tagSet {
	if r.unconfirmed.StoredTagsWin {
		return given.with(stored...)
	}
	return stored.with(given...)
}

// restoringGiB is how much is being restored.
func (s *store) restoringGiB() (out int) {
	for _, i := range s.images.order {
		if !i.restored || i.state != ec2types.ImageStatePending {
			continue
		}
		for _, id := range i.snapshotIDs() {
			out += int(s.catalogue.snapshots[id].sizeGiB)
		}
	}
	return out
}
