package bot_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// lose stops the bot and takes its store away, as where a volume is not mounted.
func (w *world) lose() {
	w.t.Helper()
	if err := w.stop(); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Remove(w.storePath()); err != nil {
		w.t.Fatal(err)
	}
	w.clock.Advance(time.Hour)
}

// restart stops the bot and starts it.
func (w *world) restart() {
	w.t.Helper()
	if err := w.stop(); err != nil {
		w.t.Fatal(err)
	}
	w.start()
}

// redrawn waits until a message was drawn again in its place, and gives it.
func (w *world) redrawn(before slackstub.Message) slackstub.Message {
	w.t.Helper()
	m, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return m.Channel == before.Channel && m.TS == before.TS && len(m.Versions) > len(before.Versions)
	})
	if err != nil {
		w.t.Fatalf("it was not drawn again: %v\n%s", err, before.Text)
	}
	return m
}

// fitting are the messages that fit and stand.
func (w *world) fitting(fits func(slackstub.Message) bool) (all []slackstub.Message) {
	for _, m := range w.slack.Messages("") {
		if !m.Deleted && fits(m) {
			all = append(all, m)
		}
	}
	return all
}

func TestCardsOfAStoreThatIsGoneAreTakenOver(t *testing.T) {
	w, first, _ := announced(t, options{extra: admins})
	w.command(mary, web, tomorrow)
	w.line(w.cardSays(first, "Confirmed"), "Confirmed by Alibaba Cloud")
	w.line(w.cardSays(first, "Confirmed"), "Preparation")
	stop := w.run(50 * time.Millisecond)
	events := w.storm(12)
	overview := w.gathered(12)
	w.oneEach(events)
	if _, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool { return isOverview(m) && strings.Contains(m.Text, "All 12 cards") }); err != nil {
		t.Fatal(err)
	}
	stop()
	w.lose()
	events = append(events, first)
	cards := map[string]slackstub.Message{}
	for _, event := range events {
		cards[event] = w.card(event, "stands", func(slackstub.Message) bool { return true })
	}
	overview, _ = w.slack.Message(overview.Channel, overview.TS)
	listed := func(m slackstub.Message) bool { return isList(m) && m.ThreadTS == cards[first].TS }
	lists := w.fitting(listed)
	if len(lists) != 1 {
		t.Fatalf("%d checklists", len(lists))
	}
	// One that is new now, ahead of all others, makes no storm of them.
	last := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(50 * time.Hour)})
	w.start()
	stop = w.run(50 * time.Millisecond)
	if card := w.cardSays(last, "No time reserved"); card.ThreadTS != "" {
		t.Errorf("the card of a new event stands in the thread of %s", card.ThreadTS)
	}
	for _, card := range cards {
		w.redrawn(card)
	}
	w.redrawn(overview)
	for _, event := range events {
		if n := w.cards(event); n != 1 {
			t.Errorf("%d cards of %s", n, event)
		}
	}
	if n := len(w.fitting(isOverview)); n != 1 {
		t.Errorf("%d overviews", n)
	}
	w.cardSays(first, "in the console")
	w.notice(desk, w.storePath(), "took over from the former one: 13.", "ecs-migrate store restore")

	// People go on where they were, also in the checklist.
	w.command(lin, web, "/ecs-migrate reschedule "+first+" 2024-05-02 03:00 Asia/Shanghai")
	w.line(cards[first], "<@"+lin+">", "Confirmed by Alibaba Cloud")
	w.redrawn(lists[0])
	if n := len(w.fitting(listed)); n != 1 {
		t.Errorf("%d checklists", n)
	}
	stop()
	w.restart()
	w.settle()
	if told := w.notices(desk); len(told) != 1 {
		t.Errorf("told %q", told)
	}
	for _, event := range append(events, last) {
		if n := w.cards(event); n != 1 {
			t.Errorf("after a restart, %d cards of %s", n, event)
		}
	}
}

func TestARestartWhileCardsAreTakenOverLosesNone(t *testing.T) {
	w, here, _ := announced(t, options{extra: admins})
	there := w.announce(ecsstub.EventSpec{InstanceID: api01})
	w.poll()
	w.cardSays(there, "No time reserved")
	w.lose()
	cards := []slackstub.Message{w.cardSays(here, "No time reserved"), w.cardSays(there, "No time reserved")}

	// The first life ends before it has looked, the second before it saw one region.
	down, err := w.cloud.Inject(ecsstub.Fault{Kind: ecsstub.FaultDown, Region: "cn-shanghai"})
	if err != nil {
		t.Fatal(err)
	}
	w.slack.AddFault(slackstub.Fault{Method: "conversations.history", Times: -1, Status: 503})
	w.start()
	w.poll()
	if err := w.slack.Wait(w.soon(), "a look", func() bool { return len(w.slack.Calls("conversations.history")) > 0 }); err != nil {
		t.Fatal(err)
	}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.slack.ClearFaults()
	w.clock.Advance(time.Hour)
	w.start()
	stop := w.run(50 * time.Millisecond)
	w.redrawn(cards[0])
	w.notice(desk, "took over from the former one: 1.")
	stop()
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.cloud.ClearFault(down)
	w.clock.Advance(2 * time.Hour)
	w.start()
	defer w.run(50 * time.Millisecond)()
	w.redrawn(cards[1])
	w.notice(desk, "took over from the former one: 2.")
	for _, event := range []string{here, there} {
		if n := w.cards(event); n != 1 {
			t.Errorf("%d cards of %s", n, event)
		}
	}
	told := slices.DeleteFunc(w.notices(desk), func(text string) bool { return !strings.Contains(text, "took over") })
	if len(told) != 1 {
		t.Errorf("told %q", told)
	}
}

func TestAFirstStartLooksOnceInEachChannelAndTellsNobody(t *testing.T) {
	w := newWorld(t, options{extra: admins, noBot: true})
	events := append(w.storm(30), w.announce(ecsstub.EventSpec{InstanceID: api01}))
	w.start()
	stop := w.run(50 * time.Millisecond)
	w.gathered(30)
	w.oneEach(events)
	stop()
	looks := map[string]int{}
	for _, c := range w.slack.Calls("conversations.history") {
		looks[fmt.Sprint(c.Args["channel"])]++
	}
	if len(looks) != 2 || looks[web] != 1 || looks[ops] != 1 {
		t.Errorf("looks: %v", looks)
	}
	// What it posted itself is not of a former store, though it never learnt so.
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Drop: true, AfterWork: true})
	lost := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(300 * time.Hour)})
	w.poll()
	before := w.cardSays(lost, "No time reserved")
	w.restart()
	stop = w.run(50 * time.Millisecond)
	w.redrawn(before) // with the link to its thread
	stop()
	w.settle()
	if n := w.cards(lost); n != 1 {
		t.Errorf("%d cards", n)
	}
	if told := w.fitting(isNotice); len(told) != 0 {
		t.Errorf("told %s", told[0].Text)
	}
}

func TestASlackThatDoesNotShowAChannelHoldsUpFirstCardsForAWhileOnly(t *testing.T) {
	for name, c := range map[string]struct {
		fault slackstub.Fault
		wait  time.Duration
	}{
		"a scope is missing":  {slackstub.Fault{Error: "missing_scope"}, 0},
		"it may only post":    {slackstub.Fault{Error: "not_in_channel"}, 0},
		"a code of its own":   {slackstub.Fault{Error: "not_today"}, 0},
		"it is away":          {slackstub.Fault{Status: 503}, 5 * time.Minute},
		"it wants to be left": {slackstub.Fault{Error: "ratelimited", Retry: 30}, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{slack: slackstub.Options{Limits: slackstub.Limits{Off: true}}})
			c.fault.Method, c.fault.Times = "conversations.history", -1
			w.slack.AddFault(c.fault)
			began := w.clock.Now()
			events := w.storm(3)
			defer w.run(50 * time.Millisecond)()
			w.oneEach(events)
			if took := w.clock.Now().Sub(began); took < c.wait {
				t.Errorf("the cards came after %v", took)
			}
			w.logged("Slack does not tell which cards stand in a channel already")
		})
	}
}

func TestTheNewestOfAFormerStoresCardsIsTakenOver(t *testing.T) {
	w, event, card := announced(t, options{})
	if err := w.slack.DeleteMessage(card.Channel, card.TS); err != nil {
		t.Fatal(err)
	}
	w.command(mary, web, tomorrow)
	w.line(w.cardSays(event, "Confirmed"), "Confirmed by Alibaba Cloud")
	w.lose()
	second := w.cardSays(event, "Confirmed")
	w.start()
	w.poll()
	stop := w.run(50 * time.Millisecond)
	w.redrawn(second)
	stop()
	if n := w.cards(event); n != 1 {
		t.Errorf("%d cards", n)
	}
	w.notice(web, w.storePath()) // no admin channel: told where the card stands
	// Deleted once more, it comes back as the third.
	if err := w.slack.DeleteMessage(second.Channel, second.TS); err != nil {
		t.Fatal(err)
	}
	w.command(lin, web, "/ecs-migrate reschedule "+event+" 2024-05-02 03:00 Asia/Shanghai")
	third := w.card(event, "is the third", func(m slackstub.Message) bool { return m.TS != second.TS })
	if got := fmt.Sprint(third.Metadata.EventPayload["generation"]); got != "3" {
		t.Errorf("it is of generation %s", got)
	}
}

func TestACardOfAnotherBotIsNotTakenOver(t *testing.T) {
	w, event, card := announced(t, options{extra: admins})
	w.lose()
	saved, err := w.slack.Save()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{slackstub.BotUserID, slackstub.BotID} {
		saved = bytes.ReplaceAll(saved, []byte(`"`+id+`"`), []byte(`"`+id[:1]+`0OTHER0BOT"`))
	}
	if err := w.slack.Restore(saved); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.poll()
	own := w.card(event, "is its own", func(m slackstub.Message) bool { return m.TS != card.TS })
	w.settle()
	if told := w.notices(desk); own.TS == card.TS || len(told) != 0 {
		t.Errorf("told %q", told)
	}
}
