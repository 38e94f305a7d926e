package readyami

import "time"

// now is the time as marks have it. Marks are compared with AWS's own times, to the
// second.
func now() time.Time { return time.Now().UTC() }
