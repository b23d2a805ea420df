package notifier

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// maxGroup is how long one group of a digest may be, in characters, so that all of
// them stay below what Slack takes in one message (about 12,000).
const maxGroup = 1600

// Digest is what a channel has to look after, once a day: by where it stands, and
// which regions could not be looked at. all are the migrations of p.Keys. It names
// people without calling them: it is for whoever reads the channel.
func Digest(p migration.Post, all []migration.Migration, v View) Message {
	w := in(v.Lang)
	blocks := []slack.Block{section(w.text("digest.title", args{"day": digestDay(p)}))}
	var parts []string
	for _, group := range migration.Groups {
		n := p.Counts[string(group)]
		if n == 0 {
			continue
		}
		title := w.text("digest.group."+string(group), args{"n": n})
		parts = append(parts, strings.ReplaceAll(title, "*", ""))
		lines := []string{title}
		for _, m := range all {
			if m.Group(p.Begun) == group {
				lines = append(lines, string(inBlocks(m, v).digested(group)))
			}
		}
		if more := n - (len(lines) - 1); more > 0 {
			lines = append(lines, w.text("digest.more", args{"n": more, "list": code("/ecs-migrate list")}))
		}
		blocks = append(blocks, section(clip(strings.Join(lines, "\n"), maxGroup)))
	}
	if len(parts) == 0 {
		parts = append(parts, w.text("digest.none", nil))
		blocks = append(blocks, section(w.text("digest.none", nil)))
	}
	if lines := w.unseen(p.Unseen, v); len(lines) > 0 {
		parts = append(parts, w.text("digest.unseen", nil))
		blocks = append(blocks, section(strings.Join(append([]string{w.text("digest.unseen.title", nil)}, lines...), "\n")))
	}
	return Message{
		Text:   clip(w.text("digest.text", args{"day": digestDay(p), "parts": mrkdwn(strings.Join(parts, " · "))}), maxSummary),
		Blocks: blocks, Metadata: PostMetadata(p),
	}
}

// digestDay is the day that a digest's ID ends with.
func digestDay(p migration.Post) string { return cut(p.ID[strings.LastIndex(p.ID, "/")+1:], maxID) }

// digested is a migration in one line: its name leads to its card.
func (t teller) digested(group migration.Group) mrkdwn {
	name := code(t.name(maxListed))
	if url := threadURL(t.m.Card); url != "" && !t.m.Card.Gone {
		name = link(url, mrkdwn(escape(t.name(maxListed))))
	}
	var at time.Time
	switch group {
	case migration.GroupRunning:
		at = t.m.Reminders.Since
	case migration.GroupWaiting:
		at = t.m.Event.FinishedAt
	case migration.GroupUnreserved:
		at = t.m.Deadline()
	default:
		at = t.m.Event.NotBefore
	}
	when := t.say("digest.when."+string(group), args{"at": t.at(at)})
	if end := t.m.Deadline(); group == migration.GroupInquiring && !end.IsZero() {
		when = t.say("digest.when.inquiring.limited", args{"at": t.at(end)})
	}
	row := t.say("digest.row", args{
		"icon": mrkdwn(icon(t.m.State())), "name": name, "state": t.say("state."+string(t.m.State()), nil),
		"when": when,
	})
	if phase := t.m.Phase(); phase != "" {
		if done, total := t.v.Checklists.Progress(t.m, phase); total > 0 {
			row += t.say("digest.list", args{"done": done, "total": total})
		}
	}
	return row
}

// unseen are the regions that could not be looked at, and since when.
func (w *words) unseen(all []migration.Unseen, v View) []string {
	var lines []string
	for _, u := range all[:min(len(all), maxRegions)] {
		place := escape(cut(u.Account, maxID)) + "/" + escape(cut(u.Region, maxID))
		switch {
		case u.Unread:
			lines = append(lines, w.text("digest.unseen.unread", args{"place": mrkdwn(place)}))
		case u.Since.IsZero():
			lines = append(lines, w.text("digest.unseen.never", args{"place": mrkdwn(place)}))
		default:
			lines = append(lines, w.text("digest.unseen.since", args{"place": mrkdwn(place), "since": date(u.Since, v.Zone)}))
		}
	}
	if more := len(all) - maxRegions; more > 0 {
		lines = append(lines, w.text("digest.unseen.more", args{"n": more}))
	}
	return lines
}
