package handlers_test

import (
	"fmt"
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
		"e-001.cn-hangzhou.prod@ecs-migrate": {deadline.Add(-24 * time.Hour), "CONFIRMED", "Migration of web-001 (Confirmed)"},
		"e-002.cn-hangzhou.prod@ecs-migrate": {deadline.Add(-48 * time.Hour), "TENTATIVE", `Migration of naïve\; <b>\, \\ & co (Requested\, not confirmed yet)`},
		"e-003.cn-hangzhou.prod@ecs-migrate": {deadline, "TENTATIVE", "Migration of web-003 (No time reserved)"},
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
