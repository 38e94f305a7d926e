package plan_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/plan"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "%s: go test ./plan -update writes it anew", name)
}

const account = "123456789012"

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// storefront is a release in two Regions: a canary, the groups of home, and a Region in
// which one group launches $Latest, one has the image already and one is mixed.
func storefront() *plan.Plan {
	d := plan.Delivery{
		Name: "storefront-2", Family: "storefront", Description: "The storefront",
		Source: plan.Source{Instance: &plan.InstanceSource{Region: "eu-west-1", InstanceID: "i-0abc1234", Reboot: plan.NoReboot}},
		Targets: []plan.Target{
			{Region: "eu-west-1", Groups: []string{"canary", "storefront"}},
			{Region: "us-east-1", Groups: []string{"storefront", "batch", "mixed"}, Encrypted: true, KMSKeyID: "alias/storefront"},
		},
		Attributes:  &plan.Attributes{Tags: map[string]string{"team": "shop"}, DeprecateAt: noon.AddDate(2, 0, 0)},
		Preferences: &plan.Preferences{MinHealthyPercentage: new(int32(100)), MaxHealthyPercentage: new(int32(200))},
		Rollout:     plan.Rollout{MaxFailures: 1},
		SetDefault:  true, Pin: true,
		Budgets: plan.Budgets{Image: plan.Hours(1), Refresh: plan.Minutes(90), Stall: plan.Minutes(20)},
	}.WithDefaults()
	p := &plan.Plan{
		Schema: plan.Schema, Kind: plan.KindDelivery, Release: d.Release(), Attempt: 1, Made: noon, Delivery: d, Waves: d.Waves(),
		Places: []plan.Place{{
			Account: account, Region: "eu-west-1", Image: plan.Image{Action: plan.ImageActionCreate},
			Templates: []plan.Template{{
				ID: "lt-0aaa1111", Name: "storefront", Default: 3, Latest: 3, Sources: []plan.SourceVersion{{Number: 3, Image: "ami-0old0001"}},
			}},
			Groups: []plan.Group{
				{Name: "canary", Launch: []plan.Launch{{Version: 3}}, MinInService: 1, Capacity: 1},
				{Name: "storefront", Wave: 1, Launch: []plan.Launch{{Version: 3}}, MinInService: 2, Capacity: 2},
			},
		}, {
			Account: account, Region: "us-east-1", Image: plan.Image{Action: plan.ImageActionCopy},
			Templates: []plan.Template{{
				ID: "lt-0bbb2222", Name: "storefront", Default: 7, Latest: 8,
				Sources: []plan.SourceVersion{{Number: 8, Image: "ami-0old0002"}, {Number: 7, Image: "ami-0old0001"}},
			}, {
				ID: "lt-0ccc3333", Name: "batch", Default: 1, Latest: 1,
				Sources: []plan.SourceVersion{{Number: 1, Image: "ami-0new0002", Unchanged: true}},
			}},
			Groups: []plan.Group{
				{Name: "storefront", Wave: 2, Launch: []plan.Launch{{Version: 8, Floating: plan.VersionLatest}}, MinInService: 4, Capacity: 6, NotReplaced: []string{"i-0def5678"}},
				{Name: "batch", Wave: 2, Launch: []plan.Launch{{Template: 1, Version: 1}}, Capacity: 3},
				{Name: "mixed", Wave: 2, Launch: []plan.Launch{{Version: 8}, {Version: 7}}, Images: []string{"ami-0old0002"}, MinInService: 9, Capacity: 10},
			},
		}},
		Findings: []plan.Finding{{
			Code: "asg.InstancesHeld", Severity: plan.SeverityWarning, Account: account, Region: "us-east-1", Resource: "storefront",
			Detail: "1 instance is protected from scale-in",
		}},
	}
	p.Seal()
	return p
}

// gated is a release over two accounts with gates, of an image that exists.
func gated() *plan.Plan {
	p := storefront()
	p.Delivery.Source = plan.Source{Image: &plan.ImageSource{Region: "eu-west-1", ImageID: "ami-0new0001"}}
	p.Delivery.Attributes, p.Delivery.SetDefault, p.Delivery.Pin = nil, false, false
	p.Delivery.Budgets = plan.Budgets{}
	p.Delivery.Rollout = plan.Rollout{OnFailure: plan.OnFailureRollBackRelease}
	p.Delivery = p.Delivery.WithDefaults()
	p.Release, p.Attempt = p.Delivery.Release(), 2
	p.Places[0].Image = plan.Image{Action: plan.ImageActionUse, ID: "ami-0new0001", ShareWith: []string{"222222222222"}}
	p.Places[1].Account, p.Places[1].Image.ID = "222222222222", "ami-0new0002"
	p.Places[1].Groups[0].Launch[0].Floating = ""
	p.Waves[0].Soak, p.Waves[0].Checks, p.Waves[0].MaxFailures = plan.Minutes(30), []string{"smoke"}, 0
	p.Waves[1].Approval, p.Waves[2].Limit = true, 2
	p.Findings = []plan.Finding{{
		Code: "readyami.FloatingVersion", Severity: plan.SeverityBlocker, Account: "222222222222", Region: "us-east-1", Resource: "reports",
		Detail: "the group is not in the delivery and launches $Latest of a launch template that gets a new version",
		Hint:   "set the group to a numbered version, or add it to the delivery",
	}}
	p.Seal()
	return p
}

// delivered is the report of a run that found the first Region done and did the rest,
// save for an instance that was left as it was.
func delivered() *plan.Report {
	p := storefront()
	r := &plan.Report{Schema: plan.Schema, Outcome: plan.OutcomePartial, Plan: p}
	for _, s := range p.Steps() {
		res := plan.Result{Step: s.ID, State: plan.StateSucceeded}
		at := &p.Places[s.Place]
		switch s.Kind {
		case plan.StepCreateImage, plan.StepCopyImage:
			res.Image = &plan.ImageResult{ID: []string{"ami-0new0001", "ami-0new0002"}[s.Place], State: "available", Snapshots: []string{"snap-0123"}}
			res.Began, res.Ended = noon, noon.Add(7*time.Minute+12*time.Second)
		case plan.StepTemplateVersion:
			res.Version = &plan.VersionResult{Template: at.Templates[s.Template].ID, From: s.Source, To: s.Source + 1}
		case plan.StepRefresh:
			from := at.Groups[s.Group].Launch[0].Version
			res.Group = &plan.GroupResult{RefreshID: "08b91cf7-8fa6-48af-b6a6-" + at.Groups[s.Group].Name, Status: "Successful", Percentage: 100, From: from, To: from + 1}
			res.Began, res.Ended = noon.Add(10*time.Minute), noon.Add(16*time.Minute)
			if at.Groups[s.Group].Name == "batch" {
				res.Group = &plan.GroupResult{Percentage: -1, From: 1, To: 1}
			}
			if len(at.Groups[s.Group].NotReplaced) > 0 {
				res.State, res.Group.NotReplaced = plan.StatePartial, at.Groups[s.Group].NotReplaced
			}
		case plan.StepReject:
			res.State, res.Decision = plan.StateIdle, &plan.Decision{Attempt: 1}
		default:
			if s.Kind.Undoes() {
				res.State = plan.StateIdle
			}
		}
		if s.Place == 1 && res.State.Done() && (res.Group == nil || res.Group.RefreshID != "") {
			res.Wrote = true
			r.Wrote = append(r.Wrote, s.ID)
		}
		r.Results = append(r.Results, res)
	}
	return r
}

// rolledBack is the report of a run whose canary failed.
func rolledBack() *plan.Report {
	r := delivered()
	r.Outcome, r.Wrote = plan.OutcomeRolledBack, nil
	r.Error = &plan.Error{
		Code: "readyami.Rejected", Message: "readyami.Apply storefront-2: the release was rejected: asg.RefreshFailed",
		Hint: "repair the image and deliver it under a new name, or begin a new attempt with Retry",
	}
	p := r.Plan
	for i, s := range p.Steps() {
		res := &r.Results[i]
		*res = plan.Result{Step: s.ID, State: plan.StateWaiting}
		switch {
		case s.ID == p.RefreshID(0, 0):
			res.State, res.Began, res.Ended = plan.StateFailed, noon, noon.Add(9*time.Minute)
			res.Group = &plan.GroupResult{
				RefreshID: "08b91cf7-8fa6-48af-b6a6-canary", Status: "RollbackSuccessful", Percentage: 0, From: 3, To: 4,
				Reason: "The instance refresh failed because new instances were unhealthy.", Activities: []string{"Launching a new EC2 instance failed."},
			}
		case s.Kind == plan.StepCreateImage:
			res.State, res.Image = plan.StateSucceeded, &plan.ImageResult{ID: "ami-0new0001", State: "available"}
		case s.Kind == plan.StepCopyImage:
			res.State, res.Image = plan.StateRunning, &plan.ImageResult{ID: "ami-0new0002", State: "pending", Progress: "42%"}
			res.Next = noon.Add(10 * time.Minute)
		case s.Kind == plan.StepTemplateVersion && s.Place == 0:
			res.State, res.Version = plan.StateSucceeded, &plan.VersionResult{Template: "lt-0aaa1111", From: 3, To: 4}
		case s.Kind == plan.StepReject:
			res.State, res.Decision = plan.StateSucceeded, &plan.Decision{
				Attempt: 1, Rejected: true, Scope: plan.ScopeGroup, Code: "asg.RefreshFailed", Step: p.RefreshID(0, 0), Time: noon.Add(9 * time.Minute),
			}
			res.Wrote = true
			r.Wrote = append(r.Wrote, s.ID)
		case s.Kind == plan.StepUnpin && s.Place == 1:
			res.State, res.Pins = plan.StatePartial, &plan.PinsResult{Kept: map[string]string{"storefront": "$Latest or $Default resolves to other data than the group launches"}}
		case s.Kind.Undoes() && s.Place == 0:
			res.State, res.Wrote = plan.StateSucceeded, s.Kind == plan.StepRestoreTemplate
			if res.Wrote {
				r.Wrote = append(r.Wrote, s.ID)
			}
		case s.Kind.Undoes():
			res.State = plan.StateIdle
		}
	}
	return r
}
