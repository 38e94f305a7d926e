package readyami_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quoted is a block of Go in docs/testing.md, under a comment that names the
// declarations that it is.
var quoted = regexp.MustCompile("(?s)<!-- ([\\w, ]+) -->\n```go\n(.*?)```")

// All code in the guide is code that is compiled and run, and all of its tests
// are in the guide.
func TestTestingGuideQuotesWhatRuns(t *testing.T) {
	guide, source := read(t, "docs/testing.md"), read(t, "awstest/guide_test.go")
	decls := declarations(t, source)
	quotes := quoted.FindAllStringSubmatch(guide, -1)
	require.Len(t, quotes, strings.Count(guide, "```go"), "a block that names no source")
	shown := map[string]bool{}
	for _, q := range quotes {
		var want []string
		for _, name := range strings.Split(q[1], ", ") {
			require.Contains(t, decls, name)
			want = append(want, decls[name])
			shown[name] = true
		}
		assert.Equal(t, strings.Join(want, "\n"), q[2], q[1])
	}
	for name := range decls {
		if strings.HasPrefix(name, "Test") {
			assert.True(t, shown[name], "%s is not in the guide", name)
		}
	}
}

// quotedFile is a file of examples/clients in a page about another language,
// under a comment with its path.
var quotedFile = regexp.MustCompile("(?s)<!-- (examples/clients/[\\w./]+) -->\n```\\w+\n(.*?)```")

// The pages about other languages show the files that CI runs, and all of them.
func TestTestingPagesQuoteWhatRuns(t *testing.T) {
	ci := read(t, ".ci/run")
	for page, ran := range map[string]bool{"docs/testing-python.md": true, "docs/testing-shell.md": true, "docs/testing-java.md": false} {
		quotes := quotedFile.FindAllStringSubmatch(read(t, page), -1)
		require.Len(t, quotes, 2, "%s: a tool and its tests", page)
		for _, q := range quotes {
			assert.Equal(t, read(t, q[1]), q[2], "%s is not what %s shows", q[1], page)
		}
		if ran {
			assert.Contains(t, ci, path.Base(quotes[1][1]), "CI does not run the tests of %s", page)
		}
		assert.Contains(t, read(t, "docs/testing.md"), path.Base(page))
	}
}

// declarations are the functions and types of a file, with their comments, by
// name.
func declarations(t *testing.T, source string) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "guide_test.go", source, parser.ParseComments)
	require.NoError(t, err)
	decls := map[string]string{}
	for _, d := range f.Decls {
		var name string
		var doc *ast.CommentGroup
		switch d := d.(type) {
		case *ast.FuncDecl:
			name, doc = d.Name.Name, d.Doc
		case *ast.GenDecl:
			spec, ok := d.Specs[0].(*ast.TypeSpec)
			if !ok {
				continue
			}
			name, doc = spec.Name.Name, d.Doc
		}
		from := d.Pos()
		if doc != nil {
			from = doc.Pos()
		}
		decls[name] = source[fset.Position(from).Offset:fset.Position(d.End()).Offset] + "\n"
	}
	return decls
}
