package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const sdk = "github.com/aws/aws-sdk-go-v2/service/"

// source is the code of one service of the SDK.
type source struct {
	module string // with its version
	funcs  map[string]*ast.FuncDecl
	// structs are the exported fields of the types that calls are made of, by
	// the type's name.
	structs map[string]map[string]bool
	calls   []*ast.CallExpr // in the schemas
}

// load parses what the tables are read from.
func load(name string) (*source, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Version}}\n{{.Dir}}", sdk+name).Output()
	if err != nil {
		return nil, fmt.Errorf("finding the module of %s: %w", name, err)
	}
	module, dir, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	src := newSource(module)
	for _, sub := range []string{".", "types"} {
		if err := src.parse(filepath.Join(dir, sub), src.declarations); err != nil {
			return nil, err
		}
	}
	schemas := filepath.Join(dir, "schemas")
	if _, err := os.Stat(schemas); err != nil {
		return src, nil // a service without
	}
	return src, src.parse(schemas, src.schemaCalls)
}

func newSource(module string) *source {
	return &source{module: module, funcs: map[string]*ast.FuncDecl{}, structs: map[string]map[string]bool{}}
}

func (src *source) schemaCalls(f *ast.File) {
	for c := range callsIn(f) {
		src.calls = append(src.calls, c)
	}
}

func (src *source) parse(dir string, each func(*ast.File)) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		each(f)
	}
	return nil
}

func (src *source) declarations(f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			src.funcs[funcName(d)] = d
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				t, ok := spec.(*ast.TypeSpec)
				if !ok {
					continue
				}
				if body, ok := t.Type.(*ast.StructType); ok && t.Name.IsExported() {
					src.structs[t.Name.Name] = exportedFields(body)
				}
			}
		}
	}
}

// funcName is a function's name, with that of its receiver's type before it.
func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	return typeName(d.Recv.List[0].Type) + "." + d.Name.Name
}

// typeName is the name of a type without its package and pointers; empty for
// one that is a list.
func typeName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return typeName(t.X)
	case *ast.SelectorExpr:
		return t.Sel.Name
	case *ast.Ident:
		return t.Name
	}
	return ""
}

func exportedFields(body *ast.StructType) map[string]bool {
	fields := map[string]bool{}
	for _, f := range body.Fields.List {
		for _, name := range f.Names {
			// What is about the call, and of the error types about the error, is
			// not of the message.
			if name.IsExported() && name.Name != "ResultMetadata" && name.Name != "ErrorCodeOverride" {
				fields[name.Name] = true
			}
		}
	}
	return fields
}

// kind is the protocol that the code speaks; empty for none that is known.
func (src *source) kind() kind {
	for name := range src.funcs {
		switch {
		case strings.HasPrefix(name, "awsEc2query_serialize"):
			return ec2Query
		case strings.HasPrefix(name, "awsAwsquery_serialize"):
			return awsQuery
		}
	}
	var found kind
	for _, f := range src.funcs {
		ast.Inspect(f, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && callee(c) == "awsjson.New11" {
				found = awsJSON
			}
			return true
		})
	}
	return found
}

// callee is what a call calls, as it is written: "objectKey.String".
func callee(c *ast.CallExpr) string { return dotted(c.Fun) }

// dotted is an expression of names with dots between; empty for any other.
func dotted(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if outer := dotted(e.X); outer != "" {
			return outer + "." + e.Sel.Name
		}
	case *ast.StarExpr:
		return dotted(e.X)
	case *ast.ParenExpr:
		return dotted(e.X)
	case *ast.UnaryExpr:
		return dotted(e.X)
	}
	return ""
}
