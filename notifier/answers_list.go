package notifier

import (
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// The action ids of the buttons in answers. Each carries, as its value, the
// command that it stands for.
const (
	ActionPick     = "pick:" // and a number
	ActionNext     = "page:next"
	ActionPrevious = "page:previous"
)

// Page is one page of a list.
type Page struct {
	Filter string // all, mine, unreserved or waiting
	Number int    // from 1
	Rows   []migration.Migration
	// The commands that show the pages beside it; empty where there is none.
	Next, Previous string
}

// List answers a page of open migrations, by deadline.
func List(p Page, v View) Message {
	w := in(v.Lang)
	title := w.text("list.title."+p.Filter, nil)
	blocks := []slack.Block{section(title)}
	switch {
	case len(p.Rows) > 0:
		blocks = append(blocks, rows(p.Rows, v)...)
		blocks = append(blocks, smallPrint(w.text("list.foot", args{"zone": w.zone(v), "n": p.Number})))
	case p.Number > 1:
		blocks = append(blocks, section(w.text("list.end", nil)))
	default:
		blocks = append(blocks, w.empty(p.Filter, v))
	}
	blocks = append(blocks, w.blind(v)...)
	if buttons := beside(w, p.Previous, p.Next); len(buttons) > 0 {
		blocks = append(blocks, actions(buttons...))
	}
	return Message{Text: clip(title, maxSummary), Blocks: blocks}
}

// commandButton carries a command.
func commandButton(id, label, command string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(id, command, plain(label, maxLabel))
}

// rows are migrations in two lines each.
func rows(all []migration.Migration, v View) []slack.Block {
	var blocks []slack.Block
	for _, m := range all {
		blocks = append(blocks, section(string(inRow(m, v).row())))
	}
	return blocks
}

func (t personal) row() mrkdwn {
	if t.m.Waiting() {
		return t.ended()
	}
	deadline := t.say("row.no_deadline", nil)
	if !t.m.Deadline().IsZero() {
		deadline = t.say("row.deadline", args{"at": t.at(t.m.Deadline()), "left": t.left()})
	}
	return t.say("row.text", args{
		"icon": mrkdwn(icon(t.m.State())), "name": t.rowName(), "id": code(cut(t.m.Event.InstanceID, maxID)),
		"state": t.say("state."+string(t.m.State()), nil), "planned": t.plan(), "deadline": deadline,
	})
}

// ended is a row of what is over and waits for its acknowledgement.
func (t personal) ended() mrkdwn {
	done, total := t.v.Checklists.Progress(t.m, migration.FollowUp)
	when := t.say("row.ended.untold", nil)
	if at := t.m.Event.FinishedAt; !at.IsZero() {
		when = t.say("row.ended", args{"at": t.at(at)})
	}
	return t.say("row.text", args{
		"icon": mrkdwn(icon(t.m.State())), "name": t.rowName(), "id": code(cut(t.m.Event.InstanceID, maxID)),
		"state": t.say("state."+string(t.m.State()), nil), "planned": when,
		"deadline": t.say("row.waiting", args{"progress": t.say("value.progress", args{"done": done, "total": total})}),
	})
}

// rowName is the instance's name, which leads to the card where there is one.
func (t personal) rowName() mrkdwn {
	if url := threadURL(t.m.Card); url != "" && !t.m.Card.Gone {
		return link(url, mrkdwn(escape(t.name(maxTitled))))
	}
	return code(t.name(maxTitled))
}

// plan is the time that is in force, or that was asked for.
func (t personal) plan() mrkdwn {
	latest := t.m.Latest()
	switch {
	case t.m.Pending() || t.m.State() == migration.StateDeclared:
		return t.say("row.wish", args{"at": t.at(latest.At), "planned": t.at(t.m.Event.NotBefore)})
	case t.m.Event.NotBefore.IsZero():
		return t.say("row.unplanned", nil)
	}
	return t.say("row.planned", args{"at": t.at(t.m.Event.NotBefore)})
}

// Show answers with everything about one migration: its card, and what happened
// to it, the newest last.
func Show(m migration.Migration, history []migration.Entry, v View) Message {
	card := Card(m, v)
	t, inHistory := inAnswer(m, v), inBlocks(m, v)
	blocks := append([]slack.Block(nil), card.Blocks...)
	if len(history) > 0 {
		lines := []mrkdwn{t.say("show.history", nil)}
		for _, e := range history {
			lines = append(lines, t.say("show.entry", args{"when": date(e.News.When, v.Zone), "news": inHistory.news(e.News)}))
		}
		blocks = append(blocks, section(joined(lines)))
	}
	times := t.say("show.times", args{"planned": t.at(m.Event.NotBefore), "deadline": t.at(m.Deadline())})
	return Message{Text: card.Text, Blocks: append(blocks, smallPrint(string(times)))}
}

// Does names what a command does with the migration that it is about.
type Does string

// What commands do.
const (
	DoesShow       Does = "show"
	DoesFacts      Does = "facts"
	DoesKeep       Does = "keep" // the planned time
	DoesReserve    Does = "reserve"
	DoesReschedule Does = "reschedule"
	DoesAccept     Does = "accept"
	DoesAssign     Does = "assign"
	DoesSnooze     Does = "snooze"
	DoesChecklist  Does = "checklist"
	DoesAck        Does = "ack"
)

// Wish is what will be done with the migration that is chosen, and the time that
// was named for it; zero where none was.
type Wish struct {
	Does Does
	At   time.Time
}

// Pick is a migration to choose, and the command that choosing it carries out.
type Pick struct {
	Migration migration.Migration
	Command   string
}

// MaxChoice is how many migrations a choice offers.
const MaxChoice = 10

// Choice answers a target that several migrations match: what will be done, and
// each with a button that does it. more counts those left out.
func Choice(target string, wish Wish, picks []Pick, more int, v View) Message {
	w := in(v.Lang)
	title := w.text("choice.title", args{
		"wish": w.say("choice.wish."+string(wish.Does), args{"at": w.both(wish.At, v.Zone)}), "target": code(cut(target, maxTitled)),
	})
	blocks := []slack.Block{section(title)}
	for i, p := range picks[:min(len(picks), MaxChoice)] {
		m := p.Migration
		t := inRow(m, v)
		event := t.say("choice.event", args{"type": t.typeName(m.Event.Type), "event": code(cut(m.Event.EventID, maxID)), "where": t.where()})
		b := commandButton(ActionPick+strconv.Itoa(i), w.text("choice.do."+string(wish.Does), nil), p.Command)
		text := slack.NewTextBlockObject(slack.MarkdownType, clip(joined([]mrkdwn{t.row(), event}), maxSection), false, true)
		blocks = append(blocks, slack.NewSectionBlock(text, nil, slack.NewAccessory(b)))
	}
	if more > 0 {
		blocks = append(blocks, smallPrint(w.text("choice.more", args{"n": more})))
	}
	return Message{Text: clip(title, maxSummary), Blocks: blocks}
}

// HomeBarred is the Home tab of somebody who is shown nothing.
func HomeBarred(v View) slack.HomeTabViewRequest {
	w := in(v.Lang)
	blocks := []slack.Block{header(w.text("home.title", nil)), section(w.text("answer.barred", nil))}
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}
