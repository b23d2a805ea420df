package notifier

import (
	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// FAQ answers the questions that the migration notice answers: what is wrong
// after a migration, and what to do.
func FAQ(ask Ask, v View) Message {
	w := in(v.Lang)
	to := func(what string) mrkdwn {
		return link(w.text("faq.link."+what, nil), w.say("faq."+what, nil))
	}
	ticket := link(ticketURL, w.say("faq.ticket", nil))
	facts := code(ask.Command + " facts TARGET")
	title := w.text("faq.title", nil)
	return Message{Text: title, Blocks: []slack.Block{
		section(title),
		section(w.text("faq.site", args{"clone": to("clone"), "hybrid": to("hybrid"), "facts": facts})),
		section(w.text("faq.licence", args{"eni": to("eni"), "facts": facts})),
		section(w.text("faq.boot", args{"ticket": ticket})),
		section(w.text("faq.slow", nil)),
		smallPrint(w.text("faq.more", args{"moving": to("moving"), "upgrading": to("upgrading"), "ticket": ticket})),
	}}
}

// HistoryPage is some of a migration's audit trail.
type HistoryPage struct {
	Entries       []migration.Entry
	Number, Pages int // from 1
	// The commands that show the pages beside it; empty where there is none.
	Next, Previous string
}

// History answers with what happened to a migration, in order: what, when, by
// whom and by which door.
func History(m migration.Migration, p HistoryPage, v View) Message {
	t := inAnswer(m, v)
	told := inBlocks(m, v)
	title := t.text("history.title", args{
		"name": code(t.name(maxTitled)), "instance": code(cut(m.Event.InstanceID, maxID)), "event": code(cut(m.Event.EventID, maxID)),
	})
	blocks := []slack.Block{section(title)}
	for _, e := range p.Entries {
		line := t.text("history.entry", args{"when": date(e.News.When, v.Zone), "news": told.news(e.News)}) + string(t.via(e.Via))
		blocks = append(blocks, section(line))
	}
	switch {
	case len(p.Entries) > 0:
		blocks = append(blocks, smallPrint(t.text("history.foot", args{"n": p.Number, "pages": p.Pages})))
	case p.Number > 1:
		blocks = append(blocks, section(t.text("history.end", nil)))
	default:
		blocks = append(blocks, section(t.text("history.empty", nil)))
	}
	if buttons := beside(t.words, p.Previous, p.Next); len(buttons) > 0 {
		blocks = append(blocks, actions(buttons...))
	}
	return Message{Text: clip(title, maxSummary), Blocks: blocks}
}

// via is the door that a decision came by, empty for what nobody decided.
func (t teller) via(door migration.Via) mrkdwn {
	switch door {
	case migration.ViaButton, migration.ViaForm, migration.ViaCommand, migration.ViaHome, migration.ViaConsole:
		return t.say("history.via."+string(door), nil)
	}
	return ""
}

// beside are the buttons to the pages before and after, where there are any.
func beside(w *words, previous, next string) (buttons []slack.BlockElement) {
	if previous != "" {
		buttons = append(buttons, commandButton(ActionPrevious, w.text("list.previous", nil), previous))
	}
	if next != "" {
		buttons = append(buttons, commandButton(ActionNext, w.text("list.next", nil), next))
	}
	return buttons
}

// CalendarComment stands beside a calendar file of migrations.
func CalendarComment(all []migration.Migration, v View) string {
	w, ahead, withdrawn := in(v.Lang), 0, 0
	for _, m := range all {
		if Withdrawn(m) {
			withdrawn++
		} else {
			ahead++
		}
	}
	var parts []string
	if ahead > 0 {
		parts = append(parts, string(w.count("calendar.comment", ahead)))
	}
	if withdrawn > 0 {
		parts = append(parts, string(w.count("calendar.withdrawn", withdrawn)))
	}
	return w.sentences(parts)
}

// CalendarTitle names the file.
func CalendarTitle(v View) string { return in(v.Lang).text("calendar.name", nil) }

// CalendarSent answers that the file is on its way.
func CalendarSent(v View) Message { return answer([]mrkdwn{in(v.Lang).say("calendar.sent", nil)}) }

// CalendarEmpty answers where there is nothing for a calendar.
func CalendarEmpty(v View) Message { return answer([]mrkdwn{in(v.Lang).say("calendar.empty", nil)}) }

// CalendarFailed answers where Slack did not take the file; why is Slack's code
// or our own word.
func CalendarFailed(why string, v View) Message {
	return answer([]mrkdwn{in(v.Lang).say("calendar.failed", args{"why": code(cut(why, maxID))})})
}
