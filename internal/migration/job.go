package migration

import "time"

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

// FormOwed tells somebody at the moment due that the form they asked for by an
// envelope did not come. Whoever opens it, or answers them otherwise, takes it away.
func (m Migration) FormOwed(by, envelope string, due time.Time) Job {
	return Job{
		ID: "form/" + m.Key().String() + "/" + envelope, Lane: SlackLane(m.Card.Channel), Kind: JobForm,
		Key: m.Key(), Due: due, By: by,
	}
}
