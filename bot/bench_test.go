package bot

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
	"ecs-migrate/internal/migration"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/notifier"
	"ecs-migrate/store"
)

// BenchmarkAcknowledge measures what a person waits for: from the moment at which
// they press return to the moment at which Slack has the acknowledgement. Each
// interaction is a slash command that decides on a migration of its own; it goes
// over a real websocket of the stub Slack, through the intake and the handlers,
// into the store, and back. Commands come at a steady rate whether or not those
// before them were answered, and each is timed from when it was to be sent, so
// that a bot which falls behind shows it.
//
// Of each rate there are three runs: with a durable commit before each
// acknowledgement, as the bot works; with that commit left out and all else the
// same, to show what it costs; and durably while the jobs that the decisions
// leave are worked on, at Slack's pace, as the whole bot does.
//
// It reports p50-ms, p99-ms and max-ms, how many were unanswered after Slack's
// three seconds, and commits/s: those that come while the
// disk is synced share the next sync. Run it with
//
//	go test ./bot -run '^$' -bench Acknowledge
func BenchmarkAcknowledge(b *testing.B) {
	for _, rate := range []int{50, 200, 1000} {
		for _, mode := range []string{"durable", "uncommitted", "durable+jobs"} {
			b.Run(fmt.Sprintf("%d_a_second/%s", rate, mode), func(b *testing.B) {
				for b.Loop() { // one run lasts longer than the benchmark's own second
					acknowledge(b, rate, mode)
				}
			})
		}
	}
}

// loadFor is how long a run lasts: at the lowest rate some hundred interactions.
const loadFor = 6 * time.Second

// uncommitted decides on what is stored and forgets the decision.
type uncommitted struct{ *store.Store }

func (u uncommitted) Apply(
	ctx context.Context, key migration.Key, _ string, fn func(*migration.Migration) (migration.Change, error),
) (migration.Migration, error) {
	m, ok, err := u.Migration(ctx, key)
	if err != nil || !ok {
		return m, err
	}
	c, err := fn(&m)
	if c.Migration != nil {
		m = *c.Migration
	}
	return m, err
}

func acknowledge(b *testing.B, rate int, mode string) {
	log := slog.New(slog.DiscardHandler)
	slack := slackstub.New(slackstub.Options{})
	if err := slack.Start("127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	defer slack.Close()
	dir := b.TempDir()
	cfg := benchConfig(b, dir, slack)
	state, err := store.Open(cfg.Store, store.Options{Follow: policy(cfg).Follow})
	if err != nil {
		b.Fatal(err)
	}
	defer state.Close()
	total := rate * int(loadFor/time.Second)
	fillStore(b, state, total)

	m := newMetrics()
	api := newSlackClient(cfg.Slack, m, new(botToken))
	people := notifier.NewPeople(api, notifier.PeopleOptions{Clock: clock.Real{}, Zone: time.UTC, Log: log})
	groups := notifier.NewGroups(api, clock.Real{}, log)
	o := handlers.Options{
		Store: state, People: people, Groups: groups, Grants: grants(cfg), Checklists: cfg.Checklists,
		Slack: api, Clock: clock.Real{}, Lang: notifier.English, Zone: time.UTC, Log: log,
	}
	if mode == "uncommitted" {
		o.Store = uncommitted{state}
	}
	in := newIntake(api, handlers.New(o), m, log)
	stop, cancel := context.WithCancel(b.Context())
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel()
	parts.Go(func() { in.run(stop, b.Context()) })
	if mode == "durable+jobs" {
		d := newDispatcher(state, clock.Real{}, log, m, workers{
			inSlack: &slackWorker{
				store: state, sender: notifier.NewSender(api, notifier.SenderOptions{Log: log}), clock: clock.Real{}, lang: notifier.English,
				zone: time.UTC, route: cfg.Route, policy: policy(cfg), lists: cfg.Checklists, duties: duties{cfg, people, groups}, log: log,
			},
			inCloud: worked(func(ctx context.Context, job migration.Job) error { return finish(ctx, state, job) }),
			ofFacts: worked(func(ctx context.Context, job migration.Job) error { return finish(ctx, state, job) }),
		})
		parts.Go(func() { d.run(stop, b.Context()) })
	}
	if err := slack.WaitConnections(b.Context(), sockets); err != nil {
		b.Fatal(err)
	}

	before := state.Stats().Commits
	waited, lost := load(b, slack, rate, total)
	slices.Sort(waited)
	at := func(p float64) float64 { return waited[int(p*float64(len(waited)-1))].Seconds() * 1000 }
	b.ReportMetric(at(.5), "p50-ms")
	b.ReportMetric(at(.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(float64(state.Stats().Commits-before)/loadFor.Seconds(), "commits/s")
	b.ReportMetric(float64(lost), "unanswered") // within Slack's three seconds
	b.ReportMetric(0, "ns/op")                  // of the load, which says nothing
}

// load types total commands at the rate, and gives how long each waited and how
// many Slack gave up.
func load(b *testing.B, slack *slackstub.Server, rate, total int) (waited []time.Duration, lost int64) {
	waited = make([]time.Duration, total)
	var given atomic.Int64
	var all sync.WaitGroup
	wish := time.Now().UTC().Add(40 * time.Hour).Format("2006-01-02 15:04")
	began := time.Now()
	for i := range total {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		all.Go(func() {
			r, err := slack.Command("U0000000002", "C0000000000", fmt.Sprintf("/ecs-migrate reserve e-%06d %s UTC", i, wish))
			waited[i] = time.Since(due)
			switch {
			case err != nil:
				b.Errorf("command %d: %v", i, err)
			case r.Error != "" || r.Message == nil:
				given.Add(1)
			}
		})
	}
	all.Wait()
	return waited, given.Load()
}

func benchConfig(b *testing.B, dir string, slack *slackstub.Server) config.Config {
	text := fmt.Sprintf("slack: {api_url: %q}\nstore: %q\nroles: {operator: [everyone]}\naccounts: [{name: prod, regions: [cn-hangzhou]}]\nroutes: [{channel: C0000000000}]\n",
		slack.APIURL(), filepath.Join(dir, "bench.db"))
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	cfg, err := config.Load(path, func(name string) string {
		return map[string]string{config.BotTokenVariable: slack.BotToken(), config.AppTokenVariable: slack.AppToken()}[name]
	})
	if err != nil {
		b.Fatal(err)
	}
	return cfg
}

// fillStore announces n migrations whose cards stand already.
func fillStore(b *testing.B, s *store.Store, n int) {
	now := time.Now().UTC()
	for from := 0; from < n; from += 500 {
		keys := map[migration.Key]int{}
		for i := from; i < min(from+500, n); i++ {
			keys[migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: fmt.Sprintf("e-%06d", i)}] = i
		}
		var list []migration.Key
		for k := range keys {
			list = append(list, k)
		}
		_, err := s.ApplyEach(b.Context(), list, func(k migration.Key, _ *migration.Migration) migration.Change {
			at := now.Add(72 * time.Hour)
			c := migration.First(migration.Event{
				Key: k, InstanceID: fmt.Sprintf("i-%06d", keys[k]), Type: "SystemMaintenance.Reboot", Status: migration.Scheduled,
				NotBefore: at, InitialNotBefore: at, ReadAt: now,
			}, migration.Instance{ID: fmt.Sprintf("i-%06d", keys[k]), Name: fmt.Sprintf("web-%d", keys[k]), ReadAt: now}, "C0000000000", now)
			c.Migration.Card.TS = "1.2"
			c.Jobs = nil
			return c
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefreshHomes measures a round that brings the Home tabs of twenty readers
// up to date, on stores of ten thousand open migrations and of a tenth of those: of
// which nothing has changed for them, and of which one that all of them see has. It
// reports how many tabs were published a round.
//
//	go test ./bot -run '^$' -bench RefreshHomes
func BenchmarkRefreshHomes(b *testing.B) {
	const readers = 20
	for _, open := range []int{1000, 10_000} {
		for _, mode := range []string{"unchanged", "changed"} {
			b.Run(fmt.Sprintf("%d open/%s", open, mode), func(b *testing.B) {
				dir, log := b.TempDir(), slog.New(slog.DiscardHandler)
				slack := slackstub.New(slackstub.Options{Limits: slackstub.Limits{Off: true}})
				if err := slack.Start("127.0.0.1:0"); err != nil {
					b.Fatal(err)
				}
				defer slack.Close()
				cfg := benchConfig(b, dir, slack)
				state, err := store.Open(cfg.Store, store.Options{Follow: policy(cfg).Follow})
				if err != nil {
					b.Fatal(err)
				}
				defer state.Close()
				fillStore(b, state, open)
				api := newSlackClient(cfg.Slack, newMetrics(), &botToken{})
				people := notifier.NewPeople(api, notifier.PeopleOptions{Log: log})
				groups := notifier.NewGroups(api, clock.Real{}, log)
				who := duties{cfg, people, groups}
				acts := handlers.New(handlers.Options{
					Store: state, People: people, Groups: groups, Grants: grants(cfg), Checklists: cfg.Checklists,
					Owner: who.owner, OnCall: who.onCall, Slack: api, Log: log,
				})
				for n := range readers {
					id := fmt.Sprintf("U00000001%02d", n)
					slack.AddUser(slackstub.User{ID: id, Name: id, Locale: "en-GB"})
					if err := state.KeepHome(b.Context(), migration.HomeTab{User: id, Filter: handlers.All, Page: 1, Opened: time.Now()}); err != nil {
						b.Fatal(err)
					}
				}
				for more := true; more; {
					_, more = acts.RefreshHomes(b.Context())
				}
				before, round := len(slack.Calls("views.publish")), 0
				for b.Loop() {
					if mode == "changed" {
						round++
						if err := rename(b.Context(), state, fmt.Sprint("web-", round)); err != nil {
							b.Fatal(err)
						}
					}
					acts.RefreshHomes(b.Context())
				}
				b.ReportMetric(float64(len(slack.Calls("views.publish"))-before)/float64(b.N), "published/op")
			})
		}
	}
}

// rename gives the first instance another name.
func rename(ctx context.Context, s *store.Store, name string) error {
	_, err := s.Apply(ctx, migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-000000"}, "", func(cur *migration.Migration) (migration.Change, error) {
		cur.Instance.Name = name
		return migration.Change{Migration: cur}, nil
	})
	return err
}
