//go:build emulator

package emulator_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/readyami/readyami/internal/emulator"
)

// Without a server every test would fail with the same sentence: it is said
// once. Settings of the user's own access to AWS have no place here, and one of
// them, AWS_CA_BUNDLE, does not go with an HTTP client of our own.
func TestMain(m *testing.M) {
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "AWS_") {
			os.Unsetenv(name)
		}
	}
	if _, err := emulator.FromEnvironment(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
