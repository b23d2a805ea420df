package notifier

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// The callback ids of the checklists' forms. Their private_metadata is a
// [ListRef], that of the acknowledgement a [Ref].
const (
	FormChecklist = "checklist" // tick items of the list
	FormItem      = "item"      // one item: not needed, a note
	FormAck       = "ack"       // acknowledge the follow-up with a reason
)

// Where the forms' values stand in their state. The blocks with boxes have the
// checklist's revision and a number behind their name: Slack keeps what people
// ticked in a block of the same name whatever is drawn there
// (https://docs.slack.dev/reference/methods/views.update, "Preserving input
// entry"), and a list that is drawn again must show what stands.
const (
	FormTicks  = "ticks"
	FormState  = "state"
	FormReason = "reason"
	FormNote   = "note"
)

// maxBoxes is how many options one element of checkboxes has, and maxOption how
// long a text in one is (https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element).
const (
	maxBoxes  = 10
	maxOption = 75
)

// The values of the form's choice of a state.
const (
	stateOpen      = "open"
	stateDone      = "done"
	stateNotNeeded = "not_needed"
)

// ItemStates are the states that the form about one item offers, by value.
func ItemStates() map[string]migration.MarkState {
	return map[string]migration.MarkState{stateOpen: migration.Open, stateDone: migration.Done, stateNotNeeded: migration.NotNeeded}
}

// ChecklistForm is the form in which a person ticks items of the list that is to
// be worked on: boxes first, then each item with why and how. tick and untick
// are what the person had changed and not saved.
func ChecklistForm(m migration.Migration, tick, untick []string, v View) slack.ModalViewRequest {
	t := inAnswer(m, v)
	title := t.text("form.title.checklist", nil)
	p := m.Phase()
	items := v.Checklists.For(m, p)
	if p == "" {
		closed := t.say("rule.phase", args{"state": t.say("state."+string(m.State()), nil)})
		return t.modal(FormChecklist, title, section(joined([]mrkdwn{t.subject(), closed})))
	}
	blocks := []slack.Block{section(joined([]mrkdwn{t.subject(), t.listHead(p), t.listState(p)}))}
	ref := ListRef{Key: m.Key(), Revision: m.Checklist.Revision, Phase: p}
	for n := 0; n*maxBoxes < len(items); n++ {
		some := items[n*maxBoxes : min(len(items), (n+1)*maxBoxes)]
		boxes := slack.NewCheckboxGroupsBlockElement(FormTicks)
		for _, i := range some {
			settled := m.Mark(i.ID).Settled()
			if settled {
				ref.Settled = append(ref.Settled, i.ID)
			}
			o := t.option(i)
			boxes.Options = append(boxes.Options, o)
			if settled && !slices.Contains(untick, i.ID) || !settled && slices.Contains(tick, i.ID) {
				boxes.InitialOptions = append(boxes.InitialOptions, o)
			}
		}
		label := t.text("form.ticks", nil)
		if n > 0 {
			label = t.text("form.ticks.more", nil)
		}
		input := slack.NewInputBlock(fmt.Sprintf("%s-%d-%d", FormTicks, m.Checklist.Revision, n), plain(label, maxFormLabel), nil, boxes)
		blocks = append(blocks, input.WithOptional(true))
	}
	if len(items) > 0 {
		blocks = append(blocks, slack.NewDividerBlock())
	}
	for _, i := range items {
		details := slack.NewButtonBlockElement(ActionItem, i.ID, plain(t.text("button.item", nil), maxLabel))
		blocks = append(blocks, slack.NewSectionBlock(marked(t.item(i), maxSection), nil, slack.NewAccessory(details)))
	}
	view := t.modal(FormChecklist, title, blocks...)
	if len(items) > 0 {
		view.Submit = plain(t.text("form.save", nil), maxFormWord)
	}
	view.PrivateMetadata = ref.Encode()
	return view
}

// IsTicks tells whether a block of a form's state holds boxes of the list.
func IsTicks(block string) bool { return strings.HasPrefix(block, FormTicks+"-") }

// option is an item's box: its title, and who settled it.
func (t personal) option(i migration.Item) *slack.OptionBlockObject {
	k := t.m.Mark(i.ID)
	about := mrkdwn("")
	switch {
	case k.State == migration.NotNeeded:
		about = t.say("form.item.not_needed", args{"who": t.who(k.By)})
	case k.State == migration.Done:
		about = t.say("form.item.settled", args{"who": t.who(k.By)})
	case i.Optional:
		about = t.say("form.item.optional", nil)
	}
	o := slack.NewOptionBlockObject(i.ID, plain(string(t.itemTitle(i, maxOption)), maxOption), nil)
	if about != "" {
		o.Description = marked(string(about), maxOption)
	}
	return o
}

// item is all there is to know of one item.
func (t personal) item(i migration.Item) string {
	lines := []string{string(mrkdwn("*"+t.itemTitle(i, maxItemTitle)) + "*")}
	for _, more := range []mrkdwn{t.itemWhy(i), t.itemHow(i)} {
		if more != "" {
			lines = append(lines, string(more))
		}
	}
	if said := t.said(i); said != "" {
		lines = append(lines, said)
	}
	return strings.Join(lines, "\n")
}

// said is what people said about an item, empty where nobody did.
func (t personal) said(i migration.Item) string {
	k := t.m.Mark(i.ID)
	who, when := t.who(k.By), date(k.When, t.v.Zone)
	var parts []string
	switch {
	case k.State == migration.Done:
		parts = append(parts, t.text("said.done", args{"who": who, "when": when}))
	case k.State == migration.NotNeeded:
		parts = append(parts, t.text("said.not_needed", args{"who": who, "when": when, "reason": cut(k.Reason, maxReason)}))
	case k.By != "":
		parts = append(parts, t.text("said.open", args{"who": who, "when": when}))
	}
	if k.Note != nil {
		parts = append(parts, t.text("said.note", args{
			"who": t.who(k.Note.By), "when": date(k.Note.When, t.v.Zone), "note": cut(k.Note.Text, maxReason),
		}))
	}
	if len(parts) == 0 {
		return ""
	}
	return string(box(k)) + " " + strings.Join(parts, "\n")
}

// ItemChoice is what stands in the form about one item.
type ItemChoice struct {
	State        migration.MarkState
	Reason, Note string
}

// ItemForm is the form about one item: mark it, say why it is not needed, add a
// note. ref says which one, and carries what the person had not saved on the
// list. was is what they had chosen before somebody else was faster, nil where
// nobody was.
func ItemForm(m migration.Migration, i migration.Item, ref ListRef, was *ItemChoice, v View) slack.ModalViewRequest {
	t := inAnswer(m, v)
	k := m.Mark(i.ID)
	now := ItemChoice{State: k.State, Reason: k.Reason}
	if k.Note != nil {
		now.Note = k.Note.Text
	}
	var blocks []slack.Block
	if was != nil {
		now = *was
		blocks = append(blocks, section(t.text("form.item.moot", nil)))
	}
	states := slack.NewRadioButtonsBlockElement(FormState)
	for _, s := range []struct {
		value string
		state migration.MarkState
		label mrkdwn
	}{
		{stateOpen, migration.Open, t.say("form.item.open", nil)},
		{stateDone, migration.Done, t.say("form.item.done", nil)},
		{stateNotNeeded, migration.NotNeeded, t.say("form.item.no", nil)},
	} {
		o := slack.NewOptionBlockObject(s.value, plain(string(s.label), maxOption), nil)
		states.Options = append(states.Options, o)
		if s.state == now.State {
			states.InitialOption = o
		}
	}
	field := func(block, label, value string) slack.Block {
		in := slack.NewPlainTextInputBlockElement(nil, block)
		in.Multiline, in.MaxLength, in.InitialValue = true, migration.MaxRemark, value
		return slack.NewInputBlock(block, plain(label, maxFormLabel), nil, in).WithOptional(true)
	}
	blocks = append(blocks,
		section(clip(t.item(i), maxSection)),
		slack.NewInputBlock(FormState, plain(t.text("form.item.state", nil), maxFormLabel), nil, states),
		field(FormReason, t.text("form.item.reason", nil), now.Reason),
		field(FormNote, t.text("form.item.note", nil), now.Note),
	)
	view := t.modal(FormItem, t.text("form.title.item", nil), blocks...)
	view.Submit = plain(t.text("form.save", nil), maxFormWord)
	view.Close = plain(t.text("form.back", nil), maxFormWord)
	ref.Key, ref.Revision, ref.Item = m.Key(), m.Checklist.Revision, i.ID
	view.PrivateMetadata = ref.Encode()
	return view
}

// maxMoot is how many items a form tells that somebody else was faster with.
const maxMoot = 8

// MootForm is what the list becomes where somebody else was faster with some of
// the ticks: those, and a button to the list as it stands.
func MootForm(m migration.Migration, moot []migration.Moot, v View) slack.ModalViewRequest {
	t := inAnswer(m, v)
	lines := []string{t.text("form.moot", nil)}
	for _, x := range moot[:min(len(moot), maxMoot)] {
		item := t.say("form.moot.item", args{"title": t.itemTitle(x.Item, maxItemTitle), "said": mrkdwn(t.said(x.Item))})
		lines = append(lines, clip(string(item), maxItemLine))
	}
	if more := len(moot) - maxMoot; more > 0 {
		lines = append(lines, string(t.count("items.more", more)))
	}
	blocks := []slack.Block{section(joined([]mrkdwn{t.subject()}))}
	for _, text := range packed(lines, maxSection) {
		blocks = append(blocks, section(text))
	}
	again := button(ActionChecklist, t.text("button.list_again", nil), Ref{Key: m.Key(), Revision: m.Revision})
	return t.modal(FormChecklist, t.text("form.moot.title", nil), append(blocks, actions(again))...)
}

// AckForm is the form in which a person acknowledges the follow-up with a reason,
// because required items are open.
func AckForm(m migration.Migration, v View) slack.ModalViewRequest {
	t := inAnswer(m, v)
	open := t.say("form.ack.none", nil)
	if items := v.Checklists.Required(m, migration.FollowUp); len(items) > 0 {
		open = t.say("form.ack.open", args{"items": t.names(items)})
	}
	reason := slack.NewPlainTextInputBlockElement(nil, FormReason)
	reason.Multiline, reason.MaxLength = true, migration.MaxRemark
	view := t.modal(FormAck, t.text("form.title.ack", nil),
		section(joined([]mrkdwn{t.subject(), t.listHead(migration.FollowUp), open})),
		slack.NewInputBlock(FormReason, plain(t.text("form.ack.reason", nil), maxFormLabel), nil, reason),
	)
	view.Submit = plain(t.text("ack.yes", nil), maxFormWord)
	view.PrivateMetadata = Ref{Key: m.Key(), Revision: m.Revision}.Encode()
	return view
}

// AckBroken is what the form of an acknowledgement becomes where there is nothing
// to acknowledge.
func AckBroken(m migration.Migration, e *migration.RuleError, ask Ask, v View) slack.ModalViewRequest {
	t := inAnswer(m, v)
	return t.modal(FormAck, t.text("form.title.ack", nil), section(joined([]mrkdwn{t.subject(), t.broken(e, ask)})))
}
