package faulttest

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Traces are the calls of functions, by name, as text.
type Traces map[string]string

// Add takes what [Run] returned.
func (tr Traces) Add(name string, first, again []string) {
	tr[name] = name + ":\n  " + strings.Join(first, "\n  ") + "\nagain:\n  " + strings.Join(again, "\n  ") + "\n"
}

// Compare compares the traces with a file: what a function asks of AWS is as much
// its behaviour as what it returns. Where the test has a flag named update and it
// is set, the file is written anew. Nothing is compared unless all n are there.
func (tr Traces) Compare(t *testing.T, file string, n int) {
	t.Helper()
	if len(tr) < n {
		return
	}
	var got strings.Builder
	for _, name := range slices.Sorted(maps.Keys(tr)) {
		got.WriteString(tr[name] + "\n")
	}
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, []byte(got.String()), 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String(), "see "+file+"; -update writes it anew")
}
