package facts

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/readyami/readyami/plan"
)

// The marks of a release are tags whose keys name the release, since one image may
// serve several: readyami:RELEASE:NAME.
const (
	tagDecision = "decision"
	tagGates    = "gates"
	tagFailed   = "failed"
	tagApproval = "approval:"
	tagHold     = "hold"
	tagRunner   = "runner:"
	tagPins     = "pins:"
	tagPinned   = "pinned"
)

// The limits of a tag. Names in marks are cut, so that they keep within them.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const (
	maxKey   = 128
	maxValue = 256
)

func key(release, name string) string { return "readyami:" + release + ":" + name }

// Cut shortens a name to a number of characters, of which the last eleven are then a
// hash of the whole.
func Cut(name string, most int) string {
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return string([]rune(name)[:most-11]) + "~" + hex.EncodeToString(sum[:5])
}

func timeText(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func parseTime(text string) time.Time {
	t, _ := time.Parse(time.RFC3339, text)
	return t
}

// ParseMarks reads the marks of a release from the tags of its source image. What
// cannot be read counts as absent.
func ParseMarks(release string, tags map[string]string) Marks {
	m := Marks{Decision: plan.Decision{Attempt: 1}, Gates: map[string]Gate{}, Approvals: map[string]Approval{}}
	for k, v := range tags {
		name, ours := strings.CutPrefix(k, key(release, ""))
		if !ours {
			continue
		}
		switch {
		case name == tagDecision:
			held := m.Decision.Held
			m.Decision = parseDecision(v)
			m.Decision.Held = held
		case name == tagGates:
			m.Gates = parseGates(v)
		case name == tagFailed:
			m.Failed = parseFailed(v)
		case name == tagHold:
			m.Decision.Held = true
		case strings.HasPrefix(name, tagApproval):
			if f := strings.SplitN(v, " ", 3); len(f) == 3 {
				m.Approvals[name[len(tagApproval):]] = Approval{Digest: f[0], Time: parseTime(f[1]), Who: f[2]}
			}
		case strings.HasPrefix(name, tagRunner):
			m.Runners = append(m.Runners, Runner{ID: name[len(tagRunner):], Time: parseTime(v)})
		}
	}
	slices.SortFunc(m.Runners, func(a, b Runner) int { return cmp.Compare(a.ID, b.ID) })
	return m
}

// parseDecision reads "2 open TIME" or "2 rejected SCOPE CODE TIME STEP".
func parseDecision(text string) plan.Decision {
	d := plan.Decision{Attempt: 1}
	f := strings.SplitN(text, " ", 6)
	if n, err := strconv.Atoi(f[0]); err == nil && n > 0 {
		d.Attempt = n
	}
	switch {
	case len(f) == 3 && f[1] == "open":
		d.Time = parseTime(f[2])
	case len(f) == 6 && f[1] == "rejected":
		d.Rejected, d.Scope, d.Code = true, plan.Scope(f[2]), f[3]
		d.Time, d.Step = parseTime(f[4]), plan.StepID(f[5])
	}
	return d
}

// DecisionTag is the tag that holds a decision.
func DecisionTag(release string, d plan.Decision) (k, v string) {
	text := fmt.Sprintf("%d open %s", d.Attempt, timeText(d.Time))
	if d.Rejected {
		text = fmt.Sprintf("%d rejected %s %s %s ", d.Attempt, d.Scope, d.Code, timeText(d.Time))
		text += Cut(string(d.Step), maxValue-len(text))
	}
	return key(release, tagDecision), text
}

// GatesTag is the tag that holds the gates that have passed, packed into one value:
// each with its wave, attempt and time. If they do not all fit, those of older
// attempts are left out.
func GatesTag(release string, gates map[string]Gate) (k, v string) {
	names := slices.SortedFunc(maps.Keys(gates), func(a, b string) int {
		return cmp.Or(cmp.Compare(gates[b].Attempt, gates[a].Attempt), gates[a].Time.Compare(gates[b].Time), cmp.Compare(a, b))
	})
	var out []string
	room := maxValue
	for _, name := range names {
		g := gates[name]
		entry := fmt.Sprintf("%s,%d,%s", name, g.Attempt, strconv.FormatInt(g.Time.Unix(), 36))
		if room -= len(entry) + 1; room < 0 {
			break
		}
		out = append(out, entry)
	}
	return key(release, tagGates), strings.Join(out, " ")
}

// WaveKey abbreviates the name of a wave in marks: 6 characters of a hash.
func WaveKey(wave string) string { return RecordKey(wave)[:6] }

func parseGates(text string) map[string]Gate {
	out := map[string]Gate{}
	for entry := range strings.FieldsSeq(text) {
		f := strings.Split(entry, ",")
		if len(f) != 3 {
			continue
		}
		attempt, err := strconv.Atoi(f[1])
		seconds, bad := strconv.ParseInt(f[2], 36, 64)
		if err == nil && bad == nil {
			out[f[0]] = Gate{Attempt: attempt, Time: time.Unix(seconds, 0).UTC()}
		}
	}
	return out
}

// FailedTag is the tag that holds a gate of which a check has failed.
func FailedTag(release string, g FailedGate) (k, v string) {
	return key(release, tagFailed), fmt.Sprintf("%d %s %s %s", g.Attempt, g.Wave, timeText(g.Time), g.Code)
}

func parseFailed(text string) FailedGate {
	f := strings.SplitN(text, " ", 4)
	if len(f) != 4 {
		return FailedGate{}
	}
	attempt, _ := strconv.Atoi(f[0])
	return FailedGate{Gate: Gate{Attempt: attempt, Time: parseTime(f[2])}, Wave: f[1], Code: f[3]}
}

// ApprovalTag is the tag that holds the approval of the gate behind a wave.
func ApprovalTag(release, wave string, a Approval) (k, v string) {
	text := a.Digest + " " + timeText(a.Time) + " "
	return key(release, tagApproval+WaveKey(wave)), text + Cut(a.Who, maxValue-len(text))
}

// HoldTag is the tag that holds a release.
func HoldTag(release string, who string) (k, v string) {
	return key(release, tagHold), Cut(who, maxValue)
}

// RunnerTag is the mark of a runner.
func RunnerTag(release string, r Runner) (k, v string) {
	prefix := key(release, tagRunner)
	return prefix + Cut(r.ID, maxKey-len(prefix)), timeText(r.Time)
}

// ParseRecord reads the pin record of a place from the tags of an image or snapshot.
func ParseRecord(release string, tags map[string]string) Record {
	r := Record{Spellings: map[string]string{}}
	for k, v := range tags {
		name, ours := strings.CutPrefix(k, key(release, ""))
		switch {
		case !ours:
		case name == tagPinned:
			r.Complete = true
		case strings.HasPrefix(name, tagPins):
			for entry := range strings.FieldsSeq(v) {
				if len(entry) > recordKeyLength {
					r.Spellings[entry[:recordKeyLength]] = entry[recordKeyLength:]
				}
			}
		}
	}
	return r
}

// RecordTags are the tags that hold spellings, packed into values from a number of
// the first tag on.
func RecordTags(release string, spellings map[string]string, first int) map[string]string {
	out := map[string]string{}
	var value strings.Builder
	flush := func() {
		if value.Len() > 0 {
			out[key(release, tagPins+strconv.Itoa(first))] = value.String()
			first++
			value.Reset()
		}
	}
	for _, k := range slices.Sorted(maps.Keys(spellings)) {
		entry := k + spellings[k]
		if value.Len()+len(entry)+1 > maxValue {
			flush()
		}
		if value.Len() > 0 {
			value.WriteByte(' ')
		}
		value.WriteString(entry)
	}
	flush()
	return out
}

// RecordTagCount is how many tags of a record there are, and CompleteTag closes it.
func RecordTagCount(release string, tags map[string]string) int {
	n := 0
	for k := range tags {
		if strings.HasPrefix(k, key(release, tagPins)) {
			n++
		}
	}
	return n
}

// CompleteTag is the tag that closes a pin record.
func CompleteTag(release string, groups int) (k, v string) {
	return key(release, tagPinned), strconv.Itoa(groups)
}
