package migration

import (
	"errors"
	"fmt"
	"time"
)

// ErrTwice says that a click, a command or a form was carried out before: the
// same envelope came again.
var ErrTwice = errors.New("carried out before")

// ErrNoJob says that a job is no longer queued.
var ErrNoJob = errors.New("job is not queued")

// Change is what one step makes of a migration. The store commits all of it in
// one transaction, so that no effect is lost and none happens without its cause.
type Change struct {
	Migration *Migration // the new state; nil: unchanged
	Jobs      []Job      // side effects that follow
	Done      []Job      // jobs whose effect is now known to have happened
	Drop      []string   // ids of jobs that have lost their point, queued or not
	Entries   []Entry    // what the audit trail keeps
}

// Empty tells whether there is nothing to commit.
func (c Change) Empty() bool {
	return c.Migration == nil && len(c.Jobs) == 0 && len(c.Done) == 0 && len(c.Drop) == 0 && len(c.Entries) == 0
}

// crossing is by how much the moments of two changes may cross: each is taken
// before its commit, and the later commit may carry the earlier moment.
const crossing = time.Minute

// begin starts a change of m. Its moment is not before that of the change before
// it, since what is told goes in the order of moments; a clock that was set back
// by more is obeyed all the same.
func (m *Migration) begin(now time.Time) *Change {
	if ahead := m.ChangedAt.Sub(now); ahead <= 0 || ahead > crossing {
		m.ChangedAt = now
	}
	return &Change{Migration: m}
}

// tell adds the news to the audit trail and, all but the announcement, to the
// thread; the card is brought up to date before its line is posted.
func (c *Change) tell(before State, via Via, news News) {
	m := c.Migration
	c.Entries = append(c.Entries, Entry{Key: m.Key(), News: news, Via: via, Before: before, After: m.State()})
	if news.Kind == NewsAnnounced {
		c.card()
		return
	}
	m.Card.Lines++
	c.card() // with a line to come it waits no longer among the announcements
	c.Jobs = append(c.Jobs, Job{
		ID: fmt.Sprintf("line/%s/%d", m.Key(), m.Card.Lines), Lane: SlackLane(m.Card.Channel), Kind: JobLine,
		Key: m.Key(), Due: m.ChangedAt, News: &news, Line: m.Card.Lines,
	})
	c.lists(news.Kind)
}
