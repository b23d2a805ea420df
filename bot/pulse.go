package bot

import (
	"context"
	"sync"
	"time"

	"ecs-migrate/internal/migration"
)

// A Pulse tells what a running bot is at. Whoever moves its clock needs to know:
// a day must not be passed over while what its morning caused is still on its
// way.
type Pulse struct {
	Probes string `json:"probes,omitempty"` // address of the probes, once they answer

	Polling  int       `json:"polling"`         // polls under way
	Polled   time.Time `json:"polled,omitzero"` // when the newest poll that ended had begun
	NextPoll time.Time `json:"next_poll,omitzero"`

	Working int  `json:"working"` // jobs under way
	Asking  int  `json:"asking"`  // those of them that ask the cloud, which takes the machine's time
	Late    bool `json:"late"`    // a job is due and did not run yet: it waits for its turn or to be repeated
	// Next is the job that will be due first; its Due is zero where none will.
	Next       Upcoming  `json:"next"`
	NextDigest time.Time `json:"next_digest,omitzero"` // not after now while one is decided on
	// Behind says that the store was written since the waiting jobs were read.
	Behind bool `json:"behind"`
}

// Upcoming is a job that is not due yet.
type Upcoming struct {
	Due   time.Time `json:"due,omitzero"`
	Kind  string    `json:"kind,omitempty"`
	Event string    `json:"event,omitempty"`
}

// Quiet tells whether nothing will happen on the bot's own account before the
// moment now is over. What people do, and what the cloud does, may still stir it.
func (p Pulse) Quiet(now time.Time) bool {
	return p.Polling == 0 && p.Working == 0 && !p.Late && !p.Behind && p.NextPoll.After(now) &&
		(p.Next.Due.IsZero() || p.Next.Due.After(now)) && (p.NextDigest.IsZero() || p.NextDigest.After(now))
}

// pulse tells Pulses. A nil one, which is what production has, costs nothing.
type pulse struct {
	tell  func(Pulse)
	store jobList
	look  chan struct{} // asks the dispatcher to read the waiting jobs again

	mu   sync.Mutex
	last Pulse
	read uint64 // commits when the waiting jobs were read
}

// jobList is what the pulse asks of the store.
type jobList interface {
	Commits() uint64
	Next(ctx context.Context, now time.Time) (migration.Job, bool, error)
	Owing(ctx context.Context, now time.Time) (bool, error)
}

func newPulse(tell func(Pulse), s jobList) *pulse {
	if tell == nil {
		return nil
	}
	return &pulse{tell: tell, store: s, look: make(chan struct{}, 1)}
}

func (p *pulse) set(change func(*Pulse)) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.last)
	p.last.Behind = p.store.Commits() != p.read
	p.tell(p.last)
}

// asked receives where the waiting jobs should be read again, though nothing
// was queued.
func (p *pulse) asked() <-chan struct{} {
	if p == nil {
		return nil
	}
	return p.look
}

// polling follows one poll that begins now.
func (p *pulse) polling(now, next time.Time) (ended func()) {
	p.set(func(l *Pulse) { l.Polling++; l.NextPoll = next })
	return func() {
		p.set(func(l *Pulse) {
			l.Polling--
			if now.After(l.Polled) {
				l.Polled = now
			}
		})
	}
}

// glance is how often the pulse looks whether the store was written without
// waking the dispatcher.
const glance = 20 * time.Millisecond

// follow has the waiting jobs read again after each commit, until ctx ends.
func (p *pulse) follow(ctx context.Context) {
	for tick := time.NewTicker(glance); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		p.mu.Lock()
		behind := p.store.Commits() != p.read
		p.mu.Unlock()
		if !behind {
			continue
		}
		select {
		case p.look <- struct{}{}:
		default: // it was asked already
		}
	}
}

// reading follows one reading of the waiting jobs; done tells which run then.
func (p *pulse) reading() (done func(ctx context.Context, now time.Time, busy map[string]migration.Job)) {
	if p == nil {
		return func(context.Context, time.Time, map[string]migration.Job) {}
	}
	commits := p.store.Commits()
	return func(ctx context.Context, now time.Time, busy map[string]migration.Job) {
		job, known, err := p.store.Next(ctx, now)
		late, err2 := p.store.Owing(ctx, now)
		if err != nil || err2 != nil {
			return // the dispatcher tells it
		}
		p.set(func(l *Pulse) {
			p.read = commits
			l.Working, l.Asking, l.Late, l.Next = len(busy), 0, late, Upcoming{}
			for _, job := range busy {
				if job.Cloud() || job.Facts() {
					l.Asking++
				}
			}
			if known {
				l.Next = Upcoming{Due: dueAt(job), Kind: string(job.Kind), Event: job.Key.EventID}
			}
		})
	}
}

// dueAt is when the job may run.
func dueAt(job migration.Job) time.Time {
	if job.RetryAt.After(job.Due) {
		return job.RetryAt
	}
	return job.Due
}
