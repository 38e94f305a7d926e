package fault_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/internal/fault"
)

// role is credentials as STS and IAM Identity Center give them: with their account.
type role struct {
	account string
	err     error
}

func (r role) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccountID: r.account}, r.err
}

func (role) ProviderSources() []aws.CredentialSource {
	return []aws.CredentialSource{aws.CredentialSourceSTSAssumeRole}
}

func TestPlaceOf(t *testing.T) {
	asked := fault.Place{Account: "222222222222", Region: "us-west-2"}
	assert.Equal(t, asked, fault.PlaceOf("", nil, asked))
	assert.Equal(t, fault.Place{"222222222222", "eu-west-1"}, fault.PlaceOf("eu-west-1", role{}, asked))
	assert.Equal(t, asked, fault.PlaceOf("", fault.Own(role{}, ""), asked), "not known yet")
	assert.Equal(t, fault.Place{"123456789012", "eu-west-1"}, fault.PlaceOf("eu-west-1", fault.Own(role{}, "123456789012"), asked))
}

func TestOwnedLearnsItsAccount(t *testing.T) {
	o := fault.Own(role{account: "123456789012"}, "")
	assert.Empty(t, o.Account(), "no call is made for it")
	c, err := o.Retrieve(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "123456789012", c.AccountID)
	assert.Equal(t, "123456789012", o.Account())
	o.Learn("222222222222")
	assert.Equal(t, "123456789012", o.Account(), "it does not change")

	broken := fault.Own(role{err: errors.New("denied")}, "")
	_, err = broken.Retrieve(t.Context())
	require.EqualError(t, err, "denied")
	assert.Empty(t, broken.Account())
}

func TestOwnedIsSeenThrough(t *testing.T) {
	o := fault.Own(role{}, "")
	assert.Equal(t, []aws.CredentialSource{aws.CredentialSourceSTSAssumeRole}, o.ProviderSources())
	assert.True(t, aws.IsCredentialsProvider(fault.Own(aws.AnonymousCredentials{}, ""), aws.AnonymousCredentials{}))
	assert.Empty(t, fault.Own(aws.AnonymousCredentials{}, "").ProviderSources())
}
