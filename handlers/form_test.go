package handlers_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/notifier"
)

// chosen is a time that can be chosen for host.
var chosen = time.Date(2024, 4, 30, 18, 0, 0, 0, time.UTC)

func proposes(v slackstub.View, at time.Time) bool {
	return holds(fmt.Sprintf(`"initial_date_time":%d`, at.Unix()))(v)
}

func TestChooseATime(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.click(lin, w.card(host(1)), notifier.ActionChoose)
	form := w.form(lin, filled)
	if form.Title != "选择时间" || !proposes(form, deadline) || !holds("最晚可预约时间：周五 2024-05-03 02:00（Asia/Shanghai，UTC+08:00）= 2024-05-02 18:00 UTC，还剩6天")(form) {
		t.Errorf("%s: %s", form.Title, form.JSON())
	}
	if form.Version < 2 {
		t.Error("the form was not opened as a placeholder first")
	}
	if r := w.submit(lin, chosen); r.View != nil || r.FieldErrors != nil {
		t.Errorf("the form stays: %v", r.FieldErrors)
	}
	if m := w.get(1); m.State() != migration.StateRequested || !m.Asked.At.Equal(chosen) || m.Asked.By != lin || m.Asked.Via != migration.ViaForm {
		t.Errorf("%s %+v", m.State(), m.Asked)
	}
	if jobs := w.jobs(); jobs[migration.JobModify] != 1 {
		t.Errorf("jobs %v", jobs)
	}
}

func TestDeclareATime(t *testing.T) {
	w := newWorld(t)
	m := host(1, planOnly)
	w.put(m)
	w.click(mary, w.card(m), notifier.ActionDeclare)
	if form := w.form(mary, filled); form.Title != "Time set in the console" {
		t.Error(form.Title)
	}
	w.submit(mary, chosen)
	if m := w.get(1); m.State() != migration.StateDeclared || !m.Held.At.Equal(chosen) {
		t.Errorf("%s %+v", m.State(), m.Held)
	}
	if jobs := w.jobs(); jobs[migration.JobModify] != 0 {
		t.Errorf("jobs %v", jobs)
	}
}

func TestDeclareAfterARefusal(t *testing.T) {
	w := newWorld(t)
	m := host(1, refusedTo(lin))
	w.put(m)
	w.click(mary, w.card(m), notifier.ActionDeclare)
	w.form(mary, filled)
	w.submit(mary, chosen)
	if got := w.get(1).State(); got != migration.StateDeclared {
		t.Error(got)
	}
}

func TestWhatAFormProposes(t *testing.T) {
	night := time.Date(2024, 4, 26, 6, 0, 0, 0, time.UTC) // 02:00 of the coming night in New York
	for name, tt := range map[string]struct {
		m      migration.Migration
		button string
		want   time.Time
	}{
		"the plan":                 {host(1), notifier.ActionChoose, deadline},
		"the reservation":          {host(1, heldBy(lin)), notifier.ActionReschedule, deadline.Add(-24 * time.Hour)},
		"the refused wish":         {host(1, refusedTo(lin)), notifier.ActionChoose, deadline.Add(-48 * time.Hour)},
		"a night, without a plan":  {host(1, due(time.Time{})), notifier.ActionChoose, night},
		"a night, the plan passed": {host(1, func(m *migration.Migration) { m.Event.NotBefore = now.Add(-time.Hour) }), notifier.ActionChoose, night},
		"a full hour": {host(1, func(m *migration.Migration) {
			m.Event.NotBefore, m.Event.InitialNotBefore = now.Add(-time.Hour), now.Add(time.Hour)
		}), notifier.ActionChoose, now.Add(30 * time.Minute)},
		"the last moment": {host(1, func(m *migration.Migration) {
			m.Event.NotBefore, m.Event.InitialNotBefore = now.Add(-time.Hour), now.Add(10*time.Minute)
		}), notifier.ActionChoose, now.Add(10 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(tt.m)
			w.click(mary, w.card(tt.m), tt.button)
			if form := w.form(mary, filled); !proposes(form, tt.want) {
				t.Errorf("not %v: %s", tt.want, form.JSON())
			}
		})
	}
}

// What a form says on its field when its time, or any time, cannot stand.
func TestAFormAnswersOnItsField(t *testing.T) {
	become := func(s migration.Status) func(*world) { return func(w *world) { w.put(host(1, inStatus(s))) } }
	for name, tt := range map[string]struct {
		before func(*world)
		at     time.Time
		says   string
	}{
		"past":            {nil, now.Add(-time.Minute), "That time has passed. Choose one after Thu 2024-04-25 23:30 (America/New_York, UTC-04:00) = 2024-04-26 03:30 UTC and not after Thu 2024-05-02 14:00"},
		"deadline":        {nil, deadline.Add(time.Minute), "after the latest reservable time"},
		"closed":          {func(w *world) { w.clock.move(7 * 24 * time.Hour) }, deadline.Add(-time.Hour), "cannot be moved any more"},
		"started":         {become(migration.Executing), chosen, "It has started"},
		"over":            {become(migration.Canceled), chosen, "It is over: Cancelled by Alibaba Cloud"},
		"inquiring":       {become(migration.Inquiring), chosen, "waits for authorisation"},
		"console only":    {func(w *world) { w.put(host(1, planOnly)) }, chosen, "Only the console can move it"},
		"the store fails": {func(w *world) { w.fault.fail(true, false) }, chosen, "Nothing was saved"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(host(1))
			w.click(mary, w.card(host(1)), notifier.ActionChoose)
			w.form(mary, filled)
			if tt.before != nil {
				tt.before(w)
			}
			r := w.submit(mary, tt.at)
			if r.View == nil || !strings.Contains(r.FieldErrors[notifier.FormBlock], tt.says) {
				t.Errorf("the field says %v, open: %v", r.FieldErrors, r.View != nil)
			}
			if m := w.get(1); m.Reserved() {
				t.Error(m.State())
			}
			w.fault.fail(false, false)
		})
	}
}

func TestSomebodyDecidedWhileTheFormWasOpen(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.click(mary, w.card(host(1)), notifier.ActionChoose)
	w.form(mary, filled)
	w.put(host(1, heldBy(lin)))

	r := w.submit(mary, chosen)
	if r.View == nil || r.FieldErrors != nil {
		t.Fatalf("the form is gone: %v", r.FieldErrors)
	}
	if v := *r.View; !holds("<@"+lin+"> has reserved it already: Wed 2024-05-01 14:00")(v) || !holds("Submit again to change it")(v) || !proposes(v, chosen) {
		t.Errorf("%s", v.JSON())
	}
	if m := w.get(1); m.Asked != nil {
		t.Fatal("lin's reservation was overruled")
	}
	if r := w.submit(mary, chosen); r.View != nil {
		t.Errorf("the form stays: %v", r.FieldErrors)
	}
	if m := w.get(1); m.State() != migration.StateRequested || m.Asked.By != mary || m.Held.By != lin {
		t.Errorf("%s", m.State())
	}
}

func TestSomebodysWishWaitsWhileTheFormIsOpen(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.click(mary, w.card(host(1)), notifier.ActionChoose)
	w.form(mary, filled)
	w.put(host(1, askedBy(lin)))
	r := w.submit(mary, chosen)
	if r.View == nil || !holds("<@"+lin+"> asked for Tue 2024-04-30 14:00")(*r.View) || !holds("Submit again once it is answered")(*r.View) || !proposes(*r.View, chosen) {
		t.Fatalf("%v", r.View)
	}
	w.put(host(1, heldBy(lin)))
	if r = w.submit(mary, chosen); r.View != nil {
		t.Error("the form stays")
	}
	if m := w.get(1); m.State() != migration.StateRequested || m.Asked.By != mary {
		t.Error(m.State())
	}
}

// submission is a form's envelope, to be sent again.
func (w *world) submission(envelope string) slackgo.InteractionCallback {
	w.t.Helper()
	for _, e := range w.slack.Envelopes() {
		if e.ID != envelope {
			continue
		}
		raw, err := json.Marshal(e.Payload)
		if err != nil {
			w.t.Fatal(err)
		}
		var cb slackgo.InteractionCallback
		if err := json.Unmarshal(raw, &cb); err != nil {
			w.t.Fatal(err)
		}
		return cb
	}
	w.t.Fatalf("no envelope %s", envelope)
	return slackgo.InteractionCallback{}
}

func TestAFormSubmittedTwice(t *testing.T) {
	for name, tt := range map[string]struct {
		m      migration.Migration
		button string
		at     time.Time
	}{
		"a wish":             {host(1), notifier.ActionChoose, chosen},
		"the planned time":   {host(1), notifier.ActionChoose, deadline},
		"a declared time":    {host(1, planOnly), notifier.ActionDeclare, chosen},
		"another time again": {host(1, heldBy(lin)), notifier.ActionReschedule, chosen},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(tt.m)
			w.click(mary, w.card(tt.m), tt.button)
			w.form(mary, filled)
			r := w.submit(mary, tt.at)
			once := asText(t, w.get(1))
			for _, envelope := range []string{r.Envelope, "another"} {
				again := w.acts.Interact(t.Context(), w.submission(r.Envelope), envelope)
				if got := plainJSON(again.Ack); !strings.Contains(got, `"response_action":"clear"`) {
					t.Errorf("%s: %s", envelope, got)
				}
			}
			if got := asText(t, w.get(1)); got != once {
				t.Errorf("decided twice:\n%s\n%s", once, got)
			}
		})
	}
}

func TestAnOldCardsFormTellsWhatChanged(t *testing.T) {
	w := newWorld(t)
	w.put(host(1, heldBy(lin)))
	w.click(mary, w.card(host(1)), notifier.ActionChoose)
	form := w.form(mary, filled)
	if form.Title != "Choose another time" || !holds("<@"+lin+"> has reserved it already")(form) {
		t.Errorf("%s: %s", form.Title, form.JSON())
	}
	if jobs := w.jobs(); jobs[migration.JobCard] != 1 {
		t.Errorf("jobs %v: no fresh card", jobs)
	}
	w.submit(mary, chosen)
	if m := w.get(1); m.State() != migration.StateRequested {
		t.Error(m.State())
	}
}

func TestAFormThatCanDoNothingSaysSo(t *testing.T) {
	for name, tt := range map[string]struct {
		m    migration.Migration
		says string
	}{
		"started":      {host(1, inStatus(migration.Executing)), "It has started"},
		"over":         {host(1, inStatus(migration.Executed)), "It is over: Finished"},
		"pending":      {host(1, askedBy(lin)), "<@" + lin + "> asked for"},
		"closed":       {host(1, due(now)), "cannot be moved any more"},
		"console only": {host(1, planOnly), "Only the console can move it"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(tt.m)
			w.click(mary, w.card(host(1)), notifier.ActionChoose)
			if v := w.form(mary, holds(tt.says)); filled(v) {
				t.Errorf("it can be submitted: %s", v.JSON())
			}
		})
	}
}

func TestAFormThatCannotBeOpened(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.slack.AddFault(slackstub.Fault{Method: "views.open", Error: "expired_trigger_id"})
	w.click(mary, w.card(host(1)), notifier.ActionChoose)
	w.owes(func(j migration.Job) bool { return j.By == mary && !j.Due.After(now) })
	if said := w.slack.Ephemerals(mary); len(said) > 0 {
		t.Errorf("she is answered twice: %s", read(said[0]))
	}
}

// owes waits until one form is owed, by a job that fits.
func (w *world) owes(fits func(migration.Job) bool) {
	w.t.Helper()
	var owed []migration.Job
	w.becomes(func() bool {
		due, _, err := w.store.Heads(w.t.Context(), now.Add(time.Minute))
		if err != nil {
			w.t.Error(err)
		}
		owed = slices.DeleteFunc(due, func(j migration.Job) bool { return j.Kind != migration.JobForm })
		return len(owed) == 1 && fits(owed[0])
	})
}

// becomes waits until something is so in the store, at the latest when all envelopes
// are done with.
func (w *world) becomes(so func() bool) {
	w.t.Helper()
	for ctx := w.soon(); !so(); {
		select {
		case <-w.store.Wake():
		case <-w.done:
		case <-ctx.Done():
			w.t.Fatalf("it is not so with the jobs %v", w.jobs())
		}
	}
}

// owesNone waits until nobody is to hear in a thread that their form did not come.
func (w *world) owesNone() {
	w.t.Helper()
	w.becomes(func() bool { return w.jobs()[migration.JobForm] == 0 })
}

// What somebody is owed is on disk before their click is acknowledged, and gone
// once they have their form or another answer.
func TestAFormIsOwedUntilItIsThere(t *testing.T) {
	open := func(w *world, user string) slackgo.InteractionCallback {
		w.put(host(1))
		return slackgo.InteractionCallback{
			Type: slackgo.InteractionTypeBlockActions, User: slackgo.User{ID: user}, TriggerID: "none",
			ActionCallback: slackgo.ActionCallbacks{BlockActions: []*slackgo.BlockAction{{
				ActionID: notifier.ActionChoose, Value: notifier.Ref{Key: host(1).Key()}.Encode(),
			}}},
		}
	}
	t.Run("before the acknowledgement", func(t *testing.T) {
		w := newWorld(t)
		cb := open(w, mary)
		if w.acts.Interact(t.Context(), cb, "Env1").After == nil {
			t.Error("no form follows")
		}
		w.owes(func(j migration.Job) bool { return j.By == mary && j.Due.After(now.Add(10*time.Second)) })
		if w.acts.Interact(t.Context(), cb, "Env1").After != nil {
			t.Error("an envelope that comes again opens another form")
		}
		w.owes(func(migration.Job) bool { return true })
	})
	t.Run("and there it is", func(t *testing.T) {
		w := newWorld(t)
		w.put(host(1))
		w.click(mary, w.card(host(1)), notifier.ActionChoose)
		w.form(mary, filled)
		w.owesNone()
	})
	t.Run("and it is not for them", func(t *testing.T) {
		w := newWorld(t)
		w.grant(nil, nil)
		w.put(host(1))
		w.click(mary, w.card(host(1)), notifier.ActionChoose)
		w.told(mary, "operator")
		w.owesNone()
	})
	t.Run("and Slack is away for a moment", func(t *testing.T) {
		w := newWorld(t)
		w.put(host(1))
		w.slack.AddFault(slackstub.Fault{Method: "views.open", Drop: true})
		w.click(mary, w.card(host(1)), notifier.ActionChoose)
		w.told(mary, "could not be opened in time")
		w.owesNone()
	})
	t.Run("and Slack is away for longer", func(t *testing.T) {
		w := newWorld(t)
		w.put(host(1))
		for _, method := range []string{"views.open", "response_url", "chat.postEphemeral"} {
			w.slack.AddFault(slackstub.Fault{Method: method, Drop: true})
		}
		w.click(mary, w.card(host(1)), notifier.ActionChoose)
		w.owes(func(j migration.Job) bool { return !j.Due.After(now) })
	})
	t.Run("and it stays empty", func(t *testing.T) {
		w := newWorld(t)
		w.put(host(1))
		w.slack.AddFault(slackstub.Fault{Method: "views.update", Error: "internal_error"})
		w.click(mary, w.card(host(1)), notifier.ActionChoose)
		w.owes(func(j migration.Job) bool { return !j.Due.After(now) })
	})
	t.Run("not without a card", func(t *testing.T) {
		w := newWorld(t)
		m := host(1)
		m.Card.TS = ""
		w.put(m)
		w.slack.AddFault(slackstub.Fault{Method: "views.open", Error: "expired_trigger_id"})
		w.command(mary, "/ecs-migrate show "+m.Event.EventID)
		answer := w.told(mary, m.Event.InstanceID)
		w.click(mary, answer, notifier.ActionChoose)
		w.told(mary, "could not be opened in time")
		w.owesNone()
	})
	t.Run("not on a full disk", func(t *testing.T) {
		w := newWorld(t)
		w.put(host(1))
		w.fault.fail(true, false)
		w.slack.AddFault(slackstub.Fault{Method: "views.open", Error: "expired_trigger_id"})
		w.click(mary, w.card(host(1)), notifier.ActionChoose)
		w.told(mary, "could not be opened in time")
		w.fault.fail(false, false)
	})
}

func TestAFormIsFilledThoughSlackStumbles(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.slack.AddFault(slackstub.Fault{Method: "views.update", Status: 503})
	w.click(mary, w.card(host(1)), notifier.ActionChoose)
	w.form(mary, filled)
}

// Reading who clicked may take long: the form opens once it is known that they may
// send it, within the life of the permission to open it.
func TestAFormOpensThoughReadingWhoClickedIsSlow(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.slack.AddFault(slackstub.Fault{Method: "users.info", Delay: time.Second})
	w.click(lin, w.card(host(1)), notifier.ActionChoose)
	w.form(lin, func(v slackstub.View) bool { return filled(v) && v.Title == "选择时间" })
}

func TestSubmissionsThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	ref := notifier.Ref{Key: host(1).Key()}.Encode()
	lost := notifier.Ref{Key: host(2).Key()}.Encode()
	with := func(unix int64) *slackgo.ViewState {
		return &slackgo.ViewState{Values: map[string]map[string]slackgo.BlockAction{
			notifier.FormBlock: {notifier.FormAction: {SelectedDateTime: unix}},
		}}
	}
	for name, tt := range map[string]struct {
		user string
		view slackgo.View
		says string
	}{
		"no state":    {mary, slackgo.View{PrivateMetadata: ref}, "Choose a time."},
		"no time":     {mary, slackgo.View{PrivateMetadata: ref, State: with(0)}, "Choose a time."},
		"no metadata": {mary, slackgo.View{State: with(chosen.Unix())}, "cannot be read now"},
		"not known":   {mary, slackgo.View{PrivateMetadata: lost, State: with(chosen.Unix())}, "cannot be read now"},
	} {
		tt.view.CallbackID = notifier.FormChoose
		cb := slackgo.InteractionCallback{Type: slackgo.InteractionTypeViewSubmission, User: slackgo.User{ID: tt.user}, View: tt.view}
		if got := plainJSON(w.acts.Interact(t.Context(), cb, "").Ack); !strings.Contains(got, tt.says) || !strings.Contains(got, `"errors"`) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if w.get(1).Reserved() {
		t.Error("something was decided")
	}
}

func TestHome(t *testing.T) {
	w := newWorld(t)
	shown := func(user, words string) {
		t.Helper()
		if _, err := w.slack.OpenHome(user); err != nil {
			t.Fatal(err)
		}
		if _, err := w.slack.WaitHome(w.soon(), user, holds(words)); err != nil {
			t.Error(err)
		}
	}
	shown(mary, "No migrations are open")
	for n := 1; n <= 11; n++ {
		w.put(host(n))
	}
	shown(mary, `"home:next"`)
	shown(lin, "web-010")
	shown(lin, "待处理的迁移")
	w.fault.fail(false, true)
	shown(mary, "cannot read its store")
}
