package handlers_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"ecs-migrate/internal/migration"
	slackstub "ecs-migrate/internal/stub/slack"
)

func TestFAQAnswersTheNoticesQuestions(t *testing.T) {
	w := newWorld(t)
	w.says(w.command(mary, "/ecs-migrate faq"),
		"The site does not open", "security group may not open the ports", "licence is expired", "MAC address",
		"does not start", "ticket/createIndex.htm", "95187", "/ecs-migrate facts TARGET")
	w.says(w.command(lin, "/ecs-migrate FAQ"), "无法打开网站", "授权码", "提交工单", "混访模式")
}

func TestHistoryIsToldInOrderPageByPage(t *testing.T) {
	w := newWorld(t)
	m := host(1)
	w.put(m)
	const decisions = 45
	for n := range decisions {
		_, err := w.store.Apply(t.Context(), m.Key(), "", func(cur *migration.Migration) (migration.Change, error) {
			return migration.Change{Entries: []migration.Entry{{
				Key: m.Key(), Via: migration.ViaForm, After: migration.StateRequested,
				News: migration.News{Kind: migration.NewsRequested, When: now.Add(time.Duration(n) * time.Minute), By: lin, At: deadline.Add(-time.Duration(n) * time.Hour)},
			}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	at := func(n int) string { return fmt.Sprintf("<!date^%d^", now.Add(time.Duration(n)*time.Minute).Unix()) }
	first := w.command(mary, "/ecs-migrate history web-001")
	w.says(first, "History of", "web-001", "<@"+lin+">", "(form)", "Page 1 of 3", at(0), at(19))
	if text := read(first); strings.Contains(text, at(20)) || strings.Index(text, at(0)) > strings.Index(text, at(19)) {
		t.Errorf("not the first twenty in order: %s", text)
	}
	w.click(mary, first, "page:next")
	second := w.told(mary, "Page 2 of 3", at(20), at(39))
	w.click(mary, second, "page:next")
	w.told(mary, "Page 3 of 3", at(40), at(44))
	w.says(w.command(mary, "/ecs-migrate history web-001 9"), "The history ends before this page")
	w.says(w.command(mary, "/ecs-migrate history nothing"), "Nothing is known by the id or name")
	w.says(w.command(mary, "/ecs-migrate history"), "It is written `/ecs-migrate history TARGET`")
}

// file waits for the direct message with a calendar file and reads it.
func (w *world) file(user string) (slackstub.Message, *ical.Calendar) {
	w.t.Helper()
	m, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool { return m.Channel == "D"+user[1:] && len(m.Files) == 1 })
	if err != nil {
		w.t.Fatal(err)
	}
	cal, err := ical.ParseCalendar(strings.NewReader(string(m.Files[0].Content)))
	if err != nil {
		w.t.Fatalf("%v:\n%s", err, m.Files[0].Content)
	}
	return m, cal
}

func TestACalendarFileComesAsADirectMessage(t *testing.T) {
	w := newWorld(t)
	w.put(
		host(1, heldBy(mary)), host(2, askedBy(lin), named("naïve; <b>, \\ & co")), host(3),
		host(4, inStatus(migration.Executed), heldBy(mary)), host(5, inStatus(migration.Inquiring), due(time.Time{})),
	)
	w.says(w.afterwards(mary, "/ecs-migrate calendar"), "comes as a direct message")
	m, cal := w.file(mary)
	if m.Files[0].Name != "migrations.ics" || !strings.Contains(m.Text, "3 migrations with their times") {
		t.Errorf("%s: %s", m.Files[0].Name, m.Text)
	}
	want := map[string]struct {
		at      time.Time
		status  string
		summary string
	}{
		"e-001.cn-hangzhou.prod@ecs-migrate": {deadline.Add(-24 * time.Hour), "CONFIRMED", "Host migration: web-001 (Confirmed)"},
		"e-002.cn-hangzhou.prod@ecs-migrate": {deadline.Add(-48 * time.Hour), "TENTATIVE", `Host migration: naïve\; <b>\, \\ & co (Requested\, not confirmed yet)`},
		"e-003.cn-hangzhou.prod@ecs-migrate": {deadline, "TENTATIVE", "Host migration: web-003 (No time reserved)"},
	}
	unfolded := strings.ReplaceAll(string(m.Files[0].Content), "\r\n ", "")
	for id, w := range want {
		if !strings.Contains(unfolded, "\r\nSUMMARY:"+w.summary+"\r\n") {
			t.Errorf("%s has another summary than %q:\n%s", id, w.summary, unfolded)
		}
	}
	for _, e := range cal.Events() {
		at, err := e.GetStartAt()
		end, err2 := e.GetEndAt()
		w, known := want[e.Id()]
		if err != nil || err2 != nil || !known || !at.Equal(w.at) || end.Sub(at) != 15*time.Minute ||
			e.GetProperty(ical.ComponentPropertyStatus).Value != w.status {
			t.Errorf("%s at %v to %v (%v, %v), want %+v", e.Id(), at, end, err, err2, w)
		}
		delete(want, e.Id())
	}
	for id := range want {
		t.Errorf("%s has no appointment", id)
	}
}

// appointment is what a calendar file says of a migration.
func (w *world) appointment(user, line, id string) *ical.VEvent {
	w.t.Helper()
	before := len(w.slack.Messages("D" + user[1:]))
	w.says(w.afterwards(user, "/ecs-migrate calendar "+line), "comes as a direct message")
	var cal *ical.Calendar
	err := w.slack.Wait(w.soon(), "the next calendar file", func() bool {
		for _, m := range w.slack.Messages("D" + user[1:])[before:] {
			if len(m.Files) == 1 {
				var err error
				if cal, err = ical.ParseCalendar(strings.NewReader(string(m.Files[0].Content))); err != nil {
					w.t.Fatal(err)
				}
				return true
			}
		}
		return false
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range cal.Events() {
		if e.Id() == id+".cn-hangzhou.prod@ecs-migrate" {
			return e
		}
	}
	return nil
}

// saidOf are an appointment's start, status and summary.
func saidOf(e *ical.VEvent) string {
	at, err := e.GetStartAt()
	if err != nil {
		return err.Error()
	}
	return at.UTC().Format("2006-01-02 15:04") + " " + e.GetProperty(ical.ComponentPropertyStatus).Value + " " + e.GetProperty(ical.ComponentPropertySummary).Value
}

func sequenceOf(t *testing.T, e *ical.VEvent) int {
	t.Helper()
	n, err := strconv.Atoi(e.GetProperty(ical.ComponentPropertySequence).Value)
	if err != nil || n <= 0 || n > 1<<31-1 {
		t.Errorf("SEQUENCE %d, %v", n, err)
	}
	return n
}

// Reserved for May 1, then May 2 is wished for and refused: what is in force is
// May 1, and a client must take the file that says so for the newer one.
func TestACalendarKeepsTheTimeInForceWhereAWishIsRefused(t *testing.T) {
	w := newWorld(t)
	w.put(host(1, heldBy(mary)))
	must := func(fn func(*migration.Migration) (migration.Change, error)) {
		t.Helper()
		w.clock.move(time.Minute)
		if _, err := w.store.Apply(t.Context(), host(1).Key(), "", fn); err != nil {
			t.Fatal(err)
		}
	}
	last := 0
	shows := func(want string) {
		t.Helper()
		e := w.appointment(mary, "", "e-001")
		if e == nil || saidOf(e) != want {
			t.Fatalf("the file says %v, want %s", e, want)
		}
		if n := sequenceOf(t, e); n <= last {
			t.Errorf("SEQUENCE %d after %d: clients ignore that %s", n, last, want)
		} else {
			last = n
		}
	}
	shows("2024-05-01 18:00 CONFIRMED Host migration: web-001 (Confirmed)")
	must(func(m *migration.Migration) (migration.Change, error) {
		return m.Choose(deadline.Add(-23*time.Hour), migration.Decision{By: mary, Now: w.clock.Now(), Via: migration.ViaForm, Seen: migration.SeenAny})
	})
	shows("2024-05-01 19:00 TENTATIVE Host migration: web-001 (Requested, not confirmed yet)")
	must(func(m *migration.Migration) (migration.Change, error) { // in the console, meanwhile
		ev := m.Event
		ev.NotBefore, ev.ReadAt = deadline.Add(-30*time.Hour), w.clock.Now()
		return m.Observe(ev, w.clock.Now()), nil
	})
	shows("2024-05-01 19:00 TENTATIVE Host migration: web-001 (Requested, not confirmed yet)")
	must(func(m *migration.Migration) (migration.Change, error) {
		return m.Refuse(m.Revision, migration.Refusal{Kind: migration.RefusedByCloud}, w.clock.Now()), nil
	})
	shows("2024-05-01 12:00 CONFIRMED Host migration: web-001 (Confirmed)")
}

// What people imported once must leave their calendars when it will not happen.
func TestAWithdrawnMigrationLeavesTheCalendars(t *testing.T) {
	withdrawn := func(n int, s migration.Status, at time.Time) migration.Migration {
		return host(n, heldBy(mary), inStatus(s), func(m *migration.Migration) { m.ChangedAt = at })
	}
	w := newWorld(t)
	w.put(
		withdrawn(1, migration.Canceled, now.Add(-29*24*time.Hour)), withdrawn(2, migration.Avoided, now.Add(-time.Hour)),
		withdrawn(3, migration.Canceled, now.Add(-31*24*time.Hour)), host(4, inStatus(migration.Executed), heldBy(mary)),
		withdrawn(5, migration.Canceled, now), host(6, heldBy(lin)),
	)
	w.appointment(mary, "", "e-001")
	m, _ := w.file(mary)
	if !strings.Contains(m.Text, "One migration with its time") || !strings.Contains(m.Text, "3 appointments are not kept") {
		t.Errorf("beside the file stands %q", m.Text)
	}
	for line, want := range map[string]map[string]string{
		"": {
			"e-001": "CANCELLED Host migration: web-001 (Cancelled by Alibaba Cloud)", "e-002": "CANCELLED Host migration: web-002 (Avoided)",
			"e-003": "", "e-004": "", "e-005": "CANCELLED Host migration: web-005 (Cancelled by Alibaba Cloud)", "e-006": "CONFIRMED Host migration: web-006 (Confirmed)",
		},
		"mine":    {"e-001": "CANCELLED Host migration: web-001 (Cancelled by Alibaba Cloud)", "e-006": ""},
		"web-005": {"e-005": "CANCELLED Host migration: web-005 (Cancelled by Alibaba Cloud)", "e-001": ""},
	} {
		for id, says := range want {
			e := w.appointment(mary, line, id)
			switch {
			case e == nil && says == "":
			case e == nil || !strings.HasSuffix(saidOf(e), " "+says) || says == "":
				t.Errorf("calendar %s says %v of %s, want %q", line, e, id, says)
			case len(e.Alarms()) == 0 != strings.HasPrefix(says, "CANCELLED"):
				t.Errorf("calendar %s gives %s %d alarms", line, id, len(e.Alarms()))
			}
		}
	}
	w.says(w.afterwards(mary, "/ecs-migrate calendar web-003"), "None of these migrations has a time ahead")
}

// An appointment says what its event does, in the card's own words.
func TestACalendarSaysWhatTheEventDoes(t *testing.T) {
	typed := func(n int, kind string) migration.Migration {
		return host(n, heldBy(mary), func(m *migration.Migration) { m.Event.Type = kind })
	}
	w := newWorld(t)
	w.put(host(1, heldBy(mary)), typed(2, "SystemMaintenance.Stop"), typed(3, "SystemMaintenance.IsolateErrorDisk"), typed(4, "Some.New<Type>"))
	for id, want := range map[string]struct{ kind, effect, licences string }{
		"e-001": {"Host migration", "Restarts on another host, about 15 minutes of downtime", "addresses and licences"},
		"e-002": {"Stop for maintenance", "The instance is stopped", ""},
		"e-003": {"Isolation of a damaged disk", "The damaged local disk is isolated", ""},
		"e-004": {"Some.New<Type>", "See the console for what it does", ""},
	} {
		e := w.appointment(mary, "", id)
		if e == nil || len(e.Alarms()) != 1 {
			t.Fatalf("%s: %v", id, e)
		}
		description, alarm := e.GetProperty(ical.ComponentPropertyDescription).Value, e.Alarms()[0].GetProperty(ical.ComponentPropertyDescription).Value
		if !strings.Contains(saidOf(e), want.kind+": web-") || !strings.Contains(description, want.effect+".") ||
			!strings.Contains(alarm, want.kind) || !strings.Contains(alarm, want.effect) {
			t.Errorf("%s says %q, %q, %q", id, saidOf(e), description, alarm)
		}
		all := description + alarm
		if strings.Contains(all, "licences") != (want.licences != "") || strings.Contains(all, "restarts") || want.licences == "" && strings.Contains(all, "15 minutes") {
			t.Errorf("%s says what is not of its kind: %q", id, all)
		}
	}
}

func TestACalendarOfWhatWasAskedFor(t *testing.T) {
	for line, want := range map[string]string{
		"/ecs-migrate calendar mine":    "One migration with its time",
		"/ecs-migrate calendar all":     "2 migrations with their times",
		"/ecs-migrate calendar web-002": "One migration with its time",
	} {
		w := newWorld(t)
		w.put(host(1, heldBy(mary)), host(2))
		w.says(w.afterwards(mary, line), "comes as a direct message")
		if m, _ := w.file(mary); !strings.Contains(m.Text, want) {
			t.Errorf("%s: %s", line, m.Text)
		}
	}
}

func TestNoCalendarFileIsExplained(t *testing.T) {
	w := newWorld(t)
	w.says(w.afterwards(mary, "/ecs-migrate calendar"), "None of these migrations has a time ahead")
	w.put(host(1, inStatus(migration.Executed)), host(2))
	w.says(w.afterwards(mary, "/ecs-migrate calendar web-001"), "None of these migrations has a time ahead")
	w.says(w.afterwards(mary, "/ecs-migrate calendar web-00x"), "Nothing is known by the id or name", "web-002")
	w.slack.AddFault(slackstub.Fault{Method: "files.getUploadURLExternal", Error: "file_uploads_disabled"})
	w.afterwards(mary, "/ecs-migrate calendar")
	w.told(mary, "could not be sent", "file_uploads_disabled")
	w.fault.fail(false, true)
	w.says(w.afterwards(mary, "/ecs-migrate calendar"), "cannot read its store")
}
