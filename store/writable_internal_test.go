package store

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ecs-migrate/internal/migration"
)

// stalled is an engine whose commits wait for the disk until it goes on.
type stalled struct {
	engine
	on chan struct{}
}

func (s stalled) update(ctx context.Context, fn func(writer) error) (bool, error) {
	<-s.on
	return s.engine.update(ctx, fn)
}

// A disk that answers nothing fails no commit, and yet nothing is kept.
func TestACommitThatHangsIsToldUntilItEnds(t *testing.T) {
	for name, before := range map[string]error{"after a good commit": nil, "after a failed one": syscall.EIO} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := Open(filepath.Join(t.TempDir(), "test.db"), Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				if before != nil {
					s.writes.last.ended(before)
				}
				disk := stalled{s.engine.engine, make(chan struct{})}
				s.engine.engine = disk
				commit := func() {
					_, err := s.Apply(t.Context(), migration.Key{Account: "a", Region: "r", EventID: "e"}, "x",
						func(*migration.Migration) (migration.Change, error) { return migration.Change{}, nil })
					if err != nil {
						t.Error(err)
					}
				}
				var writing sync.WaitGroup
				if before == nil {
					writing.Go(commit)
					time.Sleep(patience)
					if err := s.Writable(t.Context()); err != nil {
						t.Errorf("after %v already: %v", patience, err)
					}
					time.Sleep(time.Second)
				}
				for range 2 {
					if err := s.Writable(t.Context()); err == nil || !strings.Contains(err.Error(), "disk") {
						t.Errorf("while a commit hangs: %v", err)
					}
				}
				close(disk.on)
				writing.Wait()
				synctest.Wait()
				if err := s.Writable(t.Context()); err != nil {
					t.Errorf("after it ended: %v", err)
				}
			})
		})
	}
}

func TestAWriteThatFailedByItselfHangsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(filepath.Join(t.TempDir(), "test.db"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.writes.do(t.Context(), func(writer) error { return syscall.EINVAL }); err == nil {
			t.Error("it was written")
		}
		time.Sleep(2 * patience)
		if err := s.Writable(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAStoreThatWasNotThereIsWarnedOf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	for _, want := range []bool{true, false} {
		var log bytes.Buffer
		s, err := Open(path, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "level=WARN") && strings.Contains(log.String(), path); got != want {
			t.Errorf("warned %v, want %v: %s", got, want, log.String())
		}
	}
}
