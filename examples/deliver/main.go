// Command deliver delivers an image offline: it prints the plan, creates the image of
// a prepared instance, copies it, and refreshes an Auto Scaling group in each of three
// Regions.
// AWS is the in-memory fake of package awstest, with timings of seconds.
//
//	go run ./deliver          # a bar for each Region on a terminal, lines when piped
//	go run ./deliver -json    # the report as JSON
//	go run ./deliver -fail    # a bad image, caught in the first group
//
// If AWS_ENDPOINT_URL is set, AWS is what answers there: an awstest-server, which any
// other program can watch.
//
//	AWS_ENDPOINT_URL=http://127.0.0.1:5566 AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=any go run ./deliver
//
// It exits with 0 if everything is delivered. Otherwise it exits with 1, and prints
// what exists and how to go on.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"golang.org/x/term"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/region"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	width, _, err := term.GetSize(int(os.Stdout.Fd()))
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, err == nil && width > 0)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer, terminal bool) int {
	flags := flag.NewFlagSet("deliver", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print the report as JSON, and nothing else, on standard output")
	fail := flags.Bool("fail", false, "deliver an image whose instances never become healthy")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintln(stderr, "deliver takes no arguments, only flags")
		return 2
	}

	w, err := prepare(ctx, *fail)
	if err != nil {
		fmt.Fprintln(stderr, "preparing the world:", err)
		return 1
	}
	var show progress
	client := readyami.New(region.OneAccount(w.config), func(o *readyami.Options) {
		o.OnEvent = func(ctx context.Context, e readyami.Event) { show.event(ctx, e) }
		o.Images, o.Refreshes = w.schedule, w.schedule
	})
	p, err := client.Plan(ctx, w.delivery)
	if err != nil {
		fmt.Fprintln(stderr, "planning:", err)
		return 1
	}
	if !*asJSON {
		fmt.Fprintln(stdout, p)
	}
	switch {
	case *asJSON:
		show = newLines(io.Discard)
	case terminal:
		show = newBars(stdout, w.delivery)
	default:
		show = newLines(stdout)
	}
	report, err := client.Apply(ctx, p)
	show.done()

	if *asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(report); err != nil {
			fmt.Fprintln(stderr, "writing the report:", err)
			return 1
		}
	} else if err := table(stdout, report); err != nil {
		fmt.Fprintln(stderr, "writing the table:", err)
		return 1
	}
	if err != nil {
		explain(stderr, report, err)
		return 1
	}
	return 0
}

// prepare finds the world that the environment names, or creates one.
func prepare(ctx context.Context, fail bool) (*world, error) {
	switch {
	case os.Getenv("AWS_ENDPOINT_URL") == "":
		return newWorld(ctx, fail)
	case fail:
		return nil, errors.New("-fail is not for a world over HTTP: turn the fault neverHealthy on there")
	}
	return worldOverHTTP(ctx)
}
