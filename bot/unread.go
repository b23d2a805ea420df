package bot

import (
	"cmp"
	"context"
	"slices"

	"ecs-migrate/internal/migration"
)

// named is how a notice knows an event that cannot be read.
func named(g migration.Garbled) string { return cmp.Or(g.EventID, g.Fault) }

func namesOf(all []migration.Garbled) (names []string) {
	for _, g := range all {
		names = append(names, named(g))
	}
	return names
}

// is tells whether the notice tells of the ailment, or of a part of it.
func (a ailment) is(n migration.Notice) bool {
	if a.kind != n.Trouble || a.kind != migration.TroubleUnread || len(n.Events) == 0 {
		return a.kind == n.Trouble
	}
	return slices.ContainsFunc(a.err.Garbled, func(g migration.Garbled) bool { return slices.Contains(n.Events, named(g)) })
}

// naming is what to tell of those events that still cannot be read.
func (a ailment) naming(events []string) string {
	still := slices.DeleteFunc(slices.Clone(a.err.Garbled), func(g migration.Garbled) bool { return !slices.Contains(events, named(g)) })
	return migration.GarbledEvents(a.err.Action, a.region, still).Message
}

// untold leaves those events in the ailment that no notice told of, or none so
// lately that they may not be told again yet.
func (w *watch) untold(told []migration.Post, a ailment) ailment {
	now := w.clock.Now()
	spell := a.since
	a.events = namesOf(a.err.Garbled)
	for _, p := range told {
		n := p.Notice
		if n.Trouble != a.kind || !slices.Contains(n.Regions, a.region) {
			continue
		}
		if n.Open() || !n.Since.Before(spell) {
			a.since = now // the others could not be read before: these are new
		}
		if n.Open() || now.Sub(p.Begun) < tellAgain {
			a.events = slices.DeleteFunc(a.events, func(e string) bool { return len(n.Events) == 0 || slices.Contains(n.Events, e) })
		}
	}
	return a
}

// moreUnread tells whether other events of the notice's region cannot be read
// still: another notice tells when all can.
func (w *watch) moreUnread(p migration.Post, told []migration.Post, sick []ailment) bool {
	another := func(o migration.Post) bool {
		return o.ID != p.ID && o.Notice.Open() && o.Notice.Trouble == p.Notice.Trouble && slices.Equal(o.Notice.Regions, p.Notice.Regions)
	}
	_, more := find(sick, func(a ailment) bool { return a.kind == migration.TroubleUnread })
	return more || slices.ContainsFunc(told, another)
}

// reword brings a notice of events that cannot be read up to those that still
// cannot.
func (w *watch) reword(ctx context.Context, p migration.Post, a ailment) (migration.Post, error) {
	if a.kind != migration.TroubleUnread {
		return p, nil
	}
	n := *p.Notice
	if len(n.Events) == 0 {
		n.Events = namesOf(a.err.Garbled)
	}
	if n.Message = a.naming(n.Events); n.Message == p.Notice.Message && len(n.Events) == len(p.Notice.Events) {
		return p, nil
	}
	return w.store.ApplyPost(ctx, p.ID, "", func(cur *migration.Post) (migration.PostChange, error) {
		if cur == nil {
			return migration.PostChange{}, nil
		}
		cur.Notice = &n
		return cur.Tell(w.clock.Now(), 0), nil
	})
}
