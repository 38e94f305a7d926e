package region

import (
	"time"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/internal/fault"
)

// CopyInput says which image is copied, and where to.
type CopyInput struct {
	// Source is where the image is. Required, like the next two.
	Source        Target
	SourceImageID string
	// Name of each copy, as in [ami.CopyInput].
	Name string
	// Description of each copy, at most 255 characters. Empty: none.
	Description string
	// Targets that shall have the image, each once. Either all targets and the
	// source name their account, or none does. Required.
	Targets []Destination
	// CopyTags puts the tags of the source on the copies and their snapshots
	// too, except those of AWS and of this module; Tags win over them.
	// False: they have Tags alone.
	CopyTags bool
	// Tags of the copies and their snapshots, as in [ami.CopyInput].
	Tags map[string]string
	// Revision tells copies of the same image apart, as in [ami.CopyInput].
	Revision string
	// Family of each copy, as in [ami.CreateInput]. The default is the family of
	// the source, if it has one.
	Family string
	// CompletionDuration is promised by AWS for each copy, as in [ami.CopyInput].
	CompletionDuration time.Duration
	// Policy says what becomes of the good copies when one fails. Empty: [FailurePolicyKeepGood].
	Policy FailurePolicy
	// SkipDisabled leaves out targets whose Region the account has not enabled.
	// False: nothing is copied anywhere while there is one.
	SkipDisabled bool
}

// Destination is a target and how the copy in it is encrypted.
type Destination struct {
	Target
	// Encrypted, KMSKeyID and UseRegionDefaultKey are as in [ami.CopyInput]. A
	// copy of an encrypted image is encrypted always and needs one of the last
	// two. The target of the source gets no copy and may set none of them.
	Encrypted           bool
	KMSKeyID            string
	UseRegionDefaultKey bool
	// Predecessor is the ID of the image that the groups of this target ran
	// before, as in [ami.CreateInput]. The target of the source gets no copy and
	// must not set it.
	Predecessor string
}

func (in *CopyInput) check() error {
	const op = "region.Copy"
	if err := in.Source.check(op); err != nil {
		return err
	}
	if len(in.Targets) == 0 {
		return fault.Invalid(op, fault.Place{}, "Targets: none is given")
	}
	if in.Policy != "" && in.Policy != FailurePolicyKeepGood && in.Policy != FailurePolicyAllOrNothing {
		return fault.Invalid(op, fault.Place{}, "Policy: %q, want %q or %q", in.Policy, FailurePolicyKeepGood, FailurePolicyAllOrNothing)
	}
	given := make(map[Target]bool, len(in.Targets))
	for _, d := range in.Targets {
		if err := d.check(op); err != nil {
			return err
		}
		switch {
		case given[d.Target]:
			return fault.Invalid(op, fault.Place(d.Target), "Targets: %s is given twice", d.Target)
		case (d.Account == "") != (in.Source.Account == ""):
			return fault.Invalid(op, fault.Place(d.Target), "Targets: %s: name the account of the source and of all targets, or of none", d.Target)
		case d.Target == in.Source && d.Predecessor != "":
			return fault.Invalid(op, fault.Place(d.Target), "Targets: Predecessor must be empty for %s, which has the source itself", d.Target)
		case d.Target == in.Source && (d.Encrypted || d.KMSKeyID != "" || d.UseRegionDefaultKey):
			return fault.Invalid(op, fault.Place(d.Target), "Targets: %s has the source itself, which cannot be encrypted", d.Target)
		}
		given[d.Target] = true
		if d.Target == in.Source {
			continue
		}
		each := in.of(d)
		// Whether the source is encrypted, and with it the copy, is seen later.
		each.Encrypted = each.Encrypted || each.KMSKeyID != ""
		if err := each.Check(d.Region); err != nil {
			return at(err, d.Target)
		}
	}
	return nil
}

// of is what is copied into one target.
func (in *CopyInput) of(d Destination) ami.CopyInput {
	return ami.CopyInput{
		SourceImageID:       in.SourceImageID,
		SourceRegion:        in.Source.Region,
		Name:                in.Name,
		Description:         in.Description,
		Encrypted:           d.Encrypted,
		KMSKeyID:            d.KMSKeyID,
		UseRegionDefaultKey: d.UseRegionDefaultKey,
		CompletionDuration:  in.CompletionDuration,
		Tags:                in.Tags,
		Revision:            in.Revision,
		Family:              in.Family,
		Predecessor:         d.Predecessor,
	}
}
