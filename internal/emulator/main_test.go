//go:build emulator

package emulator_test

import (
	"os"
	"strings"
	"testing"
)

// Settings of the user's own access to AWS have no place here, and one of them,
// AWS_CA_BUNDLE, does not go with an HTTP client of our own.
func TestMain(m *testing.M) {
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "AWS_") {
			os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}
