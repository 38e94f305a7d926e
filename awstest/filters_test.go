package awstest_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// A line of a doc comment that names a filter: "  - owner-id - The ID of …".
// What is further in are values.
var filterLine = regexp.MustCompile(`(?m)^ {0,3}- ([a-zA-Z][a-zA-Z0-9.-]*)(?:( ?:)? +[-–] | : )`)

// docOf is the doc comment of a field in a file of an SDK module, wherever the
// module is.
func docOf(t *testing.T, pkg, file, typeName, field string) (doc string) {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", pkg).Output()
	require.NoError(t, err)
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), file), nil, parser.ParseComments)
	require.NoError(t, err)
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != typeName {
			return true
		}
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			if len(f.Names) == 1 && f.Names[0].Name == field {
				doc = f.Doc.Text()
			}
		}
		return false
	})
	return doc
}

// documentedFilters are the filters of an operation that the SDK's doc comments
// name. Those of Auto Scaling stand with the type, by operation.
func documentedFilters(t *testing.T, op awstest.Registered) (names []string) {
	t.Helper()
	pkg := op.Input.PkgPath()
	doc := ""
	if strings.HasSuffix(pkg, "/autoscaling") {
		_, doc, _ = strings.Cut(docOf(t, pkg, "types/types.go", "Filter", "Name"), "["+op.Name+"]\n")
		doc, _, _ = strings.Cut(doc, "\n[")
	} else {
		doc = docOf(t, pkg, "api_op_"+op.Name+".go", op.Input.Name(), "Filters")
	}
	// the values of one filter stand among the names, as if they were some
	values := []string{"informational", "low", "medium", "high", "critical"}
	for _, m := range filterLine.FindAllStringSubmatch(doc, -1) {
		if slices.Contains(values, m[1]) {
			continue
		}
		if m[1] == "tag" {
			m[1] = "tag:app"
		}
		names = append(names, m[1])
	}
	return names
}

// TestFiltersOfTheSDK reads the filters from the SDK's documentation: each is
// answered, or refused by its name. Any other is refused as by AWS.
func TestFiltersOfTheSDK(t *testing.T) {
	answered, refused := 0, 0
	for _, op := range awstest.Operations() {
		if !slices.Contains(op.Fields, "Filters") || len(fieldCases[op.Input]) == 0 {
			continue
		}
		t.Run(op.Input.String(), func(t *testing.T) {
			names := documentedFilters(t, op)
			require.NotEmpty(t, names)
			inWorld(t, func(w *fieldWorld) {
				in := fieldCases[op.Input][0].call(w)
				if op.Name == "DescribeScalingActivities" { // one filter goes with a group only
					setAt(reflect.ValueOf(in).Elem(), "AutoScalingGroupName", "web")
				}
				ask := func(name string) error {
					f := reflect.New(typeAt(op.Input, "Filters").Elem()).Elem()
					setAt(f, "Name", name)
					setAt(f, "Values", "2026-01-01T00:00:00Z") // a time, for those that must be one
					if name == "Status" {
						setAt(f, "Values", "Successful")
					}
					setAt(reflect.ValueOf(in).Elem(), "Filters", reflect.Append(reflect.MakeSlice(typeAt(op.Input, "Filters"), 0, 1), f).Interface())
					_, err := w.callAs(awstest.DefaultAccount, home, in)
					return err
				}
				for _, name := range names {
					err := ask(name)
					if errors.Is(err, errors.ErrUnsupported) {
						refused++
						assert.ErrorContains(w, err, name)
						continue
					}
					answered++
					assert.NoError(w, err, name)
				}
				err := ask("no-such-filter")
				assert.Error(w, err)
				assert.NotErrorIs(w, err, errors.ErrUnsupported)
			})
		})
	}
	assert.Greater(t, answered, 150, "and %d refused", refused)
}
