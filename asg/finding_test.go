package asg_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
)

func TestFindingsSurviveJSON(t *testing.T) {
	f := start(t)
	f.group("web")
	gone := f.removeImage("2")
	ready, err := asg.Preflight(t.Context(), f, f.ec2, f.refresh())
	require.ErrorIs(t, err, asg.ErrLaunchRefused)
	require.NotEmpty(t, ready.Findings)

	text, err := json.Marshal(ready.Findings)
	require.NoError(t, err)
	var got []asg.Finding
	require.NoError(t, json.Unmarshal(text, &got))
	require.Len(t, got, len(ready.Findings))
	assert.Equal(t, asg.FindingLaunchRefused, got[0].Code)
	assert.Equal(t, ready.Findings[0].String(), got[0].String())
	require.NotNil(t, got[0].Err)
	assert.Contains(t, got[0].Err.Error(), gone)
	assert.Equal(t, "NotFound", got[0].Err.Code())
}

func TestFindingOfAnotherVersion(t *testing.T) {
	assert.Equal(t, "asg.NewThing: in the group", asg.Finding{Code: "asg.NewThing", Detail: "in the group"}.String())
	assert.Equal(t, "the image is an SSM parameter", asg.Finding{Code: asg.FindingSSMImage}.String())
}
