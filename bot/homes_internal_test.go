package bot

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/handlers"
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
