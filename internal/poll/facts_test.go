package poll_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
)

func TestAMissingPermissionHoldsNoCardBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.cloud.fail = refusing(migration.CloudNotAllowed, "instances")
		w.list([]migration.Event{event("1")}, []migration.Event{event("2")})
		out := w.poll(t)
		if out.Err != nil || migration.CloudKind(out.FactsErr) != migration.CloudNotAllowed || out.New != 2 || out.PutOff != 0 {
			t.Errorf("outcome %+v", out)
		}
		if m := w.store.get(t, "1"); m.Instance.Known() || m.Instance.ID != "i-1" || m.Card.Channel != "C-rest" {
			t.Errorf("%+v", m)
		}
		same(t, "calls", w.cloud.asked(), []string{"list cn-hangzhou", "instances i-1", "list cn-hangzhou +", "list cn-hangzhou ++"})
		for range 30 {
			if out := w.poll(t); migration.CloudKind(out.FactsErr) != migration.CloudNotAllowed {
				t.Errorf("the report forgot the missing permission: %+v", out)
			}
		}
		if n := strings.Count(w.log.String(), "level=WARN"); n != 1 {
			t.Errorf("logged %d times, want once:\n%s", n, w.log)
		}
	})
}

func TestNewEventsWaitThreePollsForFacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.list([]migration.Event{event("old")})
		w.cloud.instances = map[string]migration.Instance{"i-old": {}, "i-1": {Name: "web-1"}, "i-2": {}}
		w.poll(t)
		w.store.told()
		w.cloud.fail = refusing(migration.CloudFailing, "instances")
		w.list([]migration.Event{status("old", migration.Executing), event("1")}, []migration.Event{event("2")})
		for i := range 3 {
			w.cloud.asked()
			out := w.poll(t)
			if out.Err != nil || out.New != 0 || out.PutOff != 2 || migration.CloudKind(out.FactsErr) != migration.CloudFailing {
				t.Errorf("poll %d: %+v", i+1, out)
			}
			if n := strings.Count(strings.Join(w.cloud.asked(), "\n"), "instances"); n != 1 {
				t.Errorf("poll %d asked %d times for facts, want once", i+1, n)
			}
		}
		same(t, "news meanwhile", w.store.told(), []string{"old executing"})
		if out := w.poll(t); out.New != 2 || out.PutOff != 0 {
			t.Errorf("the fourth poll: %+v", out)
		}
		same(t, "news", w.store.told(), []string{"1 announced", "2 announced"})

		// Facts are there again: they are learnt, and the next new event waits anew.
		w.cloud.fail = nil
		for range 6 {
			w.poll(t)
		}
		if m := w.store.get(t, "1"); m.Instance.Name != "web-1" {
			t.Errorf("facts were not learnt: %+v", m.Instance)
		}
		w.cloud.fail = refusing(migration.CloudFailing, "instances")
		w.list([]migration.Event{event("3")})
		if out := w.poll(t); out.PutOff != 1 {
			t.Errorf("a later event: %+v", out)
		}
	})
}

func TestFactsThatComeInTimeLetTheEventBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.cloud.instances = map[string]migration.Instance{"i-1": {Name: "web-1", Tags: map[string]string{"team": "web"}}}
		w.cloud.fail = refusing(migration.CloudFailing, "instances")
		w.list([]migration.Event{event("1")})
		w.poll(t)
		w.cloud.fail = nil
		if out := w.poll(t); out.New != 1 || out.FactsErr != nil {
			t.Errorf("outcome %+v", out)
		}
		if m := w.store.get(t, "1"); m.Card.Channel != "C-web" {
			t.Errorf("channel %s", m.Card.Channel)
		}
		if n := strings.Count(w.log.String(), "not missed any more"); n != 1 {
			t.Errorf("healing was logged %d times:\n%s", n, w.log)
		}
	})
}

func TestUnreadFactsAreAskedForLessAndLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.list([]migration.Event{event("1"), event("2")})
		begun := time.Now()
		w.poll(t)
		var asked []time.Duration
		for time.Since(begun) < 4*time.Hour {
			w.cloud.asked()
			w.poll(t)
			for _, call := range w.cloud.asked() {
				if call == "instances i-1 i-2" {
					asked = append(asked, time.Since(begun).Round(time.Minute))
				}
			}
		}
		// The gaps are 5, 10, 20, 40 and then 60 minutes.
		want := []time.Duration{6, 16, 36, 76, 136, 196}
		if len(asked) != len(want) {
			t.Fatalf("asked after %v", asked)
		}
		for i := range want {
			if asked[i] != want[i]*time.Minute {
				t.Errorf("asked after %v, want minutes %v", asked, want)
			}
		}
		// The permission is granted; both are learnt by one call, in one transaction.
		w.cloud.instances = map[string]migration.Instance{"i-1": {Name: "a"}, "i-2": {Name: "b"}}
		writes := w.store.writes
		for range 60 {
			w.poll(t)
		}
		if w.store.get(t, "1").Instance.Name != "a" || w.store.get(t, "2").Instance.Name != "b" || w.store.writes != writes+1 {
			t.Errorf("learnt in %d transactions: %+v", w.store.writes-writes, w.store.all)
		}
	})
}

func TestAfterARestartUnreadFactsAreAskedForAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.list([]migration.Event{event("1")})
		w.poll(t)
		again := newWorld(poll.Options{Regions: []poll.Region{{Account: "prod", Region: hangzhou, Cloud: w.cloud}}})
		again.store.all = w.store.all
		w.cloud.instances = map[string]migration.Instance{"i-1": {Name: "web-1"}}
		if out := again.poll(t); out.Changed != 1 {
			t.Errorf("outcome %+v", out)
		}
		if m := again.store.get(t, "1"); m.Instance.Name != "web-1" {
			t.Errorf("%+v", m.Instance)
		}
	})
}

func TestANewMigrationWithoutFactsDoesNotWaitForTheOldOnesGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.list([]migration.Event{event("1")})
		for range 120 {
			w.poll(t) // by now there is an hour between the readings
		}
		w.list([]migration.Event{event("1"), event("2")})
		w.poll(t)
		w.cloud.instances = map[string]migration.Instance{"i-2": {Name: "web-2"}}
		for range 6 {
			w.poll(t)
		}
		if m := w.store.get(t, "2"); m.Instance.Name != "web-2" {
			t.Errorf("%+v", m.Instance)
		}
	})
}

func TestFactsThatNobodyNeedsAreNotMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(poll.Options{})
		w.cloud.fail = refusing(migration.CloudNotAllowed, "instances")
		w.list([]migration.Event{event("1")})
		w.poll(t)
		w.list()
		w.cloud.byID = map[string]migration.Event{"1": status("1", migration.Executed)}
		w.poll(t)
		if out := w.poll(t); out.FactsErr != nil || w.Status()[0].Facts.Err != nil {
			t.Errorf("outcome %+v", out)
		}
	})
}
