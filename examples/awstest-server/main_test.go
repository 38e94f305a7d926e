package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
)

// The program serves what it says it has, by the environment that it prints,
// and ends when it is told to.
func TestServesUntilItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	code := make(chan int, 1)
	var stderr bytes.Buffer
	go func() {
		code <- run(ctx, []string{"-port", "0", "-time", "instant", "-regions", "eu-central-1"}, in, &stderr)
		_ = in.Close()
	}()
	env, said := map[string]string{}, ""
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if line, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			name, value, _ := strings.Cut(line, "=")
			env[name] = value
			continue
		}
		said = lines.Text()
		break
	}
	if env["AWS_REGION"] != "eu-central-1" || env["AWS_DEFAULT_REGION"] != "eu-central-1" {
		t.Errorf("the environment is %v", env)
	}
	for _, word := range []string{"eu-central-1: image ami-", "launch template lt-", "Auto Scaling group storefront", "prepared instance i-"} {
		if !strings.Contains(said, word) {
			t.Errorf("no %q in %q", word, said)
		}
	}
	state := get(t, env["AWS_ENDPOINT_URL"]+"/_awstest/state")
	for _, word := range []string{`"Name": "storefront-1"`, `"AutoScalingGroupName": "storefront"`} {
		if !strings.Contains(state, word) {
			t.Errorf("no %s in the state", word)
		}
	}
	stop()
	if c := <-code; c != 0 {
		t.Errorf("exit %d: %s", c, &stderr)
	}
	if _, err := http.Get(env["AWS_ENDPOINT_URL"]); err == nil {
		t.Error("it still answers")
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// With -limits AWS's rates hold, and after a reset from the beginning.
func TestLimits(t *testing.T) {
	cloud := awstest.New()
	s := &seeds{limits: true}
	srv := awsserver.New(cloud, func(o *awsserver.Options) { o.Seed = s.plant })
	defer srv.Close()
	client := ec2.New(ec2.Options{BaseEndpoint: &srv.URL, Region: "eu-west-1", Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "any"}, nil
		})})
	enable := func() error {
		_, err := client.EnableImageBlockPublicAccess(t.Context(), &ec2.EnableImageBlockPublicAccessInput{ImageBlockPublicAccessState: "block-new-sharing"})
		return err
	}
	for range 2 {
		if err := enable(); err != nil {
			t.Error(err)
		}
		if err := enable(); err == nil || !strings.Contains(err.Error(), "RequestLimitExceeded") {
			t.Errorf("the second call at once ends with %v", err)
		}
		cloud.Advance(1000 * time.Hour)
		resp, err := http.Post(srv.URL+"/_awstest/reset", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"-time", "slow"}, {"-nope"}, {"start"}} {
		if code := run(t.Context(), args, io.Discard, io.Discard); code != 2 {
			t.Errorf("%v: exit %d", args, code)
		}
	}
	if code := run(t.Context(), []string{"-port", "-1"}, io.Discard, io.Discard); code != 1 {
		t.Errorf("a port that there is not: exit %d", code)
	}
}

// The program needs nothing of its environment, answers soon after its start, and
// stops cleanly at SIGTERM.
func TestTheBinaryAlone(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "awstest-server")
	if text, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	best := time.Hour
	for range 3 {
		server := exec.Command(binary, "-port", "0")
		server.Env = []string{} // not even a home
		out, err := server.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		get(t, strings.TrimSpace(strings.TrimPrefix(line, "export AWS_ENDPOINT_URL="))+"/_awstest/health")
		best = min(best, time.Since(began))
		if err := server.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := server.Wait(); err != nil {
			t.Errorf("it ends with %v", err)
		}
	}
	t.Logf("the first answer comes after %v", best)
	if best > time.Second { // 50 ms on a machine that does nothing else
		t.Errorf("the first answer comes after %v", best)
	}
}
