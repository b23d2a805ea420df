package bot

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// worked is a worker that a test writes as a function.
type worked func(ctx context.Context, job migration.Job) error

func (w worked) do(ctx context.Context, job migration.Job) error { return w(ctx, job) }

func TestAJobThatPanicsIsTriedAgainAndEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(filepath.Join(t.TempDir(), "jobs.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		key, now := migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-1"}, time.Now().UTC()
		announce := func(*migration.Migration) (migration.Change, error) {
			ev := migration.Event{Key: key, InstanceID: "i-1", Status: migration.Scheduled, NotBefore: now.Add(time.Hour)}
			return migration.First(ev, migration.Instance{}, "C1", now), nil
		}
		if _, err := s.Apply(t.Context(), key, "", announce); err != nil {
			t.Fatal(err)
		}

		ctx, stop := context.WithCancel(t.Context())
		var runs []time.Duration
		do := worked(func(ctx context.Context, job migration.Job) error {
			runs = append(runs, time.Since(now))
			if len(runs) < 3 {
				panic("on purpose")
			}
			stop()
			return finish(ctx, s, job)
		})
		done := worked(func(ctx context.Context, job migration.Job) error { return finish(ctx, s, job) })
		d := newDispatcher(s, clock.Real{}, slog.New(slog.DiscardHandler), newMetrics(), workers{inSlack: do, inCloud: do, ofFacts: done})
		d.run(ctx, t.Context())
		if len(runs) != 3 || runs[1]-runs[0] != time.Second || runs[2]-runs[1] != 2*time.Second {
			t.Errorf("ran at %v, want the gaps 1 s and 2 s", runs)
		}
		if waiting := s.Stats().Jobs[migration.JobCard]; waiting != 0 {
			t.Errorf("%d cards wait", waiting)
		}
	})
}
