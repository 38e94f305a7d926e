package awstest

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
)

// DefaultAccount is the account of [Cloud.Config] and [Cloud.Region].
const DefaultAccount = "123456789012"

// Cloud is one in-memory AWS: accounts × Regions behind the real SDK clients.
// It is safe for use by many goroutines. Make one with [New] or [Start].
type Cloud struct {
	mu   sync.Mutex // guards everything below; never held over a sleep or a hook
	opts []Option
	world
}

// world is all that a cloud is: another one in its place is another cloud.
type world struct {
	born        time.Time
	offset      time.Duration
	now         time.Time // the instant that the world has been stepped to
	queue       eventQueue
	shown       []func() // transitions that SeenOnce releases at the next call
	timing      Timing
	seed        uint64
	pageSize    int
	regions     regions
	stores      map[place]*store
	regional    map[string]*catalogue // by Region
	lineage     map[string]*image     // every image there ever was, by id
	buckets     map[bucketName]*s3Bucket
	sessions    map[string]session  // by access key
	users       map[string]identity // by access key, as far as they have called
	externalIDs map[string]string   // that roles require, by account/name; nil: none
	scripts     []imageScript
	unconfirmed Unconfirmed
	quotas      Quotas
	members     map[string]memberships // of organizations, by account
	subscribed  map[string]bool        // to Marketplace products: account/code
	faults      []Fault
	consistency Consistency
	answering   bool // a call is being answered: false while AWS itself acts
	attempt     int  // the how-manieth call is being answered
	ledger      ledger
}

// place is one account in one Region: the scope of nearly everything in AWS.
type place struct{ account, region string }

// New makes a Cloud in which nothing exists but, in every Region, the default
// VPC with its subnets, security group and key pair.
//
// Make it where it is used: a cloud made outside a testing/synctest bubble
// refuses every call from inside one, where the clock stands at another time.
func New(opts ...Option) *Cloud {
	c := &Cloud{opts: opts, world: world{
		born:       time.Now(),
		regions:    allRegions(),
		stores:     map[place]*store{},
		regional:   map[string]*catalogue{},
		lineage:    map[string]*image{},
		buckets:    map[bucketName]*s3Bucket{},
		sessions:   map[string]session{},
		users:      map[string]identity{},
		members:    map[string]memberships{},
		subscribed: map[string]bool{},
		seed:       1,
	}}
	c.now = c.born
	c.ledger.init()
	for _, opt := range opts {
		opt(c)
	}
	return c
}

// Option changes how a Cloud behaves, for [New] and [Start].
type Option func(*Cloud)

// WithTiming sets how long things take. The default is [Instant].
func WithTiming(t Timing) Option { return func(c *Cloud) { c.timing = t } }

// WithSeed sets what jitter is drawn from. The default is 1.
func WithSeed(seed uint64) Option { return func(c *Cloud) { c.seed = seed } }

// WithPageSize makes lists answer at most n items a page, whatever more the
// caller asks for. Zero, the default, leaves AWS's own page sizes.
func WithPageSize(n int) Option { return func(c *Cloud) { c.pageSize = n } }

// WithEnabledRegions makes every account have these Regions from the start, as if
// it had opted in to them. One account does that by [Account.EnableRegion].
func WithEnabledRegions(names ...string) Option {
	return func(c *Cloud) { c.regions.seed(true, names) }
}

// WithDisabledRegions makes these Regions refuse the calls of every account that
// does not enable them, as if it had not opted in: EC2 answers AuthFailure. The
// opt-in Regions of AWS are so without it. AWS lets nobody disable any other, but
// a test may.
func WithDisabledRegions(names ...string) Option {
	return func(c *Cloud) { c.regions.seed(false, names) }
}

// WithFault puts hooks in front of the cloud from the start; see [Cloud.Inject].
func WithFault(faults ...Fault) Option {
	return func(c *Cloud) { c.faults = append(c.faults, faults...) }
}

// WithInputs makes the ledger keep a copy of every call's input.
func WithInputs() Option { return func(c *Cloud) { c.ledger.inputs = true } }

// Config is an aws.Config for a Region of the default account: any real client
// made from it works on this cloud, and only on it.
func (c *Cloud) Config(region string) aws.Config {
	return c.Account(DefaultAccount).Config(region)
}

// Account is one AWS account of a [Cloud].
type Account struct {
	cloud *Cloud
	id    string
}

// Account returns the account with a 12-digit id. Every id exists.
func (c *Cloud) Account(id string) *Account { return &Account{cloud: c, id: id} }

// Config is as [Cloud.Config], with credentials of this account.
func (a *Account) Config(region string) aws.Config {
	return aws.Config{
		Region:         region,
		Credentials:    staticCredentials(a.id),
		HTTPClient:     &http.Client{Transport: noNetwork{}},
		APIOptions:     []func(*middleware.Stack) error{a.cloud.install},
		ServiceOptions: []func(string, any){sparelySigned},
	}
}

// Region is the view of one account in one Region, to seed and to inspect.
func (a *Account) Region(name string) *Region {
	return &Region{cloud: a.cloud, place: place{a.id, name}}
}

// Region is as [Account.Region] for the default account.
func (c *Cloud) Region(name string) *Region { return c.Account(DefaultAccount).Region(name) }

// Region seeds and inspects one account's resources in one Region. What it
// returns are copies.
type Region struct {
	cloud *Cloud
	place place
}

// do runs fn on the stepped world, as a call would, without the ledger and the
// faults.
func (r *Region) do(fn func(*store)) {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	r.cloud.step()
	fn(r.cloud.store(r.place))
	r.cloud.step()
}

// meanwhile is do for what comes between two calls: under SeenOnce, what has
// been shown is still so.
func (r *Region) meanwhile(fn func(*store)) {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	shown := r.cloud.shown
	r.cloud.shown = nil
	r.cloud.step()
	fn(r.cloud.store(r.place))
	r.cloud.step()
	r.cloud.shown = append(shown, r.cloud.shown...)
}

// Config is an aws.Config for this account and Region.
func (r *Region) Config() aws.Config {
	return r.cloud.Account(r.place.account).Config(r.place.region)
}

// noNetwork is the transport of every config: a request that reaches it has
// escaped the fake.
type noNetwork struct{}

func (noNetwork) RoundTrip(req *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("awstest: no network: refused to send a request to %s", req.URL.Host)
}

// errOtherClock is what a cloud says that was made outside the synctest bubble
// it is used in.
var errOtherClock = errors.New("awstest: this cloud was made at another time: " +
	"make it inside the synctest bubble that uses it")
