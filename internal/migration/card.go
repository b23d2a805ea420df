package migration

import (
	"hash/fnv"
	"slices"
	"time"
)

// card queues the card's update, and that of the overview it is listed in, once
// a change.
func (c *Change) card() {
	m := c.Migration
	jobs := []Job{m.CardJob(m.ChangedAt)}
	if m.Card.Overview != "" {
		jobs = append(jobs, PostJob(m.Card.Overview, m.Card.Channel, m.ChangedAt.Add(OverviewGap)))
	}
	for _, job := range jobs {
		if i := slices.IndexFunc(c.Jobs, func(j Job) bool { return j.ID == job.ID }); i >= 0 {
			c.Jobs[i] = job
		} else {
			c.Jobs = append(c.Jobs, job)
		}
	}
}

// CardJob brings the card up to date at the moment due. The first post of a card
// that nobody did anything about is an announcement.
func (m Migration) CardJob(due time.Time) Job {
	job := Job{ID: "card/" + m.Key().String(), Lane: SlackLane(m.Card.Channel), Kind: JobCard, Key: m.Key(), Due: due}
	if m.Card.Unposted() && m.Card.Lines == 0 {
		job.Announces, job.Deadline = true, m.Deadline()
	}
	return job
}

// linkAfter is how long after its post a card is drawn again with the link to
// its own thread, which only its ts tells: late enough that a crowd of new
// cards goes first.
const linkAfter = 5 * time.Second

// Posted records that the card stands in its channel as ts, in the thread of an
// overview where thread is not empty, and queues the moments at which card and
// overview must be drawn again.
func (m Migration) Posted(ts, thread string, generation int, now time.Time) Change {
	m.Card.TS, m.Card.Thread, m.Card.Generation, m.Card.Gone = ts, thread, generation, false
	next := m.NextTick(now)
	if thread != "" { // it has no thread of its own to link to
		c := Change{Migration: &m, Jobs: m.tick(now)}
		if m.Card.Overview != "" { // else it is one that a restored store does not know
			c.Jobs = append(c.Jobs, PostJob(m.Card.Overview, m.Card.Channel, now.Add(OverviewGap)))
		}
		return c
	}
	due := now.Add(linkAfter)
	if !next.IsZero() && next.Before(due) {
		due = next
	}
	return Change{Migration: &m, Jobs: []Job{m.tickJob(due)}}
}

// Adopted records a card that stands already, since a bot with another store
// posted it, and has it drawn again with what is known now: where somebody waits
// for that, before what nobody waits for. overview is the post in whose thread it
// stands, if any.
func (m Migration) Adopted(ts, thread, overview string, generation int, awaited bool, now time.Time) Change {
	gathered := m.Card.Overview // it was to stand in the thread of that
	if gathered == "" {
		m.Card.Overview = overview
	}
	c := m.Posted(ts, thread, generation, now)
	draw := c.Migration.tickJob(now)
	if awaited {
		draw = c.Migration.CardJob(now)
	}
	c.Jobs = append(c.Jobs, draw)
	if gathered != "" && thread == "" {
		c.Jobs = append(c.Jobs, PostJob(gathered, m.Card.Channel, now.Add(OverviewGap)))
	}
	return c
}

// Updated queues the moment at which the card's time left must be redrawn.
func (m Migration) Updated(now time.Time) Change { return Change{Jobs: m.tick(now)} }

// Reroute sends a card that was never posted to another channel.
func (m Migration) Reroute(channel string, now time.Time) Change {
	m.Card.Channel, m.Card.Overview = channel, ""
	return Change{Migration: &m, Jobs: []Job{m.CardJob(now)}}
}

// CardGone records that somebody deleted the card, or that it cannot be reached
// any more. It returns as a card of its own, with a thread of its own.
func (m Migration) CardGone() Change {
	m.Card.TS, m.Card.Thread, m.Card.Gone = "", "", true
	return Change{Migration: &m}
}

func (m Migration) tick(now time.Time) []Job {
	next := m.NextTick(now)
	if next.IsZero() {
		return nil
	}
	return []Job{m.tickJob(next)}
}

// tickJob draws the card again at the moment due, and never posts it.
func (m Migration) tickJob(due time.Time) Job {
	return Job{ID: "tick/" + m.Key().String(), Lane: SlackLane(m.Card.Channel), Kind: JobTick, Key: m.Key(), Due: due}
}

// Left is the time from now to the deadline in whole days from three days up,
// in whole hours below; both are zero in the last hour and negative afterwards.
func (m Migration) Left(now time.Time) (days, hours int) {
	left := m.Deadline().Sub(now)
	switch {
	case left < 0:
		return -1, -1
	case left >= 72*time.Hour:
		return int(left / (24 * time.Hour)), 0
	}
	return 0, int(left / time.Hour)
}

// spread is by how much the redraws of this card come after the moment at which
// the time left reads differently: events that were announced together have the
// same deadline, and all their cards would be due at once. It is the same each
// time.
func (m Migration) spread() time.Duration {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(m.Key().String())) // it cannot fail
	return spreadOver * time.Duration(sum.Sum32()%1000) / 1000
}

// spreadOver is small beside an hour, the least unit of the time left.
const spreadOver = 10 * time.Minute

// NextTick is the moment at which the card must be drawn again, since Left or the
// possible actions read differently from now; zero where they never will.
func (m Migration) NextTick(now time.Time) time.Time {
	if at := m.consentStale(); at.After(now) {
		return at
	}
	deadline := m.Deadline()
	if m.Event.Status != Scheduled || deadline.IsZero() || now.After(deadline) {
		return time.Time{}
	}
	unit, left := time.Hour, deadline.Sub(now)
	if left > 72*time.Hour {
		unit = 24 * time.Hour
	}
	// One millisecond into the next reading, so that the redraw sees it.
	next := now.Add(left%unit + time.Millisecond)
	if left > unit { // at the deadline itself the possible actions change
		next = next.Add(m.spread())
	}
	if m.Event.NotBefore.After(now) && m.Event.NotBefore.Before(next) {
		next = m.Event.NotBefore.Add(time.Millisecond)
	}
	return next
}
