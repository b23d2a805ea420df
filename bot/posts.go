package bot

import (
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
		var since time.Time // from when on an earlier run may have posted already
		if job.Attempts > 1 {
			since = p.Begun.Add(-time.Hour) // Slack's clock is not ours
		}
		ts, err := w.sendPost(ctx, p.Channel, msg, since, job)
		return w.judge(ctx, job, true, w.commitPost(ctx, job, err, func(cur migration.Post) migration.PostChange { return cur.Posted(ts) }))
	}
	err = w.redrawPost(ctx, p, msg)
	if kindOf(err) == notifier.Gone {
		w.log.Info("a message was deleted", "post", p.ID)
		return w.commitPost(ctx, job, nil, migration.Post.Deleted)
	}
	return w.judge(ctx, job, true, w.commitPost(ctx, job, err, func(migration.Post) migration.PostChange { return migration.PostChange{} }))
}

// renderPost is what the post tells now.
func (w *slackWorker) renderPost(_ context.Context, p migration.Post) (notifier.Message, error) {
	switch p.Kind {
	case migration.PostNotice:
		return notifier.Notice(p, w.view()), nil
	}
	return notifier.Message{}, fmt.Errorf("a post of a kind without words, %q", p.Kind)
}

// sendPost posts a message; one whose blocks Slack will not take is posted as
// its text alone.
func (w *slackWorker) sendPost(ctx context.Context, channel string, msg notifier.Message, since time.Time, job migration.Job) (string, error) {
	ts, err := w.sender.Post(ctx, channel, "", msg, since)
	if kindOf(err) != notifier.Rejected {
		return ts, err
	}
	w.log.Error("Slack refuses a message's blocks, posting its text", "job", job.ID, "err", withoutURL(err))
	msg.Blocks = nil
	return w.sender.Post(ctx, channel, "", msg, time.Time{})
}

func (w *slackWorker) redrawPost(ctx context.Context, p migration.Post, msg notifier.Message) error {
	err := w.sender.Update(ctx, p.Channel, p.TS, msg)
	if kindOf(err) != notifier.Rejected {
		return err
	}
	w.log.Error("Slack refuses a message's blocks, showing its text", "post", p.ID, "err", withoutURL(err))
	msg.Blocks = nil
	return w.sender.Update(ctx, p.Channel, p.TS, msg)
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
