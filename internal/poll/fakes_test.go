package poll_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
)

const hangzhou = "cn-hangzhou"

// cloud is a cloud of a few lines. Its fields may be changed between polls.
type cloud struct {
	mu        sync.Mutex
	listed    map[string][][]migration.Event           // pages by region
	byID      map[string]migration.Event               // what Events tells
	instances map[string]migration.Instance            // what Instances tells
	fail      func(call string) error                  // of each call, as calls spells it
	during    func(ctx context.Context, region string) // of each list
	calls     []string                                 // "list cn-hangzhou", "events e-1 e-2", "instances i-1"
}

func (c *cloud) call(what string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, what)
	if c.fail != nil {
		return c.fail(what)
	}
	return nil
}

// asked are the calls since the last time it was asked.
func (c *cloud) asked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = nil
	return calls
}

func (c *cloud) Pending(ctx context.Context, region string, page func([]migration.Event) error) error {
	if c.during != nil {
		c.during(ctx, region)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("list %s: %w", region, err)
	}
	for i, p := range append(slices.Clone(c.listed[region]), nil) {
		if err := c.call(strings.TrimSpace(fmt.Sprintf("list %s %s", region, strings.Repeat("+", i)))); err != nil {
			return err
		}
		if i == len(c.listed[region]) {
			return nil // an empty last page
		}
		for j := range p {
			p[j].ReadAt = time.Now()
		}
		if err := page(p); err != nil {
			return err
		}
	}
	return nil
}

func (c *cloud) Events(_ context.Context, _ string, ids []string) ([]migration.Event, error) {
	if err := c.call("events " + strings.Join(ids, " ")); err != nil {
		return nil, err
	}
	var all []migration.Event
	for _, id := range ids {
		if ev, ok := c.byID[id]; ok {
			ev.ReadAt = time.Now()
			all = append(all, ev)
		}
	}
	return all, nil
}

func (c *cloud) Instances(_ context.Context, _ string, ids []string) (map[string]migration.Instance, error) {
	if err := c.call("instances " + strings.Join(ids, " ")); err != nil {
		return nil, err
	}
	all := map[string]migration.Instance{}
	for _, id := range ids {
		if inst, ok := c.instances[id]; ok {
			inst.ID, inst.ReadAt = id, time.Now()
			all[id] = inst
		}
	}
	return all, nil
}

// memory is a store of a few lines. Like the real one it decides twice.
type memory struct {
	mu      sync.Mutex
	all     map[migration.Key]migration.Migration
	entries []migration.Entry
	writes  int
	fail    error
	queued  func() // while a transaction waits for its turn
}

func (m *memory) Tracked(ctx context.Context, account, region string) ([]migration.Key, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var keys []migration.Key
	for k, v := range m.all {
		if k.Account == account && k.Region == region && !v.Event.Status.Final() {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b migration.Key) int { return strings.Compare(a.EventID, b.EventID) })
	return keys, ctx.Err()
}

func (m *memory) Migration(_ context.Context, key migration.Key) (migration.Migration, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.all[key]
	return v, ok, nil
}

func (m *memory) ApplyEach(_ context.Context, keys []migration.Key, fn func(migration.Key, *migration.Migration) migration.Change) (int, error) {
	if m.queued != nil {
		m.queued()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return 0, m.fail
	}
	decide := func() (changes []migration.Change, news int) {
		for _, k := range keys {
			var cur *migration.Migration
			if v, ok := m.all[k]; ok {
				cur = &v
			}
			c := fn(k, cur)
			changes = append(changes, c)
			if !c.Empty() {
				news++
			}
		}
		return changes, news
	}
	if _, news := decide(); news == 0 {
		return 0, nil
	}
	changes, news := decide()
	m.writes++
	for i, c := range changes {
		if c.Migration != nil {
			if m.all == nil {
				m.all = map[migration.Key]migration.Migration{}
			}
			m.all[keys[i]] = *c.Migration
		}
		m.entries = append(m.entries, c.Entries...)
	}
	return news, nil
}

// told are the news in the audit trail since the last time it was asked, as
// "e-1 announced".
func (m *memory) told() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for _, e := range m.entries {
		all = append(all, e.Key.EventID+" "+string(e.News.Kind))
	}
	m.entries = nil
	return all
}

func (m *memory) get(t *testing.T, event string) migration.Migration {
	t.Helper()
	v, ok := m.all[key(event)]
	if !ok {
		t.Fatalf("%s is not known", event)
	}
	return v
}

func key(event string) migration.Key {
	return migration.Key{Account: "prod", Region: hangzhou, EventID: event}
}

// event is a migration of i-<event> in two days of the bubble's time.
func event(id string) migration.Event {
	at := time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC) // a bubble begins in 2000
	return migration.Event{
		Key: key(id), InstanceID: "i-" + id, Type: "SystemUpgrade.Migrate", Status: migration.Scheduled,
		NotBefore: at, InitialNotBefore: at,
	}
}

func status(id string, s migration.Status) migration.Event {
	ev := event(id)
	ev.Status = s
	return ev
}

// world is a poller with its fakes and its log.
type world struct {
	*poll.Poller
	cloud *cloud
	store *memory
	log   *bytes.Buffer
}

func newWorld(o poll.Options) *world {
	w := &world{cloud: &cloud{listed: map[string][][]migration.Event{}}, store: &memory{}, log: &bytes.Buffer{}}
	if o.Regions == nil {
		o.Regions = []poll.Region{{Account: "prod", Region: hangzhou, Cloud: w.cloud}}
	}
	for i := range o.Regions {
		if o.Regions[i].Cloud == nil {
			o.Regions[i].Cloud = w.cloud
		}
	}
	o.Store, o.Clock = w.store, clock.Real{}
	o.Log = slog.New(slog.NewTextHandler(w.log, nil))
	o.Wanted = func(eventType string) bool { return strings.HasPrefix(eventType, "System") }
	o.Route = func(account, region string, tags map[string]string) string {
		if tags["team"] != "" {
			return "C-" + tags["team"]
		}
		return "C-rest"
	}
	w.Poller = poll.New(o)
	return w
}

// list is what hangzhou lists from now on, one page an argument.
func (w *world) list(pages ...[]migration.Event) { w.cloud.listed[hangzhou] = pages }

// poll polls once and gives hangzhou's outcome.
func (w *world) poll(t *testing.T) poll.Outcome {
	t.Helper()
	<-time.After(time.Minute) // in the bubble: the gap between polls
	return w.Run(t.Context()).Regions[0]
}

func refusing(kind migration.CloudErrorKind, prefix string) func(string) error {
	return func(call string) error {
		if strings.HasPrefix(call, prefix) {
			return &migration.CloudError{Kind: kind, Action: "ecs:" + prefix, Region: hangzhou}
		}
		return nil
	}
}
