package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
	"ecs-migrate/store"
)

// slackWorker posts and updates cards and checklists (listjobs.go), posts the lines
// of their threads, reminds (remind.go), and posts what belongs to no single
// migration (posts.go).
type slackWorker struct {
	store  *store.Store
	sender *notifier.Sender
	clock  clock.Clock
	lang   notifier.Lang
	zone   *time.Location
	route  func(account, region string, tags map[string]string) string
	watch  *watch
	policy migration.Policy
	lists  migration.Checklists
	duties duties
	looked func(account, region string) time.Time // when a region was last looked at
	began  time.Time                              // when the bot started
	former *former                                // cards of a store before this one; nil: none are looked for
	log    *slog.Logger
}

func (w *slackWorker) do(ctx context.Context, job migration.Job) error {
	if job.Kind == migration.JobPost {
		return w.postOf(ctx, job)
	}
	m, ok, err := w.store.Migration(ctx, job.Key)
	if err != nil {
		return fmt.Errorf("read %s: %w", job.Key, err)
	}
	if !ok {
		return finish(ctx, w.store, job)
	}
	// A card that was not posted yet follows the routes: they may have been mended
	// since, or the instance's tags learnt.
	unposted := job.Kind == migration.JobCard && m.Card.Unposted()
	if to := w.route(job.Key.Account, job.Key.Region, m.Instance.Tags); unposted && to != m.Card.Channel {
		return w.commit(ctx, job, nil, func(cur migration.Migration) migration.Change { return cur.Reroute(to, w.clock.Now()) })
	}
	switch job.Kind {
	case migration.JobLine:
		err = w.line(ctx, m, job)
	case migration.JobRemind:
		err = w.remind(ctx, m, job)
	case migration.JobEscalate:
		err = w.escalate(ctx, m, job)
	case migration.JobList:
		err = w.list(ctx, m, job)
	case migration.JobForm:
		err = w.formless(ctx, m, job)
	default:
		err = w.card(ctx, m, job)
	}
	return w.judge(ctx, job, m.Event.Status.Final(), err)
}

// card posts the card, or draws the one that stands there again.
func (w *slackWorker) card(ctx context.Context, m migration.Migration, job migration.Job) error {
	if m.Card.TS != "" {
		err := w.update(ctx, m.Card.Channel, m.Card.TS, notifier.Card(m, w.view()), job)
		if kindOf(err) != notifier.Gone {
			return w.commit(ctx, job, err, func(cur migration.Migration) migration.Change { return cur.Updated(w.clock.Now()) })
		}
		// Somebody deleted the card. News brings it back; a mere redraw does not.
		w.log.Info("a card was deleted", "migration", m.Key().String())
		if job.Kind == migration.JobTick {
			return w.gone(ctx, m, job)
		}
		m.Card.TS, m.Card.Thread, m.Card.Gone = "", "", true
	} else if job.Kind == migration.JobTick {
		return finish(ctx, w.store, job)
	}
	thread, look := "", lookSince(m, job)
	if m.Card.Unposted() {
		if taken, err := w.takeOver(ctx, m, job); taken || err != nil {
			return err
		}
		var posted string
		var err error
		if thread, posted, err = w.announce(ctx, m, job); err != nil || posted != "" {
			return w.found(ctx, m, job, posted, thread, err)
		}
		if m.Card.Overview == "" {
			look = time.Time{} // announce has looked
		}
	} else if m.Card.Gone {
		m.Card.Generation++
	}
	m.Card.Thread = thread
	ts, err := w.post(ctx, m.Card.Channel, thread, notifier.Card(m, w.view()), look, job)
	if thread != "" && kindOf(err) == notifier.Gone {
		return w.lostThread(ctx, m)
	}
	if look.IsZero() {
		return w.posted(ctx, m, job, ts, thread, err)
	}
	return w.found(ctx, m, job, ts, thread, err)
}

// found records a card that an earlier run may have posted, with what stood then:
// what was decided since is on it only once it is drawn again.
func (w *slackWorker) found(ctx context.Context, m migration.Migration, job migration.Job, ts, thread string, err error) error {
	if err == nil && job.Attempts > 1 {
		err = w.update(ctx, m.Card.Channel, ts, notifier.Card(m, w.view()), job)
		if kindOf(err) == notifier.Gone {
			err = nil // its next news finds out
		}
	}
	return w.posted(ctx, m, job, ts, thread, err)
}

// posted records that the card stands as ts.
func (w *slackWorker) posted(ctx context.Context, m migration.Migration, job migration.Job, ts, thread string, err error) error {
	return w.commit(ctx, job, err, func(cur migration.Migration) migration.Change {
		return cur.Posted(ts, thread, m.Card.Generation, w.clock.Now())
	})
}

// line posts one line of news into the card's thread. The card goes first in
// the same lane; where it went to another channel since, the line waits for it.
func (w *slackWorker) line(ctx context.Context, m migration.Migration, job migration.Job) error {
	if m.Card.TS == "" && !m.Card.Gone && job.Attempts < leastTries {
		return errors.New("the card of this line is not posted yet")
	}
	if m.Card.TS == "" || job.News == nil {
		w.log.Warn("a line has no card to stand under", "job", job.ID)
		return finish(ctx, w.store, job)
	}
	if told, err := w.retold(ctx, m, job); told || err != nil {
		return w.commit(ctx, job, err, func(migration.Migration) migration.Change { return migration.Change{} })
	}
	to := ""
	if job.News.Calls() {
		to = w.duties.whom(ctx, m)
	}
	msg := notifier.LineTo(to, m, *job.News, job.Line, w.view())
	_, err := w.post(ctx, m.Card.Channel, m.Card.Parent(), msg, lookSince(m, job), job)
	if lost(err) && job.Attempts < leastTries {
		return w.bringBack(ctx, job, err)
	}
	return w.commit(ctx, job, err, func(migration.Migration) migration.Change { return migration.Change{} })
}

// formless tells somebody in the card's thread that the form they asked for did not
// come. It looks each time: a click may have been answered again meanwhile.
func (w *slackWorker) formless(ctx context.Context, m migration.Migration, job migration.Job) error {
	switch {
	case w.clock.Now().Sub(job.Due) > untilForgotten:
		w.log.Warn("nobody is told any more that a form did not come", "migration", job.Key.String(), "by", job.By, "due", job.Due)
		return finish(ctx, w.store, job)
	case m.Card.TS == "" && !m.Card.Gone && job.Attempts < leastTries:
		return errors.New("the card of this line is not posted yet")
	case m.Card.TS == "":
		w.log.Warn("a card was deleted, and nobody hears in its thread that a form did not come", "job", job.ID)
		return finish(ctx, w.store, job)
	}
	msg := notifier.FormMissing(m, job.By, job.ID, w.view())
	_, err := w.post(ctx, m.Card.Channel, m.Card.Parent(), msg, job.Due.Add(-time.Hour), job)
	return w.commit(ctx, job, err, func(migration.Migration) migration.Change { return migration.Change{} })
}

// lost tells whether what a line belongs under is not there any more.
func lost(err error) bool {
	e, ok := errors.AsType[*notifier.DeliveryError](err)
	return ok && (e.Code == "thread_not_found" || e.Code == "message_not_found")
}

// bringBack has a card that somebody deleted posted again, ahead of the line that
// found no card to stand under.
func (w *slackWorker) bringBack(ctx context.Context, job migration.Job, cause error) error {
	w.log.Info("a card was deleted: it returns with its news", "migration", job.Key.String())
	_, err := w.store.Apply(context.WithoutCancel(ctx), job.Key, "", func(cur *migration.Migration) (migration.Change, error) {
		if cur == nil || cur.Card.TS == "" {
			return migration.Change{}, nil
		}
		c := cur.CardGone()
		c.Jobs = append(c.Jobs, c.Migration.CardJob(job.Due.Add(-time.Millisecond)))
		return c, nil
	})
	if err != nil {
		return fmt.Errorf("record that the card of %s was deleted: %w", job.Key, err)
	}
	return &retryError{after: time.Millisecond, cause: cause}
}

// post posts a message, unless it is found among those since look, where that is
// not zero. One whose blocks Slack will not take is posted as its text alone,
// which tells what and when: better than nothing at 02:00.
func (w *slackWorker) post(
	ctx context.Context, channel, thread string, msg notifier.Message, look time.Time, job migration.Job,
) (string, error) {
	sender := w.senderFor(job)
	ts, err := sender.Post(ctx, channel, thread, msg, look)
	w.watch.delivered(ctx, channel, err)
	if kindOf(err) != notifier.Rejected {
		return ts, err
	}
	w.log.Error("Slack refuses a message's blocks, posting its text", "job", job.ID, "err", withoutURL(err))
	msg.Blocks = nil
	return sender.Post(ctx, channel, thread, msg, time.Time{})
}

// update draws a message again, in the same way.
func (w *slackWorker) update(ctx context.Context, channel, ts string, msg notifier.Message, job migration.Job) error {
	sender := w.senderFor(job)
	err := sender.Update(ctx, channel, ts, msg)
	w.watch.delivered(ctx, channel, err)
	if kindOf(err) != notifier.Rejected {
		return err
	}
	w.log.Error("Slack refuses a message's blocks, showing its text", "job", job.ID, "err", withoutURL(err))
	msg.Blocks = nil
	return sender.Update(ctx, channel, ts, msg)
}

// senderFor lets what nobody waits for give way to news of other channels.
func (w *slackWorker) senderFor(job migration.Job) *notifier.Sender {
	if job.Announces || job.Kind == migration.JobTick {
		return w.sender.Yielding()
	}
	return w.sender
}

// lookSince tells from when on an earlier run may have posted already, zero
// where none began.
func lookSince(m migration.Migration, job migration.Job) time.Time {
	since := m.FirstSeen
	switch {
	case job.Attempts <= 1 && job.LookFrom.IsZero():
		return time.Time{}
	case !job.LookFrom.IsZero() && job.LookFrom.Before(since):
		since = job.LookFrom
	}
	return since.Add(-time.Hour) // Slack's clock is not ours
}

// commit records what an effect that happened leaves behind.
func (w *slackWorker) commit(ctx context.Context, job migration.Job, err error, leave func(migration.Migration) migration.Change) error {
	if err != nil {
		return err
	}
	// The effect happened: its record must not be lost to a stop.
	_, err = w.store.Apply(context.WithoutCancel(ctx), job.Key, "", func(cur *migration.Migration) (migration.Change, error) {
		var c migration.Change
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

// How long a job waits where only people can help: the bot must be invited to
// a channel, or given a token that Slack takes.
const (
	untilInvited = 5 * time.Minute
	untilTrusted = time.Minute
	// untilForgotten is how long somebody may still want the form they asked for.
	untilForgotten = 6 * time.Hour
	// untilPointless is how long a message about what is over waits for them.
	untilPointless = 24 * time.Hour
)

// judge turns what Slack said into what becomes of the job; over tells that its
// migration is.
func (w *slackWorker) judge(ctx context.Context, job migration.Job, over bool, err error) error {
	e, ok := errors.AsType[*notifier.DeliveryError](err)
	if _, decided := errors.AsType[*retryError](err); decided || !ok {
		return err
	}
	switch e.Kind {
	case notifier.Later:
		if e.After > 0 { // Slack's pace; anything else is trouble, with growing gaps
			return &retryError{after: e.After, cause: err, nothing: true}
		}
	case notifier.NoChannel:
		if over && w.clock.Now().Sub(job.Due) > untilPointless {
			w.log.Warn("a message is given up: its migration is over and its channel stays closed", "job", job.ID, "code", e.Code)
			return w.giveUp(ctx, job)
		}
		w.log.Error("Slack does not let the bot post: invite it to the channel, or mend `routes` and start again", "lane", job.Lane, "code", e.Code)
		return &retryError{after: untilInvited, cause: err}
	case notifier.NoAuth:
		w.log.Error("Slack refuses the bot's token: install the app again and set SLACK_BOT_TOKEN", "code", e.Code)
		return &retryError{after: untilTrusted, cause: err}
	case notifier.Rejected, notifier.Gone:
		if e.Kind == notifier.Rejected && job.Attempts < leastTries {
			return err // an unknown code may pass; a thread that is gone stays gone
		}
		// Repeating what Slack will never take would hold up its whole channel.
		w.log.Error("Slack refuses a message for good", "job", job.ID, "code", e.Code, "err", err)
		return w.giveUp(ctx, job)
	}
	return err
}

// giveUp ends a job whose message Slack will not take. One that reminds goes on
// to the next reminder: nothing else would ask for that.
func (w *slackWorker) giveUp(ctx context.Context, job migration.Job) error {
	switch {
	case job.Kind == migration.JobEscalate && job.Reminder != nil:
		return w.commit(ctx, job, nil, func(cur migration.Migration) migration.Change {
			return cur.Unescalated(*job.Reminder, job.Channel, w.clock.Now())
		})
	case job.Kind != migration.JobRemind:
		return finish(ctx, w.store, job)
	}
	return w.commit(ctx, job, nil, func(cur migration.Migration) migration.Change {
		if r, due := w.policy.Due(cur, job.Due); due { // not what has become due since
			return cur.Undelivered(r, w.clock.Now())
		}
		return migration.Change{Migration: &cur}
	})
}

func (w *slackWorker) view() notifier.View {
	return notifier.View{Lang: w.lang, Zone: w.zone, Now: w.clock.Now(), Checklists: w.lists, Blind: w.watch.blind()}
}

func kindOf(err error) notifier.DeliveryKind {
	if e, ok := errors.AsType[*notifier.DeliveryError](err); ok {
		return e.Kind
	}
	return ""
}
