package notifier

import (
	"cmp"
	"slices"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// buttons are what can be done now, the next sensible step first, and last the
// ways to all facts and to the console. A card is one message for all.
func (t teller) buttons() []slack.BlockElement { return t.buttonsFor(migration.Admin) }

// buttonsFor are those that somebody with that role may press.
func (t teller) buttonsFor(role migration.Role) []slack.BlockElement {
	var row []slack.BlockElement
	ref := Ref{Key: t.m.Key(), Revision: t.m.Revision}.Encode()
	acts := t.m.Actions(t.v.Now)
	if len(ref) > maxRef {
		acts = nil // no button can carry it, and Slack would refuse the whole card
	}
	// The list and its acknowledgement have an order of their own.
	acts = slices.DeleteFunc(slices.Clone(acts), func(a migration.Action) bool { return a == migration.ActAck })
	for i, act := range acts {
		if !role.Includes(act.Needs()) {
			continue
		}
		b := t.button(act)
		if i == 0 {
			b.Style = slack.StylePrimary
		}
		row = append(row, b)
	}
	done, total := t.v.Checklists.Progress(t.m, t.m.Phase())
	row = append(row, t.listButtons(t.text("button.checklist", args{
		"phase": t.say("list.phase."+string(cmp.Or(t.m.Phase(), migration.Preparation)), nil), "done": done, "total": total,
	}))...)
	if len(ref) <= maxRef {
		row = append(row, button(ActionFacts, t.text("button.facts", nil), Ref{Key: t.m.Key(), Revision: t.m.Revision}))
	}
	console := linkButton(ActionOpenConsole, t.text("button.open_console", nil), eventsURL(t.m.Event.Region))
	return append(row, console)
}

func (t teller) button(act migration.Action) *slack.ButtonBlockElement {
	ref := Ref{Key: t.m.Key(), Revision: t.m.Revision}
	b := button(string(act), t.text("button."+string(act), nil), ref)
	switch act {
	case migration.ActAck:
		if len(t.v.Checklists.Required(t.m, migration.FollowUp)) == 0 { // otherwise a form asks for the reason
			b.Confirm = confirmation(
				t.text("ack.title", nil), t.text("ack.text", args{"name": t.name(maxTitled)}),
				t.text("ack.yes", nil), t.text("ack.no", nil),
			)
		}
	case migration.ActAccept:
		b.Confirm = confirmation(
			t.text("accept.title", nil),
			t.text("accept.text", args{"name": t.name(maxTitled), "effect": t.effect(t.m.Event.Type)}),
			t.text("accept.yes", nil), t.text("accept.no", nil),
		)
	}
	return b
}
