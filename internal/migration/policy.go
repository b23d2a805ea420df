package migration

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Policy says of what people are reminded, and when. An empty list or a zero is
// of that never. It is a value of the configuration; the same one must be given
// to the store and to whoever sends.
//
// What is due is computed from a migration and a policy alone, so that each
// change of either changes what is due: see [Policy.Follow].
type Policy struct {
	Unreserved      []time.Duration // before the deadline, also while an authorisation is waited for
	UnreservedEvery time.Duration   // from the last of them on
	BeforeRun       []time.Duration // before the planned time
	Overdue         []time.Duration // after the run was seen to begin, or should have begun
	FollowUp        time.Duration   // after the run or the one before, in working hours, while the follow-up is open
	Recovered       bool            // when snapshots are possible again
	Voucher         int             // working days after a host migration
	Work            Work
}

// Name tells policies apart: one that reminds otherwise has another name. Its
// number is that of the rules below; raise it with a change of them.
func (p Policy) Name() string {
	zone := "UTC"
	if p.Work.Zone != nil {
		zone = p.Work.Zone.String()
	}
	work := p.Work
	work.Zone, p.Work = nil, Work{}
	return fmt.Sprintf("2 %v %s %v", p, zone, work) // maps are printed in the order of their keys
}

// moments are the reminders of a topic that are not settled, the earliest first,
// up to and including the first one that is due after now.
func (p Policy) moments(m Migration, t Topic, now time.Time) []Reminder {
	if !m.ahead(t, now) {
		return nil
	}
	var all []Reminder
	settled, begins := m.Reminders.Sent[t].Due, m.begins(t)
	add := func(name string, due time.Time) {
		if due.After(settled) && !due.Before(begins) && (len(all) == 0 || !all[len(all)-1].Due.After(now)) {
			all = append(all, Reminder{Topic: t, Name: string(t) + "/" + name, Due: due.UTC()})
		}
	}
	// What was due before there was a reason for it is not owed.
	owed := func(due time.Time) bool { return due.After(m.Reminders.Since) }
	switch t {
	case TopicUnreserved, TopicInquiring:
		for _, d := range p.beforeDeadline() {
			if due := m.Deadline().Add(-d); owed(due) {
				add(short(d), due)
			}
		}
	case TopicRun:
		for _, d := range p.BeforeRun {
			if due := m.Event.NotBefore.Add(-d); owed(due) && !p.told(m, due) {
				add(short(d), due)
			}
		}
	case TopicOverdue, TopicNotBegun:
		for _, d := range p.Overdue {
			add(short(d), later(m.Reminders.Since, begins).Add(d))
		}
	case TopicFollowUp:
		p.followUps(m, now, add)
	case TopicRecovered:
		if until, _ := m.IORecovery(); p.Recovered {
			add("once", until)
		}
	case TopicVoucher:
		if p.Voucher > 0 {
			add("once", p.Work.After(m.ended(), p.Voucher))
		}
	}
	return all
}

// beforeDeadline are all times before the deadline, the longest first.
func (p Policy) beforeDeadline() []time.Duration {
	all := slices.Clone(p.Unreserved)
	slices.SortFunc(all, func(a, b time.Duration) int { return cmp.Compare(b, a) })
	if len(all) == 0 || p.UnreservedEvery <= 0 {
		return all
	}
	last := all[len(all)-1]
	for n := (last - 1) / p.UnreservedEvery; n > 0; n-- {
		all = append(all, n*p.UnreservedEvery)
	}
	return all
}

// told tells whether a reminder that nothing is reserved is due at about that
// moment: it tells the planned time too, and one message is enough.
func (p Policy) told(m Migration, due time.Time) bool {
	if !m.active(TopicUnreserved, due) {
		return false
	}
	return slices.ContainsFunc(p.beforeDeadline(), func(d time.Duration) bool {
		return m.Deadline().Add(-d).Sub(due).Abs() < 30*time.Minute
	})
}

// followUps are counted from the end of the run, each from when the one before
// was sent. Where nobody works they wait for the morning.
func (p Policy) followUps(m Migration, now time.Time, add func(string, time.Time)) {
	if p.FollowUp <= 0 {
		return
	}
	from := m.ended()
	if last, ok := m.Reminders.Sent[TopicFollowUp]; ok {
		from = last.At
	}
	for {
		due := p.Work.Next(from.Add(p.FollowUp))
		add("open", due)
		if due.After(now) {
			return
		}
		from = due
	}
}

// short writes a span of whole minutes as people do: 72h, 15m, 1h30m.
func short(d time.Duration) string {
	s := strings.TrimSuffix(d.String(), "0s")
	if d%time.Hour == 0 {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// owed are the reminders of a topic with the moments at which people are to be
// told: a snooze puts off those before its end, and brings the topic back then.
func (p Policy) owed(m Migration, t Topic, now time.Time) []Reminder {
	all := p.moments(m, t, now)
	s := m.Reminders.Snooze
	if s != nil && s.Topic == t && s.Until.After(m.Reminders.Sent[t].Due) && !s.Until.Before(m.begins(t)) && m.ahead(t, now) {
		again := Reminder{Topic: t, Name: string(t) + "/snoozed", Due: s.Until}
		at, _ := slices.BinarySearchFunc(all, again, func(a, b Reminder) int { return a.Due.Compare(b.Due) })
		all = slices.Insert(all, at, again)
	}
	for i := range all {
		all[i].Owed = all[i].Due
		if s != nil && s.Until.After(all[i].Due) {
			all[i].Owed = s.Until
		}
	}
	return all
}

// Due is the reminder to send at the moment now, false where there is none. Of
// several that were missed it is the last one, which says most.
func (p Policy) Due(m Migration, now time.Time) (Reminder, bool) {
	for _, t := range Topics {
		var due []Reminder
		for _, r := range p.owed(m, t, now) {
			if !r.Owed.After(now) {
				due = append(due, r)
			}
		}
		if len(due) > 0 {
			last := due[len(due)-1]
			last.Owed = due[0].Owed
			last.Escalate = m.Reminders.Unanswered >= patientFor
			return last, true
		}
	}
	return Reminder{}, false
}

// patientFor is how many reminders may stay without an answer before the next
// one goes to the escalation channel as well.
const patientFor = 2

// next is when there is something to remind of, zero where there never is unless
// something changes.
func (p Policy) next(m Migration, now time.Time) (first time.Time) {
	for _, t := range Topics {
		for _, r := range p.owed(m, t, now) {
			if first.IsZero() || r.Owed.Before(first) {
				first = r.Owed
			}
		}
	}
	return first
}

// Follow is what each change of a migration brings with it, whatever made it:
// the one job that waits for its next reminder is set to the moment that is now
// the next, or taken away. The store calls it for every change it commits, in the
// same transaction, so that nobody can forget to. old is nil for a new migration.
func (p Policy) Follow(old *Migration, c Change, now time.Time) Change {
	if c.Migration == nil {
		return c
	}
	m := *c.Migration
	if phase := m.phase(); phase != m.Reminders.Phase {
		m.Reminders.Phase, m.Reminders.Since = phase, now
		// What began since is new to whoever wanted quiet, and may not wait.
		ahead := m.Event.Status == Scheduled || m.Event.Status == Inquiring
		if s := m.Reminders.Snooze; s != nil && (!ahead || !m.maySnooze(s.Until, now)) {
			m.Reminders.Snooze = nil
		}
		// Nor does anybody owe an answer to what was told before it.
		if old == nil || old.Event.Status != m.Event.Status {
			m.Reminders.Unanswered = 0
		}
	}
	if answered(old, c) {
		m.Reminders.Unanswered = 0
	}
	c.Migration = &m
	job := m.remindJob()
	// A card that is not posted yet has no thread to remind in. One that was
	// deleted is brought back for it.
	if job.Due = p.next(m, now); job.Due.IsZero() || m.Card.TS == "" && !m.Card.Gone {
		c.Drop = append(slices.Clip(c.Drop), job.ID)
		return c
	}
	c.Jobs = append(slices.Clip(c.Jobs), job)
	return c
}

// answered tells whether somebody did something about the migration: a person,
// or whoever set another time in the console.
func answered(old *Migration, c Change) bool {
	if old != nil && old.Revision != c.Migration.Revision {
		return true
	}
	return slices.ContainsFunc(c.Entries, func(e Entry) bool { return e.News.By != "" && e.News.Kind != NewsDenied })
}
