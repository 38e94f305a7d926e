package awstest

import "time"

// Consistency is how late what was just written shows. On AWS it mostly does at
// once, and sometimes does not: a tool should live with it. The zero value
// shows all at once. Reads and times add up: what is late is so until both have
// passed.
// https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
type Consistency struct {
	// UnseenReads is how many calls that name a new image, snapshot, instance
	// or launch template, or that would list it, find that it does not exist.
	UnseenReads int
	// UnseenFor is how long that is so.
	UnseenFor time.Duration
	// BareReads is how many answers after that show an image without the ids of
	// its snapshots.
	BareReads int
	// BareFor is how long that is so.
	BareFor time.Duration
	// NameTaken is how long the name of a deregistered image stays taken.
	NameTaken time.Duration
	// EmptyPages begins each list with a page that has a token and nothing else,
	// and puts one between any two others.
	EmptyPages bool
}

// WithConsistency makes what is written show late. Seeds show at once.
func WithConsistency(lag Consistency) Option {
	return func(c *Cloud) { c.consistency = lag }
}

// fresh is embedded by what may not be seen at once after it was made.
type fresh struct {
	unseen, bare lateness
	byCall       bool // a call has made it: it is no seed, and not AWS's own
}

// lateness is how long something is yet to be withheld.
type lateness struct {
	reads int
	until time.Time
	last  int // the call that was counted last: one call reads once
}

func (l *lateness) over(c *Cloud) bool {
	if l.reads > 0 && l.last != c.attempt {
		l.reads--
		l.last = c.attempt
		return false
	}
	return l.last != c.attempt && !c.now.Before(l.until)
}

// made begins the lateness of something that a call has made.
func (c *Cloud) made(f *fresh) {
	lag := c.consistency
	if !c.answering {
		return
	}
	f.byCall = true
	f.unseen = lateness{reads: lag.UnseenReads, until: c.now.Add(lag.UnseenFor), last: -1}
	f.bare = lateness{reads: lag.BareReads, until: c.now.Add(lag.UnseenFor + lag.BareFor), last: -1}
}

// unseen is true when a call does not find what was made a moment ago. AWS
// itself, when it launches or finishes something, always does.
func (c *Cloud) unseen(f *fresh) bool {
	return c.answering && f.unseen != (lateness{}) && !f.unseen.over(c)
}

// isBare is true when an answer shows a thing without its parts.
func (c *Cloud) isBare(f *fresh) bool {
	return c.answering && f.bare != (lateness{}) && !f.bare.over(c)
}
