package mirror_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/internal/mirror"
)

type (
	sent  string
	shown string

	sentPart  struct{ Size *int32 }
	shownPart struct {
		Size  *int32
		State shown
	}

	request struct {
		Mode  sent
		Parts []sentPart
		Root  *sentPart
		Until *time.Time
		Names []string
	}
	response struct {
		Mode    shown
		Parts   []shownPart
		Root    *shownPart
		Until   *time.Time
		Names   []string
		Version int64
	}
)

func TestAssign(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	from := &response{
		Mode: "on", Parts: []shownPart{{Size: new(int32(8)), State: "applied"}}, Root: &shownPart{Size: new(int32(9))},
		Until: &now, Names: []string{"a"}, Version: 3,
	}
	var to request
	require.NoError(t, mirror.Assign(&to, from))
	assert.Equal(t, request{
		Mode: "on", Parts: []sentPart{{Size: new(int32(8))}}, Root: &sentPart{Size: new(int32(9))}, Until: &now, Names: []string{"a"},
	}, to)

	*to.Parts[0].Size, to.Names[0] = 1, "b"
	assert.Equal(t, int32(8), *from.Parts[0].Size, "nothing is shared")
	assert.Equal(t, "a", from.Names[0])

	to = request{}
	require.NoError(t, mirror.Assign(&to, &response{}))
	assert.Equal(t, request{}, to)
}

func TestAssignRefusesWhatDoesNotFit(t *testing.T) {
	type other struct{ Mode int }
	err := mirror.Assign(&other{}, &response{Mode: "on"})
	assert.EqualError(t, err, "response.Mode: mirror_test.shown cannot be sent as int")
}
