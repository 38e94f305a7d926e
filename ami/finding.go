package ami

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// FindingCode is the stable code of a [Finding].
type FindingCode string

const (
	// FindingCannotCopy: organizations and units can launch the image and cannot
	// copy it, since AWS shares snapshots with accounts and with all only.
	FindingCannotCopy FindingCode = "ami.CannotCopy"
	// FindingKeyPolicy: the policies of these keys must let those use them that the
	// image is shared with. No call says whether they do.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-with-encrypted-snapshots.html
	FindingKeyPolicy FindingCode = "ami.KeyPolicy"
	// FindingLosesSight: these find the image only by its id once it is deprecated.
	FindingLosesSight FindingCode = "ami.LosesSight"
	// FindingCooldown: the image stays protected although its protection was
	// disabled. The subject is AWS's text, which says until when.
	FindingCooldown FindingCode = "ami.Cooldown"
)

var findingTexts = map[FindingCode]string{
	FindingCannotCopy: "cannot copy the image",
	FindingKeyPolicy:  "must be usable by those the image is shared with",
	FindingLosesSight: "loses sight of the image when it is deprecated",
	FindingCooldown:   "deregistration protection is not over",
}

// Finding is something that is no error and has its consequences. It is plain
// data, and keeps its shape through JSON.
type Finding struct {
	Code FindingCode `json:"code"`
	// Subjects are what it is about, as Code says: ARNs, account ids, "all".
	Subjects []string `json:"subjects,omitempty"`
}

// String is one line: the subjects, and what was found about them.
func (f Finding) String() string {
	return join(f.Subjects) + ": " + cmp.Or(findingTexts[f.Code], string(f.Code))
}

func (f *finishing) warnings() []Finding {
	var out []Finding
	warn := func(code FindingCode, subjects []string) {
		if len(subjects) > 0 {
			out = append(out, Finding{code, subjects})
		}
	}
	share := f.in.Share
	warn(FindingCannotCopy, slices.Concat(share.Organizations, share.OrganizationalUnits))
	if !share.none() {
		warn(FindingKeyPolicy, f.keysOf())
	}
	if !f.in.DeprecateAt.IsZero() {
		warn(FindingLosesSight, f.permissions.names())
	}
	return out
}

// keysOf are the keys that the snapshots are encrypted with, each once.
func (f *finishing) keysOf() []string {
	var out []string
	for _, s := range f.snapshots {
		if key := aws.ToString(s.KmsKeyId); aws.ToBool(s.Encrypted) && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}
