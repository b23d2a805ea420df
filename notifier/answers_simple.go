package notifier

import (
	"errors"
	"strings"

	"ecs-migrate/internal/migration"
)

// Answers that are about no one migration.

// UnknownMigration answers a button of a migration that the store does not have.
func UnknownMigration(ask Ask, v View) Message {
	return answer([]mrkdwn{in(v.Lang).say("old.unknown", args{"list": code(ask.Command + " list")})})
}

// Unreadable answers a button whose value is none of ours.
func Unreadable(ask Ask, v View) Message {
	return answer([]mrkdwn{in(v.Lang).say("old.unreadable", args{"list": code(ask.Command + " list")})})
}

// Expired answers a click whose form could not be opened.
func Expired(v View) Message { return answer([]mrkdwn{in(v.Lang).say("old.expired", nil)}) }

// Barred answers someone who may not decide: a bot, or someone who left.
func Barred(v View) Message { return answer([]mrkdwn{in(v.Lang).say("answer.barred", nil)}) }

// TooLong answers a reason that is longer than what is kept.
func TooLong(v View) Message {
	return answer([]mrkdwn{in(v.Lang).say("rule.long", args{"most": migration.MaxRemark})})
}

// NotSaved answers a decision that could not be stored, because of err.
func NotSaved(err error, ask Ask, v View) Message {
	key := byTrouble(err, "answer.not_saved", "answer.not_saved.full", "answer.not_saved.read_only", "answer.not_saved.damaged")
	return withAgain(in(v.Lang).say(key, nil), ask, v)
}

// NotRead answers a question that the store could not answer, because of err.
func NotRead(err error, ask Ask, v View) Message {
	const plain = "answer.not_read" // what cannot be written can be read
	return withAgain(in(v.Lang).say(byTrouble(err, plain, plain, plain, "answer.not_read.damaged"), nil), ask, v)
}

// byTrouble is the one of the keys that says what is wrong with the store.
func byTrouble(err error, other, full, readOnly, damaged string) string {
	switch {
	case errors.Is(err, migration.ErrStoreDamaged):
		return damaged
	case errors.Is(err, migration.ErrStoreFull):
		return full
	case errors.Is(err, migration.ErrStoreReadOnly):
		return readOnly
	}
	return other
}

func withAgain(text mrkdwn, ask Ask, v View) Message {
	if ask.Again == "" {
		return answer([]mrkdwn{text})
	}
	return answer([]mrkdwn{text, in(v.Lang).say("answer.again", args{"command": code(cut(ask.Again, maxAgain))})})
}

// NoMatch answers a target that names nothing known. near are known names that
// are written alike.
func NoMatch(target string, near []string, ask Ask, v View) Message {
	w := in(v.Lang)
	lines := []mrkdwn{w.say("target.none", args{"target": code(cut(target, maxTitled))})}
	if len(near) > 0 {
		lines = append(lines, w.say("target.near", args{"names": codes(near)}))
	}
	return answer(append(lines, w.say("target.list", args{"list": code(ask.Command + " list")})))
}

// codes lists texts from outside.
func codes(texts []string) mrkdwn {
	var all []string
	for _, s := range texts {
		all = append(all, string(code(cut(s, maxAgain))))
	}
	return mrkdwn(strings.Join(all, ", "))
}

// UnknownVerb answers a command whose first word is none that is known. near
// is the whole command that may have been meant, or empty.
func UnknownVerb(typed, near string, ask Ask, v View) Message {
	w := in(v.Lang)
	lines := []mrkdwn{w.say("verb.unknown", args{"verb": code(cut(typed, maxID))})}
	if near != "" {
		lines = append(lines, w.say("verb.near", args{"command": code(cut(near, maxAgain))}))
	}
	return answer(append(lines, w.say("verb.help", args{"help": code(ask.Command + " help")})))
}

// LongCommand answers a command that is too long to be taken apart.
func LongCommand(ask Ask, v View) Message {
	w := in(v.Lang)
	return answer([]mrkdwn{w.say("verb.long", nil), w.say("verb.help", args{"help": code(ask.Command + " help")})})
}

// Incomplete answers a command that lacks something, or says something that it
// does not take. form is how it is written.
func Incomplete(form string, ask Ask, v View) Message {
	w := in(v.Lang)
	return answer([]mrkdwn{
		w.say("verb.form", args{"form": code(form)}),
		w.say("verb.help", args{"help": code(ask.Command + " help")}),
	})
}

// Help tells what the command can do.
func Help(ask Ask, v View) Message {
	w := in(v.Lang)
	lines := []mrkdwn{w.say("help.title", nil)}
	item := func(form string, what mrkdwn) {
		lines = append(lines, w.say("help.item", args{"form": code(ask.Command + " " + form), "what": what}))
	}
	item("list [all|mine|unreserved|waiting]", w.say("help.list", nil))
	item("show TARGET", w.say("help.show", nil))
	item("facts TARGET", w.say("help.facts", nil))
	item("reserve TARGET [WHEN]", w.say("help.reserve", nil))
	item("reschedule TARGET WHEN", w.say("help.reschedule", nil))
	item("accept TARGET", w.say("help.accept", nil))
	item("assign TARGET @user|me|nobody", w.say("help.assign", nil))
	item("snooze TARGET 1h|4h|tomorrow", w.say("help.snooze", nil))
	item("history TARGET", w.say("help.history", nil))
	item("calendar [all|mine|TARGET]", w.say("help.calendar", nil))
	item("faq", w.say("help.faq", nil))
	item("checklist TARGET", w.say("help.checklist", nil))
	item("ack TARGET [REASON]", w.say("help.ack", nil))
	zone := w.zone(v)
	lines = append(lines, w.say("help.target", nil), w.say("help.when", nil), w.say("help.zone", args{"zone": zone}), w.say("help.card", nil))
	return answer(lines)
}

// zone names the reader's zone.
func (w *words) zone(v View) mrkdwn {
	if v.Zone == nil {
		return "UTC"
	}
	return mrkdwn(escape(v.Zone.String()))
}
