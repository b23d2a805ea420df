package migration

import (
	"strings"
	"unicode/utf8"
)

// Acknowledge ends a migration: somebody says that its follow-up is done as a
// whole. While required items are open, it takes a reason, which is recorded.
func (m Migration) Acknowledge(lists Checklists, reason string, d Decision) (Change, error) {
	reason = strings.TrimSpace(reason)
	switch {
	case m.Acknowledged != nil && m.Acknowledged.By == d.By && d.By != "":
		return Change{}, nil // a double click
	case m.Acknowledged != nil:
		err := m.broken(RuleAcknowledged, d.Now).(*RuleError)
		err.Standing = &Reservation{By: m.Acknowledged.By, Made: m.Acknowledged.When}
		return Change{}, err
	case !m.Waiting():
		return Change{}, m.broken(RuleNotRun, d.Now)
	case utf8.RuneCountInString(reason) > MaxRemark:
		return Change{}, m.broken(RuleLong, d.Now)
	}
	open := lists.Required(m, FollowUp)
	if len(open) > 0 && reason == "" {
		return Change{}, m.brokenFor(RuleOpenItems, d.Now, open...)
	}
	var ids []string
	for _, item := range open {
		ids = append(ids, item.ID)
	}
	before := m.State()
	c := m.begin(d.Now)
	m.Acknowledged = &Ack{By: d.By, When: d.Now, Via: d.Via, Reason: reason, Open: ids}
	c.tell(before, d.Via, News{Kind: NewsAcknowledged, When: m.ChangedAt, By: d.By, Text: reason, Items: ids})
	return *c, nil
}
