package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

func job(id, lane string, due time.Duration) migration.Job {
	return migration.Job{ID: id, Lane: lane, Kind: migration.JobCard, Key: event(1).Key, Due: start.Add(due)}
}

// queue commits jobs with no migration of their own.
func (o *opened) queue(jobs ...migration.Job) {
	o.t.Helper()
	o.apply(event(1).Key, migration.Change{Jobs: jobs})
}

func (o *opened) done(jobs ...migration.Job) {
	o.t.Helper()
	o.apply(event(1).Key, migration.Change{Done: jobs})
}

// head is the one due head.
func (o *opened) head(at time.Time) migration.Job {
	o.t.Helper()
	due, _, err := o.Heads(o.t.Context(), at)
	if err != nil || len(due) != 1 {
		o.t.Fatalf("heads %v, %v", ids(due), err)
	}
	return due[0]
}

func TestHeadsAreTheFirstOfEachLane(t *testing.T) {
	s := openTest(t)
	s.queue(
		job("late", "a", 3*time.Hour), job("second", "a", 0), job("first", "a", -time.Second), job("third", "a", 0),
		job("other", "ab", time.Hour), job("nul", "a\x00", -time.Hour), job("far", "z", 30*time.Hour))
	s.reopen()

	due, next, err := s.Heads(t.Context(), start)
	if got, want := ids(due), []string{"nul", "first"}; !slices.Equal(got, want) || err != nil {
		t.Errorf("due %v, want %v, err %v", got, want, err)
	}
	if want := start.Add(time.Hour); !next.Equal(want) {
		t.Errorf("next %v, want %v", next, want)
	}
	// The lane goes on in order of Due, then of queueing.
	var order []string
	for range 4 {
		due, _, _ = s.Heads(t.Context(), start.Add(24*time.Hour))
		i := slices.IndexFunc(due, func(j migration.Job) bool { return j.Lane == "a" })
		order = append(order, due[i].ID)
		s.done(due[i])
	}
	if want := []string{"first", "second", "third", "late"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	if due, next, _ := s.Heads(t.Context(), start.Add(-2*time.Hour)); len(due) != 0 || !next.Equal(start.Add(-time.Hour)) {
		t.Errorf("before anything is due: %v, next %v", ids(due), next)
	}
}

func TestNothingWaitsAtFirst(t *testing.T) {
	s := openTest(t)
	if due, next, err := s.Heads(t.Context(), start); len(due) != 0 || !next.IsZero() || err != nil {
		t.Errorf("due %v, next %v, err %v", due, next, err)
	}
}

func TestALaneWaitsWithItsHead(t *testing.T) {
	s := openTest(t)
	s.queue(job("a", "lane", 0), job("b", "lane", 0))
	begun, err := s.Begin(t.Context(), s.head(start))
	if err != nil || begun.Attempts != 1 {
		t.Fatalf("begun %+v, %v", begun, err)
	}
	again := start.Add(time.Minute)
	if err := s.Retry(t.Context(), begun, again, "slack is down"); err != nil {
		t.Fatal(err)
	}
	s.reopen()

	if due, next, _ := s.Heads(t.Context(), again.Add(-1)); len(due) != 0 || !next.Equal(again) {
		t.Errorf("due %v, next %v", ids(due), next)
	}
	head := s.head(again)
	if head.ID != "a" || head.Attempts != 1 || head.LastErr != "slack is down" || !head.RetryAt.Equal(again) {
		t.Errorf("head %+v", head)
	}
	if begun, err = s.Begin(t.Context(), head); begun.Attempts != 2 || err != nil {
		t.Errorf("begun %+v, %v", begun, err)
	}
	// A run that did nothing is given back.
	begun.Attempts--
	if err := s.Retry(t.Context(), begun, again, "slow down"); err != nil {
		t.Fatal(err)
	}
	if head = s.head(again); head.Attempts != 1 {
		t.Errorf("%d attempts after one was given back, want 1", head.Attempts)
	}
	s.done(begun)
	if got := s.head(start).ID; got != "b" {
		t.Errorf("then %s", got)
	}
}

func TestAJobQueuedAgainKeepsItsPlaceAndOutlivesTheEndOfTheEarlierRun(t *testing.T) {
	s := openTest(t)
	line := job("a", "lane", 0)
	line.News, line.Line, line.Revision = &migration.News{Kind: migration.NewsKept}, 1, 1
	s.queue(line, job("b", "lane", 0))
	begun, err := s.Begin(t.Context(), s.head(start))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Retry(t.Context(), begun, start.Add(time.Second), "x"); err != nil {
		t.Fatal(err)
	}
	line.Due, line.News, line.Line, line.Revision = start.Add(time.Hour), &migration.News{Kind: migration.NewsMoved}, 2, 2
	s.queue(line)

	head := s.head(start.Add(time.Second))
	if head.ID != "a" || !head.Due.Equal(start) || head.News.Kind != migration.NewsMoved || head.Line != 2 || head.Revision != 2 {
		t.Errorf("head %+v", head)
	}
	if head.Rev <= begun.Rev || head.Attempts != 1 || head.LastErr != "x" {
		t.Errorf("head %+v after the run %+v", head, begun)
	}
	// The run that began before the second queueing ends: the job stays, fresh.
	s.done(begun)
	fresh := s.head(start)
	if fresh.ID != "a" || fresh.Attempts != 0 || fresh.LastErr != "" || !fresh.RetryAt.IsZero() || fresh.Rev != head.Rev {
		t.Errorf("fresh %+v", fresh)
	}
	s.done(fresh)
	if got := s.head(start).ID; got != "b" {
		t.Errorf("then %s", got)
	}
}

func TestAJobMovesToAnEarlierTimeOrAnotherLane(t *testing.T) {
	s := openTest(t)
	s.queue(job("a", "lane", 2*time.Hour), job("b", "lane", time.Hour))
	s.queue(job("a", "lane", 0))
	if got := s.head(start).ID; got != "a" {
		t.Errorf("head %s", got)
	}
	moved := job("a", "elsewhere", 0)
	moved.Kind = migration.JobTick
	s.queue(moved)
	if got, want := s.waiting(start.Add(time.Hour)), []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("heads %v, want %v", got, want)
	}
	if got := s.Stats().Jobs; got[migration.JobCard] != 1 || got[migration.JobTick] != 1 {
		t.Errorf("counts %v", got)
	}
}

// A card's update queues the next one for later in the commit that ends it.
func TestAJobMayQueueItselfAnewAsItEnds(t *testing.T) {
	s := openTest(t)
	s.queue(job("tick", "lane", 0))
	begun, _ := s.Begin(t.Context(), s.head(start))
	s.apply(event(1).Key, migration.Change{Done: []migration.Job{begun}, Jobs: []migration.Job{job("tick", "lane", time.Hour)}})
	if due, next, _ := s.Heads(t.Context(), start); len(due) != 0 || !next.Equal(start.Add(time.Hour)) {
		t.Errorf("due %v, next %v", ids(due), next)
	}
	// An end that is told once more is one of the earlier job.
	s.done(begun)
	if head := s.head(start.Add(time.Hour)); head.Attempts != 0 {
		t.Errorf("head %+v", head)
	}
}

func TestAJobThatIsGone(t *testing.T) {
	s := openTest(t)
	gone := job("gone", "lane", 0)
	s.queue(gone)
	gone = s.head(start)
	s.done(gone)
	if _, err := s.Begin(t.Context(), gone); err != migration.ErrNoJob {
		t.Errorf("begin: %v", err)
	}
	if err := s.Retry(t.Context(), gone, start, ""); err != migration.ErrNoJob {
		t.Errorf("retry: %v", err)
	}
	s.done(gone)
	if got := s.Stats().Jobs[migration.JobCard]; got != 0 {
		t.Errorf("%d jobs", got)
	}
}

func TestWakeTellsOfJobsAfterTheyAreCommitted(t *testing.T) {
	s := openTest(t)
	woken := func() bool {
		select {
		case <-s.Wake():
			return true
		default:
			return false
		}
	}
	if woken() {
		t.Error("woken by nothing")
	}
	s.announce(event(1), instance(1))
	s.announce(event(2), instance(2))
	if !woken() || woken() {
		t.Error("two commits should wake once")
	}
	for what, c := range map[string]struct {
		change migration.Change
		want   bool
	}{
		"a job ended":     {migration.Change{Done: []migration.Job{migration.Migration{Event: event(1)}.CardJob(start)}}, true},
		"nothing of jobs": {migration.Change{Entries: []migration.Entry{{Key: event(1).Key}}}, false},
	} {
		s.apply(event(1).Key, c.change)
		if got := woken(); got != c.want {
			t.Errorf("%s: woken %v", what, got)
		}
	}
	_, err := s.Apply(t.Context(), event(1).Key, "", func(*migration.Migration) (migration.Change, error) {
		return migration.Change{Jobs: []migration.Job{job("x", "l", 0)}}, errors.New("no")
	})
	if err == nil || woken() {
		t.Errorf("woken by a refused change, err %v", err)
	}
	changed, err := s.ApplyEach(t.Context(), []migration.Key{event(3).Key}, func(migration.Key, *migration.Migration) migration.Change {
		return migration.First(event(3), instance(3), "C1", start)
	})
	if changed != 1 || err != nil || !woken() {
		t.Errorf("not woken by a page, changed %d, err %v", changed, err)
	}
}

func TestTheOldestDueGoFirstWhateverTheirLane(t *testing.T) {
	s := openTest(t)
	var want []string
	for i := range 30 {
		id := fmt.Sprintf("j%02d", i)
		s.queue(job(id, fmt.Sprintf("lane-%02d", (i*7)%30), time.Duration(i/3)*time.Second))
		want = append(want, id)
	}
	if got := s.waiting(start.Add(time.Hour)); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestNewsGoBeforeTicksThatAreDue(t *testing.T) {
	s := openTest(t)
	tick := job("tick", "lane", 0)
	tick.Kind = migration.JobTick
	s.queue(tick, job("news", "lane", time.Minute), job("reminder", "lane", time.Hour))
	for _, c := range []struct {
		at   time.Duration
		want string
	}{{0, "tick"}, {time.Minute, "news"}} {
		if got := s.head(start.Add(c.at)).ID; got != c.want {
			t.Errorf("after %v the head is %s, want %s", c.at, got, c.want)
		}
	}
	if lane, late, err := s.Overdue(t.Context(), start.Add(3*time.Minute)); err != nil || late != 2*time.Minute || lane != "lane" {
		t.Errorf("lane %q overdue by %v, %v; want the 2 min of the news", lane, late, err)
	}
}

func TestNewsOvertakeAnnouncementsWhichGoByDeadline(t *testing.T) {
	s := openTest(t)
	announce := func(id string, deadline time.Time) migration.Job {
		j := job(id, "lane", 0)
		j.Announces, j.Deadline = true, deadline
		return j
	}
	tick := job("tick", "lane", -time.Hour)
	tick.Kind = migration.JobTick
	s.queue(tick, announce("never", time.Time{}), announce("late", start.Add(9*time.Hour)), announce("soon", start.Add(time.Hour)))
	s.queue(job("line", "lane", time.Minute), job("far", "lane", time.Hour))

	// Somebody acts on the late one: it waits no longer.
	acted := job("late", "lane", 2*time.Minute)
	s.queue(acted)
	s.reopen()
	var order []string
	for range 5 {
		head := s.head(start.Add(3 * time.Minute))
		order = append(order, head.ID)
		s.done(head)
	}
	if want := []string{"late", "line", "soon", "never", "tick"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	if due, next, _ := s.Heads(t.Context(), start.Add(3*time.Minute)); len(due) != 0 || !next.Equal(start.Add(time.Hour)) {
		t.Errorf("then %v, next %v", ids(due), next)
	}
}

func TestWhatWaitsItsTurnIsNotLate(t *testing.T) {
	s := openTest(t)
	announcement, tick := job("card", "a", 0), job("tick", "b", 0)
	announcement.Announces = true
	tick.Kind = migration.JobTick
	s.queue(announcement, tick)
	late := func(at time.Duration) (string, time.Duration) {
		lane, by, err := s.Overdue(t.Context(), start.Add(at))
		if err != nil {
			t.Fatal(err)
		}
		return lane, by
	}
	if lane, by := late(time.Hour); by != 0 {
		t.Errorf("%s is late by %v", lane, by)
	}
	for at, want := range map[time.Duration]bool{0: false, time.Hour: true} {
		if owing, err := s.Owing(t.Context(), start.Add(at)); owing != want || err != nil {
			t.Errorf("after %v jobs are due: %v, %v", at, owing, err)
		}
	}
	s.now = start.Add(time.Hour)
	begun, err := s.Begin(t.Context(), announcement)
	if err != nil {
		t.Fatal(err)
	}
	if lane, by := late(2 * time.Hour); lane != "a" || by != time.Hour {
		t.Errorf("%q is late by %v, want a by its run's hour", lane, by)
	}
	// A run that did nothing is given back.
	begun.Attempts--
	if err := s.Retry(t.Context(), begun, start, "slow down"); err != nil {
		t.Fatal(err)
	}
	if lane, by := late(2 * time.Hour); by != 0 {
		t.Errorf("%s is late by %v", lane, by)
	}
}

func TestGatheringChangesOnlyCardsThatWereNotPosted(t *testing.T) {
	s := openTest(t)
	s.announce(event(1), instance(1))
	posted := s.announce(event(2), instance(2))
	s.apply(event(2).Key, posted.Posted("1.2", "", 1, start))
	over := post("overview/C1/1")
	c := migration.BeginPost(over, start)
	c.Gather = []migration.Key{event(1).Key, event(2).Key, event(3).Key}
	s.tell(over.ID, c)
	s.reopen()
	all, err := s.Migrations(t.Context(), c.Gather)
	if len(all) != 2 || err != nil || all[0].Card.Overview != over.ID || all[1].Card.Overview != "" {
		t.Errorf("%+v, %v", all, err)
	}
}
