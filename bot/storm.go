package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ecs-migrate/internal/migration"
)

// errNotYet says that a card waits for the overview in whose thread it stands.
var errNotYet = errors.New("the overview of this card is not posted yet")

// announce posts a card for the first time: in its channel, or, where many are
// announced at once, in the thread of the post that lists them all. It returns
// the thread's ts, empty for a card of its own; posted is the ts of a card that
// an earlier run posted.
func (w *slackWorker) announce(ctx context.Context, m migration.Migration, job migration.Job) (thread, posted string, err error) {
	if m.Card.Overview == "" && job.Attempts > 1 {
		// An earlier run may have posted it by itself, before others came.
		thread, posted, err = w.standing(ctx, m, job)
		if err != nil || posted != "" {
			return thread, posted, err
		}
	}
	if m.Card.Overview == "" {
		if err := w.gather(ctx, m, job); err != nil {
			return "", "", err
		}
		cur, _, err := w.store.Migration(ctx, job.Key)
		if err != nil || cur.Card.Overview == "" {
			return "", "", err
		}
		m = cur
	}
	thread, err = w.overviewThread(ctx, m, job)
	return thread, "", err
}

// gather begins or continues an overview where a storm is on. The cards of a
// channel are one lane: nothing else posts or gathers them meanwhile.
func (w *slackWorker) gather(ctx context.Context, m migration.Migration, job migration.Job) error {
	jobs, err := w.store.Announcements(ctx, job.Lane)
	if err != nil {
		return err
	}
	var waiting []migration.Key
	for _, j := range jobs {
		if j.Attempts == 0 || j.ID == job.ID { // what was begun may stand in the channel already
			waiting = append(waiting, j.Key)
		}
	}
	all, err := w.store.Migrations(ctx, waiting)
	if err != nil {
		return err
	}
	standing, err := w.former.cards(ctx, m.Card.Channel)
	if err != nil {
		return err
	}
	var fresh []migration.Key
	for _, other := range all {
		if _, stands := standing[other.Key()]; other.Card.Unposted() && other.Card.Overview == "" && !stands {
			fresh = append(fresh, other.Key())
		}
	}
	last, err := w.lastOverview(ctx, m.Card.Channel)
	if err != nil {
		return err
	}
	c := migration.Storm(m.Card.Channel, last, waiting, fresh, w.clock.Now())
	if c.Empty() {
		return nil
	}
	w.log.Info("many cards wait: they are gathered in the thread of an overview", "overview", c.Post.ID, "cards", len(c.Gather))
	_, err = w.store.ApplyPost(ctx, c.Post.ID, "", func(*migration.Post) (migration.PostChange, error) { return c, nil })
	return err
}

func (w *slackWorker) lastOverview(ctx context.Context, channel string) (*migration.Post, error) {
	all, err := w.store.Posts(ctx, migration.OverviewPrefix(channel))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[len(all)-1], nil
}

// overviewThread is the ts of the message in whose thread a gathered card
// belongs. One that somebody deleted is posted again for the cards that wait. A
// card that somebody acted on meanwhile does not wait for it.
func (w *slackWorker) overviewThread(ctx context.Context, m migration.Migration, job migration.Job) (string, error) {
	p, ok, err := w.store.Post(ctx, m.Card.Overview)
	switch {
	case err != nil:
		return "", err
	case !ok || p.Channel != m.Card.Channel, !job.Announces && p.TS == "", job.Attempts >= leastTries && p.TS == "":
		return "", nil // it stands by itself
	case p.TS != "":
		return p.TS, nil
	case p.Gone:
		_, err = w.store.ApplyPost(ctx, p.ID, "", func(cur *migration.Post) (migration.PostChange, error) {
			if cur == nil || !cur.Gone {
				return migration.PostChange{}, nil
			}
			return cur.Again(w.clock.Now()), nil
		})
		if err != nil {
			return "", err
		}
	}
	// The overview's job goes before all announcements of its lane.
	return "", &retryError{after: time.Millisecond, cause: errNotYet}
}

// lostThread has an overview that was found deleted posted again.
func (w *slackWorker) lostThread(ctx context.Context, m migration.Migration) error {
	_, err := w.store.ApplyPost(ctx, m.Card.Overview, "", func(cur *migration.Post) (migration.PostChange, error) {
		if cur == nil {
			return migration.PostChange{}, nil
		}
		return cur.Deleted(), nil
	})
	if err != nil {
		return fmt.Errorf("record that the overview %s was deleted: %w", m.Card.Overview, err)
	}
	return &retryError{after: time.Millisecond, cause: errNotYet}
}

// astray tells whether none of an overview's migrations belongs to its channel
// any more: the routes were mended since.
func (w *slackWorker) astray(ctx context.Context, p migration.Post) (bool, error) {
	all, err := w.store.Migrations(ctx, p.Keys)
	for _, m := range all {
		if w.route(m.Event.Account, m.Event.Region, m.Instance.Tags) == p.Channel {
			return false, err
		}
	}
	return err == nil, err
}
