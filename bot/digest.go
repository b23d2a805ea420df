package bot

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
	"ecs-migrate/store"
)

// digests has each channel told once a day what it has to look after. What was
// decided is a post in the store: a bot that was down at the hour makes up for it
// when it is back, and one that starts again tells nobody twice.
type digests struct {
	cfg    config.Config
	store  *store.Store
	clock  clock.Clock
	status func() []poll.RegionStatus
	stale  func(lastGood time.Time) bool // whether a region should have been looked at again since
	pulse  *pulse
	log    *slog.Logger
	done   time.Time // the hour up to which digests were decided on
}

// digestNap bounds how long the hour is waited for without looking at the clock.
const digestNap = 5 * time.Second

func (d *digests) run(stop, _ context.Context) {
	for {
		if !d.round(stop) {
			return
		}
		now := d.clock.Now()
		next := d.cfg.Reminders.Digest.Schedule.Next(now.In(d.cfg.Location))
		d.pulse.set(func(l *Pulse) { l.NextDigest = next })
		select {
		case <-stop.Done():
			return
		case <-d.clock.After(min(next.Sub(now), digestNap)):
		}
	}
}

// round decides on the digests of the hour that is due. Where they cannot be
// kept, as on a full disk, the next round tries again. It is false where the bot
// stops first.
func (d *digests) round(stop context.Context) bool {
	at := d.last(d.clock.Now())
	if !at.After(d.done) {
		return true
	}
	if !d.lookedAround(stop) {
		return false
	}
	if d.tell(stop, at, d.clock.Now()) {
		d.done = at
	}
	return true
}

// lookedAround waits, not for ever, until each region was looked at lately or
// cannot be: a bot that has just started must know what is there. It is false
// where the bot stops first.
func (d *digests) lookedAround(stop context.Context) bool {
	for until := d.clock.Now().Add(lookFirst); d.clock.Now().Before(until); {
		if !slices.ContainsFunc(d.status(), func(s poll.RegionStatus) bool { return s.Blind.Err == nil && d.stale(s.LastGood) }) {
			return true
		}
		select {
		case <-stop.Done():
			return false
		case <-d.clock.After(time.Second):
		}
	}
	return stop.Err() == nil
}

// last is the hour of the digest that is due now: the latest within a day, zero
// where there is none.
func (d *digests) last(now time.Time) (at time.Time) {
	schedule := d.cfg.Reminders.Digest.Schedule
	for next := schedule.Next(now.Add(-24 * time.Hour).In(d.cfg.Location)); !next.IsZero() && !next.After(now); next = schedule.Next(next) {
		at = next
	}
	return at
}

// tell decides on the digests of the day that at is in, for each channel that has
// none of that day yet, and tells whether all of them were kept.
func (d *digests) tell(ctx context.Context, at, now time.Time) (kept bool) {
	day := at.In(d.cfg.Location).Format(time.DateOnly)
	if d.told(ctx, day) {
		return true
	}
	all, err := d.gather(ctx, at, now)
	if err != nil {
		if ctx.Err() == nil {
			d.log.Error("cannot gather the daily digests", "err", err)
		}
		return false
	}
	kept = true
	for channel, digest := range all {
		change := digest.Post(channel, day, now)
		_, err := d.store.ApplyPost(ctx, change.Post.ID, "", func(cur *migration.Post) (migration.PostChange, error) {
			if cur != nil {
				return migration.PostChange{}, nil // told, or found to be nothing
			}
			return change, nil
		})
		if kept = kept && err == nil; err != nil && ctx.Err() == nil {
			d.log.Error("cannot store a daily digest", "channel", channel, "err", err)
		}
	}
	return kept
}

// told tells whether the digests of the day were decided on: every start asks.
func (d *digests) told(ctx context.Context, day string) bool {
	for _, r := range d.cfg.Routes {
		if _, ok, err := d.store.Post(ctx, migration.DigestID(r.Channel, day)); !ok || err != nil {
			return false
		}
	}
	return true
}

// gather is each channel's digest of the hour at. What was first seen after that
// is announced, not gathered. Reading all that is open once a day costs less than
// keeping it in order all day.
func (d *digests) gather(ctx context.Context, at, now time.Time) (map[string]*migration.Digest, error) {
	all := map[string]*migration.Digest{}
	of := func(channel string) *migration.Digest {
		if all[channel] == nil {
			all[channel] = &migration.Digest{}
		}
		return all[channel]
	}
	for _, r := range d.cfg.Routes {
		of(r.Channel)
	}
	err := d.store.ByDeadline(ctx, func(m migration.Migration) bool {
		if !m.Card.Unposted() && !m.FirstSeen.After(at) {
			of(m.Card.Channel).Add(m, now)
		}
		return ctx.Err() == nil
	})
	for _, s := range d.status() {
		unread := s.Blind.Err == nil && !d.stale(s.LastGood)
		if unread && s.Unread.Err == nil {
			continue
		}
		for _, channel := range d.cfg.Channels(s.Account, s.Region) {
			digest := of(channel)
			digest.Unseen = append(digest.Unseen, migration.Unseen{Account: s.Account, Region: s.Region, Since: s.LastGood, Unread: unread})
		}
	}
	return all, err
}
