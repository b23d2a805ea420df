package killtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

const (
	web01 = "i-bp1web01classic0001"
	web   = "C0123456789"
)

// The steps between a decision and its effects. A step is there three times:
// asked, done, answered.
var (
	list       = step{"the poll's list", action("DescribeInstanceHistoryEvents", hasNo("EventId.1"))}
	facts      = step{"an instance's facts", action("DescribeInstances", nil)}
	postCard   = step{"the card's post", action("chat.postMessage", metadata(`"ecs_migration"`))}
	updateCard = step{"the card's update", action("chat.update", hasNone("blocks", "No time reserved"))} // what follows from a decision, no mere redraw
	postLine   = step{"a line's post", action("chat.postMessage", metadata(`"ecs_migration_news"`))}
	lineTwo    = step{"the second line's post", action("chat.postMessage", metadata(`"line":2,`))}
	postList   = step{"the checklist's post", action("chat.postMessage", metadata(`"ecs_migration_list"`))}
	findCard   = step{"looking for the card", action("conversations.history", nil)}
	findLine   = step{"looking for a line", action("conversations.replies", nil)}
	modify     = step{"the cloud's change", action("ModifySystemEventAttribute", nil)}
	authorise  = step{"the cloud's authorisation", action("AcceptInquiredSystemEvent", nil)}
	readBack   = step{"the read-back", action("DescribeInstanceHistoryEvents", has("EventId.1", ""))}
	person     = step{"reading who acts", action("users.info", nil)}
	openForm   = step{"opening the form", action("views.open", nil)}
	fillForm   = step{"filling the form", action("views.update", nil)}
	answerURL  = step{"the answer to a click", func(c call) bool { return strings.HasPrefix(c.name, "/response/") }}
	ack        = step{"the acknowledgement", action(acknowledgement, nil)}

	endCard = step{"the update of the card that is done", action("chat.update", both(metadata(`"ecs_migration"`), has("blocks", "cknowledged by")))}
	endList = step{"the update of the list that is done", action("chat.update", both(metadata(`"ecs_migration_list"`), has("blocks", "cknowledged by")))}

	remind   = step{"the reminder's post", action("chat.postMessage", metadata(`"ecs_migration_reminder"`))}
	escalate = step{"the escalation's post", action("chat.postMessage", metadata(`"ecs_migration_escalation"`))}

	postDigest     = step{"the digest's post", action("chat.postMessage", metadata(`"digest/`))}
	postOverview   = step{"the overview's post", action("chat.postMessage", metadata(`"overview/`))}
	updateOverview = step{"the overview's update", action("chat.update", metadata(`"overview/`))}
	postBelow      = step{"a card's post in its thread", action("chat.postMessage", both(metadata(`"ecs_migration"`), has("thread_ts", "")))}
)

// cases are what is decided, and the stops at which the bot is killed, one in
// each life.
var cases = []struct {
	name   string
	decide act
	stops  [][]stop // each row is a world of its own
}{
	{"reserve by command", reserve, rows(
		list.each(), facts.each(), postCard.each(), person.each(), ack.sent(), modify.each(), readBack.each(),
		updateCard.each(), postLine.each(), lineTwo.each(),
	)},
	{"keep by click", keep, rows(ack.sent(), answerURL.each(), updateCard.each(), postLine.each())},
	{"choose in a form", choose, rows(ack.sent(), openForm.each(), fillForm.each(), modify.each())},
	{"assign by command", assign, rows(ack.sent(), postLine.each(), postList.each())},
	{"snooze by command", snooze, rows(ack.sent(), postLine.each())},
	{"tick in a form", tick, rows(ack.sent(), postList.each())},
	{"acknowledge the follow-up by command", acknowledge, rows(ack.sent(), endCard.each(), postLine.each(), endList.each())},
	{"authorise by click", accept, rows(ack.sent(), authorise.each(), readBack.each(), postLine.each())},
	{"the cloud starts it", run, rows(list.each(), updateCard.each(), postLine.each())},

	// What comes by itself, at its hour. A message is looked for where a run before
	// may have posted it.
	{"a reminder", beReminded, rows(remind.each(), remind.recorded(), [][]stop{
		{remind.at(asked), findLine.at(answered)},
		{remind.at(done), findLine.at(done), findLine.at(asked)},
	})},
	{"an escalation", nobodyAnswers, rows(escalate.each(), escalate.recorded(), [][]stop{
		{escalate.at(done), findCard.at(done)},
		{remind.at(done), escalate.at(done)},
	})},
	{"the daily digest", digest, rows(postDigest.each(), postDigest.recorded(), [][]stop{
		{list.at(done), postDigest.at(done), findCard.at(asked)},
		{postDigest.at(asked), findCard.at(answered)},
	})},
	// Each waits for the overview to be drawn again, so they share lives. The first
	// card of the thread is posted once the overview is recorded.
	{"many at once", storm, [][]stop{
		{postOverview.at(asked), postOverview.at(done), findCard.at(answered), postBelow.at(asked)},
		{postOverview.at(answered), postBelow.at(answered), updateOverview.at(asked), updateOverview.at(done)},
		{postBelow.at(done), postBelow.at(done), findLine.at(answered), updateOverview.at(answered)},
	}},

	// A second kill, while the bot finds out what became of the step before.
	{"reserve by command, killed twice", reserve, [][]stop{
		{postCard.at(asked), findCard.at(done)},
		{postCard.at(done), findCard.at(asked)},
		{postCard.at(done), findCard.at(answered)},
		{postLine.at(asked), findLine.at(answered)},
		{postLine.at(done), findLine.at(done)},
		{postLine.at(done), postLine.at(done), findLine.at(asked)},
		{modify.at(asked), readBack.at(done)},
		{modify.at(done), readBack.at(asked)},
		{modify.at(done), readBack.at(done), readBack.at(done)},
		{readBack.at(done), list.at(answered), postLine.at(done)},
		{postList.at(asked), findLine.at(done)},
		{postList.at(done), findLine.at(answered)},
		{updateCard.at(done), updateCard.at(done), lineTwo.at(done), findLine.at(answered)},
	}},
	{"authorise by click, killed twice", accept, [][]stop{
		{authorise.at(done), readBack.at(asked)},
		{authorise.at(asked), authorise.at(done), readBack.at(answered)},
	}},
}

func TestKilledAtEachStep(t *testing.T) {
	for _, c := range cases {
		for _, stops := range c.stops {
			t.Run(c.name+"/"+join(stops), func(t *testing.T) {
				t.Parallel()
				killedAt(t, c.decide, stops)
			})
		}
	}
}

// killedAt has one migration decided upon, kills the bot at each stop in turn,
// and lets it settle.
func killedAt(t *testing.T, decide act, stops []stop) {
	w := newWorld(t, slackstub.Limits{Off: true}, webs(max(1, decide.many))...)
	decide.prepare(w)
	decided := make(chan error, 1)
	for i, s := range stops {
		if i > 0 && s.what != list.what && !decide.looks {
			s.beside = list.fits // what a poll sees would make the step needless
		}
		met := w.tap.set(s)
		w.start()
		if i == 0 {
			go func() { decided <- decide.do(t.Context(), w, w.event[web01]) }()
		}
		w.killAt(s, met)
	}
	w.start()
	if err := <-decided; err != nil {
		t.Errorf("deciding: %v", err)
	}
	w.settle()
	w.quit()
	w.audit()
}

// webs are n instances of the same team.
func webs(n int) []place {
	all := []place{{web01, "web", web}}
	for i := 1; i < n; i++ {
		all = append(all, place{fmt.Sprintf("i-bp1web%04d", i), "web", web})
	}
	return all
}

// An acknowledgement that Slack saw is as good as an answer that a person saw:
// killed right then, the bot still does what was decided.
func TestKilledOnceThePersonSawTheAnswer(t *testing.T) {
	for name, decide := range map[string]act{"command": reserve, "click": keep, "authorisation": accept} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, slackstub.Limits{Off: true}, place{web01, "web", web})
			decide.prepare(w)
			w.start()
			if err := decide.do(t.Context(), w, w.event[web01]); err != nil {
				t.Fatal(err)
			}
			w.kill()
			if got := w.book.of(w.event[web01]); len(got) != 1 || got[0].answer != yes {
				t.Fatalf("answered %v, want one yes", got)
			}
			w.start()
			w.settle()
			w.quit()
			w.audit()
		})
	}
}

// What the bot cannot check it refuses, in words that a person understands.
func TestAClickThatIsRefusedCountsForNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackstub.Limits{Off: true}, place{web01, "web", web})
	w.announce(web01, ecsstub.Scheduled)
	w.start()
	w.settle()
	w.slack.AddFault(slackstub.Fault{Method: "users.info", Error: "internal_error", Times: -1})
	if got, err := w.keep(w.soon(), mary, w.event[web01]); got != no || err != nil {
		t.Errorf("answered %q, %v; want a no", got, err)
	}
	w.slack.ClearFaults()
	w.settle()
	w.quit()
	w.audit()
}

// An envelope that comes again after a restart counts once, whether or not its
// first acknowledgement got through.
func TestAnEnvelopeRedeliveredAfterARestartCountsOnce(t *testing.T) {
	for name, stops := range map[string][]stop{"acknowledged": {modify.at(done)}, "not acknowledged": {ack.at(asked)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, slackstub.Limits{Off: true}, place{web01, "web", web})
			reserve.prepare(w)
			met := w.tap.set(stops[0])
			w.start()
			decided := make(chan error, 1)
			go func() { decided <- reserve.do(t.Context(), w, w.event[web01]) }()
			w.killAt(stops[0], met)
			if err := <-decided; err != nil {
				t.Fatal(err)
			}
			w.start()
			before := w.slack.Envelopes()
			again := before[len(before)-1].ID
			w.late[again] = true
			w.redeliver(again)
			w.settle()
			w.quit()
			w.audit()
		})
	}
}

// An envelope that comes again late must not take back what was decided since.
func TestAnOldEnvelopeRedeliveredAfterARestartChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackstub.Limits{Off: true}, place{web01, "web", web})
	w.announce(web01, ecsstub.Scheduled)
	w.start()
	event := w.event[web01]
	for _, at := range []time.Time{inFiveHours(), inFiveHours().Add(time.Hour)} {
		if got, err := w.choose(w.soon(), mary, "reschedule", event, at); err != nil || got != yes {
			t.Fatalf("choosing %s: %v %v", at, got, err)
		}
		if err := w.told(w.soon(), event, "Confirmed", at); err != nil {
			t.Fatal(err)
		}
	}
	w.kill()
	w.start()
	w.redeliver(w.slack.Envelopes()[0].ID)
	w.settle()
	w.quit()
	w.audit()
}

// redeliver sends an envelope again and waits until it is acknowledged.
func (w *world) redeliver(envelope string) {
	w.t.Helper()
	if err := w.slack.WaitConnections(w.soon(), 2); err != nil {
		w.t.Fatal(err)
	}
	met := w.tap.set(ack.at(answered))
	if err := w.slack.Redeliver(envelope); err != nil {
		w.t.Fatal(err)
	}
	select {
	case <-met:
	case <-w.soon().Done():
		w.t.Fatal("the envelope that came again is not acknowledged")
	}
}

// act is a way to decide about a migration.
type act struct {
	prepare func(*world)
	do      func(ctx context.Context, w *world, event string) error
	many    int  // of how many migrations it is one; 0: there is no other
	looks   bool // it waits for the region to be looked at
}

var (
	reserve = act{prepare: announced(ecsstub.Scheduled), do: func(ctx context.Context, w *world, event string) error {
		_, err := w.choose(ctx, mary, "reserve", event, inFiveHours())
		return err
	}}
	keep = act{prepare: announced(ecsstub.Scheduled), do: func(ctx context.Context, w *world, event string) error {
		_, err := w.keep(ctx, mary, event)
		return err
	}}
	// choose fills in a form. Where the bot dies before it is open, the person
	// clicks again.
	choose = act{prepare: announced(ecsstub.Scheduled), do: func(ctx context.Context, w *world, event string) error {
		err := errNoForm
		for errors.Is(err, errNoForm) {
			_, err = w.form(ctx, mary, event, "choose", inFiveHours())
		}
		return err
	}}
	assign = act{prepare: announced(ecsstub.Scheduled), do: func(ctx context.Context, w *world, event string) error {
		_, err := w.assign(ctx, mary, event)
		return err
	}}
	tick = act{prepare: announced(ecsstub.Scheduled), do: func(ctx context.Context, w *world, event string) error {
		err := errNoForm
		for errors.Is(err, errNoForm) {
			_, err = w.tick(ctx, mary, event)
		}
		return err
	}}
	accept = act{prepare: announced(ecsstub.Inquiring), do: func(ctx context.Context, w *world, event string) error {
		_, err := w.accept(ctx, mary, event)
		return err
	}}
	// run is nobody's decision: the cloud begins, which the next start sees.
	run = act{prepare: func(w *world) {
		w.announce(web01, ecsstub.Scheduled)
		w.live()
		if err := w.cloud.Run(w.event[web01]); err != nil {
			w.t.Fatal(err)
		}
	}, do: nothing}
	snooze = act{prepare: announced(ecsstub.Scheduled), do: func(ctx context.Context, w *world, event string) error {
		_, err := w.snooze(ctx, mary, event, inFiveHours())
		return err
	}}
	// acknowledge is about a migration whose end the bot knows.
	acknowledge = act{prepare: func(w *world) {
		w.announce(web01, ecsstub.Scheduled)
		w.live()
		w.execute(web01)
		w.live()
	}, do: func(ctx context.Context, w *world, event string) error {
		_, err := w.acknowledge(ctx, mary, event)
		return err
	}}
	// beReminded is a run that ended a while ago, which the next start sees: the
	// follow-up is due.
	beReminded = act{prepare: func(w *world) {
		w.reminders = `digest: "", follow_up: 15m, ` + always
		w.wanted.reminders = []string{"follow_up/open"}
		w.endedBefore(15 * time.Minute)
	}, do: nothing}
	// nobodyAnswers is one that ended days ago: three reminders are due, and nobody
	// answered the two before the last.
	nobodyAnswers = act{prepare: func(w *world) {
		w.reminders = `digest: "", follow_up: 15m, voucher: 1, ` + always
		w.wanted.reminders = []string{"follow_up/open", "recovered/once", "voucher/once"}
		w.wanted.escalations = []string{"voucher/once"}
		w.endedBefore(10 * 24 * time.Hour)
	}, do: nothing, looks: true}
	// digest is of the hour that began last, and of a migration that was there by
	// then.
	digest = act{prepare: func(w *world) {
		w.announce(web01, ecsstub.Scheduled)
		w.live()
		w.age(w.event[web01], 2*time.Hour)
		w.reminders = fmt.Sprintf(`digest: "0 %d * * *"`, time.Now().UTC().Hour())
		w.configure()
		w.wanted.posts = []string{string(migration.PostDigest)}
	}, do: nothing, looks: true}
	// storm is more migrations at once than anybody reads one by one.
	storm = act{prepare: func(w *world) {
		for _, p := range webs(stormy) {
			w.announce(p.instance, ecsstub.Scheduled)
		}
		w.wanted.posts = []string{string(migration.PostOverview)}
	}, do: nothing, many: stormy}
)

// always has people reminded at any hour of any day.
const always = `working_hours: "00:00-24:00", working_days: [mon, tue, wed, thu, fri, sat, sun], holidays: []`

const stormy = migration.StormAt + 2

// nothing is what people decide where something comes by itself.
func nothing(context.Context, *world, string) error { return nil }

// endedBefore has a migration that is known run, and be over since a while ago.
func (w *world) endedBefore(ago time.Duration) {
	w.t.Helper()
	w.configure()
	w.announceEnded(web01, ago)
	w.live()
	w.execute(web01)
}

// age has the bot, which is down, have known a migration for longer.
func (w *world) age(event string, by time.Duration) {
	w.t.Helper()
	s, err := store.Open(w.storePath(), store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	found, err := s.Find(w.soon(), event)
	if err != nil || len(found) != 1 {
		w.t.Fatalf("the store holds %d migrations of %s (%v)", len(found), event, err)
	}
	_, err = s.Apply(w.soon(), found[0].Key(), "", func(cur *migration.Migration) (migration.Change, error) {
		m := *cur
		m.FirstSeen = m.FirstSeen.Add(-by)
		return migration.Change{Migration: &m}, nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		w.t.Fatal(err)
	}
}

func announced(status string) func(*world) {
	return func(w *world) {
		w.t.Helper()
		w.announce(web01, status)
	}
}

func inFiveHours() time.Time { return time.Now().UTC().Add(5 * time.Hour).Truncate(time.Minute) }

// step is a call that the bot makes on its way.
type step struct {
	what string
	fits func(call) bool
}

func (s step) at(when moment) stop { return stop{what: s.what, fits: s.fits, when: when} }

// each is a life for each moment of the step.
func (s step) each() [][]stop {
	return [][]stop{{s.at(asked)}, {s.at(done)}, {s.at(answered)}}
}

// recorded is a life that ends when the step's outcome is in the store.
func (s step) recorded() [][]stop {
	last := s.at(answered)
	last.recorded = true
	return [][]stop{{last}}
}

// sent is a life for an acknowledgement that Slack never sees, and one for an
// acknowledgement that gets there.
func (s step) sent() [][]stop { return [][]stop{{s.at(asked)}, {s.at(answered)}} }

func rows(all ...[][]stop) [][]stop {
	var out [][]stop
	for _, some := range all {
		out = append(out, some...)
	}
	return out
}

func join(stops []stop) string {
	words := make([]string, len(stops))
	for i, s := range stops {
		words[i] = s.String()
	}
	return strings.Join(words, ", then ")
}

// action fits calls of a name whose arguments fit.
func action(name string, args func(url.Values) bool) func(call) bool {
	return func(c call) bool { return c.name == name && (args == nil || args(c.args)) }
}

// has fits arguments with a part in the one of that name.
func has(name, part string) func(url.Values) bool {
	return func(v url.Values) bool { return v.Has(name) && strings.Contains(v.Get(name), part) }
}

// both fits arguments that fit twice.
func both(one, other func(url.Values) bool) func(url.Values) bool {
	return func(v url.Values) bool { return one(v) && other(v) }
}

func hasNo(name string) func(url.Values) bool {
	return func(v url.Values) bool { return !v.Has(name) }
}

// hasNone fits arguments without a part in the one of that name.
func hasNone(name, part string) func(url.Values) bool {
	return func(v url.Values) bool { return !strings.Contains(v.Get(name), part) }
}

func metadata(part string) func(url.Values) bool { return has("metadata", part) }
