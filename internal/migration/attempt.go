package migration

import (
	"maps"
	"time"
)

// How much of what people tried and may not do is kept with a migration: the
// first attempt of each person and role in a day, and so many in all. Who clicks
// all night long fills no disk.
const (
	attemptsApart = 24 * time.Hour
	maxAttempts   = 100
)

// Attempts are what the audit trail has of denials.
type Attempts struct {
	Count int `json:"count"` // kept in all
	// Last is when one was kept last, by the person and the role that it took.
	Last map[string]time.Time `json:"last"`
}

// Denied records that somebody tried what they may not do. wanted is what they
// tried, its zero value where that could not have been done anyhow. Nothing is
// recorded where it was lately, nor where Slack did not tell who they are.
func (m Migration) Denied(no Denial, wanted News, d Decision) Change {
	who := d.By + "/" + string(no.Need)
	last, tried := m.Attempts.Last[who]
	if no.Kind == DeniedUnread || m.Attempts.Count >= maxAttempts || tried && d.Now.Sub(last) < attemptsApart {
		return Change{}
	}
	all := maps.Clone(m.Attempts.Last)
	if all == nil {
		all = map[string]time.Time{}
	}
	maps.DeleteFunc(all, func(_ string, at time.Time) bool { return d.Now.Sub(at) >= attemptsApart })
	all[who] = d.Now
	m.Attempts = Attempts{m.Attempts.Count + 1, all}
	news := News{Kind: NewsDenied, When: d.Now, By: d.By, At: wanted.At, Wanted: wanted.Kind, Denied: no.Kind}
	now := m.State()
	return Change{Migration: &m, Entries: []Entry{{
		Key: m.Key(), News: news, Via: d.Via, Before: now, After: now, Role: no.Need, Channel: d.Channel, Envelope: d.Envelope,
	}}}
}
