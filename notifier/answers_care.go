package notifier

import (
	"ecs-migrate/internal/migration"
)

// Answers about who looks after a migration, and about its reminders.

// Taken answers somebody who took a migration.
func Taken(m migration.Migration, ask Ask, v View) Message {
	t := inAnswer(m, v)
	return answer([]mrkdwn{t.subject(), t.say("decided.taken", nil), t.cardLink()})
}

// Assigned answers somebody who gave a migration to somebody, or to nobody.
func Assigned(m migration.Migration, ask Ask, v View) Message {
	t := inAnswer(m, v)
	switch to := m.AssignedTo(); to {
	case ask.By:
		return Taken(m, ask, v)
	case "":
		return answer([]mrkdwn{t.subject(), t.say("decided.unassigned", nil), t.cardLink()})
	default:
		return answer([]mrkdwn{t.subject(), t.say("decided.assigned", args{"to": mention(to)}), t.cardLink()})
	}
}

// Snoozed answers somebody who wanted quiet for a while.
func Snoozed(m migration.Migration, ask Ask, v View) Message {
	t := inAnswer(m, v)
	s := m.Reminders.Snooze
	if s == nil { // it has gone on since
		return Decided(m, ask, v)
	}
	return answer([]mrkdwn{t.subject(), t.say("decided.snoozed", args{"at": t.at(s.Until)}), t.cardLink()})
}

// UnknownWho answers who was typed as somebody that Slack did not name.
func UnknownWho(who string, v View) Message {
	return answer([]mrkdwn{in(v.Lang).say("assign.who.unknown", args{"who": code(cut(who, maxTitled))})})
}

// CannotLookAfter answers who gave something to a bot, or to somebody who left.
func CannotLookAfter(id string, v View) Message {
	return answer([]mrkdwn{in(v.Lang).say("assign.who.cannot", args{"who": mention(id)})})
}

// UnreadSnooze answers a span that could not be read.
func UnreadSnooze(typed string, v View) Message {
	return answer([]mrkdwn{in(v.Lang).say("snooze.unread", args{"when": code(cut(typed, maxTitled))})})
}

// assigned tells who was faster, and how to take it over.
func (t personal) assigned(r *migration.Reservation, ask Ask) mrkdwn {
	if r == nil {
		return t.say("taken.changed", nil)
	}
	command := code(ask.Command + " assign " + cut(t.m.Event.EventID, maxID) + " me")
	return t.say("rule.assigned", args{"who": t.who(r.By), "made": date(r.Made, t.v.Zone), "command": command})
}
