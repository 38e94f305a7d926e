package awstest

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(copyImage, "Name", "SourceImageId", "SourceRegion", "ClientToken", "CopyImageTags", "Description",
		"Encrypted", "KmsKeyId", "SnapshotCopyCompletionDurationMinutes", "TagSpecifications")
}

// copyImage is called in the Region that the copy goes to, and reads the other.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html
func copyImage(r *request, in *ec2.CopyImageInput) (*ec2.CopyImageOutput, error) {
	// The token answers before anything else is looked at: the same image,
	// whatever became of it and of its source.
	earlier, err := r.tokens.replay("CopyImage", in.ClientToken, in)
	if err != nil {
		return nil, err
	}
	if earlier != "" {
		return &ec2.CopyImageOutput{ImageId: new(earlier)}, nil
	}
	from, err := r.copySource(*in.SourceRegion, *in.SourceImageId)
	if err != nil {
		return nil, err
	}
	if err := r.freeName(*in.Name); err != nil {
		return nil, err
	}
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeImage, ec2types.ResourceTypeSnapshot)
	if err != nil {
		return nil, err
	}
	imageTags := tags[ec2types.ResourceTypeImage]
	if aws.ToBool(in.CopyImageTags) {
		imageTags = userTags(from.tags.seenBy(r.account, from.account)).with(imageTags...)
	}
	if len(imageTags) > maxTags {
		return nil, apiError("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
	}
	if err := r.checkCopyEncryption(from, in); err != nil {
		return nil, err
	}
	takes, err := copyWithin("snapshotCopyCompletionDurationMinutes", aws.ToInt64(in.SnapshotCopyCompletionDurationMinutes),
		in.SnapshotCopyCompletionDurationMinutes != nil, r.timing.ImageCopy)
	if err != nil {
		return nil, err
	}
	if err := r.roomForImage(true); err != nil {
		return nil, err
	}
	if err := r.roomForSnapshots(len(from.snapshotIDs()), false); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	i := &image{
		id:              r.newID("ami-"),
		name:            *in.Name,
		description:     aws.ToString(in.Description),
		architecture:    from.architecture,
		rootDevice:      from.rootDevice,
		bootMode:        from.bootMode,
		platform:        from.platform,
		ena:             from.ena,
		sourceImage:     from.id,
		sourceRegion:    from.region,
		tags:            accountTags{{r.account, imageTags}},
		crashConsistent: from.crashConsistent,
		inherited:       from.inherited,
		behavior:        r.behaviorOf(from),
	}
	for _, m := range from.mappings {
		if m.snapshotID != "" {
			n := r.copyDisk(from, i.id, m, in)
			n.within = int32(aws.ToInt64(in.SnapshotCopyCompletionDurationMinutes))
			n.tags = accountTags{{r.account, tags[ec2types.ResourceTypeSnapshot]}}
			r.addSnapshot(n)
			m.snapshotID, m.encrypted, m.keyID = n.id, n.encrypted, n.keyID
		} else if m.encrypted {
			m.keyID = r.defaultKey()
		}
		i.mappings = append(i.mappings, m)
	}
	r.addImage(i)
	r.make(i, takes, r.copyFault(from, i))
	r.tokens.remember("CopyImage", in.ClientToken, in, i.id)
	return &ec2.CopyImageOutput{ImageId: new(i.id)}, nil
}

// copySource finds the image to copy and checks that the caller may read its
// disks.
func (r *request) copySource(region, id string) (*image, error) {
	source, err := r.sourceRegion(region)
	if err != nil {
		return nil, err
	}
	from, err := source.findImage(id)
	if err != nil {
		return nil, err
	}
	if from.state == ec2types.ImageStateDeregistered {
		return nil, from.unavailable()
	}
	if len(from.codes) > 0 && from.account != r.account {
		return nil, apiError("InvalidRequest", "Images from AWS Marketplace cannot be copied to another AWS account")
	}
	if from.state != ec2types.ImageStateAvailable {
		return nil, apiError(r.unconfirmed.copySourceState(), "The AMI ID '%s' is currently %s and may not be used for this operation",
			id, from.state)
	}
	for _, m := range from.mappings {
		if m.snapshotID == "" {
			continue
		}
		if n := source.catalogue.snapshots[m.snapshotID]; n == nil || !source.reads(n) {
			return nil, apiError("InvalidRequest", "You do not have permission to access the storage of this ami")
		}
	}
	return from, nil
}

// checkCopyEncryption refuses what can be known at once. That the key works is
// found out later.
func (r *request) checkCopyEncryption(from *image, in *ec2.CopyImageInput) error {
	if in.KmsKeyId != nil && !aws.ToBool(in.Encrypted) {
		return errKeyAlone()
	}
	if in.Encrypted == nil || *in.Encrypted {
		return nil
	}
	for _, m := range from.mappings {
		if m.snapshotID != "" && m.encrypted {
			return apiError("InvalidRequest",
				"Snapshot %s is encrypted. Creating an unencrypted copy from an encrypted snapshot is not supported.", m.snapshotID)
		}
	}
	return nil
}

// copyDisk is the snapshot of one device of a copy.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMIEncryption.html
func (r *request) copyDisk(from *image, to string, m mapping, in *ec2.CopyImageInput) *snapshot {
	source := r.regional[from.region].snapshots[m.snapshotID]
	n := r.copyOf(source, in.Encrypted, in.KmsKeyId)
	n.description = fmt.Sprintf("Copied for DestinationAmi %s from SourceAmi %s for SourceSnapshot %s. Task created on %s.",
		to, from.id, source.id, thousands(r.now.UnixMilli()))
	return n
}

// copyFault is why a copy that was accepted will fail, empty when it will not:
// a key that its owner may not use, to read the source or to write the copy.
func (s *store) copyFault(from, i *image) string {
	source := s.Cloud.store(place{s.account, from.region})
	for n, m := range i.mappings {
		read := from.mappings[n].keyID
		if m.keyID != "" && !s.mayUseKey(m.keyID, false) || m.snapshotID != "" && read != "" && !source.mayUseKey(read, false) {
			return errKey
		}
	}
	return ""
}

// userTags leaves out AWS's own tags.
func userTags(t tagSet) tagSet {
	return t.without(func(p tagPair) bool { return strings.HasPrefix(p.key, "aws:") })
}

// thousands writes a number as AWS does in descriptions: 1,700,000.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
