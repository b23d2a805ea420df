package bot

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
	"ecs-migrate/store"
)

func TestADigestThatCannotBeKeptIsTriedAgain(t *testing.T) {
	open := func() *store.Store {
		s, err := store.Open(filepath.Join(t.TempDir(), "digest.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	daily, err := cron.ParseStandard("0 9 * * *")
	if err != nil {
		t.Fatal(err)
	}
	shut := open()
	if err := shut.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := config.Config{Location: time.UTC, Routes: []config.Route{{Channel: "C1"}}}
	cfg.Reminders.Digest.Schedule = daily
	d := &digests{
		cfg: cfg, store: shut, clock: clock.Real{}, log: slog.New(slog.DiscardHandler),
		status: func() []poll.RegionStatus { return nil }, stale: func(time.Time) bool { return false },
	}
	if !d.round(t.Context()) {
		t.Fatal("the bot stops for it")
	}
	s := open()
	defer s.Close()
	d.store = s
	at := d.last(time.Now())
	d.round(t.Context())
	if _, ok, err := s.Post(t.Context(), migration.DigestID("C1", at.Format(time.DateOnly))); !ok || err != nil {
		t.Errorf("the digest is lost (%v)", err)
	}
	if d.done.IsZero() {
		t.Error("it is decided on again and again")
	}
}
