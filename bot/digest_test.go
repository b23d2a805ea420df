package bot_test

import (
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// nine is when a digest is due in Shanghai on a day of the stories' month.
func nine(day int) time.Time { return time.Date(2024, 5, day, 1, 0, 0, 0, time.UTC) }

// digest waits for a channel's digest of a day.
func (w *world) digest(channel, day string, words ...string) slackstub.Message {
	w.t.Helper()
	m, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return m.Channel == channel && isDigest(m) && m.Metadata.EventPayload["post"] == "digest/"+channel+"/"+day
	})
	if err != nil {
		w.t.Fatalf("no digest of %s in %s: %v", day, channel, err)
	}
	if !containsAll(read(m), words) {
		w.t.Errorf("the digest lacks %q: %s", words, read(m))
	}
	return m
}

func isDigest(m slackstub.Message) bool {
	if m.Metadata == nil {
		return false
	}
	id, _ := m.Metadata.EventPayload["post"].(string)
	return strings.HasPrefix(id, "digest/")
}

// digests counts all digests in a channel.
func (w *world) digests(channel string) (n int) {
	for _, m := range w.slack.Messages(channel) {
		if isDigest(m) {
			n++
		}
	}
	return n
}

func TestEachChannelHasItsDailyDigest(t *testing.T) {
	w := newWorld(t, options{})
	far := dawn.Add(100 * time.Hour)
	first := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: far})
	w.poll()
	w.cardSays(first, "No time reserved")
	soon := w.announce(ecsstub.EventSpec{InstanceID: "i-bp1app01vpc00000004", NotBefore: nine(2).Add(12 * time.Hour)})
	w.poll()
	w.cardSays(soon, "No time reserved")
	w.at(nine(2))
	m := w.digest(web, "2024-05-02", "Runs within a day: 1", "app-01", "No time reserved: 1", "web-01")
	if strings.Contains(read(m), "looked at") || strings.Contains(read(m), "<@") {
		t.Errorf("the digest reads %s", read(m))
	}
	if w.digests(ops) != 0 {
		t.Error("a channel without anything is told so")
	}

	// A restart on the same day tells nobody again; a day without the bot is made
	// up for once.
	restart := func(at time.Time) {
		t.Helper()
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		w.at(at)
		w.start()
		w.poll()
	}
	restart(nine(2).Add(3 * time.Hour))
	if n := w.digests(web); n != 1 {
		t.Errorf("%d digests after a restart", n)
	}
	restart(nine(4).Add(2 * time.Hour))
	w.digest(web, "2024-05-04", "web-01")
	w.rest = "C0000000001" // another channel takes the rest: it has no digest yet, the other has
	restart(nine(4).Add(4 * time.Hour))
	later := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: far})
	w.poll()
	w.cardSays(later, "No time reserved") // what its channel was to be told before stands by then
	if n := w.digests(web); n != 2 {
		t.Errorf("%d digests, want one of the second and one of the fourth", n)
	}
}

func TestADigestTellsWhatCouldNotBeLookedAt(t *testing.T) {
	w := newWorld(t, options{})
	w.poll()
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultDown, Action: "DescribeInstanceHistoryEvents", Region: "cn-shanghai"})
	w.poll()
	w.at(nine(2))
	w.digest(ops, "2024-05-02", "No pending migration is known", "What is pending there is not known", "prod/cn-shanghai")
	if n := w.digests(web); n != 0 {
		t.Errorf("%d digests in a channel that hears nothing of the region", n)
	}
}

func TestADigestWhoseAnswerWasLostIsNotPostedAgain(t *testing.T) {
	w := newWorld(t, options{})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(200 * time.Hour)})
	w.poll()
	w.cardSays(event, "No time reserved")
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Drop: true, AfterWork: true})
	w.at(nine(2))
	w.digest(web, "2024-05-02")
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.poll()
	w.at(nine(3))
	w.digest(web, "2024-05-03")
	if n := w.digests(web); n != 2 {
		t.Errorf("%d digests for two days", n)
	}
}

func TestADeletedCardIsLookedAfterAllTheSame(t *testing.T) {
	w := newWorld(t, options{})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: nine(2).Add(20 * time.Hour)})
	w.poll()
	card := w.cardSays(event, "No time reserved")
	if err := w.slack.DeleteMessage(card.Channel, card.TS); err != nil {
		t.Fatal(err)
	}
	stop := w.run(time.Second) // the next redraw finds that it is gone
	_, err := w.slack.WaitCall(w.soon(), "chat.update", func(c slackstub.Call) bool { return c.Error == "message_not_found" })
	stop()
	if err != nil {
		t.Fatal(err)
	}
	w.at(nine(2))
	w.digest(web, "2024-05-02", "web-01")
}

func TestDigestsCanBeOff(t *testing.T) {
	w := newWorld(t, options{extra: "reminders: {digest: \"\"}"})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(200 * time.Hour)})
	w.poll()
	w.cardSays(event, "No time reserved")
	w.at(nine(2))
	w.poll()
	if n := w.digests(web); n != 0 {
		t.Errorf("%d digests", n)
	}
}

func TestADigestTellsThatEventsCannotBeRead(t *testing.T) {
	w := newWorld(t, options{})
	w.announce(ecsstub.EventSpec{InstanceID: web01, Raw: garbledEvent("e-when")})
	w.poll()
	w.at(nine(2))
	defer w.run(100 * time.Millisecond)()
	m := w.digest(web, "2024-05-02", "prod/cn-hangzhou, single events that cannot be read")
	if strings.Contains(read(m), "last looked at") || strings.Contains(read(m), "cn-shanghai") {
		t.Errorf("the digest reads %s", read(m))
	}
}
