package handlers_test

import (
	"fmt"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/notifier"
)

// listed waits for the filled form of a list in front of a person.
func (w *world) listed(user string, m migration.Migration) slackstub.View {
	w.t.Helper()
	w.click(user, w.card(m), notifier.ActionChecklist)
	return w.form(user, func(v slackstub.View) bool { return v.CallbackID == notifier.FormChecklist && v.Submit != "" })
}

// ticks are the values of a list's form in which these items are ticked: the
// first block with boxes is enough for host.
func ticks(revision int, items ...string) map[string]any {
	if items == nil {
		items = []string{}
	}
	return map[string]any{fmt.Sprintf("%s-%d-0", notifier.FormTicks, revision): items}
}

func (w *world) send(user string, values map[string]any) slackstub.Reply {
	w.t.Helper()
	r, err := w.slack.Submit(user, "", values)
	if err != nil || r.Error != "" {
		w.t.Fatalf("submit: %v %s", err, r.Error)
	}
	return r
}

// open opens the form about an item from the list in front of a person.
func (w *world) openItem(user, id string) slackstub.View {
	w.t.Helper()
	front := w.slack.Views(user)
	list := front[len(front)-1]
	for _, b := range list.Blocks {
		if accessory, _ := b["accessory"].(map[string]any); accessory["value"] == id {
			block, _ := b["block_id"].(string)
			if r, err := w.slack.Act(slackstub.Act{User: user, View: list.ID, Block: block, Action: notifier.ActionItem}); err != nil || r.Error != "" {
				w.t.Fatal(err, r.Error)
			}
		}
	}
	return w.form(user, func(v slackstub.View) bool { return v.CallbackID == notifier.FormItem && v.Submit != "" })
}

func TestAListSubmittedTwice(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.listed(mary, host(1))
	r := w.send(mary, ticks(0, "snapshot"))
	once := asText(t, w.get(1))
	for _, envelope := range []string{r.Envelope, "another"} {
		again := w.acts.Interact(t.Context(), w.submission(r.Envelope), envelope)
		if got := plainJSON(again.Ack); !strings.Contains(got, `"response_action":"clear"`) {
			t.Errorf("%s: %s", envelope, got)
		}
	}
	if got := asText(t, w.get(1)); got != once {
		t.Errorf("ticked twice:\n%s\n%s", once, got)
	}
	if k := w.get(1).Mark("snapshot"); k.State != migration.Done || k.By != mary {
		t.Errorf("%+v", k)
	}
}

func TestOnlyOperatorsTickAndAcknowledge(t *testing.T) {
	w := newWorld(t)
	w.grant([]string{lin}, nil)
	ended := host(2, inStatus(migration.Executed))
	w.put(host(1), ended)
	// Everyone may look.
	w.says(w.command(mary, "/ecs-migrate checklist web-001"), "Preparation: 0 of 5 done", "Snapshots of all disks")
	v := w.listed(mary, host(1))
	r := w.send(mary, ticks(0, "snapshot"))
	if r.View == nil || r.View.ID != v.ID || r.View.Submit != "" || !strings.Contains(plainJSON(r.View.Blocks), "operator") {
		t.Errorf("a viewer's tick: %+v", r.View)
	}
	w.says(w.command(mary, "/ecs-migrate ack web-002 why"), "operator")
	w.click(mary, w.card(ended), notifier.ActionAck)
	w.told(mary, "operator")
	if w.get(1).Mark("snapshot").Settled() || w.get(2).Acknowledged != nil {
		t.Error("a viewer changed something")
	}
	w.says(w.command(lin, "/ecs-migrate ack web-002 已检查"), "后续检查已确认")
	if ack := w.get(2).Acknowledged; ack == nil || ack.By != lin || ack.Via != migration.ViaCommand || ack.Reason != "已检查" {
		t.Errorf("%+v", ack)
	}
}

func TestAListThatIsClosedMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.listed(mary, host(1))
	w.put(host(1, inStatus(migration.Executing)))
	r := w.send(mary, ticks(0, "snapshot"))
	if got := r.FieldErrors["ticks-0-0"]; got != "That list is closed: Running." {
		t.Errorf("%q", got)
	}
	if _, err := w.slack.CloseAll(mary); err != nil {
		t.Fatal(err)
	}
	w.click(mary, w.card(host(1)), notifier.ActionChecklist)
	if v := w.form(mary, holds("That list is closed: Running.")); v.Submit != "" {
		t.Error("it can still be saved")
	}
}

func TestWhatAListsFormSaysWhenItCannotBeSaved(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(*world)
		spoil  func(*slackgo.View)
		says   string
	}{
		"the store fails":     {func(w *world) { w.fault.fail(true, false) }, nil, "Nothing was saved"},
		"another reference":   {nil, func(v *slackgo.View) { v.PrivateMetadata = `{"a":"p"}` }, "cannot be read now"},
		"an unknown event":    {nil, func(v *slackgo.View) { v.PrivateMetadata = strings.Replace(v.PrivateMetadata, "e-001", "e-999", 1) }, "cannot be read now"},
		"an item that is not": {nil, func(v *slackgo.View) { tickOnly(v, "voucher") }, "not on the list any more"},
		"an item like code":   {nil, func(v *slackgo.View) { tickOnly(v, "<!channel>") }, "not on the list any more"},
		"another phase": {nil, func(v *slackgo.View) {
			v.PrivateMetadata = strings.Replace(v.PrivateMetadata, "preparation", "follow_up", 1)
		}, "That list is closed"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(host(1))
			w.listed(mary, host(1))
			r := w.send(mary, ticks(0, "snapshot"))
			cb := w.submission(r.Envelope)
			w.put(host(1))
			if tt.before != nil {
				tt.before(w)
			}
			if tt.spoil != nil {
				tt.spoil(&cb.View)
			}
			got := plainJSON(w.acts.Interact(t.Context(), cb, "another").Ack)
			if !strings.Contains(got, `"response_action":"errors"`) || !strings.Contains(got, tt.says) {
				t.Errorf("%s", got)
			}
			w.fault.fail(false, false)
			if len(w.get(1).Checklist.Marks) != 0 {
				t.Errorf("%+v", w.get(1).Checklist.Marks)
			}
		})
	}
}

// tickOnly has a submitted list tick one thing that it did not offer.
func tickOnly(v *slackgo.View, id string) {
	for _, elements := range v.State.Values {
		for action, value := range elements {
			value.SelectedOptions = []slackgo.OptionBlockObject{{Value: id}}
			elements[action] = value
		}
	}
}

func TestTwoSayDifferentThingsAboutAnItem(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.listed(mary, host(1))
	w.openItem(mary, "snapshot")
	w.listed(lin, host(1))
	w.send(lin, ticks(0, "snapshot"))
	choice := map[string]any{notifier.FormState: "not_needed", notifier.FormReason: "stateless", notifier.FormNote: "see wiki"}
	r := w.send(mary, choice)
	if r.View == nil || r.View.CallbackID != notifier.FormItem || !strings.Contains(plainJSON(r.View.Blocks), "Done, <@"+lin+">") || !strings.Contains(plainJSON(r.View.Blocks), "Somebody was faster") {
		t.Fatalf("Mary is not told: %+v", r.View)
	}
	if !strings.Contains(plainJSON(r.View.Blocks), `"initial_value":"stateless"`) {
		t.Errorf("what she wrote is lost: %s", plainJSON(r.View.Blocks))
	}
	if k := w.get(1).Mark("snapshot"); k.State != migration.Done || k.By != lin {
		t.Errorf("%+v", k)
	}
	// Saved again it is hers.
	w.send(mary, choice)
	if k := w.get(1).Mark("snapshot"); k.State != migration.NotNeeded || k.By != mary || k.Note == nil || k.Note.Text != "see wiki" {
		t.Errorf("%+v", k)
	}
	w.form(mary, func(v slackstub.View) bool {
		return v.CallbackID == notifier.FormChecklist && strings.Contains(plainJSON(v.Blocks), "stateless")
	})
}

func TestWhatAnItemsFormRefuses(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.listed(mary, host(1))
	w.openItem(mary, "snapshot")
	r := w.send(mary, map[string]any{notifier.FormState: "not_needed", notifier.FormReason: " "})
	if got := r.FieldErrors[notifier.FormReason]; got != "Say why it is not needed." {
		t.Errorf("%v", r.FieldErrors)
	}
	cb := w.submission(r.Envelope)
	for name, tt := range map[string]struct {
		spoil func(*slackgo.View)
		field string
		says  string
	}{
		"too long": {func(v *slackgo.View) { write(v, notifier.FormReason, strings.Repeat("长", migration.MaxRemark+1)) }, notifier.FormReason, "at most 500 characters"},
		"a state that is not": {func(v *slackgo.View) {
			value := v.State.Values[notifier.FormState][notifier.FormState]
			value.SelectedOption.Value = "later"
			v.State.Values[notifier.FormState][notifier.FormState] = value
		}, notifier.FormState, "cannot be read now"},
		"no state at all": {func(v *slackgo.View) { v.State = nil }, notifier.FormState, "cannot be read now"},
		"another item": {func(v *slackgo.View) {
			v.PrivateMetadata = strings.Replace(v.PrivateMetadata, `"i":"snapshot"`, `"i":"voucher"`, 1)
			write(v, notifier.FormReason, "x")
		}, notifier.FormState, "not on the list any more"},
		"no reference at all": {func(v *slackgo.View) { v.PrivateMetadata = "" }, notifier.FormState, "cannot be read now"},
	} {
		spoilt := w.submission(r.Envelope)
		tt.spoil(&spoilt.View)
		got := plainJSON(w.acts.Interact(t.Context(), spoilt, "e-"+name).Ack)
		if !strings.Contains(got, `"`+tt.field+`":`) || !strings.Contains(got, tt.says) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if len(w.get(1).Checklist.Marks) != 0 {
		t.Errorf("%+v", w.get(1).Checklist.Marks)
	}
	write(&cb.View, notifier.FormReason, "stateless")
	if w.acts.Interact(t.Context(), cb, "at last").Ack != nil || w.get(1).Mark("snapshot").State != migration.NotNeeded {
		t.Errorf("%+v", w.get(1).Mark("snapshot"))
	}
}

func write(v *slackgo.View, block, text string) {
	value := v.State.Values[block][block]
	value.Value = text
	v.State.Values[block][block] = value
}

func TestFormsOfListsThatCannotBeOpened(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	card := w.card(host(1))
	w.fault.fail(false, true)
	w.click(mary, card, notifier.ActionChecklist)
	w.form(mary, holds("cannot be read now"))
	w.fault.fail(false, false)
	w.listed(mary, host(1))
	w.put(host(1, inStatus(migration.Executing)))
	front := w.slack.Views(mary)[0]
	for _, b := range front.Blocks {
		if accessory, _ := b["accessory"].(map[string]any); accessory["value"] == "snapshot" {
			block, _ := b["block_id"].(string)
			if _, err := w.slack.Act(slackstub.Act{User: mary, View: front.ID, Block: block, Action: notifier.ActionItem}); err != nil {
				t.Fatal(err)
			}
		}
	}
	// The item can still be read; what would be said about it is refused.
	w.form(mary, func(v slackstub.View) bool { return v.CallbackID == notifier.FormItem && v.Submit != "" })
	r := w.send(mary, map[string]any{notifier.FormState: "done"})
	if got := r.FieldErrors[notifier.FormState]; got != "That list is closed: Running." {
		t.Errorf("%v", r.FieldErrors)
	}
}

func TestTheAcknowledgementsForm(t *testing.T) {
	w := newWorld(t)
	ended := host(1, inStatus(migration.Failed))
	w.put(ended)
	w.click(mary, w.card(ended), notifier.ActionAck)
	w.form(mary, func(v slackstub.View) bool {
		return v.CallbackID == notifier.FormAck && strings.Contains(plainJSON(v.Blocks), "State of the instance known; Ticket submitted")
	})
	// Lin is faster.
	w.says(w.command(lin, "/ecs-migrate ack web-001 工单42"), "后续检查已确认")
	r := w.send(mary, map[string]any{notifier.FormReason: "ticket 43"})
	if r.View == nil || !strings.Contains(plainJSON(r.View.Blocks), "<@"+lin+"> has acknowledged it already") {
		t.Fatalf("%+v", r.View)
	}
	if ack := w.get(1).Acknowledged; ack.By != lin || ack.Reason != "工单42" || fmt.Sprint(ack.Open) != "[instance_state ticket]" {
		t.Errorf("%+v", ack)
	}
	cb := w.submission(r.Envelope)
	for says, spoil := range map[string]func(*slackgo.View){
		"cannot be read now":     func(v *slackgo.View) { v.PrivateMetadata = "x" },
		"at most 500 characters": func(v *slackgo.View) { write(v, notifier.FormReason, strings.Repeat("x", migration.MaxRemark+1)) },
	} {
		w.put(ended)
		spoilt := cb
		spoilt.View = w.submission(r.Envelope).View
		spoil(&spoilt.View)
		if got := plainJSON(w.acts.Interact(t.Context(), spoilt, "e-"+says).Ack); !strings.Contains(got, says) || !strings.Contains(got, `"errors"`) {
			t.Errorf("%s: %s", says, got)
		}
	}
	w.fault.fail(true, false)
	if got := plainJSON(w.acts.Interact(t.Context(), cb, "e-last").Ack); !strings.Contains(got, "Nothing was saved") {
		t.Error(got)
	}
	w.fault.fail(false, false)
}

func TestAckByCommand(t *testing.T) {
	failed := func(n int) migration.Migration { return host(n, inStatus(migration.Failed), named("db")) }
	for name, tt := range map[string]struct {
		all  []migration.Migration
		line string
		says []string
	}{
		"nothing ran":           {[]migration.Migration{host(1)}, "ack web-001", []string{"There is nothing to acknowledge: No time reserved"}},
		"no target":             {nil, "ack", []string{"ack TARGET [REASON]"}},
		"a reason too long":     {[]migration.Migration{failed(1)}, "ack db " + strings.Repeat("x", 501), []string{"at most 500 characters"}},
		"several":               {[]migration.Migration{failed(1), failed(2)}, `ack db "ticket 42"`, []string{"Acknowledge the follow-up.", `ack prod/cn-hangzhou/e-001 \"ticket 42\"`, "e-002"}},
		"the one that waits":    {[]migration.Migration{host(1, named("db")), failed(2)}, "ack db later", []string{"is acknowledged"}},
		"it asks for a reason":  {[]migration.Migration{failed(1)}, "ack e-001", []string{"Required items are open", "/ecs-migrate ack e-001 REASON", "Open the checklist"}},
		"nobody acknowledged":   {[]migration.Migration{host(1, inStatus(migration.Executed), func(m *migration.Migration) { m.Acknowledged = &migration.Ack{When: now} })}, "ack e-001", []string{"before acknowledgements were asked for"}},
		"the list of a target":  {[]migration.Migration{failed(1)}, "checklist db", []string{"Follow-up: 0 of 2 done", "Acknowledge"}},
		"the list, nothing due": {[]migration.Migration{host(1, inStatus(migration.Canceled))}, "checklist web-001", []string{"There is nothing to do about it: Cancelled"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(tt.all...)
			w.says(w.command(mary, "/ecs-migrate "+tt.line), tt.says...)
		})
	}
}

// tickBoxes ticks boxes of the list in front of a person without saving it.
func (w *world) tickBoxes(user string, revision int, items ...string) {
	w.t.Helper()
	front := w.slack.Views(user)
	act := slackstub.Act{
		User: user, View: front[len(front)-1].ID, Block: fmt.Sprintf("%s-%d-0", notifier.FormTicks, revision), Action: notifier.FormTicks, Values: items,
	}
	if _, err := w.slack.Act(act); err != nil {
		w.t.Fatal(err)
	}
}

// Slack keeps what stands in a block of the same name: a list that is drawn again
// must show what was said since, and what was not saved.
func TestAListDrawnAgainShowsWhatStands(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.listed(mary, host(1))
	w.tickBoxes(mary, 0, "disk_space", "snapshot")
	w.openItem(mary, "start_at_boot")
	w.send(mary, map[string]any{notifier.FormState: "not_needed", notifier.FormReason: "nothing runs"})
	back := func(words string) {
		w.form(mary, func(v slackstub.View) bool {
			return v.CallbackID == notifier.FormChecklist && strings.Contains(plainJSON(v.Blocks), words)
		})
	}
	back("nothing runs")
	// She thinks again about one that she had ticked and not saved.
	w.openItem(mary, "snapshot")
	w.send(mary, map[string]any{notifier.FormState: "open", notifier.FormNote: "disk 2 is missing"})
	back("disk 2 is missing")
	w.send(mary, nil) // saved as it is shown
	m := w.get(1)
	for id, want := range map[string]migration.MarkState{
		"disk_space": migration.Done, "start_at_boot": migration.NotNeeded, "snapshot": migration.Open,
	} {
		if got := m.Mark(id).State; got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
}
