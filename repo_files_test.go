package readyami_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Within the root no file needs another that needs it back, by however many others.
func TestFilesOfTheRootNeedOneAnotherOneWay(t *testing.T) {
	needs := neededFiles(t)
	require.Contains(t, needs["apply.go"], "planner.go", "the test sees what a file needs")
	state := map[string]int{}
	var walk func(file string, way []string)
	walk = func(file string, way []string) {
		switch way = append(way, file); state[file] {
		case 1:
			assert.Fail(t, "a circle of files", "%s", strings.Join(way[slices.Index(way, file):], " needs "))
		case 0:
			state[file] = 1
			for _, next := range slices.Sorted(maps.Keys(needs[file])) {
				walk(next, slices.Clone(way))
			}
			state[file] = 2
		}
	}
	for _, file := range slices.Sorted(maps.Keys(needs)) {
		walk(file, nil)
	}
}

// neededFiles are, for each file of the root, those that declare what it uses.
func neededFiles(t *testing.T) map[string]map[string]bool {
	t.Helper()
	exports := map[string]string{}
	for _, line := range goList(t, "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}", module) {
		path, file, _ := strings.Cut(line, "=")
		exports[path] = file
	}
	fset := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var files []*ast.File
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			f, err := parser.ParseFile(fset, name, nil, 0)
			require.NoError(t, err)
			files = append(files, f)
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})}
	pkg, err := config.Check(module, fset, files, info)
	require.NoError(t, err)
	needs := map[string]map[string]bool{}
	for use, object := range info.Uses {
		_, field := object.(*types.Var)
		if object.Pkg() != pkg || field && object.Parent() != pkg.Scope() {
			continue // a field comes with its structure, and a parameter is of its function
		}
		from, to := fset.Position(use.Pos()).Filename, fset.Position(object.Pos()).Filename
		if needs[from] == nil {
			needs[from] = map[string]bool{}
		}
		if from != to {
			needs[from][to] = true
		}
	}
	return needs
}
