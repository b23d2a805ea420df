package migration

// lists queues the lists that the news bears on. The preparation's list comes once
// somebody is at it: a crowd of new cards is told sooner without. It is drawn for
// the last time when the preparation is over, and the follow-up's list comes when
// the run has ended. A list whose card was posted anew follows it.
func (c *Change) lists(kind NewsKind) {
	m := c.Migration
	stands := func(l ListMessage) bool { return l.TS != "" && l.Thread == m.Card.Parent() }
	before, after := m.Checklist.Preparation, m.Checklist.FollowUp
	switch kind {
	case NewsExecuting, NewsCanceled, NewsExecuted, NewsFailed, NewsAvoided:
		// Whether or not it is known to stand: it may be posted at this moment.
		c.list(Preparation)
	}
	switch m.Phase() {
	case Preparation:
		if before.TS != "" && !stands(before) || before.TS == "" && takesUp(kind) {
			c.list(Preparation)
		}
	case FollowUp:
		ended := kind == NewsExecuted || kind == NewsFailed || kind == NewsAvoided || kind == NewsAcknowledged
		if ended || after.TS != "" && !stands(after) {
			c.list(FollowUp)
		}
	}
}

// takesUp tells whether the news says that somebody is at the migration.
func takesUp(kind NewsKind) bool {
	switch kind {
	case NewsKept, NewsRequested, NewsDeclared, NewsConfirmed, NewsConsent, NewsAssigned:
		return true
	}
	return false
}

// list queues a phase's list, once a change.
func (c *Change) list(p Phase) {
	m := c.Migration
	job := Job{
		ID: "list/" + m.Key().String() + "/" + string(p), Lane: SlackLane(m.Card.Channel), Kind: JobList,
		Key: m.Key(), Due: m.ChangedAt, Phase: p,
	}
	for _, j := range c.Jobs {
		if j.ID == job.ID {
			return
		}
	}
	c.Jobs = append(c.Jobs, job)
}

// WithList is the migration with the message of a phase's list.
func (m Migration) WithList(p Phase, l ListMessage) Migration {
	m.Checklist.setMessage(p, l)
	return m
}

// ListPosted records where a phase's list stands in the thread.
func (m Migration) ListPosted(p Phase, l ListMessage) Change {
	if m.Checklist.Message(p) == l {
		return Change{}
	}
	m.Checklist.setMessage(p, l)
	return Change{Migration: &m}
}
