package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// dispatcher runs due jobs: those of one lane one after the other, lanes side
// by side. A job counts as begun in the store before its effect is tried.
type dispatcher struct {
	store   *store.Store
	clock   clock.Clock
	log     *slog.Logger
	metrics *metrics
	workers workers
	pulse   *pulse

	since atomic.Int64 // when the round under way began, Unix nanoseconds; 0: none is
}

// stuckFor is for how long a round has been under way, zero where none is: it
// only reads the store and begins what is due.
func (d *dispatcher) stuckFor() time.Duration {
	if at := d.since.Load(); at != 0 {
		return time.Since(time.Unix(0, at))
	}
	return 0
}

// workers do the jobs, by where their effect is.
type workers [3]worker

// Where a job's effect is.
const (
	inSlack = iota
	inCloud
	ofFacts
)

func place(job migration.Job) int {
	switch {
	case job.Facts():
		return ofFacts
	case job.Cloud():
		return inCloud
	}
	return inSlack
}

// A worker does one job and commits what came of it. nil: the job is done, and
// a commit said so. A retryError: it stays in its place. Any other error: it
// stays too, and is tried again with growing gaps.
type worker interface {
	do(ctx context.Context, job migration.Job) error
}

// retryError asks for another run of the job after a while.
type retryError struct {
	after time.Duration
	cause error
	// nothing says that this run certainly had no effect: the next one need not
	// look for it.
	nothing bool
}

func (e *retryError) Error() string { return e.cause.Error() }
func (e *retryError) Unwrap() error { return e.cause }

const (
	// These bound what runs at a time. They are apart, so that a cloud that hangs
	// leaves Slack its turn, and a crowd of readings people's decisions theirs.
	maxSlackLanes = 64
	maxCloudLanes = 16
	maxFactsLanes = 4
	// maxNap bounds how long the dispatcher trusts its own idea of what is due.
	maxNap = 30 * time.Second
)

func newDispatcher(s *store.Store, c clock.Clock, log *slog.Logger, m *metrics, w workers) *dispatcher {
	return &dispatcher{store: s, clock: c, log: log, metrics: m, workers: w}
}

// run dispatches until stop ends, then waits for what it began.
func (d *dispatcher) run(stop, work context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan string)
	busy := map[string]migration.Job{} // by lane
	for {
		read := d.pulse.reading()
		began, measured := d.clock.Now(), time.Now()
		nap := d.round(stop, busy, func(job migration.Job) {
			busy[job.Lane] = job
			running.Go(func() {
				d.one(work, job)
				select {
				case free <- job.Lane:
				case <-stop.Done():
				}
			})
		})
		cost := time.Since(measured)
		read(stop, d.clock.Now(), busy)
		select {
		case <-stop.Done():
			return
		case lane := <-free:
			delete(busy, lane)
		case <-d.store.Wake():
		case <-d.pulse.asked():
		case <-d.clock.After(nap - d.clock.Now().Sub(began)): // a clock may have been moved on meanwhile
		}
		rest(stop, cost)
	}
}

// trifle is what a round may cost without more ado.
const trifle = 5 * time.Millisecond

// rest keeps rounds, which each commit asks for and which read the head of each
// lane, from taking the processor away from people who wait for an answer: where
// thousands of lanes wait, half of the time is theirs.
func rest(stop context.Context, cost time.Duration) {
	if cost < trifle {
		return
	}
	select {
	case <-stop.Done():
	case <-time.After(min(cost, time.Second)):
	}
}

// round begins what is due on lanes that are free, and tells how long there
// will be nothing more to begin.
func (d *dispatcher) round(ctx context.Context, busy map[string]migration.Job, begin func(migration.Job)) time.Duration {
	d.since.Store(time.Now().UnixNano())
	defer d.since.Store(0)
	now := d.clock.Now()
	due, next, err := d.store.Heads(ctx, now)
	switch {
	case errors.Is(err, migration.ErrStoreDamaged):
		return maxNap // told where it was met; nothing can be begun any more
	case err != nil:
		if ctx.Err() == nil {
			d.log.Error("cannot read the waiting jobs", "err", err)
		}
		return time.Second
	}
	free := [...]int{inSlack: maxSlackLanes, inCloud: maxCloudLanes, ofFacts: maxFactsLanes}
	for _, job := range busy {
		free[place(job)]--
	}
	for _, job := range due {
		at := place(job)
		if _, running := busy[job.Lane]; running || free[at] <= 0 {
			continue
		}
		free[at]--
		begin(job)
	}
	if next.IsZero() {
		return maxNap
	}
	return max(0, min(next.Sub(now), maxNap))
}

// one runs a job once.
func (d *dispatcher) one(ctx context.Context, job migration.Job) {
	log := d.log.With("job", job.ID)
	begun, err := d.store.Begin(ctx, job)
	switch {
	case errors.Is(err, migration.ErrNoJob):
		return
	case err != nil:
		log.Error("cannot begin a job", "err", err)
		d.pause(ctx, time.Second) // the store is in trouble: do not spin
		return
	}
	w := d.workers[place(begun)]
	started := d.clock.Now()
	err = safely(func() error { return w.do(ctx, begun) })
	d.metrics.jobRun(begun.Kind, err, d.clock.Now().Sub(started))
	if err == nil {
		log.Debug("job done", "attempts", begun.Attempts)
		return
	}
	after, level := backoff(begun.Attempts), slog.LevelWarn
	if retry, ok := errors.AsType[*retryError](err); ok {
		after = retry.after
		if retry.nothing {
			begun.Attempts--
			level = slog.LevelDebug // Slack's pace, not trouble
		}
	}
	log.Log(ctx, level, "job put off", "attempts", begun.Attempts, "after", after.String(), "err", withoutURL(err))
	// Recorded even where the bot stops now: the next start must know of it.
	err = d.store.Retry(context.WithoutCancel(ctx), begun, d.clock.Now().Add(after), withoutURL(err).Error())
	if err != nil && !errors.Is(err, migration.ErrNoJob) {
		log.Error("cannot put a job off", "err", err)
		d.pause(ctx, time.Second)
	}
}

// safely turns a panic into an error: one job must not end the bot, and again at
// each start.
func safely(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}

func (d *dispatcher) pause(ctx context.Context, length time.Duration) {
	select {
	case <-ctx.Done():
	case <-d.clock.After(length):
	}
}

// backoff grows from a second to a minute with the attempts made. Jobs of
// different lanes that failed together part by their own call times, so no
// jitter is added.
func backoff(attempts int) time.Duration {
	return min(time.Second<<min(max(attempts-1, 0), 6), time.Minute)
}
