package migration

import "time"

// First makes the record of an event that was not known yet. channel is where
// its card goes.
func First(ev Event, inst Instance, channel string, now time.Time) Change {
	m := Migration{
		Event: ev, Instance: inst, FirstNotBefore: ev.NotBefore,
		Card: Card{Channel: channel, Generation: 1}, FirstSeen: now,
	}
	// A planned time that is not the initial one was chosen by somebody.
	if ev.Status == Scheduled && !ev.InitialNotBefore.IsZero() && !sameMinute(ev.NotBefore, ev.InitialNotBefore) {
		m.Held = &Reservation{At: ev.NotBefore, Made: now, Via: ViaConsole, Certainty: Confirmed}
	}
	c := m.begin(now)
	c.tell("", ViaConsole, News{Kind: NewsAnnounced, When: now, At: ev.NotBefore})
	return *c
}

// Observe takes in what a poll or a read-back told of the migration's event.
// The Change is empty where that is nothing new, older than what is known, or
// about an event that is over.
func (m Migration) Observe(ev Event, now time.Time) Change {
	if m.Event.Status.Final() || ev.ReadAt.Before(m.Event.ReadAt) {
		return Change{}
	}
	old, before := m.Event, m.State()
	if old.equal(ev) && !m.answers(ev) {
		return Change{}
	}
	c := m.begin(now)
	m.Event = ev
	if m.FirstNotBefore.IsZero() {
		m.FirstNotBefore = ev.NotBefore
	}
	switch {
	case ev.Status != old.Status:
		m.turn(c, before, old)
	case ev.Status == Scheduled:
		m.replan(c, before, old)
	}
	c.card()
	return *c
}

// answers tells whether the event shows the very time that a wish or a
// declaration waits for.
func (m Migration) answers(ev Event) bool {
	if ev.Status != Scheduled || ev.NotBefore.IsZero() {
		return false
	}
	return m.Asked != nil && sameMinute(m.Asked.At, ev.NotBefore) ||
		m.Asked == nil && m.Held != nil && m.Held.Certainty == Declared && sameMinute(m.Held.At, ev.NotBefore)
}

// turn tells a change of status.
func (m *Migration) turn(c *Change, before State, old Event) {
	news := News{When: m.ChangedAt, At: m.Event.NotBefore}
	switch m.Event.Status {
	case Scheduled:
		if m.Consent != nil && m.Consent.Certainty == Requested {
			consent := *m.Consent
			consent.Certainty = Confirmed
			m.Consent, news.By = &consent, consent.By
		}
		news.Kind = NewsScheduled
	case Executing:
		news.Kind = NewsExecuting
	case Executed:
		news.Kind, news.At = NewsExecuted, m.Event.FinishedAt
	case Failed:
		news.Kind, news.At = NewsFailed, m.Event.FinishedAt
	case Canceled:
		news.Kind = NewsCanceled
	case Avoided:
		news.Kind, news.At = NewsAvoided, m.Event.FinishedAt
	default:
		return // a status we have no words for: the card shows the rest
	}
	if m.Event.Status == Scheduled {
		c.tell(before, ViaConsole, news)
		if old.Status == Executing {
			m.replan(c, before, old)
		}
		return
	}
	if m.Pending() {
		m.refuse(c, before, Refusal{Kind: Overtaken})
	}
	if m.Consent != nil && m.Consent.Certainty == Requested {
		consent := *m.Consent
		consent.Certainty, consent.Refusal = Refused, &Refusal{Kind: Overtaken}
		m.Consent = &consent
	}
	c.tell(before, ViaConsole, news)
}

// replan tells a change of the planned time: the answer to a wish, or somebody
// at work in the console.
func (m *Migration) replan(c *Change, before State, old Event) {
	at := m.Event.NotBefore
	moved := !at.Equal(old.NotBefore) && !at.IsZero()
	switch {
	case m.answers(m.Event):
		held := *m.Latest()
		held.At, held.Certainty, held.Refusal = at, Confirmed, nil
		m.Held, m.Asked = &held, nil
		c.tell(before, held.Via, News{Kind: NewsConfirmed, When: m.ChangedAt, By: held.By, At: at, From: old.NotBefore})
	case moved && m.Pending():
		// The wish still waits; the new plan is told, and the wish goes on.
		c.tell(before, ViaConsole, News{Kind: NewsMoved, When: m.ChangedAt, At: at, From: old.NotBefore})
	case moved:
		m.Revision++
		m.Held = &Reservation{At: at, Made: m.ChangedAt, Via: ViaConsole, Certainty: Confirmed}
		m.Asked = nil
		c.tell(before, ViaConsole, News{Kind: NewsMoved, When: m.ChangedAt, At: at, From: old.NotBefore})
	}
}

// Learn takes in the instance's facts where none were known.
func (m Migration) Learn(inst Instance, now time.Time) Change {
	if m.Instance.Known() || !inst.Known() {
		return Change{}
	}
	c := m.begin(now)
	m.Instance = inst
	c.card()
	return *c
}
