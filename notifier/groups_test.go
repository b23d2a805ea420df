package notifier

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const team = "S0000000001"

func people(ids string) func(fakeCall) (*http.Response, error) {
	return func(fakeCall) (*http.Response, error) {
		return reply(http.StatusOK, `{"ok":true,"users":[`+ids+`]}`), nil
	}
}

func refuses(code string) func(fakeCall) (*http.Response, error) {
	return func(fakeCall) (*http.Response, error) {
		return reply(http.StatusOK, `{"ok":false,"error":"`+code+`"}`), nil
	}
}

// asks checks one answer and how many calls were made by then.
func asks(t *testing.T, g *Groups, f *fakeSlack, user string, want, fails bool, calls int) {
	t.Helper()
	got, err := g.Has(t.Context(), team, user)
	if got != want || (err != nil) != fails {
		t.Errorf("%s is in it: %t, %v; want %t, failing %t", user, got, err, want, fails)
	}
	if n := len(f.of("usergroups.users.list")); n != calls {
		t.Errorf("%d calls, want %d", n, calls)
	}
}

func TestWhoIsTakenOutOfAGroupIsOutWithinItsAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answer: people(`"` + lin + `","` + mary + `"`)}
		g := NewGroups(f.api(), nil, nil)
		asks(t, g, f, lin, true, false, 1)
		asks(t, g, f, "U0000000009", false, false, 1)
		f.then(people(`"` + mary + `"`))
		time.Sleep(GroupKept - time.Second)
		asks(t, g, f, lin, true, false, 1)
		time.Sleep(time.Second)
		asks(t, g, f, lin, false, false, 2)
		asks(t, g, f, mary, true, false, 2)
	})
}

// An old copy would let somebody act who may not any more.
func TestAGroupThatCannotBeReadSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answer: people(`"` + lin + `"`)}
		g := NewGroups(f.api(), nil, nil)
		asks(t, g, f, lin, true, false, 1)
		f.then(down)
		time.Sleep(GroupKept)
		asks(t, g, f, lin, false, true, 2)
		asks(t, g, f, mary, false, true, 2) // and is not asked for at every click
		time.Sleep(groupRetry)
		asks(t, g, f, lin, false, true, 3)
		for _, code := range []string{"missing_scope", "invalid_auth", "fatal_error", "plan_upgrade_required"} {
			f.then(refuses(code))
			time.Sleep(groupRetry)
			asks(t, g, f, lin, false, true, len(f.of("usergroups.users.list"))+1)
		}
		f.then(people(`"` + lin + `"`))
		time.Sleep(groupRetry)
		asks(t, g, f, lin, true, false, 8)
	})
}

func TestSlacksRetryAfterIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answer: func(fakeCall) (*http.Response, error) {
			r := reply(http.StatusTooManyRequests, "")
			r.Header.Set("Retry-After", "30")
			return r, nil
		}}
		g := NewGroups(f.api(), nil, nil)
		asks(t, g, f, lin, false, true, 1)
		f.then(people(`"` + lin + `"`))
		time.Sleep(29 * time.Second)
		asks(t, g, f, lin, false, true, 1)
		time.Sleep(time.Second)
		asks(t, g, f, lin, true, false, 2)
	})
}

func TestNobodyIsInAGroupThatThereIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answer: refuses("no_such_subteam")}
		g := NewGroups(f.api(), nil, nil)
		asks(t, g, f, lin, false, false, 1)
		asks(t, g, f, "", false, false, 1)
	})
}

func TestGroupsAskedForTogetherAreReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answer: func(c fakeCall) (*http.Response, error) {
			time.Sleep(time.Second)
			return people(`"` + lin + `"`)(c)
		}}
		g := NewGroups(f.api(), nil, nil)
		// The first to ask goes away; the others still get their answer.
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if in, err := g.Has(short, team, lin); in || err == nil {
				t.Errorf("%t, %v, want an error", in, err)
			}
		})
		synctest.Wait()
		for range 10 {
			wg.Go(func() {
				if in, err := g.Has(t.Context(), team, lin); err != nil || !in {
					t.Errorf("%t, %v", in, err)
				}
			})
		}
		wg.Wait()
		if n := len(f.of("usergroups.users.list")); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
}

func TestGroupsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGroups((&fakeSlack{}).api(), nil, nil)
		for i := range groupsKept + 5 {
			g.keep(fmt.Sprint("S", i), members{until: time.Now().Add(time.Hour + time.Duration(i))})
		}
		if len(g.known) != groupsKept {
			t.Errorf("%d kept, want %d", len(g.known), groupsKept)
		}
		for i := range 5 {
			if _, ok := g.recall(fmt.Sprint("S", i)); ok {
				t.Errorf("S%d is kept, it was read first", i)
			}
		}
	})
}

func TestWhoIsFreshWasReadLately(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answer: profile("lin")}
		p := NewPeople(f.api(), PeopleOptions{})
		ask := func(fails bool, calls int) {
			t.Helper()
			got, err := p.Fresh(t.Context(), lin, 5*time.Minute)
			if (err != nil) != fails || err == nil && got.Name != "lin" {
				t.Errorf("%+v, %v", got, err)
			}
			if n := len(f.of("users.info")); n != calls {
				t.Errorf("%d calls, want %d", n, calls)
			}
		}
		ask(false, 1)
		time.Sleep(4 * time.Minute)
		ask(false, 1)
		time.Sleep(time.Minute)
		ask(false, 2)
		// Slack is down: what was read before does for an answer, not for a role.
		f.then(down)
		time.Sleep(5 * time.Minute)
		ask(true, 3)
		if got, err := p.Person(t.Context(), lin); err != nil || got.Name != "lin" {
			t.Errorf("%+v, %v", got, err)
		}
		time.Sleep(2 * time.Hour)
		if got, err := p.Person(t.Context(), lin); err != nil || got.Name != "lin" {
			t.Errorf("%+v, %v", got, err)
		}
		ask(true, 5)
		if n := len(f.of("auth.test")); n != 1 {
			t.Errorf("the bot's own workspace was asked for %d times", n)
		}
	})
}

func TestWhoIsOfThisWorkspace(t *testing.T) {
	const team = `{"ok":true,"user":{"id":"U1","name":"x",%s}}`
	for name, tt := range map[string]struct {
		user string
		want Person
	}{
		"a member":                          {`"team_id":"T1"`, Person{}},
		"a guest":                           {`"team_id":"T1","is_restricted":true`, Person{Guest: true}},
		"a guest of one channel":            {`"team_id":"T1","is_restricted":true,"is_ultra_restricted":true`, Person{Guest: true}},
		"of another workspace":              {`"team_id":"T2"`, Person{Stranger: true}},
		"of no workspace":                   {`"deleted":false`, Person{Stranger: true}},
		"whom no channel brings":            {`"team_id":"T1","is_stranger":true`, Person{Stranger: true}},
		"of the organisation, and here":     {`"team_id":"T2","enterprise_user":{"enterprise_id":"E1","teams":["T2","T1"]}`, Person{}},
		"of the organisation, not here":     {`"team_id":"T2","enterprise_user":{"enterprise_id":"E1","teams":["T2"]}`, Person{Stranger: true}},
		"of another organisation, as it is": {`"team_id":"T2","enterprise_user":{"enterprise_id":"E2","teams":["T1"]}`, Person{Stranger: true}},
		"who left":                          {`"team_id":"T1","deleted":true`, Person{Deleted: true}},
		"a bot":                             {`"team_id":"T1","is_bot":true`, Person{Bot: true}},
	} {
		f := &fakeSlack{answer: func(c fakeCall) (*http.Response, error) {
			if c.method == "auth.test" {
				return profile("")(c)
			}
			return reply(http.StatusOK, fmt.Sprintf(team, tt.user)), nil
		}}
		got, err := NewPeople(f.api(), PeopleOptions{}).Fresh(t.Context(), "U1", time.Minute)
		if err != nil || got.Guest != tt.want.Guest || got.Stranger != tt.want.Stranger || got.Bot != tt.want.Bot || got.Deleted != tt.want.Deleted {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Without knowing where it is itself, the bot takes nobody for a member.
func TestWithoutTheBotsOwnWorkspaceNobodyIsKnown(t *testing.T) {
	f := &fakeSlack{answer: func(c fakeCall) (*http.Response, error) {
		if c.method == "auth.test" {
			return down(c)
		}
		return profile("lin")(c)
	}}
	p := NewPeople(f.api(), PeopleOptions{})
	if got, err := p.Fresh(t.Context(), lin, time.Minute); err == nil {
		t.Errorf("%+v", got)
	}
	f.then(profile("lin"))
	if got, err := p.Fresh(t.Context(), lin, time.Minute); err != nil || got.Stranger {
		t.Errorf("%+v, %v", got, err)
	}
}
