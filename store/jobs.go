package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ecs-migrate/internal/migration"
)

// Heads are the first jobs of the lanes: news in the order of Due, then of
// queueing; while none of them is due, announcements in the order of their
// deadlines; while none of these is due, ticks. Nobody who waits for news must
// wait behind a crowd of new cards or of redraws. due are those that may run now:
// their Due and RetryAt are not after it. next is the earliest moment at which
// another head may run, zero where there is none. A lane whose head waits to be
// repeated waits with it, unless something of a former class comes in between.
func (s *Store) Heads(ctx context.Context, now time.Time) (due []migration.Job, next time.Time, err error) {
	var ready []queued
	err = s.engine.view(ctx, func(r reader) error {
		ready, next = nil, time.Time{}
		return heads(ctx, r, now, func(q queued) {
			switch at := q.runs(); {
			case !at.After(now):
				ready = append(ready, q)
			case next.IsZero() || at.Before(next):
				next = at
			}
		})
	})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("read the waiting jobs: %w", err)
	}
	// Not by lane: where not all can run at once, the oldest go first.
	slices.SortFunc(ready, func(a, b queued) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Seq, b.Seq))
	})
	for _, q := range ready {
		due = append(due, q.Job)
	}
	return due, next, nil
}

// Next is the job that may run first of those that may not yet, ticks aside,
// which tell nothing new; ok=false where there is none.
func (s *Store) Next(ctx context.Context, now time.Time) (job migration.Job, ok bool, err error) {
	var soonest time.Time
	err = s.engine.view(ctx, func(r reader) error {
		job, ok, soonest = migration.Job{}, false, time.Time{}
		return heads(ctx, r, now, func(q queued) {
			at := q.runs()
			if q.Kind != migration.JobTick && at.After(now) && (!ok || at.Before(soonest)) {
				job, ok, soonest = q.Job, true, at
			}
		})
	})
	if err != nil {
		return migration.Job{}, false, fmt.Errorf("read the waiting jobs: %w", err)
	}
	return job, ok, nil
}

// runs is when the job may run.
func (q queued) runs() time.Time {
	if q.RetryAt.After(q.Due) {
		return q.RetryAt
	}
	return q.Due
}

// Overdue is the lane that has been held up longest and for how long its head
// has been due, whether or not that waits to be repeated; zero where none is due.
// An announcement or a tick waits its turn without being late: it counts from the
// beginning of its first run.
func (s *Store) Overdue(ctx context.Context, now time.Time) (lane string, by time.Duration, err error) {
	err = s.engine.view(ctx, func(r reader) error {
		lane, by = "", 0
		return heads(ctx, r, now, func(q queued) {
			since := q.Due
			if q.class() != classNews {
				since = q.Begun
			}
			if late := now.Sub(since); !since.IsZero() && late > by {
				lane, by = q.Lane, late
			}
		})
	})
	if err != nil {
		return "", 0, fmt.Errorf("read the waiting jobs: %w", err)
	}
	return lane, by, nil
}

// Owing tells whether any job is due, even one that waits its turn or to be
// repeated.
func (s *Store) Owing(ctx context.Context, now time.Time) (owing bool, err error) {
	err = s.engine.view(ctx, func(r reader) error {
		owing = false
		return heads(ctx, r, now, func(q queued) { owing = owing || q.Due.Before(now) })
	})
	if err != nil {
		return false, fmt.Errorf("read the waiting jobs: %w", err)
	}
	return owing, nil
}

// Announcements are the first posts of cards that wait in a lane, in their order.
func (s *Store) Announcements(ctx context.Context, lane string) ([]migration.Job, error) {
	var all []migration.Job
	err := s.engine.view(ctx, func(r reader) error {
		all = nil
		return r.scan(lanes, append(appendText(nil, lane), classAnnounce), nil, func(_, id []byte) error {
			q, err := head(r, id)
			all = append(all, q.Job)
			return cmp.Or(err, ctx.Err())
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the announcements that wait: %w", err)
	}
	return all, nil
}

// heads shows the first job of each lane, and where that is not due at the moment
// now, the first of the next class too, and so on. It leaps from lane to lane, so
// that a long one costs no more than a short one.
func heads(ctx context.Context, r reader, now time.Time, each func(queued)) error {
	var from []byte
	for ctx.Err() == nil {
		k, id, err := first(r, lanes, from)
		if err != nil || k == nil {
			return err
		}
		_, place, err := cutText(k)
		if err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		q, err := head(r, id)
		if err != nil {
			return err
		}
		each(q)
		lane := bytes.Clone(k[:len(k)-len(place)])
		if from = after(lane); q.Due.After(now) {
			from = append(lane, q.class()+1) // its next class, or the next lane where there is none
		}
	}
	return ctx.Err()
}

func head(r reader, id []byte) (queued, error) {
	q, ok, err := waiting(r, string(id))
	if err == nil && !ok {
		err = fmt.Errorf("%w: the first job of a lane, %q, is missing", errDamaged, id)
	}
	return q, err
}

// The classes of a lane's jobs, in the order in which they go.
const (
	classNews byte = iota
	classAnnounce
	classTick
)

func (q queued) class() byte {
	switch {
	case q.Kind == migration.JobTick:
		return classTick
	case q.Announces:
		return classAnnounce
	}
	return classNews
}

// Begin counts a run of the job before its effect is tried and returns the job
// as it is queued now. The error is migration.ErrNoJob where it no longer is.
func (s *Store) Begin(ctx context.Context, job migration.Job) (migration.Job, error) {
	return s.touch(ctx, job, "begin", func(q *queued) {
		if q.Attempts++; q.Begun.IsZero() {
			q.Begun = s.now()
		}
	})
}

// Retry puts a job whose run failed off to the moment at. It keeps its place, so
// that its lane waits with it. Its Attempts become those of the given job: a run
// that is known to have done nothing is given back by one less. The error is
// migration.ErrNoJob where it is no longer queued.
func (s *Store) Retry(ctx context.Context, job migration.Job, at time.Time, lastErr string) error {
	_, err := s.touch(ctx, job, "put off", func(q *queued) {
		q.RetryAt, q.LastErr = at, lastErr
		if q.Attempts = min(q.Attempts, job.Attempts); q.Attempts == 0 {
			q.Begun = time.Time{}
		}
	})
	return err
}

// touch changes what is known of a queued job's runs.
func (s *Store) touch(ctx context.Context, job migration.Job, doing string, change func(*queued)) (migration.Job, error) {
	var q queued
	var ok bool
	err := s.writes.do(ctx, func(w writer) (err error) {
		if q, ok, err = waiting(w, job.ID); err != nil || !ok {
			return err
		}
		change(&q)
		q.Job = jobUTC(q.Job)
		return keep(w, q)
	})
	switch {
	case err != nil:
		return migration.Job{}, fmt.Errorf("%s job %s: %w", doing, job.ID, err)
	case !ok:
		return migration.Job{}, migration.ErrNoJob
	}
	return q.Job, nil
}

// mayHaveHappened makes whoever runs the job look for its effect first.
func (q *queued) mayHaveHappened(since time.Time) {
	q.Attempts, q.LookFrom = max(q.Attempts, 1), since
}

// waiting is the queued job of that ID.
func waiting(r reader, id string) (q queued, ok bool, err error) {
	b, err := r.get(jobs, []byte(id))
	if err != nil || b == nil {
		return queued{}, false, err
	}
	if q, err = decode[queued](b); err != nil {
		return queued{}, false, fmt.Errorf("job %s: %w", id, err)
	}
	return q, true, nil
}

// keep writes the job's record, not its place.
func keep(w writer, q queued) error {
	b, err := encode(q)
	if err != nil {
		return err
	}
	return w.put(jobs, []byte(q.ID), b)
}

// place is the job's key in lanes.
func (q queued) place() []byte {
	class := append(appendText(nil, q.Lane), q.class())
	if q.class() == classAnnounce {
		return appendNumber(appendDeadline(class, q.Deadline), q.Seq)
	}
	return appendNumber(appendTime(class, q.Due), q.Seq)
}

// queue adds the job. One that waits already keeps its place, or moves to the
// new Due where that is earlier or exact, and what is known of its runs; the rest
// of it is replaced. Its Rev is a number that no earlier queueing had, so that a run
// which began before, or before an earlier end, does not finish it.
//
// maybe is where not zero the moment since which the effect may have happened.
func queue(w writer, job migration.Job, maybe time.Time) error {
	old, known, err := waiting(w, job.ID)
	if err != nil {
		return err
	}
	if known && job.Exact && old.Kind == job.Kind && old.Lane == job.Lane && old.Due.Equal(job.Due) {
		return nil // each change of a migration says so again: most change nothing
	}
	seq, err := next(w, "jobs")
	if err != nil {
		return err
	}
	q := queued{Job: jobUTC(job), Seq: seq}
	q.Rev = int(seq)
	q.fresh()
	if !maybe.IsZero() {
		q.mayHaveHappened(maybe)
	}
	if known {
		q.Seq, q.Begun, q.RetryAt, q.LastErr = old.Seq, old.Begun, old.RetryAt, old.LastErr
		q.Attempts = max(q.Attempts, old.Attempts)
		if q.LookFrom.IsZero() {
			q.LookFrom = old.LookFrom
		}
		if old.Due.Before(q.Due) && !job.Exact {
			q.Due = old.Due
		}
	}
	if known && (old.Kind != q.Kind || !bytes.Equal(old.place(), q.place())) {
		if err := drop(w, old); err != nil {
			return err
		}
		known = false
	}
	if !known {
		if err := w.put(lanes, q.place(), []byte(q.ID)); err != nil {
			return err
		}
		if _, err := add(w, counts, countJob+string(q.Kind), 1); err != nil {
			return err
		}
	}
	return keep(w, q)
}

// finish takes the job away, or, where it was queued again since that run
// began, makes it fresh in its place. One that no longer waits is no error: its
// effect has happened either way.
func finish(w writer, job migration.Job) error {
	q, known, err := waiting(w, job.ID)
	if err != nil || !known {
		return err
	}
	if q.Rev > job.Rev {
		q.fresh()
		return keep(w, q)
	}
	return drop(w, q)
}

// take takes a job away, whether or not it was begun.
func take(w writer, id string) error {
	q, known, err := waiting(w, id)
	if err != nil || !known {
		return err
	}
	return drop(w, q)
}

// fresh forgets the job's runs.
func (q *queued) fresh() {
	q.Attempts, q.Begun, q.RetryAt, q.LastErr, q.LookFrom = 0, time.Time{}, time.Time{}, "", time.Time{}
}

func drop(w writer, q queued) error {
	if err := w.delete(jobs, []byte(q.ID)); err != nil {
		return err
	}
	if err := w.delete(lanes, q.place()); err != nil {
		return err
	}
	_, err := add(w, counts, countJob+string(q.Kind), -1)
	return err
}
