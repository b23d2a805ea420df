package migration_test

import (
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

func BenchmarkObserve(b *testing.B) {
	m := first(event())
	b.Run("unchanged", func(b *testing.B) {
		ev := event(read(now))
		b.ReportAllocs()
		for b.Loop() {
			if c := m.Observe(ev, now); !c.Empty() {
				b.Fatal("news of nothing")
			}
		}
	})
	b.Run("moved", func(b *testing.B) {
		ev := event(read(now), planned(now.Add(time.Hour)))
		b.ReportAllocs()
		for b.Loop() {
			if c := m.Observe(ev, now); c.Empty() {
				b.Fatal("no news")
			}
		}
	})
}

func BenchmarkFirst(b *testing.B) {
	ev, inst := event(), migration.Instance{ID: "i-1"}
	b.ReportAllocs()
	for b.Loop() {
		if c := migration.First(ev, inst, "C1", now); c.Migration == nil {
			b.Fatal("no migration")
		}
	}
}
