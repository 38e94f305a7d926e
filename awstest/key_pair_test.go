package awstest_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestKeyPairWithoutATypeIsRSA(t *testing.T) {
	client := ec2.NewFromConfig(awstest.Start(t).Config(home))
	made, err := client.CreateKeyPair(t.Context(), &ec2.CreateKeyPairInput{KeyName: new("mine")})
	require.NoError(t, err)
	block, _ := pem.Decode([]byte(*made.KeyMaterial))
	require.NotNil(t, block)
	assert.Equal(t, "RSA PRIVATE KEY", block.Type)
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	require.NoError(t, err)
	require.NoError(t, key.Validate())
	assert.Equal(t, 2048, key.N.BitLen())
	digest := sha256.Sum256([]byte("what is signed"))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	require.NoError(t, err)
	assert.NoError(t, rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature))

	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	sum := sha1.Sum(der)
	assert.Equal(t, hex.EncodeToString(sum[:]), strings.ReplaceAll(*made.KeyFingerprint, ":", ""))
	assert.Len(t, *made.KeyFingerprint, 59)

	other, err := client.CreateKeyPair(t.Context(), &ec2.CreateKeyPairInput{KeyName: new("other"), KeyType: ec2types.KeyTypeRsa})
	require.NoError(t, err)
	assert.NotEqual(t, *made.KeyMaterial, *other.KeyMaterial)
	known := map[string]bool{*made.KeyFingerprint: true, *other.KeyFingerprint: true}
	for n := range 8 {
		next, err := client.CreateKeyPair(t.Context(), &ec2.CreateKeyPairInput{KeyName: new(fmt.Sprint("key-", n))})
		require.NoError(t, err)
		assert.False(t, known[*next.KeyFingerprint], "each is another key")
		known[*next.KeyFingerprint] = true
	}
	again, err := ec2.NewFromConfig(awstest.Start(t).Config(home)).CreateKeyPair(t.Context(), &ec2.CreateKeyPairInput{KeyName: new("x")})
	require.NoError(t, err)
	assert.Equal(t, *made.KeyMaterial, *again.KeyMaterial, "the same in every run")
}

func TestKeyPairsTellTheirType(t *testing.T) {
	cloud := awstest.Start(t)
	cloud.Region(home).KeyPair("seeded")
	client := ec2.NewFromConfig(cloud.Config(home))
	for name, kind := range map[string]ec2types.KeyType{"plain": "", "rsa": "rsa", "ed": "ed25519"} {
		made, err := client.CreateKeyPair(t.Context(), &ec2.CreateKeyPairInput{KeyName: &name, KeyType: kind})
		require.NoError(t, err)
		if kind == ec2types.KeyTypeEd25519 {
			block, _ := pem.Decode([]byte(*made.KeyMaterial))
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			require.NoError(t, err)
			assert.IsType(t, ed25519.PrivateKey{}, key)
		}
	}
	out, err := client.DescribeKeyPairs(t.Context(), nil)
	require.NoError(t, err)
	kinds := map[string]ec2types.KeyType{}
	for _, k := range out.KeyPairs {
		kinds[*k.KeyName] = k.KeyType
	}
	assert.Equal(t, map[string]ec2types.KeyType{"default": "rsa", "seeded": "rsa", "plain": "rsa", "rsa": "rsa", "ed": "ed25519"}, kinds)
	_, err = client.CreateKeyPair(t.Context(), &ec2.CreateKeyPairInput{KeyName: new("odd"), KeyType: "dsa"})
	requireCode(t, err, "InvalidParameterValue", "dsa")
}
