package launchtemplate_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

func TestSetDefault(t *testing.T) {
	cloud, ref, client := three(t)
	for _, tt := range []struct {
		to, before int64
		writes     int
	}{
		{to: 3, before: 2, writes: 1},
		{to: 3, before: 3, writes: 0},
		{to: 2, before: 3, writes: 1},
		{to: 3, before: 2, writes: 1}, // again the first move: no token may stop it
	} {
		for i, r := range []launchtemplate.Ref{ref, {Name: "web"}} {
			cloud.ForgetCalls()
			moved, err := launchtemplate.SetDefault(t.Context(), client, r, tt.to)
			require.NoError(t, err)
			if i == 0 {
				assert.Equal(t, launchtemplate.SetDefaultResult{Before: tt.before, After: tt.to}, *moved)
				assert.Len(t, cloud.Writes(), tt.writes)
			} else {
				assert.Equal(t, launchtemplate.SetDefaultResult{Before: tt.to, After: tt.to}, *moved)
				assert.Empty(t, cloud.Writes())
			}
			v, err := launchtemplate.Resolve(t.Context(), client, r, launchtemplate.DefaultVersion)
			require.NoError(t, err)
			assert.Equal(t, tt.to, v.Number)
		}
	}
}

func TestSetDefaultAfterLostResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, ref, client := three(t)
		cloud.Inject(awstest.LoseResponseForGood(awstest.Match{Operation: "ModifyLaunchTemplate"}))
		_, err := launchtemplate.SetDefault(t.Context(), client, ref, 3)
		require.Error(t, err)
		cloud.ForgetCalls()
		moved, err := launchtemplate.SetDefault(t.Context(), client, ref, 3)
		require.NoError(t, err)
		assert.Equal(t, launchtemplate.SetDefaultResult{Before: 3, After: 3}, *moved)
		assert.Empty(t, cloud.Writes())
	})
}

func TestSetDefaultErrors(t *testing.T) {
	_, ref, client := three(t)
	for name, tt := range map[string]struct {
		ref launchtemplate.Ref
		n   int64
		is  error
	}{
		"no such version":  {ref, 9, launchtemplate.ErrNotFound},
		"no such template": {launchtemplate.Ref{ID: "lt-0fffffffffffffff0"}, 1, launchtemplate.ErrNotFound},
		"no such name":     {launchtemplate.Ref{Name: "none"}, 1, launchtemplate.ErrNotFound},
		"no template":      {launchtemplate.Ref{}, 1, launchtemplate.ErrInvalidInput},
		"no version":       {ref, 0, launchtemplate.ErrInvalidInput},
	} {
		_, err := launchtemplate.SetDefault(t.Context(), client, tt.ref, tt.n)
		assert.ErrorIs(t, err, tt.is, name)
		assert.Equal(t, "launchtemplate.SetDefault", failure(t, err).Op)
	}
	v, err := launchtemplate.Resolve(t.Context(), client, ref, "")
	require.NoError(t, err)
	assert.Equal(t, int64(2), v.Number)
}
