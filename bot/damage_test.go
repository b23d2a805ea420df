package bot_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

// spoil overwrites all pages of the store's file but its head, under the bot.
func (w *world) spoil() {
	w.t.Helper()
	file, err := os.OpenFile(w.storePath(), os.O_RDWR, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		w.t.Fatal(err)
	}
	const head = 2
	page := int64(os.Getpagesize())
	if _, err := file.WriteAt(bytes.Repeat([]byte{0xFF}, int(info.Size()-head*page)), head*page); err != nil {
		w.t.Fatal(err)
	}
}

func TestADamagedStoreEndsAllDecidingUntilABackupTakesItsPlace(t *testing.T) {
	w, event, card := announced(t, options{listen: loopback})
	w.command(mary, web, tomorrow)
	w.line(card, "Confirmed by Alibaba Cloud")
	backup := w.backup()
	w.spoil()

	// Whatever people try, they are told, and where to turn.
	for _, line := range []string{
		"/ecs-migrate reschedule " + event + " 2024-05-02 03:00 Asia/Shanghai", "/ecs-migrate show " + event, "/ecs-migrate list",
	} {
		if answer := w.command(mary, web, line); !strings.Contains(answer, "damaged") || !strings.Contains(answer, "ecs-migrate store restore") {
			t.Errorf("%s is answered %s", line, answer)
		}
	}
	if code, body := w.get("/readyz"); code != 503 || !strings.Contains(body, "the store is damaged: see `ecs-migrate store check`") || !strings.Contains(body, `"writable":false`) {
		t.Errorf("/readyz answers %d: %s", code, body)
	}
	if _, body := w.get("/metrics"); !strings.Contains(body, "\necs_migrate_store_writable 0\n") {
		t.Error("the metrics do not tell it")
	}
	if code, body := w.get("/healthz"); code != 200 {
		t.Errorf("/healthz answers %d, %s: a restart would not help", code, body)
	}
	if n := strings.Count(w.logs.String(), "from now on nothing is decided"); n != 1 {
		t.Errorf("told %d times in the log", n)
	}
	found, err := w.keeper().Check(w.soon())
	if err != nil || len(found.Faults) == 0 || !found.Live {
		t.Errorf("the check finds %+v, %v", found, err)
	}
	if _, err := w.keeper().Backup(w.soon(), w.dir+"/b.db"); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a backup of it: %v", err)
	}
	if _, err := w.keeper().Compact(w.soon()); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("compacting it: %v", err)
	}
	calls := len(w.slack.Calls("chat.postMessage"))
	w.clock.Advance(time.Hour) // polls and reminders are due
	if answer := w.command(mary, web, "/ecs-migrate list"); !strings.Contains(answer, "damaged") {
		t.Errorf("an hour later: %s", answer)
	}
	if n := len(w.slack.Calls("chat.postMessage")); n != calls {
		t.Errorf("%d messages were posted meanwhile", n-calls)
	}

	// The same bot lives on with the backup.
	if done := w.restore(backup); !done.Live {
		t.Errorf("restored %+v", done)
	}
	w.cardSays(event, "Confirmed")
	w.command(lin, web, "/ecs-migrate reschedule "+event+" 2024-05-02 03:00 Asia/Shanghai")
	w.line(card, "<@"+lin+">", "Confirmed by Alibaba Cloud")
	w.settle()
	if n := w.cards(event); n != 1 {
		t.Errorf("%d cards", n)
	}
	if code, body := w.get("/readyz"); code != 200 {
		t.Errorf("/readyz answers %d: %s", code, body)
	}
}

func TestAFormIsToldThatTheStoreIsDamaged(t *testing.T) {
	w, event, _ := announced(t, options{})
	w.click(mary, w.cardSays(event, "No time reserved"), "choose")
	form := w.form(mary)
	w.spoil()
	r := w.submit(mary, form, dawn.Add(5*3600e9))
	for _, text := range r.FieldErrors {
		if !strings.Contains(text, "damaged") {
			t.Errorf("the form says %s", text)
		}
	}
	if len(r.FieldErrors) != 1 {
		t.Errorf("the form is answered %+v", r)
	}
	// A bot that is started with it says so and touches nothing.
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.spoil() // what a commit that was under way may have mended
	before := w.storeBytes()
	found, err := w.keeper().Check(w.soon())
	if err == nil && len(found.Faults) == 0 {
		t.Error("the check of the stopped bot's store finds nothing")
	}
	if w.storeBytes() != before {
		t.Error("the check changed the file")
	}
	if err := os.Remove(w.storePath()); err != nil { // for the look at the store after each story
		t.Fatal(err)
	}
}
