package awsserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/readyami/readyami/awstest"
)

// Options say how a server works.
type Options struct {
	// Seed fills the cloud when the server starts, and again after each reset.
	// Faults that count calls or time are best injected here, so that they begin
	// anew too. Nil leaves the cloud as it is, and empty after a reset.
	Seed func(*awstest.Cloud)
	// Logger gets a line for whatever is asked for that is not modelled. Nil is
	// slog.Default.
	Logger *slog.Logger
	// MaxBody is how many bytes a request's body may have. Zero is one mebibyte;
	// AWS's own limits are below that.
	MaxBody int64
}

const (
	defaultMaxBody = 1 << 20
	maxHeader      = 64 << 10
	readTime       = 30 * time.Second // for a request to arrive
	writeTime      = 30 * time.Second // for an answer to be taken
	idleTime       = 2 * time.Minute
	closeTime      = 5 * time.Second // for calls in flight to be answered
)

// Server is an in-memory AWS that listens on an address.
type Server struct {
	// URL is what clients are given as their endpoint: "http://127.0.0.1:40123".
	URL string

	http *http.Server
	done chan struct{} // closed when it no longer listens
	once sync.Once
}

// New starts a server for a cloud on a free port of 127.0.0.1. It panics when it
// cannot listen, as httptest.NewServer does.
func New(cloud *awstest.Cloud, optFns ...func(*Options)) *Server {
	s, err := Listen(cloud, "127.0.0.1:0", optFns...)
	if err != nil {
		panic(err)
	}
	return s
}

// Listen starts a server for a cloud on an address, "127.0.0.1:5566". An address
// without a host, ":5566", is one of 127.0.0.1 too: name 0.0.0.0 to be reached
// from elsewhere.
func Listen(cloud *awstest.Cloud, addr string, optFns ...func(*Options)) (*Server, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("invalid address %q: %w", addr, err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", addr, err)
	}
	s := &Server{
		URL: "http://" + reachable(listener.Addr().(*net.TCPAddr)),
		http: &http.Server{
			Handler:           NewHandler(cloud, optFns...),
			ReadHeaderTimeout: readTime,
			ReadTimeout:       readTime,
			IdleTimeout:       idleTime,
			MaxHeaderBytes:    maxHeader,
			ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // connections that break are asked for
		},
		done: make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener) // it ends by Close alone
	}()
	return s, nil
}

// reachable is where clients of this machine find a listener of all addresses.
func reachable(addr *net.TCPAddr) string {
	if addr.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", fmt.Sprint(addr.Port))
	}
	return addr.String()
}

// Close stops the server: no new call is taken, and those that are being
// answered get five seconds. It returns when nothing of the server runs any more.
func (s *Server) Close() {
	s.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		defer cancel()
		if err := s.http.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
			_ = s.http.Close()
		}
	})
	<-s.done
}

// Env are the environment variables by which AWS's SDKs and the CLI come to the
// server, as "NAME=value": they sign as [awstest.DefaultAccount], in us-east-1.
func (s *Server) Env() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + s.URL,
		"AWS_ACCESS_KEY_ID=" + awstest.DefaultAccount,
		"AWS_SECRET_ACCESS_KEY=awstest",
		"AWS_REGION=us-east-1",
		"AWS_DEFAULT_REGION=us-east-1", // boto3 does not read AWS_REGION
		"AWS_EC2_METADATA_DISABLED=true",
	}
}
