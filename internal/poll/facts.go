package poll

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"ecs-migrate/internal/migration"
)

// mostPutOff is how many polls in a row a new event waits for its instance's
// facts: a card without them is better than none for long.
const mostPutOff = 3

// Facts that could not be read before their migration began are asked for again
// after leastGap, then after twice the last gap each time, up to mostGap.
const (
	leastGap = 5 * time.Minute
	mostGap  = time.Hour
)

// facts is what a region remembers from poll to poll about facts it lacks.
type facts struct {
	err    error         // why the last reading failed; nil: it did not
	putOff int           // polls in a row that put new events off
	gap    time.Duration // before the next reading of old ones; zero: none was missing
	next   time.Time     // its moment
}

// polled counts a poll; whole says that the list came through.
func (f *facts) polled(putOff, whole bool) {
	switch {
	case putOff:
		f.putOff++
	case whole:
		f.putOff = 0
	}
}

// missed makes the next reading of old facts come in leastGap at the latest.
func (f *facts) missed(now time.Time) {
	if soon := now.Add(leastGap); f.gap == 0 || soon.Before(f.next) {
		f.gap, f.next = leastGap, soon
	}
}

// tried puts the next reading of old facts off, ever longer.
func (f *facts) tried(now time.Time) {
	f.gap = min(max(2*f.gap, leastGap), mostGap)
	f.next = now.Add(f.gap)
}

// complete forgets: no facts are missing.
func (f *facts) complete() { *f = facts{putOff: f.putOff} }

// missing notes a migration without facts.
func (l *look) missing(instance string, k migration.Key) {
	if !slices.Contains(l.unknown[instance], k) {
		l.unknown[instance] = append(l.unknown[instance], k)
	}
}

// introduce reads the facts of new events' instances. An instance whose facts
// are not to be had is given without them; one that the result lacks may have
// them at the next poll.
func (l *look) introduce(ctx context.Context, fresh []migration.Event) (map[string]migration.Instance, error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	all := map[string]migration.Instance{}
	for _, ev := range fresh {
		all[ev.InstanceID] = migration.Instance{ID: ev.InstanceID}
	}
	var known map[string]migration.Instance
	if l.blocked == nil {
		known, l.blocked = l.read(ctx, slices.Sorted(maps.Keys(all)))
		if l.blocked != nil && ctx.Err() != nil {
			return nil, l.blocked
		}
	}
	if l.blocked != nil && passing(l.blocked) && l.facts.putOff < mostPutOff {
		for _, ev := range fresh {
			if _, told := known[ev.InstanceID]; !told {
				l.out.PutOff++
			}
		}
		return known, nil
	}
	if len(known) < len(all) {
		l.blind = true
		l.facts.missed(l.clock.Now())
	}
	maps.Copy(all, known)
	return all, nil
}

// passing tells whether the reason may be gone at the next poll: not where the
// cloud said no.
func passing(err error) bool {
	kind := migration.CloudKind(err)
	return kind != migration.CloudNotAllowed && kind != migration.CloudUntrusted && kind != migration.CloudRefused
}

// read reads facts. With an error it gives what it has read until then.
func (l *look) read(ctx context.Context, ids []string) (map[string]migration.Instance, error) {
	all := map[string]migration.Instance{}
	for part := range slices.Chunk(ids, perCall) {
		got, err := l.cloud.Instances(ctx, l.id, part)
		if ctx.Err() == nil {
			l.facts.err = err
		}
		if err != nil {
			return all, err
		}
		maps.Copy(all, got)
	}
	return all, nil
}

// learn asks again, now and then, for facts that were not to be had when their
// migration began.
func (l *look) learn(ctx context.Context) error {
	now := l.clock.Now()
	switch {
	case len(l.unknown) == 0 && !l.blind && l.out.PutOff == 0:
		l.facts.complete()
		return nil
	case len(l.unknown) == 0 || l.blocked != nil || now.Before(l.facts.next):
		return nil
	}
	l.facts.tried(now)
	known, err := l.read(ctx, slices.Sorted(maps.Keys(l.unknown)))
	if err != nil && ctx.Err() != nil {
		return err
	}
	var keys []migration.Key
	of := map[migration.Key]migration.Instance{}
	for id, inst := range known {
		for _, k := range l.unknown[id] {
			keys, of[k] = append(keys, k), inst
		}
	}
	if len(keys) == 0 {
		return nil
	}
	slices.SortFunc(keys, func(a, b migration.Key) int { return strings.Compare(a.EventID, b.EventID) })
	changed, err := l.store.ApplyEach(ctx, keys, func(k migration.Key, cur *migration.Migration) migration.Change {
		if cur == nil {
			return migration.Change{}
		}
		return cur.Learn(of[k], now)
	})
	if err != nil {
		return l.failed(err)
	}
	l.out.Changed += changed
	return nil
}
