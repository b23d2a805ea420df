package notifier

import (
	"strings"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// The event types of the messages' metadata.
const (
	CardEvent = "ecs_migration"
	LineEvent = "ecs_migration_news"
)

// How long the card's parts may be, in characters, so that all of them together
// stay below what Slack takes in one message (about 12,000).
const (
	maxState   = 2000
	maxFact    = 400
	maxChanges = 2500
	maxSummary = 600
)

// Card is the message that stands for a migration in its channel, as of
// v.Now. The migration's Card says which one it is: its Generation goes into the
// metadata, and the link to its thread is there once its TS is known.
func Card(m migration.Migration, v View) Message {
	t := inBlocks(m, v)
	blocks := []slack.Block{
		header(t.text("card.header", args{"type": t.typeName(m.Event.Type), "name": t.name(maxTitled)})),
		section(clip(t.state(), maxState)),
	}
	// The buttons stand where the eye is after the state: below the fold of a
	// phone nobody finds them.
	blocks = append(blocks, actions(t.buttons()...))
	blocks = append(blocks, fields(t.facts()...))
	if m.Event.Status.Final() {
		if after := t.afterwards(); after != "" {
			blocks = append(blocks, section(clip(after, maxChanges)))
		}
	} else if lines := t.changes(true); len(lines) > 0 {
		blocks = append(blocks, section(clip(t.list("change.title", lines), maxChanges)))
	}
	if reason := cut(m.Event.Reason, maxReason); reason != "" {
		blocks = append(blocks, smallText(t.text("card.reason", args{"reason": reason})))
	}
	if m.Card.Generation > 1 {
		blocks = append(blocks, smallPrint(t.text("card.again", nil)))
	}
	blocks = append(blocks, smallPrint(t.links()))
	return Message{Text: clip(inText(m, v).summary(), maxSummary), Blocks: blocks, Metadata: CardMetadata(m)}
}

// CardMetadata is how the card of a migration is found again.
func CardMetadata(m migration.Migration) *slack.SlackMetadata {
	return &slack.SlackMetadata{EventType: CardEvent, EventPayload: ids(m)}
}

func ids(m migration.Migration) map[string]any {
	k := m.Key()
	return map[string]any{
		"account": k.Account, "region": k.Region, "event_id": k.EventID, "generation": m.Card.Generation,
	}
}

// list is a title with lines below it.
func (t teller) list(title string, lines []mrkdwn) string {
	all := []string{t.text(title, nil)}
	for _, line := range lines {
		all = append(all, t.text("change.item", args{"text": line}))
	}
	return strings.Join(all, "\n")
}

// facts are the card's two columns.
func (t teller) facts() []string {
	m := t.m
	var facts []string
	add := func(label string, value mrkdwn) {
		fact := t.text("card.field", args{"label": t.say(label, nil), "value": value})
		facts = append(facts, clip(fact, maxFact))
	}
	add("field.planned", t.at(m.Event.NotBefore))
	switch {
	case m.Event.Status.Final() && !m.Event.FinishedAt.IsZero():
		add("field.finished", t.at(m.Event.FinishedAt))
	case m.Event.Status.Final() || m.Event.Status == migration.Executing || m.Deadline().IsZero():
	default:
		add("field.deadline", t.at(m.Deadline())+"\n"+t.left())
	}
	if progress := t.progress(); progress != "" {
		add("field."+string(m.Phase()), progress)
	}
	add("field.effect", t.effect(m.Event.Type))
	add("field.instance", t.instance())
	add("field.where", t.where())
	add("field.event", code(cut(m.Event.Type, maxID))+"\n"+code(cut(m.Event.EventID, maxID)))
	if owner := cut(m.Instance.Owner(), maxOwner); owner != "" {
		add("field.owner", mrkdwn(escape(owner)))
	}
	if to := m.AssignedTo(); to != "" {
		add("field.assigned", t.whom(to))
	}
	return facts
}

// progress is how far the list is that is to be worked on, empty where there is
// none.
func (t teller) progress() mrkdwn {
	m, lists := t.m, t.v.Checklists
	done, total := lists.Progress(m, m.Phase())
	if total == 0 {
		return ""
	}
	if n := len(lists.Required(m, m.Phase())); n > 0 {
		return t.say("value.progress.required", args{"done": done, "total": total, "required": n})
	}
	return t.say("value.progress", args{"done": done, "total": total})
}

// instance is its name, if it has one, and its id, which leads to the console.
func (t teller) instance() mrkdwn {
	id := t.m.Event.InstanceID
	address := link(instanceURL(t.m.Event.Region, id), mrkdwn(escape(cut(id, maxID))))
	if name := cut(t.m.Instance.Name, maxName); name != "" {
		return mrkdwn(escape(name)) + "\n" + address
	}
	return address
}

// where is the account, the region and the zone as far as they are known.
func (t teller) where() mrkdwn {
	var parts []string
	for _, s := range []string{t.m.Event.Account, t.m.Event.Region, t.m.Instance.Zone} {
		if s != "" {
			parts = append(parts, escape(cut(s, maxID)))
		}
	}
	return mrkdwn(strings.Join(parts, " · "))
}

// links lead to where a person finds more.
func (t teller) links() string {
	links := []string{string(link(eventsURL(t.m.Event.Region), t.say("link.console", nil)))}
	if thread := threadURL(t.m.Card); thread != "" && t.m.Card.Thread == "" {
		links = append(links, string(link(thread, t.say("link.thread", nil))))
	}
	return strings.Join(links, " · ")
}

// summary is what a person who sees only the notification must know: what,
// where it stands, and when.
func (t teller) summary() string {
	m, s := t.m, t.m.State()
	parts := []string{t.text("summary.head", args{
		"type": t.typeName(m.Event.Type), "name": t.name(maxTitled),
		"account": cut(m.Event.Account, maxID), "region": cut(m.Event.Region, maxID),
	})}
	state, at := t.say("state."+string(s), nil), t.stateTime(s)
	if at.IsZero() {
		parts = append(parts, t.text("summary.state", args{"state": state}))
	} else {
		parts = append(parts, t.text("summary.state_at", args{"state": state, "at": t.at(at)}))
	}
	switch {
	case s == migration.StateConfirmed || m.Event.Status.Final() && !at.IsZero():
	case m.Event.NotBefore.IsZero():
		parts = append(parts, t.text("summary.unplanned", nil))
	default:
		parts = append(parts, t.text("summary.planned", args{"at": t.at(m.Event.NotBefore)}))
	}
	if s == migration.StateUnreserved && !m.Deadline().IsZero() && !m.Deadline().Equal(m.Event.NotBefore) {
		parts = append(parts, t.text("summary.deadline", args{"at": t.at(m.Deadline())}))
	}
	return t.sentences(parts)
}
