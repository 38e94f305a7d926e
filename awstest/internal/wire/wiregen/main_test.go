package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tables that are committed are those of the SDK that go.mod names.
func TestTablesAreFresh(t *testing.T) {
	for _, s := range services {
		fresh, err := s.generate()
		require.NoError(t, err)
		committed, err := os.ReadFile(filepath.Join("..", s.file()))
		require.NoError(t, err)
		assert.True(t, string(fresh) == string(committed), "%s is not what the SDK says: go generate ./awstest/internal/wire", s.file())
	}
}

// A service that changes what it speaks is refused, whatever else of it can be
// read.
func TestAServiceThatSpeaksSomethingElseIsRefused(t *testing.T) {
	for _, s := range services {
		for _, other := range []kind{ec2Query, awsQuery, awsJSON} {
			if other == s.kind {
				continue
			}
			changed := s
			changed.kind = other
			_, err := changed.generate()
			assert.ErrorContains(t, err, "no longer "+string(other), s.name)
		}
	}
}

// What is not by the rules of the two query protocols is an error that names
// the function, and no line of a table.
func TestWhatIsNotKnownIsRefused(t *testing.T) {
	for what, code := range map[string]string{
		"a time of another format": `if v.A != nil { objectKey := object.Key("A"); objectKey.String(smithytime.FormatHTTPDate(*v.A)) }`,
		"a map":                    `if v.A != nil { objectKey := object.Key("A"); objectKey.Map("key", "value") }`,
		"a flat structure":         `if v.A != nil { objectKey := object.FlatKey("A"); objectKey.String(*v.A) }`,
		"a field without a name":   `if v.A != nil { other.Key("A") }`,
		"a loop":                   `for range v.A { }`,
	} {
		src := sourceOf(t, `package p
type T struct { A *string }
func awsAwsquery_serializeDocumentT(v *T, value query.Value) error {
	object := value.Object()
	_ = object
	`+code+`
	return nil
}`)
		err := (&tables{}).readQuery(src, awsQuery)
		assert.ErrorContains(t, err, "awsAwsquery_serializeDocumentT", what)
	}
}

func TestAMemberOfAnotherTraitIsRefused(t *testing.T) {
	src := sourceOf(t, `package p
func init() {
	T_A = T.AddMember("A", String, &smithytraits.TimestampFormat{})
}`)
	assert.ErrorContains(t, (&tables{}).readSchemas(src), "TimestampFormat")
}

func sourceOf(t *testing.T, code string) *source {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "code.go"), []byte(code), 0o600))
	src := newSource("p v1")
	require.NoError(t, src.parse(dir, src.declarations))
	require.NoError(t, src.parse(dir, src.schemaCalls))
	return src
}
