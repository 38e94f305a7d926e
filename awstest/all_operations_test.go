package awstest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A hundred callers at once make every operation that is registered, write over
// all that they sent and got, and look at the cloud with its helpers. The race
// detector says whether any of it is shared.
func TestManyGoroutinesMakeEveryOperation(t *testing.T) {
	cloud := New(WithInputs(), WithTiming(SeenOnce))
	first := newDriver(cloud, rand.New(rand.NewPCG(0, 2)), "g")
	var wg sync.WaitGroup
	var mu sync.Mutex
	succeeded := map[string]int{}
	// Again, if the hundred were so much in each other's way that something did
	// not succeed.
	for wave := uint64(0); wave < 4 && len(neverSucceeded(succeeded)) > 0; wave++ {
		for n := range uint64(100) {
			wg.Go(func() {
				d := first.fork(rand.New(rand.NewPCG(n, 2+wave)), fmt.Sprint("g", n, "-", wave))
				types := slices.Clone(d.types)
				d.Shuffle(len(types), func(a, b int) { types[a], types[b] = types[b], types[a] })
				for _, in := range types {
					o := d.call(context.Background(), in)
					if why := asAWS(o.err); why != "" {
						t.Errorf("%s: %s", o.op, why)
					}
					if o.err == nil {
						mu.Lock()
						succeeded[o.op]++
						mu.Unlock()
					}
					spoil(reflect.ValueOf(o.in))
					spoil(reflect.ValueOf(o.out))
				}
				if n%10 > 0 {
					return
				}
				r := cloud.Region(d.regions[n%2])
				spoil(reflect.ValueOf(r.Images()))
				spoil(reflect.ValueOf(r.Snapshots()))
				spoil(reflect.ValueOf(r.Instances()))
				spoil(reflect.ValueOf(r.Templates()))
				spoil(reflect.ValueOf(r.Groups()))
				cloud.Leaks()
				cloud.Advance(time.Second)
			})
		}
		wg.Wait()
	}
	assert.Empty(t, cloud.broken())
	assert.Empty(t, neverSucceeded(succeeded))
	for _, call := range cloud.Calls() {
		require.NotContains(t, fmt.Sprint(call.Input), spoiled, "the ledger has its own copy")
	}
}

// What a caller does to an input that it has sent, or to an answer that it has
// got, changes nothing inside, for every operation that is registered; and no
// two answers share anything.
func TestWhatGoesInAndOutIsTheCallers(t *testing.T) {
	cloud := New(WithInputs(), WithTiming(SeenOnce))
	d := newDriver(cloud, rand.New(rand.NewPCG(1, 3)), "own")
	last := map[string]map[uintptr]string{} // the newest answer of each operation
	held := map[string]any{}                // and itself, so that its memory is not used again
	succeeded := map[string]int{}
	for round := 0; round < 3 || round < 200 && len(neverSucceeded(succeeded)) > 0; round++ {
		for _, in := range d.types {
			o := d.call(t.Context(), in)
			// Two answers are enough to compare; later rounds are for what has not
			// succeeded yet, and may need what another operation makes.
			if round > 0 && (o.err != nil || round >= 3 && succeeded[o.op] > 0) {
				continue
			}
			if o.err == nil {
				succeeded[o.op]++
			}
			inside, sent, got := memory(cloud), memory(o.in), memory(o.out)
			require.Empty(t, common(inside, sent), "%s keeps its input", o.op)
			require.Empty(t, common(inside, got), "%s hands out what is inside", o.op)
			require.Empty(t, common(last[o.op], got), "%s hands out the same twice", o.op)
			require.Empty(t, common(sent, got), "%s answers with parts of its input", o.op)
			last[o.op], held[o.op] = got, o.out
			spoil(reflect.ValueOf(o.in))
			spoil(reflect.ValueOf(o.out))
			require.True(t, maps.Equal(inside, memory(cloud)), "%s: the cloud has changed with what its caller holds", o.op)
		}
	}
	assert.Empty(t, neverSucceeded(succeeded))
}

// The walker finds what is shared, or the test above would show nothing.
func TestMemoryFindsWhatIsShared(t *testing.T) {
	type deep struct{ list []*string }
	one := deep{[]*string{new("x")}}
	assert.Len(t, common(memory(&one), memory(&deep{one.list})), 2)
	assert.Len(t, common(memory(&one), memory(&deep{[]*string{one.list[0]}})), 1)
	assert.Empty(t, common(memory(&one), memory(&deep{[]*string{new("x")}})))
	before := memory(&one)
	spoil(reflect.ValueOf(one.list))
	assert.False(t, maps.Equal(before, memory(&one)))
}

func common(a, b map[uintptr]string) (out []uintptr) {
	for at := range b {
		if _, ok := a[at]; ok {
			out = append(out, at)
		}
	}
	return out
}

// memory is every place that can be written to through a value, and what stands
// there.
func memory(root any) map[uintptr]string {
	w := walker{places: map[uintptr]string{}, seen: map[visit]bool{}}
	w.walk(reflect.ValueOf(root))
	return w.places
}

type visit struct {
	at uintptr
	as reflect.Type
}

type walker struct {
	places map[uintptr]string
	seen   map[visit]bool
}

func (w walker) first(at uintptr, as reflect.Type) bool {
	v := visit{at, as}
	if at == 0 || w.seen[v] {
		return false
	}
	w.seen[v] = true
	return true
}

func (w walker) walk(v reflect.Value) {
	if !v.IsValid() {
		return
	}
	switch t := v.Type(); v.Kind() {
	case reflect.Pointer:
		if w.first(v.Pointer(), t) {
			w.walk(v.Elem())
		}
	case reflect.Interface:
		w.walk(v.Elem())
	case reflect.Slice:
		if v.Len() > 0 {
			if t.Elem().Kind() == reflect.Pointer || t.Elem().Kind() == reflect.Interface {
				w.places[v.Pointer()] = fmt.Sprint("slice of ", v.Len())
			}
			for i := range v.Len() {
				w.walk(v.Index(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			w.walk(v.Index(i))
		}
	case reflect.Map:
		if !w.first(v.Pointer(), t) {
			return
		}
		var entries []string
		for it := v.MapRange(); it.Next(); {
			if text, leaf := leafText(it.Value()); leaf {
				key, _ := leafText(it.Key())
				entries = append(entries, key+"="+text)
			}
			w.walk(it.Value())
		}
		slices.Sort(entries)
		w.places[v.Pointer()] = fmt.Sprint(v.Len(), strings.Join(entries, " "))
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[sync.Mutex]() {
			return
		}
		for i := range v.NumField() {
			w.walk(v.Field(i))
		}
	default:
		if text, leaf := leafText(v); leaf && v.CanAddr() {
			w.places[v.UnsafeAddr()] = text
		}
	}
}

// leafText is a value that has no parts, in a form to compare.
func leafText(v reflect.Value) (text string, leaf bool) {
	switch {
	case v.Kind() == reflect.String:
		return v.String(), true
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), true
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, 64), true
	}
	return "", false
}

const spoiled = "spoiled by its caller"

// spoil writes over all that a caller can reach.
func spoil(v reflect.Value) {
	if !v.IsValid() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		spoil(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	case reflect.Map:
		if v.Len() > 0 && v.Type().Key().Kind() == reflect.String && v.CanInterface() {
			v.SetMapIndex(reflect.ValueOf(spoiled).Convert(v.Type().Key()), reflect.Zero(v.Type().Elem()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
				spoil(v.Field(i))
			}
		}
	}
	if !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(spoiled)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	}
}
