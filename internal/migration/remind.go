package migration

import (
	"cmp"
	"fmt"
	"maps"
	"time"
)

// Topic is what a reminder is about.
type Topic string

// The topics.
const (
	TopicInquiring  Topic = "inquiring"  // nobody has authorised it and the deadline comes near
	TopicUnreserved Topic = "unreserved" // no time is reserved and the deadline comes near
	TopicRun        Topic = "run"        // it runs soon
	TopicNotBegun   Topic = "not_begun"  // its planned time is past and it has not begun
	TopicOverdue    Topic = "overdue"    // it runs for longer than it should
	TopicFollowUp   Topic = "follow_up"  // it ran, and the follow-up is not acknowledged
	TopicRecovered  Topic = "recovered"  // snapshots are possible again
	TopicVoucher    Topic = "voucher"    // the voucher should have come
)

// Topics are all topics, the most pressing first.
var Topics = [...]Topic{
	TopicOverdue, TopicNotBegun, TopicInquiring, TopicUnreserved, TopicRun, TopicFollowUp, TopicRecovered, TopicVoucher,
}

// The items of the follow-up that two of the topics are about.
const (
	itemSnapshot = "new_snapshot"
	itemVoucher  = "voucher"
)

// Reminder is one thing that people are told once. Topic and Due name it for
// ever; a time that is chosen anew makes other reminders.
type Reminder struct {
	Topic Topic     `json:"topic"`
	Name  string    `json:"name"` // such as unreserved/24h, for people who read the record
	Due   time.Time `json:"due"`
	// Owed is when people should have been told: Due of the first of those that
	// were missed, or the end of a snooze. It is later than Due where that was
	// snoozed.
	Owed time.Time `json:"owed"`
	// Escalate says that the ones before had no answer.
	Escalate bool `json:"escalate,omitempty"`
}

// onTime is how late a reminder may come without saying so: a crowd of them goes
// out at one a second.
const onTime = 5 * time.Minute

// Late tells whether a reminder that is sent now comes late.
func (r Reminder) Late(now time.Time) bool { return now.Sub(r.Owed) > onTime }

// Urgent tells whether the whole channel should see it: hours are left, or the
// instance may be down.
func (r Reminder) Urgent(m Migration) bool {
	switch r.Topic {
	case TopicOverdue:
		return true
	case TopicUnreserved, TopicInquiring:
		return m.Deadline().Sub(r.Due) <= 4*time.Hour
	}
	return false
}

// Asks tells whether the reminder asks somebody to do something: of a run that
// is decided on and prepared it only tells, and waits for no answer.
func (r Reminder) Asks(m Migration, lists Checklists) bool {
	return r.Topic != TopicRun || m.NeedsSomebody() || len(lists.Required(m, Preparation)) > 0
}

// OfNow tells whether the reminder says how the event stands, which only a
// region that was looked at lately tells.
func (r Reminder) OfNow() bool { return r.Topic == TopicOverdue || r.Topic == TopicNotBegun }

// Reminders is what a migration remembers of its reminders.
type Reminders struct {
	// Sent is the last reminder of each topic: those before it are settled, sent
	// or missed.
	Sent map[Topic]Sent `json:"sent,omitempty"`
	// Unanswered counts those sent that ask for something, since somebody last
	// decided, took it, ticked something or snoozed, or the event moved on.
	Unanswered int     `json:"unanswered,omitempty"`
	Snooze     *Snooze `json:"snooze,omitempty"`
	// Phase is what there may be to remind of, and Since when it began: what was
	// due before is not owed.
	Phase string    `json:"phase,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// Sent is a reminder that was sent.
type Sent struct {
	Name string    `json:"name"`
	Due  time.Time `json:"due"`
	At   time.Time `json:"at"`
}

// Snooze silences a migration's reminders.
type Snooze struct {
	Until time.Time `json:"until"`
	By    string    `json:"by"`
	Made  time.Time `json:"made"`
	Topic Topic     `json:"topic,omitempty"` // what comes back then, if it still has a point; empty: nothing was told yet
}

// phase names what a migration's reminders hang on: where it stands, and the
// times that are counted from.
func (m Migration) phase() string {
	switch {
	case m.Event.Status == Inquiring:
		return fmt.Sprint(m.State(), "/", m.Deadline().Unix())
	case m.Event.Status != Scheduled:
		return string(m.Event.Status)
	case m.Held != nil:
		return fmt.Sprint("reserved@", m.Event.NotBefore.Unix())
	case m.Pending():
		return "asked"
	}
	return fmt.Sprint("unreserved@", m.Event.NotBefore.Unix(), "/", m.Deadline().Unix())
}

// active tells whether reminders of the topic have a point at the moment now.
func (m Migration) active(t Topic, now time.Time) bool {
	before := func(end time.Time) bool { return !end.IsZero() && now.Before(end) }
	switch scheduled := m.Event.Status == Scheduled; t {
	case TopicInquiring:
		return m.Event.Status == Inquiring && !now.Before(m.consentStale()) && before(m.Deadline())
	case TopicUnreserved:
		return scheduled && m.Held == nil && !m.Pending() && before(m.Deadline())
	case TopicRun:
		return scheduled && (m.Held != nil || !m.Pending()) && before(m.Event.NotBefore)
	case TopicNotBegun:
		return scheduled && !m.Event.NotBefore.IsZero() && !now.Before(m.Event.NotBefore)
	case TopicOverdue:
		return m.Event.Status == Executing
	case TopicFollowUp:
		return m.Waiting()
	case TopicRecovered:
		_, known := m.IORecovery()
		return known && !m.Mark(itemSnapshot).Settled()
	case TopicVoucher:
		return m.Event.Status == Executed && KindOf(m.Event.Type).Migrates && !m.Mark(itemVoucher).Settled()
	}
	return false
}

// begins is the moment before which reminders of the topic have no point as
// things stand, zero where there is none such.
func (m Migration) begins(t Topic) time.Time {
	switch t {
	case TopicInquiring:
		return m.consentStale() // the cloud is given time to follow
	case TopicNotBegun:
		return m.Event.NotBefore
	}
	return time.Time{}
}

// ahead tells whether reminders of the topic have a point at the moment now, or
// will have one.
func (m Migration) ahead(t Topic, now time.Time) bool { return m.active(t, later(now, m.begins(t))) }

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// Pointless tells whether a reminder says what is no longer so.
func (m Migration) Pointless(r Reminder, now time.Time) bool { return !m.active(r.Topic, now) }

// ended is when the event ended, or when we learnt that it had.
func (m Migration) ended() time.Time {
	if !m.Event.FinishedAt.IsZero() {
		return m.Event.FinishedAt
	}
	return m.Reminders.Since
}

// remindJob waits for the next reminder. Its lane is the channel's own for
// reminders: it neither waits behind a crowd of redraws nor lets one wait.
func (m Migration) remindJob() Job {
	return Job{ID: "remind/" + m.Key().String(), Lane: "remind/" + m.Card.Channel, Kind: JobRemind, Key: m.Key(), Exact: true}
}

// lastTold is the topic that people were reminded of last, empty for none; one
// that still has a point goes before those that have none.
func (m Migration) lastTold(now time.Time) Topic {
	var last, live Topic
	sent := m.Reminders.Sent
	for _, t := range Topics {
		if sent[t].At.After(sent[last].At) {
			last = t
		}
		if sent[t].At.After(sent[live].At) && m.active(t, now) {
			live = t
		}
	}
	return cmp.Or(live, last)
}

// Reminded records that a reminder was sent to somebody, a Slack user or user
// group, and has the escalation channel told where nobody answered the ones
// before. One that asks for nothing has no answer to wait for.
func (m Migration) Reminded(lists Checklists, r Reminder, to, escalation string, now time.Time) Change {
	m.settle(r, now)
	c := Change{Migration: &m, Entries: []Entry{m.reminding(NewsReminded, r, to, now)}}
	if !r.Asks(m, lists) {
		return c
	}
	m.Reminders.Unanswered++
	if r.Escalate && escalation != "" {
		c.Jobs = append(c.Jobs, Job{
			ID: fmt.Sprintf("escalate/%s/%s/%d", m.Key(), r.Topic, r.Due.Unix()), Lane: SlackLane(escalation), Kind: JobEscalate,
			Key: m.Key(), Due: now, Channel: escalation, Reminder: &r,
		})
	}
	return c
}

// Escalated records that a channel was told of a reminder that nobody answered.
func (m Migration) Escalated(r Reminder, channel string, now time.Time) Change {
	return Change{Entries: []Entry{m.reminding(NewsEscalated, r, channel, now)}}
}

// Undelivered settles a reminder that Slack will not take: the next ones come in
// their turn all the same.
func (m Migration) Undelivered(r Reminder, now time.Time) Change {
	m.settle(r, now)
	return Change{Migration: &m, Entries: []Entry{m.reminding(NewsUndelivered, r, "", now)}}
}

// Unescalated records that Slack will not take what a channel was to be told.
func (m Migration) Unescalated(r Reminder, channel string, now time.Time) Change {
	return Change{Entries: []Entry{m.reminding(NewsUndelivered, r, channel, now)}}
}

// reminding is what the audit trail keeps of a reminder.
func (m Migration) reminding(kind NewsKind, r Reminder, to string, now time.Time) Entry {
	return Entry{
		Key: m.Key(), Via: ViaJob, Before: m.State(), After: m.State(),
		News: News{Kind: kind, When: now, At: r.Due, To: to, About: r.Name},
	}
}

// settle keeps that there is nothing more to do about a reminder.
func (m *Migration) settle(r Reminder, now time.Time) {
	sent := maps.Clone(m.Reminders.Sent)
	if sent == nil {
		sent = map[Topic]Sent{}
	}
	sent[r.Topic] = Sent{Name: r.Name, Due: r.Due, At: now}
	m.Reminders.Sent = sent
	if s := m.Reminders.Snooze; s != nil && s.Topic == r.Topic && !s.Until.After(now) {
		m.Reminders.Snooze = nil
	}
}

// Repost has a card that somebody deleted posted again: what must be said has no
// thread to stand in.
func (m Migration) Repost(now time.Time) Change {
	m.Card.TS, m.Card.Thread, m.Card.Gone = "", "", false
	m.Card.Generation++
	return Change{Migration: &m, Jobs: []Job{m.CardJob(now)}}
}
