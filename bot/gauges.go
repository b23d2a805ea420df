package bot

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ecs-migrate/internal/migration"
)

// gauges are read at the moment of asking from where they are kept, so that
// none can go on telling what was.
type gauges struct{ health *health }

var (
	ready = prometheus.NewDesc("ecs_migrate_ready",
		"1 while /readyz says yes, else 0.", nil, nil)
	jobsWaiting = prometheus.NewDesc("ecs_migrate_jobs_waiting",
		"Jobs in the store, by kind.", []string{"kind"}, nil)
	oldestDue = prometheus.NewDesc("ecs_migrate_oldest_due_job_seconds",
		"For how long the job that is held up longest has been due; 0: none is.", nil, nil)
	migrations = prometheus.NewDesc("ecs_migrate_migrations",
		"Migrations in the store, by whether they are open.", []string{"open"}, nil)
	migrationsWaiting = prometheus.NewDesc("ecs_migrate_migrations_waiting",
		"Migrations that have ended and wait for the acknowledgement of their follow-up.", nil, nil)
	nextUnreserved = prometheus.NewDesc("ecs_migrate_next_unreserved_deadline_timestamp_seconds",
		"The first deadline ahead of a migration without a reservation; absent: there is none.", nil, nil)
	lastPoll = prometheus.NewDesc("ecs_migrate_last_good_poll_timestamp_seconds",
		"When a region was last looked at, single events that cannot be read aside; 0: never.", []string{"account", "region"}, nil)
	regionOK = prometheus.NewDesc("ecs_migrate_region_ok",
		"1 where the last poll looked at all of the region and could read all events, else 0.", []string{"account", "region"}, nil)
	connections = prometheus.NewDesc("ecs_migrate_slack_connections",
		"Socket Mode connections that stand.", nil, nil)
	counted = prometheus.NewDesc("ecs_migrate_slack_connections_counted",
		"Connections of the app, as Slack counted them when this one began; 0: not told yet.", []string{"connection"}, nil)
	tokenAccepted = prometheus.NewDesc("ecs_migrate_slack_token_accepted",
		"1 unless Slack refused the bot's token last, then 0.", nil, nil)
	storeWritable = prometheus.NewDesc("ecs_migrate_store_writable",
		"1 while decisions can be kept in the store, else 0.", nil, nil)
	lastHeard = prometheus.NewDesc("ecs_migrate_slack_last_heard_timestamp_seconds",
		"When anything came on a Socket Mode connection, pings included; 0: never.", []string{"connection"}, nil)
)

// Describe implements prometheus.Collector.
func (gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		ready, jobsWaiting, oldestDue, migrations, migrationsWaiting, nextUnreserved, lastPoll, regionOK, connections, lastHeard,
		counted, tokenAccepted, storeWritable,
	} {
		out <- d
	}
}

// askFor bounds what one scrape may cost.
const askFor = 5 * time.Second

// Collect implements prometheus.Collector.
func (g gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askFor)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	state := g.health.check(ctx)
	gauge(ready, number(state.Ready))
	gauge(oldestDue, state.oldestDue.Seconds())
	gauge(connections, float64(state.Slack.Standing))
	gauge(tokenAccepted, number(state.Slack.TokenRefused == ""))
	gauge(storeWritable, number(state.Store.Writable))
	for i, c := range state.Slack.Connections {
		gauge(counted, float64(c.Counted), strconv.Itoa(i))
		gauge(lastHeard, unix(c.LastHeard), strconv.Itoa(i))
	}
	for _, r := range state.Regions {
		gauge(regionOK, number(r.Error == "" && !r.LastGood.IsZero()), r.Account, r.Region)
		gauge(lastPoll, unix(r.LastGood), r.Account, r.Region)
	}
	stats := g.health.store.Stats()
	for kind, n := range stats.Jobs {
		gauge(jobsWaiting, float64(n), string(kind))
	}
	gauge(migrations, float64(stats.Open), "true")
	gauge(migrations, float64(stats.Migrations-stats.Open), "false")
	gauge(migrationsWaiting, float64(stats.Waiting))
	if at := g.nextUnreserved(ctx); !at.IsZero() {
		gauge(nextUnreserved, unix(at))
	}
}

// mostLooked bounds how many migrations are looked at for one without a
// reservation: a scrape must stay cheap.
const mostLooked = 2000

// nextUnreserved is the first deadline ahead that nobody has reserved a time
// for; zero where there is none among the first mostLooked.
func (g gauges) nextUnreserved(ctx context.Context) (at time.Time) {
	now, seen := g.health.clock.Now(), 0
	err := g.health.store.ByDeadline(ctx, func(m migration.Migration) bool {
		seen++
		if d := m.Deadline(); m.Event.Status == migration.Scheduled && !m.Reserved() && d.After(now) {
			at = d
		}
		return at.IsZero() && seen < mostLooked
	})
	if err != nil {
		return time.Time{}
	}
	return at
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func unix(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.Unix())
}
