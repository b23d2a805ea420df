package bot_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// lived is what the story of a whole life expects to read, in each language.
type lived struct {
	words
	means, open, refused, acknowledged, done string
}

var lives = map[string]lived{
	"en": {
		spoken["en"],
		"a random one of the target vSwitch", "Still open", "Required items are open",
		"acknowledged the follow-up. The migration is done", "Done",
	},
	"zh-CN": {
		spoken["zh-CN"],
		"目标虚拟交换机", "项未完成", "必做项尚未完成",
		"已确认后续检查，该迁移已完成", "已完成",
	},
}

// From the announcement to the voucher, as the notice has it: facts, preparation
// by two people, reminders at their moments, a restart in the middle, the run,
// what it changed, and the follow-up until it is acknowledged.
func TestFromTheNoticeToTheVoucher(t *testing.T) {
	for lang, say := range lives {
		t.Run(lang, func(t *testing.T) { wholeLife(t, lang, say) })
	}
}

func wholeLife(t *testing.T, lang string, say lived) {
	w := newWorld(t, options{lang: lang, extra: reminded})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: deadline})
	w.poll()

	// Announced, with what it means for this instance and how much is to prepare.
	card := w.card(event, "says what it means", func(m slackstub.Message) bool {
		return containsAll(read(m), []string{say.unreserved, say.means, "0/"})
	})

	// Two people prepare, with the same item ticked by both.
	w.tick(mary, card, "snapshot", "security_group")
	list := w.list(event, "preparation", "<@"+mary+">")
	if list.ThreadTS != card.TS {
		t.Errorf("the list is in the thread %q, want the card's", list.ThreadTS)
	}
	w.tick(lin, card, "snapshot", "disk_space", "security_software_off")
	w.card(event, "shows the progress", func(m slackstub.Message) bool { return strings.Contains(read(m), "4/") })
	done := w.list(event, "preparation", "<@"+mary+">", "<@"+lin+">")
	if done.TS != list.TS {
		t.Error("the list was posted anew instead of brought up to date")
	}

	// Nobody has reserved: reminded at the very moment. Then Mary does. The moments
	// of this story are written out as people count them, not as the code does.
	due := time.Date(2024, 5, 5, 2, 0, 0, 0, time.UTC) // three days before Wednesday, 10:00 in Shanghai
	w.at(due)
	w.remindedOf(event, "unreserved/72h", due, "<@"+lin+">")
	run := time.Date(2024, 5, 6, 19, 0, 0, 0, time.UTC)
	w.click(mary, card, "choose")
	if r := w.submit(mary, w.form(mary), run); len(r.FieldErrors) > 0 {
		t.Fatalf("the form says %v", r.FieldErrors)
	}
	w.cardSays(event, say.confirmed)

	// A restart in the middle loses no reminder.
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.at(run.Add(-25 * time.Hour))
	w.start()
	reminded := func(name string, at time.Time, words ...string) {
		t.Helper()
		w.at(at)
		w.remindedOf(event, name, at, words...)
	}
	reminded("run/24h", time.Date(2024, 5, 5, 19, 0, 0, 0, time.UTC), say.open)
	reminded("run/1h", time.Date(2024, 5, 6, 18, 0, 0, 0, time.UTC))
	reminded("run/15m", time.Date(2024, 5, 6, 18, 45, 0, 0, time.UTC))

	// It runs and ends, and the thread tells what changed.
	w.at(run.Add(time.Minute))
	w.poll()
	w.cardSays(event, say.executing)
	w.at(run.Add(20 * time.Minute))
	w.poll()
	w.cardSays(event, say.executed)
	w.line(card, say.factsLine)

	// The follow-up is not acknowledged while required items are open.
	w.list(event, "follow_up")
	if answer := w.command(mary, web, "/ecs-migrate ack "+web01); !strings.Contains(answer, "Required items are open") {
		t.Errorf("an acknowledgement with items open is answered: %s", answer)
	}
	if answer := w.command(lin, web, "/ecs-migrate ack "+web01); !strings.Contains(answer, "必做项尚未完成") {
		t.Errorf("an acknowledgement with items open is answered: %s", answer)
	}
	w.ticks(mary, card, func(id string) bool { return id != "new_snapshot" && id != "voucher" })

	// It ended at 3:15 in Shanghai, on a Tuesday. The follow-up waits for nine
	// o'clock, and from then on comes every four hours of work. Snapshots of the 240
	// GiB are possible again after nine hours and 36 minutes. Then all is done.
	reminded("follow_up/open", time.Date(2024, 5, 7, 1, 0, 0, 0, time.UTC))
	w.noted("follow-up to acknowledge")
	reminded("recovered/once", time.Date(2024, 5, 7, 4, 51, 0, 0, time.UTC))
	again := time.Date(2024, 5, 7, 5, 0, 0, 0, time.UTC) // four hours after the first was sent
	w.at(again)
	w.remindedAbout(event, "follow_up/open", again)
	w.tick(mary, card, "new_snapshot")
	if answer := w.command(lin, web, "/ecs-migrate ack "+web01); !strings.Contains(answer, "该迁移已完成") {
		t.Errorf("the acknowledgement is answered: %s", answer)
	}
	w.line(card, say.acknowledged, "<@"+lin+">")
	w.cardSays(event, say.done)

	// The voucher is due seven working days after the end of the run, with a weekend
	// between: at nine o'clock on the Thursday of the week after.
	w.at(time.Date(2024, 5, 16, 0, 30, 0, 0, time.UTC))
	w.poll()
	thursday := time.Date(2024, 5, 16, 1, 0, 0, 0, time.UTC)
	w.at(thursday)
	voucher := w.remindedOf(event, "voucher/once", thursday, "<@"+lin+">")

	// What comes after the acknowledgement is taken and put off like all else.
	w.click(mary, voucher, "take")
	w.told(mary, "You look after this now")
	if r, err := w.slack.Click(mary, voucher.Channel, voucher.TS, "snooze", "1h"); err != nil || r.Error != "" {
		t.Fatalf("%v %s", err, r.Error)
	}
	w.told(mary, "No reminders until")
	w.at(w.clock.Now().Add(time.Hour + time.Second))
	w.remindedOf(event, "voucher/snoozed", time.Time{}, "<@"+mary+">")
	_, names := w.reminders(web, "ecs_migration_reminder", event)
	seen := map[string]int{}
	for _, name := range names {
		seen[name]++
	}
	want := map[string]int{"unreserved/72h": 1, "run/24h": 1, "run/1h": 1, "run/15m": 1, "follow_up/open": 2, "recovered/once": 1, "voucher/once": 1, "voucher/snoozed": 1}
	if !maps.Equal(seen, want) {
		t.Errorf("reminders %v, want %v", names, want)
	}
}

// noted waits until the bot has taken down that it reminded of something: the next
// one counts from that moment, so the clock may not be moved before.
func (w *world) noted(about string) {
	w.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if answer := w.command(mary, web, "/ecs-migrate show "+web01); strings.Contains(answer, "Reminded ") && strings.Contains(answer, about) {
			return
		}
	}
	w.t.Fatalf("the history tells of no reminder of %q", about)
}

// remindedAbout waits for a reminder that was posted within seconds of a moment:
// one that counts from when the one before was sent.
func (w *world) remindedAbout(event, name string, at time.Time) {
	w.t.Helper()
	var when []time.Time
	err := w.slack.Wait(w.soon(), name+" again", func() bool {
		all, names := w.reminders(web, "ecs_migration_reminder", event)
		when = nil
		for i, m := range all {
			if names[i] == name {
				when = append(when, m.Versions[0].At)
			}
		}
		return slices.ContainsFunc(when, func(t time.Time) bool { return !t.Before(at) && t.Sub(at) < 10*time.Second })
	})
	if err != nil {
		w.t.Fatalf("%s is due about %s and was posted at %v: %v", name, at, when, err)
	}
}

// list waits for the checklist of a phase in the event's thread that has the words.
func (w *world) list(event, phase string, words ...string) slackstub.Message {
	w.t.Helper()
	m, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return m.Metadata != nil && m.Metadata.EventType == "ecs_migration_list" && m.Metadata.EventPayload["event_id"] == event &&
			m.Metadata.EventPayload["phase"] == phase && !m.Deleted && containsAll(read(m), words)
	})
	if err != nil {
		w.t.Fatalf("no list of %s with %q: %v\n%s", phase, words, err, w.logs)
	}
	return m
}

// boxes are the form's boxes, by block, as far as they are in front of a person.
type boxes struct {
	Type    string
	BlockID string `json:"block_id"`
	Element struct {
		Type    string
		Options []struct{ Value string }
		Initial []struct{ Value string } `json:"initial_options"`
	}
}

// checklist opens the form of the list by the card's button.
func (w *world) checklist(user string, card slackstub.Message) (slackstub.View, []boxes) {
	w.t.Helper()
	if _, err := w.slack.CloseAll(user); err != nil && len(w.slack.Views(user)) > 0 {
		w.t.Fatal(err)
	}
	now, ok := w.slack.Message(card.Channel, card.TS)
	if !ok {
		w.t.Fatal("the card is gone")
	}
	w.click(user, now, "checklist")
	view := w.form(user)
	raw, err := json.Marshal(view.Blocks)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []boxes
	if err := json.Unmarshal(raw, &all); err != nil {
		w.t.Fatal(err)
	}
	return view, slices.DeleteFunc(all, func(b boxes) bool { return b.Element.Type != "checkboxes" })
}

// tick ticks items beside those that are, and saves.
func (w *world) tick(user string, card slackstub.Message, items ...string) {
	w.t.Helper()
	w.ticks(user, card, func(id string) bool { return slices.Contains(items, id) })
}

// ticks ticks those that are wanted beside those that are ticked, and saves.
func (w *world) ticks(user string, card slackstub.Message, wanted func(id string) bool) {
	w.t.Helper()
	view, blocks := w.checklist(user, card)
	values := map[string]any{}
	for _, b := range blocks {
		var chosen []string
		for _, o := range b.Element.Initial {
			chosen = append(chosen, o.Value)
		}
		for _, o := range b.Element.Options {
			if wanted(o.Value) && !slices.Contains(chosen, o.Value) {
				chosen = append(chosen, o.Value)
			}
		}
		values[b.BlockID] = chosen
	}
	r, err := w.slack.Submit(user, view.ID, values)
	if err != nil || r.Error != "" || len(r.FieldErrors) > 0 {
		w.t.Fatalf("saving the list: %v %s %v", err, r.Error, r.FieldErrors)
	}
}
