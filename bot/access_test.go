package bot_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/store"
)

// People of these stories: lin and mary are in the group that operates, jonas is
// an admin by his id, guest and partner do not belong here.
const (
	guest, partner = "U0000000004", "U0000000008"
	team           = "S0000000001"
	guarded        = "{operator: [" + team + "], admin: [" + jonas + "]}"
)

// A group that is misspelt must not be found out at night.
func TestAGroupThatIsNotThereIsToldAtTheStart(t *testing.T) {
	w := newWorld(t, options{roles: "{operator: [" + team + ", S0000000404]}"})
	if _, err := w.slack.WaitCall(w.soon(), "usergroups.users.list", func(c slackstub.Call) bool { return c.Args["usergroup"] == "S0000000404" }); err != nil {
		t.Fatal(err)
	}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	if log := w.logs.String(); !strings.Contains(log, "Slack knows no such user group") || !strings.Contains(log, "S0000000404") || strings.Contains(log, `no such user group: mend `+"`roles`, `people` or `on_call`"+` in the configuration, or enable the group again","group":"`+team) {
		t.Errorf("the log says %s", log)
	}
}

// told waits for an answer that only the person sees and that holds the words.
func (w *world) told(user string, words ...string) {
	w.t.Helper()
	_, err := w.slack.WaitEphemeral(w.soon(), user, func(m slackstub.Message) bool { return containsAll(m.Text+read(m), words) })
	if err != nil {
		w.t.Fatalf("nobody told %s %q: %v", user, words, err)
	}
}

// history is the audit trail of an event, read from the store of a bot that was
// stopped.
func (w *world) history(event string) (all []migration.Entry) {
	w.t.Helper()
	if err := w.stop(); err != nil {
		w.t.Fatal(err)
	}
	s, err := store.Open(w.storePath(), store.Options{Log: slog.New(slog.DiscardHandler), Now: w.clock.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			w.t.Error(err)
		}
	}()
	found, err := s.Find(context.Background(), event)
	if err != nil || len(found) != 1 {
		w.t.Fatalf("%d migrations, %v", len(found), err)
	}
	if all, err = s.History(context.Background(), found[0].Key()); err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestAViewerIsToldWhomToAsk(t *testing.T) {
	w, event, card := announced(t, options{roles: "{operator: [" + team + "]}"})
	w.click(jonas, card, "keep")
	w.told(jonas, "This takes the *operator* role, which you do not have here.", "Whom to ask: <!subteam^"+team+">")
	w.click(jonas, card, "choose")
	w.told(jonas, "web-01", "This takes the *operator* role")
	if n := len(w.slack.Views(jonas)); n != 0 {
		t.Errorf("%d forms opened", n)
	}
	if answer := w.command(jonas, web, tomorrow); !strings.Contains(answer, "This takes the *operator* role") {
		t.Errorf("answered %s", answer)
	}
	// Looking goes on, and who is in the group decides.
	if answer := w.command(jonas, web, "/ecs-migrate show "+web01); !strings.Contains(answer, "web-01") {
		t.Errorf("answered %s", answer)
	}
	w.command(lin, web, tomorrow)
	w.cardSays(event, "Confirmed")
	if n := w.cloud.Counts()[modify]; n != 1 {
		t.Errorf("the cloud was asked %d times", n)
	}
	// The attempts stand in the audit trail: the first of the day.
	denied := 0
	for _, e := range w.history(event) {
		if e.News.Kind == migration.NewsDenied {
			denied++
			if e.News.By != jonas || e.Role != migration.Operator || e.Via != migration.ViaButton || e.Channel != web || e.Envelope == "" || e.News.Wanted != migration.NewsKept {
				t.Errorf("%+v", e)
			}
		}
	}
	if denied != 1 {
		t.Errorf("%d denials are kept, want 1", denied)
	}
}

// The cloud is busy; meanwhile mary leaves the team. Her wish must not be carried
// out when the cloud is back.
func TestWhoLosesTheRoleBeforeTheCloudIsCalledIsRefusedInTheThread(t *testing.T) {
	w, event, card := announced(t, options{roles: guarded})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: modify, Times: 1, Status: 500, Code: "InternalError"})
	w.command(mary, web, tomorrow)
	w.cardSays(event, "Requested, not confirmed yet")
	if _, err := w.cloud.WaitCall(w.soon(), func(c ecsstub.Call) bool { return c.Action == modify }); err != nil {
		t.Fatal(err)
	}
	w.slack.LeaveGroup(team, mary)
	w.clock.Advance(6 * time.Minute)
	w.line(card, "<@"+mary+">", "It takes the *operator* role, which they do not have any more.", "somebody with the role decides it again")
	w.cardSays(event, "Still in force")
	if asked := w.succeeded(modify); asked != 0 {
		t.Errorf("the cloud carried out %d changes", asked)
	}
	entries := w.history(event)
	last := entries[len(entries)-1]
	if last.News.Kind != migration.NewsRefused || last.Via != migration.ViaJob || last.News.Refusal.Kind != migration.RoleLost || last.News.Refusal.Role != migration.Operator {
		t.Errorf("%+v", last)
	}
}

// succeeded counts the calls of an action that did what they asked for.
func (w *world) succeeded(action string) (n int) {
	for _, c := range w.cloud.Calls() {
		if c.Action == action && c.Status == 200 {
			n++
		}
	}
	return n
}

func TestAnAuthorisationTakesAnAdminStillWhenTheCloudIsCalled(t *testing.T) {
	w := newWorld(t, options{roles: "{operator: [everyone], admin: [" + team + "]}"})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, Status: ecsstub.Inquiring})
	w.poll()
	card := w.cardSays(event, "Waits for authorisation")
	w.click(jonas, card, "accept")
	w.told(jonas, "This takes the *admin* role", "<!subteam^"+team+">")
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: "AcceptInquiredSystemEvent", Times: 1, Status: 500, Code: "InternalError"})
	w.click(mary, card, "accept")
	if _, err := w.cloud.WaitCall(w.soon(), func(c ecsstub.Call) bool { return c.Action == "AcceptInquiredSystemEvent" }); err != nil {
		t.Fatal(err)
	}
	w.slack.DisableGroup(team)
	w.clock.Advance(6 * time.Minute)
	w.line(card, "<@"+mary+">", "It takes the *admin* role, which they do not have any more.")
	if n := w.succeeded("AcceptInquiredSystemEvent"); n != 0 {
		t.Errorf("the cloud carried out %d authorisations", n)
	}
}

// Where Slack does not tell who is in the group when the cloud is to be called, the
// wish waits; the next clicks are refused, looking goes on.
func TestWithoutTheGroupAWishWaits(t *testing.T) {
	w, event, card := announced(t, options{roles: guarded})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: modify, Times: 1, Status: 500, Code: "InternalError"})
	w.command(mary, web, tomorrow)
	if _, err := w.cloud.WaitCall(w.soon(), func(c ecsstub.Call) bool { return c.Action == modify }); err != nil {
		t.Fatal(err)
	}
	w.slack.AddFault(slackstub.Fault{Method: "usergroups.users.list", Times: -1, Status: 503})
	w.clock.Advance(6 * time.Minute)
	if _, err := w.slack.WaitCall(w.soon(), "usergroups.users.list", func(c slackstub.Call) bool { return c.Status == 503 }); err != nil {
		t.Fatal(err)
	}
	if answer := w.command(lin, web, "/ecs-migrate reschedule "+web01+" +5h"); !strings.Contains(answer, "现在无法确认您的角色") {
		t.Errorf("answered %s", answer)
	}
	if answer := w.command(lin, web, "/ecs-migrate list"); !strings.Contains(answer, "web-01") {
		t.Errorf("answered %s", answer)
	}
	if n := w.succeeded(modify); n != 0 {
		t.Errorf("the cloud carried out %d changes", n)
	}
	w.slack.ClearFaults()
	w.clock.Advance(3 * time.Minute)
	w.cardSays(event, "Confirmed")
	w.line(card, "Confirmed by Alibaba Cloud", "<@"+mary+">")
}

func TestAWishWhoseMakerCannotBeCheckedIsGivenUp(t *testing.T) {
	w, event, card := announced(t, options{roles: guarded})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: modify, Times: 1, Status: 500, Code: "InternalError"})
	w.command(mary, web, tomorrow)
	if _, err := w.cloud.WaitCall(w.soon(), func(c ecsstub.Call) bool { return c.Action == modify }); err != nil {
		t.Fatal(err)
	}
	w.slack.AddFault(slackstub.Fault{Method: "usergroups.users.list", Times: -1, Error: "internal_error"})
	w.clock.Advance(5 * time.Minute) // what was read of the group is too old
	refused := func() bool {
		return slices.ContainsFunc(w.slack.Thread(card.Channel, card.TS), func(m slackstub.Message) bool { return strings.Contains(read(m), "did not tell") })
	}
	for range 40 {
		w.clock.Advance(time.Minute)
		ctx, cancel := context.WithTimeout(context.Background(), 250*time.Millisecond)
		err := w.slack.Wait(ctx, "the refusal", refused)
		cancel()
		if err == nil {
			break
		}
	}
	w.line(card, "It takes the *operator* role, and Slack did not tell whether they have it.", "decide it again in a few minutes")
	w.cardSays(event, "Still in force")
	if n := w.succeeded(modify); n != 0 {
		t.Errorf("the cloud carried out %d changes", n)
	}
}

func TestGuestsAndPeopleOfOtherWorkspacesDecideNothing(t *testing.T) {
	w, event, card := announced(t, options{})
	w.slack.AddChannel(slackstub.Channel{ID: web, Name: "web-ops", Members: []string{lin, mary, guest, partner}})
	for _, who := range []string{guest, partner} {
		for _, action := range []string{"keep", "choose"} {
			w.click(who, card, action)
			w.told(who, "Only full members of this workspace can decide")
		}
		if n := len(w.slack.Views(who)); n != 0 {
			t.Errorf("%s sees %d forms", who, n)
		}
	}
	if answer := w.command(guest, web, "/ecs-migrate list"); strings.Contains(answer, "web-01") {
		t.Errorf("a guest is shown %s", answer)
	}
	kinds := map[string]migration.DenialKind{}
	for _, e := range w.history(event) {
		if e.News.Kind == migration.NewsDenied {
			kinds[e.News.By] = e.News.Denied
		}
	}
	if kinds[guest] != migration.DeniedGuest || kinds[partner] != migration.DeniedStranger {
		t.Errorf("the audit trail has %v", kinds)
	}
}

// Somebody is deactivated while their wish waits.
func TestWhoLeavesTheWorkspaceLosesTheirWish(t *testing.T) {
	w, _, card := announced(t, options{})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: modify, Times: 1, Status: 500, Code: "InternalError"})
	w.command(mary, web, tomorrow)
	if _, err := w.cloud.WaitCall(w.soon(), func(c ecsstub.Call) bool { return c.Action == modify }); err != nil {
		t.Fatal(err)
	}
	w.slack.AddUser(slackstub.User{ID: mary, Name: "mary", Deleted: true})
	w.clock.Advance(6 * time.Minute)
	w.line(card, "<@"+mary+">", "which they do not have any more")
	if n := w.succeeded(modify); n != 0 {
		t.Errorf("the cloud carried out %d changes", n)
	}
}

// Nobody else on the machine reads what the bot keeps, whatever files its store
// makes beside it.
func TestNobodyElseReadsTheStore(t *testing.T) {
	w, event, _ := announced(t, options{})
	w.command(mary, web, tomorrow)
	w.cardSays(event, "Confirmed")
	check := func() {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(w.dir, "*"))
		hidden, err2 := filepath.Glob(filepath.Join(w.dir, ".*"))
		if err != nil || err2 != nil || len(files) < 2 {
			t.Fatalf("%v, %v, %v", files, err, err2)
		}
		for _, f := range append(files, hidden...) {
			info, err := os.Stat(f)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Base(f) != "." && filepath.Base(f) != ".." && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %s", f, info.Mode())
			}
		}
	}
	check()
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	check()
	w.start()
	check()
}

// probe reads one of the bot's own pages.
func (w *world) probe(path string) string {
	w.t.Helper()
	_, body := w.get(path)
	return body
}
