package migration_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

var (
	now      = time.Date(2024, 5, 1, 2, 0, 0, 0, time.UTC)
	deadline = now.Add(48 * time.Hour)
	key      = migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-1"}
)

// event is a scheduled event that was read before now.
func event(edit ...func(*migration.Event)) migration.Event {
	ev := migration.Event{
		Key: key, InstanceID: "i-1", Type: "SystemUpgrade.Migrate", Status: migration.Scheduled,
		NotBefore: deadline, InitialNotBefore: deadline, ReadAt: now.Add(-time.Minute),
	}
	for _, e := range edit {
		e(&ev)
	}
	return ev
}

func status(s migration.Status) func(*migration.Event) {
	return func(ev *migration.Event) { ev.Status = s }
}
func planned(at time.Time) func(*migration.Event) {
	return func(ev *migration.Event) { ev.NotBefore = at }
}
func read(at time.Time) func(*migration.Event) {
	return func(ev *migration.Event) { ev.ReadAt = at }
}
func planOnly(ev *migration.Event) { ev.MigrationOptions = []string{migration.PlanOnly} }

func first(ev migration.Event) migration.Migration {
	return *migration.First(ev, migration.Instance{ID: "i-1"}, "C1", now.Add(-time.Minute)).Migration
}

func by(user string, seen int) migration.Decision {
	return migration.Decision{By: user, Now: now, Via: migration.ViaForm, Seen: seen}
}

// must takes what a decision gave, where it must stand.
func must(t *testing.T) func(c migration.Change, err error) migration.Migration {
	t.Helper()
	return func(c migration.Change, err error) migration.Migration {
		t.Helper()
		if err != nil {
			t.Fatalf("decision refused: %v", err)
		}
		if c.Migration == nil {
			t.Fatal("decision changed nothing")
		}
		return *c.Migration
	}
}

func TestStateOfEachStatus(t *testing.T) {
	yes := migration.Reservation{At: deadline, Certainty: migration.Confirmed}
	said := migration.Reservation{At: deadline, Certainty: migration.Declared}
	wish := migration.Reservation{At: deadline, Certainty: migration.Requested}
	no := migration.Reservation{At: deadline, Certainty: migration.Refused}
	for name, c := range map[string]struct {
		m    migration.Migration
		want migration.State
	}{
		"inquiring":             {migration.Migration{Event: event(status(migration.Inquiring))}, migration.StateInquiring},
		"authorised by someone": {migration.Migration{Event: event(status(migration.Inquiring)), Consent: &migration.Consent{Certainty: migration.Requested}}, migration.StateAuthorising},
		"authorisation refused": {migration.Migration{Event: event(status(migration.Inquiring)), Consent: &migration.Consent{Certainty: migration.Refused}}, migration.StateInquiring},
		"nothing chosen":        {migration.Migration{Event: event()}, migration.StateUnreserved},
		"wish waits":            {migration.Migration{Event: event(), Asked: &wish}, migration.StateRequested},
		"wish on a held one":    {migration.Migration{Event: event(), Held: &yes, Asked: &wish}, migration.StateRequested},
		"refused on a held one": {migration.Migration{Event: event(), Held: &yes, Asked: &no}, migration.StateRefused},
		"confirmed":             {migration.Migration{Event: event(), Held: &yes}, migration.StateConfirmed},
		"declared":              {migration.Migration{Event: event(), Held: &said}, migration.StateDeclared},
		"executing":             {migration.Migration{Event: event(status(migration.Executing)), Held: &yes}, migration.StateExecuting},
		"executed":              {migration.Migration{Event: event(status(migration.Executed)), Held: &yes}, migration.StateExecuted},
		"failed":                {migration.Migration{Event: event(status(migration.Failed))}, migration.StateFailed},
		"canceled":              {migration.Migration{Event: event(status(migration.Canceled))}, migration.StateCanceled},
		"avoided":               {migration.Migration{Event: event(status(migration.Avoided))}, migration.StateAvoided},
	} {
		if got := c.m.State(); got != c.want {
			t.Errorf("%s: state %q, want %q", name, got, c.want)
		}
	}
}

func TestEveryRuleRefusesWithItsRange(t *testing.T) {
	cannot := false
	asked := func(user string, at time.Time) migration.Migration {
		return must(t)(first(event()).Choose(at, by(user, migration.SeenAny)))
	}
	night := now.Add(16 * time.Hour)
	held := must(t)(first(event()).Keep(by("U1", 0)))
	for name, c := range map[string]struct {
		decide func() (migration.Change, error)
		want   migration.Rule
	}{
		"in the past": {func() (migration.Change, error) {
			return first(event()).Choose(now.Add(-time.Second), by("U1", 0))
		}, migration.RulePast},
		"this very moment": {func() (migration.Change, error) {
			return first(event()).Choose(now, by("U1", 0))
		}, migration.RulePast},
		"after the deadline": {func() (migration.Change, error) {
			return first(event()).Choose(deadline.Add(time.Second), by("U1", 0))
		}, migration.RuleDeadline},
		"the first planned time bounds where the cloud tells no initial one": {func() (migration.Change, error) {
			return first(event(func(ev *migration.Event) { ev.InitialNotBefore = time.Time{} })).Choose(deadline.Add(time.Hour), by("U1", 0))
		}, migration.RuleDeadline},
		"once the deadline is past": {func() (migration.Change, error) {
			d := by("U1", 0)
			d.Now = deadline
			return first(event()).Choose(deadline.Add(time.Hour), d)
		}, migration.RuleClosed},
		"while it runs": {func() (migration.Change, error) {
			return first(event(status(migration.Executing))).Choose(night, by("U1", 0))
		}, migration.RuleStarted},
		"after it ran": {func() (migration.Change, error) {
			return first(event(status(migration.Executed))).Choose(night, by("U1", 0))
		}, migration.RuleFinished},
		"keep after it ran": {func() (migration.Change, error) {
			return first(event(status(migration.Canceled))).Keep(by("U1", 0))
		}, migration.RuleFinished},
		"before it is authorised": {func() (migration.Change, error) {
			return first(event(status(migration.Inquiring))).Choose(night, by("U1", 0))
		}, migration.RuleInquiring},
		"only the console moves it": {func() (migration.Change, error) {
			return first(event(planOnly)).Choose(night, by("U1", 0))
		}, migration.RuleConsoleOnly},
		"another wish waits": {func() (migration.Change, error) {
			return asked("U1", night).Choose(night.Add(time.Hour), by("U2", migration.SeenAny))
		}, migration.RulePending},
		"somebody was first": {func() (migration.Change, error) {
			return held.Choose(night, by("U2", 0))
		}, migration.RuleTaken},
		"keep what is held": {func() (migration.Change, error) {
			return held.Keep(by("U2", migration.SeenAny))
		}, migration.RuleTaken},
		"the very time that is held": {func() (migration.Change, error) {
			return held.Choose(deadline, by("U2", migration.SeenAny))
		}, migration.RuleSame},
		"keep a plan that is past": {func() (migration.Change, error) {
			return first(event(planned(now.Add(-time.Hour)))).Keep(by("U1", migration.SeenAny))
		}, migration.RuleTaken}, // a plan before the initial one was chosen in the console
		"keep no plan": {func() (migration.Change, error) {
			return first(event(planned(time.Time{}), func(ev *migration.Event) { ev.InitialNotBefore = time.Time{} })).Keep(by("U1", 0))
		}, migration.RuleNoPlan},
		"declare where the API can": {func() (migration.Change, error) {
			return first(event()).Declare(night, by("U1", 0))
		}, migration.RuleByAPI},
		"declare after the deadline": {func() (migration.Change, error) {
			return first(event(planOnly)).Declare(deadline.Add(time.Hour), by("U1", 0))
		}, migration.RuleDeadline},
		"declare once closed": {func() (migration.Change, error) {
			d := by("U1", 0)
			d.Now = deadline
			return first(event(planOnly)).Declare(deadline.Add(time.Hour), d)
		}, migration.RuleClosed},
		"authorise what is scheduled": {func() (migration.Change, error) {
			return first(event()).Accept(by("U1", 0))
		}, migration.RuleNotAsked},
		"authorise what is over": {func() (migration.Change, error) {
			return first(event(status(migration.Avoided))).Accept(by("U1", 0))
		}, migration.RuleFinished},
		"authorise what takes no answer": {func() (migration.Change, error) {
			return first(event(status(migration.Inquiring), func(ev *migration.Event) { ev.CanAccept = &cannot })).Accept(by("U1", 0))
		}, migration.RuleCannot},
		"authorised by another": {func() (migration.Change, error) {
			m := must(t)(first(event(status(migration.Inquiring))).Accept(by("U1", 0)))
			return m.Accept(by("U2", 0))
		}, migration.RulePending},
	} {
		change, err := c.decide()
		var broken *migration.RuleError
		if !errors.As(err, &broken) {
			t.Errorf("%s: got %v, want rule %q", name, err, c.want)
			continue
		}
		if broken.Rule != c.want {
			t.Errorf("%s: rule %q, want %q", name, broken.Rule, c.want)
		}
		if !change.Empty() {
			t.Errorf("%s: a refused decision left a change: %+v", name, change)
		}
		if c.want == migration.RuleTaken || c.want == migration.RulePending || c.want == migration.RuleSame {
			if broken.Standing == nil {
				t.Errorf("%s: does not tell what stands", name)
			}
		}
	}
}

func TestAWishIsRequestedThenConfirmedByWhatIsReadBack(t *testing.T) {
	night := now.Add(16 * time.Hour)
	change, err := first(event()).Choose(night.Add(300*time.Millisecond), by("U1", 0))
	m := must(t)(change, err)
	if m.State() != migration.StateRequested || !m.Asked.At.Equal(night) || m.Revision != 1 {
		t.Fatalf("after choosing: %s, %+v, revision %d", m.State(), m.Asked, m.Revision)
	}
	var kinds []migration.JobKind
	for _, j := range change.Jobs {
		kinds = append(kinds, j.Kind)
	}
	if want := []migration.JobKind{migration.JobModify, migration.JobCard, migration.JobLine, migration.JobList}; !slices.Equal(kinds, want) {
		t.Errorf("jobs %v, want %v", kinds, want)
	}
	if twice, err := m.Choose(night, by("U1", 0)); err != nil || !twice.Empty() {
		t.Errorf("a double click: %+v, %v; want nothing", twice, err)
	}

	if stale := m.Observe(event(planned(night.Add(-time.Hour)), read(now.Add(-time.Hour))), now); !stale.Empty() {
		t.Error("an answer older than what is known was taken in")
	}
	if same := m.Observe(event(read(now.Add(time.Second))), now); !same.Empty() {
		t.Error("the old plan, read again, is no news while the wish waits")
	}
	change = m.Observe(event(planned(night), read(now.Add(time.Second))), now.Add(2*time.Second))
	m = *change.Migration
	if m.State() != migration.StateConfirmed || m.Held.By != "U1" || !m.Held.At.Equal(night) || m.Asked != nil {
		t.Errorf("after the read-back: %s, held %+v", m.State(), m.Held)
	}
	if !m.Deadline().Equal(deadline) {
		t.Errorf("the deadline moved to %v", m.Deadline())
	}
	if got := change.Entries[0]; got.News.Kind != migration.NewsConfirmed || got.Before != migration.StateRequested || got.After != migration.StateConfirmed {
		t.Errorf("audit: %+v", got)
	}
}

func TestWhatTheCloudToldBeforeAReadBackUndoesNothing(t *testing.T) {
	night := now.Add(16 * time.Hour)
	m := must(t)(first(event()).Choose(night, by("U1", 0)))
	m = *m.Observe(event(planned(night), read(now.Add(3*time.Second))), now.Add(4*time.Second)).Migration
	// A poll that was sent before the change comes in after the read-back.
	if late := m.Observe(event(read(now.Add(time.Second))), now.Add(5*time.Second)); !late.Empty() {
		t.Errorf("told as moved in the console: %+v", late.Entries)
	}
}

func TestARefusedWishLeavesWhatWasInForce(t *testing.T) {
	held := must(t)(first(event()).Keep(by("U1", 0)))
	m := must(t)(held.Choose(now.Add(time.Hour), by("U2", held.Revision)))
	if c := m.Refuse(m.Revision-1, migration.Refusal{Kind: migration.RefusedByCloud}, now); !c.Empty() {
		t.Error("a refusal of an older wish was recorded")
	}
	m = *m.Refuse(m.Revision, migration.Refusal{Kind: migration.RefusedByCloud, Code: "X"}, now).Migration
	if m.State() != migration.StateRefused || m.Held.By != "U1" || m.Asked.Refusal.Code != "X" {
		t.Errorf("state %s, held %+v, asked %+v", m.State(), m.Held, m.Asked)
	}
	if got, want := m.Actions(now), []migration.Action{migration.ActReschedule, migration.ActDeclare}; !slices.Equal(got, want) {
		t.Errorf("actions %v, want %v", got, want)
	}
	// The cloud had carried it out after all, and a later poll shows it.
	c := m.Observe(event(planned(now.Add(time.Hour)), read(now.Add(time.Minute))), now.Add(time.Minute))
	if c.Migration == nil || c.Migration.State() != migration.StateConfirmed || c.Migration.Held.By != "U2" {
		t.Errorf("a late success is not seen: %+v", c.Migration)
	}
}

func TestAMoveNobodyInSlackAskedForIsToldAsSuch(t *testing.T) {
	m := must(t)(first(event()).Keep(by("U1", 0)))
	at := now.Add(5 * time.Hour)
	c := m.Observe(event(planned(at), read(now.Add(time.Minute))), now.Add(time.Minute))
	m = *c.Migration
	if got := c.Entries[0].News; got.Kind != migration.NewsMoved || !got.At.Equal(at) || !got.From.Equal(deadline) || got.By != "" {
		t.Errorf("news %+v", got)
	}
	if m.Held.Via != migration.ViaConsole || m.Held.By != "" || m.Revision != 2 {
		t.Errorf("held %+v, revision %d", m.Held, m.Revision)
	}
	// Found moved already when first seen: somebody reserved it in the console.
	if m := first(event(planned(at))); m.State() != migration.StateConfirmed || m.Held.Via != migration.ViaConsole {
		t.Errorf("first seen: %s, %+v", m.State(), m.Held)
	}
}

func TestADeclaredTimeIsConfirmedOnceTheCloudShowsIt(t *testing.T) {
	at := now.Add(5 * time.Hour)
	m := must(t)(first(event(planOnly)).Declare(at, by("U1", 0)))
	if m.State() != migration.StateDeclared {
		t.Fatalf("state %s", m.State())
	}
	m = *m.Observe(event(planOnly, planned(at), read(now.Add(time.Minute))), now.Add(time.Minute)).Migration
	if m.State() != migration.StateConfirmed || m.Held.By != "U1" {
		t.Errorf("state %s, held %+v", m.State(), m.Held)
	}
}

func TestTheWholeLife(t *testing.T) {
	m := first(event(status(migration.Inquiring)))
	if got := m.Actions(now); !slices.Equal(got, []migration.Action{migration.ActAccept}) {
		t.Errorf("actions %v", got)
	}
	m = must(t)(m.Accept(by("U1", 0)))
	if twice, err := m.Accept(by("U1", 0)); err != nil || !twice.Empty() {
		t.Errorf("authorised twice: %+v, %v", twice, err)
	}
	step := now
	for _, c := range []struct {
		status migration.Status
		news   migration.NewsKind
		state  migration.State
	}{
		{migration.Scheduled, migration.NewsScheduled, migration.StateUnreserved},
		{migration.Executing, migration.NewsExecuting, migration.StateExecuting},
		{migration.Executed, migration.NewsExecuted, migration.StateExecuted},
	} {
		step = step.Add(time.Minute)
		change := m.Observe(event(status(c.status), read(step)), step)
		if change.Migration == nil {
			t.Fatalf("%s: no change", c.status)
		}
		m = *change.Migration
		if got := change.Entries[0].News.Kind; got != c.news || m.State() != c.state {
			t.Errorf("%s: news %s, state %s", c.status, got, m.State())
		}
	}
	if m.Consent.Certainty != migration.Confirmed {
		t.Errorf("consent %+v", m.Consent)
	}
	if after := m.Observe(event(read(step.Add(time.Hour))), step.Add(time.Hour)); !after.Empty() {
		t.Error("an event that is over came back")
	}
	if got := m.Actions(step); !slices.Equal(got, []migration.Action{migration.ActAck}) {
		t.Errorf("actions after the end: %v", got)
	}
	if got := must(t)(m.Acknowledge(lists, "looked at", by("U1", 0))).Actions(step); got != nil {
		t.Errorf("actions once it is done: %v", got)
	}
}

func TestAWishThatTheEventOvertakesIsRefused(t *testing.T) {
	m := must(t)(first(event()).Choose(now.Add(time.Hour), by("U1", 0)))
	c := m.Observe(event(status(migration.Canceled), read(now.Add(time.Minute))), now.Add(time.Minute))
	var kinds []migration.NewsKind
	for _, e := range c.Entries {
		kinds = append(kinds, e.News.Kind)
	}
	if want := []migration.NewsKind{migration.NewsRefused, migration.NewsCanceled}; !slices.Equal(kinds, want) {
		t.Errorf("news %v, want %v", kinds, want)
	}
	if c.Migration.Asked.Refusal.Kind != migration.Overtaken {
		t.Errorf("refusal %+v", c.Migration.Asked.Refusal)
	}
}

func TestTheFirstActionIsTheNextSensibleStep(t *testing.T) {
	held := must(t)(first(event()).Keep(by("U1", 0)))
	for name, c := range map[string]struct {
		m    migration.Migration
		now  time.Time
		want []migration.Action
	}{
		"unreserved":              {first(event()), now, []migration.Action{migration.ActChoose, migration.ActKeep}},
		"reserved":                {held, now, []migration.Action{migration.ActReschedule}},
		"console only":            {first(event(planOnly)), now, []migration.Action{migration.ActDeclare, migration.ActKeep}},
		"the deadline is past":    {first(event()), deadline, nil},
		"waiting for the cloud":   {must(t)(first(event()).Choose(now.Add(time.Hour), by("U1", 0))), now, nil},
		"running":                 {first(event(status(migration.Executing))), now, nil},
		"reserved, deadline past": {held, deadline, nil},
	} {
		if got := c.m.Actions(c.now); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTimeLeftIsRedrawnWhenItReadsDifferently(t *testing.T) {
	m := first(event(func(ev *migration.Event) { ev.NotBefore = now.Add(100 * time.Hour); ev.InitialNotBefore = ev.NotBefore }))
	type reading struct{ days, hours int }
	var got []reading
	at := now
	for range 200 {
		days, hours := m.Left(at)
		if len(got) > 0 && got[len(got)-1] == (reading{days, hours}) {
			t.Fatalf("redrawn at %v for nothing: %v", at, got[len(got)-1])
		}
		got = append(got, reading{days, hours})
		next := m.NextTick(at)
		if next.IsZero() {
			break
		}
		if !next.After(at) {
			t.Fatalf("the next tick %v is not after %v", next, at)
		}
		at = next
	}
	if want := []reading{{4, 0}, {3, 0}, {0, 71}}; !slices.Equal(got[:3], want) {
		t.Errorf("begins %v, want %v", got[:3], want)
	}
	if want := []reading{{0, 1}, {0, 0}, {-1, -1}}; !slices.Equal(got[len(got)-3:], want) {
		t.Errorf("ends %v, want %v", got[len(got)-3:], want)
	}
}

func TestRedrawsOfACrowdAreSpread(t *testing.T) {
	minutes := map[time.Time]int{}
	for n := range 10_000 {
		m := first(event(func(ev *migration.Event) { ev.EventID = fmt.Sprintf("e-%05d", n) }))
		tick := m.NextTick(now)
		if days, hours := m.Left(tick); days != 0 || hours != 47 {
			t.Fatalf("redrawn with %d days and %d hours left", days, hours)
		}
		minutes[tick.Truncate(time.Minute)]++
		// What the buttons depend on is redrawn to the moment.
		if last := m.NextTick(deadline.Add(-30 * time.Minute)); !last.Equal(deadline.Add(time.Millisecond)) {
			t.Fatalf("redrawn %v after the deadline", last.Sub(deadline))
		}
	}
	for minute, n := range minutes {
		if n > 10_000/8 {
			t.Errorf("%d redraws at %v", n, minute)
		}
	}
}

func TestFactsAreLearntOnce(t *testing.T) {
	m := first(event())
	c := m.Learn(migration.Instance{ID: "i-1", Name: "web-1", ReadAt: now}, now)
	if c.Migration == nil || c.Migration.Instance.Name != "web-1" || len(c.Jobs) != 1 {
		t.Fatalf("change %+v", c)
	}
	if again := c.Migration.Learn(migration.Instance{ID: "i-1", Name: "other", ReadAt: now}, now); !again.Empty() {
		t.Error("learnt twice")
	}
}

func newsOf(c migration.Change) (kinds []migration.NewsKind) {
	for _, e := range c.Entries {
		kinds = append(kinds, e.News.Kind)
	}
	return kinds
}

func TestAWishSeenOnlyWhenItRunsWasCarriedOut(t *testing.T) {
	at := now.Add(time.Hour)
	m := must(t)(first(event()).Choose(at, by("U1", 0)))
	c := m.Observe(event(status(migration.Executing), planned(at), read(at.Add(time.Minute))), at.Add(time.Minute))
	if want := []migration.NewsKind{migration.NewsConfirmed, migration.NewsExecuting}; !slices.Equal(newsOf(c), want) {
		t.Errorf("news %v, want %v", newsOf(c), want)
	}
	if c.Migration.Held == nil || c.Migration.Held.By != "U1" || c.Migration.Asked != nil {
		t.Errorf("held %+v, asked %+v", c.Migration.Held, c.Migration.Asked)
	}
}

func TestAMoveInTheConsoleWhileAWishWaits(t *testing.T) {
	moved, wished := now.Add(2*time.Hour), now.Add(3*time.Hour)
	m := must(t)(first(event(planned(now.Add(time.Hour)))).Choose(wished, by("U1", migration.SeenAny)))
	revision := m.Revision
	m = *m.Observe(event(planned(moved), read(now.Add(time.Minute))), now.Add(time.Minute)).Migration
	if m.State() != migration.StateRequested || m.Revision != revision {
		t.Fatalf("the wish does not wait any more: %s, revision %d", m.State(), m.Revision)
	}
	m = *m.Refuse(revision, migration.Refusal{Kind: migration.RefusedByCloud}, now.Add(2*time.Minute)).Migration
	if !m.Held.At.Equal(moved) {
		t.Errorf("in force is %v, but the cloud plans %v", m.Held.At, moved)
	}
}

func TestTheFirstPlanEverToldIsNobodysChoice(t *testing.T) {
	none := func(ev *migration.Event) { ev.NotBefore, ev.InitialNotBefore = time.Time{}, time.Time{} }
	m := first(event(none))
	if c := m.Observe(event(read(now)), now); c.Migration.Reserved() || len(newsOf(c)) != 0 {
		t.Errorf("held %+v, news %v", c.Migration.Held, newsOf(c))
	}
	if c := m.Observe(event(planned(now.Add(time.Hour)), read(now)), now); c.Migration.Held == nil {
		t.Error("another time than the initial one was chosen by somebody")
	}
}

func TestScheduledAgainForAnotherTime(t *testing.T) {
	other := now.Add(2 * time.Hour)
	m := first(event(planned(now.Add(time.Hour))))
	m = *m.Observe(event(status(migration.Inquiring), planned(now.Add(time.Hour)), read(now)), now).Migration
	m = *m.Observe(event(planned(other), read(now.Add(time.Minute))), now.Add(time.Minute)).Migration
	if !m.Held.At.Equal(other) {
		t.Errorf("confirmed for %v, planned is %v", m.Held.At, other)
	}
}

func TestAnAuthorisationThatDoesNotShowCanBeGivenAgain(t *testing.T) {
	m := must(t)(first(event(status(migration.Inquiring))).Accept(by("U1", 0)))
	if got := m.Actions(now); got != nil {
		t.Errorf("actions right after: %v", got)
	}
	later := by("U2", 0)
	later.Now = m.NextTick(now)
	if got := m.Actions(later.Now); !slices.Equal(got, []migration.Action{migration.ActAccept}) {
		t.Errorf("actions at %v: %v", later.Now, got)
	}
	if again := must(t)(m.Accept(later)); again.Consent.By != "U2" {
		t.Errorf("consent %+v", again.Consent)
	}
	c := m.Observe(event(status(migration.Executing), read(now.Add(time.Minute))), now.Add(time.Minute))
	if c.Migration.Consent.Certainty != migration.Confirmed {
		t.Errorf("it runs, and the consent is %+v", c.Migration.Consent)
	}
}

func TestAClockThatWasSetBackHidesNothing(t *testing.T) {
	at, ahead := now.Add(3*time.Hour), now.Add(14*time.Minute)
	m := *migration.First(event(read(ahead)), migration.Instance{}, "C1", ahead).Migration
	m = must(t)(m.Choose(at, by("U1", 0)))
	if c := m.Observe(event(planned(at), read(now.Add(time.Second))), now.Add(time.Second)); c.Empty() {
		t.Error("the read-back was dropped")
	}
}

func TestARedrawNeverPostsACard(t *testing.T) {
	c := first(event()).Posted("1.1", "", 1, now)
	if len(c.Jobs) != 1 || c.Jobs[0].Kind != migration.JobTick {
		t.Errorf("after a post: %+v", c.Jobs)
	}
}
