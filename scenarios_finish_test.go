package readyami_test

import (
	"testing"
	"time"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// consumer is the account that images are shared with.
const consumer = "333333333333"

// finishScenarios are about what the images are given besides.
var finishScenarios = []scenario{
	{name: "finished", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Finish = &ami.FinishInput{
			Tags:        map[string]string{"tier": "gold"},
			Share:       ami.Permissions{Accounts: []string{consumer}},
			DeprecateAt: time.Now().Add(90 * 24 * time.Hour).Truncate(time.Minute),
			Protect:     ami.ProtectWithoutCooldown,
		}
		return w
	}},
	{name: "finished-and-default", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.SetDefault = true
		w.Finish = &ami.FinishInput{
			Tags:        map[string]string{"tier": "gold"},
			Share:       ami.Permissions{Accounts: []string{consumer}},
			DeprecateAt: time.Now().Add(90 * 24 * time.Hour),
			Protect:     ami.ProtectWithoutCooldown,
		}
		return w
	}},
	{name: "finish-refused", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Finish = &ami.FinishInput{Protect: ami.ProtectWithCooldown}
		w.inject(awstest.Refuse(awstest.Match{Operation: "EnableImageDeregistrationProtection", Region: "us-east-1"}, 1,
			"UnauthorizedOperation", "You are not authorized to perform this operation."))
		return w
	}, acts: []act{{name: "first", says: errAny}, {name: "again"}}},
}
