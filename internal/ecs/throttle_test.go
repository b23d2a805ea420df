package ecs

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// signal is a log that tells of each line.
type signal chan struct{}

func (s signal) Write(p []byte) (int, error) {
	s <- struct{}{}
	return len(p), nil
}

func TestAThrottledCallHoldsTheAccountBackAndAnOverloadedOneItsRegion(t *testing.T) {
	for code, others := range map[string]bool{"Throttling.User": true, "ServiceUnavailable": false} {
		t.Run(code, func(t *testing.T) { heldBack(t, code, others) })
	}
}

// heldBack has a call answered with the code, and looks whether other regions
// wait with its own.
func heldBack(t *testing.T, code string, others bool) {
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIownCloudKey0001")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "own-cloud-secret")
	t.Setenv("DEBUG", "")
	cloud := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"Code":"`+code+`","Message":"Request was denied."}`)
	}))
	t.Cleanup(cloud.Close)
	retried := make(signal)
	c, err := New(Options{
		Account: "prod", Endpoint: cloud.URL, RetryWait: time.Hour, RetryTime: 24 * time.Hour,
		Log: slog.New(slog.NewTextHandler(retried, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Accept(ctx, "slow", "e-1") }()
	select {
	case <-retried:
	case err := <-done:
		t.Fatalf("not tried again: %v", err)
	}
	if d := c.held("slow"); d < 29*time.Minute || d > 90*time.Minute {
		t.Errorf("the region is held back for %v, want about an hour", d)
	}
	if d := c.held("other"); d > 0 != others {
		t.Errorf("another region is held back for %v", d)
	}
	cancel()
	// The cloud said that nothing was done: the outcome is not unknown.
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
