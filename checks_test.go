package readyami_test

import (
	"go/ast"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/plan"
)

// findings plans the world's delivery and returns the findings with a code, each on
// one line. It requires that planning writes nothing.
func (w *world) findings(code string) []plan.Finding {
	w.t.Helper()
	p, err := readyami.New(w.configs, w.optFns...).Plan(w.t.Context(), w.Delivery)
	require.NoError(w.t, err)
	require.Empty(w.t, w.cloud.Writes(), "planning only reads")
	var out []plan.Finding
	for _, f := range p.Findings {
		if f.Code == code {
			out = append(out, f)
		}
	}
	return out
}

// A check that is in no row of the table is never run.
func TestEveryCheckIsInTheTableAndTested(t *testing.T) {
	inTable := map[string]bool{}
	checks := map[string]string{} // by file
	for file, f := range parse(t, token.NewFileSet(), ".") {
		for _, d := range f.Decls {
			fn, isFunc := d.(*ast.FuncDecl)
			if isFunc && strings.HasPrefix(file, "check_") && !strings.HasSuffix(file, "_test.go") && strings.HasPrefix(fn.Name.Name, "check") {
				assert.Empty(t, checks[file], "%s has two checks", file)
				checks[file] = fn.Name.Name
			}
			if decl, ok := d.(*ast.GenDecl); ok && file == "checks.go" && decl.Tok == token.VAR {
				for _, e := range decl.Specs[0].(*ast.ValueSpec).Values[0].(*ast.CompositeLit).Elts {
					inTable[e.(*ast.Ident).Name] = true
				}
			}
		}
	}
	require.Greater(t, len(checks), 5)
	assert.Len(t, inTable, len(checks))
	for file, name := range checks {
		assert.True(t, inTable[name], "%s is no row of placeChecks", name)
		_, err := os.Stat(strings.TrimSuffix(file, ".go") + "_test.go")
		assert.NoError(t, err, "the test of %s", name)
	}
}
