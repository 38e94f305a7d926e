package awstest_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/awstest"
)

// TestDryRun goes over every operation that has DryRun, with the calls of the
// field cases: a dry run says that the call would succeed, and nothing changes,
// then or later.
func TestDryRun(t *testing.T) {
	for _, op := range awstest.Operations() {
		if !op.DryRun || len(fieldCases[op.Input]) == 0 {
			continue
		}
		t.Run(op.Input.String(), func(t *testing.T) {
			for _, c := range fieldCases[op.Input] {
				var without, with []string
				inWorld(t, func(w *fieldWorld) {
					c.call(w)
					without = w.looks(c)
				})
				inWorld(t, func(w *fieldWorld) {
					in := c.call(w)
					setAt(reflect.ValueOf(in).Elem(), "DryRun", true)
					assert.Equal(t, "DryRunOperation", w.try(in).code())
					with = w.looks(c)
				})
				assert.Equal(t, without, with, "a dry run has changed something")
			}
		})
	}
}

// TestDryRunOfWhatFails sets each text of each call to what there is not. Where
// that fails the call, it fails the dry run with the same code.
func TestDryRunOfWhatFails(t *testing.T) {
	refusals := 0
	for _, op := range awstest.Operations() {
		if !op.DryRun || len(fieldCases[op.Input]) == 0 {
			continue
		}
		for _, path := range leaves(op) {
			at := typeAt(op.Input, path)
			for at.Kind() == reflect.Pointer || at.Kind() == reflect.Slice {
				at = at.Elem()
			}
			if at.Kind() != reflect.String {
				continue
			}
			answer := func(dry bool) (code string) {
				inWorld(t, func(w *fieldWorld) {
					in := fieldCases[op.Input][0].call(w)
					setAt(reflect.ValueOf(in).Elem(), path, "no such thing!")
					setAt(reflect.ValueOf(in).Elem(), "DryRun", dry)
					code = w.try(in).code()
				})
				return code
			}
			want := answer(false)
			if want == "" {
				want = "DryRunOperation"
			} else {
				refusals++
			}
			assert.Equal(t, want, answer(true), fmt.Sprint(op.Input, ".", path))
		}
	}
	assert.Greater(t, refusals, 50)
}

// looks is the state now and later.
func (w *fieldWorld) looks(c fieldCase) (out []string) {
	for _, d := range fieldTimes {
		time.Sleep(d)
		out = append(out, w.look(c.looks))
	}
	return out
}

// code is the code of an error, empty for success.
func (a fieldAnswer) code() string {
	code, _, _ := strings.Cut(a.err, ": ")
	return code
}
