package bot

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"ecs-migrate/internal/ecs"
	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
)

// metrics counts what the bot does. Names follow Prometheus's conventions:
// base units, _total on counters. What is kept elsewhere is read at the moment
// of asking (gauges.go).
type metrics struct {
	registry *prometheus.Registry
	acks     *prometheus.HistogramVec
	slack    *prometheus.HistogramVec
	cloud    *prometheus.HistogramVec
	jobs     *prometheus.CounterVec
	jobTime  *prometheus.HistogramVec
	polls    *prometheus.CounterVec
}

// callBuckets are for calls over the network, in seconds, up to their timeouts.
var callBuckets = []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

func newMetrics() *metrics {
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		acks: histogram("ecs_migrate_acknowledge_seconds", "Time from an envelope's arrival to its acknowledgement, by kind. Slack waits 3 s.",
			[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 3}, "kind"),
		slack: histogram("ecs_migrate_slack_call_seconds", "Time a Web API call took, by method (other: an upload, which goes to an address of its own) and outcome (the HTTP status, or none).",
			callBuckets, "method", "outcome"),
		cloud: histogram("ecs_migrate_cloud_call_seconds", "Time an exchange with Alibaba Cloud took, repetitions counted singly, by account, RAM action and outcome (ok, throttled, refused, not_allowed, untrusted, failing, unknown, malformed).",
			callBuckets, "account", "action", "outcome"),
		jobs: counter("ecs_migrate_job_runs_total", "Runs of jobs, by kind and outcome (done or put_off).", "kind", "outcome"),
		jobTime: histogram("ecs_migrate_job_run_seconds", "Time a run of a job took, by kind, waiting for Slack's pace included.",
			[]float64{.01, .05, .1, .5, 1, 5, 15, 60}, "kind"),
		polls: counter("ecs_migrate_polls_total", "Polls of a region that ended, by outcome (ok or failed).", "account", "region", "outcome"),
	}
	m.registry.MustRegister(m.acks, m.slack, m.cloud, m.jobs, m.jobTime, m.polls,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) acknowledged(kind string, took time.Duration) {
	m.acks.WithLabelValues(kind).Observe(took.Seconds())
}

func (m *metrics) jobRun(kind migration.JobKind, err error, took time.Duration) {
	outcome := "done"
	if err != nil {
		outcome = "put_off"
	}
	m.jobs.WithLabelValues(string(kind), outcome).Inc()
	m.jobTime.WithLabelValues(string(kind)).Observe(took.Seconds())
}

func (m *metrics) exchange(e ecs.Exchange) {
	m.cloud.WithLabelValues(e.Account, e.Action, e.Outcome).Observe(e.Took.Seconds())
}

func (m *metrics) polled(r poll.Report) {
	for _, o := range r.Regions {
		switch {
		case o.Busy:
		case o.Err != nil || o.Unread != nil:
			m.polls.WithLabelValues(o.Account, o.Region, "failed").Inc()
		default:
			m.polls.WithLabelValues(o.Account, o.Region, "ok").Inc()
		}
	}
}

// timed is a transport that times Web API calls, and hears what they say of the
// bot's token; root is their address without the method's name.
type timed struct {
	http.RoundTripper
	root    string
	metrics *metrics
	token   *botToken
}

// RoundTrip implements http.RoundTripper. A call's time ends with its answer's head.
func (t timed) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	answer, err := t.RoundTripper.RoundTrip(r)
	outcome, method := "none", methodOf(r.URL, t.root)
	if err == nil {
		outcome = strconv.Itoa(answer.StatusCode)
		t.token.overhear(answer, method)
	}
	t.metrics.slack.WithLabelValues(method, outcome).Observe(time.Since(began).Seconds())
	return answer, err
}

// apiMethod is how Slack names its methods, such as usergroups.users.list.
var apiMethod = regexp.MustCompile(`^[a-z][A-Za-z]*(\.[a-z][A-Za-z]*)+$`)

// otherAddress stands for every address that is no method's.
const otherAddress = "other"

// methodOf is the Web API method at an address. Any other address may hold what
// gives access, as one to upload to does: it is not named.
func methodOf(u *url.URL, root string) string {
	if name, ok := strings.CutPrefix(u.Scheme+"://"+u.Host+u.Path, root); ok && apiMethod.MatchString(name) {
		return name
	}
	return otherAddress
}
