package migration_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

// rules are the defaults, in Shanghai.
func rules(t testing.TB) migration.Policy {
	hours := func(all ...float64) (out []time.Duration) {
		for _, h := range all {
			out = append(out, time.Duration(h*float64(time.Hour)))
		}
		return out
	}
	return migration.Policy{
		Unreserved: hours(72, 24, 4), UnreservedEvery: time.Hour, BeforeRun: hours(24, 1, .25), Overdue: hours(.5, 1, 2),
		FollowUp: 4 * time.Hour, Recovered: true, Voucher: 7, Work: office(t, "Asia/Shanghai"),
	}
}

// told is a reminder that was sent, and whether the escalation channel is to
// hear of it.
type told struct {
	migration.Reminder
	at    time.Time
	aloud bool
}

// life is one migration with its one job, as a store keeps them, on a clock.
type life struct {
	t    testing.TB
	p    migration.Policy
	m    *migration.Migration
	now  time.Time
	due  time.Time // of the job; zero: there is none
	told []told
}

func newLife(t testing.TB, ev migration.Event, at time.Time) *life {
	l := &life{t: t, p: rules(t), now: at}
	l.commit(migration.First(ev, migration.Instance{ID: "i-1", ReadAt: at}, "C1", at))
	if !l.due.IsZero() {
		t.Error("a reminder waits before there is a card to stand under")
	}
	l.commit(l.m.Posted("1.1", "", 1, at))
	return l
}

// commit does what the store does with a change.
func (l *life) commit(c migration.Change) {
	l.t.Helper()
	if c.Empty() {
		return
	}
	c = l.p.Follow(l.m, c, l.now)
	if c.Migration != nil {
		m := *c.Migration
		l.m = &m
	}
	for _, id := range c.Drop {
		if id == "remind/"+l.m.Key().String() {
			l.due = time.Time{}
		}
	}
	for _, j := range c.Jobs {
		if j.Kind == migration.JobRemind {
			if !j.Exact {
				l.t.Error("a reminder that cannot be put off")
			}
			l.due = j.Due
		}
	}
}

// does commits a decision, and gives the rule that it broke.
func (l *life) does(c migration.Change, err error) migration.Rule {
	l.t.Helper()
	if rule, ok := errors.AsType[*migration.RuleError](err); ok {
		return rule.Rule
	}
	if err != nil {
		l.t.Fatal(err)
	}
	l.commit(c)
	return ""
}

func (l *life) by(user string) migration.Decision {
	return migration.Decision{By: user, Now: l.now, Via: migration.ViaButton, Seen: migration.SeenAny}
}

// sees lets the cloud tell something else of the event.
func (l *life) sees(edit func(*migration.Event)) {
	ev := l.m.Event
	edit(&ev)
	ev.ReadAt = l.now
	l.commit(l.m.Observe(ev, l.now))
}

// until lets time pass with the bot up.
func (l *life) until(at time.Time) {
	l.t.Helper()
	for !l.due.IsZero() && !l.due.After(at) {
		if l.due.After(l.now) {
			l.now = l.due
		}
		l.remind()
	}
	l.now = at
}

// remind does what a worker does with the job once it is due.
func (l *life) remind() {
	l.t.Helper()
	before := l.due
	r, ok := l.p.Due(*l.m, l.now)
	l.due = time.Time{}
	if !ok {
		l.commit(migration.Change{Migration: l.m})
	} else {
		c := l.m.Reminded(migration.DefaultChecklists(), r, "U9", "C9", l.now)
		aloud := slices.ContainsFunc(c.Jobs, func(j migration.Job) bool { return j.Kind == migration.JobEscalate })
		l.told = append(l.told, told{r, l.now, aloud})
		l.commit(c)
	}
	if len(l.told) > 2000 || !ok && l.due.Equal(before) {
		l.t.Fatalf("the job goes round in circles at %s: %v", l.now, l.due)
	}
}

// heard is what people were told, with how long before the deadline.
func (l *life) heard() string {
	var all []string
	for _, r := range l.told {
		s := r.Name
		if r.Late(r.at) {
			s += fmt.Sprintf("(late since %s)", r.Owed.Format("02 15:04"))
		}
		if r.aloud {
			s += "!"
		}
		all = append(all, r.at.In(l.p.Work.Zone).Format("02 15:04 ")+s)
	}
	l.told = nil
	return strings.Join(all, ", ")
}

// friday is the deadline of the lives below: 2026-11-27 10:00 in Shanghai.
var friday = time.Date(2026, 11, 27, 2, 0, 0, 0, time.UTC)

func scheduled() migration.Event {
	return event(status(migration.Scheduled), planned(friday), func(ev *migration.Event) { ev.InitialNotBefore = friday })
}

func TestUnreservedUntilItRuns(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.until(friday.Add(-time.Second))
	want := "24 10:00 unreserved/72h, 26 10:00 unreserved/24h, 27 06:00 unreserved/4h!, 27 07:00 unreserved/3h!, " +
		"27 08:00 unreserved/2h!, 27 09:00 unreserved/1h!, 27 09:45 run/15m!"
	if got := l.heard(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWhatWasDueBeforeItWasKnownIsNotOwed(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-24*time.Hour))
	l.until(friday.Add(-4 * time.Hour))
	if got, want := l.heard(), "27 06:00 unreserved/4h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestReservedNobodyHearsThatItIsNot(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.until(friday.Add(-72*time.Hour - time.Second))
	l.does(l.m.Keep(l.by("U1")))
	l.until(friday.Add(-time.Minute))
	if got, want := l.heard(), "26 10:00 run/24h, 27 09:00 run/1h, 27 09:45 run/15m!"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnotherTimeMakesOtherReminders(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Choose(friday.Add(-48*time.Hour), l.by("U1")))
	if l.due.Before(friday) {
		t.Errorf("something is due at %s while the cloud is asked", l.due)
	}
	l.sees(planned2(friday.Add(-48 * time.Hour)))
	l.until(friday.Add(-49 * time.Hour))
	l.sees(planned2(friday.Add(-24 * time.Hour))) // put off in the console
	l.until(friday.Add(-24*time.Hour - time.Minute))
	if got, want := l.heard(), "24 10:00 run/24h, 25 09:00 run/1h, 25 10:00 run/24h, 26 09:00 run/1h, 26 09:45 run/15m!"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func planned2(at time.Time) func(*migration.Event) {
	return func(ev *migration.Event) { ev.NotBefore = at }
}

func TestARefusedWishIsNoReservation(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-30*time.Hour))
	l.does(l.m.Choose(friday.Add(-2*time.Hour), l.by("U1")))
	l.until(friday.Add(-25 * time.Hour))
	l.commit(l.m.Refuse(l.m.Revision, migration.Refusal{Kind: migration.RefusedByCloud}, l.now))
	l.until(friday.Add(-4 * time.Hour))
	if got, want := l.heard(), "26 10:00 unreserved/24h, 27 06:00 unreserved/4h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDownOverThreeMomentsIsOneLateReminder(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.now = friday.Add(-3*time.Hour - 30*time.Minute) // nobody looked at the job
	l.until(l.now)
	if got, want := l.heard(), "27 06:30 unreserved/4h(late since 24 02:00)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.until(friday.Add(-3 * time.Hour))
	if got, want := l.heard(), "27 07:00 unreserved/3h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDownUntilItIsTooLate(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.now = friday.Add(time.Minute)
	l.until(l.now)
	if got := l.heard(); got != "" || !l.due.Equal(friday.Add(30*time.Minute)) {
		t.Errorf("%s, next %s", got, l.due)
	}
}

func TestARunThatDoesNotBegin(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Keep(l.by("U1")))
	l.until(friday)
	l.told = nil
	l.until(friday.Add(40 * time.Minute))
	last := l.told[0].Reminder
	if got, want := l.heard(), "27 10:30 not_begun/30m!"; got != want || last.Urgent(*l.m) || l.m.Pointless(last, l.now) {
		t.Errorf("got %s, want %s", got, want)
	}
	// Looked at it, and it comes back: nothing is too late any more.
	if rule := l.does(l.m.Snooze(l.now.Add(time.Hour), l.by("U1"))); rule != "" {
		t.Errorf("it cannot be snoozed: %s", rule)
	}
	l.until(friday.Add(110 * time.Minute))
	if got, want := l.heard(), "27 11:40 not_begun/snoozed"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.until(friday.Add(3 * time.Hour))
	if got, want := l.heard(), "27 12:00 not_begun/2h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !l.due.IsZero() {
		t.Errorf("something is due at %s", l.due)
	}
}

func TestARunThatDoesNotBeginAndIsPutOff(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Keep(l.by("U1")))
	l.until(friday)
	l.told = nil
	l.until(friday.Add(31 * time.Minute))
	old := l.told[0].Reminder
	l.does(l.m.Snooze(l.now.Add(20*time.Minute), l.by("U1")))
	l.sees(planned2(friday.Add(2 * time.Hour)))
	if !l.m.Pointless(old, l.now) {
		t.Error("that it has not begun would still be escalated")
	}
	l.until(friday.Add(2 * time.Hour))
	if got, want := l.heard(), "27 10:30 not_begun/30m!, 27 11:00 run/1h, 27 11:45 run/15m"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.sees(func(ev *migration.Event) { ev.Status = migration.Executing })
	l.until(friday.Add(150 * time.Minute))
	if got, want := l.heard(), "27 12:30 overdue/30m"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestARunThatShouldHaveBegunBeforeItWasKnown(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(5*time.Hour))
	l.until(friday.Add(6 * time.Hour))
	if got, want := l.heard(), "27 15:30 not_begun/30m, 27 16:00 not_begun/1h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// inquiring waits for authorisation until friday.
func inquiring() migration.Event {
	ev := scheduled()
	ev.Status = migration.Inquiring
	return ev
}

func TestNobodyAuthorisesIt(t *testing.T) {
	l := newLife(t, inquiring(), friday.Add(-96*time.Hour))
	l.until(friday.Add(-4 * time.Hour))
	last := l.told[len(l.told)-1].Reminder
	if got, want := l.heard(), "24 10:00 inquiring/72h, 26 10:00 inquiring/24h, 27 06:00 inquiring/4h!"; got != want || !last.Urgent(*l.m) {
		t.Errorf("got %s, want %s", got, want)
	}
	if rule := l.does(l.m.Snooze(friday.Add(time.Hour), l.by("U1"))); rule != migration.RuleSnooze {
		t.Errorf("it may be slept over until it is too late: %q", rule)
	}
	// Authorised, the cloud is given time; one that does not follow is told.
	l.until(friday.Add(-3*time.Hour - 5*time.Minute))
	l.does(l.m.Accept(l.by("U1")))
	if !l.m.Pointless(last, l.now) {
		t.Error("that nobody authorised it would still be escalated")
	}
	l.until(friday.Add(-2 * time.Hour))
	if got, want := l.heard(), "27 08:00 inquiring/2h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.sees(func(ev *migration.Event) { ev.Status = migration.Scheduled })
	l.until(friday)
	if got, want := l.heard(), "27 09:00 unreserved/1h, 27 09:45 run/15m"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAuthorisedInTheConsoleNobodyOwesAnAnswer(t *testing.T) {
	l := newLife(t, inquiring(), friday.Add(-96*time.Hour))
	l.until(friday.Add(-23 * time.Hour)) // two reminders
	l.told = nil
	l.sees(func(ev *migration.Event) { ev.Status = migration.Scheduled })
	l.until(friday.Add(-4 * time.Hour))
	if got, want := l.heard(), "27 06:00 unreserved/4h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnInquiryWithoutATimeRemindsOfNothing(t *testing.T) {
	ev := inquiring()
	ev.NotBefore, ev.InitialNotBefore = time.Time{}, time.Time{}
	l := newLife(t, ev, friday.Add(-96*time.Hour))
	if !l.due.IsZero() {
		t.Errorf("something is due at %s", l.due)
	}
	// Told a time, only what is due from then on is owed.
	l.now = friday.Add(-20 * time.Hour)
	l.sees(planned2(friday))
	l.until(friday.Add(-4 * time.Hour))
	if got, want := l.heard(), "27 06:00 inquiring/4h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatIsPreparedAsksForNothing(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Keep(l.by("U1")))
	var ticks []migration.Tick
	for _, item := range migration.DefaultChecklists().Required(*l.m, migration.Preparation) {
		ticks = append(ticks, migration.Tick{Item: item.ID, State: migration.Done})
	}
	c, _, err := l.m.Tick(migration.DefaultChecklists(), migration.Preparation, ticks, l.by("U1"))
	l.does(c, err)
	l.until(friday.Add(-time.Minute))
	if got, want := l.heard(), "26 10:00 run/24h, 27 09:00 run/1h, 27 09:45 run/15m"; got != want || l.m.Reminders.Unanswered != 0 {
		t.Errorf("got %s, want %s; %d without an answer", got, want, l.m.Reminders.Unanswered)
	}
	r := migration.Reminder{Topic: migration.TopicRun}
	if r.Asks(*l.m, migration.DefaultChecklists()) {
		t.Error("what is reserved and prepared asks for something")
	}
	free := *l.m
	free.Held = nil
	if !r.Asks(free, migration.DefaultChecklists()) {
		t.Error("what nobody has reserved asks for nothing")
	}
}

func TestWhatWasToldBeforeTheRunIsNotOwedAfterIt(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Keep(l.by("U1")))
	l.p.Recovered, l.p.Voucher = false, 0
	l.run(40 * time.Minute) // three reminders before it, of a list that nobody ticked
	l.until(friday.Add(5 * time.Hour))
	if got, want := l.heard(), "27 10:30 overdue/30m, 27 14:40 follow_up/open"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// run lets the migration begin at the deadline and end after a while.
func (l *life) run(takes time.Duration) {
	l.until(friday)
	l.told = nil
	l.sees(func(ev *migration.Event) { ev.Status = migration.Executing })
	l.until(friday.Add(takes))
	l.sees(func(ev *migration.Event) { ev.Status, ev.FinishedAt = migration.Executed, friday.Add(takes) })
}

func TestARunThatTakesTooLong(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Keep(l.by("U1")))
	l.run(90 * time.Minute)
	if got, want := l.heard(), "27 10:30 overdue/30m, 27 11:00 overdue/1h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheFollowUpInWorkingHours(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Keep(l.by("U1")))
	l.p.Recovered, l.p.Voucher = false, 0
	l.run(15 * time.Minute) // ends on Friday at 10:15
	l.until(friday.Add(100 * time.Hour))
	want := "27 14:15 follow_up/open, 30 09:00 follow_up/open, 30 13:00 follow_up/open!, 30 17:00 follow_up/open!, 01 09:00 follow_up/open!, 01 13:00 follow_up/open!"
	if got := l.heard(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	l.does(l.m.Acknowledge(migration.DefaultChecklists(), "all is well", l.by("U1")))
	l.until(friday.Add(500 * time.Hour))
	if got := l.heard(); got != "" {
		t.Errorf("%s", got)
	}
}

func TestALateFollowUpIsNotFollowedAtOnce(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Keep(l.by("U1")))
	l.p.Recovered, l.p.Voucher = false, 0
	l.run(15 * time.Minute)
	l.now = friday.Add(78 * time.Hour) // down until Monday, 16:00
	l.until(l.now)
	l.until(friday.Add(100 * time.Hour))
	if got, want := l.heard(), "30 16:00 follow_up/open(late since 27 06:15), 01 09:00 follow_up/open, 01 13:00 follow_up/open!"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRecoveredAndVoucher(t *testing.T) {
	ticked := func(id string) func(*life) {
		return func(l *life) {
			c, _, err := l.m.Tick(migration.DefaultChecklists(), migration.FollowUp, []migration.Tick{{Item: id, State: migration.Done}}, l.by("U1"))
			l.does(c, err)
		}
	}
	for name, tt := range map[string]struct {
		then func(*life)
		want string
	}{
		"nobody does anything": {func(*life) {}, "27 18:15 recovered/once, 08 09:00 voucher/once"}, // 200 GiB take eight hours
		"a snapshot is taken":  {ticked("new_snapshot"), "08 09:00 voucher/once"},
		"the voucher is there": {ticked("voucher"), "27 18:15 recovered/once"},
		"acknowledged":         {func(l *life) { l.does(l.m.Acknowledge(migration.DefaultChecklists(), "later", l.by("U1"))) }, "27 18:15 recovered/once, 08 09:00 voucher/once"},
	} {
		l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
		l.p.FollowUp = 0
		l.does(l.m.Keep(l.by("U1")))
		m := *l.m
		m.Instance = m.Instance.WithDisks(disks(2, 100), l.now)
		l.m = &m
		l.run(15 * time.Minute)
		tt.then(l)
		l.until(friday.Add(1000 * time.Hour))
		if got := l.heard(); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

func TestWhatComesAfterTheAcknowledgementIsAnswered(t *testing.T) {
	lists := migration.DefaultChecklists()
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Keep(l.by("U1")))
	m := *l.m
	m.Instance = m.Instance.WithDisks(disks(2, 100), l.now)
	l.m = &m
	l.run(15 * time.Minute)
	l.until(friday.Add(75 * time.Hour)) // recovered on Friday, a follow-up on Monday
	l.told = nil
	l.does(l.m.Acknowledge(lists, "all is well", l.by("U1")))
	for what, rule := range map[string]migration.Rule{
		"take": l.does(l.m.Take(l.by("U2"))), "snooze": l.does(l.m.Snooze(l.now.Add(time.Hour), l.by("U2"))),
	} {
		if rule != "" {
			t.Errorf("%s while snapshots are to be taken: %s", what, rule)
		}
	}
	l.until(l.now.Add(time.Hour)) // it brings back what still has a point, not the follow-up
	if got, want := l.heard(), "30 14:00 recovered/snoozed"; got != want || l.m.AssignedTo() != "U2" {
		t.Errorf("got %s, want %s, looked after by %s", got, want, l.m.AssignedTo())
	}
	for _, item := range []string{"new_snapshot", "voucher"} {
		c, _, err := l.m.Tick(lists, migration.FollowUp, []migration.Tick{{Item: item, State: migration.Done}}, l.by("U1"))
		l.does(c, err)
	}
	if rule := l.does(l.m.Assign("U3", l.by("U2"))); rule != migration.RuleFinished {
		t.Errorf("what is over and done can be assigned: %q", rule)
	}
}

func TestAMereRestartHasNoVoucher(t *testing.T) {
	l := newLife(t, event(status(migration.Scheduled), planned(friday), func(ev *migration.Event) {
		ev.Type, ev.InitialNotBefore = "SystemMaintenance.Reboot", friday
	}), friday.Add(-96*time.Hour))
	l.p.FollowUp = 0
	l.run(time.Minute)
	l.until(friday.Add(1000 * time.Hour))
	if got := l.heard(); got != "" {
		t.Errorf("%s", got)
	}
}

func TestASnoozeBringsTheReminderBack(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.until(friday.Add(-72 * time.Hour))
	l.does(l.m.Snooze(l.now.Add(4*time.Hour), l.by("U1")))
	l.until(friday.Add(-25 * time.Hour))
	if got, want := l.heard(), "24 10:00 unreserved/72h, 24 14:00 unreserved/snoozed"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// What falls due meanwhile comes with its end, once.
	l.does(l.m.Snooze(friday.Add(-150*time.Minute), l.by("U1")))
	l.until(friday.Add(-2 * time.Hour))
	if got, want := l.heard(), "27 07:30 unreserved/snoozed, 27 08:00 unreserved/2h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestASnoozeBeforeAnyReminder(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Snooze(friday.Add(-70*time.Hour), l.by("U1")))
	l.until(friday.Add(-25 * time.Hour))
	if got, want := l.heard(), "24 12:00 unreserved/72h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// Reserved meanwhile, nothing is left to come back.
	l.does(l.m.Snooze(friday.Add(-23*time.Hour), l.by("U1")))
	l.does(l.m.Keep(l.by("U1")))
	l.until(friday.Add(-2 * time.Hour))
	if got, want := l.heard(), "26 11:00 run/24h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestASnoozeThatWouldBeTooLate(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-2*time.Hour))
	for at, want := range map[time.Time]migration.Rule{
		friday:                      migration.RuleSnooze,
		friday.Add(2 * time.Hour):   migration.RuleSnooze,
		friday.Add(-time.Second):    "",
		l.now:                       migration.RulePast,
		l.now.Add(-100 * time.Hour): migration.RulePast,
	} {
		c, err := l.m.Snooze(at, l.by("U1"))
		rule, _ := errors.AsType[*migration.RuleError](err)
		switch {
		case want == "" && (err != nil || c.Migration == nil):
			t.Errorf("%s: %v", at, err)
		case want != "" && (rule == nil || rule.Rule != want):
			t.Errorf("%s: %v, want %s", at, err, want)
		case want == migration.RuleSnooze && !rule.Latest.Equal(friday):
			t.Errorf("the last moment is %s", rule.Latest)
		}
	}
	// Planned for later than it can be reserved for, it is the earlier one that counts.
	late := newLife(t, event(planned(friday.Add(5*time.Hour)), func(ev *migration.Event) { ev.InitialNotBefore = friday }), friday.Add(-2*time.Hour))
	m := *late.m
	m.Held = nil
	if _, err := m.Snooze(friday.Add(time.Hour), late.by("U1")); err == nil {
		t.Error("it may be slept over until nothing can be reserved any more")
	}
	// Moved to an earlier time, it may not sleep over that.
	l.does(l.m.Snooze(friday.Add(-time.Minute), l.by("U1")))
	l.sees(planned2(friday.Add(-30 * time.Minute)))
	l.until(friday.Add(-30 * time.Minute))
	if got, want := l.heard(), "27 08:30 run/1h, 27 09:15 run/15m"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatBeginsIsNotSleptOver(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-2*time.Hour))
	l.does(l.m.Snooze(friday.Add(-time.Minute), l.by("U1")))
	l.sees(func(ev *migration.Event) { ev.Status = migration.Executing })
	l.until(l.now.Add(30 * time.Minute))
	if got, want := l.heard(), "27 08:30 overdue/30m"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhoeverAnswersIsGivenTime(t *testing.T) {
	for name, answer := range map[string]func(*life){
		"takes it":   func(l *life) { l.does(l.m.Take(l.by("U1"))) },
		"snoozes":    func(l *life) { l.does(l.m.Snooze(l.now.Add(time.Hour), l.by("U1"))) },
		"in console": func(l *life) { l.sees(planned2(friday.Add(-time.Hour))) },
	} {
		l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
		l.until(friday.Add(-24 * time.Hour)) // two reminders
		answer(l)
		l.told = nil
		l.until(friday.Add(-4 * time.Hour))
		if got := l.heard(); strings.Contains(got, "!") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestWhoeverMayNotIsNoAnswer(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.until(friday.Add(-24 * time.Hour)) // two reminders
	no := migration.Denial{Kind: migration.DeniedRole, Need: migration.Operator}
	l.commit(l.m.Denied(no, migration.News{}, l.by("U1")))
	l.told = nil
	l.until(friday.Add(-4 * time.Hour))
	if got := l.heard(); !strings.Contains(got, "!") {
		t.Errorf("a click that was denied passes for an answer, and nothing is escalated: %s", got)
	}
}

func TestTwoTakeIt(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.does(l.m.Take(l.by("U1")))
	if rule := l.does(l.m.Take(l.by("U2"))); rule != migration.RuleAssigned || l.m.AssignedTo() != "U1" {
		t.Errorf("rule %q, %s looks after it", rule, l.m.AssignedTo())
	}
	if c, err := l.m.Take(l.by("U1")); err != nil || !c.Empty() {
		t.Errorf("a double click: %v, %+v", err, c)
	}
	l.does(l.m.Assign("U2", l.by("U2"))) // who asks for it by name takes it over
	l.does(l.m.Assign("", l.by("U1")))
	if l.m.AssignedTo() != "" {
		t.Errorf("%s looks after it", l.m.AssignedTo())
	}
	l.sees(func(ev *migration.Event) { ev.Status = migration.Canceled })
	for name, rule := range map[string]migration.Rule{
		"take": l.does(l.m.Take(l.by("U1"))), "snooze": l.does(l.m.Snooze(l.now.Add(time.Hour), l.by("U1"))),
	} {
		if rule != migration.RuleFinished {
			t.Errorf("%s what was cancelled: rule %q", name, rule)
		}
	}
}

func TestWhoIsInCharge(t *testing.T) {
	owner := func(tag string) string { return map[string]string{"li.lei": "U2"}[tag] }
	m := first(event(status(migration.Scheduled)))
	check := func(want ...string) {
		t.Helper()
		if got := m.InCharge(owner, "S1"); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	check("S1")
	m.Held = &migration.Reservation{By: "U3"}
	check("U3", "S1")
	m.Instance.Tags = map[string]string{"owner": "li.lei"}
	check("U2", "U3", "S1")
	m.Assigned = &migration.Assignment{To: "U4"}
	m.Consent = &migration.Consent{By: "U3"}
	check("U4", "U2", "U3", "S1")
	m.Instance.Tags["owner"] = "somebody unknown"
	m.Asked = &migration.Reservation{By: "U5"}
	check("U4", "U5", "U3", "S1")
	m = first(event(status(migration.Scheduled)))
	if got := m.InCharge(owner, ""); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

func TestADeletedCardComesBackForAReminder(t *testing.T) {
	l := newLife(t, scheduled(), friday.Add(-96*time.Hour))
	l.commit(l.m.CardGone())
	if l.due.IsZero() {
		t.Fatal("nothing waits for the next reminder")
	}
	c := l.m.Repost(l.now)
	if g := c.Migration.Card; g.Generation != 2 || g.Gone || g.TS != "" || len(c.Jobs) != 1 || c.Jobs[0].Kind != migration.JobCard {
		t.Errorf("%+v, %+v", g, c.Jobs)
	}
	l.commit(c)
	if !l.due.IsZero() {
		t.Error("a reminder waits before the card stands")
	}
	l.commit(l.m.Posted("1.2", "", 2, l.now))
	if l.due.IsZero() {
		t.Error("nothing waits once the card stands")
	}
}

// FuzzReminders lives random lives, with a bot that is down at times and crashes
// between a post and its record.
func FuzzReminders(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		ev := scheduled()
		if seed%4 == 0 {
			ev = inquiring()
		}
		l := newLife(t, ev, friday.Add(-time.Duration(rnd.IntN(100*60))*time.Minute))
		posted := map[string]time.Time{} // what stands in the thread, by its metadata
		quiet := time.Time{}             // until when nothing may be heard
		for range 60 {
			l.step(rnd)
			quiet = time.Time{}
			if s := l.m.Reminders.Snooze; s != nil {
				quiet = s.Until
			}
			until := l.now.Add(time.Duration(rnd.IntN(9*60)) * time.Minute)
			if rnd.IntN(5) == 0 { // the bot is down
				l.now = until
			}
			for !l.due.IsZero() && !l.due.After(until) {
				if l.due.After(l.now) {
					l.now = l.due
				}
				r, ok := l.p.Due(*l.m, l.now)
				if ok && rnd.IntN(4) == 0 { // posted, and the bot crashes before it records that
					key := fmt.Sprint(r.Topic, r.Due.Unix())
					posted[key] = l.now
					if again, ok := l.p.Due(*l.m, l.now.Add(time.Second)); !ok || again.Topic != r.Topic || !again.Due.Equal(r.Due) {
						t.Fatalf("after a crash %v is sent, not looked for %v", again, r)
					}
				}
				if ok {
					l.judge(r, posted, quiet)
				}
				l.remind()
			}
			l.now = until
		}
	})
}

// judge holds what must hold of every reminder.
func (l *life) judge(r migration.Reminder, posted map[string]time.Time, quiet time.Time) {
	l.t.Helper()
	key := fmt.Sprint(r.Topic, r.Due.Unix())
	if at, twice := posted[key]; twice && !at.Equal(l.now) {
		l.t.Errorf("%s, due %s, is told twice: at %s and at %s", r.Name, r.Due, at, l.now)
	}
	posted[key] = l.now
	m, scheduled := l.m, l.m.Event.Status == migration.Scheduled
	pointless := false
	switch r.Topic {
	case migration.TopicUnreserved:
		pointless = !scheduled || m.Reserved() || !l.now.Before(m.Deadline())
	case migration.TopicRun:
		pointless = !scheduled || !l.now.Before(m.Event.NotBefore)
	case migration.TopicInquiring:
		pointless = m.State() == migration.StateAuthorising && l.now.Sub(m.Consent.Made) < 10*time.Minute ||
			m.Event.Status != migration.Inquiring || !l.now.Before(m.Deadline())
	case migration.TopicNotBegun:
		pointless = !scheduled || l.now.Before(m.Event.NotBefore)
	case migration.TopicOverdue:
		pointless = m.Event.Status != migration.Executing
	case migration.TopicFollowUp:
		pointless = !m.Waiting()
	default:
		pointless = m.Event.Status != migration.Executed
	}
	switch {
	case pointless:
		l.t.Errorf("%s is told at %s, which is pointless: %s", r.Name, l.now, m.State())
	case l.now.Before(quiet):
		l.t.Errorf("%s is told at %s, with quiet until %s", r.Name, l.now, quiet)
	case r.Owed.After(l.now) || r.Due.After(l.now):
		l.t.Errorf("%s is told at %s, before it is due", r.Name, l.now)
	}
}

// step does something at random.
func (l *life) step(rnd *rand.Rand) {
	user := fmt.Sprint("U", rnd.IntN(3))
	span := time.Duration(1+rnd.IntN(30*60)) * time.Minute
	status := func(s migration.Status) {
		l.sees(func(ev *migration.Event) {
			if ev.Status = s; s.Final() {
				ev.FinishedAt = l.now
			}
		})
	}
	switch rnd.IntN(16) {
	case 0:
		l.does(l.m.Keep(l.by(user)))
	case 1:
		l.does(l.m.Choose(l.now.Add(span), l.by(user)))
	case 2:
		if l.m.Pending() {
			l.sees(planned2(l.m.Asked.At))
		}
	case 3:
		l.commit(l.m.Refuse(l.m.Revision, migration.Refusal{Kind: migration.Unreachable}, l.now))
	case 4, 5:
		l.does(l.m.Snooze(l.now.Add(span), l.by(user)))
	case 6:
		l.does(l.m.Take(l.by(user)))
	case 7:
		l.does(l.m.Assign("", l.by(user)))
	case 8:
		if l.m.Event.Status == migration.Scheduled {
			l.sees(planned2(l.now.Add(span)))
		}
	case 9:
		if l.m.Event.Status == migration.Scheduled && rnd.IntN(3) == 0 {
			status(migration.Executing)
		}
	case 10:
		if l.m.Event.Status == migration.Executing {
			status([]migration.Status{migration.Executed, migration.Failed, migration.Canceled}[rnd.IntN(3)])
		}
	case 11:
		l.commit(l.m.CardGone())
	case 12:
		if l.m.Card.TS == "" {
			l.commit(l.m.Posted("1.2", "", 2, l.now))
		}
	case 14:
		l.does(l.m.Accept(l.by(user)))
	case 15:
		switch asked := l.m.State() == migration.StateAuthorising; {
		case asked && rnd.IntN(3) == 0:
			l.commit(l.m.RefuseConsent(migration.Refusal{Kind: migration.Unreachable}, l.now))
		case asked:
			status(migration.Scheduled)
		case l.m.Event.Status == migration.Inquiring:
			l.sees(planned2(l.now.Add(span)))
		}
	case 13:
		if l.m.Waiting() && rnd.IntN(4) == 0 {
			l.does(l.m.Acknowledge(migration.DefaultChecklists(), "why not", l.by(user)))
		}
	}
}
