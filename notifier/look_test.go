package notifier_test

import (
	"fmt"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/stub/slack"
	"ecs-migrate/notifier"
)

func TestALookGoesThroughAChannelAndItsOverviewsAndGoesOnWhereItWasHeldUp(t *testing.T) {
	s, api := start(t, calm())
	send := sender(api)
	post := func(thread string, msg notifier.Message) string {
		t.Helper()
		ts, err := send.Post(t.Context(), webOps, thread, msg, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return ts
	}
	overview := func(n int) notifier.Message {
		return notifier.Message{Text: "many", Metadata: &slackgo.SlackMetadata{
			EventType: notifier.PostEvent, EventPayload: map[string]any{"post": fmt.Sprintf("overview/%s/%d", webOps, n), "generation": 1},
		}}
	}
	// More than a page of each: the channel, and the thread of the older overview.
	first := post("", overview(1))
	for n := range 210 {
		post(first, message(fmt.Sprintf("e-thread-%d", n), 1))
	}
	second := post("", overview(2))
	post(second, message("e-late", 1))
	post("", message("e-twice", 1))
	newest := post("", message("e-twice", 2))
	for n := range 210 {
		post("", message(fmt.Sprintf("e-%d", n), 1))
	}

	s.AddFault(slack.Fault{Method: "conversations.history", Skip: 1, Status: 503})
	s.AddFault(slack.Fault{Method: "conversations.replies", Skip: 1, Status: 503})
	look := send.Look(webOps, time.Now().Add(-time.Hour))
	for n := range 2 {
		if err := look.Run(t.Context()); err == nil {
			t.Fatalf("run %d was not held up", n+1)
		}
	}
	if err := look.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	cards := look.Cards()
	if len(cards) != 2*210+2 {
		t.Errorf("%d cards", len(cards))
	}
	of := func(event string) notifier.Standing {
		return cards[migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: event}]
	}
	if got := of("e-twice"); got.TS != newest || got.Generation != 2 || got.Overview.ID != "" {
		t.Errorf("the newest of two: %+v", got)
	}
	if got := of("e-thread-209"); got.Overview.TS != first || got.Overview.ID != "overview/"+webOps+"/1" {
		t.Errorf("the last of the older thread: %+v", got)
	}
	if got := of("e-late"); got.Overview.TS != second {
		t.Errorf("the one of the newer thread: %+v", got)
	}
	if history, replies := len(s.Calls("conversations.history")), len(s.Calls("conversations.replies")); history != 3 || replies != 4 {
		t.Errorf("%d pages of the channel and %d of threads were asked for, held up ones included", history, replies)
	}
}

func TestALookPassesOverAThreadThatIsGone(t *testing.T) {
	s, api := start(t, calm())
	send := sender(api)
	gone := notifier.Message{Text: "many", Metadata: &slackgo.SlackMetadata{
		EventType: notifier.PostEvent, EventPayload: map[string]any{"post": "overview/" + webOps + "/1", "generation": 1},
	}}
	for _, msg := range []notifier.Message{message("e-1", 1), gone} {
		if _, err := send.Post(t.Context(), webOps, "", msg, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	s.AddFault(slack.Fault{Method: "conversations.replies", Error: "thread_not_found"})
	look := send.Look(webOps, time.Now().Add(-time.Hour))
	if err := look.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(look.Cards()); n != 1 || len(s.Faults()) != 0 {
		t.Errorf("%d cards", n)
	}
}
