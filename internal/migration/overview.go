package migration

import (
	"slices"
	"time"
)

// Storms: where many migrations are announced in a channel at once, one post
// lists them all and their cards stand in its thread.

const (
	// StormAt is how many cards may wait to be posted in a channel before they
	// are gathered: as many as a person still reads one by one.
	StormAt = 10
	// stormGoesOn is for how long after it grew last an overview takes in what
	// else is announced.
	stormGoesOn = 10 * time.Minute
	// mostGathered bounds an overview: its record is written whole each time that
	// it grows, and people open its thread.
	mostGathered = 1000
	// OverviewGap is the least time between two drawings of an overview.
	OverviewGap = 10 * time.Second
)

// OverviewID names the overview that is begun in a channel at a moment; the
// later one sorts last.
func OverviewID(channel string, at time.Time) string {
	return OverviewPrefix(channel) + at.UTC().Format("2006-01-02T15:04:05.000000000Z")
}

// OverviewPrefix begins the IDs of a channel's overviews.
func OverviewPrefix(channel string) string { return string(PostOverview) + "/" + channel + "/" }

// Storm tells which of the cards that wait to be posted in a channel are to be
// gathered now, and in which overview. fresh are the waiting ones that no
// overview lists, waiting are all of them; last is the channel's last overview,
// nil where there is none. The change is empty where there is no storm.
func Storm(channel string, last *Post, waiting, fresh []Key, now time.Time) PostChange {
	if len(fresh) == 0 {
		return PostChange{}
	}
	if last != nil && last.takesIn(waiting, now) {
		fresh = fresh[:min(len(fresh), mostGathered-len(last.Keys))]
		p := *last
		p.Keys = append(slices.Clip(p.Keys), fresh...)
		c := p.Tell(now, OverviewGap)
		if p.TS == "" {
			c = p.Tell(now, 0)
		}
		c.Gather = fresh
		return c
	}
	if len(fresh) <= StormAt {
		return PostChange{}
	}
	fresh = fresh[:min(len(fresh), mostGathered)]
	c := BeginPost(Post{ID: OverviewID(channel, now), Kind: PostOverview, Channel: channel, Keys: fresh}, now)
	c.Gather = fresh
	return c
}

// takesIn tells whether the storm of an overview still goes on: it grew lately,
// or cards of it wait.
func (p Post) takesIn(waiting []Key, now time.Time) bool {
	switch {
	case p.Gone || len(p.Keys) >= mostGathered:
		return false
	case now.Sub(p.ChangedAt) < stormGoesOn:
		return true
	}
	listed := make(map[Key]bool, len(p.Keys))
	for _, k := range p.Keys {
		listed[k] = true
	}
	return slices.ContainsFunc(waiting, func(k Key) bool { return listed[k] })
}

// Gather has the card stand in the thread of an overview. ok is false for a card
// that was posted, or gathered, before.
func (m Migration) Gather(overview string) (_ Migration, ok bool) {
	if !m.Card.Unposted() || m.Card.Overview != "" {
		return m, false
	}
	m.Card.Overview = overview
	return m, true
}
