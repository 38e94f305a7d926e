package readyami

import (
	"errors"
	"maps"
	"slices"
	"strings"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/internal/step"
	"github.com/readyami/readyami/plan"
)

// placeholderImageID stands in for the image ID during validation, before the image
// exists.
const placeholderImageID = "ami-00000000"

// check refuses a delivery for all that needs no call.
func check(op string, d *plan.Delivery) error {
	errs := []error{checkSource(op, d), checkTargets(op, d), checkAttributes(op, d), checkRollout(op, d)}
	if d.Name == "" {
		errs = append(errs, invalid(op, "Name is required"))
	}
	for _, key := range slices.Sorted(maps.Keys(d.Tags)) {
		if strings.HasPrefix(key, "readyami:") {
			errs = append(errs, invalid(op, "invalid Tags key %q: keys that begin with readyami: are reserved", key))
		}
	}
	if d.Preferences != nil {
		errs = append(errs, asg.CheckPreferences((*asgtypes.RefreshPreferences)(d.Preferences)))
	}
	switch d.OnConflict {
	case "", plan.ConflictFail, plan.ConflictWait, plan.ConflictCancel:
	default:
		errs = append(errs, invalid(op, "unknown OnConflict %q", d.OnConflict))
	}
	for name, b := range map[string]plan.Duration{
		"Image": d.Budgets.Image, "Copy": d.Budgets.Copy, "Refresh": d.Budgets.Refresh, "Stall": d.Budgets.Stall,
	} {
		if b < 0 {
			errs = append(errs, invalid(op, "Budgets.%s must not be negative", name))
		}
	}
	return errors.Join(errs...)
}

func checkRollout(op string, d *plan.Delivery) error {
	var errs []error
	switch d.Rollout.Order {
	case "", plan.OrderCareful, plan.OrderTargetByTarget, plan.OrderAllAtOnce:
	default:
		errs = append(errs, invalid(op, "unknown Rollout.Order %q", d.Rollout.Order))
	}
	switch d.Rollout.OnFailure {
	case "", plan.OnFailureRollBackGroup, plan.OnFailureRollBackWave, plan.OnFailureRollBackRelease, plan.OnFailureLeave:
	default:
		errs = append(errs, invalid(op, "unknown Rollout.OnFailure %q", d.Rollout.OnFailure))
	}
	if d.Rollout.MaxFailures < 0 {
		errs = append(errs, invalid(op, "Rollout.MaxFailures must not be negative"))
	}
	return errors.Join(errs...)
}

func checkSource(op string, d *plan.Delivery) error {
	in, im := d.Source.Instance, d.Source.Image
	switch {
	case in != nil && im != nil:
		return invalid(op, "Source must have an Instance or an Image, not both")
	case in != nil && in.Region == "":
		return invalid(op, "Source.Instance.Region is required")
	case in != nil:
		switch in.Reboot {
		case plan.Reboot, plan.NoReboot, plan.StopFirst:
		case "":
			return invalid(op, "Source.Instance.Reboot is required")
		default:
			return invalid(op, "unknown Source.Instance.Reboot %q", in.Reboot)
		}
		return step.CreateInput(d).Check(in.Region)
	case im != nil && im.Region == "":
		return invalid(op, "Source.Image.Region is required")
	}
	return nil
}

func checkTargets(op string, d *plan.Delivery) error {
	if len(d.Targets) == 0 {
		return invalid(op, "Targets is required")
	}
	var errs []error
	for i, t := range d.Targets {
		if t.Region == "" {
			errs = append(errs, invalid(op, "Targets[%d].Region is required", i))
		}
		errs = append(errs, checkImage(op, d, &t))
		for j, g := range t.Groups {
			if g == "" {
				errs = append(errs, invalid(op, "Targets[%d].Groups[%d] must not be empty", i, j))
			} else if slices.Contains(t.Groups[:j], g) {
				errs = append(errs, invalid(op, "Targets[%d].Groups must name %q only once", i, g))
			}
		}
	}
	return errors.Join(errs...)
}

// checkImage checks what a target's image is to be.
func checkImage(op string, d *plan.Delivery, t *plan.Target) error {
	own := d.Source.IsZero()
	home := d.Source.Instance != nil && d.Source.Instance.Region == t.Region && d.Source.Instance.Account == t.Account ||
		d.Source.Image != nil && d.Source.Image.Region == t.Region && d.Source.Image.Account == t.Account
	encrypted := t.Encrypted || t.KMSKeyID != "" || t.UseRegionDefaultKey
	switch {
	case own && t.ImageID == "":
		return invalid(op, "ImageID of target %s is required if the delivery has no Source", t.Region)
	case own && !strings.HasPrefix(t.ImageID, "ami-"):
		return invalid(op, "invalid ImageID %q of target %s", t.ImageID, t.Region)
	case own && encrypted:
		return invalid(op, "target %s must not ask for encryption: its image is not copied", t.Region)
	case own:
		return nil
	case t.ImageID != "":
		return invalid(op, "ImageID of target %s must be empty if the delivery has a Source", t.Region)
	case home && encrypted:
		return invalid(op, "target %s must not ask for encryption: it has the source image, which is not copied", t.Region)
	}
	image := placeholderImageID
	if d.Source.Image != nil {
		image = d.Source.Image.ImageID
	}
	return ami.CopyInput{
		SourceImageID: image, SourceRegion: "any", Name: d.Name, Description: d.Description, Tags: step.Tags(d),
		Encrypted: t.Encrypted, KMSKeyID: t.KMSKeyID, UseRegionDefaultKey: t.UseRegionDefaultKey,
	}.Check(t.Region)
}

func checkAttributes(op string, d *plan.Delivery) error {
	if d.Attributes == nil {
		return nil
	}
	in := step.AttributesInput(d.Attributes)
	in.ImageID = placeholderImageID
	return in.Check("")
}
