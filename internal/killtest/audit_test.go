package killtest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
	"ecs-migrate/store"
)

// audit compares what Slack and the cloud hold with what was decided. The bot
// must have settled and be gone.
func (w *world) audit() {
	w.t.Helper()
	w.keptSecrets()
	s, err := store.Open(w.storePath(), store.Options{})
	if err != nil {
		w.t.Fatalf("opening the store: %v", err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			w.t.Error(err)
		}
	}()
	ctx := context.Background()
	if err := s.Check(ctx); err != nil {
		w.t.Errorf("the store is not whole: %v", err)
	}
	events := w.cloud.Events()
	for _, e := range events {
		found, err := s.Find(ctx, e.ID)
		if err != nil || len(found) != 1 {
			w.t.Errorf("%s: the store holds %d migrations of it (%v)", e.ID, len(found), err)
			continue
		}
		history, err := s.History(ctx, found[0].Key())
		if err != nil {
			w.t.Error(err)
		}
		a := &audit{world: w, event: e, m: found[0], decided: w.book.of(e.ID)}
		for _, entry := range history {
			if entry.News.Kind != migration.NewsAnnounced {
				a.news = append(a.news, entry.News)
				if !lineless(entry.News.Kind) {
					a.lines = append(a.lines, entry.News)
				}
			}
		}
		a.all()
	}
	w.postsAreRight(s)
	for _, m := range w.slack.Messages("") {
		if m.Metadata != nil && m.Metadata.EventType == postEvent {
			continue
		}
		if m.Metadata == nil || !slices.ContainsFunc(events, func(e ecsstub.Event) bool { return m.Metadata.EventPayload["event_id"] == e.ID }) {
			w.t.Errorf("a message that belongs to nothing: %s", m.Text)
		}
	}
	for _, v := range w.slack.Violations() {
		if !w.late[v.Ref] {
			w.t.Errorf("Slack saw: %s (%s)", v.What, v.Ref)
		}
	}
}

// lineless tells of news without a line: the list shows it, it is a message of its
// own, or it is for the audit trail alone.
func lineless(kind migration.NewsKind) bool {
	return slices.Contains([]migration.NewsKind{migration.NewsTicked, migration.NewsReminded, migration.NewsEscalated, migration.NewsDenied}, kind)
}

// postsAreRight: each message that belongs to a channel is there once, never was
// another, and tells what the store holds.
func (w *world) postsAreRight(s *store.Store) {
	w.t.Helper()
	posts, err := s.Posts(w.soon(), "")
	if err != nil {
		w.t.Error(err)
	}
	stand := map[string][]slackstub.Message{}
	for _, m := range w.slack.Messages("") {
		if m.Metadata != nil && m.Metadata.EventType == postEvent {
			id := fmt.Sprint(m.Metadata.EventPayload["post"])
			stand[id] = append(stand[id], m)
		}
	}
	var kinds []string
	for _, p := range posts {
		if p.Gone {
			continue // there was nothing to tell
		}
		kinds = append(kinds, string(p.Kind))
		all, err := s.Migrations(w.soon(), p.Keys)
		if err != nil || len(all) != len(w.event) {
			w.t.Errorf("%s is about %d migrations of %d (%v)", p.ID, len(all), len(w.event), err)
		}
		want := notifier.Digest(p, all, view()).Text
		if p.Kind == migration.PostOverview {
			want = notifier.Overview(p, all, view()).Text
		}
		switch got := stand[p.ID]; {
		case len(got) != 1:
			w.t.Errorf("%s stands %d times", p.ID, len(got))
		case got[0].TS != p.TS || got[0].Channel != p.Channel || got[0].Text != want:
			w.t.Errorf("%s is %s/%s and says %q, the store thinks %s/%s and %q", p.ID, got[0].Channel, got[0].TS, got[0].Text, p.Channel, p.TS, want)
		}
		delete(stand, p.ID)
	}
	for id, messages := range stand {
		w.t.Errorf("%s stands %d times, and the store knows nothing of it", id, len(messages))
	}
	if !slices.Equal(kinds, w.wanted.posts) {
		w.t.Errorf("the posts are %v, want %v", kinds, w.wanted.posts)
	}
}

// keptSecrets: nothing that lets somebody act for the bot is in what it logged,
// said, measured and stored in all its lives.
func (w *world) keptSecrets() {
	w.t.Helper()
	file, err := os.ReadFile(w.storePath())
	if err != nil {
		w.t.Error(err)
	}
	var said strings.Builder
	for _, m := range append(w.slack.Messages(""), w.slack.Ephemerals("")...) {
		raw, _ := json.Marshal(m) // of decoded JSON: cannot fail
		said.Write(raw)
	}
	for where, text := range map[string]string{"the log": w.log.logged(), "a message": said.String(), "a metric": w.pages, "the store": string(file)} {
		if len(text) < 100 {
			w.t.Errorf("%s was not read: %q", where, text)
		}
		for _, secret := range []string{
			w.slack.BotToken(), w.slack.AppToken(), ecsstub.DefaultKeyID, ecsstub.DefaultKeySecret, "Signature=", "ticket=", "/response/", "trigger_id",
		} {
			if at := strings.Index(text, secret); at >= 0 {
				w.t.Errorf("%s holds %q: …%s…", where, secret, text[max(0, at-100):min(len(text), at+100)])
			}
		}
	}
}

// audit is what is known of one migration, from all sides.
type audit struct {
	*world
	event   ecsstub.Event       // as the cloud has it
	m       migration.Migration // as the store has it
	news    []migration.News    // the audit trail without the announcement
	lines   []migration.News    // those that have a line each
	decided []decision          // as people know it
	failed  bool
}

func (a *audit) errorf(format string, args ...any) {
	a.t.Helper()
	a.failed = true
	a.t.Errorf(a.event.ID+": "+format, args...)
}

func (a *audit) all() {
	a.t.Helper()
	card, ok := a.oneCard()
	if ok {
		a.cardIsRight(card)
		a.linesAreRight(card)
		a.listIsRight(card)
		a.formsAreAnswered(card)
		a.remindersAreRight(card)
	}
	a.careHolds()
	a.decisionsCount()
	a.wishesAreAnswered()
	a.cloudHasIt()
	a.cloudWasAskedOnce()
	if a.failed {
		a.t.Logf("%s was decided: %v", a.event.ID, a.decided)
		for i, n := range a.news {
			a.t.Logf("%s news %d: %s by %q at %s", a.event.ID, i+1, n.Kind, n.By, n.At.Format(time.DateTime))
		}
	}
}

// oneCard: there is one card, and never was another.
func (a *audit) oneCard() (slackstub.Message, bool) {
	a.t.Helper()
	var cards []slackstub.Message
	for _, m := range a.slack.Messages("") {
		if isOf(m, cardEvent, a.event.ID) {
			cards = append(cards, m)
		}
	}
	if len(cards) != 1 {
		a.errorf("it has %d cards", len(cards))
		return slackstub.Message{}, false
	}
	return cards[0], true
}

// cardIsRight: the card shows what the store holds, and its buttons carry the
// choice that stands.
func (a *audit) cardIsRight(card slackstub.Message) {
	a.t.Helper()
	under := "" // in the channel itself
	if len(a.wanted.posts) > 0 && a.wanted.posts[0] == string(migration.PostOverview) {
		under = a.m.Card.Parent()
		if under == a.m.Card.TS {
			a.errorf("its card stands by itself, and not in the overview's thread")
		}
	}
	if card.ThreadTS != under {
		a.errorf("its card is under %q, want %q", card.ThreadTS, under)
	}
	if card.TS != a.m.Card.TS || card.Channel != a.m.Card.Channel {
		a.errorf("its card is %s/%s, the store thinks %s/%s", card.Channel, card.TS, a.m.Card.Channel, a.m.Card.TS)
	}
	if want := notifier.Card(a.m, view()).Text; card.Text != want {
		a.errorf("its card says %q, want %q", card.Text, want)
	}
	refs := 0
	for _, value := range buttonValues(card) {
		ref, err := notifier.ParseRef(value)
		if err != nil || ref.Key != a.m.Key() || ref.Revision != a.m.Revision {
			a.errorf("a button carries %q (%v), want revision %d", value, err, a.m.Revision)
		}
		refs++
	}
	want := len(a.m.Actions(time.Now())) + 1 // and the one that tells the facts
	if a.m.Phase() != "" {
		want++ // and the one that opens the list
	}
	if refs != want {
		a.errorf("its card has %d buttons of this migration, want %d", refs, want)
	}
}

// linesAreRight: the thread tells each piece of news once, in order.
func (a *audit) linesAreRight(card slackstub.Message) {
	a.t.Helper()
	var lines []slackstub.Message
	for _, m := range a.slack.Messages("") {
		if isOf(m, lineEvent, a.event.ID) {
			lines = append(lines, m)
		}
	}
	slices.SortStableFunc(lines, func(x, y slackstub.Message) int { return cmp.Compare(x.TS, y.TS) })
	if a.m.Card.Lines != len(a.lines) {
		a.errorf("the store counts %d lines and has %d pieces of news", a.m.Card.Lines, len(a.lines))
	}
	numbers := make([]string, len(lines))
	for i, l := range lines {
		numbers[i] = fmt.Sprint(l.Metadata.EventPayload["line"])
	}
	wanted := make([]string, len(a.lines))
	for i := range a.lines {
		wanted[i] = fmt.Sprint(i + 1)
	}
	if !slices.Equal(numbers, wanted) {
		a.errorf("its thread has the lines [%s], want [%s]", strings.Join(numbers, " "), strings.Join(wanted, " "))
		return
	}
	for i, l := range lines {
		if l.ThreadTS != a.m.Card.Parent() {
			a.errorf("line %d is not under its card", i+1)
		}
		if want := notifier.Line(a.m, a.lines[i], i+1, view()).Text; l.Text != want {
			a.errorf("line %d says %q, want %q", i+1, l.Text, want)
		}
	}
}

// listIsRight: the checklist stands in the thread once somebody is at it, or the
// run has ended, and shows what the store holds.
func (a *audit) listIsRight(card slackstub.Message) {
	a.t.Helper()
	var lists []slackstub.Message
	for _, m := range a.slack.Messages("") {
		if isOf(m, listEvent, a.event.ID) {
			lists = append(lists, m)
		}
	}
	phase, want := a.m.Phase(), 0
	if slices.ContainsFunc(a.news, func(n migration.News) bool { return takesUp(n) || n.Kind == migration.NewsExecuted }) {
		want = 1
	}
	if len(lists) != want {
		a.errorf("it has %d lists, want %d", len(lists), want)
		return
	}
	for _, l := range lists {
		if known := a.m.Checklist.Message(phase); l.ThreadTS != card.TS || l.TS != known.TS || known.Thread != card.TS {
			a.errorf("its list is %s under %s, the store thinks %+v", l.TS, l.ThreadTS, known)
		}
		if want := notifier.Checklist(a.m, phase, view()).Text; l.Text != want {
			a.errorf("its list says %q, want %q", l.Text, want)
		}
	}
}

// takesUp tells of news that says that somebody is at it: who wants quiet, or may
// not, is not.
func takesUp(n migration.News) bool {
	return n.By != "" && n.Kind != migration.NewsSnoozed && n.Kind != migration.NewsDenied
}

// remindersAreRight: people are told once of what is due, and a channel once of
// what nobody answered; nobody is told of anything else.
func (a *audit) remindersAreRight(card slackstub.Message) {
	a.t.Helper()
	for _, c := range []struct {
		event           string
		kind            migration.NewsKind
		channel, thread string
		want            []string
	}{
		{remindEvent, migration.NewsReminded, card.Channel, card.TS, a.wanted.reminders},
		{escalateEvent, migration.NewsEscalated, ops, "", a.wanted.escalations},
	} {
		var sent, kept []string
		for _, m := range a.slack.Messages("") {
			if !isOf(m, c.event, a.event.ID) {
				continue
			}
			sent = append(sent, fmt.Sprint(m.Metadata.EventPayload["reminder"]))
			if m.Channel != c.channel || m.ThreadTS != c.thread {
				a.errorf("what is %s stands in %s under %q", c.kind, m.Channel, m.ThreadTS)
			}
		}
		for _, n := range a.news {
			if n.Kind == c.kind {
				kept = append(kept, n.About)
			}
		}
		if !slices.Equal(sent, c.want) || !slices.Equal(kept, c.want) {
			a.errorf("%s were sent %v and kept %v, want %v", c.kind, sent, kept, c.want)
		}
	}
}

// careHolds: whoever took it has it, and what was snoozed or acknowledged last is.
func (a *audit) careHolds() {
	a.t.Helper()
	var to, acknowledged string
	var quiet time.Time
	for _, n := range a.news {
		switch n.Kind {
		case migration.NewsAssigned:
			to = n.To
		case migration.NewsSnoozed:
			quiet = n.At
		case migration.NewsAcknowledged:
			acknowledged = n.By
		}
	}
	if a.m.AssignedTo() != to {
		a.errorf("%q looks after it, want %q", a.m.AssignedTo(), to)
	}
	if s := a.m.Reminders.Snooze; (s == nil) != quiet.IsZero() || s != nil && !s.Until.Equal(quiet) {
		a.errorf("its snooze is %+v, want until %s", s, quiet)
	}
	if by := a.m.Acknowledged; (by == nil) != (acknowledged == "") || by != nil && by.By != acknowledged {
		a.errorf("its acknowledgement is %+v, want one by %q", by, acknowledged)
	}
}

// formsAreAnswered: whoever asked for a form got it, or is told once that it did
// not come.
func (a *audit) formsAreAnswered(card slackstub.Message) {
	a.t.Helper()
	lines := 0
	for _, m := range a.slack.Messages("") {
		if isOf(m, formEvent, a.event.ID) {
			lines++
		}
	}
	for _, f := range a.book.formsOf(a.event.ID) {
		told := a.formless(f)
		lines -= len(told)
		// Killed after the form came, the bot may not know that it did.
		for _, m := range told {
			if m.ThreadTS != card.TS || !strings.Contains(m.Text, "<@"+f.by+">") {
				a.errorf("what tells of the form of %s is %q under %s", f.envelope, m.Text, m.ThreadTS)
			}
		}
		switch {
		case len(told) > 1:
			a.errorf("%d lines tell that the form of %s did not come", len(told), f.envelope)
		case f.answered && !f.came && !f.left && !a.toldFormless(f):
			a.errorf("the form of %s did not come, and nobody told %s", f.envelope, f.by)
		case len(told) > 0 && f.came && f.life == a.last && !a.luck:
			a.errorf("the form of %s came, and the thread says that it did not", f.envelope)
		}
	}
	if lines != 0 && len(a.book.formsOf(a.event.ID)) > 0 {
		a.errorf("%d lines tell of forms that nobody asked for", lines)
	}
}

// decisionsCount: what was answered with a yes counts once, what was answered
// with a no does not, what was not answered counts once or not at all, and
// nothing else counts. They count in the order in which they were made.
func (a *audit) decisionsCount() {
	a.t.Helper()
	counted := func(d decision) (n, last int) {
		for i, news := range a.news {
			if news.Kind == d.kind && news.By == d.by && (d.at.IsZero() || news.At.Equal(d.at)) {
				n, last = n+1, i
			}
		}
		return n, last
	}
	before := -1
	for _, d := range a.decided {
		least := 0
		if slices.ContainsFunc(a.decided, func(o decision) bool { return o.same(d) && o.answer == yes }) {
			least = 1
		}
		most := least
		if slices.ContainsFunc(a.decided, func(o decision) bool { return o.same(d) && o.answer == silent }) {
			most = 1
		}
		n, i := counted(d)
		if n < least || n > most {
			a.errorf("%v counts %d times, want %d to %d", d, n, least, most)
		}
		if n == 1 && d.kind == migration.NewsRequested {
			if i < before {
				a.errorf("%v counts before what was decided before it", d)
			}
			before = i
		}
	}
	for _, n := range a.news {
		switch n.Kind {
		case migration.NewsRequested, migration.NewsKept, migration.NewsConsent, migration.NewsAssigned, migration.NewsSnoozed, migration.NewsTicked, migration.NewsAcknowledged:
			if !slices.ContainsFunc(a.decided, func(d decision) bool { return d.kind == n.Kind && d.by == n.By && (d.at.IsZero() || d.at.Equal(n.At)) }) {
				a.errorf("%s by %q at %s counts, and nobody decided it", n.Kind, n.By, n.At)
			}
		case migration.NewsMoved, migration.NewsDeclared, migration.NewsRefused, migration.NewsConsentFailed:
			a.errorf("its news is %s, which did not happen", n.Kind)
		}
	}
}

// same tells whether two decisions are the same one, made again.
func (d decision) same(o decision) bool { return d.kind == o.kind && d.by == o.by && d.at.Equal(o.at) }

// wishesAreAnswered: each wish is confirmed, before the next one counts.
func (a *audit) wishesAreAnswered() {
	a.t.Helper()
	if a.m.Pending() || a.m.Consent != nil && a.m.Consent.Certainty == migration.Requested {
		a.errorf("a wish still waits though the bot has nothing to do")
	}
	var open *migration.News
	for i, n := range a.news {
		switch n.Kind {
		case migration.NewsRequested, migration.NewsConsent:
			if open != nil {
				a.errorf("the wish %s for %s is not answered before the next", open.Kind, open.At)
			}
			open = &a.news[i]
		case migration.NewsConfirmed, migration.NewsScheduled:
			if open == nil || n.Kind == migration.NewsConfirmed && !n.At.Equal(open.At) {
				a.errorf("news %d, %s for %s, answers nothing", i+1, n.Kind, n.At)
			}
			open = nil
		}
	}
	if open != nil {
		a.errorf("the wish %s for %s is never answered", open.Kind, open.At)
	}
}

// cloudHasIt: the cloud has what was decided last, and the store knows it so.
func (a *audit) cloudHasIt() {
	a.t.Helper()
	if string(a.m.Event.Status) != a.event.Status || !a.m.Event.NotBefore.Equal(a.event.NotBefore) {
		a.errorf("the store has it %s at %s, the cloud %s at %s", a.m.Event.Status, a.m.Event.NotBefore, a.event.Status, a.event.NotBefore)
	}
	for _, n := range slices.Backward(a.news) {
		if n.Kind != migration.NewsRequested && n.Kind != migration.NewsKept {
			continue
		}
		if !n.At.Equal(a.event.NotBefore) {
			a.errorf("%s was decided last, the cloud has %s", n.At, a.event.NotBefore)
		}
		return
	}
}

// cloudWasAskedOnce: for each wish the cloud did its work once. A restart knows
// nothing of the outcome, but reads before it repeats.
func (a *audit) cloudWasAskedOnce() {
	a.t.Helper()
	worked := map[string]int{}
	for _, c := range a.cloud.Calls() {
		if c.Params["EventId"] != a.event.ID || !c.Worked {
			continue
		}
		switch c.Action {
		case "ModifySystemEventAttribute":
			worked[c.Params["NotBefore"]]++
		case "AcceptInquiredSystemEvent":
			worked["accept"]++
		}
	}
	for _, n := range a.news {
		what := n.At.UTC().Format("2006-01-02T15:04:05Z")
		switch n.Kind {
		case migration.NewsConsent:
			what = "accept"
		case migration.NewsRequested:
		default:
			continue
		}
		if worked[what] != 1 {
			a.errorf("the cloud did its work for %s %d times", what, worked[what])
		}
		delete(worked, what)
	}
	for what, n := range worked {
		a.errorf("the cloud did its work for %s %d times, and nobody had decided it", what, n)
	}
}

// view is how the bot speaks to a channel here.
func view() notifier.View {
	return notifier.View{Lang: notifier.English, Zone: time.UTC, Now: time.Now(), Checklists: migration.DefaultChecklists()}
}

// buttonValues are the values of the buttons that carry one.
func buttonValues(m slackstub.Message) []string {
	raw, _ := json.Marshal(m.Blocks) // of decoded JSON: cannot fail
	var blocks []struct {
		Elements []struct{ Type, Value string }
	}
	_ = json.Unmarshal(raw, &blocks)
	var values []string
	for _, b := range blocks {
		for _, e := range b.Elements {
			if e.Type == "button" && e.Value != "" {
				values = append(values, e.Value)
			}
		}
	}
	return values
}
