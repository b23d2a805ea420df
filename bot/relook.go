package bot

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// A bot whose store was restored from a backup does not know what it posted
// since. What follows looks for that before it is posted again.

// gone records that the card was deleted, unless it was posted again after the
// backup.
func (w *slackWorker) gone(ctx context.Context, m migration.Migration, job migration.Job) error {
	if job.LookFrom.IsZero() {
		return w.commit(ctx, job, nil, migration.Migration.CardGone)
	}
	m.Card.Generation++
	ts, err := w.sender.Find(ctx, m.Card.Channel, "", notifier.CardMetadata(m), lookSince(m, job))
	if ts == "" {
		return w.commit(ctx, job, err, migration.Migration.CardGone)
	}
	return w.posted(ctx, m, job, ts, "", err)
}

// standing looks for a card that an earlier run may have posted: in its channel
// or, since a backup, in the thread of an overview that is not known any more.
func (w *slackWorker) standing(ctx context.Context, m migration.Migration, job migration.Job) (thread, ts string, err error) {
	since := lookSince(m, job)
	ts, err = w.sender.Find(ctx, m.Card.Channel, "", notifier.CardMetadata(m), since)
	if ts != "" || err != nil || job.LookFrom.IsZero() {
		return "", ts, err
	}
	overviews, err := w.overviews(ctx, m.Card.Channel, since)
	if err != nil {
		return "", "", err
	}
	for _, thread := range overviews {
		ts, err = w.sender.Find(ctx, m.Card.Channel, thread, notifier.CardMetadata(m), since)
		if ts != "" || err != nil {
			return thread, ts, err
		}
	}
	return "", "", nil
}

// overviews are the posts with cards in their threads that stand in a channel.
func (w *slackWorker) overviews(ctx context.Context, channel string, since time.Time) (all []string, err error) {
	_, err = w.sender.FindBy(ctx, channel, "", since, func(m slack.Message) bool {
		if notifier.IsOverview(m.Metadata) {
			all = append(all, m.Timestamp)
		}
		return false
	})
	return all, err
}

// retold tells whether the thread tells the news already: what the cloud shows
// is seen again, and may have been told since the backup.
func (w *slackWorker) retold(ctx context.Context, m migration.Migration, job migration.Job) (bool, error) {
	news := *job.News
	if job.LookFrom.IsZero() || !news.Kind.Seen() || !news.When.After(job.LookFrom) {
		return false, nil // a line that waited in the backup is found as it is
	}
	ts, err := w.sender.FindBy(ctx, m.Card.Channel, m.Card.Parent(), lookSince(m, job), notifier.Retold(m, news))
	return ts != "", err
}
