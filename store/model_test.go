package store_test

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ecs-migrate/internal/migration"
)

var seed = flag.Uint64("seed", 0, "run the model test with this seed only")

// TestAgainstAModel does the same random things to a store and to a plain model
// of what a store means, and compares all that can be read.
func TestAgainstAModel(t *testing.T) {
	seeds := []uint64{1, 2, uint64(time.Now().UnixNano())}
	if *seed != 0 {
		seeds = []uint64{*seed}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			p := &pair{opened: openTest(t), r: rand.New(rand.NewPCG(seed, 0)), model: model{
				migrations: map[migration.Key]migration.Migration{}, once: map[string]bool{}, history: map[migration.Key][]migration.Entry{},
				posts: map[string]migration.Post{}}}
			for step := range 400 {
				p.step()
				if step%8 == 0 {
					p.compare()
				}
				if t.Failed() {
					t.Fatalf("step %d; repeat with -run TestAgainstAModel -seed %d", step, seed)
				}
			}
		})
	}
}

// model is a store without durability.
type model struct {
	migrations map[migration.Key]migration.Migration
	jobs       []modelJob
	queued     int // jobs ever queued
	once       map[string]bool
	history    map[migration.Key][]migration.Entry
	posts      map[string]migration.Post
}

type modelJob struct {
	migration.Job
	seq int
}

func (m *model) apply(c migration.Change) {
	if c.Migration != nil {
		m.migrations[c.Migration.Key()] = *c.Migration
	}
	for _, done := range c.Done {
		m.jobs = slices.DeleteFunc(m.jobs, func(j modelJob) bool { return j.ID == done.ID && j.Rev <= done.Rev })
		if j := m.job(done.ID); j != nil {
			j.Attempts, j.Begun, j.RetryAt, j.LastErr = 0, time.Time{}, time.Time{}, ""
		}
	}
	for _, job := range c.Jobs {
		m.queued++
		job.Rev = m.queued
		if j := m.job(job.ID); j != nil {
			job.Attempts, job.Begun, job.RetryAt, job.LastErr = j.Attempts, j.Begun, j.RetryAt, j.LastErr
			if j.Due.Before(job.Due) {
				job.Due = j.Due
			}
			j.Job = job
		} else {
			m.jobs = append(m.jobs, modelJob{job, m.queued})
		}
	}
	for _, e := range c.Entries {
		m.history[e.Key] = append(m.history[e.Key], e)
	}
}

func (m *model) job(id string) *modelJob {
	for i := range m.jobs {
		if m.jobs[i].ID == id {
			return &m.jobs[i]
		}
	}
	return nil
}

// heads goes through each lane's news, announcements and ticks until one is due.
func (m *model) heads(now time.Time) (due []migration.Job, next time.Time) {
	slices.SortFunc(m.jobs, compareWaiting)
	busy, met := map[string]bool{}, map[string]bool{} // lanes with a head that is due; classes of lanes with a head
	var heads []modelJob
	for class := range 3 {
		for _, j := range m.jobs {
			place := fmt.Sprint(class, j.Lane)
			if classOf(j) != class || busy[j.Lane] || met[place] {
				continue
			}
			met[place] = true
			heads = append(heads, j)
		}
		for _, j := range heads {
			busy[j.Lane] = busy[j.Lane] || !j.Due.After(now)
		}
	}
	slices.SortFunc(heads, func(a, b modelJob) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.seq, b.seq)) })
	for _, j := range heads {
		ready := slices.MaxFunc([]time.Time{j.Due, j.RetryAt}, time.Time.Compare)
		if !ready.After(now) {
			due = append(due, j.Job)
		} else if next.IsZero() || ready.Before(next) {
			next = ready
		}
	}
	return due, next
}

func classOf(j modelJob) int {
	switch {
	case j.Kind == migration.JobTick:
		return 2
	case j.Announces:
		return 1
	}
	return 0
}

// compareWaiting is the order of a lane's jobs.
func compareWaiting(a, b modelJob) int {
	if c := cmp.Compare(classOf(a), classOf(b)); c != 0 {
		return c
	}
	if classOf(a) != 1 {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.seq, b.seq))
	}
	last := func(t time.Time) time.Time { // no deadline goes last
		if t.IsZero() {
			return start.AddDate(1000, 0, 0)
		}
		return t
	}
	return cmp.Or(last(a.Deadline).Compare(last(b.Deadline)), cmp.Compare(a.seq, b.seq))
}

// pair is a store and its model.
type pair struct {
	*opened
	model
	r    *rand.Rand
	seen []migration.Job // jobs that some worker holds, maybe for long
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func (p *pair) moment() time.Time { return start.Add(time.Duration(p.r.IntN(10)) * time.Minute) }

func (p *pair) key() migration.Key {
	return migration.Key{
		Account: pick(p.r, "a", "a\x00", "ab"), Region: pick(p.r, "r", "r/1"), EventID: pick(p.r, "e", "e\x00\x01", "e1", "é", "/"),
	}
}

func (p *pair) change(key migration.Key) migration.Change {
	var c migration.Change
	if p.r.IntN(3) > 0 {
		m := migration.Migration{FirstSeen: start, ChangedAt: p.moment()}
		m.Event = migration.Event{
			Key: key, InstanceID: pick(p.r, "i-1", "i-2"), Status: pick(p.r, migration.Scheduled, migration.Inquiring, migration.Executed, migration.Failed, migration.Canceled),
		}
		if p.r.IntN(3) == 0 {
			m.Acknowledged = &migration.Ack{By: "U1", When: p.moment()}
			m.Checklist.Marks = map[string]migration.Mark{"snapshot": {State: migration.Done, When: p.moment(), Note: &migration.Note{When: p.moment()}}}
		}
		m.Instance.Name = pick(p.r, "", "Web", "wEb", "i-1", "数")
		m.Event.InitialNotBefore = pick(p.r, time.Time{}, p.moment(), p.moment(), p.moment())
		m.Event.FinishedAt = pick(p.r, time.Time{}, p.moment())
		c.Migration = &m
	}
	for range p.r.IntN(3) {
		c.Jobs = append(c.Jobs, p.job(key))
	}
	for range p.r.IntN(3) {
		if len(p.seen) > 0 {
			c.Done = append(c.Done, pick(p.r, p.seen...))
		}
	}
	for range p.r.IntN(2) {
		c.Entries = append(c.Entries, migration.Entry{Key: key, After: migration.StateExecuted, News: migration.News{When: p.moment()}})
	}
	return c
}

func (p *pair) job(key migration.Key) migration.Job {
	j := migration.Job{
		ID: pick(p.r, "1", "2", "3", "4", "5", "6"), Lane: pick(p.r, "x", "x/y", "x\x00"), Key: key,
		Kind: pick(p.r, migration.JobCard, migration.JobLine, migration.JobTick), Due: p.moment(), Line: p.r.IntN(9),
	}
	if j.Kind == migration.JobCard && p.r.IntN(2) == 0 {
		j.Announces, j.Deadline = true, pick(p.r, time.Time{}, p.moment(), p.moment())
	}
	return j
}

// post is a random change of a random post, which may gather cards.
func (p *pair) post() (id string, c migration.PostChange) {
	id = pick(p.r, "a", "a/1", "b\x00")
	if p.r.IntN(4) > 0 {
		at := p.moment()
		c.Post = &migration.Post{ID: id, Kind: migration.PostOverview, Channel: "C1", Generation: p.r.IntN(3), Begun: at, ChangedAt: at}
	}
	for range p.r.IntN(3) {
		c.Gather = append(c.Gather, p.key())
	}
	for range p.r.IntN(3) {
		c.Jobs = append(c.Jobs, p.job(migration.Key{}))
	}
	if len(p.seen) > 0 && p.r.IntN(2) == 0 {
		c.Done = append(c.Done, pick(p.r, p.seen...))
	}
	return id, c
}

func (m *model) applyPost(id string, c migration.PostChange) {
	if c.Post != nil {
		m.posts[id] = *c.Post
	}
	for _, key := range c.Gather {
		if known, ok := m.migrations[key]; ok {
			m.migrations[key], _ = known.Gather(id)
		}
	}
	m.apply(migration.Change{Jobs: c.Jobs, Done: c.Done})
}

func (p *pair) step() {
	ctx, t := p.t.Context(), p.t
	switch p.r.IntN(20) {
	default: // a change, maybe of an envelope, maybe refused
		key, once, refused := p.key(), pick(p.r, "", "", "", fmt.Sprint("env-", p.r.IntN(200))), error(nil)
		c := p.change(key)
		if p.r.IntN(10) == 0 {
			refused = errors.New("refused")
		}
		want := refused
		if once != "" && p.once[once] {
			want = migration.ErrTwice
		}
		got, err := p.Apply(ctx, key, once, func(*migration.Migration) (migration.Change, error) { return c, refused })
		if err != want {
			t.Errorf("apply: %v, want %v", err, want)
		}
		if want == nil {
			p.model.apply(c)
			p.once[once] = true
		}
		if d := gocmp.Diff(p.migrations[key], got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("apply returned %s", d)
		}
	case 0: // a page
		changes := map[migration.Key]migration.Change{}
		var keys []migration.Key
		for range p.r.IntN(8) {
			key := p.key()
			if _, twice := changes[key]; !twice {
				keys, changes[key] = append(keys, key), p.change(key)
			}
		}
		want := 0
		for _, key := range keys {
			if !changes[key].Empty() {
				want++
			}
		}
		changed, err := p.ApplyEach(ctx, keys, func(k migration.Key, _ *migration.Migration) migration.Change { return changes[k] })
		if changed != want || err != nil {
			t.Errorf("changed %d, want %d, err %v", changed, want, err)
		}
		for _, key := range keys {
			p.model.apply(changes[key])
		}
	case 1, 2, 3, 4: // a worker begins a head
		due, _, err := p.Heads(ctx, p.moment())
		if err != nil || len(due) == 0 {
			return
		}
		job := pick(p.r, due...)
		p.begin(job.ID)
		begun, err := p.Begin(ctx, job)
		if d := gocmp.Diff(p.model.job(job.ID).Job, begun); d != "" || err != nil {
			t.Errorf("begin: %v %s", err, d)
		}
		p.seen = append(p.seen, begun)
	case 5, 6: // a worker puts a job off, maybe one that is gone
		if len(p.seen) == 0 {
			return
		}
		job, at := pick(p.r, p.seen...), p.moment()
		job.Attempts -= p.r.IntN(2) // the run did nothing
		var want error = migration.ErrNoJob
		if j := p.model.job(job.ID); j != nil {
			j.RetryAt, j.LastErr, want = at, "later", nil
			if j.Attempts = min(j.Attempts, job.Attempts); j.Attempts == 0 {
				j.Begun = time.Time{}
			}
		}
		if err := p.Retry(ctx, job, at, "later"); err != want {
			t.Errorf("retry: %v, want %v", err, want)
		}
	case 7:
		p.reopen()
	case 8, 9: // a post
		id, c := p.post()
		got, err := p.ApplyPost(ctx, id, "", func(*migration.Post) (migration.PostChange, error) { return c, nil })
		p.model.applyPost(id, c)
		if d := gocmp.Diff(p.posts[id], got, cmpopts.EquateEmpty()); d != "" || err != nil {
			t.Errorf("apply to a post: %v %s", err, d)
		}
	}
}

func (m *model) begin(id string) {
	j := m.job(id)
	if j.Attempts++; j.Begun.IsZero() {
		j.Begun = start
	}
}

func (p *pair) compare() {
	ctx, t := p.t.Context(), p.t
	same := func(what string, want, got any) {
		t.Helper()
		if d := gocmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-model +store):\n%s", what, d)
		}
	}
	for range 3 {
		now := p.moment()
		due, next, err := p.Heads(ctx, now)
		wantDue, wantNext := p.heads(now)
		same("due", wantDue, due)
		same("next", wantNext, next)
		same("error", nil, err)
	}
	kinds := map[migration.JobKind]int{migration.JobCard: 0, migration.JobLine: 0, migration.JobTick: 0}
	for _, j := range p.jobs {
		kinds[j.Kind]++
	}
	var all, opens, waits []migration.Migration
	for key, m := range p.migrations {
		all = append(all, m)
		if !m.Event.Status.Final() {
			opens = append(opens, m)
		}
		if m.Waiting() {
			waits = append(waits, m)
		}
		history, _ := p.History(ctx, key)
		same("history", p.history[key], history)
	}
	for id, want := range p.posts {
		got, ok, err := p.Post(ctx, id)
		same("post", want, got)
		same("known", true, ok)
		same("error", nil, err)
	}
	for _, lane := range []string{"x", "x/y", "x\x00"} {
		slices.SortFunc(p.jobs, compareWaiting)
		var want []migration.Job
		for _, j := range p.jobs {
			if j.Lane == lane && classOf(j) == 1 {
				want = append(want, j.Job)
			}
		}
		got, err := p.Announcements(ctx, lane)
		same("announcements", want, got)
		same("error", nil, err)
	}
	stats := p.Stats()
	for kind, n := range kinds {
		same("jobs", n, stats.Jobs[kind])
	}
	same("open", len(opens), stats.Open)
	same("waiting", len(waits), stats.Waiting)
	same("total", len(all), stats.Migrations)

	slices.SortFunc(opens, byDeadline)
	slices.SortFunc(waits, byWaiting)
	var listed []migration.Migration
	err := p.ByDeadline(ctx, func(m migration.Migration) bool { listed = append(listed, m); return true })
	same("by deadline", slices.Concat(opens, waits), listed)
	same("error", nil, err)

	for _, region := range []string{"r", "r/1"} {
		var want []migration.Key
		for _, m := range opens {
			if m.Event.Account == "a" && m.Event.Region == region {
				want = append(want, m.Key())
			}
		}
		slices.SortFunc(want, compareKeys)
		got, err := p.Tracked(ctx, "a", region)
		same("tracked", want, got)
		same("error", nil, err)
	}
	for _, target := range []string{"i-1", "i-2", "web", "WEB", "数", "e", "e\x00\x01", "/", "nobody"} {
		var want []migration.Migration
		for _, m := range all {
			if m.Event.InstanceID == target || m.Event.EventID == target || strings.EqualFold(m.Instance.Name, target) {
				want = append(want, m)
			}
		}
		slices.SortFunc(want, byFind)
		got, err := p.Find(ctx, target)
		same("find "+target, want, got)
		same("error", nil, err)
	}
}

func compareKeys(a, b migration.Key) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.EventID, b.EventID))
}

func byDeadline(a, b migration.Migration) int {
	x, y := a.Deadline(), b.Deadline()
	if x.IsZero() != y.IsZero() {
		return cmp.Compare(fmt.Sprint(x.IsZero()), fmt.Sprint(y.IsZero()))
	}
	return cmp.Or(x.Compare(y), compareKeys(a.Key(), b.Key()))
}

// byWaiting is the failed first, then by when it ended.
func byWaiting(a, b migration.Migration) int {
	class := func(m migration.Migration) bool { return m.Event.Status != migration.Failed }
	ended := func(m migration.Migration) time.Time {
		if m.Event.FinishedAt.IsZero() {
			return m.FirstSeen
		}
		return m.Event.FinishedAt
	}
	return cmp.Or(cmp.Compare(fmt.Sprint(class(a)), fmt.Sprint(class(b))), ended(a).Compare(ended(b)), compareKeys(a.Key(), b.Key()))
}

func byFind(a, b migration.Migration) int {
	class := func(m migration.Migration) int {
		switch {
		case !m.Event.Status.Final():
			return 0
		case m.Waiting():
			return 1
		}
		return 2
	}
	switch x, y := class(a), class(b); {
	case x != y:
		return cmp.Compare(x, y)
	case x == 0:
		return byDeadline(a, b)
	case x == 1:
		return byWaiting(a, b)
	}
	ended := func(m migration.Migration) time.Time {
		if m.Event.FinishedAt.IsZero() {
			return m.ChangedAt
		}
		return m.Event.FinishedAt
	}
	return cmp.Or(ended(b).Compare(ended(a)), compareKeys(a.Key(), b.Key()))
}
