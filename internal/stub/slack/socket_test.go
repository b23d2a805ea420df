package slack_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"

	slackstub "ecs-migrate/internal/stub/slack"
)

// Source: docs.slack.dev/apis/events-api/using-socket-mode (hello; up to ten connections; any of them) and
// slackapi/node-slack-sdk issue 1654 (too_many_websockets).
func TestTenConnectionsAndTurns(t *testing.T) {
	s := start(t, slackstub.Options{})
	got := make(chan int, 100)
	for i := range 10 {
		dial(t, s).serve(func(envelope) any { got <- i; return nil })
	}
	if err := s.WaitConnections(soon(t), 10); err != nil {
		t.Fatal(err)
	}
	a := post(t, s.APIURL()+"apps.connections.open", s.AppToken(), "")
	ws, _, err := websocket.DefaultDialer.DialContext(soon(t), text(a.body, "url"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	var e envelope
	if err := ws.ReadJSON(&e); err != nil || e.Type != "disconnect" || e.Reason != "too_many_websockets" {
		t.Errorf("the eleventh got %+v, %v", e, err)
	}
	if err := ws.ReadJSON(&e); err == nil {
		t.Error("the eleventh stays open")
	}
	for range 10 {
		if _, err := s.Command(lin, ops, "/ecs-migrate list"); err != nil {
			t.Fatal(err)
		}
	}
	var took []int
	for range 10 {
		took = append(took, <-got)
	}
	slices.Sort(took)
	if len(slices.Compact(took)) != 10 {
		t.Errorf("connections used: %v", took)
	}
}

func TestTicketsWorkOnce(t *testing.T) {
	s := start(t, slackstub.Options{})
	address := text(post(t, s.APIURL()+"apps.connections.open", s.AppToken(), "").body, "url")
	ws, _, err := websocket.DefaultDialer.DialContext(soon(t), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	for _, bad := range []string{address, strings.Split(address, "?")[0]} {
		_, res, err := websocket.DefaultDialer.DialContext(soon(t), bad, nil)
		if err == nil || res == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v, %v", bad, res, err)
		}
	}
}

// Source: docs.slack.dev/apis/events-api/using-socket-mode ("&debug_reconnects=true ... 360 seconds").
func TestHello(t *testing.T) {
	s := start(t, slackstub.Options{})
	address := text(post(t, s.APIURL()+"apps.connections.open", s.AppToken(), "").body, "url")
	ws, _, err := websocket.DefaultDialer.DialContext(soon(t), address+"&debug_reconnects=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	var hello struct {
		Type           string
		NumConnections int `json:"num_connections"`
		ConnectionInfo struct {
			AppID string `json:"app_id"`
		} `json:"connection_info"`
		DebugInfo map[string]any `json:"debug_info"`
	}
	if err := ws.ReadJSON(&hello); err != nil {
		t.Fatal(err)
	}
	if hello.Type != "hello" || hello.NumConnections != 1 || hello.ConnectionInfo.AppID != slackstub.AppID || hello.DebugInfo["approximate_connection_time"] != 360.0 {
		t.Errorf("hello %+v", hello)
	}
}

// Source: docs.slack.dev/apis/events-api/using-socket-mode ("Acknowledge events").
func TestAcknowledgementsCountOnAnyConnection(t *testing.T) {
	s := start(t, slackstub.Options{})
	a, b := dial(t, s), dial(t, s)
	other := map[*app]*app{a: b, b: a}
	for _, c := range []*app{a, b} {
		go func() {
			for e := range c.incoming {
				other[c].send(map[string]any{"envelope_id": e.ID})
			}
		}()
	}
	r, err := s.Command(lin, ops, "/ecs-migrate list")
	if err != nil || r.Error != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	if e := s.Envelopes()[0]; e.Conn == e.AckConn || e.AckConn == 0 || e.Acked.IsZero() {
		t.Errorf("envelope %+v", e)
	}
}

// Sources: slackapi/bolt-js issue 1621 (dispatch_failed), Netflix/dispatch pull 2848 (operation_timeout),
// docs.slack.dev/interactivity (acknowledge within three seconds).
func TestUnansweredPeople(t *testing.T) {
	s := start(t, slackstub.Options{AckTimeout: 30 * time.Millisecond})
	if r, err := s.Command(lin, ops, "/ecs-migrate list"); err != nil || r.Error != "dispatch_failed" {
		t.Errorf("nobody connected: %+v, %v", r, err)
	}
	c := dial(t, s)
	r, err := s.Command(lin, ops, "/ecs-migrate list")
	if err != nil || r.Error != "operation_timeout" {
		t.Errorf("no acknowledgement: %+v, %v", r, err)
	}
	all := s.Envelopes()
	if len(all) != 2 || all[0].Conn != 0 || all[0].TimedOut || !all[1].TimedOut {
		t.Fatalf("envelopes %+v", all)
	}
	c.send(map[string]any{"envelope_id": r.Envelope})
	if err := s.Wait(soon(t), "a late acknowledgement", func() bool { return len(s.Violations()) == 1 }); err != nil {
		t.Fatal(err)
	}
	if e := s.Envelopes()[1]; e.Acked.IsZero() || !e.TimedOut {
		t.Errorf("envelope %+v", e)
	}
	// A command is not sent again.
	if n := len(s.Envelopes()); n != 2 {
		t.Errorf("%d envelopes", n)
	}
}

// Source: docs.slack.dev/apis/events-api/using-socket-mode (accepts_response_payload).
func TestWrongAcknowledgementsAreNoted(t *testing.T) {
	s := start(t, slackstub.Options{})
	c := dial(t, s)
	ts := text(must(t, s, "chat.postMessage", `{"channel":"`+ops+`","blocks":[`+actions(button(`,"action_id":"go"`))+`]}`), "ts")
	c.serve(func(envelope) any { return map[string]any{"text": "hello"} })
	if r, err := s.Click(lin, ops, ts, "go"); err != nil || r.Error != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	c.send(map[string]any{"envelope_id": "unknown"})
	c.send(map[string]any{"hello": "world"})
	if err := s.Wait(soon(t), "three violations", func() bool { return len(s.Violations()) == 3 }); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"accepts none", "unknown envelope", "no acknowledgement"} {
		if v := s.Violations()[i]; !strings.Contains(v.What, want) {
			t.Errorf("violation %q, want %q", v.What, want)
		}
	}
}

// An empty payload, as some clients send it, is none.
func TestEmptyPayloadIsNone(t *testing.T) {
	s := start(t, slackstub.Options{})
	dial(t, s).serve(func(envelope) any { return map[string]any{} })
	ts := text(must(t, s, "chat.postMessage", `{"channel":"`+ops+`","blocks":[`+actions(button(`,"action_id":"go"`))+`]}`), "ts")
	if _, err := s.Click(lin, ops, ts, "go"); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Command(lin, ops, "/ecs-migrate"); err != nil || r.Message != nil || r.Error != "" {
		t.Errorf("%+v, %v", r, err)
	}
	if v := s.Violations(); len(v) != 0 {
		t.Errorf("violations %v", v)
	}
}

// Source: docs.slack.dev/apis/events-api (retries of events; clicks and commands have none).
func TestEventsAreDeliveredAgain(t *testing.T) {
	s := start(t, slackstub.Options{AckTimeout: 20 * time.Millisecond, RetryDelays: []time.Duration{0, time.Millisecond}})
	c := dial(t, s)
	if _, err := s.OpenHome(lin); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for want := range 3 {
		e := c.next()
		p := decode[struct {
			Type    string
			EventID string `json:"event_id"`
			Event   struct{ Type, User, Tab string }
		}](t, e.Payload)
		if e.Type != "events_api" || e.Attempt != want || p.Event.Type != "app_home_opened" || p.Event.User != lin {
			t.Errorf("attempt %d: %+v", want, e)
		}
		ids[p.EventID] = true
		if want == 2 {
			c.send(map[string]any{"envelope_id": e.ID})
		}
	}
	if len(ids) != 1 {
		t.Errorf("event ids %v", ids)
	}
	if _, err := s.WaitEnvelope(soon(t), func(e slackstub.Envelope) bool { return e.Attempt == 2 && !e.Acked.IsZero() }); err != nil {
		t.Fatal(err)
	}
}

func TestRedeliver(t *testing.T) {
	s := start(t, slackstub.Options{})
	c := dial(t, s)
	var seen []string
	twice := make(chan struct{})
	c.serve(func(e envelope) any {
		if seen = append(seen, e.ID); len(seen) == 2 {
			close(twice)
		}
		return nil
	})
	r, err := s.Command(lin, ops, "/ecs-migrate list")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Redeliver(r.Envelope); err != nil {
		t.Fatal(err)
	}
	<-twice
	if seen[0] != seen[1] {
		t.Errorf("envelopes %v", seen)
	}
	if s.Redeliver("x") == nil {
		t.Error("redelivered an unknown envelope")
	}
}

// Source: docs.slack.dev/apis/events-api/using-socket-mode ("Handle disconnects gracefully").
func TestDisconnect(t *testing.T) {
	s := start(t, slackstub.Options{WarningLead: time.Millisecond})
	for reason, want := range map[string][]string{
		"refresh_requested": {"refresh_requested", ""},
		"link_disabled":     {"link_disabled", ""},
		"warning":           {"warning", "refresh_requested", ""},
	} {
		c := dial(t, s)
		if n := s.Disconnect(reason); n != 1 {
			t.Errorf("%s: told %d", reason, n)
		}
		for _, r := range want {
			if e := c.next(); e.Reason != r {
				t.Errorf("%s: got %+v, want %q", reason, e, r)
			}
		}
		if err := s.WaitConnections(soon(t), 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCutAndRefusedSockets(t *testing.T) {
	s := start(t, slackstub.Options{})
	c := dial(t, s)
	if n := s.CutSockets(); n != 1 {
		t.Errorf("cut %d", n)
	}
	if e := c.next(); e.Type != "" {
		t.Errorf("got %+v", e)
	}
	if err := s.WaitConnections(soon(t), 0); err != nil {
		t.Fatal(err)
	}
	s.AddFault(slackstub.Fault{Method: "apps.connections.open", Error: "invalid_auth"})
	if a := post(t, s.APIURL()+"apps.connections.open", s.AppToken(), ""); a.code() != "invalid_auth" {
		t.Error(a.body)
	}
	s.AddFault(slackstub.Fault{Method: "socket", Status: http.StatusServiceUnavailable})
	address := text(post(t, s.APIURL()+"apps.connections.open", s.AppToken(), "").body, "url")
	if _, res, err := websocket.DefaultDialer.DialContext(soon(t), address, nil); err == nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%v, %v", res, err)
	}
	dial(t, s)
}

// The server pings, and lets go of a peer that answers none.
func TestPings(t *testing.T) {
	s := start(t, slackstub.Options{PingEvery: 10 * time.Millisecond})
	pinged := make(chan struct{}, 100)
	dial(t, s, func(ws *websocket.Conn) {
		ws.SetPingHandler(func(string) error { pinged <- struct{}{}; return nil }) // no pong
	})
	<-pinged
	if err := s.WaitConnections(soon(t), 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(soon(t), "a note of it", func() bool { return len(s.Violations()) == 1 }); err != nil {
		t.Fatal(err)
	}
}

// The library that real bots use: connects, acknowledges, and comes back after each kind of end.
func TestWithAClientLibrary(t *testing.T) {
	s := start(t, slackstub.Options{})
	sm := socketmode.New(client(s))
	ctx, stop := context.WithCancel(soon(t))
	ended := make(chan error, 1)
	go func() { ended <- sm.RunContext(ctx) }()
	go func() {
		for {
			select {
			case e := <-sm.Events:
				if e.Type == socketmode.EventTypeSlashCommand {
					_ = sm.AckCtx(ctx, e.Request.EnvelopeID, map[string]any{"text": "heard"}) // the stub tells if it did not come
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	ask := func(after string) {
		t.Helper()
		if err := s.WaitConnections(soon(t), 1); err != nil {
			t.Fatal(err)
		}
		r, err := s.Command(lin, ops, "/ecs-migrate list")
		if err != nil || r.Message == nil || r.Message.Text != "heard" {
			t.Fatalf("after %s: %+v, %v", after, r, err)
		}
	}
	ask("connecting")
	s.Disconnect("refresh_requested")
	if err := s.Wait(soon(t), "a second connection", func() bool { return len(s.Calls("apps.connections.open")) == 2 && s.Connections() == 1 }); err != nil {
		t.Fatal(err)
	}
	ask("a refresh")
	s.CutSockets()
	if err := s.Wait(soon(t), "a third connection", func() bool { return len(s.Calls("apps.connections.open")) == 3 && s.Connections() == 1 }); err != nil {
		t.Fatal(err)
	}
	ask("a cut")
	stop()
	<-ended
}

func TestFramesAreJSON(t *testing.T) {
	s := start(t, slackstub.Options{})
	c := dial(t, s)
	if err := c.ws.WriteMessage(websocket.TextMessage, []byte("{")); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(soon(t), "a violation", func() bool { return len(s.Violations()) == 1 }); err != nil {
		t.Fatal(err)
	}
	if raw, err := json.Marshal(s.Envelopes()); err != nil || string(raw) != "[]" {
		t.Errorf("%s, %v", raw, err)
	}
}
