package awstest

// TB is the part of *testing.T that this package uses. It is spelled out here so
// that importing this package does not import testing.
type TB interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
}

// logged is how many calls a failed test shows.
const logged = 40

// Start is [New] for a test: when the test has failed, its log ends with the
// last calls that the cloud has seen.
func Start(t TB, opts ...Option) *Cloud {
	t.Helper()
	c := New(opts...)
	t.Cleanup(func() {
		t.Helper()
		if !t.Failed() {
			return
		}
		calls := c.Calls()
		if skipped := len(calls) - logged; skipped > 0 {
			t.Logf("awstest: %d earlier calls", skipped)
			calls = calls[skipped:]
		}
		for _, call := range calls {
			t.Logf("awstest: %s", call)
		}
	})
	return c
}
