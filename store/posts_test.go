package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"ecs-migrate/internal/migration"
)

func post(id string) migration.Post {
	return migration.Post{
		ID: id, Kind: migration.PostNotice, Channel: "C1", Keys: []migration.Key{event(1).Key}, Counts: map[string]int{"open": 3},
		Notice: &migration.Notice{Trouble: migration.TroubleDown, Account: "prod", Regions: []string{"cn-hangzhou"}, Since: start},
	}
}

// tell commits a change of a post whatever stands.
func (o *opened) tell(id string, c migration.PostChange) migration.Post {
	o.t.Helper()
	p, err := o.ApplyPost(o.t.Context(), id, "", func(*migration.Post) (migration.PostChange, error) { return c, nil })
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

func TestAPostIsKeptWithTheJobThatPostsIt(t *testing.T) {
	s := openTest(t)
	berlin := time.FixedZone("", 7200)
	told := s.tell("notice/a", migration.BeginPost(post("notice/a"), start.In(berlin)))
	s.reopen()

	want := post("notice/a")
	want.Generation, want.Begun, want.ChangedAt = 1, start, start
	if d := gocmp.Diff(want, told); d != "" {
		t.Errorf("told %s", d)
	}
	got, ok, err := s.Post(t.Context(), "notice/a")
	if d := gocmp.Diff(want, got); d != "" || !ok || err != nil {
		t.Errorf("ok %v, err %v, %s", ok, err, d)
	}
	job := s.head(start)
	if job.Kind != migration.JobPost || job.Post != "notice/a" || job.Lane != migration.SlackLane("C1") {
		t.Errorf("job %+v", job)
	}
	done := got.Posted("1.2")
	done.Done = []migration.Job{job}
	if p := s.tell("notice/a", done); p.TS != "1.2" {
		t.Errorf("posted %+v", p)
	}
	if w := s.waiting(start.Add(time.Hour)); len(w) != 0 {
		t.Errorf("%v wait", w)
	}
}

func TestADecisionOnAPostSeesWhatStandsAndMayCommitNothing(t *testing.T) {
	s := openTest(t)
	s.tell("a", migration.BeginPost(post("a"), start))
	commits := s.Stats().Commits
	no := errors.New("no")
	got, err := s.ApplyPost(t.Context(), "a", "", func(cur *migration.Post) (migration.PostChange, error) {
		if cur == nil || cur.ID != "a" {
			t.Errorf("stands %+v", cur)
		}
		return cur.Deleted(), no
	})
	if !errors.Is(err, no) || got.Gone {
		t.Errorf("got %+v, %v", got, err)
	}
	if n := s.Stats().Commits; n != commits {
		t.Errorf("%d commits for nothing", n-commits)
	}
	for range 2 {
		_, err = s.ApplyPost(t.Context(), "b", "env", func(cur *migration.Post) (migration.PostChange, error) {
			if cur != nil {
				t.Errorf("stands %+v", cur)
			}
			return migration.BeginPost(post("b"), start), nil
		})
	}
	if !errors.Is(err, migration.ErrTwice) {
		t.Errorf("the second time: %v", err)
	}
	if _, err := s.ApplyPost(t.Context(), "c", "", func(*migration.Post) (migration.PostChange, error) {
		return migration.BeginPost(post("d"), start), nil
	}); err == nil {
		t.Error("a change of another post was committed")
	}
}

func TestANoticeOfTroubleThatIsNotOverIsNeverForgotten(t *testing.T) {
	s := openTest(t)
	told := func(id string, healed time.Time) {
		p := post(id)
		p.Kind, p.Notice = migration.PostNotice, &migration.Notice{Trouble: migration.TroubleDown, Since: start, Healed: healed}
		s.tell(id, migration.BeginPost(p, start))
	}
	for n := range 10 { // more than are forgotten at once
		told(fmt.Sprintf("open/%d", n), time.Time{})
	}
	told("over", start.Add(time.Hour))
	s.now = start.Add(61 * 24 * time.Hour)
	s.tell("new", migration.BeginPost(post("new"), s.now))
	if open, err := s.Posts(t.Context(), "open/"); len(open) != 10 || err != nil {
		t.Errorf("%d open notices are known, %v", len(open), err)
	}
	if _, ok, err := s.Post(t.Context(), "over"); ok || err != nil {
		t.Errorf("the one that is over is still known: %v, %v", ok, err)
	}
}

func TestPostsAreFoundByTheirBeginningAndTheOldOnesForgotten(t *testing.T) {
	s := openTest(t)
	for n := range 20 {
		p := post(fmt.Sprintf("old/%02d", n))
		p.Notice.Healed = start.Add(time.Hour)
		s.tell(p.ID, migration.BeginPost(p, start.Add(time.Duration(n))))
	}
	all, err := s.Posts(t.Context(), "old/1")
	if len(all) != 10 || err != nil || all[0].ID != "old/10" || all[9].ID != "old/19" {
		t.Errorf("%d posts, %v", len(all), err)
	}
	s.now = start.Add(61 * 24 * time.Hour)
	for n := range 3 {
		s.tell(fmt.Sprintf("new/%d", n), migration.BeginPost(post(fmt.Sprintf("new/%d", n)), s.now))
		if old, _ := s.Posts(t.Context(), "old/"); len(old) != max(0, 20-8*(n+1)) {
			t.Errorf("%d old posts after %d new ones", len(old), n+1)
		}
	}
	if fresh, _ := s.Posts(t.Context(), "new/"); len(fresh) != 3 {
		t.Errorf("%d new posts", len(fresh))
	}
}
