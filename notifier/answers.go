package notifier

import (
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// Ask is what a person asked for, as far as an answer tells it back to them.
type Ask struct {
	By      string // Slack user id
	Command string // the slash command's name, such as /ecs-migrate
	// Again is a command that does what was asked once it can be done, to copy;
	// empty where there is none.
	Again string
	// Looks says that they may look only, at all that is shown.
	Looks bool
}

// personal tells one migration to one person: every moment in their zone and in
// UTC, so that neither has to be worked out.
type personal struct {
	teller
	short bool // for lists, which name the zone once
}

func inAnswer(m migration.Migration, v View) personal { return personal{inBlocks(m, v), false} }

func inRow(m migration.Migration, v View) personal { return personal{inBlocks(m, v), true} }

// at is a moment, or the words for one that was not told.
func (t personal) at(moment time.Time) mrkdwn {
	switch {
	case moment.IsZero():
		return t.say("value.untold", nil)
	case t.short:
		return t.brief(moment, t.v.Zone)
	}
	return t.both(moment, t.v.Zone)
}

// both is a moment in a zone and in UTC.
func (w *words) both(t time.Time, zone *time.Location) mrkdwn {
	if zone == nil {
		zone = time.UTC
	}
	utc := clockFace(t.UTC())
	local := t.In(zone)
	day := w.weekday(local)
	if zone == time.UTC || zone.String() == "UTC" {
		return w.say("moment.utc", args{"weekday": day, "utc": utc})
	}
	place := "UTC" + local.Format("-07:00")
	if name := zone.String(); name != "" {
		return w.say("moment.both", args{"weekday": day, "local": clockFace(local), "zone": name, "offset": place, "utc": utc})
	}
	return w.say("moment.offset", args{"weekday": day, "local": clockFace(local), "offset": place, "utc": utc})
}

// brief is both for a list that names the zone elsewhere.
func (w *words) brief(t time.Time, zone *time.Location) mrkdwn {
	if zone == nil || zone.String() == "UTC" {
		return w.both(t, time.UTC)
	}
	local := t.In(zone)
	return w.say("moment.short", args{"weekday": w.weekday(local), "local": clockFace(local), "utc": clockFace(t.UTC())})
}

// clockFace is a moment in digits; seconds where there are any.
func clockFace(t time.Time) string {
	if t.Second() == 0 {
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("2006-01-02 15:04:05")
}

func (w *words) weekday(t time.Time) mrkdwn {
	day := strings.ToLower(t.Weekday().String()[:3])
	return w.say("weekday."+day, nil)
}

// answer is a message of one text, with buttons below it where there are any.
func answer(lines []mrkdwn, buttons ...slack.BlockElement) Message {
	text := joined(lines)
	blocks := []slack.Block{section(text)}
	if len(buttons) > 0 {
		blocks = append(blocks, actions(buttons...))
	}
	return Message{Text: clip(text, maxSection), Blocks: blocks}
}

func joined(lines []mrkdwn) string {
	var all []string
	for _, l := range lines {
		if l != "" {
			all = append(all, string(l))
		}
	}
	return strings.Join(all, "\n")
}

// subject is what an answer is about.
func (t personal) subject() mrkdwn {
	return t.say("answer.subject", args{
		"name": code(t.name(maxTitled)), "instance": code(cut(t.m.Event.InstanceID, maxID)), "event": code(cut(t.m.Event.EventID, maxID)),
	})
}

// cardLink leads to the card and its thread; empty while there is none.
func (t personal) cardLink() mrkdwn {
	url := threadURL(t.m.Card)
	if url == "" || t.m.Card.Gone {
		return ""
	}
	return link(url, t.say("link.card", nil))
}

// Decided answers a decision that was made: what stands now and what happens
// next.
func Decided(m migration.Migration, ask Ask, v View) Message {
	t := inAnswer(m, v)
	lines := []mrkdwn{t.subject(), t.decided(ask.By)}
	var buttons []slack.BlockElement
	if open := t.unprepared(); open != "" {
		lines = append(lines, open)
		buttons = t.listButtons(t.text("button.checklist.open", nil))
	}
	return answer(append(lines, t.cardLink()), buttons...)
}

// unprepared tells briefly what is still to be done before the run, empty where
// nothing is. It stands in nobody's way.
func (t personal) unprepared() mrkdwn {
	m, lists := t.m, t.v.Checklists
	if m.Phase() != migration.Preparation {
		return ""
	}
	open := lists.Required(m, migration.Preparation)
	if len(open) == 0 {
		return ""
	}
	done, total := lists.Progress(m, migration.Preparation)
	return t.say("decided.preparation", args{"done": done, "total": total, "items": t.names(open)})
}

func (t personal) decided(by string) mrkdwn {
	planned := t.at(t.m.Event.NotBefore)
	latest := t.m.Latest()
	mine := latest != nil && latest.By == by
	switch s := t.m.State(); {
	case s == migration.StateRequested && mine:
		return t.say("decided.requested", args{"at": t.at(latest.At), "planned": planned})
	case s == migration.StateConfirmed && mine:
		return t.say("decided.kept", args{"at": t.at(latest.At)})
	case s == migration.StateDeclared && mine:
		return t.say("decided.declared", args{"at": t.at(latest.At), "planned": planned})
	case s == migration.StateAuthorising:
		return t.say("decided.authorising", nil)
	case s == migration.StateDone:
		return t.say("decided.done", nil)
	default:
		return t.say("decided.stands", args{"state": t.say("state."+string(s), nil)})
	}
}

// Broken answers a decision that cannot stand: why, what is allowed, and who
// decided what before where that is the reason.
func Broken(m migration.Migration, e *migration.RuleError, ask Ask, v View) Message {
	t := inAnswer(m, v)
	lines := []mrkdwn{t.subject(), t.broken(e, ask)}
	if ask.Again != "" {
		lines = append(lines, t.say("answer.again", args{"command": code(cut(ask.Again, maxAgain))}))
	}
	lines = append(lines, t.cardLink())
	var buttons []slack.BlockElement
	if e.Rule == migration.RuleConsoleOnly || e.Rule == migration.RuleCannot {
		if slices.Contains(m.Actions(v.Now), migration.ActDeclare) {
			buttons = append(buttons, t.button(migration.ActDeclare))
		}
		buttons = append(buttons, linkButton(ActionOpenConsole, t.text("button.open_console", nil), eventsURL(m.Event.Region)))
	}
	if e.Rule == migration.RuleOpenItems {
		buttons = t.listButtons(t.text("button.checklist.open", nil))
	}
	return answer(lines, buttons...)
}

// maxAgain is how much of a command is told back, in characters.
const maxAgain = 300

func (t personal) broken(e *migration.RuleError, ask Ask) mrkdwn {
	id := cut(t.m.Event.EventID, maxID)
	switch e.Rule {
	case migration.RuleTaken:
		return t.taken(e.Standing, ask.By)
	case migration.RulePending:
		return t.pending(e.Standing, ask.By)
	case migration.RuleAssigned:
		return t.assigned(e.Standing, ask)
	case migration.RuleLong:
		return t.say("rule.long", args{"most": migration.MaxRemark})
	case migration.RuleOpenItems:
		return t.say("rule.open_items", args{"items": t.names(e.Items)})
	case migration.RuleAcknowledged:
		if e.Standing == nil || e.Standing.By == "" {
			return t.say("rule.acknowledged.before", nil)
		}
		return t.say("rule.acknowledged", args{"who": t.who(e.Standing.By), "made": date(e.Standing.Made, t.v.Zone)})
	case migration.RuleSame:
		return t.say("rule.same", args{"at": t.at(t.m.Event.NotBefore)})
	case migration.RulePast:
		if e.Latest.IsZero() {
			return t.say("rule.past.open", args{"earliest": t.at(e.Earliest)})
		}
	}
	return t.say("rule."+string(e.Rule), args{
		"earliest": t.at(e.Earliest), "latest": t.at(e.Latest), "planned": t.at(t.m.Event.NotBefore),
		"state":   t.say("state."+string(t.m.State()), nil),
		"accept":  code(ask.Command + " accept " + id),
		"reserve": code(ask.Command + " reserve " + id + " WHEN"),
	})
}

// taken tells who decided before, and what.
func (t personal) taken(r *migration.Reservation, by string) mrkdwn {
	if r == nil {
		return t.say("taken.changed", nil)
	}
	at, made := t.at(r.At), date(r.Made, t.v.Zone)
	switch {
	case r.Certainty == migration.Refused:
		return t.say("taken.refused", args{"who": t.who(r.By), "at": at, "made": made})
	case r.By == "":
		return t.say("taken.console", args{"at": at})
	case r.By == by:
		return t.say("taken.self", args{"at": at, "made": made})
	}
	return t.say("taken.other", args{"who": t.who(r.By), "at": at, "made": made})
}

// pending tells whose wish still waits.
func (t personal) pending(r *migration.Reservation, by string) mrkdwn {
	if r == nil {
		return t.say("taken.changed", nil)
	}
	made := date(r.Made, t.v.Zone)
	switch {
	case r.At.IsZero():
		return t.say("pending.consent", args{"who": t.who(r.By), "made": made})
	case r.By == by:
		return t.say("pending.self", args{"at": t.at(r.At), "made": made})
	}
	return t.say("pending.other", args{"who": t.who(r.By), "at": t.at(r.At), "made": made})
}

// Stale answers a click on a card that has changed since: why nothing came of
// it, and that the card is drawn again.
func Stale(m migration.Migration, e *migration.RuleError, ask Ask, v View) Message {
	t := inAnswer(m, v)
	return answer([]mrkdwn{t.subject(), t.broken(e, ask), t.say("old.redrawn", nil), t.cardLink()})
}
