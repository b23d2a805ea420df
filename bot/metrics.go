package bot

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
	"ecs-migrate/store"
)

// metrics counts what the bot does. Names follow Prometheus's conventions:
// base units, _total on counters.
type metrics struct {
	registry *prometheus.Registry
	acks     *prometheus.HistogramVec
	jobs     *prometheus.CounterVec
	jobTime  *prometheus.HistogramVec
}

func newMetrics(s *store.Store, p *poll.Poller) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		acks: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ecs_migrate_acknowledge_seconds", Help: "Time from an envelope's arrival to its acknowledgement, by kind.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 3},
		}, []string{"kind"}),
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ecs_migrate_job_runs_total", Help: "Runs of jobs, by kind and outcome (done or put_off).",
		}, []string{"kind", "outcome"}),
		jobTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ecs_migrate_job_run_seconds", Help: "Time a run of a job took, by kind, waiting for Slack's pace included.",
			Buckets: []float64{.01, .05, .1, .5, 1, 5, 15, 60},
		}, []string{"kind"}),
	}
	m.registry.MustRegister(m.acks, m.jobs, m.jobTime, state{s, p},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) acknowledged(kind string, took time.Duration) {
	m.acks.WithLabelValues(kind).Observe(took.Seconds())
}

// connections counts the Socket Mode connections that stand, at the moment of asking.
func (m *metrics) connections(count func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ecs_migrate_slack_connections", Help: "Socket Mode connections that stand.",
	}, func() float64 { return float64(count()) }))
}

func (m *metrics) jobRun(kind migration.JobKind, err error, took time.Duration) {
	outcome := "done"
	if err != nil {
		outcome = "put_off"
	}
	m.jobs.WithLabelValues(string(kind), outcome).Inc()
	m.jobTime.WithLabelValues(string(kind)).Observe(took.Seconds())
}

// state reads gauges from where they are kept, at the moment of asking.
type state struct {
	store  *store.Store
	poller *poll.Poller
}

var (
	jobsWaiting = prometheus.NewDesc("ecs_migrate_jobs_waiting", "Jobs in the store, by kind.", []string{"kind"}, nil)
	migrations  = prometheus.NewDesc("ecs_migrate_migrations", "Migrations in the store, by whether they are open.", []string{"open"}, nil)
	lastPoll    = prometheus.NewDesc("ecs_migrate_last_good_poll_timestamp_seconds", "When a region was last looked at without an error; 0: never.", []string{"account", "region"}, nil)
)

// Describe implements prometheus.Collector.
func (state) Describe(out chan<- *prometheus.Desc) {
	out <- jobsWaiting
	out <- migrations
	out <- lastPoll
}

// Collect implements prometheus.Collector.
func (s state) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	stats := s.store.Stats()
	for kind, n := range stats.Jobs {
		gauge(jobsWaiting, float64(n), string(kind))
	}
	gauge(migrations, float64(stats.Open), "true")
	gauge(migrations, float64(stats.Migrations-stats.Open), "false")
	for _, r := range s.poller.Status() {
		at := 0.0
		if !r.LastGood.IsZero() {
			at = float64(r.LastGood.Unix())
		}
		gauge(lastPoll, at, r.Account, r.Region)
	}
}
