package killtest

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// A person's moment is read before their decision waits for its turn in the
// store. News that is committed meanwhile carries a later one, and the thread
// tells both in the order of their commits all the same: line 2 before line 3.
// A clock that is set back does the same.
func TestLinesKeepTheOrderOfTheirCommits(t *testing.T) {
	s, err := store.Open(filepath.Join(t.TempDir(), "store.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, now := context.Background(), time.Date(2024, 5, 1, 2, 0, 0, 0, time.UTC)
	key := migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-1"}
	apply := func(step func(*migration.Migration) (migration.Change, error)) {
		t.Helper()
		if _, err := s.Apply(ctx, key, "", step); err != nil {
			t.Fatal(err)
		}
	}
	event := migration.Event{Key: key, InstanceID: web01, Type: "SystemMaintenance.Reboot", Status: migration.Inquiring}
	decidedAt := now.Add(2 * time.Second)           // a person decides
	seenAt := decidedAt.Add(100 * time.Millisecond) // the read-back, whose commit goes first
	apply(func(*migration.Migration) (migration.Change, error) {
		return migration.First(event, migration.Instance{ID: web01}, web, now), nil
	})
	apply(func(m *migration.Migration) (migration.Change, error) {
		return m.Accept(migration.Decision{By: mary, Now: now.Add(time.Second), Via: migration.ViaButton, Seen: migration.SeenAny})
	})
	apply(func(m *migration.Migration) (migration.Change, error) {
		event.Status, event.NotBefore, event.ReadAt = migration.Scheduled, now.Add(48*time.Hour), seenAt
		return m.Observe(event, seenAt), nil
	})
	apply(func(m *migration.Migration) (migration.Change, error) {
		return m.Choose(now.Add(5*time.Hour), migration.Decision{By: mary, Now: decidedAt, Via: migration.ViaCommand, Seen: migration.SeenAny})
	})

	var lines []int
	for {
		due, _, err := s.Heads(ctx, now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(due, func(j migration.Job) bool { return !j.Cloud() && !j.Facts() })
		if i < 0 {
			break
		}
		if due[i].Kind == migration.JobLine {
			lines = append(lines, due[i].Line)
		}
		apply(func(*migration.Migration) (migration.Change, error) {
			return migration.Change{Done: []migration.Job{due[i]}}, nil
		})
	}
	if want := []int{1, 2, 3}; !slices.Equal(lines, want) {
		t.Errorf("the lines are posted in the order %v, want %v", lines, want)
	}
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
