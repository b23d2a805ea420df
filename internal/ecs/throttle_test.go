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

func TestAThrottledCallHoldsItsRegionBack(t *testing.T) {
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIownCloudKey0001")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "own-cloud-secret")
	t.Setenv("DEBUG", "")
	cloud := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"Code":"Throttling.User","Message":"Request was denied due to user flow control."}`)
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
	if d := c.pace("slow").held(); d < 29*time.Minute || d > 90*time.Minute {
		t.Errorf("the region is held back for %v, want about an hour", d)
	}
	if d := c.pace("other").held(); d > 0 {
		t.Errorf("another region is held back for %v", d)
	}
	cancel()
	// The cloud said that nothing was done: the outcome is not unknown.
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
