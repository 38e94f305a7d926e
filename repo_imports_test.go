package readyami_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What of this module each package may import. Arrows go down only: ami,
// launchtemplate and asg do not know one another, the root joins them.
var arrows = map[string][]string{
	".":                   {"ami", "asg", "launchtemplate", "plan", "region", "internal/facts", "internal/fanout", "internal/fault", "internal/poll", "internal/release", "internal/step"},
	"region":              {"ami", "internal/fanout", "internal/fault", "internal/pace", "internal/poll"},
	"ami":                 {"internal/fault", "internal/poll"},
	"launchtemplate":      {"internal/fault", "internal/mirror", "internal/poll"},
	"asg":                 {"internal/fault", "internal/mirror", "internal/poll"},
	"plan":                {},
	"internal/facts":      {"ami", "asg", "internal/fault", "plan", "region"},
	"internal/release":    {"internal/facts", "plan"},
	"internal/step":       {"ami", "asg", "internal/facts", "internal/fanout", "internal/fault", "internal/poll", "internal/release", "launchtemplate", "plan", "region"},
	"internal/fanout":     {},
	"internal/fault":      {},
	"internal/mirror":     {},
	"internal/pace":       {"internal/poll"},
	"internal/poll":       {},
	"internal/emulator":   {},
	"internal/faulttest":  {"awstest", "internal/fault"},
	"awstest":             {"awstest/internal/backend", "awstest/internal/wire"},
	"awstest/conformance": {},

	"awstest/awsserver":             {"awstest", "awstest/internal/backend", "awstest/internal/wire"},
	"awstest/internal/backend":      {},
	"awstest/internal/wire":         {},
	"awstest/internal/wire/wiregen": {},
}

// Others is whose code a package of this module may be made of, besides the
// standard library.
var (
	sdk    = []string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"}
	others = append(slices.Clone(sdk), "golang.org/x")
)

func TestArrowsGoDown(t *testing.T) {
	for _, line := range goList(t, "-f", `{{.ImportPath}}>{{join .Imports ","}}`, "./...") {
		pkg, imports, _ := strings.Cut(line, ">")
		dir := directory(pkg)
		allowed, known := arrows[dir]
		if !assert.True(t, known, "say in arrows what %s may import", dir) {
			continue
		}
		for _, i := range strings.Split(imports, ",") {
			if within(i, module) {
				assert.Contains(t, allowed, directory(i), "import of %s in %s", i, dir)
			}
		}
	}
}

func TestLibraryReachesNoTestCode(t *testing.T) {
	forbidden := []string{"testing", "github.com/stretchr/testify", importPath("awstest"), importPath("internal/emulator"), importPath("internal/faulttest")}
	for _, dep := range goList(t, append([]string{"-deps"}, paths(libraries)...)...) {
		for _, f := range forbidden {
			assert.False(t, within(dep, f), "a library package reaches %s", dep)
		}
	}
	for _, dep := range notStandard(t, libraries...) {
		assert.True(t, within(dep, append(others, module)...), "a library package reaches %s", dep)
	}
}

func TestAwstestNeedsTheSDKOnly(t *testing.T) {
	for _, dep := range notStandard(t, "awstest", "awstest/awsserver") {
		assert.True(t, within(dep, append(sdk, importPath("awstest"))...), "awstest reaches %s", dep)
	}
	assert.NotContains(t, goList(t, "-deps", importPath("awstest"), importPath("awstest/awsserver")), "testing")
}

func TestPlanReachesNoClient(t *testing.T) {
	for _, dep := range goList(t, "-deps", importPath("plan")) {
		if rest, service := strings.CutPrefix(dep, "github.com/aws/aws-sdk-go-v2/service/"); service {
			assert.True(t, strings.HasSuffix(rest, "/types"), "package plan reaches %s", dep)
		}
		assert.NotEqual(t, "context", dep, "package plan takes no context")
	}
}

// notStandard is all that the packages reach outside the standard library.
func notStandard(t *testing.T, dirs ...string) []string {
	t.Helper()
	deps := goList(t, append([]string{"-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}"}, paths(dirs)...)...)
	require.NotEmpty(t, deps)
	return deps
}

func paths(dirs []string) []string {
	var out []string
	for _, d := range dirs {
		out = append(out, importPath(d))
	}
	return out
}

func directory(pkg string) string {
	if pkg == module {
		return "."
	}
	return strings.TrimPrefix(pkg, module+"/")
}

// within reports whether a package is one of the trees or below one.
func within(pkg string, trees ...string) bool {
	return slices.ContainsFunc(trees, func(tree string) bool { return pkg == tree || strings.HasPrefix(pkg, tree+"/") })
}
