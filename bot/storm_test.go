package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// storm announces n migrations in the team's channel, the later ones the more
// urgent, and gives their ids.
func (w *world) storm(n int) []string {
	w.t.Helper()
	var events []string
	for i := range n {
		id := fmt.Sprintf("i-storm%04d", i)
		if err := w.cloud.AddInstance("", ecsstub.Instance{ID: id, Name: fmt.Sprintf("storm-%04d", i), Region: "cn-hangzhou", Tags: map[string]string{"team": "web"}}); err != nil {
			w.t.Fatal(err)
		}
		events = append(events, w.announce(ecsstub.EventSpec{InstanceID: id, NotBefore: dawn.Add(240*time.Hour - time.Duration(i)*time.Minute)}))
	}
	return events
}

func isOverview(m slackstub.Message) bool {
	return m.Metadata != nil && m.Metadata.EventType == "ecs_migrate_post" && strings.HasPrefix(fmt.Sprint(m.Metadata.EventPayload["post"]), "overview/")
}

// run moves the clock on, a little each time, until stopped.
func (w *world) run(step time.Duration) (stop func()) {
	end := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-end:
				return
			case <-time.After(2 * time.Millisecond):
				w.clock.Advance(step)
			}
		}
	})
	return func() { close(end); running.Wait() }
}

// later bounds a wait for what takes Slack minutes.
func (w *world) later() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	w.t.Cleanup(cancel)
	return ctx
}

// within tells how long it took on the clock until a message fits.
func (w *world) within(what string, fits func(slackstub.Message) bool) time.Duration {
	w.t.Helper()
	began := w.clock.Now()
	if _, err := w.slack.WaitMessage(w.soon(), fits); err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
	return w.clock.Now().Sub(began)
}

// counted is how many cards the overview says to wait, in each of its versions.
func counted(m slackstub.Message) (waiting []int, at []time.Time) {
	for _, v := range m.Versions {
		n := 0
		if _, rest, ok := strings.Cut(v.Text, "posted, *"); ok {
			_, _ = fmt.Sscanf(rest, "%d wait", &n)
		}
		waiting, at = append(waiting, n), append(at, v.At)
	}
	return waiting, at
}

func TestManyAtOnceBecomeOneMessageWithTheCardsInItsThread(t *testing.T) {
	const n = 500
	w := newWorld(t, options{noBot: true})
	events := w.storm(n)
	w.start() // it sees all of them at once
	// What takes a busy machine a third of a second must not look like half a minute.
	stop := w.run(50 * time.Millisecond)
	defer stop()

	overview, err := w.slack.WaitMessage(w.soon(), isOverview)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.slack.Messages(web); !isOverview(got[0]) {
		t.Errorf("the channel's first message is no overview: %s", got[0].Text)
	}
	thread := func() []slackstub.Message {
		return slices.DeleteFunc(w.slack.Thread(web, overview.TS), isList) // they come besides, with what people do
	}
	if err := w.slack.Wait(w.soon(), "some cards", func() bool { return len(thread()) >= 20 }); err != nil {
		t.Fatal(err)
	}

	// The most urgent one stands already, and somebody acts on it.
	urgent := events[n-1]
	card := w.cardSays(urgent, "No time reserved")
	w.click(mary, card, "keep")
	shown := w.within("the card after the click", func(m slackstub.Message) bool { return isCard(m, urgent) && strings.Contains(read(m), "Confirmed") })
	told := w.within("its line", func(m slackstub.Message) bool {
		return isLine(m, urgent) && containsAll(read(m), []string{"<@" + mary + ">", "storm-0499", card.TS})
	})
	// Somebody acts on the least urgent one, whose card waits behind all others.
	last := events[0]
	if w.cards(last) != 0 {
		t.Fatal("the least urgent card is posted already: the test is too slow")
	}
	w.command(lin, web, "/ecs-migrate reserve i-storm0000")
	overtook := w.within("the card that waited", func(m slackstub.Message) bool { return isCard(m, last) })
	overtookLine := w.within("its line", func(m slackstub.Message) bool { return isLine(m, last) })
	left := n - len(thread())
	t.Logf("while %d cards wait: a click shows after %v, its line after %v more; a card that waited comes after %v, its line after %v more",
		left, shown, told, overtook, overtookLine)
	if left < n/2 {
		t.Errorf("only %d cards wait: the test shows nothing", left)
	}
	for what, took := range map[string]time.Duration{"card": shown, "line": told, "card that waited": overtook, "its line": overtookLine} {
		if took > 20*time.Second { // of the minutes that the others take
			t.Errorf("the %s took %v while others wait", what, took)
		}
	}

	err = w.slack.Wait(w.later(), "all cards", func() bool { return len(thread()) == n+2 }) // and two lines
	if err != nil {
		t.Fatalf("%d messages in the thread: %v", len(thread()), err)
	}
	if _, err := w.slack.WaitMessage(w.later(), func(m slackstub.Message) bool { return isOverview(m) && strings.Contains(m.Text, "All 500 cards") }); err != nil {
		t.Error(err)
	}
	w.stormIsTold(events, urgent, last, thread())
}

// stormIsTold: each migration has one card, in the overview's thread, the most
// urgent first; the overview counted down, at its pace; Slack never had to ask to
// slow down.
func (w *world) stormIsTold(events []string, urgent, last string, thread []slackstub.Message) {
	w.t.Helper()
	var order []int
	for _, m := range thread {
		if m.Metadata.EventType != "ecs_migration" {
			continue
		}
		event := fmt.Sprint(m.Metadata.EventPayload["event_id"])
		if event != last { // which somebody had go first
			order = append(order, slices.Index(events, event))
		}
	}
	// The cloud tells 100 events a page: some cards go before the rest is known.
	if len(order) != len(events)-1 || !slices.IsSortedFunc(order[5:], func(a, b int) int { return b - a }) {
		w.t.Errorf("%d cards, not the most urgent first: %v", len(order), order)
	}
	overviews := 0
	for _, m := range w.slack.Messages(web) {
		switch {
		case m.ThreadTS != "" || m.To != "":
		case isOverview(m):
			overviews++
			waiting, at := counted(m)
			grown := slices.Index(waiting, slices.Max(waiting)) // page by page
			if len(waiting) < 20 || !slices.IsSortedFunc(waiting[grown:], func(a, b int) int { return b - a }) {
				w.t.Errorf("the overview counted %v", waiting)
			}
			// It may grow while it is posted. A single drawing may be late, and the next
			// one not.
			if n := len(at) - 2; n > 0 {
				if gap := at[len(at)-1].Sub(at[1]) / time.Duration(n); gap < 8*time.Second {
					w.t.Errorf("the overview was drawn again every %v", gap)
				}
			}
		default:
			w.t.Errorf("beside the overview stands %s", m.Text)
		}
	}
	if overviews != 1 {
		w.t.Errorf("%d overviews", overviews)
	}
	for _, c := range w.slack.Calls("") {
		if c.Error == "ratelimited" {
			w.t.Errorf("Slack asked to slow down: %s", c.Method)
		}
	}
}

func isList(m slackstub.Message) bool {
	return m.Metadata != nil && m.Metadata.EventType == "ecs_migration_list"
}

func isLine(m slackstub.Message, event string) bool {
	return m.Metadata != nil && m.Metadata.EventType == "ecs_migration_news" && m.Metadata.EventPayload["event_id"] == event
}

// gathered waits for the overview and so many messages in its thread.
func (w *world) gathered(n int) slackstub.Message {
	w.t.Helper()
	overview, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool { return isOverview(m) && !m.Deleted })
	if err != nil {
		w.t.Fatal(err)
	}
	w.inThread(overview, n)
	return overview
}

func (w *world) inThread(overview slackstub.Message, n int) {
	w.t.Helper()
	thread := func() int { return len(w.slack.Thread(overview.Channel, overview.TS)) }
	if err := w.slack.Wait(w.soon(), "cards in the thread", func() bool { return thread() >= n }); err != nil {
		w.t.Fatalf("%d of %d cards in the thread: %v", thread(), n, err)
	}
}

// oneEach: each event has one card that stands.
func (w *world) oneEach(events []string) {
	w.t.Helper()
	for i, event := range events {
		w.cardSays(event, "No time reserved")
		if n := w.cards(event); n != 1 {
			w.t.Errorf("event %d has %d cards", i, n)
		}
	}
}

func TestAStormOutlivesARestart(t *testing.T) {
	w := newWorld(t, options{noBot: true, slack: slackstub.Options{Limits: slackstub.Limits{Off: true}}})
	// The overview is posted and the bot never learns so; then a card is.
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Drop: true, AfterWork: true})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Skip: 4, Drop: true, AfterWork: true})
	events := w.storm(20)
	w.start()
	stop := w.run(50 * time.Millisecond)
	w.gathered(7)
	stop()
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.start()
	defer w.run(50 * time.Millisecond)()
	overview := w.gathered(20)
	w.oneEach(events)
	if n := len(w.slack.Thread(web, overview.TS)); n != 20 {
		t.Errorf("%d messages in the thread", n)
	}
	for _, m := range w.slack.Messages(web) {
		if m.ThreadTS == "" && m.TS != overview.TS {
			t.Errorf("beside the overview stands %s", m.Text)
		}
	}
}

func TestAnOverviewThatSomebodyDeletesReturnsForTheCardsThatWait(t *testing.T) {
	w := newWorld(t, options{noBot: true})
	events := w.storm(30)
	w.start()
	defer w.run(50 * time.Millisecond)()
	first := w.gathered(3)
	if err := w.slack.DeleteMessage(web, first.TS); err != nil {
		t.Fatal(err)
	}
	second := w.gathered(1)
	if second.TS == first.TS || fmt.Sprint(second.Metadata.EventPayload["generation"]) != "2" {
		t.Errorf("the second overview: %+v", second.Metadata)
	}
	w.oneEach(events)
}

func TestAStormForAChannelThatTakesNoneFollowsTheRoutes(t *testing.T) {
	w := newWorld(t, options{})
	w.slack.KickBot(ops)
	w.rest = ops
	var events []string
	for i := range 15 {
		id := fmt.Sprintf("i-storm%04d", i)
		if err := w.cloud.AddInstance("", ecsstub.Instance{ID: id, Region: "cn-shanghai"}); err != nil {
			t.Fatal(err)
		}
		events = append(events, w.announce(ecsstub.EventSpec{InstanceID: id}))
	}
	w.clock.Advance(11 * time.Second)
	if _, err := w.slack.WaitCall(w.soon(), "chat.postMessage", func(c slackstub.Call) bool { return c.Error == "not_in_channel" }); err != nil {
		t.Fatal(err)
	}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.rest = web
	w.start()
	defer w.run(50 * time.Millisecond)()
	w.clock.Advance(5 * time.Minute)
	w.oneEach(events)
	for _, m := range w.slack.Messages("") {
		if m.Channel != web {
			t.Errorf("in %s stands %s", m.Channel, m.Text)
		}
	}
}

func TestTenAtOnceAreCardsOfTheirOwn(t *testing.T) {
	w := newWorld(t, options{})
	events := w.storm(10)
	defer w.run(50 * time.Millisecond)()
	w.oneEach(events)
	for _, m := range w.slack.Messages(web) {
		if isOverview(m) || m.ThreadTS != "" {
			t.Errorf("ten are a storm: %s", m.Text)
		}
	}
}

func TestACardOfAStormThatSomebodyDeletesReturnsByItself(t *testing.T) {
	w := newWorld(t, options{noBot: true})
	events := w.storm(12)
	w.start()
	defer w.run(50 * time.Millisecond)()
	w.gathered(12)
	card := w.cardSays(events[0], "No time reserved")
	if err := w.slack.DeleteMessage(web, card.TS); err != nil {
		t.Fatal(err)
	}
	w.command(mary, web, "/ecs-migrate reserve i-storm0000")
	fresh := w.card(events[0], "stands by itself", func(m slackstub.Message) bool { return m.ThreadTS == "" })
	if !strings.Contains(read(fresh), "The former card was deleted") {
		t.Errorf("it does not say why it stands here: %s", read(fresh))
	}
	w.line(fresh, "<@"+mary+">")
	if n := w.cards(events[0]); n != 1 {
		t.Errorf("%d cards", n)
	}
}

func TestACardThatMayStandAlreadyIsNotGathered(t *testing.T) {
	w := newWorld(t, options{slack: slackstub.Options{Limits: slackstub.Limits{Off: true}}})
	// The first card is posted, and nobody learns so for a while.
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Drop: true, AfterWork: true})
	w.slack.AddFault(slackstub.Fault{Method: "conversations.history", Skip: 1, Times: -1, Status: 503}) // not what a new store looks for
	first := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(400 * time.Hour)})
	w.poll()
	if _, err := w.slack.WaitCall(w.soon(), "chat.postMessage", func(slackstub.Call) bool { return true }); err != nil {
		t.Fatal(err)
	}
	events := w.storm(15) // all of them more urgent
	defer w.run(50 * time.Millisecond)()
	w.gathered(15)
	w.slack.ClearFaults()
	w.oneEach(events)
	w.command(mary, web, "/ecs-migrate reserve web-01")
	if _, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool { return isLine(m, first) }); err != nil {
		t.Fatal(err)
	}
	if card := w.cardSays(first, "Confirmed"); card.ThreadTS != "" || w.cards(first) != 1 {
		t.Errorf("the first event has %d cards; this one is in the thread of %q", w.cards(first), card.ThreadTS)
	}
}
