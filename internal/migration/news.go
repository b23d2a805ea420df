package migration

import "time"

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
