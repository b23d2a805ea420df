package bot

import (
	"context"
	"errors"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// list posts a phase's checklist into the card's thread, or brings the one that
// stands there up to date. One that somebody deleted is posted again: only news
// of it come here.
func (w *slackWorker) list(ctx context.Context, m migration.Migration, job migration.Job) error {
	p := job.Phase
	l := m.Checklist.Message(p)
	if l.TS != "" && l.Thread == m.Card.Parent() {
		err := w.update(ctx, m.Card.Channel, l.TS, notifier.Checklist(m, p, w.view()), job)
		if kindOf(err) != notifier.Gone {
			return w.commit(ctx, job, err, func(migration.Migration) migration.Change { return migration.Change{} })
		}
		w.log.Info("a checklist was deleted", "migration", m.Key().String(), "phase", string(p))
	}
	_, total := w.lists.Progress(m, p)
	switch {
	case m.Phase() != p || total == 0:
		return finish(ctx, w.store, job) // nobody works on it
	case m.Card.TS == "" && !m.Card.Gone && job.Attempts < leastTries:
		return errors.New("the card of this checklist is not posted yet")
	case m.Card.TS == "":
		w.log.Warn("a checklist has no card to stand under", "job", job.ID)
		return finish(ctx, w.store, job)
	}
	now := migration.ListMessage{Thread: m.Card.Parent(), Generation: l.Generation + 1}
	m = m.WithList(p, now)
	msg := notifier.Checklist(m, p, w.view())
	look, former := lookSince(m, job), false
	if at := w.former.posted(m); l.TS == "" && !at.IsZero() {
		look, former = at, true // one of the former store may stand there
	}
	ts, err := w.post(ctx, m.Card.Channel, now.Thread, msg, look, job)
	if lost(err) && job.Attempts < leastTries {
		return w.bringBack(ctx, job, err)
	}
	if err == nil && (job.Attempts > 1 || former) {
		// It may have been found, posted by a run before, with what stood then.
		err = w.update(ctx, m.Card.Channel, ts, msg, job)
	}
	now.TS = ts
	return w.commit(ctx, job, err, func(cur migration.Migration) migration.Change { return cur.ListPosted(p, now) })
}
