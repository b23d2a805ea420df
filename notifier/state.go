package notifier

import (
	"strings"
	"time"

	"ecs-migrate/internal/migration"
)

// icon leads a state's line, so that a channel full of cards can be scanned.
func icon(s migration.State) string {
	switch s {
	case migration.StateInquiring, migration.StateUnreserved:
		return ":warning:"
	case migration.StateAuthorising, migration.StateRequested, migration.StateDeclared:
		return ":hourglass_flowing_sand:"
	case migration.StateRefused, migration.StateFailed:
		return ":x:"
	case migration.StateConfirmed:
		return ":calendar:"
	case migration.StateExecuting:
		return ":gear:"
	}
	return ":white_check_mark:"
}

// state tells where the migration stands: the state, who and when, and what to
// know before acting.
func (t teller) state() string {
	s := t.m.State()
	parts := []string{t.lead(s)}
	if detail := t.detail(s); detail != "" {
		parts = append(parts, string(detail))
	}
	for _, note := range t.notes(s) {
		parts = append(parts, string(note))
	}
	return strings.Join(parts, "\n")
}

// lead is the state and the time it is about.
func (t teller) lead(s migration.State) string {
	sign, state, at := mrkdwn(icon(s)), t.say("state."+string(s), nil), t.stateTime(s)
	if at.IsZero() {
		return t.text("state.line", args{"icon": sign, "state": state})
	}
	return t.text("state.line_at", args{"icon": sign, "state": state, "at": t.at(at)})
}

// stateTime is the time that a state is about, zero where it is about none.
func (t teller) stateTime(s migration.State) time.Time {
	switch s {
	case migration.StateRequested, migration.StateRefused, migration.StateConfirmed, migration.StateDeclared:
		return t.m.Latest().At
	case migration.StateExecuted, migration.StateFailed, migration.StateAvoided, migration.StateCanceled:
		return t.m.Event.FinishedAt
	}
	return time.Time{}
}

// detail is who, when and what follows.
func (t teller) detail(s migration.State) mrkdwn {
	m := t.m
	planned := t.at(m.Event.NotBefore)
	switch s {
	case migration.StateInquiring:
		if !m.Deadline().IsZero() {
			return t.say("detail.inquiring.limited", nil)
		}
		return t.say("detail.inquiring", nil)
	case migration.StateAuthorising:
		return t.say("detail.authorising", args{"who": t.who(m.Consent.By), "made": t.at(m.Consent.Made)})
	case migration.StateUnreserved:
		switch {
		case m.Event.NotBefore.IsZero():
			return t.say("detail.unplanned", nil)
		case t.closed():
			return t.say("detail.unreserved.closed", args{"planned": planned})
		}
		return t.say("detail.unreserved", args{"planned": planned})
	case migration.StateRequested:
		return t.say("detail.requested", args{
			"who": t.who(m.Asked.By), "made": t.at(m.Asked.Made), "planned": planned,
		})
	case migration.StateRefused:
		return t.say("detail.refused", args{
			"who": t.who(m.Asked.By), "made": t.at(m.Asked.Made), "why": t.why(m.Asked.Refusal),
		})
	case migration.StateConfirmed:
		if m.Held.By == "" {
			return t.say("detail.confirmed.console", nil)
		}
		return t.say("detail.confirmed", args{"who": t.who(m.Held.By), "made": t.at(m.Held.Made)})
	case migration.StateDeclared:
		return t.say("detail.declared", args{
			"who": t.who(m.Held.By), "made": t.at(m.Held.Made), "planned": planned,
		})
	case migration.StateExecuting:
		return t.say("detail.executing", nil)
	case migration.StateFailed:
		return t.say("detail.failed", args{"ticket": t.ticket()})
	case migration.StateCanceled:
		return t.say("detail.canceled", nil)
	case migration.StateAvoided:
		return t.say("detail.avoided", nil)
	case migration.StateDone:
		return t.acked("detail.done", "detail.done.reason", "made")
	}
	return ""
}

// notes are what else a person must know before acting.
func (t teller) notes(s migration.State) []mrkdwn {
	m := t.m
	var notes []mrkdwn
	if s == migration.StateInquiring {
		if c := m.Consent; c != nil && c.Certainty == migration.Refused {
			notes = append(notes,
				t.say("note.consent_refused", args{"who": t.who(c.By), "made": t.at(c.Made), "why": t.whyConsent(c.Refusal)}),
				t.nextConsent(c.Refusal))
		}
		if m.Event.CanAccept != nil && !*m.Event.CanAccept {
			notes = append(notes, t.say("note.cannot_accept", nil))
		}
		return notes
	}
	if s == migration.StateDone && m.Event.Status == migration.Failed {
		return append(notes, t.say("note.failed", nil))
	}
	if m.Waiting() {
		return append(notes, t.say("note.waiting", nil))
	}
	if m.Event.Status != migration.Scheduled {
		return nil
	}
	if s == migration.StateRefused {
		notes = append(notes, t.say("note.standing", args{"planned": t.at(m.Event.NotBefore)}))
		if !t.closed() {
			notes = append(notes, t.next(m.Asked.Refusal))
		}
	}
	switch {
	case t.closed():
		notes = append(notes, t.say("note.closed", nil))
	case m.Event.PlanOnly():
		notes = append(notes, t.say("note.plan", args{"button": t.say("button.declare", nil)}))
	}
	return notes
}

// closed tells whether the latest reservable time has passed.
func (t teller) closed() bool {
	latest := t.m.Deadline()
	return !latest.IsZero() && !t.v.Now.Before(latest)
}

// ticket is the link to submit a ticket.
func (t teller) ticket() mrkdwn { return link(ticketURL, t.say("link.ticket", nil)) }
