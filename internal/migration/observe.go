package migration

import "time"

// First makes the record of an event that was not known yet. channel is where
// its card goes.
func First(ev Event, inst Instance, channel string, now time.Time) Change {
	ev = ev.bounded()
	m := Migration{
		Event: ev, Instance: inst.bounded(), FirstNotBefore: ev.NotBefore,
		Card: Card{Channel: channel, Generation: 1}, FirstSeen: now,
	}
	// A planned time that is not the initial one was chosen by somebody.
	if ev.Status == Scheduled && !ev.InitialNotBefore.IsZero() && !sameMinute(ev.NotBefore, ev.InitialNotBefore) {
		m.Held = &Reservation{At: ev.NotBefore, Made: now, Via: ViaConsole, Certainty: Confirmed}
	}
	c := m.begin(now)
	c.tell("", ViaConsole, News{Kind: NewsAnnounced, When: now, At: ev.NotBefore})
	if !ev.Status.Final() {
		c.Jobs = append(c.Jobs, m.readingJob(ReadFirst, 0, m.ChangedAt))
		c.readBeforeRun()
	}
	return *c
}

// Observe takes in what a poll or a read-back told of the migration's event.
// The Change is empty where that is nothing new, older than what is known, or
// about an event that is over. now is the moment at which m is what the store
// holds, inside its transaction.
func (m Migration) Observe(ev Event, now time.Time) Change {
	if m.Event.Status.Final() || m.outdated(ev, now) {
		return Change{}
	}
	ev = ev.bounded()
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
	switch {
	case ev.Status == Executing:
		m.began()
	case ran(ev.Status):
		m.began()
		c.Jobs = append(c.Jobs, m.readingJob(ReadAfter, 0, m.ChangedAt))
	case ev.Status != old.Status || !ev.NotBefore.Equal(old.NotBefore):
		c.readBeforeRun()
	}
	c.card()
	return *c
}

// outdated tells whether a reading was asked for before the one that is known.
// One from the future was made by a clock that has been set back since.
func (m Migration) outdated(ev Event, now time.Time) bool {
	return ev.ReadAt.Before(m.Event.ReadAt) && !m.Event.ReadAt.After(now)
}

// answers tells whether the event shows the very time that a wish or a
// declaration waits for.
func (m Migration) answers(ev Event) bool {
	if ev.Status == Inquiring || ev.NotBefore.IsZero() {
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
		news.Kind, news.By = NewsScheduled, m.consented(Confirmed)
		c.tell(before, ViaConsole, news)
		if m.Held != nil || m.Asked != nil {
			m.replan(c, before, old)
		}
		return
	case Executing:
		news.Kind = NewsExecuting
		m.consented(Confirmed)
	case Executed:
		news.Kind, news.At = NewsExecuted, m.Event.FinishedAt
		m.consented(Confirmed)
	case Failed:
		news.Kind, news.At = NewsFailed, m.Event.FinishedAt
		m.consented(Confirmed)
	case Canceled:
		news.Kind = NewsCanceled
		m.consented(Refused)
	case Avoided:
		news.Kind, news.At = NewsAvoided, m.Event.FinishedAt
		m.consented(Refused)
	default:
		return // a status we have no words for: the card shows the rest
	}
	// The cloud may have carried a wish out that was never read back.
	if m.answers(m.Event) {
		m.confirm(c, before, old)
	} else if m.Pending() {
		m.refuse(c, before, Refusal{Kind: Overtaken}, ViaConsole)
	}
	c.tell(before, ViaConsole, news)
}

// consented ends an authorisation that waits, and tells whose it was.
func (m *Migration) consented(end Certainty) (by string) {
	if m.Consent == nil || m.Consent.Certainty != Requested {
		return ""
	}
	consent := *m.Consent
	consent.Certainty = end
	if end == Refused {
		consent.Refusal = &Refusal{Kind: Overtaken}
	}
	m.Consent = &consent
	return consent.By
}

// replan tells a change of the planned time: the answer to a wish, or somebody
// at work in the console.
func (m *Migration) replan(c *Change, before State, old Event) {
	at := m.Event.NotBefore
	switch {
	case m.answers(m.Event):
		m.confirm(c, before, old)
	case at.IsZero() || at.Equal(old.NotBefore):
	case old.NotBefore.IsZero():
		// The first plan that was ever told is nobody's choice, unless it is
		// another than the initial one.
		if initial := m.Event.InitialNotBefore; !initial.IsZero() && !sameMinute(at, initial) {
			m.holdByConsole(at)
		}
	default:
		m.holdByConsole(at)
		c.tell(before, ViaConsole, News{Kind: NewsMoved, When: m.ChangedAt, At: at, From: old.NotBefore})
	}
}

// confirm puts the reservation in force that the event now shows.
func (m *Migration) confirm(c *Change, before State, old Event) {
	held := *m.Latest()
	held.At, held.Certainty, held.Refusal = m.Event.NotBefore, Confirmed, nil
	m.Held, m.Asked = &held, nil
	c.tell(before, held.Via, News{Kind: NewsConfirmed, When: m.ChangedAt, By: held.By, At: held.At, From: old.NotBefore})
}

// holdByConsole takes the planned time for one that somebody set in the
// console. A wish that waits goes on, with its revision; one that was refused is
// past.
func (m *Migration) holdByConsole(at time.Time) {
	held := Reservation{At: at, Made: m.ChangedAt, Via: ViaConsole, Certainty: Confirmed}
	if m.Held != nil && m.Held.Certainty == Declared && sameMinute(m.Held.At, at) {
		held = *m.Held
		held.At, held.Certainty = at, Confirmed
	}
	m.Held = &held
	if !m.Pending() {
		m.Revision++
		m.Asked = nil
	}
}

// Learn takes in the instance's facts where none were known.
func (m Migration) Learn(inst Instance, now time.Time) Change {
	if m.Instance.Known() || !inst.Known() {
		return Change{}
	}
	c := m.begin(now)
	m.Instance = inst.bounded()
	c.card()
	return *c
}
