package awstest

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(copySnapshot, "SourceRegion", "SourceSnapshotId", "CompletionDurationMinutes", "Description", "Encrypted",
		"KmsKeyId", "PresignedUrl", "TagSpecifications")
}

// copySnapshot is called in the Region that the copy goes to. A key that cannot
// be used, or a bad presigned URL, lets the copy fail later.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopySnapshot.html
func copySnapshot(r *request, in *ec2.CopySnapshotInput) (*ec2.CopySnapshotOutput, error) {
	source, err := r.sourceRegion(*in.SourceRegion)
	if err != nil {
		return nil, err
	}
	from, err := source.findSnapshot(*in.SourceSnapshotId)
	if err != nil {
		return nil, err
	}
	if from.state != ec2types.SnapshotStateCompleted {
		return nil, apiError(cmp.Or(r.unconfirmed.SnapshotState, "IncorrectState"), "The snapshot '%s' is in state %s, not completed", from.id, from.state)
	}
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeSnapshot)
	if err != nil {
		return nil, err
	}
	takes, err := copyWithin("completionDurationMinutes", int64(aws.ToInt32(in.CompletionDurationMinutes)),
		in.CompletionDurationMinutes != nil, r.timing.SnapshotCopy)
	switch {
	case err != nil:
		return nil, err
	case in.Encrypted != nil && !*in.Encrypted:
		return nil, apiError("InvalidParameterValue", "Value (false) for parameter encrypted is invalid.")
	case in.KmsKeyId != nil && in.Encrypted == nil:
		return nil, errKeyAlone()
	}
	if err := r.roomForSnapshots(1, true); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	n := r.copyOf(from, in.Encrypted, in.KmsKeyId)
	n.description = aws.ToString(in.Description)
	n.tags = accountTags{{r.account, tags[ec2types.ResourceTypeSnapshot]}}
	n.within = aws.ToInt32(in.CompletionDurationMinutes)
	r.addSnapshot(n)
	r.makeSnapshot(n, takes, r.snapshotCopyFault(source, from, n, in))
	return &ec2.CopySnapshotOutput{SnapshotId: new(n.id), Tags: n.tags.of(r.account).ec2()}, nil
}

// copyWithin is how long a copy takes: no longer than a caller has asked for who
// pays for a time-based one.
// https://docs.aws.amazon.com/ebs/latest/userguide/time-based-copies.html
func copyWithin(parameter string, minutes int64, asked bool, usual time.Duration) (time.Duration, error) {
	switch {
	case !asked:
		return usual, nil
	case minutes < 15 || minutes > 2880 || minutes%15 != 0:
		return 0, apiError("InvalidParameterValue", "Value (%d) for parameter %s is invalid: 15 to 2880 minutes, in steps of 15", minutes, parameter)
	}
	return min(usual, time.Duration(minutes)*time.Minute), nil
}

// sourceRegion is the caller's store in the Region that something is copied
// from.
func (r *request) sourceRegion(name string) (*store, error) {
	if !r.regions.has(place{r.account, name}) || partition(name) != partition(r.region) {
		return nil, apiError("InvalidParameterValue", "Invalid value '%s' for SourceRegion", name)
	}
	return r.Cloud.store(place{r.account, name}), nil
}

func errKeyAlone() error {
	return apiError("InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.")
}

// copiedVolume is the volume id of a copy: it says nothing.
const copiedVolume = "vol-ffffffff"

// copyOf is a copy of a snapshot, not yet in the store. Encryption stays or is
// added; the key is that of the call, else the source's where the copy's owner
// has it in the copy's Region, else EBS's default.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-copy-snapshot.html
func (r *request) copyOf(source *snapshot, encrypted *bool, key *string) *snapshot {
	n := &snapshot{
		volumeID:  copiedVolume,
		sizeGiB:   source.sizeGiB,
		encrypted: source.encrypted || aws.ToBool(encrypted) || r.encryption.byDefault,
		codes:     source.codes,
	}
	switch {
	case !n.encrypted:
	case key != nil:
		n.keyID = r.keyARN(*key)
	case source.encrypted && source.account == r.account && source.region == r.region:
		n.keyID = source.keyID
	default:
		n.keyID = r.defaultKey()
	}
	return n
}

// errKey is how a copy fails whose key its owner may not use.
const errKey = "Given key ID is not accessible. You must have DescribeKey permissions on the default CMK"

// snapshotCopyFault is why a copy that was accepted will fail, empty when it
// will not.
func (s *store) snapshotCopyFault(source *store, from, n *snapshot, in *ec2.CopySnapshotInput) string {
	switch {
	case n.keyID != "" && !s.mayUseKey(n.keyID, false), from.keyID != "" && !source.mayUseKey(from.keyID, false):
		return errKey
	case in.PresignedUrl != nil && !s.presigned(*in.PresignedUrl, in):
		return "The presigned URL is invalid"
	}
	return ""
}

// presigned is true of a URL that allows this copy. The SDK makes one for every
// copy that comes without.
func (s *store) presigned(raw string, in *ec2.CopySnapshotInput) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	q := u.Query()
	key, _, _ := strings.Cut(q.Get("X-Amz-Credential"), "/")
	who, err := s.identify("EC2", s.region, key)
	return err == nil && who.account == s.account &&
		strings.HasPrefix(u.Host, "ec2."+*in.SourceRegion+".") &&
		q.Get("Action") == "CopySnapshot" &&
		q.Get("SourceRegion") == *in.SourceRegion &&
		q.Get("SourceSnapshotId") == *in.SourceSnapshotId &&
		q.Get("DestinationRegion") == s.region
}
