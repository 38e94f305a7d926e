package readyami_test

import (
	"testing"
	"time"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

// consumer is the account that images are shared with.
const consumer = "333333333333"

// deprecated is when images are: AWS keeps it to the minute.
var deprecated = time.Date(2000, time.March, 31, 0, 0, 0, 0, time.UTC)

// finishScenarios are about what the images are given besides.
var finishScenarios = []scenario{
	{name: "finished", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Attributes = &plan.Attributes{
			Tags:        map[string]string{"tier": "gold"},
			Share:       plan.Permissions{Accounts: []string{consumer}},
			DeprecateAt: deprecated,
			Protection:  plan.ProtectionWithoutCooldown,
		}
		return w
	}},
	{name: "finished-and-default", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.SetDefault = true
		w.Attributes = &plan.Attributes{
			Tags:        map[string]string{"tier": "gold"},
			Share:       plan.Permissions{Accounts: []string{consumer}},
			DeprecateAt: deprecated,
			Protection:  plan.ProtectionWithoutCooldown,
		}
		return w
	}},
	{name: "finish-refused", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Attributes = &plan.Attributes{Protection: plan.ProtectionWithCooldown}
		w.inject(awstest.Refuse(awstest.Match{Operation: "EnableImageDeregistrationProtection", Region: "us-east-1"}, 1,
			"UnauthorizedOperation", "You are not authorized to perform this operation."))
		return w
	}, acts: []act{{name: "first", says: errAny}, {name: "again"}}},
}
