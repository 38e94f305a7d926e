package facts

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The mark of a version stands in its description, before the mark of package
// launchtemplate: versions have no tags.
//
//	storefront-2 {3f2a9c1b7e attempt 1 from 3 default 1}
//	storefront-1 {3f2a9c1b7e attempt 1 restores 3 default 1}
var versionMark = regexp.MustCompile(`\{([0-9a-f]{10}) attempt ([0-9]+) (from|restores) ([0-9]+) default ([0-9]+)\}`)

// maxText is what launchtemplate leaves of a description.
const maxText = 223

// ParseMark reads the mark of a release from a description. The zero mark means that
// the version is not the release's.
func ParseMark(release, description string) Mark {
	f := versionMark.FindStringSubmatch(description)
	if f == nil || f[1] != release {
		return Mark{}
	}
	m := Mark{Kind: MarkRelease}
	if f[3] == "restores" {
		m.Kind = MarkRestores
	}
	m.Attempt, _ = strconv.Atoi(f[2])
	m.Source, _ = strconv.ParseInt(f[4], 10, 64)
	m.Default, _ = strconv.ParseInt(f[5], 10, 64)
	return m
}

// Description is the description of a version with a mark. The text in front of the
// mark is cut if it is too long.
func Description(release, text string, m Mark) string {
	verb := "from"
	if m.Kind == MarkRestores {
		verb = "restores"
	}
	mark := fmt.Sprintf("{%s attempt %d %s %d default %d}", release, m.Attempt, verb, m.Source, m.Default)
	text = strings.Map(ascii, text)
	return Cut(text, maxText-len(mark)-1) + " " + mark
}

// ascii replaces what takes more than one byte: the limit of launchtemplate is in
// bytes.
func ascii(r rune) rune {
	if r > 126 || r < 32 {
		return '?'
	}
	return r
}
