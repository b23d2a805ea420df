package slack_test

import (
	"net/http"
	"testing"
	"time"

	slackstub "ecs-migrate/internal/stub/slack"
)

// Source: docs.slack.dev/interactivity/handling-user-interaction (five uses, thirty minutes).
func TestResponseURLIsUsedUp(t *testing.T) {
	h := newHands()
	s := start(t, slackstub.Options{Now: h.Now})
	l := listen(t, s)
	address := func() string {
		t.Helper()
		if _, err := s.Command(lin, ops, "/ecs-migrate"); err != nil {
			t.Fatal(err)
		}
		return decode[map[string]any](t, <-l.got)["response_url"].(string)
	}
	at := address()
	for i := range 5 {
		if a := post(t, at, "", map[string]any{"text": "x"}); a.status != 200 || a.body["ok"] != true {
			t.Fatalf("use %d: %v", i, a.body)
		}
	}
	if a := post(t, at, "", map[string]any{"text": "x"}); a.status != http.StatusNotFound || a.code() != "used_url" {
		t.Errorf("a sixth use: %d %v", a.status, a.body)
	}
	at = address()
	h.move(30*time.Minute + time.Second)
	if a := post(t, at, "", map[string]any{"text": "x"}); a.status != http.StatusNotFound || a.code() != "expired_url" {
		t.Errorf("late: %d %v", a.status, a.body)
	}
	if a := post(t, s.URL()+"/response/guess", "", map[string]any{"text": "x"}); a.status != http.StatusNotFound {
		t.Errorf("guessed: %v", a.body)
	}
	at = address()
	for want, body := range map[string]any{
		"no_text": map[string]any{}, "invalid_json": "{", "invalid_blocks": `{"blocks":[{"type":"x"}]}`,
	} {
		if a := post(t, at, "", body); a.status != http.StatusBadRequest || a.code() != want {
			t.Errorf("%v: %d %v", body, a.status, a.body)
		}
	}
	if a := post(t, at, "", map[string]any{"text": "x"}); a.status != 200 {
		t.Errorf("a refused use counts: %v", a.body)
	}
}

// Source: docs.slack.dev/messaging/modifying-messages (response_type, replace_original, delete_original).
func TestResponseURLDoes(t *testing.T) {
	s := start(t, slackstub.Options{})
	l := listen(t, s)
	blocks := `"blocks":[` + actions(button(`,"action_id":"go"`)) + `]`
	ts := text(must(t, s, "chat.postMessage", `{"channel":"`+ops+`","text":"card",`+blocks+`,"metadata":{"event_type":"t","event_payload":{}}}`), "ts")
	if _, err := s.Click(lin, ops, ts, "go"); err != nil {
		t.Fatal(err)
	}
	at := decode[map[string]any](t, <-l.got)["response_url"].(string)

	post(t, at, "", map[string]any{"text": "only you"})
	if got := s.Ephemerals(lin); len(got) != 1 || got[0].Text != "only you" {
		t.Errorf("ephemerals %+v", got)
	}
	post(t, at, "", map[string]any{"text": "all", "response_type": "in_channel"})
	if got := s.Messages(ops); len(got) != 2 || got[1].Text != "all" {
		t.Errorf("messages %+v", got)
	}
	post(t, at, "", map[string]any{"text": "new", "replace_original": true})
	if m, _ := s.Message(ops, ts); m.Text != "new" || len(m.Blocks) != 0 || m.Metadata == nil || len(m.Versions) != 2 {
		t.Errorf("replaced %+v", m)
	}
	post(t, at, "", map[string]any{"delete_original": true})
	if m, _ := s.Message(ops, ts); !m.Deleted {
		t.Errorf("deleted %+v", m)
	}
	// An ephemeral message can be replaced this way only.
	shown := text(must(t, s, "chat.postEphemeral", `{"channel":"`+ops+`","user":"`+lin+`","text":"pick",`+blocks+`}`), "message_ts")
	if _, err := s.Click(lin, ops, shown, "go"); err != nil {
		t.Fatal(err)
	}
	at = decode[map[string]any](t, <-l.got)["response_url"].(string)
	post(t, at, "", map[string]any{"text": "picked", "replace_original": "true"})
	if _, err := s.WaitEphemeral(soon(t), lin, func(m slackstub.Message) bool { return m.TS == shown && m.Text == "picked" }); err != nil {
		t.Error(err)
	}
	if n := len(s.Calls("response_url")); n != 5 {
		t.Errorf("%d calls recorded", n)
	}
}
