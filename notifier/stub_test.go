package notifier_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/stub/slack"
	"ecs-migrate/notifier"
)

const (
	webOps = "C0123456789"
	ops    = "C0000000000"
)

func start(t *testing.T, o slack.Options) (*slack.Server, *slackgo.Client) {
	t.Helper()
	s := slack.New(o)
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, slackgo.New(s.BotToken(), slackgo.OptionAPIURL(s.APIURL()))
}

// calm is a workspace without rate limits: they have tests of their own.
func calm() slack.Options { return slack.Options{Limits: slack.Limits{Off: true}} }

// fast is a clock on which no turn takes long.
type fast struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fast) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Minute)
	return c.now
}

func (c *fast) After(time.Duration) <-chan time.Time {
	done := make(chan time.Time, 1)
	done <- c.Now()
	return done
}

func sender(api *slackgo.Client) *notifier.Sender {
	return notifier.NewSender(api, notifier.SenderOptions{Clock: &fast{now: time.Now()}})
}

func message(id string, number int) notifier.Message {
	return notifier.Message{
		Text: "message " + id, Blocks: []slackgo.Block{slackgo.NewDividerBlock()},
		Metadata: &slackgo.SlackMetadata{
			EventType:    notifier.CardEvent,
			EventPayload: map[string]any{"account": "prod", "region": "cn-hangzhou", "event_id": id, "generation": number},
		},
	}
}

func TestSlackTakesEveryGoldenMessage(t *testing.T) {
	s, api := start(t, calm())
	send := sender(api)
	for name, msg := range notifier.Golden(t) {
		ts, err := send.Post(t.Context(), ops, "", msg, time.Time{})
		if err != nil {
			t.Errorf("%s: post: %v", name, whyRefused(err, s))
			continue
		}
		if err := send.Update(t.Context(), ops, ts, msg); err != nil {
			t.Errorf("%s: update: %v", name, whyRefused(err, s))
		}
		got, ok := s.Message(ops, ts)
		if !ok || got.Metadata == nil || got.Metadata.EventType != msg.Metadata.EventType {
			t.Errorf("%s: the update lost the metadata: %+v", name, got.Metadata)
		}
	}
	for _, v := range s.Violations() {
		t.Errorf("violation: %+v", v)
	}
}

// whyRefused adds Slack's reasons to an error.
func whyRefused(err error, s *slack.Server) error {
	calls := s.Calls("")
	if len(calls) == 0 {
		return err
	}
	return fmt.Errorf("%w: %v", err, calls[len(calls)-1].Answer)
}

func TestPostUpdateAndThread(t *testing.T) {
	s, api := start(t, calm())
	send := sender(api)
	card, err := send.Post(t.Context(), webOps, "", message("e-1", 1), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := send.Post(t.Context(), webOps, card, message("e-1", 2), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := s.Message(webOps, reply); m.ThreadTS != card {
		t.Errorf("the reply stands in the thread %q, want %q", m.ThreadTS, card)
	}
	changed := message("e-1", 1)
	changed.Text = "changed"
	if err := send.Update(t.Context(), webOps, card, changed); err != nil {
		t.Fatal(err)
	}
	m, _ := s.Message(webOps, card)
	if m.Text != "changed" || m.Metadata == nil || m.Metadata.EventPayload["event_id"] != "e-1" {
		t.Errorf("after the update: %+v", m)
	}
}

func TestLookFindsWhatWasPosted(t *testing.T) {
	s, api := start(t, calm())
	send := sender(api)
	began := time.Now()
	for i := range 250 { // more than one page
		if _, err := s.Say("U0000000001", webOps, fmt.Sprint("chatter ", i), ""); err != nil {
			t.Fatal(err)
		}
		if i == 3 {
			s.AddFault(slack.Fault{Method: "chat.postMessage", AfterWork: true, Drop: true})
			if _, err := send.Post(t.Context(), webOps, "", message("e-1", 1), time.Time{}); kindOf(err) != notifier.Unknown {
				t.Fatalf("a cut connection: %v, want %s", err, notifier.Unknown)
			}
		}
	}
	ts, err := send.Post(t.Context(), webOps, "", message("e-1", 1), began)
	if err != nil {
		t.Fatal(err)
	}
	if n := posts(s); n != 1 {
		t.Errorf("%d posts, want the first one only", n)
	}
	if m, ok := s.Message(webOps, ts); !ok || m.Text != "message e-1" {
		t.Errorf("found %q: %+v", ts, m)
	}
	// Another generation and another event are other messages.
	for _, msg := range []notifier.Message{message("e-1", 2), message("e-2", 1)} {
		other, err := send.Post(t.Context(), webOps, "", msg, began)
		if err != nil || other == ts {
			t.Errorf("%v: %q, %v", msg.Metadata, other, err)
		}
	}
}

func TestLookFindsALineInItsThread(t *testing.T) {
	s, api := start(t, calm())
	send := sender(api)
	began := time.Now()
	card, err := send.Post(t.Context(), webOps, "", message("e-1", 1), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	s.AddFault(slack.Fault{Method: "chat.postMessage", AfterWork: true, Status: 502})
	if _, err := send.Post(t.Context(), webOps, card, message("e-1", 7), time.Time{}); kindOf(err) != notifier.Unknown {
		t.Fatalf("a 502: %v, want %s", err, notifier.Unknown)
	}
	ts, err := send.Post(t.Context(), webOps, card, message("e-1", 7), began)
	if err != nil {
		t.Fatal(err)
	}
	if thread := s.Thread(webOps, card); !slices.ContainsFunc(thread, func(m slack.Message) bool { return m.TS == ts }) || posts(s) != 2 {
		t.Errorf("found %q, %d posts, thread %+v", ts, posts(s), thread)
	}
}

func TestNothingIsPostedWhereLookingFails(t *testing.T) {
	s, api := start(t, calm())
	s.AddFault(slack.Fault{Method: "conversations.history", Status: 503})
	if _, err := sender(api).Post(t.Context(), webOps, "", message("e-1", 1), time.Now()); kindOf(err) != notifier.Later {
		t.Errorf("%v, want %s", err, notifier.Later)
	}
	if n := posts(s); n != 0 {
		t.Errorf("%d posts, want none", n)
	}
}

func posts(s *slack.Server) int {
	n := 0
	for _, c := range s.Calls("chat.postMessage") {
		if c.Worked {
			n++
		}
	}
	return n
}

func kindOf(err error) notifier.DeliveryKind {
	if e, ok := errors.AsType[*notifier.DeliveryError](err); ok {
		return e.Kind
	}
	return ""
}

func TestErrorsAreToldApart(t *testing.T) {
	for _, tt := range []struct {
		name         string
		fault        slack.Fault
		post, update notifier.DeliveryKind
	}{
		{"no channel", slack.Fault{Error: "channel_not_found"}, notifier.NoChannel, notifier.NoChannel},
		{"not a member", slack.Fault{Error: "not_in_channel"}, notifier.NoChannel, notifier.NoChannel},
		{"archived", slack.Fault{Error: "is_archived"}, notifier.NoChannel, notifier.NoChannel},
		{"gone", slack.Fault{Error: "message_not_found"}, notifier.Gone, notifier.Gone},
		{"blocks", slack.Fault{Error: "invalid_blocks"}, notifier.Rejected, notifier.Rejected},
		{"a code from the future", slack.Fault{Error: "something_new"}, notifier.Rejected, notifier.Rejected},
		{"token", slack.Fault{Error: "token_revoked"}, notifier.NoAuth, notifier.NoAuth},
		{"scope", slack.Fault{Error: "missing_scope"}, notifier.NoAuth, notifier.NoAuth},
		{"unavailable", slack.Fault{Error: "service_unavailable"}, notifier.Later, notifier.Later},
		{"half done", slack.Fault{Error: "fatal_error"}, notifier.Unknown, notifier.Later},
		{"gateway", slack.Fault{Status: 502}, notifier.Unknown, notifier.Later},
		{"forbidden", slack.Fault{Status: 403}, notifier.Later, notifier.Later},
		{"limited", slack.Fault{Error: "ratelimited", Retry: 30}, notifier.Later, notifier.Later},
		{"cut", slack.Fault{Drop: true}, notifier.Unknown, notifier.Later},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, api := start(t, calm())
			ts, err := sender(api).Post(t.Context(), ops, "", message("e-0", 1), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			tt.fault.Times = -1
			s.AddFault(tt.fault)
			_, err = sender(api).Post(t.Context(), ops, "", message("e-1", 1), time.Time{})
			if kindOf(err) != tt.post {
				t.Errorf("post: %v, want %s", err, tt.post)
			}
			err = sender(api).Update(t.Context(), ops, ts, message("e-0", 1))
			if kindOf(err) != tt.update {
				t.Errorf("update: %v, want %s", err, tt.update)
			}
			if e, ok := errors.AsType[*notifier.DeliveryError](err); !ok || tt.fault.Retry > 0 && e.After != 30*time.Second {
				t.Errorf("update: %#v", err)
			}
			if strings.Contains(err.Error(), "http") && !strings.Contains(err.Error(), "HTTP") {
				t.Errorf("the error holds an address: %v", err)
			}
		})
	}
}

func TestWhereThereIsNothingToPostTo(t *testing.T) {
	s, api := start(t, calm())
	for channel, want := range map[string]notifier.DeliveryKind{
		"C0000000002": notifier.NoChannel, // the bot is not in it
		"C0000000003": notifier.NoChannel, // archived
		"C9999999999": notifier.NoChannel,
	} {
		if _, err := sender(api).Post(t.Context(), channel, "", message("e-1", 1), time.Time{}); kindOf(err) != want {
			t.Errorf("%s: %v, want %s", channel, err, want)
		}
	}
	ts, err := sender(api).Post(t.Context(), ops, "", message("e-1", 1), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMessage(ops, ts); err != nil {
		t.Fatal(err)
	}
	if err := sender(api).Update(t.Context(), ops, ts, message("e-1", 1)); kindOf(err) != notifier.Gone {
		t.Errorf("a deleted card: %v, want %s", err, notifier.Gone)
	}
	if _, err := sender(api).Post(t.Context(), ops, ts, message("e-1", 2), time.Now()); kindOf(err) != notifier.Gone {
		t.Errorf("a line below a deleted card, looked for: %v, want %s", err, notifier.Gone)
	}
	api = slackgo.New("xoxb-another", slackgo.OptionAPIURL(s.APIURL()))
	if err := sender(api).Update(t.Context(), ops, ts, message("e-1", 1)); kindOf(err) != notifier.NoAuth {
		t.Errorf("a wrong token: %v, want %s", err, notifier.NoAuth)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	api = slackgo.New(s.BotToken(), slackgo.OptionAPIURL(s.APIURL()), slackgo.OptionHTTPClient(&http.Client{Transport: &http.Transport{}}))
	if _, err := sender(api).Post(t.Context(), ops, "", message("e-1", 1), time.Time{}); kindOf(err) != notifier.Later {
		t.Errorf("nobody listens: %v, want %s", err, notifier.Later)
	}
}

func TestPeopleReadProfiles(t *testing.T) {
	s, api := start(t, calm())
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	people := notifier.NewPeople(api, notifier.PeopleOptions{Zone: berlin, Lang: notifier.Chinese, Clock: clock.Real{}})
	s.AddUser(slack.User{ID: "U0000000099", Name: "mars", TZ: "Mars/Olympus", Locale: ""})
	for id, want := range map[string]notifier.Person{
		"U0000000001": {Lang: notifier.Chinese},
		"U0000000002": {Lang: notifier.English},
		"U0000000004": {Lang: notifier.English, Guest: true},
		"U0000000005": {Lang: notifier.English, Deleted: true},
		"U0000000006": {Lang: notifier.Chinese, Bot: true},
		"U0000000099": {Lang: notifier.Chinese},
	} {
		got, err := people.Person(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if got.Lang != want.Lang || got.Guest != want.Guest || got.Deleted != want.Deleted || got.Bot != want.Bot || got.ID != id || got.Name == "" {
			t.Errorf("%s: %+v", id, got)
		}
	}
	for id, zone := range map[string]string{"U0000000001": "Asia/Shanghai", "U0000000002": "America/New_York", "U0000000006": "Europe/Berlin", "U0000000099": "Europe/Berlin"} {
		if p, err := people.Person(t.Context(), id); err != nil || p.Zone.String() != zone {
			t.Errorf("%s: zone %v, %v, want %s", id, p.Zone, err, zone)
		}
	}
	p, err := people.Person(t.Context(), "U9999999999")
	if err == nil || p.ID != "U9999999999" || p.Zone != berlin || p.Lang != notifier.Chinese {
		t.Errorf("nobody: %+v, %v", p, err)
	}
}
