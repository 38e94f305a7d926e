package readyami_test

import (
	"go/ast"
	"go/doc"
	"go/token"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// documented are the packages that users call.
var documented = []string{".", "ami", "asg", "launchtemplate", "region", "awstest"}

// wellKnown are methods that nobody calls by name: they are there for an
// interface of the standard library or of the SDK.
var wellKnown = []string{"Error", "Unwrap", "String", "ID", "HandleInitialize", "HandleFinalize"}

func TestEveryFunctionHasAnExample(t *testing.T) {
	for _, dir := range documented {
		t.Run(importPath(dir), func(t *testing.T) {
			for name, examples := range functions(t, dir) {
				assert.NotEmpty(t, examples, "%s has no Example", name)
			}
		})
	}
}

func TestEveryExampleRuns(t *testing.T) {
	for _, dir := range documented {
		fset := token.NewFileSet()
		files := parse(t, fset, dir)
		for _, e := range doc.Examples(slices.Collect(maps.Values(files))...) {
			assert.NotEmpty(t, e.Output, "Example%s in %s has no // Output: and is never run", e.Name, importPath(dir))
		}
	}
}

// functions are the exported functions and methods of a package, each with its
// Examples.
func functions(t *testing.T, dir string) map[string][]*doc.Example {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, f := range parse(t, fset, dir) {
		files = append(files, f)
	}
	pkg, err := doc.NewFromFiles(fset, files, importPath(dir))
	require.NoError(t, err)

	found := map[string][]*doc.Example{}
	for _, f := range pkg.Funcs {
		found[f.Name] = f.Examples
	}
	for _, typ := range pkg.Types {
		for _, f := range typ.Funcs {
			found[f.Name] = f.Examples
		}
		for _, m := range typ.Methods {
			if m.Level == 0 && !slices.Contains(wellKnown, m.Name) {
				found[typ.Name+"."+m.Name] = m.Examples
			}
		}
	}
	return found
}
