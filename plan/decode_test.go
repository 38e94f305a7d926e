package plan_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/plan"
)

// The files with v1 in their names were written when the shape had version 1, and are
// never written anew: as long as Schema is 1, each version of this package reads them.
func TestAnOldFileIsRead(t *testing.T) {
	require.Equal(t, 1, plan.Schema, "keep the old files, say that they are refused, and add new ones")
	f, err := os.Open("testdata/plan-v1.json")
	require.NoError(t, err)
	defer f.Close()
	p, err := plan.Decode(f)
	require.NoError(t, err)
	assert.Equal(t, storefront(), p)

	g, err := os.Open("testdata/report-v1.json")
	require.NoError(t, err)
	defer g.Close()
	r, err := plan.DecodeReport(g)
	require.NoError(t, err)
	assert.Equal(t, delivered(), r)
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, p := range []*plan.Plan{storefront(), gated(), fleet(2, 3, plan.OrderAllAtOnce)} {
		got, err := plan.Decode(strings.NewReader(asJSON(t, p)))
		require.NoError(t, err)
		assert.Equal(t, p, got)
	}
	for _, r := range []*plan.Report{delivered(), rolledBack()} {
		got, err := plan.DecodeReport(strings.NewReader(asJSON(t, r)))
		require.NoError(t, err)
		assert.Equal(t, r, got)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// edit replaces a text that a plan's JSON has.
func edit(old, new string) func(string) string {
	return func(text string) string {
		if !strings.Contains(text, old) {
			panic(old)
		}
		return strings.Replace(text, old, new, 1)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(string) string
		says   string
	}{
		"an older schema":   {edit(`{"schema":1`, `{"schema":0`), "invalid plan file: its schema version is 0, and this version of readyami reads 1 (make a new plan)"},
		"a newer schema":    {edit(`{"schema":1`, `{"schema":2`), "invalid plan file: its schema version is 2, and this version of readyami reads 1 (use the version of readyami that wrote the file, or a later one)"},
		"a newer file":      {func(string) string { return `{"schema":7,"plan":{}}` }, "invalid plan file: its schema version is 7, and this version of readyami reads 1 (use the version of readyami that wrote the file, or a later one)"},
		"no schema":         {edit(`"schema":1,`, ``), "invalid plan file: schema is required"},
		"no JSON":           {func(string) string { return "name: storefront" }, "invalid plan file: invalid character 'a' in literal null (expecting 'u')"},
		"an empty file":     {func(string) string { return "" }, "invalid plan file: unexpected end of JSON input"},
		"half a file":       {func(s string) string { return s[:len(s)/2] }, "invalid plan file: unexpected end of JSON input"},
		"two plans":         {func(s string) string { return s + s }, "invalid plan file: invalid character '{' after top-level value"},
		"an unknown field":  {edit(`"kind":`, `"kindness":1,"kind":`), `invalid plan file: json: unknown field "kindness"`},
		"one of AWS's":      {edit(`"minHealthyPercentage":`, `"minHealthyPercent":`), `invalid plan file: json: unknown field "minHealthyPercent"`},
		"another type":      {edit(`"attempt":1`, `"attempt":"first"`), "invalid plan file: json: cannot unmarshal string into Go struct field Plan.attempt of type int"},
		"a duration":        {edit(`"stall":"20m0s"`, `"stall":"soon"`), `invalid plan file: time: invalid duration "soon"`},
		"no such place":     {edit(`"home":0`, `"home":2`), "invalid plan file: home must be one of the 2 places, not 2"},
		"too few places":    {edit(`"targets":[`, `"targets":[{"region":"a"},{"region":"b"},`), "invalid plan file: there are 2 places for 4 targets"},
		"no such wave":      {edit(`"wave":2`, `"wave":3`), "invalid plan file: group storefront in 123456789012/us-east-1 is in wave 3, and there are 3 waves"},
		"no such template":  {edit(`"launch":[{"template":1`, `"launch":[{"template":9`), "invalid plan file: group batch in 123456789012/us-east-1 launches template 9, and there are 2"},
		"no instance":       {edit(`"instance":{`, `"image":{"region":"eu-west-1","imageId":"ami-1"},"instance":null,"image":{`), `invalid plan file: json: unknown field "instanceId"`},
		"an edited budget":  {edit(`"stall":"20m0s"`, `"stall":"2h0m0s"`), "invalid plan file: the plan has been edited since it was made (change the delivery and make a new plan)"},
		"an edited group":   {edit(`"version":8,`, `"version":7,`), "invalid plan file: the plan has been edited since it was made (change the delivery and make a new plan)"},
		"an edited action":  {edit(`"action":"copy"`, `"action":"use"`), "invalid plan file: the plan has been edited since it was made (change the delivery and make a new plan)"},
		"an edited release": {edit(`"release":"`, `"release":"f`), "invalid plan file: the plan has been edited since it was made (change the delivery and make a new plan)"},
		"an edited wave":    {edit(`"maxFailures":1}],"findings"`, `"maxFailures":9}],"findings"`), "invalid plan file: the plan has been edited since it was made (change the delivery and make a new plan)"},
		"another home":      {edit(`"home":0`, `"home":1`), "invalid plan file: the plan has been edited since it was made (change the delivery and make a new plan)"},
	} {
		t.Run(name, func(t *testing.T) {
			text := c.change(asJSON(t, storefront()))
			_, err := plan.Decode(strings.NewReader(text))
			require.EqualError(t, err, c.says)
			e, ok := errors.AsType[*plan.Error](err)
			require.True(t, ok)
			code := plan.CodeMalformed
			switch {
			case strings.Contains(c.says, "schema version"):
				code = plan.CodeSchema
			case strings.Contains(c.says, "edited"):
				code = plan.CodeEdited
			}
			assert.Equal(t, code, e.Code)
		})
	}
}

// A plan whose digest fits, and which nobody could apply.
func TestDecodeRefusesAPlanThatRefersToNothing(t *testing.T) {
	p := storefront()
	p.Delivery.Source = plan.Source{}
	p.Seal()
	_, err := plan.Decode(strings.NewReader(asJSON(t, p)))
	require.EqualError(t, err, "invalid plan file: the source image is to be created, and the delivery names no instance")
}

func TestDecodeReportRefuses(t *testing.T) {
	text := asJSON(t, rolledBack())
	for name, c := range map[string]struct{ text, says string }{
		"another schema":   {`{"schema":2}`, "invalid report file: its schema version is 2, and this version of readyami reads 1 (use the version of readyami that wrote the file, or a later one)"},
		"no plan":          {`{"schema":1}`, "invalid report file: plan is required"},
		"a plan":           {asJSON(t, storefront()), `invalid report file: json: unknown field "kind"`},
		"an unknown field": {edit(`"outcome":`, `"outcomes":1,"outcome":`)(text), `invalid report file: json: unknown field "outcomes"`},
		"an edited plan":   {edit(`"stall":"20m0s"`, `"stall":"2h0m0s"`)(text), "invalid report file: the plan has been edited since it was made (change the delivery and make a new plan)"},
		"a plan in pieces": {edit(`"home":0`, `"home":-1`)(text), "invalid report file: home must be one of the 2 places, not -1"},
	} {
		_, err := plan.DecodeReport(strings.NewReader(c.text))
		require.EqualError(t, err, c.says, name)
	}
}

func TestDecodeTellsOfTheReader(t *testing.T) {
	broken := errors.New("broken pipe")
	_, err := plan.Decode(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "plan: broken pipe")
}
