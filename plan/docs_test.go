package plan_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/plan"
)

const page = "../docs/plan-files.md"

// The tables and examples of docs/plan-files.md are made from the package: its types,
// their comments, and a small plan.
func TestPlanFilesAreDocumented(t *testing.T) {
	p, r := documentedPlan(), documentedReport()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	got := string(text)
	for name, content := range map[string]string{
		"plan.txt":    fence("text", p.String()),
		"plan.json":   fence("json", indented(t, p)),
		"report.txt":  fence("text", r.String()),
		"report.json": fence("json", strings.Replace(indented(t, &plan.Report{Schema: r.Schema, Outcome: r.Outcome, Results: r.Results, Wrote: r.Wrote}), `"plan": null`, `"plan": { … as above … }`, 1)),
		"fields":      reference(t),
	} {
		part := regexp.MustCompile(`(?s)(<!-- begin ` + regexp.QuoteMeta(name) + ` -->\n).*?(<!-- end -->)`)
		require.Regexp(t, part, got)
		got = part.ReplaceAllString(got, "${1}"+strings.ReplaceAll(strings.TrimRight(content, "\n"), "$", "$$")+"\n${2}")
	}
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(got), 0o644))
		return
	}
	assert.Equal(t, got, string(text), "go test ./plan -update writes it anew")
}

func fence(kind, text string) string {
	return "```" + kind + "\n" + strings.TrimRight(text, "\n") + "\n```"
}

func indented(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	return string(text)
}

// documentedPlan is the smallest plan that shows each part.
func documentedPlan() *plan.Plan {
	d := plan.Delivery{
		Name:        "web-2",
		Source:      plan.Source{Instance: &plan.InstanceSource{Region: "eu-west-1", InstanceID: "i-0abc1234", Reboot: plan.NoReboot}},
		Targets:     []plan.Target{{Region: "eu-west-1", Groups: []string{"web"}}},
		Preferences: &plan.Preferences{MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(200))},
		Budgets:     plan.Budgets{Refresh: plan.Minutes(90)},
		Pin:         true,
	}.WithDefaults()
	p := &plan.Plan{
		Schema: plan.Schema, Kind: plan.KindDelivery, Release: d.Release(), Attempt: 1, Made: noon, Delivery: d, Waves: d.Waves(),
		Places: []plan.Place{{
			Account: account, Region: "eu-west-1", Image: plan.Image{Action: plan.ImageActionCreate},
			Templates: []plan.Template{{ID: "lt-0aaa1111", Name: "web", Default: 3, Latest: 3, Sources: []plan.SourceVersion{{Number: 3, Image: "ami-0old0001"}}}},
			Groups:    []plan.Group{{Name: "web", Launch: []plan.Launch{{Version: 3, Floating: plan.VersionLatest}}, MinInService: 2, Capacity: 2}},
		}},
		Findings: []plan.Finding{{
			Code: "asg.HealthCheckType", Severity: plan.SeverityWarning, Account: account, Region: "eu-west-1", Resource: "web",
			Detail: "group ignores load balancer health checks (HealthCheckType is EC2)",
		}},
	}
	p.Seal()
	return p
}

func documentedReport() *plan.Report {
	p := documentedPlan()
	r := &plan.Report{Schema: plan.Schema, Outcome: plan.OutcomeDelivered, Plan: p}
	for _, s := range p.Steps() {
		res := plan.Result{Step: s.ID, State: plan.StateSucceeded, Wrote: true}
		switch {
		case s.Kind == plan.StepCreateImage:
			res.Image = &plan.ImageResult{ID: "ami-0new0001", State: "available", Snapshots: []string{"snap-0ccc3333"}}
			res.Began = noon
		case s.Kind == plan.StepTemplateVersion:
			res.Version = &plan.VersionResult{Template: "lt-0aaa1111", From: 3, To: 4}
		case s.Kind == plan.StepRefresh:
			res.Group = &plan.GroupResult{RefreshID: "08b91cf7-8fa6-48af-b6a6-d227f40f1b9b", Status: "Successful", Percentage: 100, From: 3, To: 4}
			res.Began, res.Ended = noon.Add(8*60e9), noon.Add(15*60e9)
		case s.Kind.Undoes():
			continue
		}
		r.Results, r.Wrote = append(r.Results, res), append(r.Wrote, s.ID)
	}
	return r
}

// reference has a table for each type that is reached from a plan or a report. It fails
// for a field or value without a comment.
func reference(t *testing.T) string {
	t.Helper()
	objects, values, docs := map[string]*ast.StructType{}, map[string][][2]string{}, map[string]string{}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range f.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range decl.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					docs[s.Name.Name] = sentence(decl.Doc)
					if st, ok := s.Type.(*ast.StructType); ok {
						objects[s.Name.Name] = st
					}
				case *ast.ValueSpec:
					typ, named := s.Type.(*ast.Ident)
					lit, text := first(s.Values).(*ast.BasicLit)
					if !named || !text || !ast.IsExported(s.Names[0].Name) {
						continue
					}
					value, err := strconv.Unquote(lit.Value)
					require.NoError(t, err)
					require.NotEmpty(t, sentence(s.Doc), s.Names[0].Name)
					if value != "" {
						_, says, _ := strings.Cut(sentence(s.Doc), " ")
						values[typ.Name] = append(values[typ.Name], [2]string{value, says})
					}
				}
			}
		}
	}
	var out strings.Builder
	seen := map[string]bool{}
	queue := []string{"Plan", "Report"}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		fmt.Fprintf(&out, "### %s\n\n%s\n\n", name, docs[name])
		if v := values[name]; v != nil {
			out.WriteString("| Value | Meaning |\n|---|---|\n")
			for _, each := range v {
				fmt.Fprintf(&out, "| `%s` | %s |\n", each[0], each[1])
			}
			out.WriteString("\n")
			continue
		}
		out.WriteString("| Field | Type | Meaning |\n|---|---|---|\n")
		for _, field := range objects[name].Fields.List {
			tag, _ := strconv.Unquote(field.Tag.Value)
			key, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(tag, `json:"`), `"`), ",")
			says := sentence(field.Doc)
			require.NotEmpty(t, says, "%s.%s has no comment", name, field.Names[0].Name)
			kind, more := kindOf(field.Type, objects, values)
			queue = append(queue, more...)
			fmt.Fprintf(&out, "| `%s` | %s | %s |\n", key, kind, says)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func first(values []ast.Expr) ast.Expr {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

var link = regexp.MustCompile(`\[([\w.*]+)\]`)

// sentence is a comment on one line, as text of a table.
func sentence(c *ast.CommentGroup) string {
	text := strings.Join(strings.Fields(c.Text()), " ")
	return strings.ReplaceAll(link.ReplaceAllString(text, "$1"), "|", `\|`)
}

// kindOf is the type of a field in JSON, and the types of ours that it is made of.
func kindOf(e ast.Expr, objects map[string]*ast.StructType, values map[string][][2]string) (string, []string) {
	switch e := e.(type) {
	case *ast.StarExpr:
		return kindOf(e.X, objects, values)
	case *ast.ArrayType:
		kind, more := kindOf(e.Elt, objects, values)
		return "list of " + kind, more
	case *ast.MapType:
		kind, more := kindOf(e.Value, objects, values)
		return kind + " by name", more
	case *ast.SelectorExpr:
		return "time", nil
	}
	switch name := e.(*ast.Ident).Name; {
	case objects[name] != nil || values[name] != nil:
		return "[" + name + "](#" + strings.ToLower(name) + ")", []string{name}
	case name == "Duration":
		return "duration", nil
	case name == "Preferences":
		return "[RefreshPreferences](https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html)", nil
	case name == "BlockDeviceMapping":
		return "[BlockDeviceMapping](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockDeviceMapping.html)", nil
	case name == "StepID" || name == "string":
		return "text", nil
	case name == "bool":
		return "true or false", nil
	default:
		return "number", nil
	}
}
