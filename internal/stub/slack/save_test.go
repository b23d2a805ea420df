package slack_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	slackstub "ecs-migrate/internal/stub/slack"
)

// A workspace that was saved and restored shows people what they had, and the
// bot may go on with it.
func TestSaveAndRestore(t *testing.T) {
	h := newHands()
	s := start(t, slackstub.Options{Now: h.Now})
	ts := text(must(t, s, "chat.postMessage", `{"channel":"`+ops+`","text":"card","blocks":[`+actions(button(`,"action_id":"go"`))+`],
		"metadata":{"event_type":"x","event_payload":{"n":12345678901234567}}}`), "ts")
	must(t, s, "chat.update", `{"channel":"`+ops+`","ts":"`+ts+`","text":"card again"}`)
	must(t, s, "chat.postMessage", `{"channel":"`+ops+`","text":"line","thread_ts":"`+ts+`"}`)
	must(t, s, "chat.postEphemeral", `{"channel":"`+ops+`","text":"only you","user":"`+lin+`"}`)
	must(t, s, "chat.postMessage", `{"channel":"`+mary+`","text":"direct"}`)
	must(t, s, "views.publish", `{"user_id":"`+lin+`","view":{"type":"home","blocks":[{"type":"divider"}],"private_metadata":"p"}}`)
	s.AddUser(slackstub.User{ID: "U7", Name: "new"})
	s.KickBot(webOps)
	kept, err := s.Save()
	if err != nil {
		t.Fatal(err)
	}

	back := start(t, slackstub.Options{Now: h.Now})
	if err := back.Restore(kept); err != nil {
		t.Fatal(err)
	}
	numberless := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Seq" }, cmp.Ignore())
	if diff := cmp.Diff(s.Messages(""), back.Messages(""), numberless); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(s.Ephemerals(""), back.Ephemerals(""), numberless); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(s.Users(), back.Users()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(s.ChannelList(), back.ChannelList()); diff != "" {
		t.Error(diff)
	}
	if home, ok := back.Home(lin); !ok || home.PrivateMetadata != "p" {
		t.Errorf("the Home tab is %+v", home)
	}
	h.move(time.Minute)
	must(t, back, "chat.update", `{"channel":"`+ops+`","ts":"`+ts+`","text":"card once more"}`)
	next := text(must(t, back, "chat.postMessage", `{"channel":"`+ops+`","text":"line 2","thread_ts":"`+ts+`"}`), "ts")
	if thread := back.Thread(ops, ts); len(thread) != 2 || thread[1].TS != next || thread[0].TS >= next {
		t.Errorf("the thread is %+v", thread)
	}
	if err := back.Restore([]byte(`{"last_ts":`)); err == nil || !strings.Contains(err.Error(), "restore") {
		t.Errorf("half a file: %v", err)
	}
}

// What another site's page could send with a browser on this machine is refused.
func TestControlAnswersNoOtherSite(t *testing.T) {
	s := start(t, slackstub.Options{})
	for _, c := range []struct {
		host, origin string
		status       int
	}{
		{"", "", 200},
		{"", s.URL(), 200},
		{"localhost", "http://localhost", 200},
		{"", "https://evil.example", 403},
		{"", "null", 403},
		{"evil.example", "", 403},
		{"evil.example", "http://evil.example", 403},
	} {
		status := controlFrom(t, s, c.host, c.origin)
		if status != c.status {
			t.Errorf("host %q, origin %q: %d, want %d", c.host, c.origin, status, c.status)
		}
	}
}

func controlFrom(t *testing.T, s *slackstub.Server, host, origin string) int {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.URL()+"/control/sockets", strings.NewReader(`{"do":"mute"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	if origin != "" {
		req.Header.Set("Origin", origin)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
