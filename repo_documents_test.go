package readyami_test

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The commands that the README gives are those that CI runs.
func TestReadmeCommandsRunInCI(t *testing.T) {
	readme, ci := read(t, "README.md"), read(t, ".ci/run")
	for _, command := range []string{"go test ./...", "go -C examples run ./deliver"} {
		assert.Contains(t, readme, command+"\n")
		assert.Regexp(t, `(?m)^\s*`+regexp.QuoteMeta(command)+`( \| cat)?$`, ci)
	}
}

// quote is a block of Go in a document, under a comment that names the Example
// that it is.
var quote = regexp.MustCompile("(?s)<!-- (Example\\w*) -->\n```go\n(.*?)```")

func TestReadmeQuotesItsExamples(t *testing.T) {
	quotes := quote.FindAllStringSubmatch(read(t, "README.md"), -1)
	require.NotEmpty(t, quotes)
	source := read(t, "examples_test.go")
	for _, q := range quotes {
		assert.Equal(t, body(t, source, q[1]), q[2], q[1])
	}
}

// body is the text between the braces of a function, one indent taken away.
func body(t *testing.T, source, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(source, "\nfunc "+name+"() {\n")
	require.True(t, found, "examples_test.go has no %s", name)
	text, _, found := strings.Cut(rest, "\n}\n")
	require.True(t, found)
	var out strings.Builder
	for line := range strings.Lines(text + "\n") {
		out.WriteString(strings.TrimPrefix(line, "\t"))
	}
	return out.String()
}

// row is a line of the table in docs/guarantees.md.
var row = regexp.MustCompile(`(?m)^\| *(\d+) *\|([^|\n]+)\|([^|\n]+)\|$`)

func TestGuaranteesHaveTheirProofs(t *testing.T) {
	text := read(t, "docs/guarantees.md")
	rows := row.FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, rows)
	assert.Len(t, rows, strings.Count(text, "\n|")-2, "a row that cannot be read, besides the head of the table")

	known := tests(t)
	last := 0
	for _, r := range rows {
		number, err := strconv.Atoi(r[1])
		require.NoError(t, err)
		assert.Greater(t, number, last, "rows are in the order of their numbers, each once")
		last = number
		proofs := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(r[3], -1)
		assert.NotEmpty(t, proofs, "guarantee %d names no test", number)
		for _, p := range proofs {
			assert.True(t, known[p[1]], "guarantee %d names %s, and there is no such test", number, p[1])
		}
	}
}

// room is a row of the table of packages in CONTRIBUTING.md.
var room = regexp.MustCompile("(?m)^\\| (root|`[^`\n]+`) \\|[^|\n]+\\|([^|\n]+)\\|$")

func TestTheTableOfPackagesIsThatOfTheImports(t *testing.T) {
	rooms := map[string][]string{}
	for _, r := range room.FindAllStringSubmatch(read(t, "CONTRIBUTING.md"), -1) {
		imports := []string{}
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(r[2], -1) {
			imports = append(imports, name[1])
		}
		rooms[strings.Trim(r[1], "`")] = imports
	}
	for dir, allowed := range arrows {
		if dir == "." {
			assert.Contains(t, rooms, "root")
		} else if assert.Contains(t, rooms, dir) {
			assert.ElementsMatch(t, allowed, rooms[dir], dir)
		}
	}
	assert.Len(t, rooms, len(arrows))
}

// stepRow is a row of the table of steps in docs/design.md.
var stepRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|[^|\n]+\\|[^|\n]+\\|[^|\n]+\\|$")

func TestTheDesignHasEveryKindOfStep(t *testing.T) {
	documented := []string{}
	for _, r := range stepRow.FindAllStringSubmatch(read(t, "docs/design.md"), -1) {
		documented = append(documented, r[1])
	}
	kinds := []string{}
	for _, f := range parse(t, token.NewFileSet(), "plan") {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "StepKind" {
				kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				kinds = append(kinds, kind)
			}
			return true
		})
	}
	require.NotEmpty(t, kinds)
	assert.ElementsMatch(t, kinds, documented)
}

// tests are the names of all tests, as package.TestName.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	read := map[string]bool{}
	for _, name := range goFiles(t) {
		dir := path.Dir(name)
		if read[dir] {
			continue
		}
		read[dir] = true
		pkg := path.Base(importPath(dir))
		for file, f := range parse(t, token.NewFileSet(), dir) {
			if !strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && testName.MatchString(fn.Name.Name) {
					names[pkg+"."+fn.Name.Name] = true
				}
			}
		}
	}
	return names
}

var testName = regexp.MustCompile(`^(Test|Fuzz|Example)[^a-z]`)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}
