package awstest_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// boundLine is a line of testdata/bounds.txt.
type boundLine struct {
	operation, field string
	least, most      int // -1: there is none
	source           string
}

func bounds(t *testing.T) (all []boundLine) {
	text, err := os.ReadFile("testdata/bounds.txt")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		require.Len(t, words, 5, line)
		number := func(word string) int {
			if word == "-" {
				return -1
			}
			n, err := strconv.Atoi(word)
			require.NoError(t, err, line)
			return n
		}
		assert.True(t, strings.HasPrefix(words[4], "https://docs.aws.amazon.com/"), line)
		all = append(all, boundLine{words[0], words[1], number(words[2]), number(words[3]), words[4]})
	}
	return all
}

// What an answer says without the ids and the numbers in it.
var (
	ids   = regexp.MustCompile(`\b[a-z]+-[0-9a-f]{17}\b`)
	words = regexp.MustCompile(`[^A-Za-z]+`)
)

// What is outside of AWS's bounds is refused over HTTP, and what is at them is
// not, or not for that.
func TestBoundsOverHTTP(t *testing.T) {
	operations := map[string]awstest.Registered{}
	for _, op := range awstest.Operations() {
		operations[strings.TrimSuffix(op.Input.String(), "Input")] = op
	}
	for _, b := range bounds(t) {
		t.Run(b.operation+"."+b.field, func(t *testing.T) {
			op, ok := operations[b.operation]
			require.True(t, ok, "it is not modelled")
			answer := func(size int) (text string) {
				inWorld(t, func(w *fieldWorld) {
					in := fieldCases[op.Input][0].call(w)
					field := reflect.ValueOf(in).Elem().FieldByName(b.field)
					require.True(t, field.IsValid())
					field.Set(sized(field, size))
					w.overHTTP(true)
					text = w.reply(in).err
				})
				return words.ReplaceAllString(ids.ReplaceAllString(text, ""), " ")
			}
			if b.least >= 0 {
				below := answer(b.least - 1)
				assert.NotEmpty(t, below, "below the least")
				assert.NotEqual(t, below, answer(b.least), "at the least")
			}
			if b.most >= 0 {
				above := answer(b.most + 1)
				assert.NotEmpty(t, above, "above the most")
				assert.NotEqual(t, above, answer(b.most), "at the most")
			}
		})
	}
}

// sized is a value of a size: a number that is it, a text or a list that has it.
func sized(field reflect.Value, size int) reflect.Value {
	t := field.Type()
	if t.Kind() == reflect.Slice {
		list := reflect.MakeSlice(t, 0, size)
		first := ""
		if field.Len() > 0 && t.Elem().Kind() == reflect.String {
			first = field.Index(0).String()
		}
		for n := range size {
			one := reflect.New(t.Elem()).Elem()
			switch prefix, _, hasID := strings.Cut(first, "-"); {
			case n == 0:
				one.SetString(first)
			case hasID:
				one.SetString(fmt.Sprintf("%s-%017x", prefix, n))
			default:
				one.SetString(fmt.Sprint(n))
			}
			list = reflect.Append(list, one)
		}
		return list
	}
	p := reflect.New(t.Elem())
	if t.Elem().Kind() == reflect.String {
		p.Elem().SetString(strings.Repeat("a", size))
	} else {
		p.Elem().SetInt(int64(size))
	}
	return p
}
