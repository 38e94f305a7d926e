// Command awstest-server is an AWS for tests, in memory, that the AWS CLI, boto3
// and the SDKs of all languages talk to. Something is there already: in each
// Region a base image, a launch template and an Auto Scaling group on it, and in
// the first Region an instance that is prepared to become an image.
//
//	go run ./awstest-server -port 5566
//
// It prints the environment variables by which clients come to it, and stops at
// an interrupt or SIGTERM. The documentation of package awsserver says how a
// program resets it, moves its clock and turns faults on.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/awsserver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("awstest-server", flag.ContinueOnError)
	flags.SetOutput(stderr)
	host := flags.String("host", "127.0.0.1", "the address to listen on; 0.0.0.0 lets other machines in")
	port := flags.String("port", "5566", "the port to listen on; 0 takes a free one")
	pace := flags.String("time", "fast", "how long things take: realistic, as AWS; fast, a sixtieth of that;\n"+
		"stepped, each state is seen once; instant, no time at all")
	regions := flags.String("regions", "eu-west-1,us-east-1,ap-southeast-2", "the Regions that something is in at the start; empty for none")
	limits := flags.Bool("limits", false, "throttle as AWS does")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	timing, ok := timings[*pace]
	if !ok || flags.NArg() > 0 {
		fmt.Fprintf(stderr, "awstest-server: invalid -time %q or arguments %q\n", *pace, flags.Args())
		flags.Usage()
		return 2
	}

	seeds := seeds{regions: strings.FieldsFunc(*regions, func(r rune) bool { return r == ',' }), limits: *limits}
	srv, err := awsserver.Listen(awstest.New(awstest.WithTiming(timing)), net.JoinHostPort(*host, *port), func(o *awsserver.Options) {
		o.Seed = seeds.plant
		o.Logger = slog.New(slog.NewTextHandler(stderr, nil))
	})
	if err != nil {
		fmt.Fprintln(stderr, "awstest-server:", err)
		return 1
	}
	defer srv.Close()
	for _, variable := range seeds.env(srv) {
		fmt.Fprintln(stdout, "export", variable)
	}
	fmt.Fprint(stdout, seeds.text())
	<-ctx.Done()
	fmt.Fprintln(stderr, "awstest-server: stopped")
	return 0
}

// env is the environment of a client, at home in the first Region.
func (s *seeds) env(srv *awsserver.Server) []string {
	env := srv.Env()
	if len(s.regions) == 0 {
		return env
	}
	env = slices.DeleteFunc(env, func(variable string) bool { return strings.Contains(variable, "REGION=") })
	return append(env, "AWS_REGION="+s.regions[0], "AWS_DEFAULT_REGION="+s.regions[0])
}
