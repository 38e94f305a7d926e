package readyami_test

import (
	"go/ast"
	"go/doc"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// documented are the packages that users call.
var documented = []string{".", "ami", "asg", "launchtemplate", "plan", "region", "awstest"}

// wellKnown are methods that nobody looks up by name: they are there for an
// interface.
var wellKnown = []string{"Error", "Unwrap", "String", "ID", "HandleInitialize", "HandleFinalize", "Where", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText"}

// A function has an Example of its own name. A method, and what a fake is set
// up and inspected with, is shown where it is used: in any Example of the
// package.
func TestEveryFunctionHasAnExample(t *testing.T) {
	for _, dir := range documented {
		t.Run(importPath(dir), func(t *testing.T) {
			pkg, shown := documentation(t, dir)
			for _, f := range functionsOf(pkg) {
				if dir == "awstest" {
					assert.True(t, shown[f.Name], "%s is in no Example", f.Name)
				} else {
					assert.NotEmpty(t, f.Examples, "%s has no Example", f.Name)
				}
			}
			for _, m := range methodsOf(pkg) {
				_, name, _ := strings.Cut(m, ".")
				assert.True(t, shown[name], "%s is in no Example", m)
			}
		})
	}
}

func TestEveryExampleRuns(t *testing.T) {
	for _, dir := range documented {
		files := parse(t, token.NewFileSet(), dir)
		for _, e := range doc.Examples(slices.Collect(maps.Values(files))...) {
			assert.NotEmpty(t, e.Output, "Example%s in %s has no // Output: and is never run", e.Name, importPath(dir))
		}
	}
}

// documentation is the documentation of a package, and the names that its
// Examples use.
func documentation(t *testing.T, dir string) (pkg *doc.Package, shown map[string]bool) {
	t.Helper()
	fset := token.NewFileSet()
	files := slices.Collect(maps.Values(parse(t, fset, dir)))
	shown = map[string]bool{}
	for _, e := range doc.Examples(files...) {
		ast.Inspect(e.Code, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				shown[s.Sel.Name] = true
			}
			return true
		})
	}
	pkg, err := doc.NewFromFiles(fset, files, importPath(dir))
	require.NoError(t, err)
	return pkg, shown
}

// functionsOf are the exported functions of a package, those that make a type
// too.
func functionsOf(pkg *doc.Package) []*doc.Func {
	all := slices.Clone(pkg.Funcs)
	for _, typ := range pkg.Types {
		all = append(all, typ.Funcs...)
	}
	return all
}

// methodsOf are the exported methods of a package, as Type.Method.
func methodsOf(pkg *doc.Package) []string {
	var all []string
	for _, typ := range pkg.Types {
		for _, m := range typ.Methods {
			if m.Level == 0 && !slices.Contains(wellKnown, m.Name) {
				all = append(all, typ.Name+"."+m.Name)
			}
		}
	}
	return all
}
