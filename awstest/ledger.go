package awstest

import (
	"fmt"
	"strings"
	"time"
)

// Call is one attempt of one API call, as the far end of the network sees it:
// the SDK's retries are calls of their own.
type Call struct {
	Service   string // "EC2", "Auto Scaling", "STS"
	Operation string // "CopyImage"
	Account   string // of the credentials; empty: they are nobody's
	Region    string
	Write     bool      // not a Describe, Get or List, and not a dry run
	N         int       // the how-manieth call of this operation in this account and Region, from 1
	At        time.Time // on the cloud's clock
	RequestID string
	Input     any   // the SDK's input; in the ledger a copy, with [WithInputs] only
	Err       error // what was answered; nil: success. Set when the call has ended

	accessKey string
	caller    identity
	refused   error // what is wrong with its parameters already, before the world is asked
	entry     *Call // this call in the ledger
}

// String is the line of a call in a test's log.
func (c Call) String() string {
	s := fmt.Sprintf("%s %s %s %s", c.At.UTC().Format("15:04:05.000"), c.Account, c.Region, c.Operation)
	if c.Err != nil {
		s += ": " + c.Err.Error()
	}
	return s
}

// isWrite is true for an operation that may change something.
func isWrite(op string) bool {
	for _, verb := range []string{"Describe", "Get", "List", "AssumeRole"} {
		if strings.HasPrefix(op, verb) {
			return false
		}
	}
	return true
}

type ledger struct {
	inputs bool
	chunks [][]Call // entries do not move: a call in flight points to its own
	counts map[counter]int
	total  int
}

type counter struct{ account, region, op string }

// ledgerChunk is how many calls are kept in one piece.
const ledgerChunk = 64

func (l *ledger) init() { l.counts = map[counter]int{} }

func (l *ledger) start(call *Call) {
	key := counter{call.Account, call.Region, call.Operation}
	l.counts[key]++
	l.total++
	call.N = l.counts[key]
	call.RequestID = requestID(l.total)
	last := len(l.chunks) - 1
	if last < 0 || len(l.chunks[last]) == ledgerChunk {
		l.chunks = append(l.chunks, make([]Call, 0, ledgerChunk))
		last++
	}
	l.chunks[last] = append(l.chunks[last], *call)
	entry := &l.chunks[last][len(l.chunks[last])-1]
	entry.Input, entry.caller = nil, identity{}
	if l.inputs {
		entry.Input = clone(call.Input)
	}
	call.entry = entry
}

// requestID is the n-th one: in the shape of AWS's, and different in its first
// digits.
func requestID(n int) string {
	const digits = "0123456789abcdef"
	id := []byte("00000000-0000-4000-8000-000000000000")
	for at, x := 7, mix(uint64(n))>>32; at >= 0; at, x = at-1, x>>4 {
		id[at] = digits[x&15]
	}
	for at, x := len(id)-1, uint64(n); x > 0; at, x = at-1, x>>4 {
		id[at] = digits[x&15]
	}
	return string(id)
}

// Calls lists every call so far, oldest first.
func (c *Cloud) Calls() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Call
	for _, chunk := range c.ledger.chunks {
		for _, call := range chunk {
			call.Input = clone(call.Input)
			out = append(out, call)
		}
	}
	return out
}

// Writes lists the calls that may have changed something, oldest first.
func (c *Cloud) Writes() []Call {
	var out []Call
	for _, call := range c.Calls() {
		if call.Write {
			out = append(out, call)
		}
	}
	return out
}

// Count is how many calls of an operation all accounts and Regions have seen.
func (c *Cloud) Count(operation string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for key, count := range c.ledger.counts {
		if key.op == operation {
			n += count
		}
	}
	return n
}

// ForgetCalls empties the ledger and its counts: what follows is counted anew.
func (c *Cloud) ForgetCalls() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ledger.chunks = nil
	clear(c.ledger.counts)
}
