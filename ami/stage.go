package ami

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// TagStage says in which stage of its life an image is that [ApplyLifecycle]
// or [Reenable] has moved, and since when: "disabled 2026-03-01T12:00:00Z". AWS does
// not say when an image was disabled.
const TagStage = "readyami:stage"

// Stage is how far the life of an image is.
type Stage string

const (
	// StageActive: it can be found and launched.
	StageActive Stage = "active"
	// StageDeprecated: other accounts find it by its id only.
	StageDeprecated Stage = "deprecated"
	// StageDisabled: nobody can launch it, and it is shared with nobody.
	StageDisabled Stage = "disabled"
	// StageEnabled: it was disabled and is enabled again, by [Reenable] or by hand,
	// or its deprecation was cancelled. The lifecycle leaves it alone until the
	// tag [TagStage] is removed.
	StageEnabled Stage = "enabled"
	// StageFailed: it never became available.
	StageFailed Stage = "failed"
	// StagePending: it is being made.
	StagePending Stage = "pending"
	// StageGone: it is deregistered, and snapshots of it are left.
	StageGone Stage = "gone"
)

func stamp(s Stage, at time.Time) string { return string(s) + " " + at.UTC().Format(time.RFC3339) }

// stamped reads the tag; empty where there is none, or none of ours.
func stamped(tags []types.Tag) (Stage, time.Time) {
	stage, at, ok := strings.Cut(Tag(tags, TagStage), " ")
	t, err := time.Parse(time.RFC3339, at)
	if !ok || err != nil {
		return "", time.Time{}
	}
	return Stage(stage), t.UTC()
}

// ahead is how far a deprecation is set from now: AWS takes only times to come,
// and rounds them to the minute.
const ahead = 2 * time.Minute

// stageOf is the stage of an image and since when, zero where nobody knows. The
// state that AWS gives counts, and the tag only says when it began.
func stageOf(img *types.Image, now time.Time) (Stage, time.Time) {
	tag, at := stamped(img.Tags)
	deprecated := deprecation(img)
	switch {
	case hasFailed(img.State):
		return StageFailed, created(*img)
	case img.State == types.ImageStateDisabled && tag == StageDisabled:
		return StageDisabled, at
	case img.State == types.ImageStateDisabled:
		return StageDisabled, time.Time{}
	case img.State != types.ImageStateAvailable:
		return StagePending, created(*img)
	case tag == StageDisabled || tag == StageEnabled:
		return StageEnabled, at
	case tag == StageDeprecated && deprecated.IsZero():
		return StageEnabled, at
	case !deprecated.IsZero() && !deprecated.After(now.Add(2*ahead)):
		return StageDeprecated, deprecated
	}
	return StageActive, created(*img)
}
