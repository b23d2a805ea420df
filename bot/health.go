package bot

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/poll"
	"ecs-migrate/store"
)

// health tells from what is so whether the bot can do its work.
type health struct {
	clock    clock.Clock
	store    *store.Store
	intake   *intake
	poller   *poll.Poller
	schedule *schedule
}

// late is how overdue a poll or a job may be before the bot says that it is
// not ready: a poll of many regions and a slow Slack take their time.
const late = 5 * time.Minute

// readiness is the body of /readyz.
type readiness struct {
	Ready   bool     `json:"ready"`
	Reasons []string `json:"reasons,omitempty"` // why not, for a person

	SlackConnections int            `json:"slack_connections"`
	Regions          []regionHealth `json:"regions"`
	OldestDueJob     string         `json:"oldest_due_job,omitempty"`
}

// regionHealth keeps apart a region that was looked at and one that could not be.
type regionHealth struct {
	Account  string    `json:"account"`
	Region   string    `json:"region"`
	LastGood time.Time `json:"last_good_poll,omitzero"`
	Error    string    `json:"error,omitempty"`
}

func (h *health) check(r *http.Request) readiness {
	out := readiness{SlackConnections: h.intake.connected(), Regions: []regionHealth{}}
	no := func(reason string) { out.Reasons = append(out.Reasons, reason) }
	if out.SlackConnections == 0 {
		no("no connection to Slack")
	}
	for _, s := range h.poller.Status() {
		region := regionHealth{Account: s.Account, Region: s.Region, LastGood: s.LastGood}
		if s.Err != nil {
			region.Error = s.Err.Error()
		}
		switch {
		case s.Err != nil || s.LastGood.IsZero():
			no("could not look at " + s.Account + "/" + s.Region)
		case h.schedule.stale(s.LastGood):
			no("not looked at for too long: " + s.Account + "/" + s.Region)
		}
		out.Regions = append(out.Regions, region)
	}
	lane, oldest, err := h.store.Overdue(r.Context(), h.clock.Now())
	if err != nil {
		no("the store cannot be read")
	}
	if oldest > 0 {
		out.OldestDueJob = oldest.Round(time.Second).String()
	}
	if oldest > late {
		no("jobs wait too long: " + lane)
	}
	out.Ready = len(out.Reasons) == 0
	return out
}

// probes serves /healthz (the process answers), /readyz and /metrics.
func probes(h *health, m *metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		state := h.check(r)
		w.Header().Set("Content-Type", "application/json")
		if !state.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(state)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}
