package migration_test

import (
	"fmt"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

// queued is the one reading of the kind among the jobs, nil where there is none.
func queued(t *testing.T, c migration.Change, r migration.Reading) *migration.Job {
	t.Helper()
	var found *migration.Job
	for i, j := range c.Jobs {
		if j.Kind == migration.JobFacts && j.Reading == r {
			if found != nil {
				t.Fatalf("%s is queued twice", r)
			}
			found = &c.Jobs[i]
		}
	}
	return found
}

func job(m migration.Migration, r migration.Reading, try int) migration.Job {
	return migration.Job{ID: "facts/" + string(r) + "/" + key.String(), Kind: migration.JobFacts, Key: key, Reading: r, Try: try}
}

func TestReadingsAreQueuedWithWhatCausesThem(t *testing.T) {
	c := migration.First(event(), oldNet(), "C1", now)
	if j := queued(t, c, migration.ReadFirst); j == nil || !j.Due.Equal(now) || j.Lane != "facts/prod/cn-hangzhou" || !j.Facts() || j.Cloud() {
		t.Errorf("first: %+v", j)
	}
	if j := queued(t, c, migration.ReadBefore); j == nil || !j.Due.Equal(deadline.Add(-15*time.Minute)) {
		t.Errorf("before: %+v", j)
	}
	m := *c.Migration

	later := read(now)
	moved := m.Observe(event(later, planned(now.Add(24*time.Hour))), now)
	if j := queued(t, moved, migration.ReadBefore); j == nil || !j.Due.Equal(now.Add(24*time.Hour-15*time.Minute)) || !j.Exact {
		t.Errorf("moved: %+v", j)
	}
	if queued(t, moved, migration.ReadFirst) != nil || queued(t, moved, migration.ReadAfter) != nil {
		t.Error("a moved run is no reason for another reading")
	}

	runs := m.Observe(event(later, status(migration.Executing)), now)
	if m := runs.Migration; m.Before == nil || m.Before.Name != "web-01" || queued(t, runs, migration.ReadAfter) != nil {
		t.Errorf("executing: before %v, jobs %v", m.Before, runs.Jobs)
	}
	for _, s := range []migration.Status{migration.Executed, migration.Failed} {
		over := m.Observe(event(later, status(s)), now)
		if j := queued(t, over, migration.ReadAfter); j == nil || !j.Due.Equal(now) || over.Migration.Before == nil {
			t.Errorf("%s: %+v", s, j)
		}
	}
	for _, s := range []migration.Status{migration.Canceled, migration.Avoided} {
		if over := m.Observe(event(later, status(s)), now); queued(t, over, migration.ReadAfter) != nil || over.Migration.Before != nil {
			t.Errorf("%s is read after a run that never was", s)
		}
	}
	waits := event(status(migration.Inquiring), planned(time.Time{}))
	asked := migration.First(waits, oldNet(), "C1", now)
	if queued(t, asked, migration.ReadBefore) != nil || queued(t, asked, migration.ReadFirst) == nil {
		t.Errorf("inquiring: %v", asked.Jobs)
	}
	scheduled := asked.Migration.Observe(event(later), now)
	if queued(t, scheduled, migration.ReadBefore) == nil {
		t.Error("an event that gets its time is not read before it")
	}
}

// What was read while the event ran already tells no status from before it.
func TestAReadingMidRunTellsNoStatusOfBefore(t *testing.T) {
	m := first(event(planned(now.Add(-time.Minute))))
	m.Instance = oldNet(func(i *migration.Instance) { i.Status, i.ReadAt = "Stopped", now })
	c := m.Observe(event(read(now), planned(now.Add(-time.Minute)), status(migration.Executed)), now)
	if b := c.Migration.Before; b == nil || b.Status != "" || b.Zone == "" {
		t.Errorf("before: %+v", b)
	}
	m.Instance.ReadAt = now.Add(-time.Hour)
	c = m.Observe(event(read(now), planned(now.Add(-time.Minute)), status(migration.Executed)), now)
	if b := c.Migration.Before; b == nil || b.Status != "Stopped" {
		t.Errorf("before: %+v", b)
	}
}

func TestTheFirstReadingIsTakenInAndTriedAgainForWhatItLacks(t *testing.T) {
	m := *migration.First(event(), migration.Instance{ID: "i-1"}, "C1", now).Migration
	m.Card.TS = "1.1"
	hidden := &migration.Refusal{Kind: migration.NotTold, Action: "ecs:DescribeDisks"}
	bare := oldNet(func(i *migration.Instance) { i.Disks, i.DisksAt, i.SnapshotsAt = nil, time.Time{}, time.Time{} })

	c := m.Took(job(m, migration.ReadFirst, 0), bare, hidden, now)
	if !c.Migration.Instance.Known() || c.Migration.Instance.DisksKnown() || c.Migration.Unread == nil || c.Migration.Unread.Why.Kind != migration.NotTold {
		t.Errorf("instance %+v, unread %v", c.Migration.Instance, c.Migration.Unread)
	}
	again := queued(t, c, migration.ReadFirst)
	if again == nil || again.Try != 1 || !again.Due.Equal(now.Add(time.Minute)) || len(c.Done) != 1 || len(c.Entries) != 0 {
		t.Fatalf("again %+v, done %v, entries %v", again, c.Done, c.Entries)
	}
	for try, want := range map[int]time.Duration{1: 2 * time.Minute, 5: 32 * time.Minute, 6: time.Hour, 40: time.Hour} {
		if j := queued(t, m.Took(job(m, migration.ReadFirst, try), bare, hidden, now), migration.ReadFirst); j == nil || j.Due.Sub(now) != want {
			t.Errorf("after try %d: %+v, want it in %v", try, j, want)
		}
	}
	if j := queued(t, m.Took(job(m, migration.ReadFirst, 47), bare, hidden, now), migration.ReadFirst); j != nil {
		t.Errorf("tried for ever: %+v", j)
	}

	whole := c.Migration.Took(*again, oldNet(), nil, now)
	if m := whole.Migration; !m.Instance.DisksKnown() || m.Unread != nil || m.Before != nil || queued(t, whole, migration.ReadFirst) != nil {
		t.Errorf("%+v", m)
	}
	if n := len(whole.Jobs); n != 1 || whole.Jobs[0].Kind != migration.JobTick {
		t.Errorf("a card that stands is drawn again without news: %v", whole.Jobs)
	}
	m.Card.TS = ""
	if c := m.Took(job(m, migration.ReadFirst, 0), oldNet(), nil, now); len(c.Jobs) != 0 {
		t.Errorf("a card that is not posted yet: %v", c.Jobs)
	}
}

func TestAPoorerReadingKeepsWhatWasKnownOfTheDisks(t *testing.T) {
	m := first(event())
	m.Instance = oldNet(func(i *migration.Instance) {
		i.Disks[0].Snapshot = &migration.Snapshot{ID: "s-1", At: now}
	})
	at := deadline.Add(-15 * time.Minute)
	poor := oldNet(func(i *migration.Instance) {
		i.Name, i.Disks, i.DisksAt, i.DiskGiB = "renamed", nil, time.Time{}, 0
	})
	why := &migration.Refusal{Kind: migration.Unreachable}
	got := m.Took(job(m, migration.ReadBefore, 0), poor, why, at).Migration
	if b := got.Before; b == nil || b.Name != "renamed" || b.DiskGiB != 100 || len(b.Disks) != 2 || b.Disks[0].Snapshot == nil {
		t.Errorf("before: %+v", b)
	}
	noSnapshots := oldNet(func(i *migration.Instance) { i.SnapshotsAt = time.Time{} })
	if got := m.Took(job(m, migration.ReadBefore, 0), noSnapshots, why, at).Migration; got.Instance.Disks[0].Snapshot == nil || got.Instance.SnapshotsAt.IsZero() {
		t.Errorf("snapshots: %+v", got.Instance.Disks)
	}
	if got := m.Took(job(m, migration.ReadBefore, 0), migration.Instance{}, why, at).Migration; got.Before != nil || !got.Instance.Known() || got.Unread == nil {
		t.Errorf("nothing read: %+v", got)
	}
}

// A bot that was down, or a poll that is late, reads when the run has begun: that
// is not what the instance was.
func TestAReadingThatCameTooLateIsNoReadingBefore(t *testing.T) {
	m := first(event())
	m.Instance = oldNet(func(i *migration.Instance) {
		i.Disks, i.DisksAt, i.DiskGiB, i.SnapshotsAt = nil, time.Time{}, 0, time.Time{}
	})
	half := oldNet(vpc, func(i *migration.Instance) { i.Status, i.ReadAt = "Stopped", deadline })
	if c := m.Took(job(m, migration.ReadBefore, 0), half, nil, deadline.Add(time.Second)); c.Migration != nil || len(c.Jobs) != 0 || len(c.Done) != 1 {
		t.Errorf("right before: %+v", c)
	}
	if c := m.Took(job(m, migration.ReadBefore, 3), migration.Instance{}, &migration.Refusal{Kind: migration.Unreachable}, deadline); c.Migration != nil || len(c.Jobs) != 0 {
		t.Errorf("nothing read and too late: %+v", c)
	}
	c := m.Took(job(m, migration.ReadFirst, 0), half, nil, deadline.Add(time.Second))
	if i := c.Migration.Instance; i.Status != "Running" || !i.Classic() || i.DiskGiB != 100 || !i.DisksKnown() {
		t.Errorf("first, with the disks that were never known: %+v", i)
	}
	early := m
	early.Event.Status = migration.Executing // before its time
	if i := early.Took(job(m, migration.ReadFirst, 0), oldNet(vpc), nil, now).Migration.Instance; !i.Classic() {
		t.Errorf("first, mid-run: %+v", i)
	}
	early.Instance = migration.Instance{ID: "i-1"}
	if i := early.Took(job(m, migration.ReadFirst, 0), oldNet(vpc), nil, now).Migration.Instance; !i.Known() {
		t.Error("what is not known at all is taken as it is")
	}
	ok := half
	ok.ReadAt = deadline.Add(-time.Second)
	if c := m.Took(job(m, migration.ReadBefore, 0), ok, nil, deadline.Add(time.Second)); c.Migration == nil || c.Migration.Before == nil {
		t.Error("read in time and taken in a moment later")
	}
}

func TestAReadingThatBecamePointlessIsDropped(t *testing.T) {
	m := first(event())
	m.Instance = oldNet()
	over := m
	over.Event.Status = migration.Executed
	taken := over
	taken.After = &migration.Instance{}
	running := m
	running.Event.Status = migration.Executing
	for name, c := range map[string]struct {
		m migration.Migration
		r migration.Reading
	}{
		"first, once over": {over, migration.ReadFirst}, "before, once it runs": {running, migration.ReadBefore},
		"before, once over": {over, migration.ReadBefore}, "after, a second time": {taken, migration.ReadAfter},
		"after, before the end": {running, migration.ReadAfter},
	} {
		got := c.m.Took(job(c.m, c.r, 0), oldNet(), nil, now)
		if got.Migration != nil || len(got.Jobs)+len(got.Entries) != 0 || len(got.Done) != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	early := m.Took(job(m, migration.ReadBefore, 3), migration.Instance{}, nil, now)
	if j := queued(t, early, migration.ReadBefore); j == nil || j.Try != 0 || !j.Due.Equal(deadline.Add(-15*time.Minute)) || early.Migration != nil {
		t.Errorf("a run that was moved to later: %+v", early)
	}
}

func TestTheReadingAfterTheRunIsToldOnce(t *testing.T) {
	ran := func(edit ...func(*migration.Migration)) migration.Migration {
		m := first(event())
		m.Instance = oldNet()
		m = *m.Observe(event(read(now), status(migration.Executed)), now).Migration
		for _, e := range edit {
			e(&m)
		}
		return m
	}
	stopped := func(i *migration.Instance) { i.Status = "Stopped" }
	noDisks := func(i *migration.Instance) { i.Disks, i.DisksAt = nil, time.Time{} }
	away := &migration.Refusal{Kind: migration.Unreachable}
	denied := &migration.Refusal{Kind: migration.NotPermitted, Action: "ecs:DescribeInstances"}
	wasStopped := func(m *migration.Migration) { b := oldNet(stopped); m.Before = &b }
	stop := func(m *migration.Migration) { m.Event.Type = "SystemMaintenance.Stop" }
	for name, c := range map[string]struct {
		m     migration.Migration
		got   migration.Instance
		why   *migration.Refusal
		tries int // until it is told
		want  migration.Outcome
	}{
		"as before":                 {ran(), oldNet(), nil, 1, migration.OutcomeSame},
		"moved":                     {ran(), oldNet(vpc), nil, 1, migration.OutcomeChanged},
		"not running":               {ran(), oldNet(stopped), nil, 15, migration.OutcomeStopped},
		"not running, disks unread": {ran(), oldNet(stopped, noDisks), away, 15, migration.OutcomeStopped},
		"stopped as before":         {ran(wasStopped), oldNet(stopped), nil, 1, migration.OutcomeSame},
		"stopped by the event":      {ran(stop), oldNet(stopped), nil, 1, migration.OutcomeChanged},
		"disks unread":              {ran(), oldNet(noDisks), away, 3, migration.OutcomeSame},
		"unreachable":               {ran(), migration.Instance{}, away, 15, migration.OutcomeUnread},
		"not permitted":             {ran(), migration.Instance{}, denied, 3, migration.OutcomeUnread},
		"nothing was known before":  {ran(func(m *migration.Migration) { m.Before = nil }), oldNet(), nil, 1, migration.OutcomeAlone},
	} {
		m, at := c.m, now
		for try := range 20 {
			j := job(m, migration.ReadAfter, try)
			change := m.Took(j, c.got, c.why, at)
			if len(change.Done) != 1 {
				t.Fatalf("%s: the job is not done", name)
			}
			again := queued(t, change, migration.ReadAfter)
			if again != nil {
				if len(change.Entries) != 0 || again.Try != try+1 || !again.Due.Equal(at.Add(time.Minute)) || try+1 >= c.tries {
					t.Fatalf("%s: try %d: %+v, entries %v", name, try, again, change.Entries)
				}
				m, at = *change.Migration, again.Due
				continue
			}
			if try+1 != c.tries || len(change.Entries) != 1 || change.Entries[0].News.Kind != migration.NewsFactsAfter || change.Entries[0].News.Outcome != c.want {
				t.Fatalf("%s: told at try %d: %+v", name, try+1, change.Entries)
			}
			if (change.Migration.After != nil) != c.got.Known() {
				t.Errorf("%s: after %v", name, change.Migration.After)
			}
			if lines := len(change.Jobs); lines != 2 { // the card and the line
				t.Errorf("%s: jobs %v", name, change.Jobs)
			}
			break
		}
	}
}

func TestFactsAreTheLatestReading(t *testing.T) {
	m := first(event())
	m.Instance = oldNet()
	if got := m.Facts(); got.Classic() != true {
		t.Error(fmt.Sprint("before: ", got))
	}
	after := oldNet(vpc)
	m.After = &after
	if got := m.Facts(); got.Classic() || !m.Instance.Classic() {
		t.Error(fmt.Sprint("after: ", got))
	}
}
