package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

// finish stores the event as over at the moment at.
func (o *opened) finish(m migration.Migration, status migration.Status, at time.Time) {
	o.t.Helper()
	ev := m.Event
	ev.Status, ev.FinishedAt, ev.ReadAt = status, at, at
	o.apply(m.Key(), m.Observe(ev, at))
}

func events(all []migration.Migration) []string {
	var out []string
	for _, m := range all {
		out = append(out, m.Event.EventID)
	}
	return out
}

func TestFind(t *testing.T) {
	s := openTest(t)
	// Five events of one instance, two of another one with the same name.
	for n := range 5 {
		ev := event(10 - n)
		ev.InstanceID = "i-same"
		inst := instance(1)
		inst.Name = "数据库-Web"
		m := s.announce(ev, inst)
		switch n {
		case 1:
			s.finish(m, migration.Executed, start.Add(time.Hour))
		case 2:
			s.finish(m, migration.Avoided, start.Add(2*time.Hour))
		case 4:
			s.finish(m, migration.Canceled, start.Add(3*time.Hour))
		case 3:
			ev.ReadAt, ev.InitialNotBefore = start.Add(time.Second), start.Add(100*time.Hour)
			s.apply(m.Key(), m.Observe(ev, start))
		}
	}
	none := event(50)
	none.NotBefore, none.InitialNotBefore, none.Account = time.Time{}, time.Time{}, "a"
	inst := instance(50)
	inst.Name = "数据库-wEB"
	s.announce(none, inst)
	nameIsID := event(51)
	inst = instance(51)
	inst.Name = nameIsID.InstanceID
	s.announce(nameIsID, inst)
	s.reopen()

	for target, want := range map[string][]string{
		"i-same":     {"e-000010", "e-000007", "e-000009", "e-000008", "e-000006"},
		"数据库-WEB":    {"e-000010", "e-000007", "e-000050", "e-000009", "e-000008", "e-000006"},
		"e-000008":   {"e-000008"},
		"i-000051":   {"e-000051"},
		"I-Same":     {"e-000010", "e-000007", "e-000009", "e-000008", "e-000006"},
		"E-000008":   {"e-000008"},
		"I-000051":   {"e-000051"},
		"i-sam":      nil,
		"数据库":        nil,
		"":           nil,
		"i-same\x00": nil,
	} {
		found, err := s.Find(t.Context(), target)
		if got := events(found); !slices.Equal(got, want) || err != nil {
			t.Errorf("%q: %v, want %v, err %v", target, got, want, err)
		}
	}
}

func TestTrackedAreThoseThatAreNotOver(t *testing.T) {
	s := openTest(t)
	var want []migration.Key
	for n := range 6 {
		ev := event(n)
		switch n {
		case 1:
			ev.Region = "cn-hangzhou-2"
		case 2:
			ev.Account = "prod2"
		}
		m := s.announce(ev, instance(n))
		switch n {
		case 3:
			s.finish(m, migration.Failed, start)
		case 0, 4, 5:
			want = append(want, ev.Key)
		}
	}
	s.reopen()
	got, err := s.Tracked(t.Context(), "prod", "cn-hangzhou")
	if !reflect.DeepEqual(got, want) || err != nil {
		t.Errorf("got %v, want %v, err %v", got, want, err)
	}
	if got, err := s.Tracked(t.Context(), "prod", "cn"); got != nil || err != nil {
		t.Errorf("a region's beginning: %v, %v", got, err)
	}
	if st := s.Stats(); st.Open != 5 || st.Migrations != 6 {
		t.Errorf("stats %+v", st)
	}
}

func TestByDeadline(t *testing.T) {
	s := openTest(t)
	var keys []migration.Key
	for n := range 200 {
		keys = append(keys, event(n).Key)
	}
	_, err := s.ApplyEach(t.Context(), keys, func(k migration.Key, _ *migration.Migration) migration.Change {
		n := slices.Index(keys, k)
		ev := event(n)
		at := start.Add(time.Duration((n*37)%200) * time.Minute)
		if n == 11 {
			at = time.Time{}
		}
		ev.NotBefore, ev.InitialNotBefore = at, at
		return migration.First(ev, instance(n), "C1", start)
	})
	if err != nil {
		t.Fatal(err)
	}
	over, _, _ := s.Migration(t.Context(), keys[20])
	s.finish(over, migration.Canceled, start)

	var all []migration.Migration
	// What is shown may be acted upon at once.
	err = s.ByDeadline(t.Context(), func(m migration.Migration) bool {
		s.apply(m.Key(), m.CardGone())
		all = append(all, m)
		return true
	})
	if len(all) != 199 || err != nil {
		t.Fatalf("%d shown, err %v", len(all), err)
	}
	for i, m := range all {
		last := i == len(all)-1
		if last != m.Deadline().IsZero() || !last && i > 0 && m.Deadline().Before(all[i-1].Deadline()) || m.Key() == over.Key() {
			t.Errorf("%d: %s, %v", i, m.Key(), m.Deadline())
		}
	}
	for _, stop := range []int{1, 32, 33, 150} {
		shown := 0
		err := s.ByDeadline(t.Context(), func(migration.Migration) bool { shown++; return shown < stop })
		if shown != stop || err != nil {
			t.Errorf("stop at %d: %d shown, err %v", stop, shown, err)
		}
	}
}

func TestWhatWaitsForItsAcknowledgementComesLast(t *testing.T) {
	s := openTest(t)
	var all []migration.Migration
	for n := range 60 { // more than a page
		all = append(all, s.announce(event(n), instance(n)))
	}
	late := event(60)
	late.NotBefore, late.InitialNotBefore = time.Time{}, time.Time{}
	s.announce(late, instance(60))
	s.finish(all[1], migration.Executed, start.Add(3*time.Hour))
	s.finish(all[2], migration.Avoided, start.Add(2*time.Hour))
	s.finish(all[3], migration.Failed, start.Add(4*time.Hour))
	s.finish(all[4], migration.Canceled, start)
	s.finish(all[5], migration.Executed, start.Add(time.Hour))
	last := func() []string {
		var shown []migration.Migration
		if err := s.ByDeadline(t.Context(), func(m migration.Migration) bool { shown = append(shown, m); return true }); err != nil {
			t.Fatal(err)
		}
		return events(shown[55:])
	}
	if got, want := last(), []string{"e-000060", "e-000003", "e-000005", "e-000002", "e-000001"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if st := s.Stats(); st.Open != 56 || st.Waiting != 4 || st.Migrations != 61 {
		t.Errorf("stats %+v", st)
	}
	if keys, err := s.Tracked(t.Context(), "prod", "cn-hangzhou"); len(keys) != 56 || err != nil {
		t.Errorf("%d tracked, %v", len(keys), err)
	}

	// A tick leaves it where it is; its acknowledgement takes it away.
	lists := migration.DefaultChecklists()
	d := migration.Decision{By: "U1", Now: start.Add(9 * time.Hour), Seen: migration.SeenAny}
	_, err := s.Apply(t.Context(), all[5].Key(), "", func(cur *migration.Migration) (migration.Change, error) {
		c, _, err := cur.Tick(lists, migration.FollowUp, []migration.Tick{{Item: "reachable", State: migration.Done}}, d)
		return c, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.Apply(t.Context(), all[3].Key(), "", func(cur *migration.Migration) (migration.Change, error) {
		return cur.Acknowledge(lists, "ticket 42", d)
	}); err != nil {
		t.Fatal(err)
	}
	s.reopen()
	if got, want := last(), []string{"e-000060", "e-000005", "e-000002", "e-000001"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if st := s.Stats(); st.Waiting != 3 {
		t.Errorf("stats %+v", st)
	}
	shown := 0
	err = s.ByDeadline(t.Context(), func(migration.Migration) bool { shown++; return shown < 57 })
	if shown != 57 || err != nil {
		t.Errorf("%d shown, %v", shown, err)
	}
}

func TestADeadlineThatMovesIsFollowed(t *testing.T) {
	s := openTest(t)
	first := s.announce(event(1), instance(1))
	s.announce(event(2), instance(2))
	ev := first.Event
	ev.InitialNotBefore, ev.ReadAt = start.Add(50*time.Hour), start.Add(time.Second)
	s.apply(first.Key(), first.Observe(ev, start))
	var got []string
	if err := s.ByDeadline(t.Context(), func(m migration.Migration) bool { got = append(got, m.Event.EventID); return true }); err != nil {
		t.Fatal(err)
	}
	if want := []string{"e-000002", "e-000001"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestHistoryIsOfOneMigrationOldestFirst(t *testing.T) {
	s := openTest(t)
	a, b := event(1), event(2)
	b.EventID = a.EventID + "0" // one id begins with the other
	am, bm := s.announce(a, instance(1)), s.announce(b, instance(2))
	for i := range 15 {
		s.apply(am.Key(), migration.Change{Entries: []migration.Entry{{Key: am.Key(), News: migration.News{At: start.Add(time.Duration(i))}}}})
		s.apply(bm.Key(), migration.Change{Entries: []migration.Entry{{Key: bm.Key()}}})
	}
	s.reopen()
	h, err := s.History(t.Context(), am.Key())
	if len(h) != 16 || err != nil {
		t.Fatalf("%d entries, %v", len(h), err)
	}
	for i, e := range h[1:] {
		if e.Key != am.Key() || !e.News.At.Equal(start.Add(time.Duration(i))) {
			t.Errorf("%d: %+v", i, e)
		}
	}
	if h, err := s.History(t.Context(), event(7).Key); len(h) != 0 || err != nil {
		t.Errorf("of the unknown: %v, %v", h, err)
	}
}

func TestWhatWasWithdrawnIsFoundAmongManyRecords(t *testing.T) {
	o := openTest(t)
	ends := map[int]migration.Status{3: migration.Canceled, 700: migration.Avoided, 701: migration.Executed, 1100: migration.Canceled}
	for n := range 1101 {
		ev := event(n)
		if s, ok := ends[n]; ok {
			ev.Status = s
		} else {
			ev.Reason = `"status":"Canceled"` // is no status
		}
		o.apply(ev.Key, withoutJobs(migration.First(ev, instance(n), "C1", start)))
	}
	var got []string
	take := func(m migration.Migration) bool {
		got = append(got, m.Event.EventID)
		return len(got) < 3
	}
	if err := o.Withdrawn(t.Context(), take); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	want := []string{event(3).EventID, event(700).EventID, event(1100).EventID}
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	got = []string{"", ""}
	if err := o.Withdrawn(t.Context(), take); err != nil || len(got) != 3 {
		t.Errorf("%v, %v: it was to end after one", got, err)
	}
}
