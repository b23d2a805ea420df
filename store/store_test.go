package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// start is when every test begins.
var start = time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)

// roles are what the test binary does instead of tests when it is started again
// as another process.
var roles = map[string]func(path string) int{"write": writeForever, "hold": holdOpen}

const roleVariable, pathVariable = "STORE_TEST_ROLE", "STORE_TEST_PATH"

func TestMain(m *testing.M) {
	if role := roles[os.Getenv(roleVariable)]; role != nil {
		os.Exit(role(os.Getenv(pathVariable)))
	}
	os.Exit(m.Run())
}

// opened is a store that is checked when its test ends, closed, opened again and
// checked once more.
type opened struct {
	*store.Store
	t    testing.TB
	path string
	now  time.Time // what the store takes for now
	// policy says what follows from each change; nil: nothing.
	policy *migration.Policy
}

func openTest(t testing.TB) *opened {
	t.Helper()
	o := &opened{t: t, path: filepath.Join(t.TempDir(), "test.db"), now: start}
	o.open()
	t.Cleanup(func() {
		o.reopen()
		o.close()
	})
	return o
}

func (o *opened) open() {
	o.t.Helper()
	options := store.Options{Now: func() time.Time { return o.now }}
	if o.policy != nil {
		options.Follow = o.policy.Follow
	}
	s, err := store.Open(o.path, options)
	if err != nil {
		o.t.Fatal(err)
	}
	o.Store = s
}

func (o *opened) close() {
	o.t.Helper()
	if err := o.Check(context.Background()); err != nil {
		o.t.Errorf("before closing: %v", err)
	}
	if err := o.Close(); err != nil {
		o.t.Error(err)
	}
}

// reopen is what a restart does.
func (o *opened) reopen() {
	o.t.Helper()
	o.close()
	o.open()
}

// apply commits the change whatever stands.
func (o *opened) apply(key migration.Key, c migration.Change) migration.Migration {
	o.t.Helper()
	m, err := o.Apply(o.t.Context(), key, "", func(*migration.Migration) (migration.Change, error) { return c, nil })
	if err != nil {
		o.t.Fatal(err)
	}
	return m
}

// announce stores the event as a poll that sees it first does.
func (o *opened) announce(ev migration.Event, inst migration.Instance) migration.Migration {
	o.t.Helper()
	return o.apply(ev.Key, migration.First(ev, inst, "C1", start))
}

// event is number n of prod in cn-hangzhou, with a deadline n hours from start.
func event(n int) migration.Event {
	at := start.Add(time.Duration(n) * time.Hour)
	return migration.Event{
		Key:        migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: fmt.Sprintf("e-%06d", n)},
		InstanceID: fmt.Sprintf("i-%06d", n), Type: "SystemUpgrade.Migrate", Status: migration.Scheduled,
		Reason: "host", PublishedAt: start.Add(-time.Hour), NotBefore: at, InitialNotBefore: at, ReadAt: start,
	}
}

func instance(n int) migration.Instance {
	return migration.Instance{
		ID: fmt.Sprintf("i-%06d", n), Name: fmt.Sprintf("Web-%d", n), Zone: "cn-hangzhou-b", Status: "Running",
		NetworkType: "vpc", PrivateIPs: []string{"10.0.0.1"}, Tags: map[string]string{"team": "web", "owner": "ann"}, ReadAt: start,
	}
}

// waiting are the due heads' ids at the moment at.
func (o *opened) waiting(at time.Time) []string {
	o.t.Helper()
	due, _, err := o.Heads(o.t.Context(), at)
	if err != nil {
		o.t.Fatal(err)
	}
	return ids(due)
}

func ids(jobs []migration.Job) []string {
	var out []string
	for _, j := range jobs {
		out = append(out, j.ID)
	}
	return out
}
