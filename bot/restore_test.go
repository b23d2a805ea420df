package bot_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/internal/upkeep"
)

// keeper looks after the store as the command line does.
func (w *world) keeper() upkeep.Keeper {
	return upkeep.At(w.storePath(), upkeep.Options{Log: slog.New(slog.DiscardHandler), Now: w.clock.Now})
}

// backup writes one and gives its path.
func (w *world) backup() string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "backup.db")
	if _, err := w.keeper().Backup(w.soon(), path); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// restore puts a backup in the store's place, and waits until Slack can reach
// the bot again.
func (w *world) restore(path string) upkeep.Restored {
	w.t.Helper()
	done, err := w.keeper().Restore(w.soon(), path, bytes.NewReader([]byte(w.file(path))))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.slack.WaitConnections(w.soon(), 2); err != nil {
		w.t.Fatal(err)
	}
	return done
}

// thread is what a card's thread says.
func (w *world) thread(card slackstub.Message) (lines []string) {
	for _, m := range w.slack.Thread(card.Channel, card.TS) {
		if m.Metadata == nil || m.Metadata.EventType != "ecs_migration_list" {
			lines = append(lines, read(m))
		}
	}
	return lines
}

// settle waits until the bot has nothing to do but later.
func (w *world) settle() {
	w.t.Helper()
	w.poll()
	// A card that is announced now goes after all that waits in its channel.
	for _, instance := range []string{web01, api01} {
		last := w.announce(ecsstub.EventSpec{InstanceID: instance, NotBefore: w.clock.Now().Add(100 * time.Hour)})
		w.poll()
		w.cardSays(last, "No time reserved")
	}
}

// both runs a story with a bot that runs while its store is restored, and with
// one that was stopped for that.
func both(t *testing.T, story func(t *testing.T, restore func(w *world, path string))) {
	t.Run("live", func(t *testing.T) {
		story(t, func(w *world, path string) {
			if done := w.restore(path); !done.Live || done.Former == "" {
				t.Errorf("restored %+v", done)
			}
		})
	})
	t.Run("stopped", func(t *testing.T) {
		story(t, func(w *world, path string) {
			if err := w.stop(); err != nil {
				t.Fatal(err)
			}
			done, err := w.keeper().Restore(w.soon(), path, strings.NewReader(w.file(path)))
			if err != nil || done.Live || done.Former == "" {
				t.Fatalf("restored %+v, %v", done, err)
			}
			w.start()
		})
	})
}

func TestWhatHappenedSinceABackupIsNotRepeatedAfterItIsRestored(t *testing.T) {
	both(t, func(t *testing.T, restore func(*world, string)) {
		w, first, card := announced(t, options{})
		backup := w.backup()

		// A person decides, and a migration is seen and told, after the backup.
		w.command(mary, web, tomorrow)
		w.cardSays(first, "Confirmed")
		w.line(card, "Confirmed by Alibaba Cloud")
		w.line(card, "Preparation")
		before := w.thread(card)
		second := w.announce(ecsstub.EventSpec{InstanceID: api01, NotBefore: dawn.Add(48 * time.Hour)})
		w.poll()
		w.cardSays(second, "No time reserved")

		restore(w, backup)
		w.settle()
		for name, event := range map[string]string{"the first": first, "the second": second} {
			if n := w.cards(event); n != 1 {
				t.Errorf("%d cards of %s migration", n, name)
			}
		}
		if n := w.cloud.Counts()[modify]; n != 1 {
			t.Errorf("the cloud was asked for a time %d times", n)
		}
		if after := w.thread(card); len(after) != len(before) {
			t.Errorf("the thread says\n%s", strings.Join(after, "\n"))
		}
		// What the cloud shows stands on the card, as nobody's choice that is known.
		w.cardSays(first, "in the console")
		if log := w.logs.String(); !strings.Contains(log, "what was decided between is lost") {
			t.Error("the log does not tell")
		}
		// People go on.
		w.command(lin, web, "/ecs-migrate reschedule "+first+" 2024-05-02 03:00 Asia/Shanghai")
		w.line(card, "<@"+lin+">", "Confirmed by Alibaba Cloud")
	})
}

func TestAnEventThatRanSinceABackupIsToldOnce(t *testing.T) {
	both(t, func(t *testing.T, restore func(*world, string)) {
		w, event, card := announced(t, options{})
		w.command(mary, web, tomorrow)
		w.line(card, "Confirmed by Alibaba Cloud")
		backup := w.backup()
		w.clock.Advance(dawn.Add(16*time.Hour + time.Minute).Sub(w.clock.Now()))
		w.poll()
		w.line(card, "Started")
		w.clock.Advance(time.Hour)
		w.poll()
		w.line(card, "Finished")
		w.clock.Advance(10 * time.Minute)
		w.line(card, "Read again after the run")
		before := w.thread(card)
		restore(w, backup)
		w.settle()
		w.cardSays(event, "Finished")
		w.clock.Advance(10 * time.Minute) // what follows the run is due again
		w.settle()
		if after := w.thread(card); len(after) != len(before) {
			t.Errorf("the thread says\n%s", strings.Join(after, "\n"))
		}
	})
}

func TestAWishInABackupDoesNotUndoWhatWasChosenAfterIt(t *testing.T) {
	both(t, func(t *testing.T, restore func(*world, string)) {
		w, event, card := announced(t, options{})
		down, err := w.cloud.Inject(ecsstub.Fault{Kind: ecsstub.FaultThrottle, Action: modify, Times: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		w.command(mary, web, tomorrow)
		if _, err := w.cloud.WaitCall(w.soon(), func(c ecsstub.Call) bool { return c.Action == modify }); err != nil {
			t.Fatal(err)
		}
		backup := w.backup() // with mary's wish
		w.cloud.ClearFault(down)
		w.clock.Advance(2 * time.Minute)
		w.line(card, "Confirmed by Alibaba Cloud", "<@"+mary+">")
		w.command(lin, web, "/ecs-migrate reschedule "+event+" 2024-05-02 03:00 Asia/Shanghai")
		w.line(card, "Confirmed by Alibaba Cloud", "<@"+lin+">")
		asked := w.modified(2)

		restore(w, backup)
		w.settle()
		w.line(card, "<@"+mary+">", "restored from a backup")
		if again := w.modified(2); len(again) != 2 {
			t.Errorf("the cloud was asked for %v, then for %v", asked, again)
		}
	})
}

func TestACardThatWaitedInABackupIsPostedOnce(t *testing.T) {
	both(t, func(t *testing.T, restore func(*world, string)) {
		w := newWorld(t, options{})
		w.slack.KickBot(web)
		event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
		w.poll()
		if _, err := w.slack.WaitCall(w.soon(), "chat.postMessage", func(c slackstub.Call) bool { return c.Error == "not_in_channel" }); err != nil {
			t.Fatal(err)
		}
		backup := w.backup()
		w.slack.InviteBot(web)
		w.clock.Advance(6 * time.Minute)
		w.poll()
		w.cardSays(event, "No time reserved")
		restore(w, backup)
		w.clock.Advance(6 * time.Minute)
		w.settle()
		if n := w.cards(event); n != 1 {
			t.Errorf("%d cards", n)
		}
	})
}

func TestACardThatWasPostedAgainSinceABackupIsFound(t *testing.T) {
	both(t, func(t *testing.T, restore func(*world, string)) {
		w, event, card := announced(t, options{})
		backup := w.backup()
		if err := w.slack.DeleteMessage(card.Channel, card.TS); err != nil {
			t.Fatal(err)
		}
		w.command(mary, web, tomorrow)
		again := w.cardSays(event, "Confirmed")
		w.line(again, "Confirmed by Alibaba Cloud")
		restore(w, backup)
		w.settle()
		w.clock.Advance(time.Hour) // a redraw is due
		w.settle()
		if n := w.cards(event); n != 1 {
			t.Errorf("%d cards", n)
		}
	})
}

func TestARestoreThatIsRefusedLeavesTheBotAtWork(t *testing.T) {
	w, event, card := announced(t, options{})
	for name, c := range map[string]struct{ content, want string }{
		"notes.txt": {"buy milk\n", "notes.txt is no store of ecs-migrate, and nothing was restored"},
		"empty.db":  {"", "empty.db is empty, and nothing was restored"},
		"half.db":   {w.file(w.backup())[:20000], "cannot restore from half.db, and nothing was changed: it is damaged"},
	} {
		_, err := w.keeper().Restore(w.soon(), name, strings.NewReader(c.content))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s…", err, c.want)
		}
	}
	if n := w.slack.Connections(); n != 2 {
		t.Errorf("%d connections: the bot paused", n)
	}
	left, err := os.ReadDir(w.dir)
	if err != nil || len(left) != 3 { // the configuration, the store, its socket
		t.Errorf("left behind: %v, %v", left, err)
	}
	w.command(mary, web, tomorrow)
	w.cardSays(event, "Confirmed")
	w.line(card, "Confirmed by Alibaba Cloud")
}

func TestARunningStoreIsCheckedCompactedAndBackedUp(t *testing.T) {
	w, event, card := announced(t, options{})
	found, err := w.keeper().Check(w.soon())
	if err != nil || len(found.Faults) > 0 || !found.Live || found.Summary.Migrations != 1 {
		t.Errorf("found %+v, %v", found, err)
	}
	did, err := w.keeper().Compact(w.soon())
	if err != nil || did.Before == 0 || did.After == 0 || did.After > did.Before {
		t.Errorf("compacted %+v, %v", did, err)
	}
	w.command(mary, web, tomorrow)
	w.cardSays(event, "Confirmed")
	w.line(card, "Confirmed by Alibaba Cloud")
	info, err := os.Stat(upkeep.SocketPath(w.storePath()))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(upkeep.SocketPath(w.storePath())); !os.IsNotExist(err) {
		t.Errorf("the socket is left behind: %v", err)
	}
	w.start() // what was decided after the compaction is there
	if answer := w.command(mary, web, "/ecs-migrate show "+event); !strings.Contains(answer, "Confirmed") {
		t.Errorf("after a restart: %s", answer)
	}
}

func TestWhileTheStoreIsRestoredNothingIsDoneByHalves(t *testing.T) {
	w, event, card := announced(t, options{listen: loopback})
	backup := w.backup()
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Delay: 2 * time.Second})
	second := w.announce(ecsstub.EventSpec{InstanceID: api01}) // its post begins, which the bot waits for while it pauses
	w.poll()
	if err := w.slack.Wait(w.soon(), "the fault to strike", func() bool { return len(w.slack.Faults()) == 0 }); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := w.keeper().Restore(context.Background(), "backup.db", strings.NewReader(w.file(backup)))
		ended <- err
	}()
	if err := w.slack.WaitConnections(w.soon(), 0); err != nil {
		t.Fatal(err)
	}
	if code, _ := w.get("/healthz"); code != 200 {
		t.Errorf("/healthz answers %d", code)
	}
	if code, body := w.get("/readyz"); code != 503 {
		t.Errorf("/readyz answers %d: %s", code, body)
	}
	r, err := w.slack.Command(mary, web, tomorrow)
	if err != nil || r.Error == "" {
		t.Errorf("a command in between is answered %+v, %v", r, err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := w.slack.WaitConnections(w.soon(), 2); err != nil {
		t.Fatal(err)
	}
	w.command(mary, web, tomorrow)
	w.cardSays(event, "Confirmed")
	w.line(card, "Confirmed by Alibaba Cloud")
	w.settle()
	if n := w.cards(second); n != 1 {
		t.Errorf("%d cards of what was posted meanwhile", n)
	}
}

func TestARestoreThatFailsHalfWayLeavesTheBotWithItsStore(t *testing.T) {
	w, event, card := announced(t, options{})
	backup := w.backup()
	w.command(mary, web, tomorrow) // not in the backup
	w.cardSays(event, "Confirmed")
	w.line(card, "Confirmed by Alibaba Cloud")
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Delay: 2 * time.Second})
	w.announce(ecsstub.EventSpec{InstanceID: api01}) // its post begins, which the bot waits for while it pauses
	w.poll()
	if err := w.slack.Wait(w.soon(), "the fault to strike", func() bool { return len(w.slack.Faults()) == 0 }); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := w.keeper().Restore(context.Background(), "backup.db", strings.NewReader(w.file(backup)))
		ended <- err
	}()
	if err := w.slack.WaitConnections(w.soon(), 0); err != nil {
		t.Fatal(err)
	}
	// The copy that is to take the store's place vanishes before it can.
	copies, err := filepath.Glob(filepath.Join(w.dir, ".*.restore-*"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("the copy is %v, %v", copies, err)
	}
	if err := os.Remove(copies[0]); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("it says %v", err)
	}
	w.logged("the store was not restored, going on with the former one")
	if err := w.slack.WaitConnections(w.soon(), 2); err != nil {
		t.Fatal(err)
	}
	if shown := w.command(mary, web, "/ecs-migrate show "+event); !strings.Contains(shown, "Confirmed") {
		t.Errorf("what was decided since the backup is gone: %s", shown)
	}
	if left, err := os.ReadDir(w.dir); err != nil || len(left) != 3 { // the configuration, the store, its socket
		t.Errorf("left behind: %v, %v", left, err)
	}
	w.command(lin, web, "/ecs-migrate assign "+event+" me")
	w.line(card, "<@"+lin+">", "looks after")
}

func TestAStormSinceABackupIsFoundInItsThread(t *testing.T) {
	w := newWorld(t, options{})
	first := w.announce(ecsstub.EventSpec{InstanceID: api01, NotBefore: dawn.Add(72 * time.Hour)})
	w.poll()
	w.cardSays(first, "No time reserved")
	backup := w.backup()
	events := w.storm(15)
	stop := w.run(100 * time.Millisecond)
	defer stop()
	var card slackstub.Message
	for _, event := range events {
		card = w.cardSays(event, "No time reserved")
	}
	if card.ThreadTS == "" {
		t.Fatal("there was no storm")
	}
	w.restore(backup)
	last := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(400 * time.Hour)}) // goes after all that wait
	w.cardSays(last, "No time reserved")
	for _, event := range events {
		if n := w.cards(event); n != 1 {
			t.Errorf("%d cards of %s", n, event)
		}
	}
	// Its news go on in that thread.
	w.command(mary, web, "/ecs-migrate reserve "+events[0]+" 2024-05-02 03:00 Asia/Shanghai")
	if _, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return m.ThreadTS == card.ThreadTS && containsAll(read(m), []string{"Confirmed by Alibaba Cloud", "storm-0000"})
	}); err != nil {
		t.Error(err)
	}
}
