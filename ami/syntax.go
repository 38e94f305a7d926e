package ami

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/readyami/readyami/internal/fault"
)

// Ids have 17 hexadecimal digits, and 8 where they are from before 2016.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
var (
	imageID    = regexp.MustCompile(`^ami-[0-9a-f]{8,17}$`)
	instanceID = regexp.MustCompile(`^i-[0-9a-f]{8,17}$`)
	snapshotID = regexp.MustCompile(`^snap-[0-9a-f]{8,17}$`)
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
	imageName = regexp.MustCompile(`^[A-Za-z0-9()\[\] ./'@_-]{3,128}$`)
)

const maxDescription = 255

func checkImageID(op string, at fault.Place, field, id string) error {
	if !imageID.MatchString(id) {
		return fault.Invalid(op, at, "%s: %q is no image id", field, id)
	}
	return nil
}

func checkName(op string, at fault.Place, name, description string) error {
	if !imageName.MatchString(name) {
		return fault.Invalid(op, at,
			"Name: %q: 3 to 128 letters, digits, spaces and ()[]./-'@_ are allowed", name)
	}
	if n := utf8.RuneCountInString(description); n > maxDescription {
		return fault.Invalid(op, at, "Description: %d characters, at most %d are allowed", n, maxDescription)
	}
	return nil
}

// literal makes a filter value match itself: a filter reads * and ? as
// wildcards and the backslash as their escape.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
var literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`)
