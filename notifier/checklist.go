package notifier

import (
	"strings"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// ListEvent is the event type of a checklist's metadata.
const ListEvent = "ecs_migration_list"

// The action ids of a checklist's buttons. Those of a message carry a [Ref].
const (
	ActionChecklist = "checklist" // open the form; in a form, show the list again
	ActionAck       = "ack"       // acknowledge the follow-up
	ActionItem      = "item"      // open the form about the item that is its value
)

// Checklist is the message in a card's thread that shows the list of a phase and
// how far it is. Its buttons are there while the list can be worked on.
func Checklist(m migration.Migration, p migration.Phase, v View) Message {
	t := inBlocks(m, v)
	done, total := v.Checklists.Progress(m, p)
	head := args{"name": t.name(maxTitled), "phase": t.say("list.phase."+string(p), nil), "done": done, "total": total}
	payload := ids(m)
	payload["phase"], payload["list"] = string(p), m.Checklist.Message(p).Generation
	return Message{
		Text:     clip(inText(m, v).text("list.head.name", head), maxSummary),
		Blocks:   t.checklist(p),
		Metadata: &slack.SlackMetadata{EventType: ListEvent, EventPayload: payload},
	}
}

// ShowChecklist answers with the list that is to be worked on now, or the one
// that is closed while the migration runs.
func ShowChecklist(m migration.Migration, v View) Message {
	p := m.Phase()
	if m.Event.Status == migration.Executing {
		p = migration.Preparation
	}
	t := inAnswer(m, v)
	if p == "" {
		return answer([]mrkdwn{t.subject(), t.say("list.none_now", args{"state": t.say("state."+string(m.State()), nil)})})
	}
	msg := Checklist(m, p, v)
	msg.Metadata = nil
	msg.Blocks = append([]slack.Block{section(joined([]mrkdwn{t.subject(), t.cardLink()}))}, msg.Blocks...)
	return msg
}

func (t teller) checklist(p migration.Phase) []slack.Block {
	m, lists := t.m, t.v.Checklists
	items := lists.For(m, p)
	blocks := []slack.Block{section(joined([]mrkdwn{t.listHead(p), t.listState(p)}))}
	var lines []string
	for _, i := range items {
		lines = append(lines, t.itemLine(i))
	}
	for _, text := range packed(lines, maxSection) {
		blocks = append(blocks, section(text))
	}
	if m.Phase() != p {
		return blocks
	}
	if len(items) > 0 {
		foot := t.text("list.foot.open", nil)
		if m.Waiting() {
			foot = t.sentences([]string{foot, t.text("list.foot.ack", nil)})
		}
		blocks = append(blocks, smallPrint(foot))
	}
	if row := t.listButtons(t.text("button.checklist.open", nil)); len(row) > 0 {
		blocks = append(blocks, actions(row...))
	}
	return blocks
}

// listHead is which list it is and how far.
func (t teller) listHead(p migration.Phase) mrkdwn {
	done, total := t.v.Checklists.Progress(t.m, p)
	return t.say("list.head", args{"phase": t.say("list.phase."+string(p), nil), "done": done, "total": total})
}

// listState is what is left to do about a list, or that it is closed.
func (t teller) listState(p migration.Phase) mrkdwn {
	m, lists := t.m, t.v.Checklists
	done, total := lists.Progress(m, p)
	switch {
	case total == 0:
		return t.say("list.empty_phase", nil)
	case m.Phase() != p && m.Event.Status == migration.Canceled:
		return t.say("rule.phase", args{"state": t.say("state."+string(m.State()), nil)})
	case m.Phase() != p:
		return t.say("list.over", args{"done": done, "total": total})
	case p == migration.FollowUp && m.Acknowledged != nil:
		return t.acked("list.acked", "list.acked.reason", "when")
	}
	if n := len(lists.Required(m, p)); n > 0 {
		return t.count("list.required", n)
	}
	return t.say("list.required.none", nil)
}

// acked tells who acknowledged the follow-up, with the key for one with a reason
// and the name of the moment's placeholder.
func (t teller) acked(plain, reasoned, moment string) mrkdwn {
	ack := t.m.Acknowledged
	switch {
	case ack.By == "":
		return t.say("detail.done.before", nil)
	case len(ack.Open) > 0:
		return t.say(reasoned, args{"who": t.who(ack.By), moment: t.at(ack.When), "reason": cut(ack.Reason, maxReason)})
	}
	return t.say(plain, args{"who": t.who(ack.By), moment: t.at(ack.When)})
}

// listButtons lead to the form and to the acknowledgement, the next sensible one
// first; none where no button can carry the migration's name.
func (t teller) listButtons(label string) []slack.BlockElement {
	m, lists := t.m, t.v.Checklists
	ref := Ref{Key: m.Key(), Revision: m.Revision}
	if len(ref.Encode()) > maxRef || m.Phase() == "" {
		return nil
	}
	var row []slack.BlockElement
	if _, total := lists.Progress(m, m.Phase()); total > 0 {
		row = append(row, button(ActionChecklist, label, ref))
	}
	if !m.Waiting() {
		return row
	}
	ack := t.button(migration.ActAck)
	if len(lists.Required(m, migration.FollowUp)) > 0 {
		return append(row, ack)
	}
	ack.Style = slack.StylePrimary
	return append([]slack.BlockElement{ack}, row...)
}

// packed puts lines into as few texts of at most most characters as it takes.
func packed(lines []string, most int) []string {
	var all []string
	var now []string
	length := 0
	for _, line := range lines {
		n := len([]rune(line)) + 1
		if length+n > most && len(now) > 0 {
			all, now, length = append(all, strings.Join(now, "\n")), nil, 0
		}
		now, length = append(now, line), length+n
	}
	if len(now) > 0 {
		all = append(all, strings.Join(now, "\n"))
	}
	return all
}
