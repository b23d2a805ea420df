package slack_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	slackstub "ecs-migrate/internal/stub/slack"
)

// listener connects an app that answers each payload type with what the test says and keeps the payloads.
type listener struct {
	mu      sync.Mutex
	answers map[string]any // by payload type, "" for a command
	act     func(envelope)
	got     chan json.RawMessage
}

func (l *listener) answer(kind string, with any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[kind] = with
}

func (l *listener) doing(act func(envelope)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.act = act
}

func listen(t *testing.T, s *slackstub.Server) *listener {
	l := &listener{answers: map[string]any{}, got: make(chan json.RawMessage, 100)}
	dial(t, s).serve(func(e envelope) any {
		var p struct{ Type string }
		_ = json.Unmarshal(e.Payload, &p) // a command has none
		l.mu.Lock()
		act, with := l.act, l.answers[p.Type]
		l.mu.Unlock()
		l.got <- e.Payload
		if act != nil {
			act(e)
		}
		return with
	})
	return l
}

// Source: docs.slack.dev/interactivity/implementing-slash-commands; payload as in
// docs.slack.dev/apis/events-api/using-socket-mode.
func TestCommand(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	l := listen(t, s)
	for _, c := range []struct {
		name   string
		answer any
		to     string
		shown  string
		wrong  string
	}{
		{"nothing", nil, "", "", ""},
		{"to the person", map[string]any{"text": "hi"}, lin, "hi", ""},
		{"to all", map[string]any{"text": "hi", "response_type": "in_channel"}, "", "hi", ""},
		{"a bare text", "hi", lin, "hi", ""},
		{"bad blocks", map[string]any{"blocks": []any{map[string]any{"type": "x"}}}, "", "", "bad_response"},
		{"no text", map[string]any{"response_type": "in_channel"}, "", "", "bad_response"},
	} {
		l.answer("", c.answer)
		r, err := s.Command(lin, ops, "/ecs-migrate  reserve i-1 ")
		if err != nil || r.Error != c.wrong || (r.Message != nil) != (c.shown != "") {
			t.Errorf("%s: %+v, %v", c.name, r, err)
			continue
		}
		if r.Message != nil && (r.Message.Text != c.shown || r.Message.To != c.to) {
			t.Errorf("%s: shown %+v", c.name, r.Message)
		}
		p := decode[slack.SlashCommand](t, <-l.got)
		if p.Command != "/ecs-migrate" || p.Text != "reserve i-1" || p.UserID != lin || p.ChannelID != ops || p.ChannelName != "ops" ||
			p.TeamID != slackstub.TeamID || p.APIAppID != slackstub.AppID || p.TriggerID == "" || !strings.HasPrefix(p.ResponseURL, s.URL()) {
			t.Errorf("%s: payload %+v", c.name, p)
		}
	}
	for _, c := range []struct{ user, channel, line string }{
		{gone, ops, "/ecs-migrate"}, {"U9", ops, "/ecs-migrate"}, {lin, "C9", "/ecs-migrate"}, {lin, oldOps, "/ecs-migrate"},
		{guest, ops, "/ecs-migrate"},
	} {
		if _, err := s.Command(c.user, c.channel, c.line); !errors.Is(err, slackstub.ErrNoSuch) && !errors.Is(err, slackstub.ErrNobody) {
			t.Errorf("%v: %v", c, err)
		}
	}
	// A command of no app is the client's own matter.
	if r, err := s.Command(lin, ops, "/other one"); err != nil || r.Error != "invalid_command" || r.Envelope != "" {
		t.Errorf("%+v, %v", r, err)
	}
	// The bot need not be in the channel, and a private one keeps its name.
	l.answer("", nil)
	if r, err := s.Command(lin, random, "/ecs-migrate"); err != nil || r.Error != "" {
		t.Errorf("%+v, %v", r, err)
	}
	<-l.got
	if _, err := s.Command(lin, secret, "/ecs-migrate"); err != nil {
		t.Error(err)
	}
	if p := decode[slack.SlashCommand](t, <-l.got); p.ChannelName != "privategroup" {
		t.Errorf("channel name %q", p.ChannelName)
	}
}

// Source: docs.slack.dev/reference/interaction-payloads/block_actions-payload.
func TestClickPayloads(t *testing.T) {
	s := start(t, slackstub.Options{})
	l := listen(t, s)
	blocks := `[` + actions(button(`,"action_id":"go","value":"e-1"`)+`,{"type":"datetimepicker","action_id":"when"},{"type":"overflow","action_id":"more","options":`+options(2)+`}`) + `]`
	ts := text(must(t, s, "chat.postMessage", `{"channel":"`+ops+`","text":"card","blocks":`+blocks+`,"metadata":{"event_type":"t","event_payload":{}}}`), "ts")
	if m, _ := s.Message(ops, ts); strings.Join(m.Actions(), " ") != "go when more" {
		t.Errorf("actions %v", m.Actions())
	}
	click := func(action string, values ...string) slack.InteractionCallback {
		t.Helper()
		if r, err := s.Click(mary, ops, ts, action, values...); err != nil || r.Error != "" {
			t.Fatalf("%s: %+v, %v", action, r, err)
		}
		return decode[slack.InteractionCallback](t, <-l.got)
	}
	p := click("go")
	b := p.ActionCallback.BlockActions[0]
	if p.Type != slack.InteractionTypeBlockActions || p.User.ID != mary || p.User.Name != "mary" || p.Team.ID != slackstub.TeamID || p.APIAppID != slackstub.AppID ||
		p.Channel.ID != ops || p.Container.MessageTs != ts || p.Container.ChannelID != ops || p.Container.Type != "message" || p.Container.IsEphemeral ||
		p.Message.Timestamp != ts || p.Message.Text != "card" || p.TriggerID == "" || p.ResponseURL == "" {
		t.Errorf("payload %+v", p)
	}
	if b.ActionID != "go" || b.Value != "e-1" || b.BlockID == "" || b.ActionTs == "" || string(b.Type) != "button" || b.Text.Text != "Go" {
		t.Errorf("action %+v", b)
	}
	if p := click("when", "1714608000"); p.ActionCallback.BlockActions[0].SelectedDateTime != 1714608000 {
		t.Errorf("action %+v", p.ActionCallback.BlockActions[0])
	}
	if p := click("more", "v1"); p.ActionCallback.BlockActions[0].SelectedOption.Value != "v1" {
		t.Errorf("action %+v", p.ActionCallback.BlockActions[0])
	}
	// What was picked stays in the message's state for the same person.
	p = click("go")
	if got := p.BlockActionState.Values[b.BlockID]["when"].SelectedDateTime; got != 1714608000 {
		t.Errorf("state %+v", p.BlockActionState)
	}
	for name, act := range map[string]slackstub.Act{
		"unknown action": {User: mary, Channel: ops, TS: ts, Action: "x"}, "unknown message": {User: mary, Channel: ops, TS: "1.1", Action: "go"},
		"wrong block": {User: mary, Channel: ops, TS: ts, Block: "x", Action: "go"}, "someone who left": {User: gone, Channel: ops, TS: ts, Action: "go"},
		"not a member": {User: guest, Channel: ops, TS: ts, Action: "go"},
	} {
		if _, err := s.Act(act); !errors.Is(err, slackstub.ErrNoSuch) && !errors.Is(err, slackstub.ErrNobody) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, act := range map[string]slackstub.Act{
		"no such option": {User: mary, Channel: ops, TS: ts, Action: "more", Values: []string{"v9"}}, "no Unix time": {User: mary, Channel: ops, TS: ts, Action: "when", Values: []string{"soon"}},
		"two values": {User: mary, Channel: ops, TS: ts, Action: "when", Values: []string{"1", "2"}},
	} {
		if _, err := s.Act(act); err == nil {
			t.Errorf("%s was possible", name)
		}
	}
}

// The same action_id in two blocks needs the block's name.
func TestClickInABlock(t *testing.T) {
	s := start(t, slackstub.Options{})
	l := listen(t, s)
	block := func(id string) string {
		return `{"type":"actions","block_id":"` + id + `","elements":[` + button(`,"action_id":"go","value":"`+id+`"`) + `]}`
	}
	ts := text(must(t, s, "chat.postMessage", `{"channel":"`+ops+`","blocks":[`+block("a")+`,`+block("b")+`]}`), "ts")
	if _, err := s.Click(lin, ops, ts, "go"); err == nil {
		t.Error("which one was it?")
	}
	if _, err := s.Act(slackstub.Act{User: lin, Channel: ops, TS: ts, Block: "b", Action: "go"}); err != nil {
		t.Fatal(err)
	}
	if p := decode[slack.InteractionCallback](t, <-l.got); p.ActionCallback.BlockActions[0].Value != "b" {
		t.Errorf("pressed %+v", p.ActionCallback.BlockActions[0])
	}
}

// An ephemeral message can be clicked by its reader only, and is not given back.
func TestClickEphemeral(t *testing.T) {
	s := start(t, slackstub.Options{})
	l := listen(t, s)
	ts := text(must(t, s, "chat.postEphemeral", `{"channel":"`+ops+`","user":"`+lin+`","blocks":[`+actions(button(`,"action_id":"go"`))+`]}`), "message_ts")
	if _, err := s.Click(mary, ops, ts, "go"); !errors.Is(err, slackstub.ErrNoSuch) {
		t.Errorf("mary: %v", err)
	}
	if _, err := s.Click(lin, ops, ts, "go"); err != nil {
		t.Fatal(err)
	}
	p := decode[map[string]any](t, <-l.got)
	if c, _ := p["container"].(map[string]any); c["is_ephemeral"] != true || p["message"] != nil {
		t.Errorf("payload %v", p)
	}
}

// opened opens a form for lin from a command and gives it.
func opened(t *testing.T, s *slackstub.Server, l *listener, view string) slackstub.View {
	t.Helper()
	l.doing(func(e envelope) {
		trigger := decode[map[string]any](t, e.Payload)["trigger_id"].(string)
		if a := call(t, s, "views.open", `{"trigger_id":"`+trigger+`","view":`+view+`}`); a.code() != "" {
			t.Errorf("views.open: %v", a.body)
		}
	})
	r, err := s.Command(lin, ops, "/ecs-migrate")
	if err != nil || r.View == nil {
		t.Fatalf("%+v, %v", r, err)
	}
	<-l.got
	l.doing(nil)
	return *r.View
}

func modal(extra, blocks string) string {
	return `{"type":"modal","title":` + plain("Choose") + `,"submit":` + plain("Go") + extra + `,"blocks":[` + blocks + `]}`
}

const formBlocks = `{"type":"input","block_id":"when","label":{"type":"plain_text","text":"When"},"element":{"type":"datetimepicker","action_id":"at","initial_date_time":1714608000}},` +
	`{"type":"input","block_id":"why","label":{"type":"plain_text","text":"Why"},"element":{"type":"plain_text_input","action_id":"reason","max_length":5}},` +
	`{"type":"input","block_id":"note","optional":true,"label":{"type":"plain_text","text":"Note"},"element":{"type":"plain_text_input","action_id":"note_text"}}`

// Source: docs.slack.dev/reference/interaction-payloads/view-interactions-payload; docs.slack.dev/surfaces/modals.
func TestSubmit(t *testing.T) {
	s := start(t, slackstub.Options{})
	l := listen(t, s)
	v := opened(t, s, l, modal(`,"private_metadata":"pm","callback_id":"cb"`, formBlocks))

	r, err := s.Submit(lin, v.ID, nil)
	if err != nil || r.Envelope != "" || r.FieldErrors["why"] == "" || len(r.FieldErrors) != 1 {
		t.Fatalf("an empty required field: %+v, %v", r, err)
	}
	if r, err = s.Submit(lin, v.ID, map[string]any{"reason": "因为所以啊了"}); err != nil || r.FieldErrors["why"] == "" {
		t.Fatalf("six of five characters: %+v, %v", r, err)
	}
	l.answer("view_submission", map[string]any{"response_action": "errors", "errors": map[string]any{"when": "too late"}})
	if r, err = s.Submit(lin, v.ID, map[string]any{"why": "因为所以啊"}); err != nil || r.FieldErrors["when"] != "too late" || r.View == nil {
		t.Fatalf("refused by the app: %+v, %v", r, err)
	}
	p := decode[slack.InteractionCallback](t, <-l.got)
	at, why, note := p.View.State.Values["when"]["at"], p.View.State.Values["why"]["reason"], p.View.State.Values["note"]["note_text"]
	if p.Type != slack.InteractionTypeViewSubmission || at.SelectedDateTime != 1714608000 || why.Value != "因为所以啊" || note.Value != "" {
		t.Errorf("state %+v", p.View.State)
	}
	if p.View.ID != v.ID || p.View.PrivateMetadata != "pm" || p.View.CallbackID != "cb" || p.View.Hash != v.Hash || p.View.RootViewID != v.ID || p.TriggerID == "" {
		t.Errorf("view %+v", p.View)
	}
	l.answer("view_submission", nil)
	// What was typed before is still there.
	if r, err = s.Submit(lin, "", map[string]any{"when/at": int64(1714700000)}); err != nil || r.View != nil || r.Error != "" {
		t.Fatalf("accepted: %+v, %v", r, err)
	}
	if p = decode[slack.InteractionCallback](t, <-l.got); p.View.State.Values["when"]["at"].SelectedDateTime != 1714700000 || p.View.State.Values["why"]["reason"].Value != "因为所以啊" {
		t.Errorf("state %+v", p.View.State)
	}
	if _, err := s.Submit(lin, v.ID, nil); !errors.Is(err, slackstub.ErrNoSuch) {
		t.Errorf("the form is closed: %v", err)
	}
	if v := s.Violations(); len(v) != 0 {
		t.Errorf("violations %v", v)
	}
}

// Source: docs.slack.dev/surfaces/modals (response_action update, push, clear, errors; three views).
func TestSubmissionAnswers(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	l := listen(t, s)
	next := map[string]any{"type": "modal", "title": map[string]any{"type": "plain_text", "text": "Next"}, "submit": map[string]any{"type": "plain_text", "text": "Go"}, "blocks": []any{}}
	answer := func(a map[string]any) slackstub.Reply {
		t.Helper()
		l.answer("view_submission", nil)
		if a != nil {
			l.answer("view_submission", a)
		}
		r, err := s.Submit(lin, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := opened(t, s, l, modal("", ""))
	if r := answer(map[string]any{"response_action": "update", "view": next}); r.View.Title != "Next" || r.View.ID != first.ID || r.View.Hash == first.Hash || r.View.Version != 2 {
		t.Errorf("update: %+v", r.View)
	}
	for n := 2; n <= 3; n++ {
		if r := answer(map[string]any{"response_action": "push", "view": next}); len(s.Views(lin)) != n || r.View.Root != first.ID || r.View.Previous == "" {
			t.Errorf("push %d: %+v", n, r.View)
		}
	}
	for name, a := range map[string]map[string]any{
		"a fourth view":     {"response_action": "push", "view": next},
		"a bad view":        {"response_action": "update", "view": map[string]any{"type": "modal"}},
		"an unknown action": {"response_action": "dance"},
		"errors of nothing": {"response_action": "errors"},
		"errors of a block": {"response_action": "errors", "errors": map[string]any{"nowhere": "x"}},
	} {
		before := len(s.Violations())
		if r := answer(a); r.Error != "bad_response" || len(s.Views(lin)) != 3 || len(s.Violations()) != before+1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if r := answer(nil); r.View == nil || len(s.Views(lin)) != 2 {
		t.Errorf("nothing: %+v", r)
	}
	if r := answer(map[string]any{"response_action": "clear"}); r.View != nil || len(s.Views(lin)) != 0 {
		t.Errorf("clear: %+v", r)
	}
}

// Source: docs.slack.dev/reference/interaction-payloads/view-interactions-payload (view_closed, is_cleared).
func TestClose(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	l := listen(t, s)
	opened(t, s, l, modal("", ""))
	if r, err := s.CloseView(lin, ""); err != nil || r.Envelope != "" || len(s.Views(lin)) != 0 {
		t.Errorf("quietly: %+v, %v", r, err)
	}
	for _, all := range []bool{false, true} {
		v := opened(t, s, l, modal(`,"notify_on_close":true`, ""))
		shut := func() (slackstub.Reply, error) { return s.CloseView(lin, v.ID) }
		if all {
			shut = func() (slackstub.Reply, error) { return s.CloseAll(lin) }
		}
		if r, err := shut(); err != nil || r.Envelope == "" {
			t.Fatalf("%+v, %v", r, err)
		}
		p := decode[map[string]any](t, <-l.got)
		if p["type"] != "view_closed" || p["is_cleared"] != all || p["view"].(map[string]any)["id"] != v.ID {
			t.Errorf("payload %v", p)
		}
	}
	if _, err := s.CloseView(lin, ""); !errors.Is(err, slackstub.ErrNoSuch) {
		t.Errorf("nothing to close: %v", err)
	}
}

// Elements inside a form: input blocks tell nothing unless dispatch_action is set.
func TestClickInAView(t *testing.T) {
	s := start(t, slackstub.Options{})
	l := listen(t, s)
	v := opened(t, s, l, modal("", formBlocks+`,`+actions(button(`,"action_id":"go"`))+
		`,{"type":"input","block_id":"loud","dispatch_action":true,"label":`+plain("L")+`,"element":{"type":"static_select","action_id":"pick","options":`+options(2)+`}}`))
	if r, err := s.ClickView(lin, v.ID, "reason", "why"); err != nil || r.Envelope != "" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, c := range []struct{ action, value string }{{"go", ""}, {"pick", "v1"}} {
		if r, err := s.ClickView(lin, v.ID, c.action, c.value); err != nil || r.Envelope == "" {
			t.Fatalf("%s: %+v, %v", c.action, r, err)
		}
		p := decode[slack.InteractionCallback](t, <-l.got)
		if p.Container.Type != "view" || p.Container.ViewID != v.ID || p.View.ID != v.ID || p.View.State.Values["why"]["reason"].Value != "why" || p.ResponseURL != "" {
			t.Errorf("%s: %+v", c.action, p)
		}
	}
}

// Source: docs.slack.dev/reference/events/app_home_opened; docs.slack.dev/reference/methods/views.publish.
func TestHome(t *testing.T) {
	s := start(t, slackstub.Options{})
	l := listen(t, s)
	if r, err := s.OpenHome(lin); err != nil || r.View != nil {
		t.Errorf("%+v, %v", r, err)
	}
	<-l.got
	home := `{"type":"home","blocks":[` + actions(button(`,"action_id":"go"`)) + `]}`
	a := must(t, s, "views.publish", `{"user_id":"`+lin+`","view":`+home+`}`)
	hash := text(a["view"].(map[string]any), "hash")
	must(t, s, "views.publish", `{"user_id":"`+lin+`","hash":"`+hash+`","view":`+home+`}`)
	if a := call(t, s, "views.publish", `{"user_id":"`+lin+`","hash":"`+hash+`","view":`+home+`}`); a.code() != "hash_conflict" {
		t.Errorf("an old hash: %v", a.body)
	}
	if a := call(t, s, "views.publish", `{"user_id":"U9","view":`+home+`}`); a.code() != "invalid_arguments" {
		t.Errorf("nobody: %v", a.body)
	}
	v, err := s.WaitHome(soon(t), lin, func(v slackstub.View) bool { return v.Version == 2 })
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.OpenHome(lin)
	if err != nil || r.View == nil || r.View.ID != v.ID {
		t.Errorf("%+v, %v", r, err)
	}
	<-l.got
	if r, err := s.ClickView(lin, "home", "go"); err != nil || r.Error != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	if p := decode[slack.InteractionCallback](t, <-l.got); p.View.ID != v.ID || p.View.Type != "home" {
		t.Errorf("payload %+v", p.View)
	}
}

// Waiting sees what is there, what comes, and tells what happened when it was in vain.
func TestWaiting(t *testing.T) {
	s := start(t, slackstub.Options{})
	go func() {
		_, _ = s.Say(lin, ops, "first", "")
		_, _ = s.Say(lin, ops, "second", "")
	}()
	for _, words := range []string{"second", "first"} {
		m, err := s.WaitMessage(soon(t), func(m slackstub.Message) bool { return m.Text == words })
		if err != nil || m.Text != words {
			t.Fatal(m, err)
		}
	}
	expired, cancel := deadline(t, time.Millisecond)
	defer cancel()
	if _, err := s.WaitMessage(expired, func(slackstub.Message) bool { return false }); err == nil || !strings.Contains(err.Error(), "2 messages") {
		t.Error(err)
	}
	if _, err := s.WaitEphemeral(expired, lin, func(slackstub.Message) bool { return true }); err == nil {
		t.Error("an ephemeral message out of nothing")
	}
	if _, err := s.WaitView(expired, lin, func(slackstub.View) bool { return true }); err == nil {
		t.Error("a view out of nothing")
	}
	must(t, s, "auth.test", "")
	if c, err := s.WaitCall(soon(t), "auth.test", func(slackstub.Call) bool { return true }); err != nil || !c.Worked {
		t.Error(c, err)
	}
	if _, err := fmt.Sscan(s.Messages(ops)[0].TS, new(float64)); err != nil {
		t.Error(err)
	}
}
