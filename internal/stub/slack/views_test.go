package slack_test

import (
	"testing"
	"time"

	slackstub "ecs-migrate/internal/stub/slack"
)

const emptyModal = `{"type":"modal","title":{"type":"plain_text","text":"T"},"blocks":[]}`

// trigger gives a fresh trigger_id of lin's.
func trigger(t *testing.T, s *slackstub.Server, l *listener) string {
	t.Helper()
	if _, err := s.Command(lin, ops, "/ecs-migrate"); err != nil {
		t.Fatal(err)
	}
	return decode[map[string]any](t, <-l.got)["trigger_id"].(string)
}

// Source: docs.slack.dev/reference/methods/views.open (three seconds, one use); slackapi/java-slack-sdk
// views_Test.java (a bad view is refused before the trigger is looked at).
func TestTriggers(t *testing.T) {
	h := newHands()
	s := start(t, slackstub.Options{Now: h.Now, Limits: slackstub.Limits{Off: true}})
	l := listen(t, s)
	open := func(trigger, view string) string {
		return call(t, s, "views.open", `{"trigger_id":"`+trigger+`","view":`+view+`}`).code()
	}
	id := trigger(t, s, l)
	for _, c := range []struct {
		move          time.Duration
		trigger, view string
		want          string
	}{
		{0, "nonsense", emptyModal, "invalid_trigger_id"},
		{0, "", emptyModal, "invalid_trigger_id"},
		{0, id, `{"type":"modal"}`, "invalid_arguments"},
		{3 * time.Second, id, emptyModal, ""},
		{0, id, emptyModal, "exchanged_trigger_id"},
		{time.Minute, id, emptyModal, "exchanged_trigger_id"},
	} {
		h.move(c.move)
		if got := open(c.trigger, c.view); got != c.want {
			t.Errorf("trigger %.8s after %v: %q, want %q", c.trigger, c.move, got, c.want)
		}
	}
	late := trigger(t, s, l)
	h.move(3*time.Second + time.Millisecond)
	if got := open(late, emptyModal); got != "expired_trigger_id" {
		t.Errorf("late: %q", got)
	}
}

// Source: docs.slack.dev/reference/methods/views.update (hash_conflict, not_found; entered values are kept).
func TestUpdateView(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	l := listen(t, s)
	v := opened(t, s, l, modal(`,"external_id":"x-1"`, formBlocks))
	if _, err := s.ClickView(lin, v.ID, "reason", "why"); err != nil {
		t.Fatal(err)
	}
	update := func(args string) answer {
		return call(t, s, "views.update", `{`+args+`,"view":`+modal("", formBlocks)+`}`)
	}
	if a := update(`"view_id":"` + v.ID + `","hash":"1.x"`); a.code() != "hash_conflict" {
		t.Errorf("wrong hash: %v", a.body)
	}
	a := update(`"view_id":"` + v.ID + `","hash":"` + v.Hash + `"`)
	if a.code() != "" || a.body["view"].(map[string]any)["id"] != v.ID {
		t.Errorf("right hash: %v", a.body)
	}
	if a := update(`"external_id":"x-1"`); a.code() != "not_found" {
		t.Errorf("the external id went with the update: %v", a.body)
	}
	if a := update(`"view_id":"V9"`); a.code() != "not_found" {
		t.Errorf("unknown: %v", a.body)
	}
	if a := update(`"hash":"x"`); a.code() != "invalid_arguments" {
		t.Errorf("no name: %v", a.body)
	}
	if r, err := s.Submit(lin, v.ID, nil); err != nil || r.Envelope == "" || len(r.FieldErrors) > 0 {
		t.Errorf("what was typed is lost: %+v, %v", r, err)
	}
	if a := update(`"view_id":"` + v.ID + `"`); a.code() != "not_found" {
		t.Errorf("a closed view: %v", a.body)
	}
}

// Sources: docs.slack.dev/reference/methods/views.push (push_limit_reached), .../views.open (duplicate_external_id).
func TestPush(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	l := listen(t, s)
	push := func(trigger, view string) string {
		return call(t, s, "views.push", `{"trigger_id":"`+trigger+`","view":`+view+`}`).code()
	}
	if got := push(trigger(t, s, l), emptyModal); got != "invalid_trigger_id" {
		t.Errorf("nothing open: %q", got)
	}
	opened(t, s, l, modal(`,"external_id":"x-1"`, ""))
	if got := push(trigger(t, s, l), modal(`,"external_id":"x-1"`, "")); got != "duplicate_external_id" {
		t.Errorf("same external id: %q", got)
	}
	for _, want := range []string{"", "", "push_limit_reached"} {
		if got := push(trigger(t, s, l), emptyModal); got != want {
			t.Errorf("push onto %d: %q, want %q", len(s.Views(lin)), got, want)
		}
	}
	if _, err := s.CloseView(lin, ""); err != nil || len(s.Views(lin)) != 2 {
		t.Errorf("%d views, %v", len(s.Views(lin)), err)
	}
	// Opening replaces what lay there.
	opened(t, s, l, modal("", ""))
	if n := len(s.Views(lin)); n != 1 {
		t.Errorf("%d views", n)
	}
}

// A form filled later is the way to keep the three seconds: placeholder first, content by views.update.
func TestPlaceholderThenContent(t *testing.T) {
	s := start(t, slackstub.Options{})
	l := listen(t, s)
	v := opened(t, s, l, emptyModal)
	updated := make(chan answer)
	go func() {
		updated <- call(t, s, "views.update", `{"view_id":"`+v.ID+`","hash":"`+v.Hash+`","view":`+modal("", formBlocks)+`}`)
	}()
	got, err := s.WaitView(soon(t), lin, func(v slackstub.View) bool { return v.Version == 2 })
	if err != nil || len(got.Blocks) != 3 || got.Title != "Choose" || got.Submit != "Go" {
		t.Errorf("%+v, %v", got, err)
	}
	if a := <-updated; a.code() != "" {
		t.Error(a.body)
	}
}
