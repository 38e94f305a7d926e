package plan_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/plan"
)

// structs are all exported types of the package that are written as JSON objects.
var structs = []any{
	plan.Attributes{}, plan.BlockDeviceMapping{}, plan.Budgets{}, plan.Decision{}, plan.Delivery{}, plan.Error{},
	plan.Finding{}, plan.Group{}, plan.GroupReport{}, plan.GroupResult{}, plan.Image{}, plan.ImageResult{},
	plan.ImageSource{}, plan.InstanceSource{}, plan.Launch{}, plan.LaunchReport{}, plan.Permissions{}, plan.PinsResult{},
	plan.Place{}, plan.Plan{}, plan.Preferences{}, plan.Report{}, plan.Result{}, plan.Rollout{}, plan.Source{},
	plan.SourceVersion{}, plan.Step{}, plan.Target{}, plan.Template{}, plan.VersionResult{}, plan.Wave{},
}

func TestEveryTypeIsInTheList(t *testing.T) {
	listed := map[string]bool{}
	for _, v := range structs {
		listed[reflect.TypeOf(v).Name()] = true
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				continue
			}
			spec := decl.Specs[0].(*ast.TypeSpec)
			_, isStruct := spec.Type.(*ast.StructType)
			_, isAWS := spec.Type.(*ast.SelectorExpr)
			if spec.Name.IsExported() && (isStruct || isAWS) && spec.Name.Name != "Duration" {
				assert.True(t, listed[spec.Name.Name], "%s is in no test of its JSON", spec.Name.Name)
			}
		}
	}
}

// fill sets every field, and every field of what it points to, to something that is
// not zero. No two fields of a kind are equal.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(noon.Add(time.Duration(*n) * time.Second)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(k, n)
		fill(e, n)
		v.SetMapIndex(k, e)
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	default:
		panic(fmt.Sprint("fill ", v.Type()))
	}
}

var camelCase = regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)

// fields counts the leaves of a value in Go, and requires that none is hidden.
func fields(t *testing.T, v reflect.Value) int {
	switch v.Kind() {
	case reflect.Pointer:
		return fields(t, v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return 1
		}
		n := 0
		for i := range v.NumField() {
			f := v.Type().Field(i)
			aws := strings.Contains(v.Type().PkgPath(), "aws-sdk-go-v2") || v.Type() == reflect.TypeFor[plan.Preferences]() || v.Type() == reflect.TypeFor[plan.BlockDeviceMapping]()
			if !f.IsExported() {
				assert.True(t, aws, "%s.%s is not written", v.Type(), f.Name)
				continue
			}
			assert.NotEqual(t, "-", f.Tag.Get("json"), "%s.%s is hidden", v.Type(), f.Name)
			assert.True(t, aws || f.Tag.Get("json") != "", "%s.%s has no name in JSON", v.Type(), f.Name)
			n += fields(t, v.Field(i))
		}
		return n
	case reflect.Slice:
		return fields(t, v.Index(0)) + fields(t, v.Index(1))
	}
	return 1
}

// leaves counts the leaves of decoded JSON, and requires that all names are in
// camelCase and no duration is a number.
func leaves(t *testing.T, path string, v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for k, each := range v {
			if !strings.HasPrefix(k, "text ") { // a key of a map
				assert.Regexp(t, camelCase, k, path)
			}
			n += leaves(t, path+"."+k, each)
		}
		return n
	case []any:
		for _, each := range v {
			n += leaves(t, path+"[]", each)
		}
		return n
	}
	return 1
}

func TestEveryTypeKeepsItsShapeThroughJSON(t *testing.T) {
	for _, v := range structs {
		typ := reflect.TypeOf(v)
		t.Run(typ.Name(), func(t *testing.T) {
			sent := reflect.New(typ)
			fill(sent.Elem(), new(int))
			text, err := json.Marshal(sent.Interface())
			require.NoError(t, err)
			got := reflect.New(typ)
			require.NoError(t, json.Unmarshal(text, got.Interface()))
			assert.Equal(t, sent.Interface(), got.Interface())
			var plain any
			require.NoError(t, json.Unmarshal(text, &plain))
			assert.Equal(t, fields(t, sent.Elem()), leaves(t, typ.Name(), plain), "each field is written: %s", text)
		})
	}
}

// The zero value of each type is short, and comes back as it was.
func TestZeroValuesComeBack(t *testing.T) {
	for _, v := range structs {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		got := reflect.New(reflect.TypeOf(v))
		require.NoError(t, json.Unmarshal(text, got.Interface()))
		assert.Equal(t, v, got.Elem().Interface())
		assert.NotContains(t, string(text), "0001-01-01", "a time that is not known is left out: %T", v)
	}
}

func TestDurationsAreText(t *testing.T) {
	for text, d := range map[string]plan.Duration{
		"1h30m0s": plan.Minutes(90), "48h0m0s": plan.Days(2), "36h0m0s": plan.Hours(36), "0s": 0, "-1.5s": plan.Duration(-1500 * time.Millisecond),
	} {
		out, err := json.Marshal(plan.Budgets{Image: d, Copy: plan.Hours(1)})
		require.NoError(t, err)
		if d != 0 {
			assert.JSONEq(t, `{"image": "`+text+`", "copy": "1h0m0s"}`, string(out))
		}
		var got plan.Duration
		require.NoError(t, got.UnmarshalText([]byte(text)))
		assert.Equal(t, d, got)
	}
	var b plan.Budgets
	assert.Error(t, json.Unmarshal([]byte(`{"image": "soon"}`), &b))
	assert.Error(t, json.Unmarshal([]byte(`{"image": 3600}`), &b))
}

// What is a default in Go is a word in a plan.
func TestDefaultsAreSpelledOut(t *testing.T) {
	text, err := json.Marshal(plan.Delivery{Rollout: plan.Rollout{MaxFailures: 2}}.WithDefaults())
	require.NoError(t, err)
	assert.Contains(t, string(text), `"rollout":{"order":"careful","maxFailures":2,"onFailure":"roll-back-group"},"onConflict":"fail"`)
}
