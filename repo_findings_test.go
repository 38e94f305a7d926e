package readyami_test

import (
	"go/ast"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// findingRow is a line of the table of findings in docs/plan-files.md.
var findingRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (?:blocker|warning|either) \\|[^|\n]+\\|$")

// A code that the planner gives to a finding is in the table of findings, and each code
// of the table is an error code. A check may also pass on the error of a package.
func TestEveryFindingOfAPlanIsDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, r := range findingRow.FindAllStringSubmatch(read(t, "docs/plan-files.md"), -1) {
		assert.False(t, documented[r[1]], "%s twice", r[1])
		documented[r[1]] = true
	}
	codes := map[string]bool{}
	for _, r := range errorRow.FindAllStringSubmatch(read(t, "docs/errors.md"), -1) {
		codes[r[1]] = true
	}
	for code := range documented {
		assert.True(t, codes[code], "%s is no error code", code)
	}
	given := map[string]string{}
	for _, dir := range []string{".", "internal/release"} {
		for file, f := range parse(t, token.NewFileSet(), dir) {
			name := filepath.Base(file)
			planner := name == "planner.go" || name == "make.go" || strings.HasPrefix(name, "check_") && !strings.HasSuffix(name, "_test.go")
			if planner {
				ast.Inspect(f, func(n ast.Node) bool {
					if code := codeGiven(n); code != "" {
						given[code] = name
					}
					return true
				})
			}
		}
	}
	for _, f := range parse(t, token.NewFileSet(), "asg") { // the findings of CheckGroup
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Finding") {
				given["asg."+strings.TrimPrefix(spec.Names[0].Name, "Finding")] = "asg"
			}
			return true
		})
	}
	require.Greater(t, len(given), 12, slices.Sorted(maps.Keys(given)))
	for code, where := range given {
		assert.True(t, documented[code], "%s of %s has no row in docs/plan-files.md", code, where)
	}
}

// codeGiven is the code that a node of the planner's source names: a constant of a
// finding, or the sentinel of fault.CodeOf.
func codeGiven(n ast.Node) string {
	switch n := n.(type) {
	case *ast.ValueSpec:
		name := n.Names[0].Name
		for _, prefix := range []string{"Finding", "Code"} {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				return "readyami." + rest
			}
		}
	case *ast.CallExpr:
		fun, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || fun.Sel.Name != "CodeOf" {
			return ""
		}
		switch arg := n.Args[0].(type) {
		case *ast.Ident:
			if rest, ok := strings.CutPrefix(arg.Name, "Err"); ok {
				return "readyami." + rest
			}
		case *ast.SelectorExpr:
			return arg.X.(*ast.Ident).Name + "." + strings.TrimPrefix(arg.Sel.Name, "Err")
		}
	}
	return ""
}
