package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecs-migrate/internal/migration"
)

func TestAChangeIsCommittedWholeAndOutlivesARestart(t *testing.T) {
	s := openTest(t)
	ev := event(1)
	want := s.announce(ev, instance(1))
	s.reopen()

	got, ok, err := s.Migration(t.Context(), ev.Key)
	if err != nil || !ok {
		t.Fatalf("ok %v, err %v", ok, err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got, want := s.waiting(start), []string{"card/prod/cn-hangzhou/e-000001", "facts/first/prod/cn-hangzhou/e-000001"}; !reflect.DeepEqual(got, want) {
		t.Errorf("jobs %v, want %v", got, want)
	}
	history, err := s.History(t.Context(), ev.Key)
	if err != nil || len(history) != 1 || history[0].News.Kind != migration.NewsAnnounced {
		t.Errorf("history %+v, %v", history, err)
	}
	stats := s.Stats()
	if stats.Migrations != 1 || stats.Open != 1 || stats.Jobs[migration.JobCard] != 1 || stats.Commits != 0 {
		t.Errorf("stats %+v", stats)
	}
}

func TestAnErrorOfTheDecisionIsReturnedAsItIsAndCommitsNothing(t *testing.T) {
	s := openTest(t)
	m := s.announce(event(1), instance(1))
	commits := s.Stats().Commits
	rule := &migration.RuleError{Rule: migration.RulePast}
	got, err := s.Apply(t.Context(), m.Key(), "env-1", func(cur *migration.Migration) (migration.Change, error) {
		change, _ := cur.Keep(migration.Decision{By: "U1", Now: start, Seen: migration.SeenAny})
		return change, rule
	})
	if err != error(rule) || !reflect.DeepEqual(got, m) {
		t.Errorf("migration %+v, err %v", got, err)
	}
	if n := s.Stats().Commits; n != commits {
		t.Errorf("%d commits more", n-commits)
	}
	// The envelope may be carried out yet.
	ran := false
	if _, err := s.Apply(t.Context(), m.Key(), "env-1", func(*migration.Migration) (migration.Change, error) {
		ran = true
		return migration.Change{}, nil
	}); err != nil || !ran {
		t.Errorf("ran %v, err %v", ran, err)
	}
}

func TestAnEnvelopeIsCarriedOutOnce(t *testing.T) {
	s := openTest(t)
	m := s.announce(event(1), instance(1))
	keep := func(cur *migration.Migration) (migration.Change, error) {
		return cur.Keep(migration.Decision{By: "U1", Now: start, Via: migration.ViaButton, Seen: migration.SeenAny})
	}
	first, err := s.Apply(t.Context(), m.Key(), "env-1", keep)
	if err != nil {
		t.Fatal(err)
	}
	s.reopen()
	again, err := s.Apply(t.Context(), m.Key(), "env-1", func(*migration.Migration) (migration.Change, error) {
		t.Error("carried out twice")
		return migration.Change{}, nil
	})
	if !errors.Is(err, migration.ErrTwice) || !reflect.DeepEqual(again, first) {
		t.Errorf("migration %+v, err %v", again, err)
	}
	// An unknown migration has nothing to return but the answer.
	ghost := migration.Key{Account: "a", Region: "r", EventID: "e"}
	nothing := func(*migration.Migration) (migration.Change, error) { return migration.Change{}, nil }
	if _, err := s.Apply(t.Context(), ghost, "env-2", nothing); err != nil {
		t.Fatal(err)
	}
	if m, err := s.Apply(t.Context(), ghost, "env-2", nothing); !errors.Is(err, migration.ErrTwice) || !reflect.DeepEqual(m, migration.Migration{}) {
		t.Errorf("migration %+v, err %v", m, err)
	}
}

func TestEnvelopesAreForgottenAfterADayAFewAtATime(t *testing.T) {
	s := openTest(t)
	key := event(1).Key
	carry := func(id string) error {
		_, err := s.Apply(t.Context(), key, id, func(*migration.Migration) (migration.Change, error) { return migration.Change{}, nil })
		return err
	}
	for i := range 20 {
		if err := carry(fmt.Sprintf("old-%02d", i)); err != nil {
			t.Fatal(err)
		}
		s.now = s.now.Add(time.Second)
	}
	s.now = start.Add(24 * time.Hour) // old-00 is a day old to the second
	for _, id := range []string{"new-1", "old-00"} {
		if err := carry(id); (err != nil) != (id == "old-00") {
			t.Errorf("a day later, %s: %v", id, err)
		}
	}
	s.now = s.now.Add(time.Hour)
	for i := range 3 {
		if err := carry(fmt.Sprintf("late-%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := 19; i >= 0; i-- {
		if err := carry(fmt.Sprintf("old-%02d", i)); err != nil {
			t.Errorf("still remembered: old-%02d: %v", i, err)
		}
	}
	if err := carry("new-1"); !errors.Is(err, migration.ErrTwice) {
		t.Errorf("forgotten after an hour: %v", err)
	}
}

func TestAnEmptyChangeCommitsNothing(t *testing.T) {
	s := openTest(t)
	keys := []migration.Key{event(1).Key, event(2).Key}
	before := s.Stats().Commits
	if _, err := s.Apply(t.Context(), keys[0], "", func(*migration.Migration) (migration.Change, error) { return migration.Change{}, nil }); err != nil {
		t.Fatal(err)
	}
	changed, err := s.ApplyEach(t.Context(), keys, func(migration.Key, *migration.Migration) migration.Change { return migration.Change{} })
	if changed != 0 || err != nil {
		t.Errorf("changed %d, err %v", changed, err)
	}
	if n := s.Stats().Commits; n != before {
		t.Errorf("%d commits", n-before)
	}
}

func TestAPageIsOneTransaction(t *testing.T) {
	s := openTest(t)
	var keys []migration.Key
	events := map[migration.Key]migration.Event{}
	for n := range 100 {
		ev := event(n)
		keys, events[ev.Key] = append(keys, ev.Key), ev
	}
	keys = append(keys, keys[0]) // told twice on one page
	observe := func(k migration.Key, cur *migration.Migration) migration.Change {
		if cur == nil {
			return migration.First(events[k], migration.Instance{}, "C1", start)
		}
		return cur.Observe(events[k], start)
	}
	for poll, want := range []struct {
		changed int
		commits uint64
	}{{100, 1}, {0, 1}} {
		changed, err := s.ApplyEach(t.Context(), keys, observe)
		if err != nil || changed != want.changed || s.Stats().Commits != want.commits {
			t.Errorf("poll %d: changed %d, commits %d, err %v; want %+v", poll, changed, s.Stats().Commits, err, want)
		}
	}
	if got := s.Stats(); got.Migrations != 100 || got.Jobs[migration.JobCard] != 100 {
		t.Errorf("stats %+v", got)
	}
	// One that cannot be stored takes the whole page with it.
	_, err := s.ApplyEach(t.Context(), keys, func(k migration.Key, cur *migration.Migration) migration.Change {
		if k == keys[50] {
			return migration.Change{Jobs: []migration.Job{{ID: ""}}}
		}
		return cur.CardGone()
	})
	if m, _, _ := s.Migration(t.Context(), keys[0]); err == nil || m.Card.Gone {
		t.Errorf("err %v, card %+v", err, m.Card)
	}
}

func TestAChangeThatCouldNotBeFoundAgainIsRefused(t *testing.T) {
	s := openTest(t)
	m := s.announce(event(1), instance(1))
	key, other := m.Key(), event(2).Key
	for name, c := range map[string]struct {
		key    migration.Key
		once   string
		change migration.Change
	}{
		"no account":            {key: migration.Key{Region: "r", EventID: "e"}, change: migration.Change{Entries: []migration.Entry{{}}}},
		"event id not UTF-8":    {key: migration.Key{Account: "a", Region: "r", EventID: "\xff"}, change: migration.Change{Entries: []migration.Entry{{}}}},
		"a huge region":         {key: migration.Key{Account: "a", Region: strings.Repeat("r", 40000), EventID: "e"}, change: migration.Change{Entries: []migration.Entry{{}}}},
		"another migration":     {key: other, change: migration.Change{Migration: &m}},
		"another one's history": {key: key, change: migration.Change{Entries: []migration.Entry{{Key: other}}}},
		"a job without a lane":  {key: key, change: migration.Change{Jobs: []migration.Job{{ID: "x", Kind: migration.JobCard}}}},
		"a job without a kind":  {key: key, change: migration.Change{Jobs: []migration.Job{{ID: "x", Lane: "l"}}}},
		"a huge envelope id":    {key: key, once: strings.Repeat("x", 40000)},
		"a time out of range":   {key: key, change: migration.Change{Entries: []migration.Entry{{Key: key, News: migration.News{When: time.Unix(1<<50, 0)}}}}},
	} {
		_, err := s.Apply(t.Context(), c.key, c.once, func(*migration.Migration) (migration.Change, error) { return c.change, nil })
		if err == nil {
			t.Errorf("%s: stored", name)
		}
	}
	if h, err := s.History(t.Context(), key); len(h) != 1 || err != nil {
		t.Errorf("history %+v, %v", h, err)
	}
}

func TestWhateverTheCloudNamesThingsIsKept(t *testing.T) {
	s := openTest(t)
	names := []string{"plain", "a/b", "a\x00b", "\x00", "\x00\x01", "名前", "<!channel>", strings.Repeat("长", 400)}
	for i, name := range names {
		ev, inst := event(i), instance(i)
		ev.EventID, ev.Account, inst.Name = "e"+name[:min(len(name), 9)], "x\x00", name
		s.announce(ev, inst)
	}
	bad := event(99)
	inst := instance(99)
	inst.Name = "not\xffUTF-8"
	s.announce(bad, inst)
	for _, name := range append(names[:7:7], "NOT\xffutf-8") {
		found, err := s.Find(t.Context(), name)
		if err != nil || len(found) != 1 {
			t.Errorf("%q: %d found, %v", name, len(found), err)
		}
	}
	// It is found by what it is called now, and no longer by its old name.
	s.apply(bad.Key, migration.Change{Migration: migration.First(bad, instance(98), "C1", start).Migration})
	if found, _ := s.Find(t.Context(), "not\xffutf-8"); len(found) != 0 {
		t.Errorf("found by its old name: %+v", found)
	}
}

func TestTimesAreStoredInUTC(t *testing.T) {
	s := openTest(t)
	zone := time.FixedZone("CST", 8*3600)
	m := migration.Migration{Held: &migration.Reservation{}, Asked: &migration.Reservation{}, Consent: &migration.Consent{}}
	n := eachTime(reflect.ValueOf(&m), func(at *time.Time) { *at = start.Add(time.Minute).In(zone) })
	m.Event.Key = event(1).Key
	entry := migration.Entry{Key: m.Key()}
	eachTime(reflect.ValueOf(&entry), func(at *time.Time) { *at = start.In(zone) })
	job := migration.Job{ID: "j", Lane: "l", Kind: migration.JobLine, News: &migration.News{}}
	eachTime(reflect.ValueOf(&job), func(at *time.Time) { *at = start.In(zone) })
	returned := s.apply(m.Key(), migration.Change{Migration: &m, Entries: []migration.Entry{entry}, Jobs: []migration.Job{job}})
	if m.Held.At.Location() != zone {
		t.Error("the caller's own record was changed")
	}

	isUTC := func(what string) func(*time.Time) {
		return func(at *time.Time) {
			if at.Location() != time.UTC {
				t.Errorf("%s: %v", what, at)
			}
		}
	}
	read, _, err := s.Migration(t.Context(), m.Key())
	if err != nil || n < 10 {
		t.Fatalf("%d times, err %v", n, err)
	}
	eachTime(reflect.ValueOf(&returned), isUTC("returned"))
	eachTime(reflect.ValueOf(&read), isUTC("migration"))
	history, _ := s.History(t.Context(), m.Key())
	eachTime(reflect.ValueOf(&history[0]), isUTC("history"))
	due, _, _ := s.Heads(t.Context(), start)
	eachTime(reflect.ValueOf(&due[0]), isUTC("job"))
	if err := s.Retry(t.Context(), due[0], start.Add(time.Hour).In(zone), ""); err != nil {
		t.Fatal(err)
	}
	due, _, _ = s.Heads(t.Context(), start.Add(time.Hour))
	eachTime(reflect.ValueOf(&due[0]), isUTC("job put off"))
}

// eachTime shows every time in what v points to, and counts them.
func eachTime(v reflect.Value, fn func(*time.Time)) (n int) {
	if v.Kind() == reflect.Pointer {
		if at, ok := v.Interface().(*time.Time); ok {
			fn(at)
			return 1
		}
		if v.IsNil() {
			return 0
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return 0
	}
	for i := range v.NumField() {
		field := v.Field(i)
		if field.Kind() != reflect.Pointer {
			field = field.Addr()
		}
		n += eachTime(field, fn)
	}
	return n
}

func TestAContextThatEndedWritesNothing(t *testing.T) {
	s := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Apply(ctx, event(1).Key, "e", func(*migration.Migration) (migration.Change, error) {
		t.Error("decided")
		return migration.Change{}, nil
	})
	if err != context.Canceled {
		t.Errorf("err %v", err)
	}
	for what, err := range map[string]error{
		"ApplyEach": second(s.ApplyEach(ctx, nil, nil)),
		"Begin":     second(s.Begin(ctx, migration.Job{ID: "x"})),
		"Retry":     s.Retry(ctx, migration.Job{ID: "x"}, start, ""),
		"Check":     s.Check(ctx),
		"Tracked":   second(s.Tracked(ctx, "a", "r")),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestTwoPeopleAtOnceTheFirstCommitWins(t *testing.T) {
	s := openTest(t)
	m := s.announce(event(9), instance(9))
	var all sync.WaitGroup
	won := make([]error, 20)
	for i := range won {
		all.Go(func() {
			_, won[i] = s.Apply(t.Context(), m.Key(), fmt.Sprint("env-", i), func(cur *migration.Migration) (migration.Change, error) {
				return cur.Choose(start.Add(time.Duration(i+1)*time.Minute), migration.Decision{By: fmt.Sprint("U", i), Now: start, Seen: 0})
			})
		})
	}
	all.Wait()
	winners := 0
	now, _, _ := s.Migration(t.Context(), m.Key())
	for i, err := range won {
		if err == nil {
			winners++
			if now.Asked.By != fmt.Sprint("U", i) {
				t.Errorf("U%d won and %s stands", i, now.Asked.By)
			}
			continue
		}
		if rule, ok := errors.AsType[*migration.RuleError](err); !ok || rule.Standing == nil || rule.Standing.By != now.Asked.By {
			t.Errorf("U%d was told %v", i, err)
		}
	}
	if h, _ := s.History(t.Context(), m.Key()); winners != 1 || len(h) != 2 {
		t.Errorf("%d winners, history %+v", winners, h)
	}
}

// What people said is given back as it reads after a restart, whatever the zone it
// was handed in with.
func TestWhatPeopleSaidIsKeptInUTC(t *testing.T) {
	s := openTest(t)
	m := s.announce(event(1), instance(1))
	at := start.In(time.FixedZone("CST", 8*3600)).Add(time.Nanosecond)
	m.Checklist = migration.Checklist{Revision: 2, Marks: map[string]migration.Mark{
		"snapshot": {State: migration.Done, By: "U1", When: at, Revision: 1, Note: &migration.Note{Text: "s-1", By: "U2", When: at}},
		"voucher":  {State: migration.NotNeeded, By: "U1", When: at, Reason: "none is due", Revision: 2},
	}}
	m.Acknowledged = &migration.Ack{By: "U1", When: at, Reason: "later", Open: []string{"reachable"}}
	handed := m.Checklist.Marks["snapshot"].Note
	now := s.apply(m.Key(), migration.Change{Migration: &m})
	s.reopen()
	read, _, err := s.Migration(t.Context(), m.Key())
	if err != nil || !reflect.DeepEqual(now, read) {
		t.Errorf("read back as %+v, given as %+v, %v", read.Checklist, now.Checklist, err)
	}
	if handed.When.Location() == time.UTC {
		t.Error("what was handed in was changed")
	}
}
