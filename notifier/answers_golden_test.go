package notifier

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// ask is what mary asked for.
var ask = Ask{By: mary, Command: "/ecs-migrate"}

func rule(r migration.Rule, m migration.Migration) *migration.RuleError {
	return &migration.RuleError{Rule: r, Earliest: now, Latest: m.Deadline(), Standing: m.Latest(), Status: m.Event.Status}
}

func deniedFor(need migration.Role, holders ...string) *migration.Denial {
	return &migration.Denial{Kind: migration.DeniedRole, Need: need, Holders: holders}
}

// answers are the golden answers of one language.
func answers(v View) map[string]Message {
	all := map[string]Message{
		"help":                Help(ask, v),
		"unknown-verb":        UnknownVerb("lsit", "/ecs-migrate list", ask, v),
		"unknown-verb-far":    UnknownVerb("<!channel>", "", ask, v),
		"long-command":        LongCommand(ask, v),
		"incomplete":          Incomplete("/ecs-migrate show TARGET", ask, v),
		"unknown-migration":   UnknownMigration(ask, v),
		"unreadable":          Unreadable(ask, v),
		"expired":             Expired(v),
		"barred":              Barred(v),
		"denied-role":         Denied(base(), deniedFor(migration.Operator, "U0000000001", "S0000000001"), v),
		"denied-many":         Denied(hostile(), deniedFor(migration.Admin, strings.Fields(strings.Repeat("U0000000001 ", 40))...), v),
		"denied-nobody":       Denied(base(), deniedFor(migration.Admin), v),
		"denied-unread":       Denied(base(), &migration.Denial{Kind: migration.DeniedUnread, Need: migration.Operator, Holders: []string{"S0000000001"}}, v),
		"denied-guest":        Denied(base(), &migration.Denial{Kind: migration.DeniedGuest, Need: migration.Operator, Holders: []string{migration.Everyone}}, v),
		"not-saved":           NotSaved(nil, Ask{By: mary, Command: "/ecs-migrate", Again: "/ecs-migrate reserve i-1 +3h"}, v),
		"not-saved-full":      NotSaved(fmt.Errorf("x: %w", migration.ErrStoreFull), Ask{By: mary, Command: "/ecs-migrate", Again: "/ecs-migrate reserve i-1 +3h"}, v),
		"not-saved-read-only": NotSaved(migration.ErrStoreReadOnly, ask, v),
		"not-saved-damaged":   NotSaved(migration.ErrStoreDamaged, ask, v),
		"not-read":            NotRead(nil, ask, v),
		"not-read-damaged":    NotRead(migration.ErrStoreDamaged, ask, v),
		"no-match":            NoMatch("web-1", []string{"web-01", "web-10"}, ask, v),
		"no-match-hostile":    NoMatch("`<!channel>` & co", nil, ask, v),

		"when-unread":  UnclearWhen("soon`<!here>", "unread", nil, v),
		"when-no-hour": UnclearWhen("friday", "no_hour", []Suggestion{{Command: "/ecs-migrate reserve web-01 friday 02:00"}}, v),
		"when-which-date": UnclearWhen("5/6", "which_date", []Suggestion{
			{"/ecs-migrate reserve web-01 2024-05-06 02:00", chosen}, {"/ecs-migrate reserve web-01 2024-06-05 02:00", chosen.AddDate(0, 1, 0)},
		}, v),
		"when-hour":         UnclearWhen("晚上12点", "hour", nil, v),
		"when-no-such":      UnclearWhen("2024-02-30 02:00", "no_such", nil, v),
		"when-zone":         UnclearWhen("2024-05-02 02:00 CST", "zone", nil, v),
		"when-no-zone":      UnclearWhen("2024-05-02 02:00", "no_zone", nil, v),
		"when-unquoted":     Unquoted("nightly tomorrow 02:00", []Suggestion{{`/ecs-migrate reserve "batch nightly" tomorrow 02:00`, chosen}}, v),
		"when-unquoted-far": Unquoted("one`<!here> soon", nil, v),
		"when-skipped": Skipped("2024-03-10 02:30:00", "America/New_York", []Suggestion{
			{"/ecs-migrate reserve web-01 2024-03-10 02:30:00-05:00", time.Date(2024, 3, 10, 7, 30, 0, 0, time.UTC)},
			{"/ecs-migrate reserve web-01 2024-03-10 02:30:00-04:00", time.Date(2024, 3, 10, 6, 30, 0, 0, time.UTC)},
		}, v),
		"when-repeated": Repeated("2024-11-03 01:30:00", "America/New_York", []Suggestion{
			{"/ecs-migrate reserve web-01 2024-11-03 01:30:00-04:00", time.Date(2024, 11, 3, 5, 30, 0, 0, time.UTC)},
			{"/ecs-migrate reserve web-01 2024-11-03 01:30:00-05:00", time.Date(2024, 11, 3, 6, 30, 0, 0, time.UTC)},
		}, v),

		"decided-requested":   Decided(with(asked(nil)), ask, v),
		"decided-kept":        Decided(with(held(mary, migration.Confirmed)), ask, v),
		"decided-declared":    Decided(with(held(mary, migration.Declared), planOnly), ask, v),
		"decided-authorising": Decided(with(status(migration.Inquiring), consent(migration.Requested, nil)), ask, v),
		"decided-long-ago":    Decided(with(held(mary, migration.Confirmed), status(migration.Executed)), ask, v),

		"show": Show(with(held(lin, migration.Confirmed)), []migration.Entry{
			{News: migration.News{Kind: migration.NewsAnnounced, When: now, At: planned}},
			{News: migration.News{Kind: migration.NewsRequested, When: now, By: lin, At: chosen, From: planned}},
			{News: migration.News{Kind: migration.NewsConfirmed, When: now, By: lin, At: chosen, From: planned}},
		}, v),
		"facts":                   Facts(with(withDisks(3)), v),
		"facts-vpc":               Facts(with(inVPC, withDisks(1), func(m *migration.Migration) { m.Instance.EIP = "198.51.100.4" }), v),
		"facts-reboot":            Facts(with(inVPC, withDisks(1), eventType("SystemMaintenance.Reboot"), func(m *migration.Migration) { m.Instance.StartedAt = now }), v),
		"facts-local":             Facts(with(inVPC, withDisks(2), localDisks, eventType("SystemMaintenance.Redeploy")), v),
		"facts-snapshots":         Facts(with(withDisks(2), snapshotOfTheDay), v),
		"facts-disks-hidden":      Facts(with(unreadFor(migration.ReadFirst, hidden)), v),
		"facts-unread":            Facts(with(unread, unreadFor(migration.ReadFirst, *refusals["unreachable"])), v),
		"facts-after-no-snapshot": Facts(with(withDisks(2), snapshotOfTheDay, ranAs(movedToVPC, noSnapshots)), v),
		"facts-after":             Facts(with(withDisks(2), ranAs(movedToVPC, released)), v),
		"facts-after-same":        Facts(with(inVPC, withDisks(2), ranAs()), v),
		"facts-hostile":           Facts(hostile(), v),
		"facts-40-disks":          Facts(with(withDisks(40)), v),
		"facts-40-disks-over":     Facts(with(withDisks(50), ranAs(movedToVPC)), v),
		"show-hostile":            Show(hostile(), nil, v),
		"faq":                     FAQ(ask, v),
		"history": History(with(held(lin, migration.Confirmed)), HistoryPage{Number: 2, Pages: 3, Next: "history a/b/e-1 3", Previous: "history a/b/e-1", Entries: []migration.Entry{
			{News: migration.News{Kind: migration.NewsAnnounced, When: now, At: planned}},
			{News: migration.News{Kind: migration.NewsRequested, When: now, By: lin, At: chosen, From: planned}, Via: migration.ViaForm},
			{News: migration.News{Kind: migration.NewsMoved, When: now, At: chosen, From: planned}, Via: migration.ViaConsole},
		}}, v),
		"history-empty":   History(hostile(), HistoryPage{Number: 1, Pages: 1}, v),
		"history-end":     History(base(), HistoryPage{Number: 9, Pages: 1, Previous: "history a/b/e-1 8"}, v),
		"calendar-sent":   CalendarSent(v),
		"calendar-empty":  CalendarEmpty(v),
		"calendar-failed": CalendarFailed("file_uploads_disabled", v),
		"choice": Choice("web-01", Wish{Does: DoesShow}, []Pick{
			{base(), "show a/b/e-1"}, {with(held(lin, migration.Confirmed)), "show a/b/e-2"}, {hostile(), "show a/b/e-3"},
		}, 4, v),
		"choice-keep":       Choice("web-01", Wish{Does: DoesKeep}, []Pick{{base(), "reserve a/b/e-1"}}, 0, v),
		"choice-reserve":    Choice("web-01", Wish{DoesReserve, chosen}, []Pick{{base(), "reserve a/b/e-1 2024-05-01T18:00:00Z"}}, 0, v),
		"choice-reschedule": Choice("`<!here>` & co", Wish{DoesReschedule, chosen}, []Pick{{base(), "reschedule a/b/e-1 2024-05-01T18:00:00Z"}}, 0, v),
		"choice-accept":     Choice("web-01", Wish{Does: DoesAccept}, []Pick{{with(status(migration.Inquiring)), "accept a/b/e-1"}}, 0, v),

		"choice-assign": Choice("web-01", Wish{Does: DoesAssign}, []Pick{{base(), "assign a/b/e-1 me"}}, 0, v),
		"choice-snooze": Choice("web-01", Wish{DoesSnooze, chosen}, []Pick{{base(), "snooze a/b/e-1 2024-05-01T18:00:00Z"}}, 0, v),

		"care-taken":      Taken(assignedTo(lin), ask, v),
		"care-self":       Assigned(assignedTo(ask.By), ask, v),
		"care-assigned":   Assigned(assignedTo(lin), ask, v),
		"care-unassigned": Assigned(base(), ask, v),
		"care-snoozed": Snoozed(with(func(m *migration.Migration) {
			m.Reminders.Snooze = &migration.Snooze{Until: chosen, By: lin, Made: now}
		}), ask, v),
		"care-snoozed-past":  Snoozed(base(), ask, v),
		"care-unknown-who":   UnknownWho("<@here> & `co`", v),
		"care-cannot":        CannotLookAfter(mary, v),
		"care-unread-snooze": UnreadSnooze("a <while> & more", v),
		"care-late":          Broken(base(), &migration.RuleError{Rule: migration.RuleSnooze, Latest: planned}, ask, v),
		"care-other": Stale(assignedTo(mary), &migration.RuleError{
			Rule: migration.RuleAssigned, Standing: &migration.Reservation{By: mary, Made: decided},
		}, ask, v),

		"list": List(Page{Filter: "all", Number: 2, Rows: []migration.Migration{
			base(), with(held(lin, migration.Confirmed)), with(asked(nil)), with(held(lin, migration.Declared), planOnly),
			with(status(migration.Inquiring)), hostile(),
		}, Next: "list all 3", Previous: "list all 1"}, v),
		"list-mine-empty":       List(Page{Filter: "mine", Number: 1}, v),
		"list-all-empty":        List(Page{Filter: "all", Number: 1}, v),
		"list-all-blind":        List(Page{Filter: "all", Number: 1}, sightless(v)),
		"list-unreserved-empty": List(Page{Filter: "unreserved", Number: 1}, v),
		"list-unreserved-end":   List(Page{Filter: "unreserved", Number: 9, Previous: "list unreserved 8"}, v),
		"stale":                 Stale(with(held(lin, migration.Confirmed)), rule(migration.RuleTaken, with(held(lin, migration.Confirmed))), ask, v),
	}
	for name, m := range ruled() {
		all["broken-"+name] = Broken(m.m, m.e, m.ask, v)
	}
	maps.Copy(all, checklistAnswers(v))
	return all
}

type ruling struct {
	m   migration.Migration
	e   *migration.RuleError
	ask Ask
}

// ruled are decisions that cannot stand, each for its reason.
func ruled() map[string]ruling {
	again := Ask{By: mary, Command: "/ecs-migrate", Again: "/ecs-migrate reschedule e-bp1hygp5b04o56l2**** 2024-05-02 03:00:00+08:00"}
	cannot := false
	open := with(func(m *migration.Migration) { m.Event.InitialNotBefore, m.FirstNotBefore = time.Time{}, time.Time{} })
	consented := with(status(migration.Inquiring), consent(migration.Requested, nil))
	waiting := rule(migration.RulePending, consented)
	waiting.Standing = &migration.Reservation{By: lin, Made: decided, Certainty: migration.Requested}
	all := map[string]ruling{
		"past-open":       {open, rule(migration.RulePast, open), again},
		"pending-consent": {consented, waiting, ask},
	}
	for name, m := range map[string]migration.Migration{
		"past": base(), "deadline": base(), "closed": base(), "started": with(status(migration.Executing)), "finished": with(status(migration.Executed)),
		"inquiring": with(status(migration.Inquiring)), "console_only": with(planOnly), "same": with(held(mary, migration.Confirmed)),
		"not_asked": base(), "no_plan": base(), "by_api": base(),
		"cannot": with(status(migration.Inquiring), func(m *migration.Migration) { m.Event.CanAccept = &cannot }),
	} {
		all[name] = ruling{m, rule(migration.Rule(name), m), again}
	}
	for name, m := range map[string]migration.Migration{
		"other": with(held(lin, migration.Confirmed)), "self": with(held(mary, migration.Confirmed)), "console": with(held("", migration.Confirmed)),
		"refused": with(asked(refusals["cloud"])), "changed": base(),
	} {
		all["taken-"+name] = ruling{m, rule(migration.RuleTaken, m), again}
	}
	mine := with(asked(nil))
	other := mine
	theirs := *mine.Asked
	theirs.By = lin
	other.Asked = &theirs
	all["pending-self"] = ruling{mine, rule(migration.RulePending, mine), again}
	all["pending-other"] = ruling{other, rule(migration.RulePending, other), again}
	return all
}

// views are the golden forms and Home tabs of one language.
func views(v View) map[string]any {
	taken := with(held(lin, migration.Confirmed))
	decidedKept := Decided(with(held(mary, migration.Confirmed)), ask, v)
	pending := with(asked(nil))
	all := map[string]any{
		"form-choose":     FormFor(base(), Form{Callback: FormChoose, Initial: planned, Ask: ask}, v),
		"form-reschedule": FormFor(taken, Form{Callback: FormChoose, Initial: chosen, Ask: ask}, v),
		"form-declare":    FormFor(with(planOnly), Form{Callback: FormDeclare, Initial: planned, Ask: ask}, v),
		"form-taken":      FormFor(taken, Form{Callback: FormChoose, Initial: planned, Notice: rule(migration.RuleTaken, taken), Ask: ask}, v),
		"form-pending":    FormFor(pending, Form{Callback: FormChoose, Initial: planned, Notice: rule(migration.RulePending, pending), Ask: ask}, v),
		"form-hostile":    FormFor(hostile(), Form{Callback: FormChoose, Initial: planned, Notice: rule(migration.RuleTaken, hostile()), Ask: ask}, v),
		"form-broken":     FormBroken(with(status(migration.Executing)), rule(migration.RuleStarted, with(status(migration.Executing))), FormChoose, ask, v),
		"form-lost":       FormLost(FormDeclare, v),
		"home": Home(HomePage{Chosen: now, Tab: migration.HomeTab{Filter: "all", Page: 2}, More: true, WaitingCount: 7,
			Waiting: []HomeRow{{base(), migration.Operator}},
			Rows:    []HomeRow{{base(), migration.Admin}, {taken, migration.Viewer}, {with(status(migration.Inquiring)), migration.Operator}, {hostile(), migration.Admin}}}, ask, v),
		"home-answer":     Home(HomePage{Chosen: now, Tab: migration.HomeTab{Filter: "mine", Page: 1}, Answer: &decidedKept}, ask, v),
		"home-empty":      Home(HomePage{Chosen: now, Tab: migration.HomeTab{Filter: "all", Page: 1}}, ask, v),
		"home-unreserved": Home(HomePage{Chosen: now, Tab: migration.HomeTab{Filter: "unreserved", Page: 1}}, ask, v),
		"home-waiting":    Home(HomePage{Chosen: now, Tab: migration.HomeTab{Filter: "waiting", Page: 1}}, ask, v),
		"home-end":        Home(HomePage{Chosen: now, Tab: migration.HomeTab{Filter: "all", Page: 3}}, ask, v),
		"home-looks":      Home(HomePage{Chosen: now, Tab: migration.HomeTab{Filter: "all", Page: 1}, Rows: []HomeRow{{base(), migration.Viewer}}}, Ask{By: mary, Command: "/ecs-migrate", Looks: true}, v),
		"home-blind":      Home(HomePage{Chosen: now, Tab: migration.HomeTab{Filter: "all", Page: 1}}, ask, sightless(v)),
		"home-failed":     HomeFailed(ask, v),
		"home-barred":     HomeBarred(v),
		"form-denied":     FormDenied(base(), deniedFor(migration.Operator, "S0000000001"), FormChoose, v),
	}
	for _, callback := range []string{FormChoose, FormDeclare} {
		all["form-loading-"+callback] = FormLoading(callback, v)
	}
	errors := map[string]string{
		"list-lost": FieldListLost(v), "changed": FieldChanged(v),
		"not-saved": FieldNotSaved(nil, v), "not-saved-full": FieldNotSaved(migration.ErrStoreFull, v),
		"not-saved-read-only": FieldNotSaved(migration.ErrStoreReadOnly, v), "not-saved-damaged": FieldNotSaved(migration.ErrStoreDamaged, v), "lost": FieldLost(v), "empty": FieldEmpty(v),
	}
	for name, r := range ruled() {
		if r.e.Rule != migration.RuleTaken && r.e.Rule != migration.RulePending { // a form comes again with these
			errors["broken-"+name] = FieldBroken(r.m, r.e, ask, v)
		}
	}
	all["form-errors"] = errors
	maps.Copy(all, checklistViews(v))
	return all
}

func TestGoldenAnswers(t *testing.T) {
	for _, lang := range Langs {
		v := View{Lang: lang, Zone: shanghai(t), Now: now}
		dir := filepath.Join("testdata", "answers", string(lang))
		known := map[string]bool{}
		check := func(name, got string) {
			known[name+".json"] = true
			t.Run(string(lang)+"/"+name, func(t *testing.T) {
				checkGolden(t, filepath.Join(dir, name+".json"), got)
				bare := strings.NewReplacer("{date_short_pretty}", "", "{time}", "").Replace(got)
				if placeholder.MatchString(bare) || strings.Contains(bare, "[rule.") || strings.Contains(bare, "[when.") {
					t.Errorf("a text or placeholder is missing: %s", got)
				}
			})
		}
		for name, msg := range answers(v) {
			check(name, asJSON(t, msg))
		}
		for name, view := range views(v) {
			check(name, indented(t, view))
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !known[filepath.Base(f)] {
				t.Errorf("%s belongs to no case", f)
			}
		}
	}
}

func indented(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// GoldenAnswers and GoldenForms are all of them, for tests from outside.
func GoldenAnswers(t *testing.T) map[string]Message {
	all := map[string]Message{}
	for _, lang := range Langs {
		for name, msg := range answers(View{Lang: lang, Zone: shanghai(t), Now: now}) {
			all[string(lang)+"/"+name] = msg
		}
	}
	return all
}

// GoldenForms is described at GoldenAnswers.
func GoldenForms(t *testing.T) map[string]slack.ModalViewRequest {
	all := map[string]slack.ModalViewRequest{}
	for _, lang := range Langs {
		for name, view := range views(View{Lang: lang, Zone: shanghai(t), Now: now}) {
			if form, ok := view.(slack.ModalViewRequest); ok {
				all[string(lang)+"/"+name] = form
			}
		}
	}
	return all
}

// GoldenHomes is described at GoldenAnswers.
func GoldenHomes(t *testing.T) map[string]slack.HomeTabViewRequest {
	all := map[string]slack.HomeTabViewRequest{}
	for _, lang := range Langs {
		for name, view := range views(View{Lang: lang, Zone: shanghai(t), Now: now}) {
			if home, ok := view.(slack.HomeTabViewRequest); ok {
				all[string(lang)+"/"+name] = home
			}
		}
	}
	return all
}

func TestMomentsInBothZones(t *testing.T) {
	at := time.Date(2024, 5, 2, 18, 0, 30, 0, time.UTC)
	for _, tt := range []struct {
		lang Lang
		zone *time.Location
		want string
	}{
		{English, shanghai(t), "Fri 2024-05-03 02:00:30 (Asia/Shanghai, UTC+08:00) = 2024-05-02 18:00:30 UTC"},
		{Chinese, shanghai(t), "周五 2024-05-03 02:00:30（Asia/Shanghai，UTC+08:00）= 2024-05-02 18:00:30 UTC"},
		{English, time.FixedZone("", -5400), "Thu 2024-05-02 16:30:30 (UTC-01:30) = 2024-05-02 18:00:30 UTC"},
		{English, time.UTC, "Thu 2024-05-02 18:00:30 UTC"},
		{English, nil, "Thu 2024-05-02 18:00:30 UTC"},
	} {
		if got := string(in(tt.lang).both(at, tt.zone)); got != tt.want {
			t.Errorf("%s %v: %q, want %q", tt.lang, tt.zone, got, tt.want)
		}
	}
}

// sightless is a view while many regions cannot be looked at.
func sightless(v View) View {
	v.Blind = []Blind{{Account: "prod", Region: "cn-hangzhou", Since: now.Add(-time.Hour)}, {Account: "`<!here>`", Region: "cn-shanghai"}, {Account: "prod", Region: "cn-beijing", Events: []string{"e-when"}}}
	for n := range 20 {
		v.Blind = append(v.Blind, Blind{Account: "lab", Region: fmt.Sprintf("region-%d", n), Since: now})
	}
	return v
}

// assignedTo is base with somebody who looks after it.
func assignedTo(who string) migration.Migration {
	return with(func(m *migration.Migration) { m.Assigned = &migration.Assignment{To: who, By: who, Made: decided} })
}
