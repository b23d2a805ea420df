package bot_test

import (
	"testing"
	"time"

	slackstub "ecs-migrate/internal/stub/slack"
)

// formless are the lines of a card's thread that say that a form did not come.
func (w *world) formless(card slackstub.Message) (all []slackstub.Message) {
	for _, m := range w.slack.Thread(card.Channel, card.TS) {
		if m.Metadata != nil && m.Metadata.EventType == "ecs_migration_form" {
			all = append(all, m)
		}
	}
	return all
}

func TestAFormThatCannotBeOpenedIsAnsweredInTheThread(t *testing.T) {
	w, event, card := announced(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "views.open", Error: "expired_trigger_id"})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Drop: true, AfterWork: true}) // the line's
	defer w.run(50 * time.Millisecond)()
	w.click(mary, card, "choose")
	w.line(card, "<@"+mary+">", "could not be opened. Click the button again.")

	// She does, and this time it opens: what was owed is forgotten.
	w.click(mary, card, "choose")
	w.submit(mary, w.form(mary), w.clock.Now().UTC().Add(24*time.Hour).Truncate(time.Minute))
	w.line(w.cardSays(event, "Confirmed"), "Confirmed by Alibaba Cloud")
	w.clock.Advance(time.Minute)
	w.command(lin, web, "/ecs-migrate assign "+event+" me")
	w.line(card, "<@"+lin+">", "looks after") // later in the same lane
	if n := len(w.formless(card)); n != 1 {
		t.Errorf("%d lines about a form, want one", n)
	}
}

// The channel is closed to the bot for most of a night: nobody wants to hear in the
// morning of the click that they repeated or gave up.
func TestAFormOfHoursAgoIsNotToldOf(t *testing.T) {
	w, event, card := announced(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "views.open", Error: "expired_trigger_id"})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Error: "not_in_channel"})
	stop := w.run(50 * time.Millisecond)
	w.click(mary, card, "choose")
	if err := w.slack.Wait(w.soon(), "the line that is refused", func() bool { return len(w.slack.Faults()) == 0 }); err != nil {
		t.Fatal(err)
	}
	stop()
	w.clock.Advance(7 * time.Hour)
	defer w.run(5 * time.Second)()
	w.command(lin, web, "/ecs-migrate assign "+event+" me")
	w.line(card, "<@"+lin+">", "looks after") // later in the same lane
	if n := len(w.formless(card)); n != 0 {
		t.Errorf("%d lines about a form of hours ago", n)
	}
}
