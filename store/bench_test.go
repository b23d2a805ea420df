package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// of is a store with n migrations, each with a card to post in its own time.
func of(b *testing.B, n int) (*store.Store, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bench.db")
	s, err := store.Open(path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	const page = 1000
	for at := 0; at < n; at += page {
		numbers := map[migration.Key]int{}
		var keys []migration.Key
		for i := at; i < min(at+page, n); i++ {
			keys = append(keys, event(i).Key)
			numbers[event(i).Key] = i
		}
		_, err := s.ApplyEach(b.Context(), keys, func(k migration.Key, _ *migration.Migration) migration.Change {
			i := numbers[k]
			return migration.First(event(i), instance(i), fmt.Sprint("C", i%20), start)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return s, path
}

func click(s *store.Store, i int) error {
	_, err := s.Apply(context.Background(), event(i%1000).Key, fmt.Sprint("env-", i), func(cur *migration.Migration) (migration.Change, error) {
		cur.Held, cur.Asked = nil, nil
		return cur.Keep(migration.Decision{By: "U1", Now: start, Seen: migration.SeenAny})
	})
	return err
}

func BenchmarkApply(b *testing.B) {
	b.Run("alone", func(b *testing.B) {
		s, _ := of(b, 1000)
		i := 0
		for b.Loop() {
			if err := click(s, i%999+1+i/999*1000); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
	b.Run("crowd", func(b *testing.B) {
		s, _ := of(b, 1000)
		before := s.Stats().Commits
		var i atomic.Int64
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n := int(i.Add(1))
				if err := click(s, n%999+1+n/999*1000); err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/float64(s.Stats().Commits-before), "clicks/commit")
	})
}

func BenchmarkApplyEach(b *testing.B) {
	b.Run("100 unchanged", func(b *testing.B) {
		s, _ := of(b, 10_000)
		var keys []migration.Key
		for i := range 100 {
			keys = append(keys, event(i*100).Key)
		}
		for b.Loop() {
			n, err := s.ApplyEach(b.Context(), keys, func(_ migration.Key, cur *migration.Migration) migration.Change {
				return cur.Observe(cur.Event, start)
			})
			if n != 0 || err != nil {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("100 new", func(b *testing.B) {
		s, _ := of(b, 0)
		at := 0
		for b.Loop() {
			numbers := map[migration.Key]int{}
			var keys []migration.Key
			for range 100 {
				keys, numbers[event(at).Key] = append(keys, event(at).Key), at
				at++
			}
			n, err := s.ApplyEach(b.Context(), keys, func(k migration.Key, _ *migration.Migration) migration.Change {
				return migration.First(event(numbers[k]), instance(numbers[k]), "C1", start)
			})
			if n != 100 || err != nil {
				b.Fatal(n, err)
			}
		}
	})
}

func BenchmarkHeads(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n, " jobs in 20 lanes"), func(b *testing.B) {
			s, _ := of(b, n)
			for b.Loop() {
				due, _, err := s.Heads(b.Context(), start)
				if len(due) != 20 || err != nil {
					b.Fatal(len(due), err)
				}
			}
		})
	}
}

func BenchmarkByDeadlineFirst20(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint("of ", n), func(b *testing.B) {
			s, _ := of(b, n)
			for b.Loop() {
				shown := 0
				err := s.ByDeadline(b.Context(), func(migration.Migration) bool { shown++; return shown < 20 })
				if shown != 20 || err != nil {
					b.Fatal(shown, err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n, " migrations"), func(b *testing.B) {
			s, path := of(b, n)
			s.Close()
			for b.Loop() {
				s, err := store.Open(path, store.Options{})
				if err != nil {
					b.Fatal(err)
				}
				s.Close()
			}
		})
	}
}

// openWithReminders are n open migrations whose cards stand, each with the job
// that waits for its next reminder.
func openWithReminders(b *testing.B, n int) (*store.Store, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bench.db")
	now := func() time.Time { return start }
	p := migration.Policy{Unreserved: []time.Duration{72 * time.Hour, 24 * time.Hour, 4 * time.Hour}, UnreservedEvery: time.Hour}
	s, err := store.Open(path, store.Options{Now: now, Follow: p.Follow})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	const page = 1000
	for at := 0; at < n; at += page {
		numbers := map[migration.Key]int{}
		var keys []migration.Key
		for i := at; i < min(at+page, n); i++ {
			keys, numbers[event(i+100).Key] = append(keys, event(i+100).Key), i+100
		}
		_, err := s.ApplyEach(b.Context(), keys, func(k migration.Key, _ *migration.Migration) migration.Change {
			i := numbers[k]
			c := migration.First(event(i), instance(i), fmt.Sprint("C", i%20), start)
			c.Migration.Card.TS, c.Jobs = "1.1", nil
			return c
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if got := s.Stats().Jobs[migration.JobRemind]; got != n {
		b.Fatalf("%d reminders wait for %d migrations", got, n)
	}
	return s, path
}

// BenchmarkReminders is what reminders of many open migrations cost: to open the
// store, to find what is due, to list the first page, and to keep it open.
func BenchmarkReminders(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		s, path := openWithReminders(b, n)
		// Every channel has one that is due, as in any busy hour.
		at := start.Add(48 * time.Hour)
		b.Run(fmt.Sprint("due of ", n), func(b *testing.B) {
			for b.Loop() {
				due, _, err := s.Heads(b.Context(), at)
				if len(due) != 20 || err != nil {
					b.Fatal(len(due), err)
				}
			}
		})
		b.Run(fmt.Sprint("first page of ", n), func(b *testing.B) {
			for b.Loop() {
				shown := 0
				err := s.ByDeadline(b.Context(), func(migration.Migration) bool { shown++; return shown < 20 })
				if shown != 20 || err != nil {
					b.Fatal(shown, err)
				}
			}
		})
		b.Run(fmt.Sprint("follow all of ", n), func(b *testing.B) {
			i := 0
			for b.Loop() {
				i++
				if _, err := s.FollowAll(b.Context(), fmt.Sprint("rules ", i)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint("change one of ", n), func(b *testing.B) {
			i := 0
			for b.Loop() {
				i++
				_, err := s.Apply(context.Background(), event(100+i%1000).Key, "", func(cur *migration.Migration) (migration.Change, error) {
					return cur.Snooze(start.Add(time.Duration(1+i%50)*time.Minute), migration.Decision{By: "U1", Now: start})
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		s.Close()
		b.Run(fmt.Sprint("open ", n), func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for b.Loop() {
				s, err := store.Open(path, store.Options{})
				if err != nil {
					b.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				s.Close()
			}
			b.ReportMetric(float64(after.HeapAlloc)-float64(before.HeapAlloc), "heap-B")
			info, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(info.Size())/float64(n), "file-B/migration")
		})
	}
}
