package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

const (
	jonas  = "U0000000003" // Europe/Berlin
	gone   = "U0000000005" // left the workspace
	group  = "S0000000001"
	onCall = "<!subteam^" + group + ">"
	loud   = ops // the escalation channel
)

// reminded is a configuration with people, somebody on call and an escalation
// channel. li.lei owns web-01.
const reminded = `
people: {li.lei: ` + lin + `}
on_call: ` + group + `
escalation: ` + loud + `
reminders: {digest: ""}
`

// deadline is that of the stories below: a Wednesday, 10:00 in Shanghai.
var deadline = time.Date(2024, 5, 8, 2, 0, 0, 0, time.UTC)

// remindedWorld is a world with one announced event on web-01.
func remindedWorld(t *testing.T, extra string) (*world, string, slackstub.Message) {
	t.Helper()
	w := newWorld(t, options{extra: extra})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: deadline})
	w.poll()
	return w, event, w.cardSays(event, "No time reserved")
}

// at moves the clock on to a moment.
func (w *world) at(moment time.Time) {
	w.t.Helper()
	by := moment.Sub(w.clock.Now())
	if by < 0 {
		w.t.Fatalf("%s is past", moment)
	}
	w.clock.Advance(by)
}

// reminders are what was posted as reminders of an event in a channel, by name.
func (w *world) reminders(channel, kind, event string) (all []slackstub.Message, names []string) {
	for _, m := range w.slack.Messages(channel) {
		if m.Metadata != nil && m.Metadata.EventType == kind && m.Metadata.EventPayload["event_id"] == event {
			all = append(all, m)
			name, _ := m.Metadata.EventPayload["reminder"].(string)
			names = append(names, name)
		}
	}
	return all, names
}

// remindedOf waits for a reminder by its name, and holds that it was posted at
// its moment.
func (w *world) remindedOf(event, name string, due time.Time, words ...string) slackstub.Message {
	w.t.Helper()
	var found slackstub.Message
	err := w.slack.Wait(w.soon(), "the reminder "+name, func() bool {
		all, names := w.reminders(web, "ecs_migration_reminder", event)
		for i := range all {
			if names[i] == name && (due.IsZero() || w.dueOf(all[i]).Equal(due)) {
				found = all[i]
				return true
			}
		}
		return false
	})
	if err != nil {
		_, names := w.reminders(web, "ecs_migration_reminder", event)
		w.t.Fatalf("%v; there are %v", err, names)
	}
	if at := found.Versions[0].At; !due.IsZero() && (at.Before(due) || at.Sub(due) > 10*time.Second) {
		w.t.Errorf("%s was posted at %s, due %s", name, at, due)
	}
	if text := read(found); !containsAll(text, words) {
		w.t.Errorf("%s lacks %q: %s", name, words, text)
	}
	return found
}

func (w *world) dueOf(m slackstub.Message) time.Time {
	due, err := strconv.ParseInt(fmt.Sprint(m.Metadata.EventPayload["due"]), 10, 64)
	if err != nil {
		w.t.Fatalf("a reminder says not when it was due: %v", err)
	}
	return time.Unix(due, 0).UTC()
}

// only holds which reminders there are, once what is due now has run: after a
// poll whatever was due before it was begun.
func (w *world) only(event string, want ...string) {
	w.t.Helper()
	w.poll()
	_, got := w.reminders(web, "ecs_migration_reminder", event)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		w.t.Errorf("reminders %v, want %v", got, want)
	}
}

func TestNobodyReservesAndEverybodyIsReminded(t *testing.T) {
	w, event, card := remindedWorld(t, reminded)
	before := func(d time.Duration) time.Time { return deadline.Add(-d) }
	w.at(before(72*time.Hour + 10*time.Minute))
	w.only(event)
	w.at(before(72 * time.Hour))
	first := w.remindedOf(event, "unreserved/72h", before(72*time.Hour), "<@"+lin+">", "No time is reserved: 3 days left", "Take it", "Snooze", "Choose a time")
	if first.ThreadTS != card.TS || first.Broadcast || strings.Contains(read(first), "comes late") {
		t.Errorf("in the thread %s, broadcast %v: %s", first.ThreadTS, first.Broadcast, read(first))
	}

	// A restart in between is not noticed.
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.at(before(24 * time.Hour))
	w.remindedOf(event, "unreserved/24h", before(24*time.Hour), "<@"+lin+">", "24 hours left")
	if all, _ := w.reminders(loud, "ecs_migration_escalation", event); len(all) > 0 {
		t.Errorf("escalated after two: %s", read(all[0]))
	}

	// Two had no answer: the next goes to the escalation channel too.
	w.at(before(4 * time.Hour))
	if m := w.remindedOf(event, "unreserved/4h", before(4*time.Hour)); !m.Broadcast {
		t.Error("the channel does not see that hours are left")
	}
	m, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return m.Channel == loud && m.Metadata != nil && m.Metadata.EventType == "ecs_migration_escalation"
	})
	if err != nil {
		t.Fatal(err)
	}
	if !containsAll(read(m), []string{onCall, "<@" + lin + ">", "nobody has answered", "open the card", "message_ts=" + card.TS}) {
		t.Errorf("the escalation reads %s", read(m))
	}
	w.keeps("Nobody answered, and <#" + loud + "> was told: no time reserved")

	// Taken, it is quiet there again, and reminders go to who took it.
	w.click(mary, first, "take")
	w.line(card, "<@"+mary+"> looks after this")
	w.cardSays(event, "Looks after it")
	w.at(before(3 * time.Hour))
	w.remindedOf(event, "unreserved/3h", before(3*time.Hour), "<@"+mary+">")
	if all, _ := w.reminders(loud, "ecs_migration_escalation", event); len(all) != 1 {
		t.Errorf("%d escalations, want the one", len(all))
	}

	// Reserved, nobody hears of it again.
	w.command(mary, web, "/ecs-migrate reserve "+web01)
	w.cardSays(event, "Confirmed")
	w.at(before(2 * time.Hour))
	w.only(event, "unreserved/72h", "unreserved/24h", "unreserved/4h", "unreserved/3h")
	w.at(before(time.Hour))
	w.remindedOf(event, "run/1h", before(time.Hour), "<@"+mary+">", "It runs at", "Still open", "Reschedule")
	w.at(before(15 * time.Minute))
	w.remindedOf(event, "run/15m", before(15*time.Minute))
}

func TestDownOverThreeRemindersOneComesLate(t *testing.T) {
	w, event, _ := remindedWorld(t, reminded)
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.at(deadline.Add(-3*time.Hour - 30*time.Minute))
	w.start()
	m := w.remindedOf(event, "unreserved/4h", time.Time{}, "3 hours left", "comes late", "2024-05-05 10:00 CST")
	if at := m.Versions[0].At; at.Before(deadline.Add(-3*time.Hour - 30*time.Minute)) {
		t.Errorf("posted at %s", at)
	}
	w.only(event, "unreserved/4h")
}

func TestWhatWasDecidedInTheConsoleMeanwhileIsNotRemindedLate(t *testing.T) {
	w, event, _ := remindedWorld(t, reminded)
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.at(deadline.Add(-50 * time.Hour))
	if err := w.cloud.Move(event, deadline.Add(-10*time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultDelay, Action: "DescribeInstanceHistoryEvents", Delay: 2 * time.Second, Times: 2})
	w.start()
	w.cardSays(event, "Set in the console")
	w.only(event)
}

// keeps waits until the history tells the words.
func (w *world) keeps(words string) {
	w.t.Helper()
	answer := ""
	for late := time.Now().Add(patience); time.Now().Before(late); w.poll() {
		if answer = w.command(mary, web, "/ecs-migrate history "+web01); strings.Contains(answer, words) {
			return
		}
	}
	w.t.Errorf("the history does not tell %q: %s", words, answer)
}

// recorded waits until the history tells of so many reminders.
func (w *world) recorded(n int) {
	w.t.Helper()
	told := 0
	for late := time.Now().Add(patience); time.Now().Before(late); w.poll() {
		told = strings.Count(w.command(mary, web, "/ecs-migrate show "+web01), "Reminded <@"+lin+">: no time reserved")
		if told == n {
			return
		}
	}
	w.t.Errorf("the history tells of %d reminders, want %d", told, n)
}

func TestAPostedReminderWhoseAnswerWasLostIsNotPostedAgain(t *testing.T) {
	w, event, _ := remindedWorld(t, reminded)
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Drop: true, AfterWork: true})
	w.at(deadline.Add(-72 * time.Hour))
	w.remindedOf(event, "unreserved/72h", deadline.Add(-72*time.Hour))
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.recorded(1)
	w.at(deadline.Add(-24 * time.Hour))
	w.remindedOf(event, "unreserved/24h", deadline.Add(-24*time.Hour))
	w.recorded(2)
	w.only(event, "unreserved/72h", "unreserved/24h")
}

func TestSnoozeFromTheReminder(t *testing.T) {
	w, event, card := remindedWorld(t, reminded)
	w.at(deadline.Add(-24 * time.Hour)) // 10:00 in Shanghai, 22:00 the day before in New York
	m := w.remindedOf(event, "unreserved/24h", deadline.Add(-24*time.Hour))
	snooze := func(user string, value string, words ...string) {
		t.Helper()
		r, err := w.slack.Click(user, m.Channel, m.TS, "snooze", value)
		if err != nil || r.Error != "" {
			t.Fatalf("%v %s", err, r.Error)
		}
		if _, err := w.slack.WaitEphemeral(w.soon(), user, func(m slackstub.Message) bool { return containsAll(read(m), words) }); err != nil {
			t.Fatalf("nobody told %s %q: %v", user, words, err)
		}
	}
	// Tomorrow morning is one's own: Lin's is too late, Mary's is in time.
	snooze(lin, "tomorrow", "2024-05-08 09:00", "Asia/Shanghai")
	w.line(card, "<@"+lin+"> silenced the reminders")
	snooze(mary, "tomorrow", "2024-05-07 09:00", "America/New_York")
	back := time.Date(2024, 5, 7, 13, 0, 0, 0, time.UTC)
	w.at(back)
	w.remindedOf(event, "unreserved/snoozed", back, "<@"+lin+">")
	snooze(jonas, "4h", "2024-05-07 19:00", "Europe/Berlin")
	w.at(back.Add(4*time.Hour + 10*time.Second))
	if err := w.slack.Wait(w.soon(), "the end of four hours", func() bool {
		all, _ := w.reminders(web, "ecs_migration_reminder", event)
		return len(all) == 3
	}); err != nil {
		t.Error(err)
	}
	w.at(deadline.Add(-4 * time.Hour))
	w.remindedOf(event, "unreserved/4h", deadline.Add(-4*time.Hour))
	snooze(mary, "4h", "too late to act", "2024-05-07 22:00")
	w.at(deadline.Add(-3*time.Hour - 50*time.Minute))
	snooze(mary, "1h", "No reminders until", "2024-05-07 19:10")
	w.at(deadline.Add(-2*time.Hour - 49*time.Minute)) // what was due at three hours comes with it
	if err := w.slack.Wait(w.soon(), "the end of the hour", func() bool {
		all, _ := w.reminders(web, "ecs_migration_reminder", event)
		return len(all) == 5
	}); err != nil {
		t.Error(err)
	}
	w.only(event, "unreserved/24h", "unreserved/snoozed", "unreserved/snoozed", "unreserved/4h", "unreserved/snoozed")
}

func TestTwoTakeItAtOnce(t *testing.T) {
	w, event, card := remindedWorld(t, reminded)
	w.at(deadline.Add(-72 * time.Hour))
	m := w.remindedOf(event, "unreserved/72h", deadline.Add(-72*time.Hour))
	done := make(chan struct{})
	for _, user := range []string{mary, jonas} {
		go func() {
			defer func() { done <- struct{}{} }()
			if _, err := w.slack.Click(user, m.Channel, m.TS, "take"); err != nil {
				t.Error(err)
			}
		}()
	}
	<-done
	<-done
	taken, told := "You look after this now", "has looked after this since"
	winners := 0
	for _, user := range []string{mary, jonas} {
		answer, err := w.slack.WaitEphemeral(w.soon(), user, func(m slackstub.Message) bool {
			return strings.Contains(read(m), taken) || strings.Contains(read(m), told)
		})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(read(answer), taken) {
			winners++
		}
	}
	if winners != 1 {
		t.Errorf("%d took it", winners)
	}
	w.line(card, "looks after this")
}

func TestWhoLeftIsNotMentioned(t *testing.T) {
	w, event, _ := remindedWorld(t, strings.Replace(reminded, lin, gone, 1))
	w.at(deadline.Add(-72 * time.Hour))
	w.remindedOf(event, "unreserved/72h", deadline.Add(-72*time.Hour), onCall)
	w.command(mary, web, "/ecs-migrate assign web-01 <@"+jonas+"|jonas>")
	w.at(deadline.Add(-24 * time.Hour))
	w.remindedOf(event, "unreserved/24h", deadline.Add(-24*time.Hour), "<@"+jonas+">")
}

func TestAGroupThatNobodyIsInIsNotMentioned(t *testing.T) {
	w, event, _ := remindedWorld(t, strings.Replace(reminded, lin, "S0000000099", 1)) // which was disabled
	w.at(deadline.Add(-72 * time.Hour))
	w.remindedOf(event, "unreserved/72h", deadline.Add(-72*time.Hour), onCall)
}

func TestAReminderThatSlackRefusesEndsNoOther(t *testing.T) {
	w, event, _ := remindedWorld(t, reminded)
	w.at(deadline.Add(-73 * time.Hour))
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Times: 10, Error: "invalid_arguments"}) // five tries, each with blocks and without
	w.at(deadline.Add(-72 * time.Hour))
	stop := w.run(100 * time.Millisecond)
	err := w.slack.Wait(w.soon(), "the last try", func() bool { return len(w.slack.Faults()) == 0 })
	stop()
	if err != nil {
		t.Fatal(err)
	}
	w.keeps("Slack did not take a reminder: no time reserved")
	w.at(deadline.Add(-24 * time.Hour))
	w.remindedOf(event, "unreserved/24h", time.Time{})
}

func TestAnEscalationThatSlackRefusesIsKept(t *testing.T) {
	w, event, _ := remindedWorld(t, reminded)
	for _, before := range []time.Duration{72 * time.Hour, 24 * time.Hour} {
		w.at(deadline.Add(-before))
		w.remindedOf(event, fmt.Sprintf("unreserved/%.0fh", before.Hours()), deadline.Add(-before))
	}
	w.recorded(2)
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Skip: 1, Times: 10, Error: "invalid_arguments"}) // all but the reminder
	w.at(deadline.Add(-4 * time.Hour))
	w.remindedOf(event, "unreserved/4h", deadline.Add(-4*time.Hour))
	stop := w.run(100 * time.Millisecond)
	err := w.slack.Wait(w.soon(), "the last try", func() bool { return len(w.slack.Faults()) == 0 })
	stop()
	if err != nil {
		t.Fatal(err)
	}
	w.keeps("Nobody answered, and Slack did not take the message to <#" + loud + ">: no time reserved")
}

// What is reserved and prepared is told before it runs, and alarms nobody.
func TestAPreparedRunAlarmsNobody(t *testing.T) {
	w, event, card := remindedWorld(t, reminded)
	w.command(mary, web, "/ecs-migrate reserve "+web01)
	w.cardSays(event, "Confirmed")
	w.list(event, "preparation")
	w.ticks(mary, card, func(string) bool { return true })
	for _, before := range []time.Duration{24 * time.Hour, time.Hour, 15 * time.Minute} {
		due := deadline.Add(-before)
		w.at(due)
		w.remindedOf(event, "run/"+strings.TrimSuffix(strings.TrimSuffix(before.String(), "0s"), "0m"), due, "Nothing on its list is open")
	}
	w.at(deadline.Add(-time.Minute))
	w.only(event, "run/24h", "run/1h", "run/15m")
	if all, _ := w.reminders(loud, "ecs_migration_escalation", event); len(all) > 0 {
		t.Errorf("escalated: %s", read(all[0]))
	}
}

func TestNobodyAuthorisesAndSomebodyIsReminded(t *testing.T) {
	w := newWorld(t, options{extra: reminded})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: deadline, Status: ecsstub.Inquiring})
	w.poll()
	card := w.cardSays(event, "until somebody authorises it")
	if strings.Contains(read(card), "no time limit") {
		t.Errorf("the card tells a time and no limit: %s", read(card))
	}
	w.at(deadline.Add(-72 * time.Hour))
	m := w.remindedOf(event, "inquiring/72h", deadline.Add(-72*time.Hour), "<@"+lin+">", "still waits for authorisation: 3 days left", "admin", "Authorise", "Take it")
	w.click(mary, m, "accept")
	w.line(card, "authorised the event")
	w.poll()
	w.cardSays(event, "No time reserved")
	w.at(deadline.Add(-4 * time.Hour))
	w.remindedOf(event, "unreserved/4h", deadline.Add(-4*time.Hour))
	w.only(event, "inquiring/72h", "unreserved/4h")
}

// The cloud leaves an event as it is whose time has come.
func TestARunThatDoesNotBegin(t *testing.T) {
	w := newWorld(t, options{extra: reminded})
	runs := dawn.Add(2 * time.Hour)
	event := w.announce(ecsstub.EventSpec{
		InstanceID: web01, NotBefore: runs, Duration: 9 * time.Hour,
		Fields: map[string]json.RawMessage{"EventCycleStatus.Name": json.RawMessage(`"Scheduled"`)},
	})
	w.poll()
	w.cardSays(event, "No time reserved")
	due := runs.Add(30 * time.Minute)
	w.at(due.Add(-time.Minute))
	w.poll()
	w.at(due)
	m := w.remindedOf(event, "not_begun/30m", due, "<@"+lin+">", "It was planned for", "has not begun", "look at the event in the console", "Take it")
	if m.Broadcast {
		t.Error("the whole channel sees that nothing has happened")
	}
	w.click(mary, m, "take")
	w.told(mary, "You look after this now")
	w.at(due.Add(28 * time.Minute))
	w.poll()
	w.at(due.Add(30 * time.Minute))
	w.remindedOf(event, "not_begun/1h", due.Add(30*time.Minute), "<@"+mary+">")
}

// A region that could not be looked at is not one in which it still runs.
func TestARunInARegionThatCannotBeLookedAt(t *testing.T) {
	w := newWorld(t, options{extra: reminded})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(2 * time.Hour)})
	w.poll()
	card := w.cardSays(event, "No time reserved")
	w.at(dawn.Add(2*time.Hour + 5*time.Second))
	w.poll()
	began := w.line(card, "Started").Versions[0].At
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: "DescribeInstanceHistoryEvents", Region: "cn-hangzhou", Status: 403, Code: "Forbidden.RAM"})
	w.at(began.Add(29 * time.Minute)) // it has ended, and the bot does not see that
	w.poll()
	w.at(began.Add(31 * time.Minute))
	m := w.remindedOf(event, "overdue/30m", time.Time{}, "<@"+lin+">", "whether it is finished is not known", "the region could not be looked at since", "look at the instance in the console")
	if strings.Contains(read(m), "is not finished") || !m.Broadcast {
		t.Errorf("broadcast %v: %s", m.Broadcast, read(m))
	}

	// A bot that starts again has never looked at it.
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.at(began.Add(59 * time.Minute))
	w.start()
	w.poll()
	w.at(began.Add(61 * time.Minute))
	w.remindedOf(event, "overdue/1h", time.Time{}, "whether it is finished is not known", "could not be looked at since the bot started")
}

// An event that cannot be read hides how it stands itself, and no other.
func TestARunBesideAnEventThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		unread func(own string) string
		words  []string
	}{
		"another": {func(string) string { return "e-when" }, []string{"is not finished", "submit a ticket"}},
		"its own": {func(own string) string { return own }, []string{"whether it is finished is not known", "what Alibaba Cloud tells of this event could not be read since"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{extra: reminded})
			event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(2 * time.Hour), Duration: 50 * time.Minute})
			w.poll()
			card := w.cardSays(event, "No time reserved")
			garbled := garbledEvent(c.unread(event))
			if c.unread(event) != event {
				w.announce(ecsstub.EventSpec{InstanceID: web01, Raw: garbled})
			}
			w.poll()
			w.at(dawn.Add(2*time.Hour + 5*time.Second))
			w.poll()
			began := w.line(card, "Started").Versions[0].At
			if c.unread(event) == event {
				w.inject(ecsstub.Fault{
					Kind: ecsstub.FaultGarbage, Action: "DescribeInstanceHistoryEvents", Region: "cn-hangzhou",
					Body: `{"RequestId":"r","InstanceSystemEventSet":{"InstanceSystemEventType":[` + garbled + `]}}`,
				})
			}
			w.at(began.Add(29 * time.Minute))
			w.poll()
			w.at(began.Add(31 * time.Minute))
			w.poll()
			w.remindedOf(event, "overdue/30m", time.Time{}, c.words...)
		})
	}
}

func TestAReminderBringsADeletedCardBack(t *testing.T) {
	w, event, card := remindedWorld(t, reminded)
	if err := w.slack.DeleteMessage(card.Channel, card.TS); err != nil {
		t.Fatal(err)
	}
	w.at(deadline.Add(-72 * time.Hour))
	again := w.card(event, "is another", func(m slackstub.Message) bool { return m.TS != card.TS })
	m := w.remindedOf(event, "unreserved/72h", deadline.Add(-72*time.Hour))
	if m.ThreadTS != again.TS {
		t.Errorf("in the thread %s, want that of the new card %s", m.ThreadTS, again.TS)
	}
	w.only(event, "unreserved/72h")
}

// Nor is one looked at that was taken out of the configuration.
func TestARunInARegionThatIsNotPolledAnyMore(t *testing.T) {
	w := newWorld(t, options{extra: reminded})
	event := w.announce(ecsstub.EventSpec{InstanceID: api01, NotBefore: dawn.Add(2 * time.Hour)})
	w.poll()
	w.cardSays(event, "No time reserved")
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.regions = "cn-hangzhou"
	w.at(dawn.Add(149 * time.Minute))
	w.start()
	w.at(dawn.Add(151 * time.Minute))
	if _, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return m.Metadata != nil && m.Metadata.EventPayload["reminder"] == "not_begun/30m" &&
			containsAll(read(m), []string{"whether it has begun is not known", "could not be looked at since the bot started"})
	}); err != nil {
		t.Error(err)
	}
}

func TestARunThatHangs(t *testing.T) {
	w := newWorld(t, options{extra: reminded})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(2 * time.Hour), Duration: 50 * time.Minute})
	w.poll()
	card := w.cardSays(event, "No time reserved")
	w.at(dawn.Add(2*time.Hour + 5*time.Second))
	w.poll()
	w.cardSays(event, "Running")
	began := w.line(card, "Started").Versions[0].At
	// The clock leaps, and the reminder waits for the poll that is under way.
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultDelay, Action: "DescribeInstanceHistoryEvents", Region: "cn-hangzhou", Delay: time.Second, Times: 1})
	w.at(began.Add(30*time.Minute + 5*time.Second))
	w.poll()
	m := w.remindedOf(event, "overdue/30m", time.Time{}, "<@"+lin+">", "is not finished", "submit a ticket")
	if at := m.Versions[0].At.Sub(began); at < 29*time.Minute || at > 32*time.Minute || !m.Broadcast {
		t.Errorf("told %s after the start, broadcast %v", at, m.Broadcast)
	}
	w.at(began.Add(52 * time.Minute))
	w.poll()
	w.cardSays(event, "Finished")
	w.at(began.Add(3 * time.Hour))
	_, names := w.reminders(web, "ecs_migration_reminder", event)
	if strings.Contains(strings.Join(names, " "), "overdue/1h") {
		t.Errorf("%v", names)
	}
}

func TestAFailureAndACancellationAreToldToWhoIsInCharge(t *testing.T) {
	for name, tt := range map[string]struct {
		end   func(*world, string) error
		state string
		words []string
	}{
		"failed":    {func(w *world, id string) error { return w.cloud.Fail(id) }, "Failed", []string{"<@" + lin + ">", "Failed", "submit a ticket"}},
		"cancelled": {func(w *world, id string) error { return w.cloud.Cancel(id) }, "Cancelled", []string{"<@" + lin + ">", "Cancelled by Alibaba Cloud", "undo what was prepared"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, event, card := remindedWorld(t, reminded)
			if err := tt.end(w, event); err != nil {
				t.Fatal(err)
			}
			w.poll()
			w.cardSays(event, tt.state)
			w.line(card, tt.words...)
		})
	}
}

func TestAssignByCommand(t *testing.T) {
	w, _, _ := remindedWorld(t, reminded)
	for _, tt := range []struct {
		line  string
		words []string
	}{
		{"assign web-01 <@" + jonas + "|jonas berg>", []string{"<@" + jonas + "> looks after this now"}},
		{"assign web-01 @jonas", []string{"did not tell who", "`@jonas`", "`me`"}},
		{"assign web-01 <@" + gone + ">", []string{"cannot look after anything"}},
		{"assign web-01 me", []string{"You look after this now"}},
		{"assign web-01 nobody", []string{"Nobody in particular"}},
		{"assign web-01", []string{"assign TARGET @user|me|nobody"}},
		{"snooze web-01 4h", []string{"No reminders until"}},
		{"snooze web-01 30d", []string{"`30d` is no time to snooze for"}},
		{"snooze web-01 tomorrow", []string{"09:00", "America/New_York"}},
		{"snooze web-01 168h", []string{"too late to act"}},
		{"snooze web-01", []string{"snooze TARGET 1h|4h|tomorrow"}},
	} {
		if answer := w.command(mary, web, "/ecs-migrate "+tt.line); !containsAll(answer, tt.words) {
			t.Errorf("%s: %s", tt.line, answer)
		}
	}
}

func TestAStopWhileRemindersAreDueLosesNone(t *testing.T) {
	w, event, _ := remindedWorld(t, reminded)
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Hang: true})
	w.at(deadline.Add(-72 * time.Hour))
	if err := w.slack.Wait(w.soon(), "the fault to strike", func() bool { return len(w.slack.Faults()) == 0 }); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- w.stop() }()
	select {
	case err := <-stopped:
		if err != nil {
			t.Fatal(err)
		}
	case <-ctx.Done():
		t.Fatal("the bot does not stop")
	}
	w.start()
	w.remindedOf(event, "unreserved/72h", time.Time{})
	w.only(event, "unreserved/72h")
}
