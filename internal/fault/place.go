package fault

import (
	"cmp"
	"context"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Place is where an error happened, as errors name it. What is not known is
// empty.
type Place struct{ Account, Region string }

// PlaceOf is the place of a client with this Region and these credentials. What
// the client knows wins; asked is for the rest, and all that there is for a mock.
func PlaceOf(region string, c aws.CredentialsProvider, asked Place) Place {
	p := Place{Region: cmp.Or(region, asked.Region), Account: asked.Account}
	if o, ok := c.(*Owned); ok {
		p.Account = cmp.Or(o.Account(), p.Account)
	}
	return p
}

// Owned are credentials that know whose they are. A client of the SDK has no
// other place for that: its Options keep the credentials as they were given.
type Owned struct {
	aws.CredentialsProvider
	account atomic.Pointer[string]
}

// Own returns c as the credentials of an account; empty: it is not known yet.
func Own(c aws.CredentialsProvider, account string) *Owned {
	o := &Owned{CredentialsProvider: c}
	o.Learn(account)
	return o
}

// Account is empty while it is not known. No call is made to find it out.
func (o *Owned) Account() string {
	if a := o.account.Load(); a != nil {
		return *a
	}
	return ""
}

// Learn sets the account where it is not known yet.
func (o *Owned) Learn(account string) {
	if account != "" {
		o.account.CompareAndSwap(nil, &account)
	}
}

// Retrieve also learns the account, of credentials that name it: those of a role
// or of IAM Identity Center do.
func (o *Owned) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := o.CredentialsProvider.Retrieve(ctx)
	o.Learn(c.AccountID)
	return c, err
}

// ProviderSources is what the SDK asks its own providers for the user agent.
func (o *Owned) ProviderSources() []aws.CredentialSource {
	if s, ok := o.CredentialsProvider.(aws.CredentialProviderSource); ok {
		return s.ProviderSources()
	}
	return nil
}

// IsCredentialsProvider has the SDK find anonymous credentials that are owned.
func (o *Owned) IsCredentialsProvider(target aws.CredentialsProvider) bool {
	return aws.IsCredentialsProvider(o.CredentialsProvider, target)
}
