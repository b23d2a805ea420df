package bot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

const reboot = "SystemMaintenance.Reboot"

// save submits the list in front of a person with exactly these items ticked.
func (w *world) save(user string, view slackstub.View, blocks []boxes, items ...string) slackstub.Reply {
	w.t.Helper()
	values := map[string]any{}
	for _, b := range blocks {
		chosen := []string{}
		for _, o := range b.Element.Options {
			for _, id := range items {
				if o.Value == id {
					chosen = append(chosen, id)
				}
			}
		}
		values[b.BlockID] = chosen
	}
	r, err := w.slack.Submit(user, view.ID, values)
	if err != nil || r.Error != "" {
		w.t.Fatalf("saving the list: %v %s", err, r.Error)
	}
	return r
}

// seen is all the text of a form, as people see it.
func seen(v slackstub.View) string { return read(slackstub.Message{Blocks: v.Blocks}) }

// details opens the form about one item on the list in front of a person, and
// waits until it is filled.
func (w *world) details(user string, list slackstub.View, item string) slackstub.View {
	w.t.Helper()
	for _, b := range list.Blocks {
		accessory, _ := b["accessory"].(map[string]any)
		if accessory["value"] != item {
			continue
		}
		block, _ := b["block_id"].(string)
		if r, err := w.slack.Act(slackstub.Act{User: user, View: list.ID, Block: block, Action: "item"}); err != nil || r.Error != "" {
			w.t.Fatalf("opening %s: %v %s", item, err, r.Error)
		}
		v, err := w.slack.WaitView(w.soon(), user, func(v slackstub.View) bool { return v.CallbackID == "item" && v.Submit != "" })
		if err != nil {
			w.t.Fatal(err)
		}
		return v
	}
	w.t.Fatalf("no %s on the list: %s", item, list.JSON())
	return slackstub.View{}
}

// boxesOf are the boxes of a list, and which of them are ticked.
func boxesOf(t *testing.T, v slackstub.View) (all []boxes, ticked string) {
	t.Helper()
	raw, err := json.Marshal(v.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []boxes
	if err := json.Unmarshal(raw, &blocks); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, b := range blocks {
		if b.Element.Type != "checkboxes" {
			continue
		}
		all = append(all, b)
		for _, o := range b.Element.Initial {
			ids = append(ids, o.Value)
		}
	}
	return all, strings.Join(ids, " ")
}

// lists are the checklists of an event that stand, by phase.
func (w *world) listsOf(event, phase string) (all []slackstub.Message) {
	for _, m := range w.slack.Messages("") {
		if isList(m) && !m.Deleted && m.Metadata.EventPayload["event_id"] == event && m.Metadata.EventPayload["phase"] == phase {
			all = append(all, m)
		}
	}
	return all
}

func TestTwoTickAtOnce(t *testing.T) {
	w, event, card := announced(t, options{})
	marys, marysBoxes := w.checklist(mary, card)
	lins, linsBoxes := w.checklist(lin, card)

	if r := w.save(mary, marys, marysBoxes, "snapshot", "disk_space"); r.View != nil {
		t.Fatalf("the form stays: %s", r.View.JSON())
	}
	r := w.save(lin, lins, linsBoxes, "snapshot", "start_at_boot")
	if r.View == nil || r.View.Submit != "" || !containsAll(seen(*r.View), []string{"已有人先作了标记", "已为所有磁盘创建快照", "<@" + mary + ">"}) {
		t.Fatalf("Lin is not told who was faster: %+v", r.View)
	}
	if strings.Contains(seen(*r.View), "服务和挂载") {
		t.Errorf("Lin is told of what was carried out: %s", r.View.JSON())
	}
	list := w.list(event, "preparation", "3 of 10 done")
	said := read(list)
	if strings.Count(said, "<@"+mary+">") != 2 || strings.Count(said, "<@"+lin+">") != 1 {
		t.Errorf("the list does not say who did what: %s", said)
	}
	w.cardSays(event, "Preparation 3/10…")
	if lines := w.lines(card); len(lines) != 0 {
		t.Errorf("ticks are %d lines in the thread", len(lines))
	}

	// The button shows the list again, in place.
	if r, err := w.slack.ClickView(lin, r.View.ID, "checklist"); err != nil || r.Error != "" {
		t.Fatal(err, r.Error)
	}
	v := w.form(lin)
	if _, ticked := boxesOf(t, v); ticked != "snapshot disk_space start_at_boot" || len(w.slack.Views(lin)) != 1 {
		t.Errorf("%d forms, ticked: %s", len(w.slack.Views(lin)), ticked)
	}
	if answer := w.command(mary, web, "/ecs-migrate show "+web01); !containsAll(answer, []string{"ticked “Snapshots of all disks, and a backup”", "<@" + lin + "> ticked “Services and mounts"}) {
		t.Errorf("the history tells no ticks: %s", answer)
	}
}

func TestNotNeededTakenBackAndNoted(t *testing.T) {
	w, event, card := announced(t, options{})
	view, blocks := w.checklist(mary, card)
	// She ticks one box, does not save, and looks at an item.
	if _, err := w.slack.Act(slackstub.Act{User: mary, View: view.ID, Block: blocks[0].BlockID, Action: "ticks", Values: []string{"disk_space"}}); err != nil {
		t.Fatal(err)
	}
	form := w.details(mary, view, "security_software_off")
	if !containsAll(seen(form), []string{"Security software off", "updates device drivers", "https://www.alibabacloud.com/help/", "How to do it"}) {
		t.Errorf("the item says not why and how: %s", form.JSON())
	}
	r, err := w.slack.Submit(mary, form.ID, map[string]any{"state": "not_needed"})
	if err != nil || r.FieldErrors["reason"] != "Say why it is not needed." {
		t.Fatalf("without a reason: %v %v", err, r.FieldErrors)
	}
	r, err = w.slack.Submit(mary, form.ID, map[string]any{"state": "not_needed", "reason": "none is <installed>", "note": "asked Lin"})
	if err != nil || r.FieldErrors != nil {
		t.Fatalf("%v %v", err, r.FieldErrors)
	}
	w.list(event, "preparation", "not needed, <@"+mary+">", "none is &lt;installed&gt;", "note by <@"+mary+">: asked Lin")
	// The list below is drawn again, with what she had not saved.
	back, err := w.slack.WaitView(w.soon(), mary, func(v slackstub.View) bool {
		return v.ID == view.ID && strings.Contains(seen(v), "none is &lt;installed&gt;")
	})
	if err != nil {
		t.Fatal(err)
	}
	blocks, ticked := boxesOf(t, back)
	if ticked != "disk_space security_software_off" {
		t.Errorf("ticked: %s", ticked)
	}
	// Unticking takes it back; the box that was ticked before is saved with it.
	w.save(mary, back, blocks, "disk_space")
	said := read(w.list(event, "preparation", "1 of 10 done", ":white_check_mark: More than 500 MiB"))
	if strings.Contains(said, "not needed") || !strings.Contains(said, "note by <@"+mary+">: asked Lin") {
		t.Errorf("taken back, it says %s", said)
	}
	if answer := w.command(mary, web, "/ecs-migrate checklist "+web01); !containsAll(answer, []string{"*Preparation: 1 of 10 done*", "4 required items are open", "Open the checklist"}) {
		t.Errorf("the command answers %s", answer)
	}
}

// ran lets a restart be announced and run, up to its end.
func ran(t *testing.T, o options) (w *world, event string, card slackstub.Message) {
	t.Helper()
	w = newWorld(t, o)
	event = w.announce(ecsstub.EventSpec{InstanceID: web01, Type: reboot, NotBefore: dawn.Add(time.Hour)})
	w.poll()
	card = w.cardSays(event, "No time reserved")
	w.until(dawn.Add(2 * time.Hour))
	w.poll()
	return w, event, card
}

func TestAcknowledgedWithAReason(t *testing.T) {
	w, event, _ := ran(t, options{})
	card := w.cardSays(event, "The follow-up waits for its acknowledgement")
	list := w.list(event, "follow_up", "0 of 2 done", "1 required item is open")
	if len(w.listsOf(event, "preparation")) != 0 {
		t.Error("a list of the preparation was posted though nobody prepared")
	}
	answer := w.command(mary, web, "/ecs-migrate ack "+web01)
	if !containsAll(answer, []string{"Required items are open: Site and services answer", "/ecs-migrate ack " + event + " REASON"}) {
		t.Errorf("the command answers %s", answer)
	}

	// The button asks for the reason.
	w.click(mary, list, "ack")
	form := w.form(mary)
	if form.CallbackID != "ack" || !strings.Contains(seen(form), "Site and services answer") {
		t.Fatalf("%s: %s", form.CallbackID, form.JSON())
	}
	r, err := w.slack.Submit(mary, form.ID, map[string]any{"reason": "  "})
	if err != nil || !strings.Contains(r.FieldErrors["reason"], "Required items are open") {
		t.Errorf("blanks for a reason: %v %v", err, r.FieldErrors)
	}
	if r, err = w.slack.Submit(mary, form.ID, map[string]any{"reason": "Lin looks <tomorrow>"}); err != nil || r.FieldErrors != nil || r.View != nil {
		t.Fatalf("%v %v", err, r.FieldErrors)
	}
	w.line(card, "<@"+mary+"> acknowledged the follow-up with required items open", "Site and services answer", "Lin looks &lt;tomorrow&gt;")
	done := w.cardSays(event, "*Done*")
	if strings.Contains(read(done), "Acknowledge…") || done.TS != card.TS {
		t.Errorf("the card still asks: %s", read(done))
	}
	if again := w.list(event, "follow_up", "Acknowledged by <@"+mary+">"); again.TS != list.TS {
		t.Error("the list was posted anew")
	}

	// Whoever comes second is told who was first; a late tick still counts.
	if answer := w.command(lin, web, "/ecs-migrate ack "+web01+" 已检查"); !strings.Contains(answer, "<@"+mary+"> 已经确认") {
		t.Errorf("Lin is answered %s", answer)
	}
	w.tick(lin, done, "reachable")
	w.list(event, "follow_up", "1 of 2 done", "Acknowledged by <@"+mary+">")
	if answer := w.command(mary, web, "/ecs-migrate list"); strings.Contains(answer, "web-01") {
		t.Errorf("what is done is listed: %s", answer)
	}
}

func TestAcknowledgedByOneClickOnceAllIsDone(t *testing.T) {
	w, event, card := ran(t, options{})
	w.list(event, "follow_up")
	if answer := w.command(mary, web, "/ecs-migrate list"); !containsAll(answer, []string{"web-01", "Waits for acknowledgement, 0 of 2 done"}) {
		t.Errorf("what waits is not listed: %s", answer)
	}
	w.tick(lin, card, "reachable")
	ready := w.list(event, "follow_up", "Everything required is done")
	w.click(lin, ready, "ack")
	w.line(card, "<@"+lin+"> acknowledged the follow-up. The migration is done.")
	w.cardSays(event, "*Done*")
	if len(w.slack.Views(lin)) != 0 {
		t.Error("a form was opened though nothing is open")
	}
}

func TestHowARunEndsDecidesItsList(t *testing.T) {
	for name, tt := range map[string]struct {
		end   func(w *world, event string) error
		words []string // of the list; none: there is no list
	}{
		"failed":   {func(w *world, event string) error { return w.cloud.Fail(event) }, []string{"State of the instance known", "Ticket submitted"}},
		"canceled": {func(w *world, event string) error { return w.cloud.Cancel(event) }, nil},
		"avoided":  {func(w *world, event string) error { return w.cloud.Avoid(event) }, []string{"Site and services answer"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{})
			event := w.announce(ecsstub.EventSpec{InstanceID: web01, Type: reboot})
			w.poll()
			card := w.cardSays(event, "No time reserved")
			w.tick(mary, card, "snapshot")
			before := w.list(event, "preparation", "1 of 3 done")
			if err := tt.end(w, event); err != nil {
				t.Fatal(err)
			}
			w.poll()
			closed := w.list(event, "preparation", "Snapshots of all disks", map[bool]string{true: "was 1 of 3", false: "That list is closed"}[tt.words != nil])
			if closed.TS != before.TS || strings.Contains(read(closed), "Open the checklist") {
				t.Errorf("the preparation's list is not closed in place: %s", read(closed))
			}
			if tt.words == nil {
				w.line(card, "Cancelled by Alibaba Cloud")
				if answer := w.command(mary, web, "/ecs-migrate ack "+event+" why"); !strings.Contains(answer, "There is nothing to acknowledge: Cancelled by Alibaba Cloud") {
					t.Errorf("acknowledging answers %s", answer)
				}
				if n := len(w.listsOf(event, "follow_up")); n != 0 {
					t.Errorf("%d follow-up lists", n)
				}
				return
			}
			w.list(event, "follow_up", tt.words...)
			if answer := w.command(mary, web, "/ecs-migrate ack "+event+" 'looked at it'"); !strings.Contains(answer, "The follow-up is acknowledged") {
				t.Errorf("acknowledging answers %s", answer)
			}
			w.cardSays(event, "*Done*")
		})
	}
}

func TestAListThatSomebodyDeletedReturnsWithTheNextTick(t *testing.T) {
	w, event, card := announced(t, options{})
	w.tick(mary, card, "snapshot")
	first := w.list(event, "preparation", "1 of 10 done")
	if err := w.slack.DeleteMessage(first.Channel, first.TS); err != nil {
		t.Fatal(err)
	}
	w.tick(mary, card, "disk_space")
	second := w.list(event, "preparation", "2 of 10 done")
	if got := fmt.Sprint(first.Metadata.EventPayload["list"], " ", second.Metadata.EventPayload["list"]); got != "1 2" {
		t.Errorf("they are lists %s", got)
	}
	if second.TS == first.TS || second.ThreadTS != card.TS {
		t.Errorf("it stands as %s under %s", second.TS, second.ThreadTS)
	}
	w.tick(mary, card, "start_at_boot")
	if third := w.list(event, "preparation", "3 of 10 done"); third.TS != second.TS {
		t.Error("it was posted anew without need")
	}
	if n := len(w.listsOf(event, "preparation")); n != 1 {
		t.Errorf("%d lists stand", n)
	}
}

func TestAListIsPostedOnceAcrossARestart(t *testing.T) {
	w, event, card := announced(t, options{})
	// The post is made, and its answer is lost with the bot.
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Times: 1, Drop: true, AfterWork: true})
	w.tick(mary, card, "snapshot")
	if _, err := w.slack.WaitMessage(w.soon(), isList); err != nil {
		t.Fatal(err)
	}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.tick(lin, card, "disk_space")
	w.clock.Advance(time.Minute) // what failed is tried again
	w.list(event, "preparation", "2 of 10 done", "<@"+mary+">", "<@"+lin+">")
	if n := len(w.listsOf(event, "preparation")); n != 1 {
		t.Errorf("%d lists stand", n)
	}
}

func TestAReservationIsAnsweredWithWhatIsOpen(t *testing.T) {
	w, event, _ := announced(t, options{})
	answer := w.command(mary, web, tomorrow)
	if !containsAll(answer, []string{"Requested", "Preparation: 0 of 10 done. Still open: Snapshots of all disks, and a backup; ", "; 2 more.", "Open the checklist"}) {
		t.Errorf("the answer is %s", answer)
	}
	w.list(event, "preparation", "0 of 10 done") // which comes with it
}

func TestATeamsOwnList(t *testing.T) {
	w, event, card := announced(t, options{extra: `
checklists:
  - {id: snapshot, title: {en: Nightly backup went through, zh-CN: 夜间备份已完成}}
  - {id: disk_space, remove: true, match: {tags: {team: web}}}
  - id: page_dba
    phase: preparation
    title: Page the DBA
    why: Only they can stop the replica.
    how: Call the number in the wiki.
    link: https://wiki.example.com/dba
    match: {events: ["SystemUpgrade.*"]}
  - {id: nobody, phase: follow_up, title: Never here, match: {tags: {team: other}}}
`})
	view, _ := w.checklist(mary, card)
	if !containsAll(seen(view), []string{"Nightly backup went through", "Page the DBA", "Only they can stop the replica.", "https://wiki.example.com/dba"}) || strings.Contains(seen(view), "500 MiB") {
		t.Errorf("the form is %s", view.JSON())
	}
	w.tick(mary, card, "page_dba")
	w.list(event, "preparation", "1 of 10 done", ":white_check_mark: Page the DBA · <@"+mary+">", "Nightly backup")
}
