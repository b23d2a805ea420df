package notifier

import (
	"cmp"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

const (
	// overviewRows is how many migrations an overview shows, the most urgent
	// first; rowsASection is how many of them share a section.
	overviewRows = 20
	rowsASection = 5
	// maxListed is how much of a name a row of an overview shows.
	maxListed = 40
)

// Overview is the one message that stands for many migrations announced at once.
// Their cards are in its thread; it counts how many of them wait to be posted,
// and shows the most urgent migrations as they stand now.
func Overview(p migration.Post, all []migration.Migration, v View) Message {
	w := in(v.Lang)
	all = slices.Clone(all)
	slices.SortStableFunc(all, compareUrgent)
	n, waiting, open := len(all), 0, 0
	for _, m := range all {
		if m.Card.Unposted() {
			waiting++
		}
		if !m.Event.Status.Final() {
			open++
		}
	}
	title := w.text("overview.title", args{"n": n})
	progress := w.text("overview.all", args{"n": n})
	if waiting > 0 {
		progress = w.text("overview.waiting", args{"n": n, "posted": n - waiting, "waiting": waiting})
	}
	lines := []string{title, progress}
	if states := w.states(all); states != "" {
		lines = append(lines, states)
	}
	blocks := []slack.Block{section(strings.Join(lines, "\n"))}
	shown := all[:min(open, overviewRows)]
	for part := range slices.Chunk(shown, rowsASection) {
		var rows []string
		for _, m := range part {
			rows = append(rows, string(inBlocks(m, v).listed()))
		}
		blocks = append(blocks, section(strings.Join(rows, "\n")))
	}
	list := code("/ecs-migrate list")
	switch more := open - len(shown); {
	case more > 0:
		blocks = append(blocks, smallPrint(w.text("overview.more", args{"n": more, "list": list})))
	case open == 0:
		blocks = append(blocks, smallPrint(w.text("overview.done", nil)))
	}
	return Message{Text: clip(w.sentences([]string{title, progress}), maxSummary), Blocks: blocks, Metadata: PostMetadata(p)}
}

// compareUrgent puts what is open first, by deadline, and what has none last.
func compareUrgent(a, b migration.Migration) int {
	rank := func(m migration.Migration) int {
		switch {
		case m.Event.Status.Final():
			return 2
		case m.Deadline().IsZero():
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), a.Deadline().Compare(b.Deadline()), cmp.Compare(a.Key().String(), b.Key().String()))
}

// states counts the migrations in each state, in the order of a life.
func (w *words) states(all []migration.Migration) string {
	counts := map[migration.State]int{}
	for _, m := range all {
		counts[m.State()]++
	}
	var parts []string
	for _, s := range migration.States {
		if n := counts[s]; n > 0 {
			parts = append(parts, w.text("overview.state", args{"icon": mrkdwn(icon(s)), "state": w.say("state."+string(s), nil), "n": n}))
		}
	}
	return strings.Join(parts, " · ")
}

// listed is a migration in one line: its name leads to its card.
func (t teller) listed() mrkdwn {
	name := code(t.name(maxListed))
	if url := threadURL(t.m.Card); url != "" {
		name = link(url, mrkdwn(escape(t.name(maxListed))))
	}
	deadline := t.say("row.no_deadline", nil)
	if !t.m.Deadline().IsZero() {
		deadline = t.say("overview.deadline", args{"at": t.at(t.m.Deadline()), "left": t.left()})
	}
	return t.say("overview.row", args{
		"icon": mrkdwn(icon(t.m.State())), "name": name, "state": t.say("state."+string(t.m.State()), nil), "deadline": deadline,
	})
}
