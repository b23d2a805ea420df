package slack_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	slackstub "ecs-migrate/internal/stub/slack"
)

// ask sends a control request and gives its status and body.
func ask(t *testing.T, method, address, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(soon(t), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// Everything a person at a shell does, in one story.
func TestControlStory(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	l := listen(t, s)
	l.answer("", map[string]any{"text": "heard"})
	ctl := s.URL() + "/control/"
	want := func(method, path, body string, status int, holds ...string) string {
		t.Helper()
		code, got := ask(t, method, ctl+path, body)
		if code != status {
			t.Fatalf("%s %s: %d %s", method, path, code, got)
		}
		for _, h := range holds {
			if !strings.Contains(got, h) {
				t.Errorf("%s %s: no %q in %s", method, path, h, got)
			}
		}
		return got
	}
	want("GET", "", "", 200, `"bot_token":"`+s.BotToken()+`"`, `"app_token":"`+s.AppToken()+`"`, `"connections":1`, webOps, lin)
	want("POST", "command", `{"user":"`+lin+`","channel":"`+ops+`","text":"/ecs-migrate list"}`, 200, `"heard"`)
	<-l.got
	want("GET", "ephemerals?user="+lin, "", 200, `"heard"`)
	ts := text(must(t, s, "chat.postMessage", `{"channel":"`+ops+`","text":"card","blocks":[`+actions(button(`,"action_id":"go"`))+`]}`), "ts")
	want("POST", "click", `{"user":"`+lin+`","channel":"`+ops+`","ts":"`+ts+`","action_id":"go"}`, 200, `"envelope":"env-`)
	<-l.got
	want("POST", "say", `{"user":"`+lin+`","channel":"`+ops+`","text":"why?","thread_ts":"`+ts+`"}`, 200, `"why?"`)
	want("GET", "messages?channel="+ops+"&thread_ts="+ts, "", 200, `"why?"`)
	all := want("GET", "messages?channel="+ops, "", 200, `"card"`, `"versions"`)
	want("GET", "message?channel="+ops+"&ts="+ts, "", 200, `"card"`, `"versions"`)
	if brief := want("GET", "messages?channel="+ops+"&after=0&versions=none", "", 200, `"card"`); len(brief) >= len(all) || strings.Contains(brief, "versions") {
		t.Errorf("without versions: %s", brief)
	}
	if none := want("GET", "messages?channel="+ops+"&after=999999", "", 200); strings.TrimSpace(none) != "[]" {
		t.Errorf("after everything: %s", none)
	}

	v := opened(t, s, l, modal("", formBlocks))
	want("GET", "views?user="+lin, "", 200, v.ID)
	want("POST", "submit", `{"user":"`+lin+`","values":{}}`, 200, `"field_errors":{"why"`)
	want("POST", "submit", `{"user":"`+lin+`","view":"`+v.ID+`","values":{"reason":"x","at":1714700000}}`, 200, `"envelope"`)
	<-l.got
	want("POST", "close", `{"user":"`+lin+`"}`, 404)
	must(t, s, "views.publish", `{"user_id":"`+lin+`","view":{"type":"home","blocks":[]}}`)
	want("POST", "home", `{"user":"`+lin+`"}`, 200, `"type":"home"`)
	<-l.got
	want("GET", "home?user="+lin, "", 200, `"type":"home"`)
	want("GET", "home?user="+mary, "", 200, `null`)

	want("POST", "users", `{"id":"U7","name":"new","tz":"Asia/Tokyo"}`, 200)
	want("POST", "channels", `{"id":"C7","name":"new","members":["U7"]}`, 200)
	want("POST", "groups", `{"id":"S7","handle":"new","users":["U7"]}`, 200)
	want("POST", "join", `{"group":"S7","user":"`+lin+`"}`, 200)
	want("POST", "leave", `{"group":"S7","user":"U7"}`, 200)
	want("POST", "disable", `{"group":"S7"}`, 200)
	want("GET", "", "", 200, `"disabled":true`)
	want("POST", "enable", `{"group":"S7"}`, 200)
	want("POST", "join", `{"group":"S8","user":"`+lin+`"}`, 404)
	must(t, s, "chat.postEphemeral", map[string]any{"channel": "C7", "user": "U7", "text": "x"})
	want("POST", "kick", `{"channel":"C7"}`, 200)
	if a := call(t, s, "chat.postMessage", map[string]any{"channel": "C7", "text": "x"}); a.code() != "not_in_channel" {
		t.Error(a.body)
	}
	want("POST", "invite", `{"channel":"C7"}`, 200)
	want("POST", "command", `{"user":"`+lin+`","channel":"`+ops+`","text":"/nope at all"}`, 200, `"error":"invalid_command"`)
	want("POST", "archive", `{"channel":"C7"}`, 200)
	want("POST", "delete", `{"channel":"`+ops+`","ts":"`+ts+`"}`, 200)

	want("POST", "faults", `{"method":"auth.test","error":"fatal_error","delay":"1ms","times":2}`, 200, `"id":1`)
	want("GET", "faults", "", 200, `"delay":"1ms"`, `"times":2`)
	if a := call(t, s, "auth.test", ""); a.code() != "fatal_error" {
		t.Error(a.body)
	}
	want("DELETE", "faults", "", 200)
	want("GET", "faults", "", 200, "[]")
	want("GET", "calls?method=auth.test", "", 200, `"fatal_error"`, `"token":"bot"`)
	want("GET", "violations", "", 200, "[]")
	id := s.Envelopes()[0].ID
	want("GET", "envelopes", "", 200, id)
	want("POST", "redeliver", `{"envelope_id":"`+id+`"}`, 200)
	<-l.got
	for _, do := range []string{`"mute"`, `"unmute"`, `"disconnect","reason":"refresh_requested"`, `"cut"`} {
		want("POST", "sockets", `{"do":`+do+`}`, 200, `"connections"`)
	}
}

func TestControlRefusals(t *testing.T) {
	s := start(t, slackstub.Options{})
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "command", `{"user":"U9","channel":"` + ops + `","text":"/ecs-migrate"}`, 404},
		{"POST", "command", `{"usr":"U9"}`, 400},
		{"POST", "command", `{`, 400},
		{"POST", "click", `{"user":"` + lin + `","channel":"` + ops + `","ts":"1.1","action_id":"x"}`, 404},
		{"POST", "kick", `{"channel":"C9"}`, 404},
		{"POST", "users", `{"id":"x"}`, 400},
		{"POST", "faults", `{"delay":"soon"}`, 400},
		{"POST", "sockets", `{"do":"dance"}`, 400},
		{"POST", "sockets", `{"do":"disconnect"}`, 400},
		{"POST", "redeliver", `{"envelope_id":"x"}`, 404},
		{"GET", "changes?after=x", "", 400},
		{"GET", "stream?after=x", "", 400},
		{"GET", "messages?after=x", "", 400},
		{"GET", "message?channel=C0&ts=1", "", 404},
		{"DELETE", "faults?id=99", "", 404},
		{"GET", "command", "", 405},
	} {
		if code, got := ask(t, c.method, s.URL()+"/control/"+c.path, c.body); code != c.status {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, code, got)
		}
	}
}

// Whoever reaches the control API can act as anyone: it is for this machine only.
func TestControlIsForThisMachineOnly(t *testing.T) {
	h := slackstub.New(slackstub.Options{}).Handler()
	for address, want := range map[string]int{"192.0.2.7:4711": 403, "127.0.0.1:4711": 200, "[::1]:4711": 200} {
		r := httptest.NewRequest(http.MethodGet, "/control/violations", nil)
		r.RemoteAddr, r.Host = address, "127.0.0.1:8090"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("from %s: %d", address, w.Code)
		}
	}
}

func TestChangesCanBeFollowed(t *testing.T) {
	s := start(t, slackstub.Options{})
	_, got := ask(t, "GET", s.URL()+"/control/", "")
	seq := decode[struct{ Seq int64 }](t, []byte(got)).Seq
	after := func(wait string) []slackstub.Change {
		_, got := ask(t, "GET", fmt.Sprintf("%s/control/changes?after=%d%s", s.URL(), seq, wait), "")
		return decode[[]slackstub.Change](t, []byte(got))
	}
	if c := after(""); len(c) != 0 {
		t.Errorf("changes out of nothing: %v", c)
	}
	waited := make(chan []slackstub.Change, 1)
	go func() { waited <- after("&wait=60") }()
	m, err := s.Say(lin, ops, "hi", "")
	if err != nil {
		t.Fatal(err)
	}
	if c := <-waited; len(c) != 1 || c[0].Kind != "message" || c[0].ID != ops+"/"+m.TS {
		t.Errorf("changes %v", c)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/control/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", fmt.Sprint(seq))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	next := func(ts string) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if c := decode[slackstub.Change](t, []byte(data)); c.ID != ops+"/"+ts {
					t.Errorf("change %v", c)
				}
				return
			}
		}
		t.Fatal("the stream ended")
	}
	next(m.TS)
	if m, err = s.Say(lin, ops, "again", ""); err != nil {
		t.Fatal(err)
	}
	next(m.TS)
}

func TestRecordsAreBounded(t *testing.T) {
	s := start(t, slackstub.Options{RecordLimit: 10})
	for range 50 {
		must(t, s, "auth.test", "")
	}
	if n := len(s.Calls("")); n < 10 || n > 11 {
		t.Errorf("%d calls kept", n)
	}
	if c, _ := s.ChangesAfter(0); len(c) < 10 || len(c) > 11 {
		t.Errorf("%d changes kept", len(c))
	}
}
