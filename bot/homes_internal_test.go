package bot

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
	"ecs-migrate/store"
)

// ticks is a clock that stands. Each wait is told, and ends with the next tick.
type ticks struct {
	now  time.Time
	wait chan struct{}
	tick chan time.Time
}

func (c ticks) Now() time.Time { return c.now }

func (c ticks) After(time.Duration) <-chan time.Time {
	c.wait <- struct{}{}
	return c.tick
}

// readers are people who are known, and count what is published to them.
type readers struct {
	handlers.Slack
	published int
}

func (*readers) Person(_ context.Context, id string) (notifier.Person, error) {
	return notifier.Person{ID: id, Lang: notifier.English}, nil
}

func (r *readers) Fresh(ctx context.Context, id string, _ time.Duration) (notifier.Person, error) {
	return r.Person(ctx, id)
}

func (r *readers) PublishViewContext(context.Context, slackgo.PublishViewContextRequest) (*slackgo.ViewResponse, error) {
	r.published++
	return &slackgo.ViewResponse{}, nil
}

// Nobody commits anything, and those whom the first round did not come to are
// served all the same.
func TestTheNextRoundServesWhomTheLastOneDidNot(t *testing.T) {
	at := ticks{time.Date(2024, 5, 1, 2, 0, 0, 0, time.UTC), make(chan struct{}), make(chan time.Time)}
	s, err := store.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{Now: at.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for n := range 10 {
		if err := s.KeepHome(t.Context(), migration.HomeTab{User: fmt.Sprint("U", n), Filter: "all", Page: 1, Opened: at.now}); err != nil {
			t.Fatal(err)
		}
	}
	who, log := &readers{}, slog.New(slog.DiscardHandler)
	k := homeKeeper{acts: handlers.New(handlers.Options{Store: s, People: who, Slack: who, Clock: at}), store: s, clock: at, log: log}
	stop, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { k.run(stop, stop); close(ended) }()
	<-at.wait
	for round, want := range []int{7, 10, 10} {
		at.tick <- at.now
		<-at.wait
		if who.published != want {
			t.Errorf("%d published by round %d, want %d", who.published, round, want)
		}
	}
	cancel()
	<-ended
}

// stuck is a Slack that answers nothing about some people: whoever waits for it
// gives up themselves, or after half a minute. It tells whom it published to, and
// counts how often it was asked who those people are.
type stuck struct {
	handlers.Slack
	unknown, silent map[string]bool // of whom, and to whom, it tells nothing
	asked           map[string]int
	published       chan string
	reading         time.Duration // how long the store takes
}

// slowStore takes its time to read all that is open.
type slowStore struct {
	*store.Store
	reading time.Duration
}

func (s slowStore) ByDeadline(ctx context.Context, fn func(migration.Migration) bool) error {
	<-time.After(s.reading)
	return s.Store.ByDeadline(ctx, fn)
}

// Has is what it tells of user groups.
func (s *stuck) Has(ctx context.Context, _, _ string) (bool, error) { return false, hang(ctx) }

func hang(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	<-ctx.Done()
	return ctx.Err()
}

func (s *stuck) Person(_ context.Context, id string) (notifier.Person, error) {
	return notifier.Person{ID: id, Lang: notifier.English}, nil // as it was told before
}

func (s *stuck) Fresh(ctx context.Context, id string, _ time.Duration) (notifier.Person, error) {
	if s.asked[id]++; s.unknown[id] {
		return notifier.Person{}, hang(ctx)
	}
	return s.Person(ctx, id)
}

func (s *stuck) PublishViewContext(ctx context.Context, r slackgo.PublishViewContextRequest) (*slackgo.ViewResponse, error) {
	s.published <- r.UserID
	if s.silent[r.UserID] {
		return nil, hang(ctx)
	}
	return &slackgo.ViewResponse{}, nil
}

// keepHomes has the Home tabs kept of so many people, U0 and so on, who may each
// decide about ten migrations, until done. Nobody is in charge of them but onCall.
func keepHomes(t *testing.T, slack *stuck, people int, onCall string, done func(began time.Time)) {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	began, log := time.Now(), slog.New(slog.DiscardHandler)
	for n := range people {
		tab := migration.HomeTab{User: fmt.Sprint("U", n), Filter: "all", Page: 1, Opened: began.Add(time.Duration(n) * time.Millisecond)}
		if err := s.KeepHome(t.Context(), tab); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 10 {
		m := migration.Migration{Event: migration.Event{
			Key: migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: fmt.Sprint("e-", n)}, InstanceID: fmt.Sprint("i-", n),
			Type: "SystemUpgrade.Migrate", Status: migration.Scheduled, NotBefore: began.Add(100 * time.Hour),
		}}
		if _, err := s.Apply(t.Context(), m.Key(), "", func(*migration.Migration) (migration.Change, error) {
			return migration.Change{Migration: &m}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	slack.asked, slack.published = map[string]int{}, make(chan string)
	k := homeKeeper{acts: handlers.New(handlers.Options{
		Store: slowStore{s, slack.reading}, People: slack, Groups: slack, Slack: slack, Log: log, OnCall: func(migration.Migration) string { return onCall },
		Grants: func(migration.Migration) migration.Grants {
			return migration.Grants{Operator: []string{migration.Everyone}}
		},
	}), store: s, clock: clock.Real{}, log: log}
	stop, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { k.run(stop, stop); close(ended) }()
	done(began)
	cancel()
	for open := true; open; {
		select {
		case <-slack.published:
		case _, open = <-ended:
		}
	}
}

// within fails where somebody's tab was not published before so long.
func (s *stuck) within(t *testing.T, began time.Time, d time.Duration, user string) {
	t.Helper()
	for <-s.published != user {
	}
	if took := time.Since(began); took > d {
		t.Errorf("the tab of %s was published after %v, want %v at most", user, took, d)
	}
}

func TestPublicationsThatHangDoNotHaltTheHomeTabs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := &stuck{silent: map[string]bool{}}
		for n := range 7 { // as many as a round publishes
			slack.silent[fmt.Sprint("U", n)] = true
		}
		keepHomes(t, slack, 10, "", func(began time.Time) {
			slack.within(t, began, time.Minute, "U7") // whom the second round begins with
		})
	})
}

func TestGroupsThatHangDoNotHaltTheHomeTabs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := &stuck{}
		keepHomes(t, slack, 10, "S0000000001", func(began time.Time) {
			slack.within(t, began, 20*time.Second, "U7")
		})
	})
}

func TestAStoreThatIsSlowDoesNotHaltTheHomeTabs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := &stuck{reading: 30 * time.Second}
		keepHomes(t, slack, 10, "", func(began time.Time) {
			slack.within(t, began, 3*time.Minute, "U7")
		})
	})
}

func TestPeopleOfWhomSlackTellsNothingHoldUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := &stuck{unknown: map[string]bool{}}
		for n := 1; n < 40; n++ {
			slack.unknown[fmt.Sprint("U", n)] = true
		}
		keepHomes(t, slack, 41, "", func(began time.Time) {
			slack.within(t, began, 20*time.Second, "U0")
			if user := <-slack.published; user != "U40" {
				t.Errorf("what %s may do is not known, and their tab was published", user)
			}
			if took := time.Since(began); took > 5*time.Minute {
				t.Errorf("whoever comes behind them is served after %v", took)
			}
			for user, n := range slack.asked {
				if n > 2 { // rounds that came to them
					t.Errorf("it was asked %d times who %s is", n, user)
				}
			}
		})
	})
}
