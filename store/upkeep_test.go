package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// writing goes on announcing from number n on until stopped, and tells how many
// were acknowledged then.
func (o *opened) writing(n int) (stop func() int) {
	var last atomic.Int64
	last.Store(int64(n))
	quit := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-quit:
					return
				default:
				}
				i := int(last.Add(1)) - 1
				_, err := o.Apply(context.Background(), event(i).Key, "", func(*migration.Migration) (migration.Change, error) {
					return migration.First(event(i), instance(i), "C1", start), nil
				})
				if err != nil {
					o.t.Errorf("event %d: %v", i, err)
				}
			}
		})
	}
	return func() int {
		close(quit)
		all.Wait()
		return int(last.Load())
	}
}

func TestABackupShowsOneMomentWhileOthersWrite(t *testing.T) {
	s := openTest(t)
	s.announce(event(0), instance(0))
	stop := s.writing(1)
	for i := range 5 {
		path := filepath.Join(t.TempDir(), "backup.db")
		sum, err := s.Backup(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o600 || info.Size() != sum.Size || !sum.AsOf.Equal(start) || sum.Migrations == 0 || sum.Entries != sum.Migrations {
			t.Errorf("%d: %+v, %v, %v", i, sum, info, err)
		}
		if again, err := store.Verify(t.Context(), path); err != nil || again != sum {
			t.Errorf("verified %+v, %v", again, err)
		}
	}
	stop()
	// It never takes another file's place.
	path := filepath.Join(t.TempDir(), "notes")
	if err := os.WriteFile(path, []byte("milk"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Backup(t.Context(), path); err == nil || string(read(t, path)) != "milk" {
		t.Errorf("replaced: %v", err)
	}
	if _, err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "no", "where")); err == nil {
		t.Error("written nowhere")
	}
}

func TestCompactingLosesNothingWhileOthersWrite(t *testing.T) {
	s := openTest(t)
	for n := range 200 {
		s.announce(event(n), instance(n))
	}
	stop := s.writing(200)
	for range 3 {
		before, after, err := s.Compact(t.Context())
		if err != nil || after > before {
			t.Errorf("%d before, %d after, %v", before, after, err)
		}
	}
	total := stop()
	s.reopen()
	if st := s.Stats(); st.Migrations != total {
		t.Errorf("%d migrations, want %d", st.Migrations, total)
	}
	list, err := os.ReadDir(filepath.Dir(s.path))
	if err != nil || len(list) != 1 {
		t.Errorf("left behind: %v, %v", list, err)
	}
	if info, err := os.Stat(s.path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestCompactingShrinksWhatWasDeleted(t *testing.T) {
	s := openTest(t)
	m := s.announce(event(1), instance(1))
	var jobs []migration.Job
	for i := range 3000 {
		jobs = append(jobs, migration.Job{ID: fmt.Sprint("j", i), Lane: "slack/C1", Kind: migration.JobTick, Key: m.Key(), Due: start})
	}
	s.apply(m.Key(), migration.Change{Jobs: jobs})
	s.apply(m.Key(), migration.Change{Done: jobs})
	before, after, err := s.Compact(t.Context())
	if err != nil || after*4 > before {
		t.Errorf("%d before, %d after, %v", before, after, err)
	}
}

// restoreOf puts a backup of the store, made now, in its place later.
func (o *opened) restoreOf(backup string, at time.Time) *store.Prepared {
	o.t.Helper()
	o.close()
	p, err := store.Prepare(o.t.Context(), o.path, "backup", bytes.NewReader(read(o.t, backup)), store.Options{Now: func() time.Time { return at }})
	if err != nil {
		o.t.Fatal(err)
	}
	before := read(o.t, o.path)
	former, err := p.Install()
	if err != nil || !bytes.Equal(read(o.t, former), before) {
		o.t.Fatalf("the former store is %s, %v", former, err)
	}
	o.now = at
	o.open()
	return p
}

func TestEachJobOfARestoredBackupMayHaveBeenDone(t *testing.T) {
	s := openTest(t)
	waiting := s.announce(event(1), instance(1))
	backup := filepath.Join(t.TempDir(), "b.db")
	if _, err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	s.announce(event(2), instance(2))
	later := start.Add(3 * time.Hour)
	p := s.restoreOf(backup, later)
	if !p.AsOf.Equal(start) || p.Migrations != 1 {
		t.Errorf("restored %+v", p.Summary)
	}
	at, asOf, ok, err := s.Restored(t.Context())
	if err != nil || !ok || !at.Equal(later) || !asOf.Equal(start) {
		t.Errorf("restored at %v as of %v, %v, %v", at, asOf, ok, err)
	}
	if sum, err := s.Summary(t.Context()); err != nil || !sum.AsOf.IsZero() {
		t.Errorf("it still passes for a backup: %+v, %v", sum, err)
	}

	observe := func(m migration.Migration, change func(*migration.Event)) migration.Change {
		ev := m.Event
		ev.ReadAt = later.Add(time.Minute)
		change(&ev)
		return m.Observe(ev, later.Add(time.Minute))
	}
	for name, c := range map[string]struct {
		make   func() migration.Change
		marked []migration.JobKind
	}{
		"what waited in it": {func() migration.Change { return migration.Change{} }, []migration.JobKind{migration.JobCard}},
		"what the cloud shows again": {func() migration.Change {
			return observe(waiting, func(ev *migration.Event) { ev.Status = migration.Executing })
		}, []migration.JobKind{migration.JobCard, migration.JobLine, migration.JobList}},
		"an event that was seen since": {func() migration.Change {
			return migration.First(event(2), instance(2), "C2", later.Add(time.Minute))
		}, []migration.JobKind{migration.JobCard}},
		"an event that began to be since": {func() migration.Change {
			ev := event(3)
			ev.PublishedAt = later.Add(time.Second)
			return migration.First(ev, instance(3), "C3", later.Add(time.Minute))
		}, nil},
		"what somebody decides now": {func() migration.Change {
			c, err := waiting.Choose(start.Add(30*time.Minute), migration.Decision{By: "U1", Now: later.Add(-4 * time.Hour), Seen: migration.SeenAny})
			if err != nil {
				t.Fatal(err)
			}
			c.Migration.Asked.Made = later.Add(time.Minute)
			return c
		}, []migration.JobKind{migration.JobCard, migration.JobList, migration.JobModify}},
	} {
		t.Run(name, func(t *testing.T) {
			s := openTest(t)
			s.announce(event(1), instance(1))
			s.restoreOf(backup, later)
			change := c.make()
			key := waiting.Key()
			if change.Migration != nil {
				key = change.Migration.Key()
			}
			s.apply(key, change)
			due, _, err := s.Heads(t.Context(), later.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			var marked []migration.JobKind
			for len(due) > 0 {
				for _, j := range due {
					if j.Key == key && j.Kind != migration.JobFacts && !j.LookFrom.IsZero() { // reading facts twice does no harm
						marked = append(marked, j.Kind)
						if !j.LookFrom.Equal(start) || j.Attempts == 0 {
							t.Errorf("%s: %+v", j.ID, j)
						}
					}
					s.apply(j.Key, migration.Change{Done: []migration.Job{j}})
				}
				if due, _, err = s.Heads(t.Context(), later.Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			slices.Sort(marked)
			if !slices.Equal(marked, c.marked) {
				t.Errorf("marked %v, want %v", marked, c.marked)
			}
		})
	}
}

// A copy of the file that some other program made tells no moment: the newest
// that it knows of will do.
func TestACopyOfTheFileIsABackupToo(t *testing.T) {
	s := openTest(t)
	s.announce(event(1), instance(1))
	s.close()
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(copied, read(t, s.path), 0o600); err != nil {
		t.Fatal(err)
	}
	s.open()
	if p := s.restoreOf(copied, start.Add(time.Hour)); !p.AsOf.Equal(start) {
		t.Errorf("as of %v", p.AsOf)
	}
}

func TestABackupThatIsRefusedTouchesNothing(t *testing.T) {
	s := openTest(t)
	s.announce(event(1), instance(1))
	s.close()
	defer s.open()
	whole := read(t, s.path)
	page := os.Getpagesize()
	for at := 0; at+page <= len(whole); at += page {
		spoilt := bytes.Clone(whole)
		copy(spoilt[at:at+page], bytes.Repeat([]byte{0xFF}, page))
		before := snapshot(t, filepath.Dir(s.path))
		p, err := store.Prepare(t.Context(), s.path, "b.db", bytes.NewReader(spoilt), store.Options{})
		if err == nil {
			// A page that nothing leads to: of no consequence.
			if err := p.Discard(); err != nil {
				t.Error(err)
			}
		} else if !strings.Contains(err.Error(), "b.db") {
			t.Errorf("page %d: %v", at/page, err)
		}
		if after := snapshot(t, filepath.Dir(s.path)); after != before {
			t.Errorf("page %d: something was changed", at/page)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Prepare(ctx, s.path, "b.db", bytes.NewReader(whole), store.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestTheFormerStoreIsKeptEachTime(t *testing.T) {
	s := openTest(t)
	s.announce(event(1), instance(1))
	backup := filepath.Join(t.TempDir(), "b.db")
	if _, err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.restoreOf(backup, start)
	}
	kept, err := filepath.Glob(s.path + ".before-restore-20240501T100000Z*")
	if err != nil || len(kept) != 3 {
		t.Errorf("kept %v, %v", kept, err)
	}
}

// Whatever page goes bad under a store that is open: it neither ends the process
// nor passes for a good store, and from then on nothing is read or written.
func TestDamageThatIsMetAtWorkIsFinal(t *testing.T) {
	source := filepath.Join(t.TempDir(), "source.db")
	whole := filled(t, source)
	page := os.Getpagesize()
	met := 0
	for at := 2 * page; at+page <= len(whole); at += page {
		path := fmt.Sprint(source, ".", at)
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = file.WriteAt(bytes.Repeat([]byte{0xFF}, page), int64(at))
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		for n := 30; n < 45; n++ { // some known, some new
			_, err := s.Apply(t.Context(), event(n).Key, "", func(*migration.Migration) (migration.Change, error) {
				return migration.First(event(n), instance(n), "C1", start), nil
			})
			damaged := errors.Is(err, migration.ErrStoreDamaged)
			if err != nil && !damaged {
				t.Errorf("page %d: %v", at/page, err)
			}
			if damaged != (s.Damaged() != nil) {
				t.Errorf("page %d: %v, and then %v", at/page, err, s.Damaged())
			}
		}
		if s.Damaged() == nil {
			s.Close() // a page that none of that needed
			continue
		}
		met++
		for what, err := range map[string]error{
			"Heads":    third(s.Heads(t.Context(), start)),
			"Find":     second(s.Find(t.Context(), "e-000001")),
			"Writable": s.Writable(t.Context()),
			"Check":    s.Check(t.Context()),
			"Backup":   second(s.Backup(t.Context(), path+".b")),
			"Compact":  third(s.Compact(t.Context())),
			"Audit":    s.Audit(t.Context(), time.Time{}, time.Time{}, nil),
		} {
			if err == nil || what != "Check" && !errors.Is(err, migration.ErrStoreDamaged) && !strings.Contains(err.Error(), "is damaged") {
				t.Errorf("page %d: %s: %v", at/page, what, err)
			}
		}
		if !strings.Contains(s.Damaged().Error(), "`ecs-migrate store check`") {
			t.Errorf("told as %v", s.Damaged())
		}
		// Not closed: where bbolt met it while writing, it holds its own lock.
	}
	if met < 5 {
		t.Errorf("only %d bad pages were met", met)
	}
}

func third[T, U any](_ T, _ U, err error) error { return err }

func TestAuditIsInOrderOfTime(t *testing.T) {
	s := openTest(t)
	m := s.announce(event(1), instance(1))
	gone := migration.Key{Account: "a", Region: "r", EventID: "unknown"}
	at := func(i int) time.Time { return start.Add(time.Duration(i) * time.Second) }
	// Committed out of order by up to a minute, over some pages.
	const n = 1500
	for from := 0; from < n; from += 50 {
		var entries []migration.Entry
		for i := from; i < from+50; i++ {
			entries = append(entries, migration.Entry{Key: m.Key(), News: migration.News{Kind: migration.NewsMoved, When: at(1 + (i - i%50) + (i*7)%50)}})
		}
		s.apply(m.Key(), migration.Change{Entries: entries})
	}
	s.apply(gone, migration.Change{Entries: []migration.Entry{{Key: gone, News: migration.News{When: at(n + 1)}}}})

	var all []store.Audited
	err := s.Audit(t.Context(), time.Time{}, time.Time{}, func(a store.Audited) error {
		all = append(all, a)
		return nil
	})
	if err != nil || len(all) != n+2 {
		t.Fatalf("%d entries, %v", len(all), err)
	}
	for i, a := range all {
		if !a.News.When.Equal(at(i)) {
			t.Fatalf("%d: %v, want %v", i, a.News.When, at(i))
		}
		if last := i == n+1; last != (a.Name == "") || last != (a.InstanceID == "") {
			t.Errorf("%d: %+v", i, a)
		}
	}
	for _, c := range []struct{ since, until, want int }{{10, 20, 10}, {0, 1, 1}, {n, 0, 2}, {700, 1300, 600}, {n + 2, 0, 0}} {
		until := time.Time{}
		if c.until > 0 {
			until = at(c.until)
		}
		got := 0
		err := s.Audit(t.Context(), at(c.since), until, func(a store.Audited) error {
			if !a.News.When.Equal(at(c.since + got)) {
				t.Errorf("since %d: %v comes as number %d", c.since, a.News.When, got)
			}
			got++
			return nil
		})
		if err != nil || got != c.want {
			t.Errorf("since %d until %d: %d, %v", c.since, c.until, got, err)
		}
	}
	boom := errors.New("boom")
	if err := s.Audit(t.Context(), time.Time{}, time.Time{}, func(store.Audited) error { return boom }); err != boom {
		t.Errorf("got %v", err)
	}
}
