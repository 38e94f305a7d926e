package readyami_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests in the files repo_*_test.go are about the repository, not about
// what the package does: what imports what, and that the documents say what is.

// module is the import path of the root package.
const module = "github.com/readyami/readyami"

// libraries are the directories of the packages that users import, and of
// those that these are made of.
var libraries = []string{
	".", "ami", "asg", "launchtemplate", "plan", "region",
	"internal/facts", "internal/fanout", "internal/fault", "internal/pace", "internal/poll", "internal/release",
}

// maxLines is how long a file may be. One that grows beyond it holds more than
// one concept, unless it is a table that no one reads or writes.
const maxLines = 500

func TestFilesAreShort(t *testing.T) {
	for _, name := range goFiles(t) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		if bytes.HasPrefix(text, []byte("// Code generated ")) {
			continue
		}
		assert.LessOrEqual(t, bytes.Count(text, []byte("\n")), maxLines, name)
	}
}

// goFiles are all Go files of all modules in the repository, in any build.
func goFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return filepath.SkipDir
		case strings.HasSuffix(name, ".go"):
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	require.NoError(t, err)
	return names
}

// parse reads all Go files in one directory, tests and build tags included.
func parse(t *testing.T, fset *token.FileSet, dir string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files[filepath.ToSlash(name)] = f
	}
	return files
}

// goList runs go list and returns its lines.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	require.NoError(t, err, problems.String())
	return strings.Fields(string(out))
}

// importPath is that of the package in a directory.
func importPath(dir string) string { return path.Join(module, dir) }
