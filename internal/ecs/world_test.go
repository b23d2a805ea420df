package ecs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"ecs-migrate/internal/ecs"
	"ecs-migrate/internal/migration"
	stub "ecs-migrate/internal/stub/ecs"
)

const (
	hangzhou = "cn-hangzhou"
	web      = "i-bp1web01classic0001" // of the stub's default account
)

// world is a stub cloud, a client of it, and all that the client lets out.
type world struct {
	t     *testing.T
	cloud *stub.Server
	at    string // the endpoint
	ecs   *ecs.Client
	log   *buffer
	now   time.Time // of the events

	mu   sync.Mutex
	seen []url.Values // of every request, as signed
}

// buffer is a bytes.Buffer for several writers.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// environment leaves the default chain nothing but the named keys.
func environment(t *testing.T, id, secret string) {
	t.Helper()
	for _, name := range []string{"SECURITY_TOKEN", "PROFILE", "CREDENTIALS_FILE", "CREDENTIALS_URI", "ROLE_ARN", "OIDC_TOKEN_FILE", "OIDC_PROVIDER_ARN"} {
		t.Setenv("ALIBABA_CLOUD_"+name, "")
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("DEBUG", "")
	t.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", id)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret)
}

// quick are options whose failures do not take long.
func quick(o ecs.Options) ecs.Options {
	o.Account = "prod"
	if o.RetryWait == 0 {
		o.RetryWait = time.Millisecond
	}
	if o.ReadTimeout == 0 {
		o.ReadTimeout = 10 * time.Second
	}
	return o
}

// newWorld is a stub cloud at a fixed time and a client with its keys.
func newWorld(t *testing.T, o ecs.Options) *world {
	t.Helper()
	environment(t, stub.DefaultKeyID, stub.DefaultKeySecret)
	w := &world{t: t, log: &buffer{}, now: time.Date(2024, 5, 1, 8, 30, 0, 0, time.UTC)}
	w.cloud = stub.New(stub.Options{Now: func() time.Time { return w.now }})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.seen = append(w.seen, r.URL.Query())
		w.mu.Unlock()
		w.cloud.Handler().ServeHTTP(rw, r)
	}))
	w.at = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections()
		w.cloud.Close()
		server.Close()
	})
	w.ecs = w.client(o)
	return w
}

// client is a further client of the same cloud.
func (w *world) client(o ecs.Options) *ecs.Client {
	w.t.Helper()
	if o.Endpoint == "" {
		o.Endpoint = w.at
	}
	o.Log = slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c, err := ecs.New(quick(o))
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) announce(spec stub.EventSpec) string {
	w.t.Helper()
	if spec.InstanceID == "" {
		spec.InstanceID = web
	}
	id, err := w.cloud.Announce(spec)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) inject(f stub.Fault) {
	w.t.Helper()
	if _, err := w.cloud.Inject(f); err != nil {
		w.t.Fatal(err)
	}
}

// requests are the parameters of every request of the action.
func (w *world) requests(action string) []url.Values {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []url.Values
	for _, q := range w.seen {
		if q.Get("Action") == action {
			all = append(all, q)
		}
	}
	return all
}

// pending are the pages of one list.
func pending(ctx context.Context, c *ecs.Client, region string) ([][]migration.Event, error) {
	var pages [][]migration.Event
	err := c.Pending(ctx, region, func(page []migration.Event) error {
		pages = append(pages, page)
		return nil
	})
	return pages, err
}

// cloudError is the CloudError of err.
func cloudError(t *testing.T, err error) *migration.CloudError {
	t.Helper()
	e, ok := errors.AsType[*migration.CloudError](err)
	if !ok {
		t.Fatalf("got %v, want a CloudError", err)
	}
	return e
}

// serve is a cloud of the test's own.
func serve(t *testing.T, answer http.HandlerFunc) *ecs.Client {
	t.Helper()
	environment(t, "LTAIownCloudKey0001", "own-cloud-secret")
	c, err := ecs.New(quick(ecs.Options{Endpoint: server(t, answer)}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func server(t *testing.T, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}
