package notifier

import (
	"time"
)

// Suggestion is a way of writing a time, as part of a whole command where one is
// known, and the moment it means; zero where that is open.
type Suggestion struct {
	Command string
	At      time.Time
}

// UnclearWhen answers a written time that cannot be read. why is one of unread,
// no_hour, hour, which_date, no_such, zone and no_zone.
func UnclearWhen(text, why string, try []Suggestion, v View) Message {
	w := in(v.Lang)
	lines := []mrkdwn{w.say("when."+why, args{"text": code(cut(text, maxID))})}
	lines = append(lines, w.suggested(try, v)...)
	if len(try) == 0 {
		lines = append(lines, w.say("when.examples", nil))
	}
	return answer(lines)
}

// Unquoted answers words that are no time, since some of them probably belong to
// a name with blanks. The suggestions have it in quotes.
func Unquoted(text string, try []Suggestion, v View) Message {
	w := in(v.Lang)
	lines := []mrkdwn{w.say("when.unread", args{"text": code(cut(text, maxID))}), w.say("when.quotes", nil)}
	lines = append(lines, w.suggested(try, v)...)
	if len(try) == 0 {
		lines = append(lines, w.say("when.examples", nil))
	}
	return answer(lines)
}

// Skipped answers a time that a zone's clocks skip, Repeated one that they show
// twice. wall is the time as a clock shows it; the suggestions are its readings.
func Skipped(wall, zone string, try []Suggestion, v View) Message {
	w := in(v.Lang)
	lines := []mrkdwn{w.say("when.skipped", args{"wall": wall, "zone": zone})}
	return answer(append(lines, w.suggested(try, v)...))
}

// Repeated is described at Skipped.
func Repeated(wall, zone string, try []Suggestion, v View) Message {
	w := in(v.Lang)
	lines := []mrkdwn{w.say("when.repeated", args{"wall": wall, "zone": zone})}
	return answer(append(lines, w.suggested(try, v)...))
}

func (w *words) suggested(try []Suggestion, v View) []mrkdwn {
	var lines []mrkdwn
	for _, s := range try {
		command := code(cut(s.Command, maxAgain))
		if s.At.IsZero() {
			lines = append(lines, w.say("when.try", args{"command": command}))
			continue
		}
		lines = append(lines, w.say("when.reading", args{"command": command, "at": w.both(s.At, v.Zone)}))
	}
	if len(lines) == 0 {
		return nil
	}
	return append([]mrkdwn{w.say("when.nothing", nil)}, lines...)
}
