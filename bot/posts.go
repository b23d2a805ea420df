package bot

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// postOf posts the message of a post, or draws the one that stands there again.
// A message that somebody deleted stays away until the post is told again.
func (w *slackWorker) postOf(ctx context.Context, job migration.Job) error {
	p, ok, err := w.store.Post(ctx, job.Post)
	switch {
	case err != nil:
		return err
	case !ok || p.Gone:
		return finish(ctx, w.store, job)
	}
	msg, err := w.renderPost(ctx, p)
	if err != nil {
		return err
	}
	if p.TS == "" {
		if p.Kind == migration.PostOverview && job.Attempts > 1 {
			if astray, err := w.astray(ctx, p); astray || err != nil {
				return cmp.Or(err, finish(ctx, w.store, job)) // its cards go elsewhere, each by its own job
			}
		}
		var since time.Time // from when on an earlier run may have posted already
		switch {
		case !job.LookFrom.IsZero() && job.LookFrom.Before(p.Begun):
			since = job.LookFrom.Add(-time.Hour)
		case job.Attempts > 1:
			since = p.Begun.Add(-time.Hour) // Slack's clock is not ours
		}
		ts, err := w.post(ctx, p.Channel, "", msg, since, job)
		return w.judge(ctx, job, true, w.commitPost(ctx, job, err, func(cur migration.Post) migration.PostChange { return cur.Posted(ts) }))
	}
	err = w.redrawPost(ctx, p, msg)
	switch kind := kindOf(err); {
	case kind == notifier.Gone:
		w.log.Info("a message was deleted", "post", p.ID)
		return w.commitPost(ctx, job, nil, migration.Post.Deleted)
	case kind == notifier.Later && p.Kind == migration.PostOverview:
		// A count that is a little old holds up no card.
		return w.commitPost(ctx, job, nil, func(cur migration.Post) migration.PostChange {
			return migration.PostChange{Jobs: []migration.Job{cur.Job(w.clock.Now().Add(migration.OverviewGap))}}
		})
	}
	return w.judge(ctx, job, true, w.commitPost(ctx, job, err, func(migration.Post) migration.PostChange { return migration.PostChange{} }))
}

// renderPost is what the post tells now.
func (w *slackWorker) renderPost(ctx context.Context, p migration.Post) (notifier.Message, error) {
	switch p.Kind {
	case migration.PostOverview:
		all, err := w.store.Migrations(ctx, p.Keys)
		if err != nil {
			return notifier.Message{}, err
		}
		return notifier.Overview(p, all, w.view()), nil
	case migration.PostDigest:
		all, err := w.store.Migrations(ctx, p.Keys)
		if err != nil {
			return notifier.Message{}, err
		}
		return notifier.Digest(p, all, w.view()), nil
	case migration.PostNotice:
		return notifier.Notice(p, w.view()), nil
	}
	return notifier.Message{}, fmt.Errorf("a post of a kind without words, %q", p.Kind)
}

func (w *slackWorker) redrawPost(ctx context.Context, p migration.Post, msg notifier.Message) error {
	sender := w.sender
	if p.Kind == migration.PostOverview {
		sender = sender.Yielding()
	}
	err := sender.Update(ctx, p.Channel, p.TS, msg)
	w.watch.delivered(ctx, p.Channel, err)
	if kindOf(err) != notifier.Rejected {
		return err
	}
	w.log.Error("Slack refuses a message's blocks, showing its text", "post", p.ID, "err", withoutURL(err))
	msg.Blocks = nil
	return sender.Update(ctx, p.Channel, p.TS, msg)
}

// commitPost records what an effect that happened leaves behind.
func (w *slackWorker) commitPost(ctx context.Context, job migration.Job, err error, leave func(migration.Post) migration.PostChange) error {
	if err != nil {
		return err
	}
	// The effect happened: its record must not be lost to a stop.
	_, err = w.store.ApplyPost(context.WithoutCancel(ctx), job.Post, "", func(cur *migration.Post) (migration.PostChange, error) {
		var c migration.PostChange
		if cur != nil {
			c = leave(*cur)
		}
		c.Done = append(c.Done, job)
		return c, nil
	})
	if err != nil {
		return fmt.Errorf("record %s: %w", job.ID, err)
	}
	return nil
}
