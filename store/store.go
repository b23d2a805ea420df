package store

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"ecs-migrate/internal/migration"
)

// Store is an open store. Its methods may be called side by side.
type Store struct {
	engine *watched
	writes group
	older  bool // the file has an older schema: only Look leaves it so
	now    func() time.Time
	follow func(old *migration.Migration, c migration.Change, now time.Time) migration.Change
	log    *slog.Logger
	wake   chan struct{}
}

// Close ends all use of the store once what is under way has ended.
func (s *Store) Close() error { return s.engine.close() }

// Wake receives after a commit that queued or finished a job. Several commits
// may be told as one.
func (s *Store) Wake() <-chan struct{} { return s.wake }

// Stuck tells whether only opening the store again can help: the process is
// better started anew.
func (s *Store) Stuck() bool { return unmapped(s.engine.lastFailure()) }

// Damaged is the damage that was met at work, in a sentence with what to do, nil
// where none was. From then on nothing is read or written.
func (s *Store) Damaged() error { return s.engine.damaged() }

func (s *Store) signal() {
	select {
	case s.wake <- struct{}{}:
	default: // whoever wakes from the earlier one sees this commit too
	}
}

// Commits counts the write transactions committed since the store was opened.
func (s *Store) Commits() uint64 { return s.writes.commits.Load() }

// Stats is what there is at one moment.
type Stats struct {
	Commits    uint64                    // write transactions committed since the store was opened
	Jobs       map[migration.JobKind]int // that wait, by kind; a kind without any may be missing
	Open       int                       // migrations that are not over
	Waiting    int                       // migrations that are over and wait for their acknowledgement
	Migrations int                       // all of them
}

// Stats costs the same however much is stored. Where the store cannot be read,
// only Commits is told.
func (s *Store) Stats() Stats {
	st := Stats{Commits: s.Commits(), Jobs: map[migration.JobKind]int{}}
	err := s.engine.view(context.Background(), func(r reader) error {
		return r.scan(counts, nil, nil, func(k, _ []byte) error {
			n, err := number(r, counts, string(k))
			switch name := string(k); {
			case name == countOpen:
				st.Open = int(n)
			case name == countWaiting:
				st.Waiting = int(n)
			case name == countTotal:
				st.Migrations = int(n)
			case strings.HasPrefix(name, countJob):
				st.Jobs[migration.JobKind(strings.TrimPrefix(name, countJob))] = int(n)
			}
			return err
		})
	})
	if err != nil {
		s.log.Error("cannot read the store's counts", "err", err)
	}
	return st
}
