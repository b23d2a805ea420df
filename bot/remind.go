package bot

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/config"
	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// policy is the configuration's, in the words of the domain.
func policy(cfg config.Config) migration.Policy {
	r := cfg.Reminders
	return migration.Policy{
		Unreserved: r.Unreserved, UnreservedEvery: r.UnreservedEvery, BeforeRun: r.BeforeRun, Overdue: r.Overdue,
		FollowUp: r.FollowUp, Recovered: r.IORecovery, Voucher: r.Voucher,
		Work: migration.Work{
			Zone: cfg.Location, From: r.Work.From, To: r.Work.To, Days: r.Work.Days, Holidays: r.Work.Holidays, Workdays: r.Work.Workdays,
		},
	}
}

// duties knows who is to be told about a migration.
type duties struct {
	cfg    config.Config
	people *notifier.People
	groups *notifier.Groups
}

// slackID is a user or a user group as people may write it into a tag: U…, @U…
// or <@U…>. A bare one has a digit: SERVICEDESK is a word.
var slackID = regexp.MustCompile(`^(<[@!](?:subteam\^)?|@)?([UWS][A-Z0-9]{8,20})(?:\|[^<>]*)?>?$`)

// owner is the Slack user or user group behind the value of an owner tag, empty
// where none is known.
func (d duties) owner(tag string) string {
	if id := d.cfg.People[config.OwnerKey(tag)]; id != "" {
		return id
	}
	if m := slackID.FindStringSubmatch(strings.TrimSpace(tag)); m != nil && (m[1] != "" || strings.ContainsAny(m[2], "0123456789")) {
		return m[2]
	}
	return ""
}

// onDuty is the user group on call for the migration, and the channel that hears
// of what nobody answers.
func (d duties) onDuty(m migration.Migration) (onCall, escalation string) {
	return d.cfg.Duty(m.Event.Account, m.Event.Region, m.Instance.Tags)
}

// onCall is the user group on call for the migration.
func (d duties) onCall(m migration.Migration) string {
	onCall, _ := d.onDuty(m)
	return onCall
}

// whom is who is told about the migration: the first in charge who is still
// there. Where Slack does not say, somebody is believed to be: better one mention
// too many than none.
func (d duties) whom(ctx context.Context, m migration.Migration) string {
	for _, id := range m.InCharge(d.owner, d.onCall(m)) {
		if d.present(ctx, id) {
			return id
		}
	}
	return ""
}

func (d duties) present(ctx context.Context, id string) bool {
	if migration.IsGroup(id) {
		empty, _ := d.groups.Empty(ctx, id) // the log has it from where it was read
		return !empty
	}
	p, err := d.people.Person(ctx, id)
	no, refused := errors.AsType[slack.SlackErrorResponse](err)
	return !p.Deleted && !p.Bot && !(refused && no.Err == "user_not_found")
}

// lookFirst is how long a reminder waits for the region to be looked at: one that
// a bot missed which has just started, since meanwhile somebody may have decided
// in the console, and one that tells how the event stands.
const lookFirst = 2 * time.Minute

// remind sends the reminder that is due and records it. Where there is none any
// more, the job goes and the store sets the next.
func (w *slackWorker) remind(ctx context.Context, m migration.Migration, job migration.Job) error {
	now := w.clock.Now()
	r, due := w.policy.Due(m, now)
	switch {
	case !due:
		return w.commit(ctx, job, nil, func(cur migration.Migration) migration.Change { return migration.Change{Migration: &cur} })
	case m.Card.TS == "":
		return w.repost(ctx, job)
	case w.looksFirst(m.Key(), r, now):
		return &retryError{after: 5 * time.Second, cause: errors.New("the region was not looked at since"), nothing: true}
	}
	to := w.duties.whom(ctx, m)
	msg := notifier.Remind(m, notifier.Reminding{Reminder: r, To: to, Open: w.open(m)}, w.viewOf(m.Key()))
	_, err := w.post(ctx, m.Card.Channel, m.Card.Parent(), msg, lookSince(m, job), job)
	if kindOf(err) == notifier.Gone {
		w.log.Info("a card was deleted, and is posted again for a reminder", "migration", m.Key().String())
		return w.repost(ctx, job)
	}
	_, escalation := w.duties.onDuty(m)
	return w.commit(ctx, job, err, func(cur migration.Migration) migration.Change {
		return cur.Reminded(w.lists, r, to, escalation, w.clock.Now())
	})
}

// looksFirst tells whether the reminder waits for the region to be looked at.
func (w *slackWorker) looksFirst(k migration.Key, r migration.Reminder, now time.Time) bool {
	missed := r.Late(now) && now.Sub(w.began) < lookFirst && w.looked(k.Account, k.Region).Before(r.Owed)
	// A clock that leapt, or a bot that has just started: a poll is under way.
	unsure := r.OfNow() && now.Sub(slices.MaxFunc([]time.Time{r.Owed, w.began}, time.Time.Compare)) < lookFirst &&
		w.watch.overdue(k.Account, k.Region)
	return missed || unsure
}

// viewOf is a view that knows that a region is not looked at either which was taken
// out of the configuration.
func (w *slackWorker) viewOf(k migration.Key) notifier.View {
	v := w.view()
	if !w.watch.polled(k.Account, k.Region) {
		v.Blind = append(v.Blind, notifier.Blind{Account: k.Account, Region: k.Region})
	}
	return v
}

// repost brings a card that somebody deleted back; the reminder follows it.
func (w *slackWorker) repost(ctx context.Context, job migration.Job) error {
	return w.commit(ctx, job, nil, func(cur migration.Migration) migration.Change { return cur.Repost(w.clock.Now()) })
}

// open are the items of the list of now that nobody has ticked.
func (w *slackWorker) open(m migration.Migration) []migration.Item {
	if phase := m.Phase(); phase != "" {
		return w.lists.Open(m, phase)
	}
	return nil
}

// escalate tells the escalation channel of a reminder that nobody answered,
// unless it has lost its point meanwhile.
func (w *slackWorker) escalate(ctx context.Context, m migration.Migration, job migration.Job) error {
	if job.Reminder == nil || m.Pointless(*job.Reminder, w.clock.Now()) || !job.Reminder.Asks(m, w.lists) {
		return finish(ctx, w.store, job)
	}
	onCall, _ := w.duties.onDuty(m)
	msg := notifier.Escalation(m, notifier.Reminding{Reminder: *job.Reminder, To: w.duties.whom(ctx, m)}, onCall, w.viewOf(m.Key()))
	_, err := w.post(ctx, job.Channel, "", msg, lookSince(m, job), job)
	return w.commit(ctx, job, err, func(cur migration.Migration) migration.Change {
		return cur.Escalated(*job.Reminder, job.Channel, w.clock.Now())
	})
}
