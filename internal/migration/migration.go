// Package migration is the domain: what a pending host migration is, who may
// decide what about it and when, and what follows. It imports the standard
// library only and does nothing by itself: every function takes a Migration and
// gives back a [Change], which the store commits whole: the new state, the jobs
// that follow from it and the audit entries, or none of them.
//
// A tour: [Event] and [Instance] are what the cloud tells; [Migration] is our
// record of them; [Observe] takes in what a poll or a read-back brought;
// [Migration.Choose], [Migration.Keep], [Migration.Declare] and
// [Migration.Accept] are people's decisions; [Migration.Consequences] says what
// the event means for its instance, [Migration.Took] takes in readings of it
// before and after the run, and [Differences] compares them; [Checklists] say
// what is to be done before and after the run, [Migration.Tick] and
// [Migration.Acknowledge] that it was; [Policy] says when people are reminded of
// what, and [Migration.InCharge] whom; [Job] is a side effect to do once.
package migration

import (
	"slices"
	"time"
)

// Migration is our record of one event on one instance.
//
// It is stored as JSON: fields may be added, and a field's name or meaning may
// change only together with the store's schema version.
type Migration struct {
	Event Event `json:"event"`
	// Instance is as last read before the event ran: who owns it, where its card
	// goes, what will happen to it.
	Instance Instance `json:"instance"`
	// Before is Instance as it stood when the event ran, and After as it was
	// first read running afterwards; nil until then.
	Before *Instance `json:"before,omitempty"`
	After  *Instance `json:"after,omitempty"`
	// Unread is why facts that were asked for last are not known, or nil.
	Unread *Unread `json:"unread,omitempty"`

	// FirstNotBefore is the first planned time ever seen, the bound where the
	// cloud tells no InitialNotBefore.
	FirstNotBefore time.Time `json:"first_not_before,omitzero"`

	// Held is the reservation in force: confirmed or declared. Asked is a wish
	// on top of it that is not in force: requested (the cloud has yet to
	// confirm it) or refused. Either may be nil.
	Held  *Reservation `json:"held,omitempty"`
	Asked *Reservation `json:"asked,omitempty"`
	// Revision counts the times that a person or the console chose a time.
	// Buttons and forms carry the one they were drawn from.
	Revision int `json:"revision"`

	// Consent is the owner's authorisation of an Inquiring event, or nil.
	Consent *Consent `json:"consent,omitempty"`

	Card Card `json:"card"`

	// Checklist is what people did about the lists before and after the run.
	Checklist Checklist `json:"checklist,omitzero"`
	// Acknowledged says that the follow-up is done as a whole, nil until it is.
	Acknowledged *Ack `json:"acknowledged,omitempty"`
	// Assigned is who looks after it, nil for nobody in particular.
	Assigned  *Assignment `json:"assigned,omitempty"`
	Reminders Reminders   `json:"reminders,omitzero"`

	// Attempts are what people tried and may not do, as far as it is kept.
	Attempts Attempts `json:"attempts,omitzero"`

	FirstSeen time.Time `json:"first_seen"`
	ChangedAt time.Time `json:"changed_at"`
}

// Key names the migration.
func (m Migration) Key() Key { return m.Event.Key }

// Card is the one Slack message that stands for a migration.
type Card struct {
	Channel string `json:"channel"`
	TS      string `json:"ts,omitempty"` // Slack's id of the message; empty until posted
	// Generation counts posts: 1 for the first card, one more each time that it
	// had to be posted again because somebody deleted it.
	Generation int `json:"generation"`
	// Gone says that the card was found deleted; it returns with the next news.
	Gone bool `json:"gone,omitempty"`
	// Lines counts the news queued for the thread; each line's number is its id.
	Lines int `json:"lines,omitempty"`
	// Overview is the post that lists the migration, where it was announced with
	// many others; Thread is the ts of that post's message, while the card stands
	// in its thread. Empty for a card that stands by itself.
	Overview string `json:"overview,omitempty"`
	Thread   string `json:"thread,omitempty"`
}

// Unposted tells whether the card never stood in its channel.
func (c Card) Unposted() bool { return c.TS == "" && !c.Gone && c.Generation <= 1 }

// Parent is the ts of the message in whose thread the card's news is told.
func (c Card) Parent() string {
	if c.Thread != "" {
		return c.Thread
	}
	return c.TS
}

// Certainty is how sure a reservation or a consent is.
type Certainty string

// The certainties.
const (
	Requested Certainty = "requested" // decided, the cloud has yet to confirm it
	Confirmed Certainty = "confirmed" // read back from the cloud
	Declared  Certainty = "declared"  // a person says to have set it in the console
	Refused   Certainty = "refused"
)

// Via is the door that a decision came by.
type Via string

// The doors.
const (
	ViaButton  Via = "button"
	ViaForm    Via = "form"
	ViaCommand Via = "command"
	ViaHome    Via = "home"    // a button of the Home tab
	ViaConsole Via = "console" // seen in the cloud, not made in Slack
	ViaJob     Via = "job"     // the bot itself, at work on what was decided
)

// Reservation is a chosen time.
type Reservation struct {
	At        time.Time `json:"at"`           // the time chosen, UTC
	By        string    `json:"by,omitempty"` // Slack user id; empty for the console
	Made      time.Time `json:"made"`         // when it was decided
	Via       Via       `json:"via"`
	Certainty Certainty `json:"certainty"`
	Refusal   *Refusal  `json:"refusal,omitempty"`
}

// Consent is an answer to an Inquiring event.
type Consent struct {
	By        string    `json:"by"`
	Made      time.Time `json:"made"`
	Certainty Certainty `json:"certainty"` // requested, confirmed or refused
	Refusal   *Refusal  `json:"refusal,omitempty"`
}

// RefusalKind tells why a wish was not carried out.
type RefusalKind string

// The kinds of refusal.
const (
	RefusedByCloud RefusalKind = "cloud"       // the cloud said no: Code and Message are its own
	NotPermitted   RefusalKind = "permission"  // a RAM action is missing: Action names it
	Untrusted      RefusalKind = "untrusted"   // the bot's credentials or clock are not accepted: Message says why
	Unreachable    RefusalKind = "unreachable" // every try failed
	NotConfirmed   RefusalKind = "unconfirmed" // the cloud said yes and still shows another time
	Overtaken      RefusalKind = "overtaken"   // the event started or ended first
	RoleLost       RefusalKind = "role"        // whoever wished it may not do so any more: Role says what it takes
	RoleUnread     RefusalKind = "role_unread" // Slack did not tell whether they still may
	NotTold        RefusalKind = "not_told"    // the cloud's list leaves it out: Action may be missing, or it is gone
	Outdated       RefusalKind = "outdated"    // of a restored backup: the time was changed after it
)

// Refusal is why a wish was not carried out.
type Refusal struct {
	Kind    RefusalKind `json:"kind"`
	Code    string      `json:"code,omitempty"`
	Message string      `json:"message,omitempty"`
	Action  string      `json:"action,omitempty"` // RAM action, such as ecs:ModifySystemEventAttribute
	Role    Role        `json:"role,omitempty"`
}

// Deadline is the latest reservable time, zero where the cloud told none yet.
func (m Migration) Deadline() time.Time {
	if !m.Event.InitialNotBefore.IsZero() {
		return m.Event.InitialNotBefore
	}
	return m.FirstNotBefore
}

// Pending tells whether a person's wish still waits for the cloud.
func (m Migration) Pending() bool { return m.Asked != nil && m.Asked.Certainty == Requested }

// Reserved tells whether a time is in force or asked for.
func (m Migration) Reserved() bool { return m.Held != nil || m.Pending() }

// Latest is the reservation decided last, nil where there is none.
func (m Migration) Latest() *Reservation {
	if m.Asked != nil {
		return m.Asked
	}
	return m.Held
}

// State is where a migration stands, in one word for people.
type State string

// The states of a migration.
const (
	StateInquiring   State = "inquiring"   // waits for authorisation
	StateAuthorising State = "authorising" // authorised by a person, the cloud has yet to follow
	StateUnreserved  State = "unreserved"
	StateRequested   State = "requested"
	StateRefused     State = "refused"
	StateConfirmed   State = "confirmed"
	StateDeclared    State = "declared"
	StateExecuting   State = "executing"
	StateExecuted    State = "executed"
	StateFailed      State = "failed"
	StateCanceled    State = "canceled"
	StateAvoided     State = "avoided"
	StateDone        State = "done" // it ended, and the follow-up was acknowledged
)

// States are all states, in the order of a migration's life.
var States = [...]State{
	StateInquiring, StateAuthorising, StateUnreserved, StateRequested, StateRefused, StateConfirmed,
	StateDeclared, StateExecuting, StateExecuted, StateFailed, StateCanceled, StateAvoided, StateDone,
}

// State derives where the migration stands.
func (m Migration) State() State {
	if m.Acknowledged != nil && m.Phase() == FollowUp {
		return StateDone
	}
	switch m.Event.Status {
	case Executing:
		return StateExecuting
	case Executed:
		return StateExecuted
	case Failed:
		return StateFailed
	case Canceled:
		return StateCanceled
	case Avoided:
		return StateAvoided
	case Inquiring:
		if m.Consent != nil && m.Consent.Certainty == Requested {
			return StateAuthorising
		}
		return StateInquiring
	}
	switch {
	case m.Asked != nil && m.Asked.Certainty == Refused:
		return StateRefused
	case m.Asked != nil:
		return StateRequested
	case m.Held == nil:
		return StateUnreserved
	case m.Held.Certainty == Declared:
		return StateDeclared
	}
	return StateConfirmed
}

// Action is something that a person can do about a migration now.
type Action string

// The actions.
const (
	ActKeep       Action = "keep"       // reserve what the cloud already plans
	ActChoose     Action = "choose"     // choose a time
	ActReschedule Action = "reschedule" // choose another time
	ActDeclare    Action = "declare"    // tell the time set in the console
	ActAccept     Action = "accept"     // authorise an Inquiring event
	ActAck        Action = "ack"        // acknowledge the follow-up as a whole
)

// Needs is the role that the action takes.
func (a Action) Needs() Role {
	if a == ActAccept {
		return Admin
	}
	return Operator
}

// NeedsSomebody tells whether the migration waits for a person: for a time, for
// an authorisation, or for the follow-up.
func (m Migration) NeedsSomebody() bool {
	switch m.State() {
	case StateInquiring, StateUnreserved, StateRefused:
		return true
	}
	return m.Waiting()
}

// Actions are what can be done at the moment now, the next sensible step first.
// While a wish waits for the cloud there is nothing to do but wait.
func (m Migration) Actions(now time.Time) []Action {
	switch m.State() {
	case StateInquiring, StateAuthorising:
		if now.Before(m.consentStale()) || m.Event.CanAccept != nil && !*m.Event.CanAccept {
			return nil
		}
		return []Action{ActAccept}
	case StateUnreserved, StateRefused, StateConfirmed, StateDeclared:
	case StateExecuted, StateFailed, StateAvoided:
		return []Action{ActAck}
	default:
		return nil
	}
	var acts []Action
	open := m.Deadline().IsZero() || now.Before(m.Deadline())
	refused := m.State() == StateRefused
	switch {
	case m.Event.PlanOnly() && open:
		acts = append(acts, ActDeclare)
	case open && m.Held != nil:
		acts = append(acts, ActReschedule)
	case open:
		acts = append(acts, ActChoose)
	}
	if m.Held == nil && m.Event.NotBefore.After(now) {
		acts = append(acts, ActKeep)
	}
	if refused && open && !m.Event.PlanOnly() {
		acts = append(acts, ActDeclare)
		if why := m.Asked.Refusal; why != nil && (why.Kind == NotPermitted || why.Kind == Untrusted) {
			// Asking again would fail again: the console is the next step.
			acts = slices.Insert(acts[:len(acts)-1], 0, ActDeclare)
		}
	}
	return acts
}
