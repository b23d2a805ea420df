package notifier

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// The event types of the metadata of reminders.
const (
	RemindEvent   = "ecs_migration_reminder"
	EscalateEvent = "ecs_migration_escalation"
)

// Where a reminder's menu stands in what Slack sends of a click. The block's id
// is its prefix and a [Ref]: an option's value has no room for one.
const (
	SnoozeBlock  = "snooze:"
	ActionSnooze = "snooze"
)

// The options of the menu, and what may be typed for them.
const (
	SnoozeHour     = "1h"
	SnoozeHours    = "4h"
	SnoozeTomorrow = "tomorrow"
)

// maxBlockID is Slack's limit for a block's id. Source:
// https://docs.slack.dev/reference/block-kit/blocks/actions-block
const maxBlockID = 255

// Reminding is what a reminder tells beside the migration.
type Reminding struct {
	Reminder migration.Reminder
	To       string           // Slack id of the person or user group it is for; empty: nobody is known
	Open     []migration.Item // of the checklist of now, those that are open
}

// Remind is a reminder in the thread of a migration's card: who, what, when, the
// next step, and the buttons for it.
func Remind(m migration.Migration, r Reminding, v View) Message {
	late := r.Reminder.Late(v.Now)
	if !late {
		v.Now = r.Reminder.Owed // what is due at 24 hours says 24 hours, whenever its turn comes
	}
	blocks, text := inBlocks(m, v), inText(m, v)
	lines := []mrkdwn{blocks.among(blocks.reminding(r))}
	if next := blocks.remindNext(r); next != "" {
		lines = append(lines, next)
	}
	if late {
		lines = append(lines, blocks.say("remind.late", args{"since": blocks.at(r.Reminder.Owed)}))
	}
	return Message{
		Text:      clip(text.text("line.text", args{"name": text.name(maxTitled), "news": text.reminding(r)}), maxSummary),
		Blocks:    append([]slack.Block{section(joined(lines))}, blocks.remindActions(r)),
		Metadata:  remindMetadata(RemindEvent, m, r.Reminder),
		Broadcast: r.Reminder.Urgent(m) || r.Reminder.OfNow() && blocks.unseen() != "",
	}
}

// Escalation is a reminder in the escalation channel: nobody answered the ones
// before. r.To is who was told in the thread.
func Escalation(m migration.Migration, r Reminding, onCall string, v View) Message {
	blocks, text := inBlocks(m, v), inText(m, v)
	head := blocks.say("escalate.head", args{
		"type": blocks.typeName(m.Event.Type), "name": blocks.name(maxTitled), "what": blocks.remindWhat(r),
		"account": cut(m.Event.Account, maxID), "region": cut(m.Event.Region, maxID),
	})
	if onCall != "" {
		head = blocks.say("line.to", args{"who": call(onCall), "news": head})
	}
	unanswered := blocks.say("escalate.nobody", nil)
	if r.To != "" {
		unanswered = blocks.say("escalate.unanswered", args{"who": call(r.To)})
	}
	card := threadURL(m.Card)
	if card == "" {
		card = eventsURL(m.Event.Region)
	}
	next := blocks.say("escalate.next", args{"card": link(card, blocks.say("link.open_card", nil))})
	return Message{
		Text:     clip(text.text("line.text", args{"name": text.name(maxTitled), "news": text.remindWhat(r)}), maxSummary),
		Blocks:   []slack.Block{section(joined([]mrkdwn{head, unanswered, next}))},
		Metadata: remindMetadata(EscalateEvent, m, r.Reminder),
	}
}

// remindMetadata is how a reminder is found again. It must not change while the
// same one is tried again.
func remindMetadata(event string, m migration.Migration, r migration.Reminder) *slack.SlackMetadata {
	payload := ids(m)
	payload["reminder"], payload["due"] = r.Name, r.Due.Unix()
	return &slack.SlackMetadata{EventType: event, EventPayload: payload}
}

// reminding is who is told what.
func (t teller) reminding(r Reminding) mrkdwn {
	what := t.remindWhat(r)
	if t.rich {
		what = mrkdwn(remindIcon(r.Reminder.Topic)) + " " + t.among(what)
	}
	if r.To == "" {
		return what
	}
	return t.say("line.to", args{"who": call(r.To), "news": what})
}

func remindIcon(topic migration.Topic) string {
	switch topic {
	case migration.TopicOverdue:
		return ":rotating_light:"
	case migration.TopicUnreserved, migration.TopicInquiring, migration.TopicNotBegun:
		return ":warning:"
	}
	return ":bell:"
}

// remindWhat is what the reminder is about; a notification shows no markup.
func (t teller) remindWhat(r Reminding) mrkdwn {
	what := t.remindTopic(r)
	if !t.rich {
		what = mrkdwn(strings.ReplaceAll(string(what), "*", ""))
	}
	return what
}

func (t teller) remindTopic(r Reminding) mrkdwn {
	planned := t.at(t.m.Event.NotBefore)
	switch r.Reminder.Topic {
	case migration.TopicUnreserved:
		if t.m.Event.NotBefore.Equal(t.m.Deadline()) {
			return t.say("remind.unreserved.same", args{"planned": planned, "left": t.left()})
		}
		return t.say("remind.unreserved", args{"planned": planned, "deadline": t.at(t.m.Deadline()), "left": t.left()})
	case migration.TopicRun:
		return t.say("remind.run", args{"planned": planned, "effect": t.effect(t.m.Event.Type)})
	case migration.TopicInquiring:
		return t.say("remind.inquiring", args{"deadline": t.at(t.m.Deadline()), "left": t.left()})
	case migration.TopicOverdue:
		since := t.at(t.m.Reminders.Since)
		if unseen := t.unseen(); unseen != "" {
			return t.say("remind.overdue.unseen", args{"since": since, "unseen": unseen})
		}
		return t.say("remind.overdue", args{"since": since})
	case migration.TopicNotBegun:
		if unseen := t.unseen(); unseen != "" {
			return t.say("remind.not_begun.unseen", args{"planned": planned, "unseen": unseen})
		}
		return t.say("remind.not_begun", args{"planned": planned})
	case migration.TopicFollowUp:
		return t.say("remind.follow_up", args{"state": t.say("state."+string(t.m.State()), nil)})
	case migration.TopicRecovered:
		return t.say("remind.recovered", nil)
	case migration.TopicVoucher:
		return t.say("remind.voucher", nil)
	}
	return mrkdwn(escape(cut(r.Reminder.Name, maxID))) // a topic that has no words yet
}

// unseen tells that the migration's region cannot be looked at, or its event not be
// read, so that nobody knows how it stands; empty where that is known.
func (t teller) unseen() mrkdwn {
	for _, b := range t.v.Blind {
		switch {
		case b.Account != t.m.Event.Account || b.Region != t.m.Event.Region:
		case len(b.Events) > 0:
			if slices.Contains(b.Events, t.m.Event.EventID) {
				return t.say("remind.unseen.event", args{"seen": t.at(b.Since)})
			}
		case b.Since.IsZero():
			return t.say("remind.unseen.never", nil)
		default:
			return t.say("remind.unseen", args{"seen": t.at(b.Since)})
		}
	}
	return ""
}

// about names what a reminder of that name was about, for the history.
func (t teller) about(name string) mrkdwn {
	topic, _, _ := strings.Cut(name, "/")
	if t.has("about." + topic) {
		return t.say("about."+topic, nil)
	}
	return mrkdwn(escape(cut(name, maxID)))
}

// remindNext is the next step.
func (t teller) remindNext(r Reminding) mrkdwn {
	switch r.Reminder.Topic {
	case migration.TopicUnreserved:
		if t.m.Event.PlanOnly() {
			return t.say("note.plan", args{"button": t.say("button.declare", nil)})
		}
		return t.say("remind.next.unreserved", nil)
	case migration.TopicInquiring:
		return t.inquiringNext()
	case migration.TopicRun, migration.TopicFollowUp:
		return t.openItems(r)
	case migration.TopicOverdue:
		return t.say("remind.next.overdue", args{"ticket": t.ticket()})
	case migration.TopicNotBegun:
		return t.say("remind.next.not_begun", args{"ticket": t.ticket()})
	case migration.TopicRecovered:
		return t.say("remind.next.recovered", nil)
	case migration.TopicVoucher:
		return t.say("remind.next.voucher", args{"ticket": t.ticket()})
	}
	return ""
}

// inquiringNext is what becomes of an event that nobody has authorised.
func (t teller) inquiringNext() mrkdwn {
	switch consent := t.m.Consent; {
	case t.m.Event.CanAccept != nil && !*t.m.Event.CanAccept:
		return t.say("note.cannot_accept", nil)
	case consent != nil && consent.Refusal != nil:
		return t.nextConsent(consent.Refusal)
	}
	return t.say("remind.next.inquiring", args{"role": t.say("role."+string(migration.Admin), nil)})
}

// remindActions are the fitting buttons, and the ones that every reminder has:
// to take it, and to have quiet for a while.
func (t teller) remindActions(r Reminding) slack.Block {
	ref := Ref{Key: t.m.Key(), Revision: t.m.Revision}
	console := linkButton(ActionOpenConsole, t.text("button.open_console", nil), eventsURL(t.m.Event.Region))
	if len(ref.Encode()) > maxRef {
		return actions(console)
	}
	var row []slack.BlockElement
	switch r.Reminder.Topic {
	case migration.TopicInquiring, migration.TopicUnreserved, migration.TopicRun, migration.TopicNotBegun:
		for _, act := range t.m.Actions(t.v.Now) {
			row = append(row, t.button(act))
		}
	}
	switch r.Reminder.Topic {
	case migration.TopicRun, migration.TopicFollowUp, migration.TopicRecovered, migration.TopicVoucher:
		row = append(row, t.listButtons(t.text("button.checklist.open", nil))...)
	}
	if len(row) == 0 || t.m.Event.PlanOnly() || r.Reminder.Topic == migration.TopicNotBegun {
		row = append(row, console)
	}
	if t.m.AssignedTo() == "" {
		row = append(row, button(ActionTake, t.text("button.take", nil), ref))
	}
	id := SnoozeBlock + ref.Encode()
	if len(id) > maxBlockID {
		id = ""
	} else {
		row = append(row, t.snoozeMenu())
	}
	block := slack.NewActionBlock(id, row[:min(len(row), maxActions)]...)
	return block
}

func (t teller) snoozeMenu() *slack.SelectBlockElement {
	var options []*slack.OptionBlockObject
	for _, value := range []string{SnoozeHour, SnoozeHours, SnoozeTomorrow} {
		options = append(options, slack.NewOptionBlockObject(value, plain(t.text("snooze."+value, nil), maxLabel), nil))
	}
	return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(t.text("snooze.title", nil), maxPlaceholder), ActionSnooze, options...)
}

// maxPlaceholder is Slack's limit for a menu's placeholder. Source:
// https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
const maxPlaceholder = 150

// shownItems is how many open items a reminder names.
const shownItems = 8

// openItems names what is still open on the list.
func (t teller) openItems(r Reminding) mrkdwn {
	if len(r.Open) == 0 {
		return t.say("remind.open.none", nil)
	}
	var titles []string
	for _, item := range r.Open[:min(len(r.Open), shownItems)] {
		titles = append(titles, string(t.itemTitle(item, maxTitled)))
	}
	items := mrkdwn(strings.Join(titles, "; "))
	if more := len(r.Open) - shownItems; more > 0 {
		items = t.say("remind.open.more", args{"items": items, "n": more})
	}
	end := "other"
	if len(r.Open) == 1 {
		end = "one"
	}
	return t.say("remind.open."+end, args{"items": items, "n": len(r.Open)})
}
