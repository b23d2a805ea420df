package poll_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
)

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestNewEventsBeginWithFactsAndAChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.cloud.instances = map[string]migration.Instance{
			"i-1": {Name: "web-1", Tags: map[string]string{"team": "web"}}, "i-2": {Name: "db-1"}, "i-3": {Name: "db-2"},
		}
		twin := event("1b")
		twin.InstanceID = "i-1"
		bill := event("9")
		bill.Type = "InstanceExpiration.Stop"
		w.list([]migration.Event{event("1"), twin, bill, event("2")}, []migration.Event{event("3")})
		out := w.poll(t)
		if out.Err != nil || out.FactsErr != nil || out.Events != 4 || out.New != 4 || out.Changed != 4 || out.PutOff != 0 {
			t.Errorf("outcome %+v", out)
		}
		same(t, "calls", w.cloud.asked(), []string{"list cn-hangzhou", "instances i-1 i-2", "list cn-hangzhou +", "instances i-3", "list cn-hangzhou ++"})
		same(t, "news", w.store.told(), []string{"1 announced", "1b announced", "2 announced", "3 announced"})
		if m := w.store.get(t, "1"); m.Card.Channel != "C-web" || m.Instance.Name != "web-1" || !m.Instance.Known() {
			t.Errorf("%+v", m)
		}
		if m := w.store.get(t, "3"); m.Card.Channel != "C-rest" {
			t.Errorf("channel %s", m.Card.Channel)
		}
		if w.store.writes != 2 {
			t.Errorf("%d transactions, want one a page", w.store.writes)
		}
		st := w.Status()[0]
		if st.Account != "prod" || st.Region != hangzhou || st.Blind.Err != nil || st.Events != 4 || !st.LastGood.Equal(time.Now()) {
			t.Errorf("status %+v", st)
		}
	})
}

func TestAnUnchangedWorldIsListedAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.cloud.instances = map[string]migration.Instance{"i-1": {Name: "web-1"}} // i-2 is not told
		w.list([]migration.Event{event("1"), event("2")})
		w.poll(t)
		w.cloud.asked()
		writes := w.store.writes
		for range 3 {
			if out := w.poll(t); out.Err != nil || out.Changed != 0 || out.New != 0 || out.Events != 2 {
				t.Errorf("outcome %+v", out)
			}
			same(t, "calls", w.cloud.asked(), []string{"list cn-hangzhou", "list cn-hangzhou +"})
		}
		if w.store.writes != writes {
			t.Errorf("%d more transactions", w.store.writes-writes)
		}
	})
}

// A page that waits for its turn in the store is older than what was read back
// and committed meanwhile.
func TestAPageThatWaitedUndoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.cloud.instances = map[string]migration.Instance{"i-1": {Name: "web-1"}}
		w.list([]migration.Event{event("1")})
		w.poll(t)
		w.store.told()
		chosen := event("1").NotBefore.Add(-time.Hour)
		w.store.queued = func() {
			w.store.queued = nil
			time.Sleep(time.Second)
			back := event("1")
			back.NotBefore, back.ReadAt = chosen, time.Now()
			if _, err := w.store.ApplyEach(t.Context(), []migration.Key{back.Key}, func(_ migration.Key, cur *migration.Migration) migration.Change {
				return cur.Observe(back, time.Now())
			}); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
		}
		w.poll(t)
		same(t, "news", w.store.told(), []string{"1 moved"}) // and not back
		if m := w.store.get(t, "1"); !m.Event.NotBefore.Equal(chosen) {
			t.Errorf("planned for %v, want %v", m.Event.NotBefore, chosen)
		}
	})
}

func TestOnlyItsOwnStatusEndsAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		var page []migration.Event
		for i := range 105 {
			page = append(page, event(fmt.Sprintf("%03d", i)))
		}
		w.list(page)
		w.poll(t)
		w.cloud.asked()
		w.store.told()

		w.list(page[:3])
		w.cloud.byID = map[string]migration.Event{"003": status("003", migration.Executed), "104": status("104", migration.Avoided)}
		if out := w.poll(t); out.Err != nil || out.Events != 3 || out.Changed != 2 {
			t.Errorf("outcome %+v", out)
		}
		calls := w.cloud.asked()
		if len(calls) != 4 || len(strings.Fields(calls[2])) != 101 || calls[3] != "events 103 104" {
			t.Errorf("calls %q", calls)
		}
		same(t, "news", w.store.told(), []string{"003 executed", "104 avoided"})
		if m := w.store.get(t, "050"); m.Event.Status != migration.Scheduled {
			t.Errorf("an event that was not told of is %s", m.Event.Status)
		}
		w.poll(t)
		if calls := w.cloud.asked(); len(strings.Fields(calls[2])) != 101 || len(calls) != 3 {
			t.Errorf("those that ended are asked for again: %q", calls)
		}
		same(t, "news", w.store.told(), nil)
	})
}

func TestAnEventIsFollowedThoughItsTypeIsNotWantedAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.list([]migration.Event{event("1")})
		w.poll(t)
		w.store.told()
		ev := status("1", migration.Executing)
		ev.Type = "InstanceExpiration.Stop"
		w.list([]migration.Event{ev})
		w.poll(t)
		same(t, "news", w.store.told(), []string{"1 executing"})
	})
}

func TestAnEventToldTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.cloud.instances = map[string]migration.Instance{"i-1": {}}
		w.list([]migration.Event{event("1"), event("1")}, []migration.Event{event("1")}, []migration.Event{status("1", migration.Executing)})
		if out := w.poll(t); out.New != 1 || out.Events != 1 {
			t.Errorf("outcome %+v", out)
		}
		same(t, "news", w.store.told(), []string{"1 announced", "1 executing"})
		if n := strings.Count(strings.Join(w.cloud.asked(), "\n"), "instances"); n != 1 {
			t.Errorf("its instance was read %d times", n)
		}
		w.list([]migration.Event{event("2"), status("2", migration.Executing)})
		if w.poll(t); w.store.get(t, "2").Event.Status != migration.Executing {
			t.Error("of two words in one page the earlier one counts")
		}
		w.store.told()
		// Listed again although it is over: the cloud's list may lag behind.
		w.list()
		w.cloud.byID = map[string]migration.Event{"1": status("1", migration.Executed)}
		w.poll(t)
		w.store.told()
		w.list([]migration.Event{event("1")})
		if out := w.poll(t); out.New != 0 || out.Changed != 0 {
			t.Errorf("outcome %+v", out)
		}
		same(t, "news", w.store.told(), nil)
	})
}

func TestARegionThatCouldNotBeLookedAtIsNotOneWithoutEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		if st := w.Status()[0]; st.Blind.Err != nil || !st.LastGood.IsZero() {
			t.Errorf("before the first poll: %+v", st)
		}
		w.list([]migration.Event{event("1")}, []migration.Event{event("2")})
		w.poll(t)
		good := w.Status()[0].LastGood
		w.cloud.asked()
		w.store.told()

		// The list breaks off after its first page.
		w.list([]migration.Event{status("1", migration.Executing)}, []migration.Event{event("2")})
		w.cloud.fail = refusing(migration.CloudFailing, "list cn-hangzhou +")
		for range 3 {
			out := w.poll(t)
			if migration.CloudKind(out.Err) != migration.CloudFailing {
				t.Errorf("outcome %+v", out)
			}
		}
		same(t, "the first page's news", w.store.told(), []string{"1 executing"})
		for _, call := range w.cloud.asked() {
			if strings.HasPrefix(call, "events") {
				t.Errorf("%s: absence is not known", call)
			}
		}
		if st := w.Status()[0]; migration.CloudKind(st.Blind.Err) != migration.CloudFailing || !st.LastGood.Equal(good) {
			t.Errorf("status %+v", st)
		}
		if n := strings.Count(w.log.String(), "level=ERROR"); n != 1 {
			t.Errorf("logged %d times, want once:\n%s", n, w.log)
		}

		w.cloud.fail = nil
		w.list([]migration.Event{event("2")})
		if out := w.poll(t); out.Err != nil || out.Events != 1 {
			t.Errorf("outcome %+v", out)
		}
		if st := w.Status()[0]; st.Blind.Err != nil || !st.LastGood.Equal(time.Now()) {
			t.Errorf("status %+v", st)
		}
		if n := strings.Count(w.log.String(), "can be looked at again"); n != 1 {
			t.Errorf("healing was logged %d times:\n%s", n, w.log)
		}
	})
}

func TestACloudThatForgotEverythingIsAMissingPermission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.list([]migration.Event{event("1"), event("2")})
		w.poll(t)
		w.list()
		out := w.poll(t)
		e, ok := errors.AsType[*migration.CloudError](out.Err)
		if !ok || e.Kind != migration.CloudNotAllowed || e.Action != "ecs:DescribeInstanceHistoryEvents" {
			t.Errorf("outcome %+v", out)
		}
		// After a month the cloud has forgotten them by right.
		<-time.After(30 * 24 * time.Hour)
		if out := w.poll(t); out.Err != nil {
			t.Errorf("a month later: %+v", out)
		}
	})
}

func TestARegionThatHangsHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{Regions: []poll.Region{{Account: "prod", Region: hangzhou}, {Account: "prod", Region: "cn-shanghai"}}})
		ctx, cancel := context.WithCancel(t.Context())
		w.cloud.during = func(ctx context.Context, region string) {
			if region == hangzhou {
				<-ctx.Done()
			}
		}
		first := make(chan poll.Report)
		go func() { first <- w.Run(ctx) }()
		synctest.Wait()
		second := w.Run(t.Context())
		if !second.Regions[0].Busy || second.Regions[1].Busy || second.Regions[1].Err != nil {
			t.Errorf("the second poll: %+v", second.Regions)
		}
		cancel()
		<-first
	})
}

func TestWhatLeftTheListCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.list([]migration.Event{event("1")})
		w.poll(t)
		w.list()
		w.cloud.fail = refusing(migration.CloudMalformed, "events")
		if out := w.poll(t); migration.CloudKind(out.Err) != migration.CloudMalformed {
			t.Errorf("outcome %+v", out)
		}
	})
}

// An event that cannot be read makes the look one that is not whole, and keeps
// nothing from what can be read.
func TestAGarbledEventHoldsUpNoOther(t *testing.T) {
	const soon = "unreadable NotBefore"
	for name, c := range map[string]struct {
		garbled migration.Garbled
		whole   bool
	}{
		"ours":             {migration.Garbled{EventID: "9", Type: "SystemMaintenance.Reboot", Fault: soon}, false},
		"of unknown type":  {migration.Garbled{EventID: "9", Fault: "no EventType"}, false},
		"no event at all":  {migration.Garbled{Fault: "no event"}, false},
		"one that we know": {migration.Garbled{EventID: "2", Type: "Other", Fault: soon}, false},
		"somebody else's":  {migration.Garbled{EventID: "9", Type: "InstanceExpiration.Stop", Fault: soon}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(poll.Options{})
				w.list([]migration.Event{event("1"), event("2")})
				w.poll(t)
				w.store.told()
				<-time.After(time.Minute)

				w.list([]migration.Event{event("3")})
				w.cloud.byID = map[string]migration.Event{"1": status("1", migration.Executed)}
				w.cloud.fail = func(call string) error {
					if call == "list cn-hangzhou +" {
						return migration.GarbledEvents("ecs:DescribeInstanceHistoryEvents", hangzhou, []migration.Garbled{c.garbled})
					}
					return nil
				}
				out := w.poll(t)
				same(t, "news", w.store.told(), []string{"3 announced", "1 executed"})
				st := w.Status()[0]
				if out.Err != nil || !st.LastGood.Equal(time.Now()) {
					t.Errorf("it was looked at: outcome %+v, status %+v", out, st)
				}
				if c.whole {
					if out.Unread != nil || st.Unread != (poll.Spell{}) {
						t.Errorf("outcome %+v, status %+v", out, st)
					}
					return
				}
				e, ok := errors.AsType[*migration.CloudError](out.Unread)
				if !ok || e.Kind != migration.CloudMalformed || !slices.Equal(e.Garbled, []migration.Garbled{c.garbled}) {
					t.Errorf("outcome %+v", out)
				}
				if u := st.Unread; !errors.Is(u.Err, out.Unread) || u.Polls != 1 || !u.Since.Equal(time.Now()) {
					t.Errorf("status %+v", st)
				}
			})
		})
	}
}

// Each trouble lasts as long as polls meet it, whatever else they meet.
func TestEachTroubleHasItsOwnSpell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.list([]migration.Event{event("1")})
		var refusal error
		w.cloud.fail = func(call string) error {
			if strings.HasPrefix(call, "list") && strings.HasSuffix(call, "+") {
				return refusal
			}
			return nil
		}
		garbled := migration.GarbledEvents("ecs:DescribeInstanceHistoryEvents", hangzhou, []migration.Garbled{{EventID: "9", Fault: "no EventType"}})
		began := time.Now().Add(time.Minute) // each poll comes after a minute
		for n, c := range []struct {
			refusal               error
			blind, unread         int           // polls
			blindSince, unreadFor time.Duration // since began
		}{
			{garbled, 0, 1, 0, 0},
			{garbled, 0, 2, 0, 0},
			{&migration.CloudError{Kind: migration.CloudFailing}, 1, 2, 2 * time.Minute, 0},
			{&migration.CloudError{Kind: migration.CloudFailing}, 2, 2, 2 * time.Minute, 0},
			{&migration.CloudError{Kind: migration.CloudMalformed}, 1, 2, 4 * time.Minute, 0},
			{garbled, 0, 3, 0, 0},
			{nil, 0, 0, 0, 0},
			{garbled, 0, 1, 0, 7 * time.Minute},
		} {
			refusal = c.refusal
			w.poll(t)
			st := w.Status()[0]
			if st.Blind.Polls != c.blind || st.Unread.Polls != c.unread ||
				c.blind > 0 && !st.Blind.Since.Equal(began.Add(c.blindSince)) || c.unread > 0 && !st.Unread.Since.Equal(began.Add(c.unreadFor)) {
				t.Errorf("after poll %d, which met %v: %+v", n, c.refusal, st)
			}
		}
	})
}

func TestAListOfGarbledEventsHidesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.list([]migration.Event{event("1")})
		w.poll(t)
		w.list()
		w.cloud.fail = func(call string) error {
			garbled := []migration.Garbled{{EventID: "1", Type: "SystemMaintenance.Reboot", Fault: "unreadable NotBefore"}}
			return migration.GarbledEvents("ecs:DescribeInstanceHistoryEvents", hangzhou, garbled)
		}
		out := w.poll(t)
		if e, ok := errors.AsType[*migration.CloudError](out.Unread); !ok || e.Kind != migration.CloudMalformed || out.Err != nil || len(e.Garbled) != 1 {
			t.Errorf("outcome %+v", out)
		}
	})
}

func TestAStoreThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.list([]migration.Event{event("1")})
		w.store.fail = errors.New("disk full")
		out := w.poll(t)
		if !errors.Is(out.Err, w.store.fail) || w.Status()[0].Blind.Err == nil {
			t.Errorf("outcome %+v", out)
		}
		w.store.fail = nil
		if out = w.poll(t); out.Err != nil || out.New != 1 {
			t.Errorf("after it is well: %+v", out)
		}
	})
}

func TestRegionsGoSideBySideWithinABound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var regions []poll.Region
		for i := range 10 {
			regions = append(regions, poll.Region{Account: "prod", Region: fmt.Sprintf("r-%d", i)})
		}
		w := newWorld(poll.Options{Regions: regions, Concurrency: 4})
		w.cloud.during = func(context.Context, string) { <-time.After(time.Second) }
		report := w.Run(t.Context())
		if d := report.Ended.Sub(report.Began); d != 3*time.Second {
			t.Errorf("ten regions of a second, four at a time, took %v", d)
		}
		for i, out := range report.Regions {
			if out.Region != regions[i].Region || out.Err != nil {
				t.Errorf("outcome %d: %+v", i, out)
			}
		}
	})
}

func TestOneRegionsFaultIsItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{Regions: []poll.Region{
			{Account: "prod", Region: "panics"}, {Account: "prod", Region: "fails"}, {Account: "prod", Region: hangzhou},
		}})
		w.cloud.during = func(_ context.Context, region string) {
			if region == "panics" {
				panic("oh")
			}
		}
		w.cloud.fail = refusing(migration.CloudNotAllowed, "list fails")
		w.list([]migration.Event{event("1")})
		report := w.Run(t.Context())
		if report.Regions[0].Err == nil || migration.CloudKind(report.Regions[1].Err) != migration.CloudNotAllowed {
			t.Errorf("report %+v", report)
		}
		if out := report.Regions[2]; out.Err != nil || out.New != 1 {
			t.Errorf("the good one: %+v", out)
		}
		if !strings.Contains(w.log.String(), "panicked") {
			t.Errorf("the panic was not logged:\n%s", w.log)
		}
	})
}

func TestAPollThatIsCutShortJudgesNoRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.poll(t)
		before := w.Status()[0]
		ctx, cancel := context.WithCancel(t.Context())
		w.cloud.during = func(ctx context.Context, _ string) { <-ctx.Done() }
		done := make(chan poll.Report)
		go func() { done <- w.Run(ctx) }()
		synctest.Wait()
		cancel()
		report := <-done
		if !errors.Is(report.Regions[0].Err, context.Canceled) {
			t.Errorf("report %+v", report)
		}
		if after := w.Status()[0]; after != before {
			t.Errorf("status %+v, want %+v", after, before)
		}
		if strings.Contains(w.log.String(), "ERROR") {
			t.Errorf("logged as a fault:\n%s", w.log)
		}
	})
}
