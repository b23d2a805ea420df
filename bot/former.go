package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// A bot that finds no store begins one: at its first start, or because the file is
// gone. Which of the two it was, Slack tells: where cards of migrations stand that
// the store knows nothing of, they are taken over and not posted a second time.

const (
	// formerFor is for how long after the store was begun cards of a former one are
	// looked for: until every region was looked at, whatever kept it from that.
	formerFor = 24 * time.Hour
	// formerAge is how old these cards may be: events are announced and over within
	// that, as a rule.
	formerAge = 30 * 24 * time.Hour
	// formerPatience is for how long first cards wait for a Slack that cannot be
	// asked: a card that stands twice is better than none.
	formerPatience = 5 * time.Minute
	// formerAgain is when a Slack that could not be asked is asked again, and
	// formerAnew when it is once cards do not wait for that any more.
	formerAgain = 5 * time.Second
	formerAnew  = time.Minute
	// formerSkew is by how much Slack's clock may be behind ours: what may be of this
	// store is not told to be of another.
	formerSkew = time.Minute
)

// former knows the cards that stood before the store was begun. Each channel is
// looked through once.
type former struct {
	sender *notifier.Sender
	clock  clock.Clock
	log    *slog.Logger
	path   string    // of the store
	begun  time.Time // when it was

	mu       sync.Mutex
	channels map[string]*formerCards
}

// formerCards are the cards of a channel.
type formerCards struct {
	mu      sync.Mutex
	look    *notifier.Look
	read    int       // pages, before the look was held up
	failing time.Time // since when it has been; zero: it is not
	hurry   bool      // cards wait no longer for it
	next    time.Time // when it may go on; zero: at once
	done    bool
}

func newFormer(sender *notifier.Sender, c clock.Clock, log *slog.Logger, path string, begun time.Time) *former {
	return &former{sender: sender, clock: c, log: log, path: path, begun: begun, channels: map[string]*formerCards{}}
}

// cards are those that a channel was found to have, by migration.
func (f *former) cards(ctx context.Context, channel string) (map[migration.Key]notifier.Standing, error) {
	if f == nil || f.clock.Now().Sub(f.begun) >= formerFor {
		return nil, nil
	}
	f.mu.Lock()
	c := f.channels[channel]
	if c == nil {
		c = &formerCards{look: f.sender.Look(channel, f.begun.Add(-formerAge))}
		f.channels[channel] = c
	}
	f.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done {
		return c.look.Cards(), nil
	}
	if !f.clock.Now().Before(c.next) {
		if err := c.look.Run(ctx); err != nil {
			return maps.Clone(c.look.Cards()), f.heldUp(ctx, c, channel, err)
		}
		c.done = true
		if n := len(c.look.Cards()); n > 0 {
			f.log.Info("cards stand in a channel already: those of migrations that are open are taken over", "channel", channel, "cards", n)
		}
	}
	return maps.Clone(c.look.Cards()), nil
}

// heldUp decides whether cards wait for a look that Slack did not let come to its
// end: the error asks for that. Where Slack does not let the bot read, waiting
// changes nothing; whether it may post shows when it does.
func (f *former) heldUp(ctx context.Context, c *formerCards, channel string, err error) error {
	now := f.clock.Now()
	if ctx.Err() != nil {
		return err
	}
	passes := false
	e, _ := errors.AsType[*notifier.DeliveryError](err)
	if e != nil {
		passes = e.Kind == notifier.Later || e.Kind == notifier.Unknown
	}
	if read := c.look.Read(); c.failing.IsZero() || read > c.read {
		c.failing, c.read = now, read // a long look goes at Slack's pace
	}
	if left := formerPatience - now.Sub(c.failing); passes && !c.hurry && left > 0 {
		after := formerAgain
		if e.After > 0 {
			after = e.After
		}
		return &retryError{after: min(after, left), cause: fmt.Errorf("look for cards that stand already: %w", err), nothing: true}
	}
	if !c.hurry {
		f.log.Warn("Slack does not tell which cards stand in a channel already: where the store is not the first one, some may be posted a second time",
			"channel", channel, "err", withoutURL(err))
	}
	c.hurry, c.next = true, now.Add(formerAnew)
	if e != nil && e.Kind == notifier.Rejected {
		c.look = f.sender.Look(channel, f.begun.Add(-formerAge)) // such as a cursor that is no longer known
	}
	return nil
}

// posted is when a card was posted that was taken over, zero for any other.
func (f *former) posted(m migration.Migration) time.Time {
	if f == nil {
		return time.Time{}
	}
	at := postedAt(m.Card.TS)
	if !at.Before(f.begun.Add(-formerSkew)) {
		return time.Time{}
	}
	return at
}

// postedAt is the moment that Slack's id of a message tells, zero where there is
// none.
func postedAt(ts string) time.Time {
	seconds, _, _ := strings.Cut(ts, ".")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// takeOver has a card that stands already count as the migration's, which the
// store does not know to have one.
func (w *slackWorker) takeOver(ctx context.Context, m migration.Migration, job migration.Job) (bool, error) {
	standing, err := w.former.cards(ctx, m.Card.Channel)
	card, ok := standing[m.Key()]
	if !ok || err != nil {
		return false, err
	}
	if postedAt(card.TS).Before(w.former.begun.Add(-formerSkew)) { // else a run before posted it, and did not learn so
		if err := w.watch.takenOver(ctx, w.former.path, w.former.begun, m.Card.Channel, m.Key()); err != nil {
			return false, err
		}
	}
	if o := card.Overview; o.ID != "" {
		_, err := w.store.ApplyPost(ctx, o.ID, "", func(cur *migration.Post) (migration.PostChange, error) {
			if cur == nil {
				cur = &o
			}
			p, more := cur.With(m.Key())
			if !more {
				return migration.PostChange{}, nil
			}
			return migration.PostChange{Post: &p}, nil
		})
		if err != nil {
			return false, err
		}
	}
	return true, w.commit(ctx, job, nil, func(cur migration.Migration) migration.Change {
		return cur.Adopted(card.TS, card.Overview.TS, card.Overview.ID, card.Generation, !job.Announces, w.clock.Now())
	})
}

// takenOver tells once that the store was gone and a new one was begun, and counts
// the cards that were taken over since. Without an admin channel it is told where
// the first of them stands.
func (w *watch) takenOver(ctx context.Context, path string, begun time.Time, channel string, k migration.Key) error {
	id := string(migration.PostNotice) + "/store/" + stamp(begun)
	now := w.clock.Now()
	_, err := w.store.ApplyPost(ctx, id, "", func(cur *migration.Post) (migration.PostChange, error) {
		if cur == nil {
			c := migration.BeginPost(migration.Post{
				ID: id, Kind: migration.PostNotice, Channel: cmp.Or(w.admin, channel), Keys: []migration.Key{k},
				Notice: &migration.Notice{Trouble: migration.TroubleStore, Path: path, Since: begun},
			}, now)
			c.Jobs = []migration.Job{c.Post.Job(now.Add(countFor))}
			return c, nil
		}
		p, more := cur.With(k)
		if !more {
			return migration.PostChange{}, nil
		}
		return p.Tell(now, countFor), nil
	})
	return err
}

// countFor is for how long cards that are taken over are counted before that is
// told, and told anew.
const countFor = 10 * time.Second
