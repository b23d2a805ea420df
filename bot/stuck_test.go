package bot

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"ecs-migrate/internal/poll"
)

// A restart is asked for only where it would help: where steps that take
// milliseconds do not end.
func TestOnlyWhatARestartMendsFailsLiveness(t *testing.T) {
	for name, tt := range map[string]struct {
		jobs, envelopes time.Duration // how long a step has been under way; zero: none is
		unmapped        bool          // the store's file must be opened again
		want            int
	}{
		"all is well":                {0, 0, false, http.StatusOK},
		"a slow store":               {4 * time.Minute, 0, false, http.StatusOK},
		"many clicks":                {0, 4 * time.Minute, false, http.StatusOK},
		"the jobs stand still":       {6 * time.Minute, 0, false, http.StatusServiceUnavailable},
		"the envelopes do not end":   {0, 6 * time.Minute, false, http.StatusServiceUnavailable},
		"neither of them goes ahead": {time.Hour, time.Hour, false, http.StatusServiceUnavailable},
		"no memory for the store":    {0, 0, true, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &health{dispatch: &dispatcher{}, intake: &intake{}, poller: poll.New(poll.Options{}), unmapped: func() bool { return tt.unmapped }}
				began := time.Now()
				if tt.jobs > 0 {
					h.dispatch.since.Store(began.Add(-tt.jobs).UnixNano())
				}
				if tt.envelopes > 0 {
					h.intake.links[0].stuck.Store(began.Add(-tt.envelopes).UnixNano())
				}
				answer := httptest.NewRecorder()
				probes(h, newMetrics()).ServeHTTP(answer, httptest.NewRequest("GET", "/healthz", nil))
				if answer.Code != tt.want {
					t.Errorf("/healthz answers %d (%s), want %d", answer.Code, answer.Body, tt.want)
				}
			})
		})
	}
}

// A slot that comes free ends the wait that was noted.
func TestAWaitForASlotEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &intake{slots: make(chan struct{}, 1)}
		if err := in.take(t.Context(), &in.links[0]); err != nil || in.stuckFor() != 0 {
			t.Fatalf("the first slot: %v, stuck for %v", err, in.stuckFor())
		}
		got := make(chan error)
		go func() { got <- in.take(t.Context(), &in.links[1]) }()
		synctest.Wait()
		<-time.After(time.Minute)
		if in.stuckFor() != time.Minute {
			t.Errorf("stuck for %v, want a minute", in.stuckFor())
		}
		<-in.slots
		if err := <-got; err != nil || in.stuckFor() != 0 {
			t.Errorf("after a slot came free: %v, stuck for %v", err, in.stuckFor())
		}
	})
}
