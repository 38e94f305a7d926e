package readyami_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// An image of the same instance under another name is another release's: it is not
// taken for this one's.
func TestAnotherNameIsAnotherImage(t *testing.T) {
	play(t, "the-whole-way", func(t *testing.T, w *world) {
		_, err := w.act()
		require.NoError(t, err)
		w.Name = "web-3"
		_, err = w.act()
		require.NoError(t, err)
		for _, in := range threeRegions {
			require.Len(t, w.named(in, "web-2"), 1, in)
			require.Len(t, w.named(in, "web-3"), 1, in)
		}
	})
}
