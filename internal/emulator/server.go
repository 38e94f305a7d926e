package emulator

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Emulator is one that the tests know.
type Emulator struct {
	name     string
	variable string // of the environment, with the URL of the server
	reset    string // the path that empties it
	adapters map[string]adapter
}

// The emulators, and what they are there for: moto for images, templates and
// groups, ministack for instance refreshes, which moto does not have.
var (
	Moto      = Emulator{"moto", "READYAMI_MOTO_ENDPOINT", "/moto-api/reset", motoAdapters}
	Ministack = Emulator{"ministack", "READYAMI_MINISTACK_ENDPOINT", "/_ministack/reset", ministackAdapters}
)

func (e Emulator) String() string { return e.name }

// Server is an emulator that answers over HTTP.
type Server struct {
	emulator Emulator
	endpoint string
	cfg      aws.Config
}

// Server is the one that the environment names. That there is none is an
// error: a test that silently did not run proves nothing.
//
// The configuration is loaded as programs load theirs, but for what the user's
// own files say.
func (e Emulator) Server(ctx context.Context) (Server, error) {
	endpoint := os.Getenv(e.variable)
	if endpoint == "" {
		return Server{}, fmt.Errorf("%s is not set: start %s and give its URL", e.variable, e)
	}
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithBaseEndpoint(endpoint),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")),
		config.WithHTTPClient(&http.Client{Transport: plainBody{http.DefaultTransport}}),
		config.WithSharedConfigFiles([]string{}),
		config.WithSharedCredentialsFiles([]string{}),
	)
	if err != nil {
		return Server{}, fmt.Errorf("load the configuration: %w", err)
	}
	return Server{e, endpoint, cfg}, nil
}

// Config is a configuration for one Region of the server. An emulator takes the
// Region from the signature and checks no credentials.
func (s Server) Config(region string) aws.Config {
	cfg := s.cfg.Copy()
	cfg.Region = region
	return cfg
}

// Reset empties the server.
func (s Server) Reset(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint+s.emulator.reset, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("reset %s: %w", s.endpoint, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("reset %s: %s", s.endpoint, resp.Status)
	}
	return nil
}

// plainBody hides all but Read and Close of a request's body.
//
// smithy-go closes the body as soon as it has the headers of the answer. A
// server on the same machine can be faster than net/http is with the rest of
// the body; the body's WriteTo then returns io.EOF, which net/http takes for a
// broken connection. The call has been executed and the SDK sends it again: one
// in some hundred writes would happen twice.
type plainBody struct{ next http.RoundTripper }

func (t plainBody) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil && req.Body != http.NoBody {
		req = req.Clone(req.Context())
		req.Body = struct{ io.ReadCloser }{req.Body}
	}
	return t.next.RoundTrip(req)
}
