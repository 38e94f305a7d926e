package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/readyami/readyami/plan"
)

// A plan file is read, and refused if it was edited.
func ExampleDecode() {
	text, err := os.ReadFile("testdata/plan-v1.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := plan.Decode(strings.NewReader(string(text)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Delivery.Name, "may begin with", p.Ready(nil))

	edited := strings.Replace(string(text), `"stall": "20m0s"`, `"stall": "4h0m0s"`, 1)
	_, err = plan.Decode(strings.NewReader(edited))
	if e, ok := errors.AsType[*plan.Error](err); ok {
		fmt.Println(e.Code)
		fmt.Println(e)
	}
	// Output:
	// storefront-2 may begin with [create-image/123456789012/eu-west-1]
	// plan.Edited
	// invalid plan file: the plan has been edited since it was made (change the delivery and make a new plan)
}

func ExampleDecodeReport() {
	file, err := os.Open("testdata/report-v1.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	report, err := plan.DecodeReport(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Outcome)
	for _, g := range report.Groups()[:2] {
		fmt.Printf("%s: %s, %d → %d, %s → %s\n", g.Name, g.State, g.Before.Version, g.After.Version, g.Before.Image, g.After.Image)
	}
	if pin, ok := report.Result("pin/123456789012/us-east-1"); ok {
		fmt.Println(pin)
	}
	// Output:
	// partial
	// canary: succeeded, 3 → 4, ami-0old0001 → ami-0new0001
	// storefront: succeeded, 3 → 4, ami-0old0001 → ami-0new0001
	// pin/123456789012/us-east-1: succeeded
}

// read is a plan as another process reads it.
func read() *plan.Plan {
	file, err := os.Open("testdata/plan-v1.json")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	p, err := plan.Decode(file)
	if err != nil {
		panic(err)
	}
	return p
}

// A plan reads as Terraform's do.
func ExamplePlan_String() {
	fmt.Println(read())
	// Output:
	// storefront-2 of storefront: delivery, release 0badc1389b, attempt 1
	// 2 places, 5 groups, 3 waves in account 123456789012; budgets: image 1h, refresh 1h30m, stall 20m
	//
	// Images
	//   + create-image      eu-west-1  storefront-2 of i-0abc1234, without a reboot
	//   + copy-image        us-east-1  storefront-2 of the image in eu-west-1, encrypted with alias/storefront
	//   ~ image-attributes  eu-west-1  deprecated at 2028-12-01T12:00:00Z, tags team
	//   ~ image-attributes  us-east-1  deprecated at 2028-12-01T12:00:00Z, tags team
	//
	// Pins
	//   ~ pin  us-east-1  storefront $Latest → 8
	//
	// Wave 1 of 3: canary, 1 group may fail
	//   + template-version  eu-west-1  lt-0aaa1111 (storefront) 3 → 4
	//   ~ refresh           eu-west-1  canary lt-0aaa1111 3 → 4, at least 1 of 1 in service
	//
	// Wave 2 of 3: eu-west-1, 1 group may fail
	//   ~ refresh  eu-west-1  storefront lt-0aaa1111 3 → 4, at least 2 of 2 in service
	//
	// Wave 3 of 3: us-east-1, 1 group may fail
	//   + template-version  us-east-1  lt-0bbb2222 (storefront) 8 → 9
	//   + template-version  us-east-1  lt-0bbb2222 (storefront) 7 → 10
	//   ~ refresh           us-east-1  storefront lt-0bbb2222 8 → 9, at least 4 of 6 in service, leaves i-0def5678
	//   = unchanged         us-east-1  batch lt-0ccc3333 1 has the image
	//   ~ refresh           us-east-1  mixed lt-0bbb2222 8 → 9, lt-0bbb2222 7 → 10, images of overrides ami-0old0002 → the new one, at least 9 of 10 in service
	//
	// After the last wave
	//   ~ set-default  eu-west-1  lt-0aaa1111 (storefront) 3 → 4
	//   ~ set-default  us-east-1  lt-0bbb2222 (storefront) 7 → 10
	//   ~ unpin        us-east-1  storefront → $Latest
	//
	// If more than 1 group of a wave fails, the groups that failed are rolled back
	//   + reject            eu-west-1  marks the source image, so that no later run rolls it out
	//   ~ restore-group     eu-west-1  canary, storefront lt-0aaa1111 4 → 3
	//   + restore-template  eu-west-1  lt-0aaa1111 (storefront): a version with the data of 3, for $Latest
	//   ~ restore-default   eu-west-1  lt-0aaa1111 (storefront): 3 is $Default again
	//   ~ restore-group     us-east-1  storefront lt-0bbb2222 9 → 8
	//   ~ restore-group     us-east-1  mixed lt-0bbb2222 9 → 8, lt-0bbb2222 10 → 7
	//   + restore-template  us-east-1  lt-0bbb2222 (storefront): a version with the data of 8, for $Latest
	//   ~ restore-default   us-east-1  lt-0bbb2222 (storefront): 7 is $Default again
	//
	// Findings
	//   ! warning  us-east-1  asg.InstancesHeld storefront: 1 instance is protected from scale-in
	//
	// Plan: 2 images to create, 3 template versions to create, 4 groups to refresh, 1 unchanged.
}

// What may go follows from the plan and from how far its steps are.
func ExamplePlan_Ready() {
	p := read()
	results := []plan.Result{{Step: "create-image/123456789012/eu-west-1", State: plan.StateRunning}}
	fmt.Println(p.Ready(results), p.Outcome(results))
	results[0].State = plan.StateSucceeded
	for _, id := range p.Ready(results) {
		fmt.Println(id)
	}
	results = append(results, plan.Result{Step: p.RefreshID(0, 0), State: plan.StateCancelled})
	fmt.Println(len(p.Ready(results)), p.Outcome(results))
	// Output:
	// [create-image/123456789012/eu-west-1] in-progress
	// copy-image/123456789012/us-east-1
	// image-attributes/123456789012/eu-west-1
	// pin/123456789012/eu-west-1
	// 0 stopped
}

// The steps are in the plan from the start, those of its undo included.
func ExamplePlan_Steps() {
	p := read()
	forward, undo := 0, 0
	for _, s := range p.Steps() {
		if s.Kind.Undoes() {
			undo++
		} else {
			forward++
		}
		if s.Kind == plan.StepRefresh {
			fmt.Println("wave", s.Wave, s.ID)
		}
	}
	fmt.Println(forward, "steps, and", undo, "of the undo, which begins with", p.RejectID())
	// Output:
	// wave 0 refresh/123456789012/eu-west-1/canary
	// wave 1 refresh/123456789012/eu-west-1/storefront
	// wave 2 refresh/123456789012/us-east-1/storefront
	// wave 2 refresh/123456789012/us-east-1/batch
	// wave 2 refresh/123456789012/us-east-1/mixed
	// 19 steps, and 12 of the undo, which begins with reject/123456789012/eu-west-1
}

// A plan with blockers is not applied.
func ExamplePlan_Blockers() {
	p := read()
	fmt.Println(len(p.Findings), "finding,", len(p.Blockers()), "blockers")
	p.Findings = append(p.Findings, plan.Finding{
		Code: "ami.NameTaken", Severity: plan.SeverityBlocker, Region: "us-east-1", Resource: "ami-0123", Detail: "an image has the name", Hint: "choose another name",
	})
	for _, f := range p.Blockers() {
		fmt.Println(f)
	}
	// Output:
	// 1 finding, 0 blockers
	// ami.NameTaken us-east-1 ami-0123: an image has the name (choose another name)
}

// A digest seals what an approval covers.
func ExamplePlan_Sealed() {
	p := read()
	p.Findings = nil
	fmt.Println("without its findings:", p.Sealed())
	p.Delivery.SetDefault = false
	fmt.Println("without SetDefault:", p.Sealed())
	p.Seal()
	fmt.Println("sealed again:", p.Sealed())
	// Output:
	// without its findings: true
	// without SetDefault: false
	// sealed again: true
}

// A plan says what each group launches before the release.
func ExamplePlace_Unchanged() {
	p := read()
	at := &p.Places[1]
	for i := range at.Groups {
		g := &at.Groups[i]
		l := g.Launch[0]
		source := at.Templates[l.Template].Source(l.Version)
		fmt.Println(at, g.Name, source.Image, "floats:", g.Floats(), "has the image:", at.Unchanged(g))
	}
	// Output:
	// 123456789012/us-east-1 storefront ami-0old0002 floats: true has the image: false
	// 123456789012/us-east-1 batch ami-0new0002 floats: false has the image: true
	// 123456789012/us-east-1 mixed ami-0old0002 floats: false has the image: false
}

// The waves follow from the delivery. A release keeps its id as long as its name,
// family, revision and source are the same.
func ExampleDelivery_Waves() {
	d := plan.Delivery{
		Name:    "web-2",
		Source:  plan.Source{Image: &plan.ImageSource{Region: "eu-west-1", ImageID: "ami-0123"}},
		Targets: []plan.Target{{Region: "eu-west-1", Groups: []string{"canary", "web"}}, {Region: "us-east-1", Groups: []string{"web"}}},
	}
	id := d.Release()
	for _, order := range []plan.Order{plan.OrderCareful, plan.OrderAllAtOnce} {
		d.Rollout.Order = order
		for _, w := range d.Waves() {
			fmt.Print(w.Name, ", gated: ", w.Gated(), "; ")
		}
		fmt.Println("us-east-1/web is in wave", d.WaveOf()(1, 0))
	}
	fmt.Println("the same release:", id == d.Release())
	fmt.Println("no source:", d.Source.IsZero(), "- shared with nobody:", plan.Permissions{}.IsZero())
	// Output:
	// canary, gated: false; eu-west-1, gated: false; us-east-1, gated: false; us-east-1/web is in wave 2
	// all, gated: false; us-east-1/web is in wave 0
	// the same release: true
	// no source: false - shared with nobody: true
}

// A plan has the defaults as words.
func ExampleDelivery_WithDefaults() {
	d := plan.Delivery{Name: "web-2"}.WithDefaults()
	fmt.Println(d.Rollout.Order, d.Rollout.OnFailure, d.OnConflict)
	fmt.Println("a failure undoes the scope:", d.Rollout.OnFailure.Scope())
	// Output:
	// careful roll-back-group fail
	// a failure undoes the scope: group
}

func ExampleState_Over() {
	for _, s := range []plan.State{plan.StateRunning, plan.StatePartial, plan.StateFailed} {
		fmt.Println(s, "over:", s.Over(), "done:", s.Done())
	}
	// Output:
	// running over: false done: false
	// partial over: true done: true
	// failed over: true done: false
}

func ExampleGateID() {
	fmt.Println(plan.GateID("canary"))
	// Output:
	// gate/canary
}

func ExampleMinutes() {
	text, err := json.Marshal(plan.Budgets{Stall: plan.Minutes(20)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(text))
	// Output:
	// {"stall":"20m0s"}
}

func ExampleHours() {
	fmt.Println(plan.Hours(3), plan.Hours(3) == plan.Minutes(180))
	// Output:
	// 3h0m0s true
}

func ExampleDays() {
	var b plan.Budgets
	if err := json.Unmarshal([]byte(`{"refresh": "48h"}`), &b); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.Refresh == plan.Days(2), time.Duration(b.Refresh).Hours())
	// Output:
	// true 48
}
