package store_test

import (
	"errors"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

// before is a policy that reminds so long before the planned time.
func before(spans ...time.Duration) *migration.Policy { return &migration.Policy{BeforeRun: spans} }

// reminding is a store whose migrations are followed by a policy.
func reminding(t testing.TB, p *migration.Policy) *opened {
	t.Helper()
	o := openTest(t)
	o.close()
	o.policy = p
	o.open()
	return o
}

// posted is a migration whose card stands.
func (o *opened) posted(n int) migration.Key {
	o.t.Helper()
	m := o.apply(event(n).Key, withoutJobs(migration.First(event(n), instance(n), "C1", start)))
	o.apply(m.Key(), withoutJobs(m.Posted("1.1", "", 1, start)))
	return m.Key()
}

func withoutJobs(c migration.Change) migration.Change {
	c.Jobs = nil
	return c
}

// reminder is the one job that waits, false where none does.
func (o *opened) reminder() (migration.Job, bool) {
	o.t.Helper()
	all, _, err := o.Heads(o.t.Context(), start.AddDate(100, 0, 0))
	if err != nil {
		o.t.Fatal(err)
	}
	for _, j := range all {
		if j.Kind == migration.JobRemind {
			return j, true
		}
	}
	return migration.Job{}, false
}

func (o *opened) remindedAt(want time.Duration) {
	o.t.Helper()
	j, ok := o.reminder()
	if !ok || !j.Due.Equal(start.Add(want)) {
		o.t.Errorf("the next reminder is due %s from the start (%v), want %s", j.Due.Sub(start), ok, want)
	}
}

func TestEachChangeMovesTheReminderInItsOwnTransaction(t *testing.T) {
	o := reminding(t, before(4*time.Hour))
	key := o.posted(48)
	o.remindedAt(44 * time.Hour)
	move := func(to time.Duration) {
		o.now = o.now.Add(time.Minute)
		_, err := o.Apply(t.Context(), key, "", func(cur *migration.Migration) (migration.Change, error) {
			ev := cur.Event
			ev.NotBefore, ev.ReadAt = start.Add(to), o.now
			return withoutJobs(cur.Observe(ev, o.now)), nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	move(24 * time.Hour)
	o.remindedAt(20 * time.Hour)
	move(40 * time.Hour) // later again: a job is moved, not kept at the earlier moment
	o.remindedAt(36 * time.Hour)
	o.reopen()
	o.remindedAt(36 * time.Hour)
	_, err := o.ApplyEach(t.Context(), []migration.Key{key}, func(_ migration.Key, cur *migration.Migration) migration.Change {
		ev := cur.Event
		ev.Status, ev.ReadAt = migration.Canceled, o.now.Add(time.Minute)
		return withoutJobs(cur.Observe(ev, o.now))
	})
	if err != nil {
		t.Fatal(err)
	}
	if j, ok := o.reminder(); ok {
		t.Errorf("cancelled, and %s still waits for %s", j.ID, j.Due)
	}
	if n := o.Stats().Jobs[migration.JobRemind]; n != 0 {
		t.Errorf("%d reminders are counted", n)
	}
}

func TestARefusedDecisionMovesNoReminder(t *testing.T) {
	o := reminding(t, before(4*time.Hour))
	key := o.posted(48)
	_, err := o.Apply(t.Context(), key, "", func(cur *migration.Migration) (migration.Change, error) {
		cur.Event.NotBefore = start
		return migration.Change{Migration: cur}, errBoom
	})
	if !errors.Is(err, errBoom) {
		t.Fatal(err)
	}
	o.remindedAt(44 * time.Hour)
}

var errBoom = errors.New("boom")

func TestARunThatBeganIsRememberedWhileTheReminderStays(t *testing.T) {
	o := reminding(t, before(4*time.Hour))
	key := o.posted(48)
	o.now = start.Add(44 * time.Hour)
	job, _ := o.reminder()
	if _, err := o.Begin(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	// The bot crashed after the post; another change says the same again.
	_, err := o.Apply(t.Context(), key, "", func(cur *migration.Migration) (migration.Change, error) {
		return withoutJobs(cur.CardGone()), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if j, _ := o.reminder(); j.Attempts != 1 {
		t.Errorf("%d attempts: the next run would not look for what was posted", j.Attempts)
	}
	// Done, the next is a fresh one.
	o.policy.BeforeRun = append(o.policy.BeforeRun, time.Hour)
	o.reopen()
	begun, err := o.Begin(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Apply(t.Context(), key, "", func(cur *migration.Migration) (migration.Change, error) {
		r, ok := o.policy.Due(*cur, o.now)
		if !ok {
			t.Fatal("nothing is due")
		}
		c := cur.Reminded(migration.DefaultChecklists(), r, "U1", "", o.now)
		c.Done = []migration.Job{begun}
		return c, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	o.remindedAt(47 * time.Hour)
	if j, _ := o.reminder(); j.Attempts != 0 {
		t.Errorf("%d attempts of a job that has not run", j.Attempts)
	}
}

func TestAJobThatLostItsPointIsTakenAway(t *testing.T) {
	o := openTest(t)
	o.queue(job("a", "lane", time.Hour), job("b", "lane", 2*time.Hour))
	o.Begin(t.Context(), job("a", "lane", time.Hour))
	o.apply(event(1).Key, migration.Change{Drop: []string{"a", "never was"}, Jobs: []migration.Job{job("b", "lane", 2*time.Hour)}})
	if got := o.waiting(start.Add(3 * time.Hour)); len(got) != 1 || got[0] != "b" {
		t.Errorf("%v wait", got)
	}
}

func TestAnExactJobMovesBothWays(t *testing.T) {
	o := openTest(t)
	exact := func(due time.Duration) migration.Job {
		j := job("a", "lane", due)
		j.Exact = true
		return j
	}
	for _, due := range []time.Duration{2 * time.Hour, 5 * time.Hour, time.Hour, time.Hour} {
		o.queue(exact(due))
		if at := o.head(start.Add(24 * time.Hour)).Due; !at.Equal(start.Add(due)) {
			t.Errorf("due %s from the start, want %s", at.Sub(start), due)
		}
	}
}

func TestAnotherPolicyBringsWhatIsOpenInLine(t *testing.T) {
	o := reminding(t, before(4*time.Hour))
	key := o.posted(48)
	if n, err := o.FollowAll(t.Context(), "four"); n != 0 || err != nil {
		t.Errorf("%d, %v: all is in line", n, err)
	}
	o.policy = before(20*time.Hour, 4*time.Hour)
	o.reopen()
	o.remindedAt(44 * time.Hour)
	if n, err := o.FollowAll(t.Context(), "twenty"); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	o.remindedAt(28 * time.Hour)
	commits := o.Stats().Commits
	if n, err := o.FollowAll(t.Context(), "twenty"); n != 0 || err != nil || o.Stats().Commits != commits {
		t.Errorf("%d, %v, %d commits more: nothing had changed", n, err, o.Stats().Commits-commits)
	}
	o.policy = &migration.Policy{}
	o.reopen()
	if n, err := o.FollowAll(t.Context(), "none"); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, ok := o.reminder(); ok {
		t.Errorf("%s still waits", key)
	}
}

// The voucher of a migration that is done follows another policy too.
func TestAnotherPolicyReachesWhatIsDoneAndStillOwesAReminder(t *testing.T) {
	week := [7]bool{true, true, true, true, true, true, true}
	after := func(days int) *migration.Policy {
		return &migration.Policy{Voucher: days, Work: migration.Work{From: 9 * time.Hour, To: 18 * time.Hour, Days: week}}
	}
	o := reminding(t, after(7))
	key := o.posted(48)
	_, err := o.Apply(t.Context(), key, "", func(cur *migration.Migration) (migration.Change, error) {
		ev := cur.Event
		ev.Type, ev.Status, ev.FinishedAt, ev.ReadAt = "SystemUpgrade.Migrate", migration.Executed, start, o.now
		m := *withoutJobs(cur.Observe(ev, o.now)).Migration
		m.Acknowledged = &migration.Ack{By: "U1", When: o.now}
		return migration.Change{Migration: &m}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	due := func(days int) time.Duration {
		day := start.UTC().Truncate(24*time.Hour).AddDate(0, 0, days)
		return day.Add(9 * time.Hour).Sub(start)
	}
	o.remindedAt(due(7))
	o.policy = after(3)
	o.reopen()
	if n, err := o.FollowAll(t.Context(), "three days"); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	o.remindedAt(due(3))
	o.policy = after(0)
	o.reopen()
	if n, err := o.FollowAll(t.Context(), "never"); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if j, ok := o.reminder(); ok {
		t.Errorf("%s still waits for %s", j.ID, j.Due)
	}
}

func TestManyAreBroughtInLinePageByPage(t *testing.T) {
	o := openTest(t)
	const many = 1100
	for n := range many {
		m := migration.First(event(n+100), instance(n), "C1", start)
		m.Migration.Card.TS = "1.1"
		o.apply(event(n+100).Key, withoutJobs(m))
	}
	o.policy = before(4 * time.Hour)
	o.reopen()
	if n, err := o.FollowAll(t.Context(), "four"); n != many || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n := o.Stats().Jobs[migration.JobRemind]; n != many {
		t.Errorf("%d reminders wait", n)
	}
}
