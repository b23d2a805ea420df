package handlers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/migration"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/notifier"
)

// More people of the stub's workspace, the group of lin and mary, and the roles
// that they have in these tests: lin operates by the group, jonas is an admin by
// his id, mary is nobody in particular.
const (
	jonas, guest, partner, nobodys = "U0000000003", "U0000000004", "U0000000008", "U0000000099"
	webTeam                        = "S0000000001"
)

// newGuarded is a world in which not everybody may do everything.
func newGuarded(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.slack.LeaveGroup(webTeam, mary)
	w.slack.AddChannel(slackstub.Channel{ID: webOps, Name: "web-ops", Members: []string{lin, mary, jonas, guest, partner}})
	w.grant([]string{webTeam}, []string{jonas})
	return w
}

// doors are all ways to decide, with the role that each takes and what it decides
// on. They are entered as a payload tells, whoever could send it.
func (w *world) doors() map[string]struct {
	need migration.Role
	on   func(*migration.Migration)
	do   func(by string, m migration.Migration) handlers.Result
} {
	command := func(text string) func(string, migration.Migration) handlers.Result {
		return func(by string, m migration.Migration) handlers.Result {
			cmd := slackgo.SlashCommand{Command: "/ecs-migrate", UserID: by, UserName: "x", ChannelID: webOps, Text: fmt.Sprintf(text, m.Event.EventID)}
			return w.acts.Command(w.t.Context(), cmd, "")
		}
	}
	press := func(action string) func(string, migration.Migration) handlers.Result {
		return func(by string, m migration.Migration) handlers.Result {
			return w.acts.Interact(w.t.Context(), pressed(by, action, notifier.Ref{Key: m.Key()}.Encode()), "")
		}
	}
	pick := func(text string) func(string, migration.Migration) handlers.Result {
		return func(by string, m migration.Migration) handlers.Result {
			return w.acts.Interact(w.t.Context(), pressed(by, notifier.ActionPick+"0", fmt.Sprintf(text, m.Key())), "")
		}
	}
	submit := func(callback string) func(string, migration.Migration) handlers.Result {
		return func(by string, m migration.Migration) handlers.Result {
			return w.acts.Interact(w.t.Context(), slackgo.InteractionCallback{
				Type: slackgo.InteractionTypeViewSubmission, User: slackgo.User{ID: by},
				View: slackgo.View{
					Type: slackgo.VTModal, CallbackID: callback, PrivateMetadata: notifier.Ref{Key: m.Key()}.Encode(),
					State: &slackgo.ViewState{Values: map[string]map[string]slackgo.BlockAction{
						notifier.FormBlock: {notifier.FormAction: {SelectedDateTime: chosen.Unix()}},
					}},
				},
			}, "")
		}
	}
	inquiring := inStatus(migration.Inquiring)
	scheduled := inStatus(migration.Scheduled)
	type door = struct {
		need migration.Role
		on   func(*migration.Migration)
		do   func(by string, m migration.Migration) handlers.Result
	}
	return map[string]door{
		"reserve by command":    {migration.Operator, scheduled, command("reserve %s")},
		"reserve a time":        {migration.Operator, scheduled, command("reserve %s +3h")},
		"reschedule by command": {migration.Operator, scheduled, command("reschedule %s +3h")},
		"accept by command":     {migration.Admin, inquiring, command("accept %s")},
		"assign by command":     {migration.Operator, scheduled, command("assign %s me")},
		"snooze by command":     {migration.Operator, scheduled, command("snooze %s 2h")},
		"keep by button":        {migration.Operator, scheduled, press(notifier.ActionKeep)},
		"accept by button":      {migration.Admin, inquiring, press(notifier.ActionAccept)},
		"take by button":        {migration.Operator, scheduled, press(notifier.ActionTake)},
		"reserve by a choice":   {migration.Operator, scheduled, pick("reserve %s 2024-04-30T18:00:00Z")},
		"accept by a choice":    {migration.Admin, inquiring, pick("accept %s")},
		"choose in a form":      {migration.Operator, scheduled, submit(notifier.FormChoose)},
		"declare in a form":     {migration.Operator, planOnly, submit(notifier.FormDeclare)},
	}
}

// answered is what a result tells its person.
func (w *world) answered(by string, r handlers.Result) string {
	if r.Ack != nil {
		return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(plainJSON(r.Ack))
	}
	if r.After != nil {
		r.After(w.t.Context())
	}
	return lastTold(w.slack, by)
}

func lastTold(s *slackstub.Server, by string) string {
	if all := s.Ephemerals(by); len(all) > 0 {
		return read(all[len(all)-1])
	}
	return ""
}

// Every person at every door: who has the role decides, who has not is told whom
// to ask, who does not belong here is told nothing, and all of it stands in the
// audit trail.
func TestWhoMayEnterWhichDoor(t *testing.T) {
	w := newGuarded(t)
	barred := map[string]migration.DenialKind{
		guest: migration.DeniedGuest, gone: migration.DeniedGone, robot: migration.DeniedBot, partner: migration.DeniedStranger, nobodys: migration.DeniedStranger,
	}
	has := map[string]migration.Role{mary: migration.Viewer, lin: migration.Operator, jonas: migration.Admin}
	n := 0
	for name, d := range w.doors() {
		for _, by := range []string{mary, lin, jonas, guest, gone, robot, partner, nobodys} {
			n++
			m := host(n, d.on)
			w.put(m)
			said := w.answered(by, d.do(by, m))
			history, err := w.store.History(t.Context(), m.Key())
			if err != nil {
				t.Fatal(err)
			}
			if len(history) == 0 {
				if barred[by] == "" {
					t.Errorf("%s: %s: the audit trail has nothing", name, by)
				}
			} else if e := history[len(history)-1]; e.News.By != by || e.Role != d.need || e.Before == "" || e.After == "" || e.Via == "" || e.News.When.IsZero() {
				t.Errorf("%s: %s: %+v", name, by, e)
			}
			kind := migration.NewsKind("")
			if len(history) > 0 {
				kind = history[len(history)-1].News.Kind
			}
			switch {
			case has[by].Includes(d.need):
				if kind == migration.NewsDenied || kind == "" || strings.Contains(said, "role") {
					t.Errorf("%s: %s may, and: %s", name, by, said)
				}
			case barred[by] != "":
				if got := w.get(n); asText(t, got) != asText(t, m) && kind != migration.NewsDenied {
					t.Errorf("%s: %s changed it", name, by)
				}
				// A bot cannot be told in a channel where Slack shows it nothing.
				if said != "" && (!strings.Contains(said, "Only full members of this workspace") || strings.Contains(said, m.Event.InstanceID)) {
					t.Errorf("%s: %s: %s", name, by, said)
				}
			default:
				ask, role := "<!subteam^"+webTeam+">, <@"+jonas+">", "operator"
				if d.need == migration.Admin {
					ask, role = "<@"+jonas+">", "admin"
				}
				if by == lin { // who reads Chinese
					role = map[string]string{"operator": "操作员", "admin": "审批人"}[role]
				}
				if kind != migration.NewsDenied || !strings.Contains(said, role) || !strings.Contains(said, ask) {
					t.Errorf("%s: %s may not, and: %s; %s", name, by, kind, said)
				}
				e := history[len(history)-1]
				if e.News.Denied != migration.DeniedRole || e.News.Wanted == "" || e.Before != e.After {
					t.Errorf("%s: %s: %+v", name, by, e)
				}
			}
		}
	}
}

func TestTheAuditTrailTellsFromWhere(t *testing.T) {
	w := newWorld(t)
	w.put(host(1), host(2), host(3), host(4))
	last := func(n int) migration.Entry {
		t.Helper()
		history, err := w.store.History(t.Context(), host(n).Key())
		if err != nil || len(history) == 0 {
			t.Fatalf("%v, %v", history, err)
		}
		return history[len(history)-1]
	}
	check := func(n int, via migration.Via, channel, envelope string) {
		t.Helper()
		if e := last(n); e.Via != via || e.Channel != channel || e.Envelope != envelope || e.News.By != mary || e.Role != migration.Operator ||
			e.Before != migration.StateUnreserved || e.After == migration.StateUnreserved {
			t.Errorf("%+v", e)
		}
	}
	r, err := w.slack.Command(mary, webOps, "/ecs-migrate reserve e-001")
	if err != nil {
		t.Fatal(err)
	}
	check(1, migration.ViaCommand, webOps, r.Envelope)
	envelope := w.click(mary, w.card(host(2)), notifier.ActionKeep)
	w.told(mary, "Reserved: ")
	check(2, migration.ViaButton, webOps, envelope)
	w.click(mary, w.card(host(3)), notifier.ActionChoose)
	w.form(mary, filled)
	check(3, migration.ViaForm, "", w.submit(mary, chosen).Envelope)

	home := pressed(mary, notifier.ActionKeep, notifier.Ref{Key: host(4).Key()}.Encode())
	home.Channel, home.Container = slackgo.Channel{}, slackgo.Container{Type: "view"}
	home.View.Type = slackgo.VTHomeTab
	w.acts.Interact(t.Context(), home, "env-home")
	check(4, migration.ViaHome, "", "env-home")
}

// A denial is recorded once, however often its envelope comes.
func TestADenialIsRecordedOnce(t *testing.T) {
	w := newGuarded(t)
	w.put(host(1))
	for range 3 {
		r := w.acts.Command(t.Context(), slackgo.SlashCommand{Command: "/ecs-migrate", UserID: mary, ChannelID: webOps, Text: "reserve e-001"}, "env-1")
		if said := plainJSON(r.Ack); !strings.Contains(said, "which you do not have here") {
			t.Errorf("answered %s", said)
		}
		w.clock.move(25 * time.Hour)
	}
	history, err := w.store.History(t.Context(), host(1).Key())
	if err != nil || len(history) != 1 || history[0].Envelope != "env-1" || history[0].Channel != webOps || history[0].Via != migration.ViaCommand {
		t.Errorf("%+v, %v", history, err)
	}
	if jobs := w.jobs(); len(jobs) != 0 {
		t.Errorf("a denial has effects: %v", jobs)
	}
}

// Which channel's people decide is what the store says, whatever a button or a
// form claims.
func TestTheStoredRouteDecides(t *testing.T) {
	w := newGuarded(t)
	const other = "C0000000001"
	w.grants = func(m migration.Migration) migration.Grants {
		if m.Card.Channel == webOps {
			return migration.Grants{Operator: []string{mary}}
		}
		return migration.Grants{Operator: []string{jonas}}
	}
	w.put(host(1), host(2, func(m *migration.Migration) { m.Card.Channel = other }))
	forged := notifier.Ref{Key: host(2).Key()}.Encode()
	for _, id := range []string{notifier.ActionKeep, notifier.ActionPick + "0"} {
		value := forged
		if id != notifier.ActionKeep {
			value = "reserve " + host(2).Key().String()
		}
		w.answered(mary, w.acts.Interact(t.Context(), pressed(mary, id, value), "")) // clicked in webOps, where she may
		if m := w.get(2); m.Reserved() {
			t.Fatalf("%s: mary reserved what is jonas's", id)
		}
		if said := lastTold(w.slack, mary); !strings.Contains(said, "<@"+jonas+">") {
			t.Errorf("%s: %s", id, said)
		}
	}
	w.answered(mary, w.acts.Interact(t.Context(), pressed(mary, notifier.ActionKeep, notifier.Ref{Key: host(1).Key()}.Encode()), ""))
	if m := w.get(1); !m.Reserved() {
		t.Error("mary may reserve her own")
	}
	// An id that there is not tells nobody more than that.
	for _, key := range []migration.Key{{Account: "other", Region: "cn-hangzhou", EventID: "e-001"}, {Account: "prod", Region: "cn-hangzhou", EventID: "e-999"}} {
		w.answered(mary, w.acts.Interact(t.Context(), pressed(mary, notifier.ActionKeep, notifier.Ref{Key: key}.Encode()), ""))
		if said := lastTold(w.slack, mary); !strings.Contains(said, "does not know this migration") {
			t.Errorf("%v: %s", key, said)
		}
	}
}

func TestAFormDoesNotOpenForWhoMayNotSendIt(t *testing.T) {
	w := newGuarded(t)
	w.put(host(1))
	card := w.card(host(1))
	w.click(mary, card, notifier.ActionChoose)
	w.told(mary, "This takes the *operator* role, which you do not have here.", "Whom to ask: <!subteam^"+webTeam+">, <@"+jonas+">")
	for _, who := range []string{guest, partner} {
		w.click(who, card, notifier.ActionChoose)
		w.told(who, "Only full members of this workspace")
	}
	for _, who := range []string{mary, guest, partner} {
		if v := w.slack.Views(who); len(v) != 0 {
			t.Errorf("%s sees %d forms", who, len(v))
		}
	}
	w.click(lin, card, notifier.ActionChoose)
	w.form(lin, filled)
	// Between opening and sending, the role is lost.
	w.slack.LeaveGroup(webTeam, lin)
	w.clock.move(notifier.GroupKept)
	r := w.submit(lin, chosen)
	if r.View == nil || r.View.Submit != "" || !holds("该操作需要“操作员”角色")(*r.View) || r.FieldErrors != nil {
		t.Errorf("%+v", r)
	}
	if m := w.get(1); m.Reserved() {
		t.Error("it was reserved all the same")
	}
}

// Where Slack does not tell who is in the group, nothing changes, looking goes on.
func TestWithoutTheGroupNothingChangesAndLookingGoesOn(t *testing.T) {
	w := newGuarded(t)
	w.put(host(1))
	fault := slackstub.Fault{Method: "usergroups.users.list", Times: -1, Status: 503}
	w.slack.AddFault(fault)
	w.says(w.command(lin, "/ecs-migrate reserve e-001"), "现在无法确认您的角色", "没有任何改动")
	w.says(w.command(lin, "/ecs-migrate list"), "web-001")
	w.says(w.command(lin, "/ecs-migrate show e-001"), "web-001")
	w.click(lin, w.card(host(1)), notifier.ActionChoose)
	w.told(lin, "现在无法确认您的角色", "i-001", "请一分钟后重试")
	if v := w.slack.Views(lin); len(v) != 0 {
		t.Errorf("%d forms", len(v))
	}
	// Who is named by their id needs no group.
	w.says(w.command(jonas, "/ecs-migrate reserve e-001"), "Reserved: ")

	// It heals by itself.
	w.put(host(2))
	w.slack.ClearFaults()
	w.clock.move(time.Minute)
	w.says(w.command(lin, "/ecs-migrate reserve e-002"), "已预约")
	// That Slack did not answer is nobody's attempt.
	history, err := w.store.History(t.Context(), host(1).Key())
	if err != nil || slices.ContainsFunc(history, func(e migration.Entry) bool { return e.News.Kind == migration.NewsDenied }) {
		t.Errorf("%+v, %v", history, err)
	}
}

func TestADisabledGroupCountsForNothing(t *testing.T) {
	w := newGuarded(t)
	w.put(host(1))
	w.slack.DisableGroup(webTeam)
	w.says(w.command(lin, "/ecs-migrate reserve e-001"), "该操作需要“操作员”角色")
	w.slack.EnableGroup(webTeam)
	w.clock.move(notifier.GroupKept)
	w.says(w.command(lin, "/ecs-migrate reserve e-001"), "已预约")
}

// A group that hangs must not cost the acknowledgement.
func TestASlowGroupNeverHoldsTheAcknowledgement(t *testing.T) {
	w := newGuarded(t)
	w.put(host(1))
	w.slack.AddFault(slackstub.Fault{Method: "usergroups.users.list", Hang: true})
	w.says(w.command(lin, "/ecs-migrate reserve e-001"), "现在无法确认您的角色")
	for _, e := range w.slack.Envelopes() {
		if e.TimedOut || e.Acked.IsZero() {
			t.Errorf("not acknowledged in time: %+v", e)
		}
	}
}

// Guests and people of other workspaces see what their channels show and nothing
// else.
func TestWhoDoesNotBelongHereIsShownNothing(t *testing.T) {
	w := newGuarded(t)
	w.put(host(1), host(2))
	for _, by := range []string{guest, partner, gone, robot, nobodys} {
		for _, text := range []string{"list", "list mine", "show e-001", "show web", "show web-00", "reserve web-00", "accept nothing", "assign e-001 me", "history e-001", "calendar", "calendar e-001"} {
			r := w.acts.Command(t.Context(), slackgo.SlashCommand{Command: "/ecs-migrate", UserID: by, ChannelID: webOps, Text: text}, "")
			if said := plainJSON(r.Ack); !strings.Contains(said, "Only full members of this workspace") || strings.Contains(said, "web-001") || strings.Contains(said, "i-001") {
				t.Errorf("%s: %s: %s", by, text, said)
			}
		}
		r := w.acts.Interact(t.Context(), pressed(by, notifier.ActionNext, "list all 1"), "")
		r.After(t.Context())
		if said := lastTold(w.slack, by); strings.Contains(said, "web-001") {
			t.Errorf("%s: %s", by, said)
		}
	}
	// What tells nothing is for all.
	r := w.acts.Command(t.Context(), slackgo.SlashCommand{Command: "/ecs-migrate", UserID: guest, ChannelID: webOps, Text: "help"}, "")
	if said := plainJSON(r.Ack); !strings.Contains(said, "What you can do") {
		t.Errorf("help: %s", said)
	}
	if _, err := w.slack.OpenHome(guest); err != nil {
		t.Fatal(err)
	}
	v, err := w.slack.WaitHome(w.soon(), guest, func(slackstub.View) bool { return true })
	if err != nil || !holds("Only full members of this workspace")(v) || holds("web-001")(v) {
		t.Errorf("%s, %v", v.JSON(), err)
	}
}

func TestTheHomeTabPromisesNoMoreThanOneMayDo(t *testing.T) {
	w := newGuarded(t)
	w.put(host(1))
	for by, words := range map[string]string{
		mary: "Choosing a time takes the *operator* role.", lin: "在卡片上", jonas: "keep the planned time there",
	} {
		if _, err := w.slack.OpenHome(by); err != nil {
			t.Fatal(err)
		}
		v, err := w.slack.WaitHome(w.soon(), by, func(slackstub.View) bool { return true })
		if err != nil || !holds("web-001")(v) || (by != lin && !holds(words)(v)) || by == lin && holds("您可以查看；")(v) {
			t.Errorf("%s: %s, %v", by, v.JSON(), err)
		}
	}
}

// By default, a Handlers that was told of no roles lets nobody decide.
func TestWithoutGrantsNobodyDecides(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	acts := handlers.New(handlers.Options{Store: w.store, People: nobody{}, Clock: w.clock})
	r := acts.Command(t.Context(), slackgo.SlashCommand{Command: "/ecs-migrate", UserID: mary, Text: "reserve e-001"}, "")
	if said := plainJSON(r.Ack); !strings.Contains(said, "Nobody is operator here") || w.get(1).Reserved() {
		t.Errorf("%s", said)
	}
}

// Who is to look after a migration cannot be read in time. That is not held against
// whoever asks, whose role is as it was.
func TestSomebodyUnreadIsAssignedByWhoeverMay(t *testing.T) {
	w := newWorld(t)
	w.grant([]string{mary}, nil)
	w.put(host(1))
	w.command(mary, "/ecs-migrate show web-001") // she is known
	w.clock.move(10 * time.Minute)               // but not for a decision
	w.slack.AddFault(slackstub.Fault{Method: "users.info", Hang: true})
	w.says(w.command(mary, "/ecs-migrate assign web-001 <@"+lin+"|lin>"), "<@"+lin+"> looks after this now")
	if to := w.get(1).AssignedTo(); to != lin {
		t.Errorf("%q looks after it", to)
	}
}
