package killtest

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
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
	{"tick in a form", tick, rows(ack.sent(), postList.each())},
	{"authorise by click", accept, rows(ack.sent(), authorise.each(), readBack.each(), postLine.each())},
	{"the cloud starts it", run, rows(list.each(), updateCard.each(), postLine.each())},

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
	w := newWorld(t, slackstub.Limits{Off: true}, place{web01, "web", web})
	decide.prepare(w)
	decided := make(chan error, 1)
	for i, s := range stops {
		if i > 0 && s.what != list.what {
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
}

var (
	reserve = act{announced(ecsstub.Scheduled), func(ctx context.Context, w *world, event string) error {
		_, err := w.choose(ctx, mary, "reserve", event, inFiveHours())
		return err
	}}
	keep = act{announced(ecsstub.Scheduled), func(ctx context.Context, w *world, event string) error {
		_, err := w.keep(ctx, mary, event)
		return err
	}}
	// choose fills in a form. Where the bot dies before it is open, the person
	// clicks again.
	choose = act{announced(ecsstub.Scheduled), func(ctx context.Context, w *world, event string) error {
		err := errNoForm
		for errors.Is(err, errNoForm) {
			_, err = w.form(ctx, mary, event, "choose", inFiveHours())
		}
		return err
	}}
	assign = act{announced(ecsstub.Scheduled), func(ctx context.Context, w *world, event string) error {
		_, err := w.assign(ctx, mary, event)
		return err
	}}
	tick = act{announced(ecsstub.Scheduled), func(ctx context.Context, w *world, event string) error {
		err := errNoForm
		for errors.Is(err, errNoForm) {
			_, err = w.tick(ctx, mary, event)
		}
		return err
	}}
	accept = act{announced(ecsstub.Inquiring), func(ctx context.Context, w *world, event string) error {
		_, err := w.accept(ctx, mary, event)
		return err
	}}
	// run is nobody's decision: the cloud begins, which the next start sees.
	run = act{func(w *world) {
		announced(ecsstub.Scheduled)(w)
		w.start()
		w.settle()
		w.kill()
		if err := w.cloud.Run(w.event[web01]); err != nil {
			w.t.Fatal(err)
		}
	}, func(context.Context, *world, string) error { return nil }}
)

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

func hasNo(name string) func(url.Values) bool {
	return func(v url.Values) bool { return !v.Has(name) }
}

// hasNone fits arguments without a part in the one of that name.
func hasNone(name, part string) func(url.Values) bool {
	return func(v url.Values) bool { return !strings.Contains(v.Get(name), part) }
}

func metadata(part string) func(url.Values) bool { return has("metadata", part) }
