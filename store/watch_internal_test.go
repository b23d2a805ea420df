package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"ecs-migrate/internal/migration"
)

// sick is an engine whose disk takes no commit while it is told so.
type sick struct {
	engine
	with error
}

func (s *sick) update(ctx context.Context, fn func(writer) error) (bool, error) {
	if s.with == nil {
		return s.engine.update(ctx, fn)
	}
	_, err := s.engine.update(ctx, func(w writer) error {
		if err := fn(w); err != nil {
			return err
		}
		return s.with
	})
	return false, err
}

// A disk that takes no commit is named, refuses decisions, and is taken for well
// as soon as it takes one again.
func TestADiskThatTakesNoCommitIsNamedAndForgotten(t *testing.T) {
	for name, c := range map[string]struct{ with, want error }{
		"full":          {&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, migration.ErrStoreFull},
		"over quota":    {syscall.EDQUOT, migration.ErrStoreFull},
		"a size limit":  {syscall.EFBIG, migration.ErrStoreFull},
		"read-only":     {&fs.PathError{Op: "write", Path: "x", Err: syscall.EROFS}, migration.ErrStoreReadOnly},
		"failing":       {syscall.EIO, syscall.EIO},
		"not reachable": {bolterrors.ErrInvalidMapping, bolterrors.ErrInvalidMapping},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s, err := Open(filepath.Join(t.TempDir(), "test.db"), Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			disk := &sick{engine: s.engine.engine}
			s.engine.engine = disk
			key := migration.Key{Account: "a", Region: "r", EventID: "e"}
			decide := func() error {
				_, err := s.Apply(t.Context(), key, "", func(*migration.Migration) (migration.Change, error) {
					return migration.Change{Entries: []migration.Entry{{Key: key}}}, nil
				})
				return err
			}
			disk.with = c.with
			for range 3 {
				if err := decide(); !errors.Is(err, c.want) {
					t.Errorf("decided with %v", err)
				}
			}
			if err := s.Writable(t.Context()); !errors.Is(err, c.want) {
				t.Errorf("writable: %v", err)
			}
			if h, err := s.History(t.Context(), key); len(h) != 0 || err != nil {
				t.Errorf("kept %v, %v", h, err)
			}
			if s.Damaged() != nil || s.Stuck() != (c.with == bolterrors.ErrInvalidMapping) {
				t.Errorf("damaged %v, stuck %v", s.Damaged(), s.Stuck())
			}
			disk.with = nil
			if err := errors.Join(s.Writable(t.Context()), decide()); err != nil {
				t.Errorf("with a disk that is well: %v", err)
			}
			if s.Stuck() {
				t.Error("still stuck")
			}
			if h, err := s.History(t.Context(), key); len(h) != 1 || err != nil {
				t.Errorf("kept %v, %v", h, err)
			}
			for _, line := range []string{"cannot be written: decisions are refused", "can be written again"} {
				if n := strings.Count(log.String(), line); n != 1 {
					t.Errorf("%q is logged %d times:\n%s", line, n, &log)
				}
			}
		})
	}
}

// What a caller's own decision is refused with says nothing of the disk.
func TestARefusedDecisionIsNoTroubleOfTheDisk(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "test.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.writes.do(t.Context(), func(writer) error { return fmt.Errorf("no: %w", syscall.ENOSPC) })
	if errors.Is(err, migration.ErrStoreFull) || s.engine.lastFailure() != nil {
		t.Errorf("got %v, and %v", err, s.engine.lastFailure())
	}
}

// A file of an older schema is looked after as it is.
func TestAnOlderStoreIsCheckedAndBackedUpAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	if s, err := openWith(path, Options{}, steps()[:1]); err != nil {
		t.Fatal(err)
	} else if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Look(path, Options{})
	if err != nil || !s.Older() {
		t.Fatalf("older %v, %v", s.Older(), err)
	}
	if faults, err := s.Faults(t.Context()); len(faults) > 0 || err != nil {
		t.Errorf("found %v, %v", faults, err)
	}
	if _, _, err := s.Compact(t.Context()); err == nil || !strings.Contains(err.Error(), "older schema") {
		t.Errorf("compacted: %v", err)
	}
	backup := filepath.Join(t.TempDir(), "b.db")
	if _, err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, backup} {
		db, err := bbolt.Open(file, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		found, ok, err := found(t.Context(), &bolt{db: db})
		if err := errors.Join(err, db.Close()); err != nil || !ok || found.Version != 1 {
			t.Errorf("%s has version %d now, %v", filepath.Base(file), found.Version, err)
		}
	}
}
