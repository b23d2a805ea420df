package handlers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/migration"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/notifier"
)

// homeOf opens somebody's Home tab and gives it once it fits.
func (w *world) homeOf(user string, words ...string) slackstub.View {
	w.t.Helper()
	if _, err := w.slack.OpenHome(user); err != nil {
		w.t.Fatal(err)
	}
	return w.homeShows(user, words...)
}

// homeShows waits until somebody's Home tab has the words.
func (w *world) homeShows(user string, words ...string) slackstub.View {
	w.t.Helper()
	v, err := w.slack.WaitHome(w.soon(), user, func(v slackstub.View) bool {
		for _, word := range words {
			if !strings.Contains(plainJSON(v.Blocks), word) {
				return false
			}
		}
		return true
	})
	if err != nil {
		w.t.Fatalf("%q: %v", words, err)
	}
	return v
}

// clickHome presses something on a Home tab.
func (w *world) clickHome(user string, v slackstub.View, action string, values ...string) {
	w.t.Helper()
	r, err := w.slack.ClickView(user, v.ID, action, values...)
	if err != nil || r.Error != "" {
		w.t.Fatalf("%s: %v %s", action, err, r.Error)
	}
}

// press presses a button of a migration's row, of which a Home tab has many.
func (w *world) press(user string, v slackstub.View, m migration.Migration, action string) {
	w.t.Helper()
	act := slackstub.Act{User: user, View: v.ID, Action: action}
	for _, b := range v.Blocks {
		if text := plainJSON(b); strings.Contains(text, m.Event.EventID) && strings.Contains(text, `"`+action+`"`) {
			act.Block, _ = b["block_id"].(string)
		}
	}
	if r, err := w.slack.Act(act); err != nil || r.Error != "" {
		w.t.Fatalf("%s: %v %s", action, err, r.Error)
	}
}

func TestHomeTellsWhatWaitsForWhoeverLooks(t *testing.T) {
	w := newWorld(t)
	assigned := func(m *migration.Migration) { m.Assigned = &migration.Assignment{To: mary, By: lin, Made: now} }
	w.put(host(1, assigned), host(2, heldBy(mary)), host(3), host(4, assigned))
	v := w.homeOf(mary, "2 migrations wait for you", "web-001", "web-004")
	text := plainJSON(v.Blocks)
	if waiting, all := strings.Index(text, "wait for you"), strings.Index(text, "Open migrations by deadline"); waiting < 0 || all < waiting ||
		strings.Contains(text[waiting:all], "web-002") || strings.Contains(text[waiting:all], "web-003") {
		t.Errorf("not what waits, then all: %s", text)
	}
	if text := plainJSON(w.homeOf(lin, "web-003").Blocks); strings.Contains(text, "在等您处理") {
		t.Errorf("something waits for lin: %s", text)
	}
}

func TestHomeFiltersAndTurnsPages(t *testing.T) {
	w := newWorld(t)
	for n := 1; n <= 12; n++ {
		w.put(host(n))
	}
	w.put(host(13, heldBy(mary)))
	v := w.homeOf(mary, "web-010", `"home:next"`)
	w.clickHome(mary, v, "home:next")
	v = w.homeShows(mary, "web-012", "web-013", "Page 2", `"home:previous"`)
	if strings.Contains(plainJSON(v.Blocks), "web-010") {
		t.Error("the second page shows what the first did")
	}
	w.clickHome(mary, v, "home:filter", "mine")
	v = w.homeShows(mary, "Your open migrations", "web-013", "Page 1")
	if strings.Contains(plainJSON(v.Blocks), "web-012") {
		t.Error("what is not hers is shown as hers")
	}
	w.clickHome(mary, v, "home:filter", "waiting")
	v = w.homeShows(mary, "No follow-up waits to be acknowledged")
	w.clickHome(mary, v, "home:filter", "unreserved")
	v = w.homeShows(mary, "without a reserved time", "web-010")
	w.clickHome(mary, v, "home:next")
	v = w.homeShows(mary, "web-012", "Page 2")
	w.clickHome(mary, v, "home:previous")
	w.homeShows(mary, "web-001", "Page 1")
}

func TestHomeButtonsDecideAndAnswerThere(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	v := w.homeOf(mary, "web-001", `"keep"`)
	w.clickHome(mary, v, "keep")
	w.homeShows(mary, "Reserved: Thu 2024-05-02 14:00", "Confirmed")
	if m := w.get(1); m.State() != migration.StateConfirmed || m.Held.By != mary {
		t.Errorf("%s", m.State())
	}
	// A form opens from there too.
	w.clickHome(mary, w.homeShows(mary, `"reschedule"`), "reschedule")
	w.form(mary, filled)
	w.submit(mary, deadline.Add(-10*time.Hour))
	if m := w.get(1); m.State() != migration.StateRequested {
		t.Errorf("%s", m.State())
	}
}

func TestHomeOffersOnlyWhatTheReaderMayDo(t *testing.T) {
	w := newWorld(t)
	w.put(host(1), host(2, inStatus(migration.Inquiring), due(time.Time{})))
	w.grants = func(migration.Migration) migration.Grants {
		return migration.Grants{Operator: []string{mary}, Admin: []string{"U0000000009"}}
	}
	v := w.homeOf(mary, "web-001", `"choose"`)
	if strings.Contains(plainJSON(v.Blocks), `"accept"`) {
		t.Error("an operator is offered to authorise")
	}
	seen := plainJSON(w.homeOf(lin, "web-001").Blocks)
	for _, act := range []string{`"keep"`, `"choose"`, `"accept"`} {
		if strings.Contains(seen, act) {
			t.Errorf("a viewer is offered %s: %s", act, seen)
		}
	}
	// What a viewer clicks that was drawn before is refused there.
	w.grants = func(migration.Migration) migration.Grants { return migration.Grants{Operator: []string{lin}} }
	w.clickHome(mary, v, "keep")
	w.homeShows(mary, "operator")
	if w.get(1).Reserved() {
		t.Error("a viewer has reserved")
	}
}

func TestHomesAreRefreshedWhereTheyChange(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.homeOf(mary, "web-001", "No time reserved")
	w.homeOf(lin, "web-001")
	published := func() int { return len(w.slack.Calls("views.publish")) }
	if err := w.slack.Wait(w.soon(), "both to be recorded", func() bool { return published() == 2 }); err != nil {
		t.Fatal(err)
	}
	before := published()
	w.acts.RefreshHomes(t.Context())
	if n := published() - before; n != 0 {
		t.Errorf("%d Home tabs were published though nothing had changed", n)
	}
	w.put(host(2))
	w.acts.RefreshHomes(t.Context())
	w.homeShows(mary, "web-002")
	w.homeShows(lin, "web-002")
	if n := published() - before; n != 2 {
		t.Errorf("%d publications, want 2", n)
	}
	w.clock.move(25 * time.Hour) // nobody has opened them lately
	w.put(host(3))
	before = published()
	w.acts.RefreshHomes(t.Context())
	if n := published() - before; n != 0 {
		t.Errorf("%d Home tabs were published that nobody looks at", n)
	}
}

// assignedTo has somebody look after it.
func assignedTo(who string) func(*migration.Migration) {
	return func(m *migration.Migration) { m.Assigned = &migration.Assignment{To: who, By: who, Made: now} }
}

func TestHomeCountsAllThatWaitsAndShowsFirstWhatFailed(t *testing.T) {
	w := newWorld(t)
	for n := 1; n <= 40; n++ {
		w.put(host(n, assignedTo(mary)))
	}
	ended := func(s migration.Status, at time.Time) func(*migration.Migration) {
		return func(m *migration.Migration) { m.Event.Status, m.Event.FinishedAt = s, at }
	}
	w.put(
		host(41, assignedTo(mary), ended(migration.Executed, now.Add(-2*time.Hour))),
		host(42, assignedTo(mary), ended(migration.Failed, now.Add(-time.Hour))),
	)
	text := plainJSON(w.homeOf(mary, "*42 migrations wait for you*", "The first 5 are shown").Blocks)
	waiting, _, _ := strings.Cut(text, "Everything open")
	if got := fmt.Sprint(rows(waiting, 42)); got != "[1 2 3 41 42]" || strings.Index(waiting, "web-042") > strings.Index(waiting, "web-041") ||
		strings.Index(waiting, "web-041") > strings.Index(waiting, "web-001") {
		t.Errorf("%s wait for her: %s", got, waiting)
	}
	if listed := text[len(waiting):]; strings.Contains(listed, "web-042") || !strings.Contains(listed, "web-010") {
		t.Errorf("the list is not by deadline: %s", listed)
	}
}

func TestAnAnswerOnTheHomeTabOutlivesRefreshes(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.clickHome(mary, w.homeOf(mary, "web-001", `"keep"`), "keep")
	const answer = "Reserved: Thu 2024-05-02 14:00"
	w.homeShows(mary, answer)
	refreshed := func(shows string) bool {
		t.Helper()
		w.acts.RefreshHomes(t.Context())
		return strings.Contains(plainJSON(w.homeShows(mary, shows).Blocks), answer)
	}
	w.clock.move(time.Minute)
	w.put(host(2))
	if !refreshed("web-002") {
		t.Error("a refresh took the answer away")
	}
	w.homeOf(mary, answer) // she looked elsewhere and came back
	w.clock.move(time.Minute)
	w.put(host(3, inStatus(migration.Executing)))
	if refreshed("web-003") {
		t.Error("the answer stays")
	}

	// Whoever goes on has read it.
	w.clickHome(mary, w.homeShows(mary, `"keep"`), "keep")
	w.clickHome(mary, w.homeShows(mary, answer), "home:filter", "mine")
	w.homeShows(mary, "Your open migrations")
	w.put(host(4, assignedTo(mary)))
	if refreshed("web-004") {
		t.Error("the answer came back")
	}
}

func TestARefreshYieldsToWhatItsReaderAsksForMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.put(host(1), host(2, heldBy(mary)))
	v := w.homeOf(mary, "web-001")
	w.put(host(3))
	w.fault.meanwhile(func() {
		w.clickHome(mary, v, "home:filter", "mine")
		w.homeShows(mary, "Your open migrations")
	})
	w.acts.RefreshHomes(t.Context())
	w.homeShows(mary, "Your open migrations") // not what she looked at before
}

func TestARefreshDoesNotTurnBackThePage(t *testing.T) {
	w := newWorld(t)
	for n := 1; n <= 12; n++ {
		w.put(host(n))
	}
	v := w.homeOf(mary, "web-010", "Page 1")
	w.fault.afterTabs(func() {
		w.clickHome(mary, v, "home:next")
		w.homeShows(mary, "web-012", "Page 2")
	})
	w.acts.RefreshHomes(t.Context())
	if now := w.homeShows(mary); !holds("Page 2")(now) || holds("web-001")(now) || !strings.Contains(now.PrivateMetadata, `"page":2`) {
		t.Errorf("she had turned the page, and sees %s", now.JSON())
	}
}

// overtaken is a Slack to which a publication comes late: something else happens
// first.
type overtaken struct {
	handlers.Slack
	first func()
}

func (s *overtaken) PublishViewContext(ctx context.Context, r slackgo.PublishViewContextRequest) (*slackgo.ViewResponse, error) {
	if do := s.first; do != nil {
		s.first = nil
		do()
	}
	return s.Slack.PublishViewContext(ctx, r)
}

func TestARefreshThatComesLateIsMadeGood(t *testing.T) {
	w := newWorld(t)
	for n := 1; n <= 12; n++ {
		w.put(host(n))
	}
	api := slackgo.New(w.slack.BotToken(), slackgo.OptionAPIURL(w.slack.APIURL()))
	late := &overtaken{Slack: api}
	acts := handlers.New(handlers.Options{Store: w.store, People: notifier.NewPeople(api, notifier.PeopleOptions{}), Slack: late, Clock: w.clock})
	if err := w.store.KeepHome(t.Context(), migration.HomeTab{User: mary, Filter: handlers.All, Page: 2, Opened: now}); err != nil {
		t.Fatal(err)
	}
	late.first = func() { acts.HomeOpened(t.Context(), mary).After(t.Context()) }
	acts.RefreshHomes(t.Context())
	w.homeShows(mary, "Page 2")
	acts.RefreshHomes(t.Context())
	if v := w.homeShows(mary); !holds("Page 1")(v) {
		t.Errorf("she asked for the first page, and sees %s", v.JSON())
	}
}

// What Slack does not tell takes nothing away from whoever it does not tell of, and
// it is asked once.
func TestWhereRolesAreNotKnownTheHomeTabKeepsItsButtons(t *testing.T) {
	for _, method := range []string{"users.info", "usergroups.users.list"} {
		w := newGuarded(t)
		w.put(host(1), host(2, inStatus(migration.Inquiring), due(time.Time{})))
		before := w.homeOf(lin, "web-001", `"keep"`)
		if holds(`"accept"`)(before) {
			t.Error("she is no admin")
		}
		w.homeOf(mary, "web-001", "You may look at them.")
		w.clock.move(2 * time.Hour) // so that nothing is known any more
		w.slack.AddFault(slackstub.Fault{Method: method, Times: -1, Status: 503})
		for n := 3; n <= 12; n++ {
			w.put(host(n))
		}
		w.acts.RefreshHomes(t.Context())
		if v := w.homeShows(lin); v.Version != before.Version {
			t.Errorf("%s: she did nothing, and sees %s", method, v.JSON())
		}
		asked := len(w.slack.Calls(method))
		v := w.homeOf(lin, "web-003")
		if !holds(`"keep"`)(v) || holds(`"accept"`)(v) || holds("您可以查看；")(v) {
			t.Errorf("%s: she is shown %s", method, v.JSON())
		}
		if n := len(w.slack.Calls(method)) - asked; n > 2 {
			t.Errorf("%s was asked %d times for one visit", method, n)
		}
		w.press(lin, v, host(1), "keep")
		w.homeShows(lin, "现在无法确认您的角色")

		w.slack.ClearFaults()
		w.clock.move(time.Minute)
		w.put(host(1, named("web-one")))
		w.acts.RefreshHomes(t.Context())
		if v := w.homeShows(lin, "web-one"); !holds(`"keep"`)(v) {
			t.Errorf("%s: once it heals she is shown %s", method, v.JSON())
		}
		w.homeShows(mary, "You may look at them.", "web-one")
	}
}

// Whoever clicks while the tab is refreshed clicks what they see: the same button,
// and none that decides about something else by now.
func TestAClickThatMeetsARefreshCounts(t *testing.T) {
	w := newWorld(t)
	w.put(host(1), host(2, assignedTo(mary)))
	seen := w.homeOf(mary, "web-001")
	w.put(host(3))
	w.acts.RefreshHomes(t.Context())
	now := w.homeShows(mary, "web-003")
	if seen.Version == now.Version {
		t.Fatal("nothing was published between")
	}
	click := func(row, action string, values ...string) error {
		_, err := w.slack.Act(slackstub.Act{User: mary, View: seen.ID, Block: row, Action: action, Values: values})
		return err
	}
	second := 0
	for _, b := range seen.Blocks {
		raw := plainJSON([]map[string]any{b})
		if !strings.Contains(raw, `"keep"`) {
			continue
		}
		// web-002 is hers, and so stands above and in the list.
		if id := b["block_id"].(string); strings.Contains(raw, host(2).Event.EventID) {
			if second++; second == 2 {
				if err := click(id, "keep"); err != nil {
					t.Errorf("the button of before: %v", err)
				}
			}
		}
	}
	if second != 2 {
		t.Fatalf("%d rows of one that is hers", second)
	}
	w.homeShows(mary, "Reserved: ")
	if m := w.get(2); m.State() != migration.StateConfirmed {
		t.Errorf("it is %s", m.State())
	}

	// The choice of what is shown stays what it is, until another is made.
	filter := func(v slackstub.View) string {
		for _, b := range v.Blocks {
			if strings.Contains(plainJSON([]map[string]any{b}), `"home:filter"`) {
				return b["block_id"].(string)
			}
		}
		return ""
	}
	if a, b := filter(seen), filter(now); a == "" || a != b {
		t.Errorf("the choice was %q and is %q", a, b)
	}
	w.clock.move(time.Second)
	if err := click(filter(seen), "home:filter", "mine"); err != nil {
		t.Error(err)
	}
	if mine := w.homeShows(mary, "Your open migrations"); filter(mine) == filter(seen) {
		t.Error("Slack would show what she chose before")
	}
	w.clock.move(time.Second)
	w.clickHome(mary, seen, "home:filter", "all")
	again := w.homeShows(mary, "Open migrations by deadline", "web-001")

	// What a button decides about has moved on: it is no longer that button.
	row := ""
	for _, b := range again.Blocks {
		if raw := plainJSON([]map[string]any{b}); strings.Contains(raw, `"keep"`) && strings.Contains(raw, host(1).Event.EventID) {
			row = b["block_id"].(string)
		}
	}
	w.put(host(1, func(m *migration.Migration) { m.Revision++ }))
	w.put(host(4))
	w.acts.RefreshHomes(t.Context())
	if text := plainJSON(w.homeShows(mary, "web-004").Blocks); strings.Count(text, `"keep"`) < 3 {
		t.Fatal("there is nothing to keep")
	}
	if err := click(row, "keep"); row == "" || err == nil {
		t.Errorf("%q was taken for what it is now", row)
	}
}

// Slack takes a hundred publications a minute, and reading all that is open takes
// its time.
func TestARoundReadsOnceAndPublishesAFew(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	const readers = 20
	reader := func(n int) string { return fmt.Sprintf("U00000001%02d", n) }
	for n := range readers {
		w.slack.AddUser(slackstub.User{ID: reader(n), Name: fmt.Sprint("reader", n), TZ: "Europe/Berlin", Locale: "en-GB"})
		w.homeOf(reader(n), "web-001")
	}
	w.put(host(2))
	var published, rounds []int
	for more := true; more; {
		calls, reads := len(w.slack.Calls("views.publish")), w.fault.reads()
		_, more = w.acts.RefreshHomes(t.Context())
		published = append(published, len(w.slack.Calls("views.publish"))-calls)
		rounds = append(rounds, w.fault.reads()-reads)
		w.put(host(1)) // which changes nothing
	}
	if fmt.Sprint(published, rounds) != "[7 7 6] [1 1 1]" {
		t.Errorf("published %v in rounds that read all that is open %v times", published, rounds)
	}
	for n := range readers {
		w.homeShows(reader(n), "web-002")
	}
	// Where more changes than a round takes, nobody is left out for ever.
	seen := map[string]bool{}
	for n := range 3 {
		w.put(host(10 + n))
		before := len(w.slack.Calls("views.publish"))
		w.acts.RefreshHomes(t.Context())
		for _, c := range w.slack.Calls("views.publish")[before:] {
			seen[c.Args["user_id"].(string)] = true
		}
	}
	if len(seen) != readers {
		t.Errorf("%d of %d readers", len(seen), readers)
	}
}

// Slack takes the tab of whoever has much to look after, with each filter, page
// and answer.
func TestAFullHomeTabIsTaken(t *testing.T) {
	for by, said := range map[string][]string{
		mary: {"24 migrations wait for you", "Your open migrations", "wait for the follow-up", "without a reserved time", "Page 2", "Reserved: "},
		lin:  {"有 24 个迁移在等您处理", "与您有关的", "等待确认后续检查", "尚未预约的迁移", "第2页", "已预约："},
	} {
		w := newWorld(t)
		long := strings.Repeat("杭州生产网站实例", 16)
		full := func(m *migration.Migration) {
			m.Instance.Name, m.Instance.Tags = long, map[string]string{"owner": by}
			for n := range 29 {
				m.Instance.Tags[fmt.Sprint(long, n)] = long
			}
			var disks []migration.Disk
			for n := range 40 {
				disks = append(disks, migration.Disk{ID: fmt.Sprint("d-", n), Type: "data", Category: long, SizeGiB: 100, Device: fmt.Sprint("/dev/xvd", n)})
			}
			m.Instance = m.Instance.WithDisks(disks, now)
		}
		for n := range 12 {
			w.put(host(n, full), host(20+n, full, inStatus(migration.Failed)))
		}
		v := w.homeOf(by, said[0], long[:60])
		for n, filter := range []string{"mine", "waiting", "unreserved"} {
			w.clickHome(by, v, "home:filter", filter)
			v = w.homeShows(by, said[1+n], long[:60])
		}
		w.clickHome(by, v, "home:next")
		v = w.homeShows(by, said[4])
		last := slackstub.Act{User: by, View: v.ID, Action: "keep"}
		for _, b := range v.Blocks {
			if strings.Contains(plainJSON(b), `"keep"`) {
				last.Block, _ = b["block_id"].(string)
			}
		}
		if r, err := w.slack.Act(last); err != nil || r.Error != "" {
			t.Fatal(err, r.Error)
		}
		w.homeShows(by, said[5])
	}
}
