package slack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	slackstub "ecs-migrate/internal/stub/slack"
)

// People and places of the default workspace.
const (
	lin, mary, guest, gone = "U0000000001", "U0000000002", "U0000000004", "U0000000005"
	partner                = "U0000000008"
	webOps, ops, secret    = "C0123456789", "C0000000000", "C0000000001"
	random, oldOps         = "C0000000002", "C0000000003"
)

// hands is a clock that stands until it is moved.
type hands struct {
	mu  sync.Mutex
	now time.Time
}

func newHands() *hands { return &hands{now: time.Date(2024, 5, 1, 8, 0, 0, 0, time.UTC)} }

func (h *hands) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hands) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// start runs a stub for one test.
func start(t *testing.T, opts slackstub.Options) *slackstub.Server {
	t.Helper()
	s := slackstub.New(opts)
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// soon bounds what must happen.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func client(s *slackstub.Server) *slack.Client {
	return slack.New(s.BotToken(), slack.OptionAPIURL(s.APIURL()), slack.OptionAppLevelToken(s.AppToken()))
}

// answer is what a raw call got.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

func (a answer) code() string { c, _ := a.body["error"].(string); return c }

// reasons are the marked messages of a refusal.
func (a answer) reasons() string {
	m, _ := a.body["response_metadata"].(map[string]any)
	list, _ := m["messages"].([]any)
	return fmt.Sprint(list...)
}

// do sends a request. It may run in any goroutine: what goes wrong is an error, and an empty answer.
func do(t *testing.T, req *http.Request) answer {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return answer{}
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if err := json.NewDecoder(res.Body).Decode(&a.body); err != nil {
		t.Errorf("%s answered no JSON: %v", req.URL.Path, err)
	}
	return a
}

// post sends a JSON body.
func post(t *testing.T, address, token string, body any) answer {
	t.Helper()
	raw, isText := body.(string)
	if !isText {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		raw = string(b)
	}
	req, err := http.NewRequestWithContext(soon(t), http.MethodPost, address, strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return do(t, req)
}

// call is a raw call of a method with the bot's token.
func call(t *testing.T, s *slackstub.Server, method string, body any) answer {
	t.Helper()
	return post(t, s.APIURL()+method, s.BotToken(), body)
}

// must is call for what has to succeed.
func must(t *testing.T, s *slackstub.Server, method string, body any) map[string]any {
	t.Helper()
	a := call(t, s, method, body)
	if a.body["ok"] != true {
		t.Fatalf("%s: %v", method, a.body)
	}
	return a.body
}

// form sends a form body, its token inside.
func form(t *testing.T, s *slackstub.Server, method string, v url.Values) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(soon(t), http.MethodPost, s.APIURL()+method, strings.NewReader(v.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, req)
}

func text(m map[string]any, key string) string { v, _ := m[key].(string); return v }

// envelope is what an app receives.
type envelope struct {
	Type    string          `json:"type"`
	Reason  string          `json:"reason"`
	ID      string          `json:"envelope_id"`
	Accepts bool            `json:"accepts_response_payload"`
	Attempt int             `json:"retry_attempt"`
	Payload json.RawMessage `json:"payload"`
}

// app is a connection of an app written by hand, so that it can misbehave.
type app struct {
	t        *testing.T
	ws       *websocket.Conn
	writing  sync.Mutex
	incoming chan envelope // closed when the connection ends
}

func dial(t *testing.T, s *slackstub.Server, before ...func(*websocket.Conn)) *app {
	t.Helper()
	a := post(t, s.APIURL()+"apps.connections.open", s.AppToken(), "")
	address, _ := a.body["url"].(string)
	if address == "" {
		t.Fatalf("apps.connections.open: %v", a.body)
	}
	ws, _, err := websocket.DefaultDialer.DialContext(soon(t), address, http.Header{"Origin": {"https://api.slack.com"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	for _, f := range before {
		f(ws)
	}
	c := &app{t: t, ws: ws, incoming: make(chan envelope, 100)}
	go func() {
		defer close(c.incoming)
		for {
			var e envelope
			if err := ws.ReadJSON(&e); err != nil {
				return
			}
			c.incoming <- e
		}
	}()
	if e := c.next(); e.Type != "hello" {
		t.Fatalf("the first message is %q", e.Type)
	}
	return c
}

// next gives the next message, or one without a type when the connection has ended.
func (a *app) next() envelope {
	a.t.Helper()
	select {
	case e := <-a.incoming:
		return e
	case <-soon(a.t).Done():
		a.t.Fatal("nothing came over the socket")
		return envelope{}
	}
}

func (a *app) send(v any) {
	a.t.Helper()
	if err := a.write(v); err != nil {
		a.t.Error(err)
	}
}

func (a *app) write(v any) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	return a.ws.WriteJSON(v)
}

// serve answers every envelope with what reply gives, in the background; it keeps what came.
func (a *app) serve(reply func(envelope) any) {
	go func() {
		for e := range a.incoming {
			if e.ID == "" {
				continue
			}
			ack := map[string]any{"envelope_id": e.ID}
			if p := reply(e); p != nil {
				ack["payload"] = p
			}
			_ = a.write(ack) // the test may have ended
		}
	}()
}

// decode reads JSON of a test.
func decode[T any](t *testing.T, raw []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func deadline(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}
