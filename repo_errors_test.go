package readyami_test

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/internal/poll"
)

// kind is a sentinel as its package declares it.
type kind struct {
	name string // "asg.ErrRefreshFailed"
	code string
}

// declaredKinds are the exported sentinels of all packages. One that is not made
// by fault.New has no code, and fails the test.
func declaredKinds(t *testing.T) []kind {
	t.Helper()
	var kinds []kind
	for _, dir := range libraries {
		pkg := path.Base(importPath(dir))
		for file, f := range parse(t, token.NewFileSet(), dir) {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok || !strings.HasPrefix(spec.Names[0].Name, "Err") {
					return true
				}
				require.Len(t, spec.Values, 1, spec.Names[0].Name)
				if s, ok := spec.Values[0].(*ast.SelectorExpr); ok {
					assert.Equal(t, spec.Names[0].Name, s.Sel.Name, "%s exports a shared sentinel under its own name", pkg)
					return true
				}
				k := kind{name: pkg + "." + spec.Names[0].Name}
				if call, ok := spec.Values[0].(*ast.CallExpr); ok && len(call.Args) > 1 {
					if lit, ok := call.Args[0].(*ast.BasicLit); ok && isNew(call.Fun) {
						code, err := strconv.Unquote(lit.Value)
						require.NoError(t, err)
						k.code = code
					}
				}
				kinds = append(kinds, k)
				return true
			})
		}
	}
	return kinds
}

func isNew(fun ast.Expr) bool {
	switch f := fun.(type) {
	case *ast.Ident: // in package fault itself
		return f.Name == "New"
	case *ast.SelectorExpr:
		return f.Sel.Name == "New" && f.X.(*ast.Ident).Name == "fault"
	}
	return false
}

// A code is the name of its sentinel, so that neither can change alone, and it is
// given once: fault.New panics on the second.
func TestEverySentinelHasItsCode(t *testing.T) {
	kinds := declaredKinds(t)
	require.Greater(t, len(kinds), 40)
	for _, k := range kinds {
		want := strings.TrimPrefix(strings.Replace(k.name, ".Err", ".", 1), "fault.")
		assert.Equal(t, want, k.code, "%s is not made by fault.New with its own name as code", k.name)
		assert.NotNil(t, fault.ByCode(k.code), k.code)
	}
}

// errorRow is a line of the table in docs/errors.md.
var errorRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (yes|no) \\|[^|\n]+\\|$")

func TestEveryCodeIsDocumented(t *testing.T) {
	documented := map[string]string{}
	for _, r := range errorRow.FindAllStringSubmatch(read(t, "docs/errors.md"), -1) {
		assert.NotContains(t, documented, r[1], "twice")
		documented[r[1]] = r[2]
	}
	var codes []string
	for _, k := range declaredKinds(t) {
		codes = append(codes, k.code)
		want := "no"
		if fault.IsRetryable(fault.ByCode(k.code)) {
			want = "yes"
		}
		assert.Equal(t, want, documented[k.code], "retryable: %s", k.code)
	}
	codes = append(codes, fault.CodeDeadlineExceeded, fault.CodeCanceled, fault.CodeUnknown)
	for _, c := range findingCodes(t) {
		if !slices.Contains(codes, c) {
			codes = append(codes, c)
		}
	}
	assert.ElementsMatch(t, codes, slices.Collect(maps.Keys(documented)), "docs/errors.md has each code")
}

// findingCodes are the values of the constants named Finding…, and of those of package
// plan named Code….
func findingCodes(t *testing.T) []string {
	t.Helper()
	var codes []string
	for _, dir := range libraries {
		for file, f := range parse(t, token.NewFileSet(), dir) {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok {
					return true
				}
				name, isCode := strings.CutPrefix(spec.Names[0].Name, "Finding")
				if dir == "plan" {
					name, isCode = strings.CutPrefix(spec.Names[0].Name, "Code")
				}
				if !isCode {
					return true
				}
				code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				assert.Equal(t, path.Base(importPath(dir))+"."+name, code)
				codes = append(codes, code)
				return true
			})
		}
	}
	require.NotEmpty(t, codes)
	return codes
}

// What go doc shows of an alias is its comment, so that this has to say what the
// fields are.
func TestAliasesOfInternalTypesSayTheirFields(t *testing.T) {
	types := map[string]reflect.Type{
		"fault.Error":   reflect.TypeFor[*fault.Error](),
		"poll.Schedule": reflect.TypeFor[poll.Schedule](),
	}
	seen := 0
	for _, dir := range libraries {
		for file, f := range parse(t, token.NewFileSet(), dir) {
			for _, d := range f.Decls {
				decl, ok := d.(*ast.GenDecl)
				if !ok || decl.Tok != token.TYPE {
					continue
				}
				spec := decl.Specs[0].(*ast.TypeSpec)
				sel, ok := spec.Type.(*ast.SelectorExpr)
				if !ok || !spec.Assign.IsValid() {
					continue
				}
				name := sel.X.(*ast.Ident).Name + "." + sel.Sel.Name
				typ, ok := types[name]
				if !assert.True(t, ok, "%s: %s is an alias of %s", file, spec.Name.Name, name) {
					continue
				}
				seen++
				for _, member := range members(typ) {
					assert.Regexp(t, `\b`+member+`\b`, decl.Doc.Text(), "%s: %s", file, spec.Name.Name)
				}
			}
		}
	}
	assert.Equal(t, 9, seen)
}

// members are a type's exported fields, each with its type, and its methods.
func members(typ reflect.Type) (names []string) {
	for i := range typ.NumMethod() {
		names = append(names, typ.Method(i).Name)
	}
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	for i := range typ.NumField() {
		if f := typ.Field(i); f.IsExported() {
			names = append(names, f.Name)
		}
	}
	return names
}

// Every sentinel is found again by who reads its error from JSON.
func TestEverySentinelSurvivesJSON(t *testing.T) {
	for _, k := range declaredKinds(t) {
		sent := &fault.Error{Op: "asg.Wait", ID: "web", Kind: fault.ByCode(k.code)}
		require.Error(t, sent.Kind, k.name)
		text, err := json.Marshal(sent)
		require.NoError(t, err)
		var got fault.Error
		require.NoError(t, json.Unmarshal(text, &got))
		require.ErrorIs(t, &got, fault.ByCode(k.code))
		assert.Equal(t, sent.Retryable(), got.Retryable(), k.code)
		assert.Equal(t, k.code, got.Code())
	}
}

// An error that has a Region has the account as well: two accounts can have a
// group of the same name in one Region.
func TestEveryErrorNamesItsAccount(t *testing.T) {
	literals := 0
	for _, dir := range libraries {
		fset := token.NewFileSet()
		for file, f := range parse(t, fset, dir) {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CompositeLit:
					if name, ok := n.Type.(*ast.Ident); ok && name.Name == "Error" {
						literals++
						var names []string
						for _, e := range n.Elts {
							names = append(names, e.(*ast.KeyValueExpr).Key.(*ast.Ident).Name)
						}
						assert.Equal(t, slices.Contains(names, "Region"), slices.Contains(names, "Account"), "%s", fset.Position(n.Pos()))
					}
				case *ast.AssignStmt:
					var set []string
					for _, left := range n.Lhs {
						if s, ok := left.(*ast.SelectorExpr); ok {
							set = append(set, s.Sel.Name)
						}
					}
					if slices.Contains(set, "Op") && slices.Contains(set, "Region") {
						assert.Contains(t, set, "Account", "%s", fset.Position(n.Pos()))
					}
				}
				return true
			})
		}
	}
	assert.Greater(t, literals, 80)
}
