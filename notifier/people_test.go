package notifier

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func profile(name string) func(fakeCall) (*http.Response, error) {
	return func(c fakeCall) (*http.Response, error) {
		if c.method == "auth.test" {
			return reply(http.StatusOK, `{"ok":true,"team_id":"T1","enterprise_id":"E1"}`), nil
		}
		return reply(http.StatusOK, fmt.Sprintf(`{"ok":true,"user":{"id":%q,"team_id":"T1","name":%q,"tz":"Asia/Shanghai","locale":"zh-CN"}}`, c.user, name)), nil
	}
}

func down(fakeCall) (*http.Response, error) { return reply(http.StatusServiceUnavailable, ""), nil }

func TestPeopleAreKeptForAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answer: profile("lin")}
		p := NewPeople(f.api(), PeopleOptions{})
		ask := func(want string, calls int) {
			t.Helper()
			got, err := p.Person(t.Context(), lin)
			if err != nil || got.Name != want || got.Lang != Chinese {
				t.Errorf("%+v, %v, want %s", got, err, want)
			}
			if n := len(f.of("users.info")); n != calls {
				t.Errorf("%d calls, want %d", n, calls)
			}
		}
		ask("lin", 1)
		time.Sleep(59 * time.Minute)
		f.then(profile("lin yue"))
		ask("lin", 1)
		time.Sleep(time.Minute)
		ask("lin yue", 2)

		// Slack is down: the old copy does, and is not asked for at every turn.
		time.Sleep(2 * time.Hour)
		f.then(down)
		ask("lin yue", 3)
		ask("lin yue", 3)
		time.Sleep(personRetry)
		ask("lin yue", 4)
		f.then(profile("lin"))
		time.Sleep(personRetry)
		ask("lin", 5)
	})
}

func TestPeopleAskedForTogetherAreReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answer: func(c fakeCall) (*http.Response, error) {
			time.Sleep(time.Second)
			return profile("lin")(c)
		}}
		p := NewPeople(f.api(), PeopleOptions{})
		// The first to ask goes away; the others still get their answer.
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if got, err := p.Person(short, lin); err == nil || got.ID != lin {
				t.Errorf("%+v, %v, want an error and the id", got, err)
			}
		})
		synctest.Wait()
		for range 10 {
			wg.Go(func() {
				if got, err := p.Person(t.Context(), lin); err != nil || got.Name != "lin" {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		wg.Wait()
		if n := len(f.of("users.info")); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
}

// Slack counts calls, whoever they ask for: each click that asked again would be
// refused too.
func TestNobodyIsAskedForWhileSlackWantsToBeLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answer: profile("lin")}
		p := NewPeople(f.api(), PeopleOptions{})
		if _, err := p.Person(t.Context(), lin); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		f.then(func(fakeCall) (*http.Response, error) {
			r := reply(http.StatusTooManyRequests, "")
			r.Header.Set("Retry-After", "30")
			return r, nil
		})
		refused := func() {
			t.Helper()
			for _, who := range []string{lin, "U0000000002"} {
				if got, err := p.Fresh(t.Context(), who, 5*time.Minute); err == nil {
					t.Errorf("%s decides as %+v", who, got)
				}
			}
			if got, err := p.Person(t.Context(), lin); err != nil || got.Name != "lin" {
				t.Errorf("what is kept does for looking: %+v, %v", got, err)
			}
			if n := len(f.of("users.info")); n != 2 {
				t.Errorf("%d calls, want 2", n)
			}
		}
		refused()
		f.then(profile("lin"))
		time.Sleep(29 * time.Second)
		refused()
		time.Sleep(time.Second)
		if _, err := p.Fresh(t.Context(), lin, 5*time.Minute); err != nil {
			t.Error(err)
		}
		if n := len(f.of("users.info")); n != 3 {
			t.Errorf("%d calls, want 3", n)
		}
	})
}

func TestPeopleAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answer: profile("x")}
		p := NewPeople(f.api(), PeopleOptions{})
		for i := range peopleKept + 5 {
			p.keep(Person{ID: fmt.Sprint("U", i)}, p.o.Clock.Now(), time.Hour+time.Duration(i))
		}
		if len(p.known) != peopleKept {
			t.Errorf("%d kept, want %d", len(p.known), peopleKept)
		}
		for i := range 5 {
			if _, ok := p.recall(fmt.Sprint("U", i)); ok {
				t.Errorf("U%d is kept, it was read first", i)
			}
		}
	})
}

func TestMentionTakesUserIDsOnly(t *testing.T) {
	for id, want := range map[string]mrkdwn{
		lin: "<@U0000000001>", "W0123ABC": "<@W0123ABC>", "": "", "!channel": "!channel", "U1> <!here": "U1&gt; &lt;!here",
		"u1": "u1", "U" + strings.Repeat("1", 40): mrkdwn("U" + strings.Repeat("1", 40)),
	} {
		if got := mention(id); got != want {
			t.Errorf("mention(%q) = %q, want %q", id, got, want)
		}
	}
}

func TestWritten(t *testing.T) {
	at := time.Date(2024, 5, 1, 18, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{
		"Asia/Shanghai":     "2024-05-02 02:00 CST (UTC+08:00)",
		"America/New_York":  "2024-05-01 14:00 EDT (UTC-04:00)",
		"Europe/London":     "2024-05-01 19:00 BST (UTC+01:00)",
		"UTC":               "2024-05-01 18:00 UTC",
		"America/Sao_Paulo": "2024-05-01 15:00 UTC-03:00",
		"Asia/Kolkata":      "2024-05-01 23:30 IST (UTC+05:30)",
	} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := written(at, loc); got != want {
			t.Errorf("%s: %q, want %q", zone, got, want)
		}
	}
	if got, want := written(at, nil), "2024-05-01 18:00 UTC"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := string(date(at, shanghai(t))), "<!date^1714586400^{date_short_pretty} {time}|2024-05-02 02:00 CST (UTC+08:00)>"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
