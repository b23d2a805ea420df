package migration

import "time"

// Assignment says who looks after a migration.
type Assignment struct {
	To   string    `json:"to"` // Slack user id
	By   string    `json:"by"` // who decided it
	Made time.Time `json:"made"`
}

// AssignedTo is who looks after the migration, empty for nobody in particular.
func (m Migration) AssignedTo() string {
	if m.Assigned == nil {
		return ""
	}
	return m.Assigned.To
}

// Take has whoever decides look after the migration, unless somebody else took
// it first.
func (m Migration) Take(d Decision) (Change, error) {
	if to := m.AssignedTo(); to != "" && to != d.By {
		return Change{}, m.assignedRule(d.Now)
	}
	return m.Assign(d.By, d)
}

// Assign has somebody look after the migration, a Slack user id; empty: nobody in
// particular.
func (m Migration) Assign(to string, d Decision) (Change, error) {
	switch {
	case m.settled(d.Now):
		return Change{}, m.broken(RuleFinished, d.Now)
	case m.AssignedTo() == to:
		return Change{}, nil // a double click
	}
	before, from := m.State(), m.AssignedTo()
	c := m.begin(d.Now)
	kind := NewsAssigned
	if m.Assigned = nil; to != "" {
		m.Assigned = &Assignment{To: to, By: d.By, Made: d.Now}
	} else {
		kind, to = NewsUnassigned, from
	}
	c.tell(before, d.Via, News{Kind: kind, When: d.Now, By: d.By, To: to})
	return *c, nil
}

func (m Migration) assignedRule(now time.Time) error {
	err := m.broken(RuleAssigned, now).(*RuleError)
	err.Standing = &Reservation{By: m.Assigned.To, Made: m.Assigned.Made}
	return err
}

// Snooze silences the migration's reminders until a moment. One that reaches to
// where it would be too late to act is refused, not shortened: whoever asks for
// four hours counts on four hours.
func (m Migration) Snooze(until time.Time, d Decision) (Change, error) {
	until = until.UTC().Truncate(time.Second)
	switch {
	case m.settled(d.Now):
		return Change{}, m.broken(RuleFinished, d.Now)
	case !until.After(d.Now):
		return Change{}, m.broken(RulePast, d.Now)
	case !m.maySnooze(until, d.Now):
		err := m.broken(RuleSnooze, d.Now).(*RuleError)
		err.Latest = m.snoozeEnd(d.Now)
		return Change{}, err
	}
	if s := m.Reminders.Snooze; s != nil && s.By == d.By && s.Until.Equal(until) {
		return Change{}, nil // a double click
	}
	before := m.State()
	c := m.begin(d.Now)
	m.Reminders.Snooze = &Snooze{Until: until, By: d.By, Made: d.Now, Topic: m.lastTold(d.Now)}
	c.tell(before, d.Via, News{Kind: NewsSnoozed, When: d.Now, By: d.By, At: until})
	return *c, nil
}

// snoozeEnd is when it is too late to act, zero where it never is or was long
// ago: the latest reservable time while nothing is authorised or reserved, and
// then the planned time.
func (m Migration) snoozeEnd(now time.Time) time.Time {
	switch {
	case m.Event.Status == Inquiring && now.Before(m.Deadline()):
		return m.Deadline()
	case m.Event.Status != Scheduled, m.active(TopicNotBegun, now):
		return time.Time{}
	case m.Held == nil && !m.Deadline().IsZero() && m.Deadline().Before(m.Event.NotBefore):
		return m.Deadline()
	}
	return m.Event.NotBefore
}

// maySnooze tells whether it is not too late to act at that moment.
func (m Migration) maySnooze(until, now time.Time) bool {
	end := m.snoozeEnd(now)
	return end.IsZero() || until.Before(end)
}

// settled tells whether there is nothing left to look after. What is done only
// once the acknowledgement is given is: reminders of it come, and people answer
// them.
func (m Migration) settled(now time.Time) bool {
	after := m.active(TopicRecovered, now) || m.active(TopicVoucher, now)
	return m.Event.Status == Canceled || m.Acknowledged != nil && !after
}

// InCharge is who is told about the migration, the first one first: who looks
// after it, its owner, who chose its time or authorised it, and whoever is on
// call. owner maps the value of an owner tag to a Slack user or user group, empty
// where it knows none. Nobody stands twice.
func (m Migration) InCharge(owner func(tag string) string, onCall string) []string {
	var all []string
	add := func(id string) {
		for _, other := range all {
			if other == id {
				return
			}
		}
		if id != "" {
			all = append(all, id)
		}
	}
	add(m.AssignedTo())
	if tag := m.Instance.Owner(); tag != "" {
		add(owner(tag))
	}
	for _, r := range []*Reservation{m.Asked, m.Held} {
		if r != nil {
			add(r.By)
		}
	}
	if m.Consent != nil {
		add(m.Consent.By)
	}
	add(onCall)
	return all
}
