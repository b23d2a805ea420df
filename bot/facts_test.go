package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/store"
)

const (
	job01 = "i-bp1job01classic0003" // classic, public, 0 Mbit/s outbound
	app01 = "i-bp1app01vpc00000004" // in a VPC
)

// last is the number of the newest call that the cloud took.
func (w *world) last() int64 {
	if calls := w.cloud.Calls(); len(calls) > 0 {
		return calls[len(calls)-1].Seq
	}
	return 0
}

// asked waits for a call of the action about an instance, later than after.
func (w *world) asked(after int64, action, instance string) ecsstub.Call {
	w.t.Helper()
	call, err := w.cloud.WaitCallAfter(w.soon(), after, func(c ecsstub.Call) bool {
		return c.Action == action && strings.Contains(c.Params["InstanceId"]+c.Params["InstanceIds"], instance)
	})
	if err != nil {
		w.t.Fatalf("%s of %s: %v", action, instance, err)
	}
	return call
}

// known waits until an event's instance was read whole.
func (w *world) known(event string) {
	w.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if strings.Contains(w.command(mary, web, "/ecs-migrate facts "+event), "GiB together") {
			return
		}
	}
	w.t.Fatalf("the disks of %s stay unknown", event)
}

// until moves the clock on to a moment.
func (w *world) until(at time.Time) { w.clock.Advance(at.Sub(w.clock.Now())) }

func TestFactsFromTheAnnouncementToWhatTheRunChanged(t *testing.T) {
	w := newWorld(t, options{})
	for _, in := range w.cloud.Instances() {
		if in.ID == web01 {
			if _, err := w.cloud.AddSnapshot(in.Disks[0].ID, dawn.Add(-20*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	runs := dawn.Add(72 * time.Hour)
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: runs})
	w.poll()
	// 40 and 200 GiB, at 4 hours for each 100.
	card := w.cardSays(event, "for about 10 hours afterwards: 240 GiB")
	for _, words := range []string{"10.80.1.11 is replaced by a random one", "121.40.1.11 stays", "wiped with its MAC address `00:16:3e:", "running since"} {
		if !strings.Contains(read(card), words) {
			t.Errorf("the card does not say %q", words)
		}
	}
	answer := w.command(lin, web, "/ecs-migrate facts web-01")
	if !containsAll(answer, []string{"/dev/xvda", "系统盘", "快照 <!date^", "未找到快照", "2 块，共 240 GiB", "10.80.1.11", "CentOS", "owner=li.lei"}) {
		t.Errorf("the facts: %s", answer)
	}

	// Read again a quarter of an hour before it runs, and not sooner.
	seq := w.last()
	w.until(runs.Add(-16 * time.Minute))
	w.poll()
	for _, c := range w.cloud.Calls() {
		if c.Seq > seq && c.Action == "DescribeDisks" {
			t.Errorf("disks were read at %v, long before the run", c.Time)
		}
	}
	w.until(runs.Add(-15 * time.Minute))
	w.asked(seq, "DescribeInstances", web01)
	w.asked(seq, "DescribeDisks", web01)

	w.until(runs.Add(time.Minute))
	w.poll()
	w.line(card, "Started")
	seq = w.last()
	w.until(runs.Add(16 * time.Minute))
	w.poll()
	w.asked(seq, "DescribeDisks", web01)
	line := w.line(card, "Read again after the run: 8 things changed")
	for _, words := range []string{
		"`10.80.1.11` → `172.16.", "white lists of RDS", "classic network → VPC", "→ none. Licences bound", "`/dev/xvdb` → `/dev/vdb`", "/etc/fstab",
	} {
		if !strings.Contains(read(line), words) {
			t.Errorf("the line does not say %q: %s", words, read(line))
		}
	}
	if strings.Contains(read(line), "121.40.1.11") {
		t.Errorf("the public address stays and is told as changed: %s", read(line))
	}
	w.card(event, "tells what changed", func(m slackstub.Message) bool {
		return containsAll(read(m), []string{"*What changed*", "possible again about", "240 GiB"})
	})
	answer = w.command(mary, web, "/ecs-migrate facts "+event)
	if !containsAll(answer, []string{"What changed", "172.16.", "/dev/vda", "VPC `vpc-bp1", "(kept)", "no snapshot found"}) || strings.Contains(answer, "random one") {
		t.Errorf("the facts afterwards: %s", answer)
	}
	// Told once, whatever the polls see.
	w.poll()
	n := 0
	for _, m := range w.slack.Thread(card.Channel, card.TS) {
		if strings.Contains(read(m), "Read again") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestAPublicAddressWithoutBandwidthIsToldAsReleased(t *testing.T) {
	w := newWorld(t, options{})
	event := w.announce(ecsstub.EventSpec{InstanceID: job01, NotBefore: dawn.Add(time.Hour)})
	w.poll()
	card := w.cardSays(event, "The public IP 121.40.1.13 is released")
	w.known(event)
	w.until(dawn.Add(61 * time.Minute))
	w.poll()
	w.line(card, "Started")
	w.until(dawn.Add(80 * time.Minute))
	w.poll()
	w.line(card, "Public IP: `121.40.1.13` → none", "Correct DNS records")
}

func TestARunThatChangesNothingIsToldInOneSentence(t *testing.T) {
	w := newWorld(t, options{})
	event := w.announce(ecsstub.EventSpec{InstanceID: app01, Type: "SystemMaintenance.Reboot", NotBefore: dawn.Add(time.Hour)})
	w.poll()
	card := w.cardSays(event, "running since")
	w.known(event)
	if strings.Contains(read(card), "VPC") || strings.Contains(read(card), "napshot") {
		t.Errorf("a restart is told as more than that: %s", read(card))
	}
	w.until(dawn.Add(61 * time.Minute))
	w.poll()
	w.line(card, "Started")
	w.until(dawn.Add(80 * time.Minute))
	w.poll()
	if line := w.line(card, "nothing changed"); strings.Contains(read(line), "•") {
		t.Errorf("a list of nothing: %s", read(line))
	}
}

func TestDisksThatMayNotBeReadAreUnknownAndNotNone(t *testing.T) {
	w := newWorld(t, options{noBot: true})
	if err := w.cloud.Deny(ecsstub.DefaultKeyID, "ecs:DescribeDisks"); err != nil {
		t.Fatal(err)
	}
	w.start()
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
	w.poll()
	w.cardSays(event, "Its disks could not be read. Alibaba Cloud tells nothing of it: the RAM action `ecs:DescribeDisks` may be missing")
	answer := w.command(mary, web, "/ecs-migrate facts "+event)
	if !containsAll(answer, []string{"*Disks:* not known", "ask whoever runs the bot to grant it", "4 hours for each 100 GiB"}) {
		t.Errorf("the facts: %s", answer)
	}
	// Granted, it is read by itself.
	if err := w.cloud.Allow(ecsstub.DefaultKeyID, "ecs:DescribeDisks"); err != nil {
		t.Fatal(err)
	}
	stop := w.run(time.Second)
	defer stop()
	w.cardSays(event, "240 GiB")
}

// A cloud that hangs over disks holds up neither the card nor a decision.
func TestDisksThatHangHoldUpNothing(t *testing.T) {
	w := newWorld(t, options{noBot: true})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultHang, Action: "DescribeDisks"})
	w.start()
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
	w.poll()
	card := w.cardSays(event, "Its disks are being read")
	w.click(mary, card, "choose")
	chosen := dawn.Add(30 * time.Hour)
	if r := w.submit(mary, w.form(mary), chosen); len(r.FieldErrors) > 0 {
		t.Fatal(r.FieldErrors)
	}
	w.line(card, "Confirmed by Alibaba Cloud", "<@"+mary+">")
	w.cloud.ClearFault(0)
}

func TestDisksThatFailAreReadLater(t *testing.T) {
	w := newWorld(t, options{noBot: true})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: "DescribeDisks", Status: 403, Code: "Forbidden.RAM", Times: 2})
	w.start()
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
	w.poll()
	w.cardSays(event, "The bot lacks the RAM action `ecs:DescribeDisks`")
	stop := w.run(time.Second)
	defer stop()
	w.cardSays(event, "240 GiB")
}

func TestAnInstanceThatCannotBeReadAfterwardsIsToldAsThat(t *testing.T) {
	w := newWorld(t, options{extra: reminded})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(time.Hour)})
	w.poll()
	card := w.cardSays(event, "240 GiB")
	w.until(dawn.Add(61 * time.Minute))
	w.poll()
	w.line(card, "Started")
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: "DescribeInstances", Status: 403, Code: "Forbidden.RAM"})
	w.until(dawn.Add(80 * time.Minute))
	stop := w.run(time.Second)
	defer stop()
	line := w.line(card, "<@"+lin+">", "could not be read after the run", "lacks the RAM action `ecs:DescribeInstances`", "look at the instance in the console")
	if line.Broadcast {
		t.Error("what is not known is told to the whole channel")
	}
	w.cardSays(event, "what changed is not known")
}

// Snapshots are read after the run too; what changed does not wait for them.
func TestSnapshotsThatCannotBeReadAfterwardsHoldUpNothing(t *testing.T) {
	w := newWorld(t, options{})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(time.Hour)})
	w.poll()
	card := w.cardSays(event, "240 GiB")
	seq := w.last()
	w.until(dawn.Add(46 * time.Minute)) // it is read before the run, and its snapshots too
	if _, err := w.cloud.WaitCallAfter(w.soon(), seq, func(c ecsstub.Call) bool { return c.Action == "DescribeSnapshots" }); err != nil {
		t.Fatal(err)
	}
	w.until(dawn.Add(61 * time.Minute))
	w.poll()
	w.line(card, "Started")
	seq = w.last()
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: "DescribeSnapshots", Status: 403, Code: "Forbidden.RAM"})
	w.until(dawn.Add(80 * time.Minute))
	w.poll()
	w.line(card, "Read again after the run: 8 things changed")
	w.asked(seq, "DescribeDisks", web01)
	tries := 0
	for _, c := range w.cloud.Calls() {
		if c.Seq > seq && c.Action == "DescribeSnapshots" {
			tries++
		}
	}
	if answer := w.command(mary, web, "/ecs-migrate facts "+event); tries != 1 || !strings.Contains(answer, "snapshots not known") || strings.Contains(answer, "Not all could be read") {
		t.Errorf("snapshots were asked for %d times, and the facts say: %s", tries, answer)
	}
}

// A migration that was stored before facts were read is read when the bot starts,
// and again before its run, whatever the cloud tells of its plan.
func TestWhatAFormerVersionStoredIsReadAtTheStart(t *testing.T) {
	w := newWorld(t, options{})
	runs := dawn.Add(72 * time.Hour)
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: runs})
	w.poll()
	w.cardSays(event, "240 GiB")
	w.known(event)
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.forget(event)
	seq := w.last()
	w.start()
	w.asked(seq, "DescribeDisks", web01)
	w.known(event)

	// Once read, a start reads nothing.
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	seq = w.last()
	w.start()
	w.poll()
	for _, c := range w.cloud.Calls() {
		if c.Seq > seq && c.Action == "DescribeDisks" {
			t.Errorf("disks are read again at %v", c.Time)
		}
	}
	seq = w.last()
	w.until(runs.Add(-15 * time.Minute))
	w.asked(seq, "DescribeDisks", web01)
}

// forget makes an event's record in the store of a bot that was stopped what a
// version without facts would have left.
func (w *world) forget(event string) {
	w.t.Helper()
	s, err := store.Open(w.storePath(), store.Options{Log: slog.New(slog.DiscardHandler), Now: w.clock.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	found, err := s.Find(w.t.Context(), event)
	if err != nil || len(found) != 1 {
		w.t.Fatalf("%d migrations, %v", len(found), err)
	}
	m := found[0]
	m.Instance = m.Instance.WithDisks(nil, time.Time{})
	m.Instance.SnapshotsAt, m.Before = time.Time{}, nil
	drop := []string{"facts/first/" + m.Key().String(), "facts/before/" + m.Key().String()}
	_, err = s.Apply(w.t.Context(), m.Key(), "", func(*migration.Migration) (migration.Change, error) {
		return migration.Change{Migration: &m, Drop: drop}, nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		w.t.Fatal(err)
	}
}

// Another event holds the instance down: the bot waits a while, then says so.
func TestAnInstanceThatDoesNotComeBackIsTold(t *testing.T) {
	w := newWorld(t, options{extra: reminded})
	event := w.announce(ecsstub.EventSpec{InstanceID: app01, Type: "SystemMaintenance.Reboot", NotBefore: dawn.Add(time.Hour)})
	w.poll()
	card := w.cardSays(event, "running since")
	w.known(event)
	w.announce(ecsstub.EventSpec{InstanceID: app01, Type: "SystemMaintenance.Reboot", NotBefore: dawn.Add(75 * time.Minute), Duration: 90 * time.Hour})
	w.until(dawn.Add(61 * time.Minute))
	w.poll()
	w.line(card, "Started")
	w.until(dawn.Add(76 * time.Minute))
	w.poll()
	w.line(card, "Finished")
	began := w.clock.Now()
	stop := w.run(time.Second)
	defer stop()
	line := w.line(card, "<@"+lin+">", "the instance does not run: its status is `Stopped`", "start it in the console", "submit a ticket")
	if !line.Broadcast {
		t.Error("the channel does not see that the instance is down")
	}
	if waited := w.clock.Now().Sub(began); waited < 12*time.Minute {
		t.Errorf("told after %v: it may only be slow", waited)
	}
}

// A bot that was down over the run compares with what it read before.
func TestARestartOverTheRunLosesNoComparison(t *testing.T) {
	w := newWorld(t, options{})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(time.Hour)})
	w.poll()
	card := w.cardSays(event, "240 GiB")
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.until(dawn.Add(2 * time.Hour))
	w.start()
	w.poll()
	w.line(card, "Read again after the run: 8 things changed", "`10.80.1.11` →")
}

func TestTheReadingBeforeTheRunMovesWithIt(t *testing.T) {
	w := newWorld(t, options{})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(2 * time.Hour), InitialNotBefore: dawn.Add(72 * time.Hour)})
	w.poll()
	w.cardSays(event, "240 GiB")
	if err := w.cloud.Move(event, dawn.Add(10*time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.poll()
	w.card(event, "shows the new time", func(m slackstub.Message) bool {
		return strings.Contains(read(m), fmt.Sprint("!date^", dawn.Add(10*time.Hour).Unix()))
	})
	seq := w.last()
	w.until(dawn.Add(3 * time.Hour))
	w.poll()
	w.until(dawn.Add(10*time.Hour - 15*time.Minute))
	if c := w.asked(seq, "DescribeDisks", web01); c.Time.Before(dawn.Add(9 * time.Hour)) {
		t.Errorf("read at %v, for a run that had moved", c.Time)
	}
	// An event that is over before is not read any more.
	gone := w.announce(ecsstub.EventSpec{InstanceID: job01, NotBefore: dawn.Add(20 * time.Hour)})
	w.poll()
	w.cardSays(gone, "is released")
	w.known(gone)
	if err := w.cloud.Cancel(gone); err != nil {
		t.Fatal(err)
	}
	w.poll()
	w.cardSays(gone, "Cancelled")
	seq = w.last()
	w.until(dawn.Add(21 * time.Hour))
	w.poll()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if c, err := w.cloud.WaitCallAfter(ctx, seq, func(c ecsstub.Call) bool {
		return strings.Contains(c.Params["InstanceId"]+c.Params["InstanceIds"], job01)
	}); err == nil {
		t.Errorf("a cancelled event's instance is read: %s", c.Action)
	}
}

// Readings that are due together are made together.
func TestManyInstancesAreReadInFewCalls(t *testing.T) {
	w := newWorld(t, options{noBot: true})
	w.start()
	w.storm(300)
	w.poll()
	stop := w.run(100 * time.Millisecond)
	defer stop()
	if err := w.slack.Wait(w.soon(), "the readings", func() bool { return strings.Count(w.logs.String(), `"msg":"job done","job":"facts/first/`) >= 3 }); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, c := range w.cloud.Calls() {
		counts[c.Action]++
	}
	// The poll's own three, and what jobs that came one page at a time add.
	if n := counts["DescribeInstances"]; n > 6 {
		t.Errorf("%d calls for 300 instances", n)
	}
	if n := counts["DescribeDisks"]; n > 12 {
		t.Errorf("%d calls for the disks of 300 instances", n)
	}
	if n := counts["DescribeSnapshots"]; n > 24 {
		t.Errorf("%d calls for the snapshots of 300 instances", n)
	}
}
