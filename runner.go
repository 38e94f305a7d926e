package readyami

import (
	"time"

	"github.com/readyami/readyami/internal/release"
)

// The times of a runner's mark. It is renewed after renewAfter, rested on while it is
// younger than restOn, and counts for others until it is countsFor old: then no write
// of its owner can be on its way.
const (
	renewAfter = 5 * time.Minute
	restOn     = 10 * time.Minute
	countsFor  = restOn + 2*release.T
)

// A look that a write rests on begins settle after the mark was first answered, since
// tags are seen late. The next look begins afterWrite after a write. Only Examples
// change them.
var (
	settle     = 5 * time.Second
	afterWrite = time.Second
)

// runner is what this process knows of its own mark on a release. Its fields are
// guarded by the client's mutex.
type runner struct {
	first      time.Time // when the mark was first answered; zero: there is none
	renewed    time.Time // the time in the mark
	unanswered time.Time // until when a write that got no answer may still land
}
