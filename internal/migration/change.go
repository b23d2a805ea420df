package migration

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
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

// NewsKind is what happened.
type NewsKind string

// What can happen to a migration. Each is a line in the card's thread, but for
// Announced, which is the card itself, and Reminded, which is its own message.
const (
	NewsAnnounced     NewsKind = "announced"
	NewsKept          NewsKind = "kept"      // the planned time was kept
	NewsRequested     NewsKind = "requested" // a person asked for a time
	NewsConfirmed     NewsKind = "confirmed"
	NewsRefused       NewsKind = "refused"
	NewsDeclared      NewsKind = "declared"
	NewsMoved         NewsKind = "moved" // the planned time changed and nobody in Slack asked for it
	NewsConsent       NewsKind = "consent"
	NewsConsentFailed NewsKind = "consent_refused"
	NewsScheduled     NewsKind = "scheduled" // an Inquiring event got its time
	NewsExecuting     NewsKind = "executing"
	NewsExecuted      NewsKind = "executed"
	NewsFailed        NewsKind = "failed"
	NewsCanceled      NewsKind = "canceled"
	NewsAvoided       NewsKind = "avoided"
	NewsFactsAfter    NewsKind = "facts_after"  // the instance was read after the run: Outcome
	NewsAcknowledged  NewsKind = "acknowledged" // the follow-up, as a whole
)

// What can happen to an item of a checklist. None is a line: the list in the
// thread shows it, and the audit trail keeps it.
const (
	NewsTicked    NewsKind = "ticked"
	NewsNotNeeded NewsKind = "not_needed"
	NewsTakenBack NewsKind = "taken_back"
	NewsNoted     NewsKind = "noted"

	NewsAssigned   NewsKind = "assigned"   // To looks after it
	NewsUnassigned NewsKind = "unassigned" // To no longer does
	NewsSnoozed    NewsKind = "snoozed"    // no reminders until At
	NewsReminded   NewsKind = "reminded"   // To was told

	NewsEscalated   NewsKind = "escalated"   // nobody answered, and To, a channel, was told
	NewsUndelivered NewsKind = "undelivered" // Slack would not take a reminder, or one for To, a channel

	NewsDenied NewsKind = "denied" // somebody tried what they may not do
)

// Once tells whether news of this kind are told once in a migration's life, or,
// of facts, once with each outcome.
func (k NewsKind) Once() bool {
	switch k {
	case NewsScheduled, NewsExecuting, NewsExecuted, NewsFailed, NewsCanceled, NewsAvoided, NewsFactsAfter:
		return true
	}
	return false
}

// Seen tells whether news of this kind follow from what the cloud shows. A bot
// whose store was restored from a backup sees that again, and may have told it
// before; what people do, it does not see again.
func (k NewsKind) Seen() bool {
	switch k {
	case NewsConfirmed, NewsRefused, NewsMoved, NewsConsentFailed:
		return true
	}
	return k.Once()
}

// Urgent tells whether the whole channel should see the news: the instance is
// down, and nothing but people bring it back.
func (n News) Urgent() bool { return n.Kind == NewsFactsAfter && n.Outcome == OutcomeStopped }

// Calls tells whether whoever is in charge is told of the news: somebody must
// act, or look, at once.
func (n News) Calls() bool {
	switch n.Kind {
	case NewsFailed, NewsCanceled:
		return true
	case NewsFactsAfter:
		return n.Outcome == OutcomeStopped || n.Outcome == OutcomeUnread
	}
	return false
}

// News is one thing that happened.
type News struct {
	Kind    NewsKind  `json:"kind"`
	When    time.Time `json:"when"`          // when it was decided or seen
	By      string    `json:"by,omitempty"`  // Slack user id
	At      time.Time `json:"at,omitzero"`   // the time it is about
	From    time.Time `json:"from,omitzero"` // the time before
	Refusal *Refusal  `json:"refusal,omitempty"`

	Item  string   `json:"item,omitempty"`  // id of the checklist's item that it is about
	Text  string   `json:"text,omitempty"`  // a person's own words: a reason or a note
	Items []string `json:"items,omitempty"` // ids of the items that were open
	To    string   `json:"to,omitempty"`    // who it is given or told to, a Slack user, user group or channel
	About string   `json:"about,omitempty"` // name of a reminder

	Outcome Outcome    `json:"outcome,omitempty"` // of NewsFactsAfter
	Wanted  NewsKind   `json:"wanted,omitempty"`  // of a denial: what would have happened
	Denied  DenialKind `json:"denied,omitempty"`  // of a denial: why
}

// Entry is one line of the audit trail.
type Entry struct {
	Key    Key   `json:"key"`
	News   News  `json:"news"`
	Via    Via   `json:"via,omitempty"`
	Before State `json:"before,omitempty"`
	After  State `json:"after"`

	// Of what a person did: the role that it took, the Slack channel that they did
	// it in, empty for a form and the Home tab, and Slack's id of the envelope.
	Role     Role   `json:"role,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Envelope string `json:"envelope,omitempty"`
}

// JobKind tells a worker what to do.
type JobKind string

// The kinds of job.
const (
	JobCard   JobKind = "card"   // post the card, or bring it up to date
	JobTick   JobKind = "tick"   // draw the card again without news, where it still stands
	JobLine   JobKind = "line"   // post News into the card's thread
	JobModify JobKind = "modify" // ask the cloud for the time in Asked
	JobAccept JobKind = "accept" // authorise the event
	JobPost   JobKind = "post"   // post the message of Post, or bring it up to date
	JobList   JobKind = "list"   // post a phase's checklist into the card's thread, or bring it up to date
	JobFacts  JobKind = "facts"  // read the instance: Reading says when

	JobRemind   JobKind = "remind"   // send the reminder that is due, if there is one
	JobEscalate JobKind = "escalate" // post Reminder into the escalation channel

	JobForm JobKind = "form" // tell By in the card's thread that no form came
)

// Job is one side effect to do once. Jobs of a lane are done one after the
// other: news in the order of Due, then of queueing; then announcements; then
// ticks. What is not due yet holds up nobody. Lanes go on side by side.
type Job struct {
	// ID names the effect: queueing an ID that already waits adds no second
	// job, it raises Rev so that a run that began before does not finish it.
	ID   string    `json:"id"`
	Lane string    `json:"lane"`
	Kind JobKind   `json:"kind"`
	Key  Key       `json:"key"`
	Due  time.Time `json:"due"`

	News     *News `json:"news,omitempty"`     // of a line
	Line     int   `json:"line,omitempty"`     // number of a line in its thread
	Revision int   `json:"revision,omitempty"` // of a modify: the wish it is for
	Phase    Phase `json:"phase,omitempty"`    // of a list

	Reminder *Reminder `json:"reminder,omitempty"` // of an escalate
	Channel  string    `json:"channel,omitempty"`  // of an escalate: where it goes

	By string `json:"by,omitempty"` // of a form: who asked for it

	// Exact moves a job that waits to Due, even where that is later.
	Exact bool `json:"-"`

	Post string `json:"post,omitempty"` // of a post: its ID; then there is no Key

	// Announces says that this is a card's first post and that nobody waits for
	// it: such jobs go after all news of their lane, the earliest Deadline first.
	Announces bool      `json:"announces,omitempty"`
	Deadline  time.Time `json:"deadline,omitzero"`

	Reading Reading `json:"reading,omitempty"` // of a reading of facts
	Try     int     `json:"try,omitempty"`     // of it: how many were made before

	Rev int `json:"rev,omitempty"`
	// Attempts counts the runs begun. More than none means that the effect may
	// have happened already: look before doing it again.
	Attempts int       `json:"attempts,omitempty"`
	Begun    time.Time `json:"begun,omitzero"`    // when the first of these runs began
	RetryAt  time.Time `json:"retry_at,omitzero"` // a failed run is repeated then, in its place
	LastErr  string    `json:"last_err,omitempty"`
	// LookFrom is set where the store was restored from a backup: the effect may
	// have happened since that moment, although nothing stored tells of it.
	LookFrom time.Time `json:"look_from,omitzero"`
}

// Cloud tells whether the job's effect is in the cloud. That of all others is in
// Slack, but for Facts.
func (j Job) Cloud() bool { return j.Kind == JobModify || j.Kind == JobAccept }

// Facts tells whether the job only reads the cloud.
func (j Job) Facts() bool { return j.Kind == JobFacts }

// SlackLane is the lane of everything that goes to one Slack channel.
func SlackLane(channel string) string { return "slack/" + channel }

// CloudLane is the lane of the cloud calls for one migration.
func CloudLane(k Key) string { return "cloud/" + k.String() }

// FactsLane is the lane of all readings of facts in one region of one account:
// they are no one's decision and must hold none up, and together they take fewer
// calls.
func FactsLane(k Key) string { return "facts/" + k.Account + "/" + k.Region }

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

// CardJob brings the card up to date at the moment due. The first post of a card
// that nobody did anything about is an announcement.
func (m Migration) CardJob(due time.Time) Job {
	job := Job{ID: "card/" + m.Key().String(), Lane: SlackLane(m.Card.Channel), Kind: JobCard, Key: m.Key(), Due: due}
	if m.Card.Unposted() && m.Card.Lines == 0 {
		job.Announces, job.Deadline = true, m.Deadline()
	}
	return job
}

// FormOwed tells somebody at the moment due that the form they asked for by an
// envelope did not come. Whoever opens it, or answers them otherwise, takes it away.
func (m Migration) FormOwed(by, envelope string, due time.Time) Job {
	return Job{
		ID: "form/" + m.Key().String() + "/" + envelope, Lane: SlackLane(m.Card.Channel), Kind: JobForm,
		Key: m.Key(), Due: due, By: by,
	}
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
