package ami

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// WarningKind is what a [Warning] is about.
type WarningKind string

const (
	// WarnCannotCopy: organizations and units that can launch the image and not
	// copy it, since AWS shares snapshots with accounts and with all only.
	WarnCannotCopy WarningKind = "cannot copy the image"
	// WarnKeyPolicy: keys whose policies must let those use them that the image
	// is shared with; no call tells whether they do.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-with-encrypted-snapshots.html
	WarnKeyPolicy WarningKind = "must be usable by those the image is shared with"
	// WarnLosesSight: who finds the image no more, but by its id, when it is
	// deprecated.
	WarnLosesSight WarningKind = "loses sight of the image when it is deprecated"
	// WarnCooldown: how AWS words until when the image stays protected, although
	// its protection was disabled.
	WarnCooldown WarningKind = "deregistration protection is not over"
)

// Warning is something that is no error and has its consequences.
type Warning struct {
	Kind WarningKind
	// Subjects are those that it is about, as Kind says: ARNs, account ids, "all".
	Subjects []string
}

// String is one line: who, and what of them.
func (w Warning) String() string { return join(w.Subjects) + ": " + string(w.Kind) }

func (f *finishing) warnings() []Warning {
	var out []Warning
	warn := func(kind WarningKind, subjects []string) {
		if len(subjects) > 0 {
			out = append(out, Warning{kind, subjects})
		}
	}
	share := f.in.Share
	warn(WarnCannotCopy, slices.Concat(share.Organizations, share.OrganizationalUnits))
	if !share.none() {
		warn(WarnKeyPolicy, f.keysOf())
	}
	if !f.in.DeprecateAt.IsZero() {
		warn(WarnLosesSight, f.permissions.names())
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
