// Package poll looks at the cloud once for everything: it lists the events that
// wait in every account and region, observes them page by page, learns what
// became of those that left the list, and tells what it could not look at.
//
// A region that could not be looked at is not a region without events: absence
// from a list resolves nothing, only an event's own final status does.
package poll

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
)

// Cloud is an account's cloud, as in package ecs.
type Cloud interface {
	Pending(ctx context.Context, region string, page func([]migration.Event) error) error
	Events(ctx context.Context, region string, eventIDs []string) ([]migration.Event, error)
	Instances(ctx context.Context, region string, ids []string) (map[string]migration.Instance, error)
}

// Store is what the poll asks of the store.
type Store interface {
	Tracked(ctx context.Context, account, region string) ([]migration.Key, error)
	Migration(ctx context.Context, key migration.Key) (migration.Migration, bool, error)
	ApplyEach(ctx context.Context, keys []migration.Key, fn func(k migration.Key, cur *migration.Migration) migration.Change) (changed int, err error)
}

// Region is one region of one account to look at.
type Region struct {
	Account, Region string
	Cloud           Cloud
}

// Options say what to look at. All but Concurrency and Log are needed.
type Options struct {
	Regions []Region
	Store   Store
	// Wanted tells whether events of a type are ours. One that is tracked is
	// followed to its end, wanted or not.
	Wanted func(eventType string) bool
	// Route tells where a new migration's card goes. Tags are nil where the
	// instance's facts are not known.
	Route       func(account, region string, tags map[string]string) string
	Clock       clock.Clock
	Log         *slog.Logger // nil is none
	Concurrency int          // regions looked at side by side; zero is 8
}

// Poller looks at the cloud. Its methods may be called side by side.
type Poller struct {
	store       Store
	wanted      func(string) bool
	route       func(account, region string, tags map[string]string) string
	clock       clock.Clock
	log         *slog.Logger
	concurrency int

	regions []*region
}

// New makes a poller; nothing was looked at yet.
func New(o Options) *Poller {
	p := &Poller{
		store: o.Store, wanted: o.Wanted, route: o.Route, clock: o.Clock, log: o.Log,
		concurrency: cmp.Or(o.Concurrency, 8),
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	for _, r := range o.Regions {
		p.regions = append(p.regions, newRegion(p, r))
	}
	return p
}

// Report tells how one poll went.
type Report struct {
	Began, Ended time.Time
	Regions      []Outcome // in the order of Options.Regions
}

// Outcome tells how one region was looked at.
type Outcome struct {
	Account, Region string
	// Busy says that an earlier Run was still looking at the region: nothing was
	// done here.
	Busy bool
	// Err is why the region could not be looked at, wholly or from some page on; nil
	// where it was. It is a migration.CloudError where the cloud is the reason, and
	// the context's error where the poll was cut short.
	Err error
	// Unread is a migration.CloudError that tells of events which may be ours and
	// cannot be read, though all others were taken in; nil where there are none.
	Unread error
	// FactsErr is why facts of instances could not be read, though the events
	// could.
	FactsErr error

	Events  int // wanted or tracked events listed, each once
	New     int // migrations that began
	PutOff  int // new events left to the next poll, whose instances could not be read
	Changed int // migrations written, new ones included
}

// Run looks at everything once. It does not panic and returns soon after ctx
// ends. Runs may overlap: a region that an earlier one is still looking at is
// passed over, so that one that hangs does not hold up the others.
func (p *Poller) Run(ctx context.Context) Report {
	report := Report{Began: p.clock.Now(), Regions: make([]Outcome, len(p.regions))}
	var all errgroup.Group
	all.SetLimit(p.concurrency)
	for i, r := range p.regions {
		all.Go(func() error {
			if !r.busy.TryLock() {
				report.Regions[i] = Outcome{Account: r.account, Region: r.id, Busy: true}
				return nil
			}
			defer r.busy.Unlock()
			report.Regions[i] = r.poll(ctx)
			return nil
		})
	}
	_ = all.Wait() // the outcomes tell the errors
	report.Ended = p.clock.Now()
	return report
}

// Status is how the regions stood after each one's last poll, in the order of
// Options.Regions.
func (p *Poller) Status() []RegionStatus {
	all := make([]RegionStatus, len(p.regions))
	for i, r := range p.regions {
		all[i] = r.status.get()
	}
	return all
}

// Looked is when a region was last looked at, zero where it never was or
// is none of those polled.
func (p *Poller) Looked(account, region string) time.Time {
	for _, r := range p.regions {
		if r.account == account && r.id == region {
			return r.status.get().LastGood
		}
	}
	return time.Time{}
}
