package region

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/readyami/readyami/internal/fault"
)

// Target is a Region of an account. It can be compared and used as a map key.
type Target struct {
	// Account id of 12 digits. Empty: that of the credentials; [ClientPool.Preflight]
	// fills it in.
	Account string
	// Region such as "eu-west-1". Required.
	Region string
}

// String is "account/Region", or the Region alone where the account is empty.
func (t Target) String() string {
	if t.Account == "" {
		return t.Region
	}
	return t.Account + "/" + t.Region
}

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
	regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)
)

func (t Target) check(op string) error {
	if !regionName.MatchString(t.Region) {
		return fault.Invalid(op, fault.Place(t), "Region: %q is no Region", t.Region)
	}
	if t.Account != "" && !accountID.MatchString(t.Account) {
		return fault.Invalid(op, fault.Place(t), "Account: %q is no account id", t.Account)
	}
	return nil
}

// home is the Region of the target's partition that every account has. The
// account can be asked there which other Regions it has.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
func (t Target) home() Target {
	for _, p := range []struct{ prefix, region string }{
		{"cn-", "cn-north-1"},
		{"us-gov-", "us-gov-west-1"},
		{"us-isob-", "us-isob-east-1"},
		{"us-isof-", "us-isof-south-1"},
		{"us-iso-", "us-iso-east-1"},
		{"eu-isoe-", "eu-isoe-west-1"},
		{"eusc-", "eusc-de-east-1"},
	} {
		if strings.HasPrefix(t.Region, p.prefix) {
			return Target{t.Account, p.region}
		}
	}
	return Target{t.Account, "us-east-1"}
}

// ConfigFunc gives the configuration of a target: its credentials, and whatever
// else of the SDK's configuration a caller sets. The Region of the target is
// set afterwards. It is asked once for each target, from several goroutines,
// and by [ClientPool.Preflight] also for a Region that every account of the
// partition has, such as us-east-1.
type ConfigFunc func(ctx context.Context, t Target) (aws.Config, error)

// OneAccount is the ConfigFunc of deliveries within the account of cfg. That a
// target names another account is found by [ClientPool.Preflight].
func OneAccount(cfg aws.Config) ConfigFunc {
	return func(context.Context, Target) (aws.Config, error) { return cfg.Copy(), nil }
}
