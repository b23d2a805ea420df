package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// nasty tries everything that a name, a tag or a reason may try.
const nasty = "<!channel> <@" + jonas + "> <https://evil.example|here> *b* _i_ ~s~ `c` :fire: &lt;!here&gt; \x00\x1b[31m\u202egpj.exe\u2066\n> q"

// pings are what must stand in nothing that the bot says of its own.
var pings = []string{"<!channel", "<!here", "<!everyone", "<@" + jonas, "<https://evil", "\u202e", "\x1b", ":fire:", "*b*", "_i_", "~s~", "`c`"}

// said is all that the bot ever posted, answered and showed.
func (w *world) said() string {
	var all strings.Builder
	for _, m := range w.slack.Messages("") {
		for _, v := range m.Versions {
			all.WriteString(v.Text + read(slackstub.Message{Blocks: v.Blocks}))
		}
	}
	for _, who := range []string{lin, mary, jonas} {
		for _, m := range w.slack.Ephemerals(who) {
			all.WriteString(m.Text + read(m))
		}
		for _, v := range w.slack.Views(who) {
			all.WriteString(v.JSON())
		}
	}
	return all.String()
}

// Whoever may name an instance, tag it or write an event's reason must not be able
// to ping, to lead astray, to hide anything or to fill memory and disk.
func TestHostileNamesTagsAndReasons(t *testing.T) {
	w := newWorld(t, options{})
	const id = "i-bp1hostile000000001"
	big := strings.Repeat(nasty, 10<<20/len(nasty)+1)
	tags := map[string]string{"owner": nasty, "team": "web"}
	for n := range 20 {
		tags[fmt.Sprintf("<!here> %d %s", n, nasty[:20])] = strings.Repeat(nasty, 100)
	}
	if err := w.cloud.AddInstance("prod", ecsstub.Instance{ID: id, Name: nasty + strings.Repeat("名", 5000), Region: "cn-hangzhou", Tags: tags, OSName: nasty}); err != nil {
		t.Fatal(err)
	}
	event := w.announce(ecsstub.EventSpec{InstanceID: id, NotBefore: dawn.Add(72 * time.Hour), Reason: big, ReasonCode: nasty})
	w.poll()
	card := w.cardSays(event, "No time reserved")
	w.command(mary, web, "/ecs-migrate reserve "+event+" 2024-05-02 02:00 Asia/Shanghai")
	w.line(card, "Confirmed by Alibaba Cloud")
	for _, verb := range []string{"show", "facts", "history", "checklist"} {
		w.command(mary, web, "/ecs-migrate "+verb+" "+event)
	}
	w.command(mary, web, "/ecs-migrate list")
	w.command(mary, web, "/ecs-migrate show "+nasty) // what they type comes back to nobody but them
	w.click(mary, w.cardSays(event, "Confirmed"), "reschedule")
	w.form(mary)
	said := w.said()
	own := strings.NewReplacer("*b* _i_ ~s~ 'c' :fire:", "", `\u0000`, "").Replace(said) // in code, where it means nothing
	for _, ping := range pings {
		if at := strings.Index(own, ping); at >= 0 {
			t.Errorf("it says %q: …%s…", ping, own[max(0, at-200):min(len(own), at+100)])
		}
	}
	if n := len(w.storeBytes()); n > 8<<20 {
		t.Errorf("the store has %d bytes of one migration", n)
	}
	if n := len(w.logs.String()); n > 1<<20 {
		t.Errorf("the log has %d bytes", n)
	}
}

// What people send is as long as they like.
func TestHugeCommandsNeitherCrashNorBlock(t *testing.T) {
	w, event, _ := announced(t, options{})
	for _, n := range []int{10_000, 1 << 17} {
		for _, line := range []string{
			"/ecs-migrate " + strings.Repeat("x", n), "/ecs-migrate show " + strings.Repeat("<!channel> ", n/11), "/ecs-migrate reserve " + event + " " + strings.Repeat("9", n),
		} {
			if answer := w.command(mary, web, line); len(answer) > 20_000 || strings.Contains(answer, "<!channel") {
				t.Errorf("%.40s… (%d): an answer of %d characters", line, len(line), len(answer))
			} else if n > 1<<16 && !strings.Contains(answer, "too long for a command") {
				t.Errorf("%.40s… (%d): %s", line, len(line), answer)
			}
		}
	}
	// It goes on.
	w.command(mary, web, tomorrow)
	w.cardSays(event, "Confirmed")
	if n := len(w.logs.String()); n > 1<<20 {
		t.Errorf("the log has %d bytes", n)
	}
	for _, e := range w.slack.Envelopes() {
		if e.TimedOut {
			t.Errorf("%s was not acknowledged in time", e.ID)
		}
	}
}

// Who, what, when, before, after, from where, by which right.
func TestTheAuditTrailOfADecisionIsComplete(t *testing.T) {
	w, event, card := announced(t, options{roles: guarded})
	w.click(jonas, card, "keep")
	w.told(jonas, "Reserved")
	entries := w.history(event)
	last := entries[len(entries)-1]
	if last.News.Kind != migration.NewsKept || last.News.By != jonas || last.Via != migration.ViaButton || last.Channel != web || last.Envelope == "" ||
		last.Role != migration.Operator || last.Before != migration.StateUnreserved || last.After != migration.StateConfirmed || last.News.When.IsZero() {
		t.Errorf("%+v", last)
	}
}
