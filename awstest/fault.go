package awstest

import (
	"context"
	"path"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Fault is a hook in front of the cloud. It sees each attempt of each call and
// may answer it, alter its input, delay it, or pass it on by calling next; the
// result that it returns is what the SDK gets. Faults compose: the first one
// injected is the outermost. A Fault is called from many goroutines and with no
// lock held, so it may sleep.
type Fault func(ctx context.Context, call *Call, next func(context.Context) (any, error)) (any, error)

// Inject puts a fault behind those that are there already.
func (c *Cloud) Inject(f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults[:len(c.faults):len(c.faults)], f)
}

// Match says which calls a ready-made fault is about. A zero field fits all.
type Match struct {
	Operation string // exact, such as "CopyImage"
	Region    string
	Account   string
	Write     bool // only calls that may change something
	// N is which call of its operation in its account and Region, counted from 1
	// with the SDK's retries; see [Call]. Zero: each.
	N int
}

func (m Match) fits(call *Call) bool {
	return (m.Operation == "" || m.Operation == call.Operation) &&
		(m.Region == "" || m.Region == call.Region) &&
		(m.Account == "" || m.Account == call.Account) &&
		(!m.Write || call.Write) &&
		(m.N == 0 || m.N == call.N)
}

// connectionLost is what a broken connection looks like to the SDK. Its retryer
// sends the call again.
func connectionLost() error {
	return &smithyhttp.RequestSendError{Err: errConnectionReset}
}

// ImageMatch says which images a script is about, by where they are and by
// name. A zero field fits all. A copy is judged by its own Region and name.
type ImageMatch struct {
	Account, Region string
	Name            string // a pattern with * and ?, as of path.Match
}

// imageScript is the fate of the images that it fits.
type imageScript struct {
	ImageMatch
	failCode, failMessage string // ends in failed with this reason
	behavior              *Behavior
}

// FailImages makes images end in the state failed, with AWS's code and message
// as the reason. It holds for images that are made after it.
func (c *Cloud) FailImages(m ImageMatch, code, message string) {
	c.addScript(imageScript{ImageMatch: m, failCode: code, failMessage: message})
}

// NeverHealthy makes the instances of images run without ever passing a health
// check, EC2's status checks among them. It holds for the images that fit and
// are made or launched from then on, and for all that is copied of them. It is
// the most usual of what [Cloud.Behave] can ask for.
func (c *Cloud) NeverHealthy(m ImageMatch) {
	c.Behave(m, Behavior{NeverHealthy: true})
}

// ForgetScripts ends what [Cloud.FailImages], [Cloud.NeverHealthy] and
// [Cloud.Behave] asked for. What has failed by then stays failed.
func (c *Cloud) ForgetScripts() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step() // what is past has happened with them
	c.scripts = nil
}

func (c *Cloud) addScript(s imageScript) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step() // what is past has happened without it
	c.scripts = append(c.scripts, s)
}

// script is the newest script of a kind that fits an image.
func (s *store) script(name string, kind func(imageScript) bool) (imageScript, bool) {
	for i := len(s.scripts) - 1; i >= 0; i-- {
		m := s.scripts[i]
		if !kind(m) || m.Account != "" && m.Account != s.account || m.Region != "" && m.Region != s.region {
			continue
		}
		if ok, err := path.Match(m.Name, name); m.Name == "" || err == nil && ok {
			return m, true
		}
	}
	return imageScript{}, false
}
