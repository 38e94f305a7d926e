package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
	"github.com/readyami/readyami/plan"
)

// program runs the program fifty times as fast, as from a pipe.
func program(t *testing.T, terminal bool, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	pace = 20 * time.Millisecond
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs, terminal)
	return code, out.String(), errs.String()
}

func TestThreeRegionsAreDelivered(t *testing.T) {
	code, stdout, stderr := program(t, false)
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, want := range []string{"Plan: 3 images to create", "storefront-2: delivered", "eu-west-1", "us-east-1", "ap-southeast-2", "1 -> 2"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in:\n%s", want, stdout)
		}
	}
	seen := map[string]bool{}
	for line := range strings.Lines(stdout) {
		if strings.Contains(line, " image ") && seen[line] {
			t.Errorf("twice: %q", line)
		}
		seen[line] = true
	}
	if strings.Contains(stdout, "\x1b[") {
		t.Error("a pipe gets terminal codes")
	}
}

// The whole way over HTTP: the program finds its world by the environment, as it
// would find AWS.
func TestTheWholeWayOverHTTP(t *testing.T) {
	pace = 20 * time.Millisecond
	cloud := awstest.New(awstest.WithTiming(timing()))
	for _, name := range regions {
		r := cloud.Region(name)
		r.Group(awstest.GroupSeed{Name: group, ImageID: r.OwnImage(awstest.ImageSeed{Name: oldImage}), Size: 2, MaxSize: 5})
	}
	cloud.Region(regions[0]).PreparedInstance(awstest.InstanceSeed{Tags: map[string]string{"Name": "prepared"}})
	srv := awsserver.New(cloud)
	defer srv.Close()
	for _, variable := range srv.Env() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	code, stdout, stderr := program(t, false)
	if code != 0 {
		t.Fatalf("exit %d: %s\n%s", code, stderr, stdout)
	}
	if !strings.Contains(stdout, "storefront-2: delivered") {
		t.Errorf("it is not delivered:\n%s", stdout)
	}
	for _, name := range regions {
		for _, instance := range cloud.Region(name).Instances() {
			image, _ := cloud.Region(name).Image(*instance.ImageId)
			inGroup := slices.ContainsFunc(instance.Tags, func(tag ec2types.Tag) bool { return *tag.Key == "aws:autoscaling:groupName" })
			if inGroup && instance.State.Name == ec2types.InstanceStateNameRunning && *image.Name != newImage {
				t.Errorf("an instance in %s runs %s", name, *image.Name)
			}
		}
	}
	if code, _, _ := program(t, false, "-fail"); code != 1 {
		t.Errorf("-fail over HTTP: exit %d", code)
	}
}

func TestATerminalGetsABarForEachRegion(t *testing.T) {
	code, stdout, stderr := program(t, true)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, name := range regions {
		if !regexp.MustCompile(name + ` +\[=+\] group storefront refresh succeeded`).MatchString(stdout) {
			t.Errorf("no full bar for %s in:\n%s", name, stdout)
		}
	}
}

func TestABarKeepsItsRoomWhateverAWSSays(t *testing.T) {
	_, stdout, _ := program(t, true, "-fail")
	_, shown, _ := strings.Cut(stdout, "\nPlan: ") // its last line
	shown, _, _ = strings.Cut(shown, "storefront-2: rolled-back")
	bars := 0
	for line := range strings.Lines(shown) {
		if !strings.Contains(line, regions[0]) {
			continue
		}
		bars++
		if !regexp.MustCompile(`\[[=>-]{10,}\]`).MatchString(line) {
			t.Errorf("no bar in %q", line)
		}
	}
	if bars == 0 {
		t.Errorf("no bars in:\n%s", stdout)
	}
}

func TestJSONIsTheReportAndNothingElse(t *testing.T) {
	code, stdout, stderr := program(t, false, "-json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var report plan.Report
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	if report.Outcome != plan.OutcomeDelivered || len(report.Groups()) != 3 {
		t.Errorf("outcome %s, %d groups", report.Outcome, len(report.Groups()))
	}
}

func TestABadImageIsCaughtInTheFirstGroup(t *testing.T) {
	code, stdout, stderr := program(t, false, "-fail")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	for _, want := range []string{"not delivered: ", "what exists:", "how to go on:", "group storefront runs version 1 again"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in:\n%s", want, stderr)
		}
	}
	_, result, _ := strings.Cut(stdout, "storefront-2: rolled-back")
	if n := strings.Count(result, "waiting"); n != 2 {
		t.Errorf("%d groups were not begun, want 2:\n%s", n, stdout)
	}
}

func TestUnknownFlagsAndArgumentsAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-nope"}, {"eu-west-1"}} {
		if code, _, _ := program(t, false, args...); code != 2 {
			t.Errorf("%v: exit %d", args, code)
		}
	}
}
