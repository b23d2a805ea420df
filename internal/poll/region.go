package poll

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"ecs-migrate/internal/migration"
)

// perCall is how many ids go into one call. Source: API reference,
// DescribeInstanceHistoryEvents and DescribeInstances.
const perCall = 100

// describeEvents is the RAM action of all that is asked about events.
const describeEvents = "ecs:DescribeInstanceHistoryEvents"

// region is one region of one account, with what its polls remember.
type region struct {
	*Poller
	account, id string
	cloud       Cloud
	log         *slog.Logger
	status      status

	busy  sync.Mutex // held while it is looked at; guards facts
	facts facts
}

func newRegion(p *Poller, r Region) *region {
	log := p.log.With("account", r.Account, "region", r.Region)
	return &region{
		Poller: p, account: r.Account, id: r.Region, cloud: r.Cloud, log: log,
		status: status{log: log, now: RegionStatus{Account: r.Account, Region: r.Region}},
	}
}

// poll looks at the region once.
func (r *region) poll(ctx context.Context) Outcome {
	l := &look{
		region: r, out: Outcome{Account: r.account, Region: r.id},
		tracked: map[string]bool{}, listed: map[string]bool{}, unknown: map[string][]migration.Key{},
	}
	l.out.Err = l.safely(ctx)
	l.out.Events, l.out.FactsErr = len(l.listed), r.facts.err
	if len(l.garbled) > 0 {
		l.out.Unread = migration.GarbledEvents(describeEvents, r.id, l.garbled)
	}
	if l.out.Err == nil || ctx.Err() == nil {
		r.status.set(l.out, r.clock.Now())
	}
	return l.out
}

// look is one poll of one region.
type look struct {
	*region
	out Outcome

	tracked map[string]bool            // ids of the migrations that are not over
	listed  map[string]bool            // ids of the listed events that are ours
	unknown map[string][]migration.Key // listed migrations without facts, by instance

	blocked error // why facts cannot be read at this poll; they are not asked for again
	blind   bool  // a migration began without facts

	garbled []migration.Garbled // events that may be ours and cannot be read
}

// safely is all, with a panic as an error: one region must not end the bot.
func (l *look) safely(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("the poll panicked", "panic", p, "stack", string(debug.Stack()))
			err = l.failed(fmt.Errorf("panic: %v", p))
		}
	}()
	return l.all(ctx)
}

func (l *look) failed(err error) error { return fmt.Errorf("poll %s/%s: %w", l.account, l.id, err) }

func (l *look) all(ctx context.Context) error {
	tracked, err := l.store.Tracked(ctx, l.account, l.id)
	if err != nil {
		return l.failed(err)
	}
	for _, k := range tracked {
		l.tracked[k.EventID] = true
	}
	err = l.cloud.Pending(ctx, l.id, func(page []migration.Event) error { return l.page(ctx, page) })
	err = l.leftOut(err)
	l.facts.polled(l.out.PutOff > 0, err == nil)
	if err != nil {
		return err // what left the list is not known
	}
	if err := l.left(ctx, tracked); err != nil {
		return err
	}
	return l.learn(ctx)
}

// leftOut is err, or nil where it only tells of events that cannot be read: the
// poll goes on with the others, and notes those that may be ours.
func (l *look) leftOut(err error) error {
	e, ok := errors.AsType[*migration.CloudError](err)
	if !ok || len(e.Garbled) == 0 {
		return err
	}
	for _, u := range e.Garbled {
		ours := l.tracked[u.EventID] || u.Type == "" || l.wanted(u.Type)
		if ours && !slices.Contains(l.garbled, u) {
			l.garbled = append(l.garbled, u)
		}
	}
	return nil
}

// page takes in one page of the list.
func (l *look) page(ctx context.Context, page []migration.Event) error {
	ours := slices.DeleteFunc(slices.Clone(page), func(ev migration.Event) bool {
		return !l.tracked[ev.EventID] && !l.wanted(ev.Type)
	})
	for _, ev := range ours {
		l.listed[ev.EventID] = true
	}
	fresh, err := l.fresh(ctx, ours)
	if err != nil {
		return err
	}
	known, err := l.introduce(ctx, fresh)
	if err != nil {
		return err
	}
	return l.observe(ctx, ours, known)
}

// fresh are the events that have no migration yet.
func (l *look) fresh(ctx context.Context, events []migration.Event) ([]migration.Event, error) {
	var fresh []migration.Event
	for _, ev := range events {
		if l.tracked[ev.EventID] {
			continue
		}
		_, over, err := l.store.Migration(ctx, ev.Key)
		if err != nil {
			return nil, l.failed(err)
		}
		if !over {
			fresh = append(fresh, ev)
		}
	}
	return fresh, nil
}

// left reads the tracked events that are not in the list any more. One that the
// cloud does not tell of stays as it is.
func (l *look) left(ctx context.Context, tracked []migration.Key) error {
	var gone []string
	for _, k := range tracked {
		if !l.listed[k.EventID] {
			gone = append(gone, k.EventID)
		}
	}
	told := len(l.listed)
	for ids := range slices.Chunk(gone, perCall) {
		events, err := l.cloud.Events(ctx, l.id, ids)
		if err := l.leftOut(err); err != nil {
			return err
		}
		told += len(events)
		if err := l.observe(ctx, events, nil); err != nil {
			return err
		}
	}
	if told == 0 && len(l.garbled) == 0 {
		return l.hidden(ctx, tracked)
	}
	return nil
}

// keptFor is how long the cloud tells of an event that is over, less a day.
// Source: API reference, DescribeInstanceHistoryEvents.
const keptFor = 29 * 24 * time.Hour

// hidden is an error where the cloud tells nothing at all and there is an event
// that it must still know: a missing permission shows as an empty list.
func (l *look) hidden(ctx context.Context, tracked []migration.Key) error {
	for _, k := range tracked {
		m, ok, err := l.store.Migration(ctx, k)
		if err != nil {
			return l.failed(err)
		}
		if ok && l.clock.Now().Sub(m.ChangedAt) < keptFor {
			return &migration.CloudError{
				Kind: migration.CloudNotAllowed, Action: describeEvents, Region: l.id,
				Message: "the cloud tells of none of the events it told of before: this RAM action may be missing",
			}
		}
	}
	return nil
}

// observe commits what events tell, in one transaction. A new migration begins
// where known has its instance; without, it is left to another poll.
func (l *look) observe(ctx context.Context, events []migration.Event, known map[string]migration.Instance) error {
	latest := make(map[migration.Key]migration.Event, len(events))
	var keys []migration.Key
	for _, ev := range events {
		if _, twice := latest[ev.Key]; !twice {
			keys = append(keys, ev.Key)
		}
		latest[ev.Key] = ev // a page may tell an event twice: the later word counts
	}
	if len(keys) == 0 {
		return nil
	}
	began := map[string]bool{}
	// The store may run this more than once: it notes the same each time.
	changed, err := l.store.ApplyEach(ctx, keys, func(k migration.Key, cur *migration.Migration) migration.Change {
		// Others may have committed while this waited for its turn: what they read
		// is not of the future.
		ev, now := latest[k], l.clock.Now()
		if cur != nil {
			if !cur.Instance.Known() {
				l.missing(cur.Event.InstanceID, k)
			}
			return cur.Observe(ev, now)
		}
		inst, ok := known[ev.InstanceID]
		if !ok {
			return migration.Change{}
		}
		began[k.EventID] = true
		return migration.First(ev, inst, l.route(k.Account, k.Region, inst.Tags), now)
	})
	if err != nil {
		return l.failed(err)
	}
	l.out.Changed += changed
	l.out.New += len(began)
	return nil
}
