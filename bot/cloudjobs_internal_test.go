package bot

import (
	"path/filepath"
	"testing"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// What was read back left the wish open; before it is taken up again, a poll
// confirms it.
func TestAWishThatAPollSettledMeanwhileIsDone(t *testing.T) {
	s, err := store.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key := migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-1"}
	now := time.Now().UTC().Truncate(time.Second)
	at := now.Add(24 * time.Hour)
	event := migration.Event{
		Key: key, InstanceID: "i-1", Type: "SystemMaintenance.Redeploy", Status: migration.Scheduled,
		NotBefore: now.Add(72 * time.Hour), InitialNotBefore: now.Add(72 * time.Hour), ReadAt: now,
	}
	apply := func(change func(cur *migration.Migration) (migration.Change, error)) {
		t.Helper()
		if _, err := s.Apply(t.Context(), key, "", change); err != nil {
			t.Fatal(err)
		}
	}
	apply(func(*migration.Migration) (migration.Change, error) {
		return migration.First(event, migration.Instance{ID: "i-1"}, "C0123456789", now), nil
	})
	var job migration.Job
	apply(func(cur *migration.Migration) (migration.Change, error) {
		c, err := cur.Choose(at, migration.Decision{By: "U0000000001", Now: now, Seen: migration.SeenAny})
		for _, j := range c.Jobs {
			if j.Cloud() {
				job = j
			}
		}
		return c, err
	})
	if job, err = s.Begin(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	w := &cloudWorker{store: s, clock: clock.Real{}}
	if m, done, err := w.resume(t.Context(), job); done || err != nil || m.Asked == nil {
		t.Fatalf("while it waits: %+v, %v, %v", m.Asked, done, err)
	}
	event.NotBefore, event.ReadAt = at, now.Add(time.Minute)
	apply(func(cur *migration.Migration) (migration.Change, error) { return cur.Observe(event, event.ReadAt), nil })
	if _, done, err := w.resume(t.Context(), job); !done || err != nil {
		t.Errorf("after a poll confirmed it: %v, %v", done, err)
	}
	if n := s.Stats().Jobs[job.Kind]; n != 0 {
		t.Errorf("%d such jobs wait", n)
	}
}
