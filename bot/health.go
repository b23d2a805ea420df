package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
	"ecs-migrate/store"
)

// health tells from what is so whether the bot can do its work.
type health struct {
	clock    clock.Clock
	store    *store.Store
	intake   *intake
	dispatch *dispatcher
	poller   *poll.Poller
	schedule *schedule
	unmapped func() bool // whether only opening the store again helps: store.Stuck
	watch    *watch
}

const (
	// late is how overdue a poll or a job may be before the bot says that it is
	// not ready: a poll of many regions and a slow Slack take their time.
	late = 5 * time.Minute
	// silence is how long a connection that stands may stay silent: Slack pings
	// every few seconds, and the library gives one up after 30 s.
	silence = 90 * time.Second
	// wedged is how long a step that takes milliseconds may take before only a
	// restart can help.
	wedged = 5 * time.Minute
)

// readiness is the body of /readyz.
type readiness struct {
	Ready   bool     `json:"ready"`
	Reasons []string `json:"reasons,omitempty"` // why not, for a person

	Slack   slackHealth    `json:"slack"`
	Regions []regionHealth `json:"regions"`
	Jobs    jobsHealth     `json:"jobs"`
	Store   storeHealth    `json:"store"`

	oldestDue time.Duration
}

// slackHealth is how the bot's connections to Slack stand.
type slackHealth struct {
	Standing    int              `json:"standing"`
	Connections []connectionInfo `json:"connections"`
	// TokenRefused is Slack's code where it refused the bot's token last.
	TokenRefused string `json:"token_refused,omitempty"`
}

// connectionInfo is one Socket Mode connection.
type connectionInfo struct {
	Up        bool      `json:"up"`
	LastHeard time.Time `json:"last_heard,omitzero"` // anything, pings included
	// Counted is how many connections of the app Slack counted when this one began.
	Counted int `json:"connections_counted_by_slack,omitempty"`
}

// regionHealth keeps apart a region that was looked at and one that could not be.
type regionHealth struct {
	Account  string    `json:"account"`
	Region   string    `json:"region"`
	LastGood time.Time `json:"last_good_poll,omitzero"`
	Error    string    `json:"error,omitempty"`
}

// jobsHealth is what waits to be done.
type jobsHealth struct {
	Waiting   int    `json:"waiting"`
	OldestDue string `json:"oldest_due_for,omitempty"`
	HeldUp    string `json:"held_up_lane,omitempty"`
}

// storeHealth tells whether decisions can be kept.
type storeHealth struct {
	Writable bool   `json:"writable"`
	Error    string `json:"error,omitempty"`
}

func (h *health) check(ctx context.Context) readiness {
	out := readiness{Regions: []regionHealth{}}
	no := func(reason string) { out.Reasons = append(out.Reasons, reason) }
	h.checkSlack(&out, no)
	h.checkRegions(&out, no)
	h.checkStore(ctx, &out, no)
	out.Ready = len(out.Reasons) == 0
	return out
}

func (h *health) checkSlack(out *readiness, no func(string)) {
	out.Slack.Standing = h.intake.connected()
	silent := 0
	for i := range h.intake.links {
		l := &h.intake.links[i]
		c := connectionInfo{Up: l.up.Load(), LastHeard: l.lastHeard(), Counted: int(l.count.Load())}
		if c.Up && time.Since(c.LastHeard) > silence {
			silent++
		}
		out.Slack.Connections = append(out.Slack.Connections, c)
	}
	switch {
	case out.Slack.Standing == 0:
		no("no connection to Slack")
	case silent == out.Slack.Standing:
		no("Slack is silent on every connection")
	}
	if code := h.watch.token.code(); code != "" {
		out.Slack.TokenRefused = code
		no("Slack refuses the bot's token (" + code + "): install the app again and set SLACK_BOT_TOKEN")
	}
}

func (h *health) checkRegions(out *readiness, no func(string)) {
	for _, s := range h.poller.Status() {
		region := regionHealth{Account: s.Account, Region: s.Region, LastGood: s.LastGood}
		if err := cmp.Or(s.Blind.Err, s.Unread.Err); err != nil {
			region.Error = err.Error()
		}
		switch {
		case s.Blind.Err != nil || s.LastGood.IsZero():
			no("could not look at " + s.Account + "/" + s.Region)
		case s.Unread.Err != nil:
			no("could not read all events of " + s.Account + "/" + s.Region)
		case h.schedule.stale(s.LastGood):
			no("not looked at for too long: " + s.Account + "/" + s.Region)
		}
		out.Regions = append(out.Regions, region)
	}
}

func (h *health) checkStore(ctx context.Context, out *readiness, no func(string)) {
	for _, n := range h.store.Stats().Jobs {
		out.Jobs.Waiting += n
	}
	lane, oldest, err := h.store.Overdue(ctx, h.clock.Now())
	switch {
	case errors.Is(err, migration.ErrStoreDamaged):
		no("the store is damaged: see `ecs-migrate store check`, then `ecs-migrate store restore FILE`")
	case err != nil:
		no("the store cannot be read")
	}
	if out.oldestDue = oldest; oldest > 0 {
		out.Jobs.OldestDue, out.Jobs.HeldUp = oldest.Round(time.Second).String(), lane
	}
	if oldest > late {
		no("jobs wait too long: " + lane)
	}
	out.Store.Writable = true
	if err := h.store.Writable(ctx); err != nil {
		out.Store = storeHealth{Error: err.Error()}
		if !errors.Is(err, migration.ErrStoreDamaged) {
			no("the store cannot be written")
		}
	}
}

// stuck tells why only a restart can help, empty where it need not: a cloud, a
// Slack or a disk that fails is not mended by one.
func (h *health) stuck() string {
	switch {
	case h.dispatch.stuckFor() > wedged:
		return "the jobs stand still"
	case h.intake.stuckFor() > wedged:
		return "no envelope is finished"
	case h.unmapped():
		return "the store's file must be opened again"
	}
	return ""
}

// probes serves /healthz (a restart would not help), /readyz and /metrics.
func probes(h *health, m *metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if why := h.stuck(); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		state := h.check(r.Context())
		w.Header().Set("Content-Type", "application/json")
		if !state.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(state)
	})
	m.registry.MustRegister(gauges{h})
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}
